"""The areas whose borders come within some meters of a point."""

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.index.building.linework import Counts
from geo_service.layers.index.cells import (
    Tables,
    Words,
    border_at,
    edge_of,
    entries_of,
    opened,
)
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.distances.flat_map import Around, around_of, block_of, foot_on

_LOW_HALF = 0xFFFFFFFF
_LATEST = 32
"""So many labels are looked through for one that is there already; of more, doubles go at last."""


@compiled
def labels_within_each(
    index: Words, x: Floats, y: Floats, reach_m: Floats
) -> tuple[Counts, Counts]:
    """Return the labels whose border comes within each point's own reach on the flat map.

    Parameters
    ----------
    x, y
        Degrees, shape ``(n,)``, finite.
    reach_m
        Meters, shape ``(n,)``.

    Returns
    -------
    tuple[Counts, Counts]
        Point and label, one pair per row: by point, each once, in no order.
    """
    tables = opened(index)
    point, label = np.empty(2 * len(x), dtype=np.int64), np.empty(2 * len(x), dtype=np.int64)
    count, own = 0, np.empty(4, dtype=np.int64)
    for i in range(len(x)):
        own, found = _labels_within(tables, around_of(x[i], y[i]), reach_m[i], own)
        while count + found > len(point):
            point = np.concatenate((point, np.empty_like(point)))
            label = np.concatenate((label, np.empty_like(label)))
        point[count : count + found] = i
        label[count : count + found] = own[:found]
        count += found
    return point[:count], label[:count]


@compiled
def _labels_within(
    tables: Tables, around: Around, reach_m: float, labels: Counts
) -> tuple[Counts, int]:
    """Write the labels within a reach into ``labels``, or a longer one; return it and how many."""
    south, north, west, east = block_of(tables.lattice, around, reach_m)
    count = 0
    for row in range(south, north + 1):
        for column in range(west, east + 1):
            border = border_at(tables, row, column)
            if border < 0:
                continue
            start, stop = entries_of(tables, border)
            for entry in range(start, stop):
                at = edge_of(tables, entry)
                first, second = tables.words[at + 4] & _LOW_HALF, tables.words[at + 4] >> 32
                latest = labels[max(0, count - _LATEST) : count]
                has_first, has_second = _is_known(latest, first), _is_known(latest, second)
                if has_first and has_second:
                    continue
                if foot_on(tables.numbers, at, around)[2] > reach_m:
                    continue
                if count + 2 > len(labels):
                    labels = np.concatenate((labels, np.empty_like(labels)))
                if not has_first:
                    labels[count] = first
                    count += 1
                if not has_second:
                    labels[count] = second
                    count += 1
    if count > _LATEST:
        distinct = np.unique(labels[:count])
        return distinct, len(distinct)
    return labels, count


@compiled
def _is_known(labels: Counts, label: int) -> bool:
    """Tell whether a label is there already; nobody's, 0, always is."""
    if label == 0:
        return True
    for each in labels:
        if each == label:
            return True
    return False
