"""Children of an area in balanced groups that hang together: what to split a parent by."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.area import Floats
from geo_service.layers.redraw.merges import hang_together
from geo_service.layers.topology.linework import Ints
from geo_service.layers.topology.scale import area_m2

_DIRECTIONS = 8


def groups_of_children(
    coverage: Coverage, key: AreaKey, count: int, amounts: Mapping[AreaKey, float]
) -> list[tuple[AreaKey, ...]] | None:
    """Return the children of an area in groups of about the same amount; None where none fit.

    Children stand in order along one of several directions and are parted where their sum passes
    the next share; of the directions that leave groups hanging together the most balanced one is
    taken, the first of equals.

    Parameters
    ----------
    count
        How many groups.
    amounts
        What children have; their ground (square metres) where not all are told.
    """
    number = coverage.number_of(key)
    layers = coverage.layers_below(key.layer)
    children = next((some for each in layers if (some := coverage.children_in(number, each))), [])
    if len(children) < count:
        return None
    outlines = coverage.outlines(children)
    keys = [coverage.areas[child].key for child in children]
    weights = area_m2(outlines, coverage.scale)
    if all(each in amounts for each in keys):
        told = np.array([amounts[each] for each in keys], dtype=np.float64)
        weights = told if told.sum() > 0 else weights
    centers = shapely.get_coordinates(shapely.centroid(outlines)) * np.array(coverage.scale)
    found: list[tuple[float, int, list[list[int]]]] = []
    for angle in np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS:
        order = np.argsort(centers @ np.array([np.cos(angle), np.sin(angle)]), kind="stable")
        groups = _parted(order, weights, count)
        if all(_is_whole(coverage, [children[i] for i in group]) for group in groups):
            worst = max(float(weights[group].sum()) for group in groups)
            found.append((worst, len(found), groups))
    if not found:
        return None
    _, _, groups = min(found)
    return [tuple(sorted(keys[i] for i in group)) for group in groups]


def _parted(order: Ints, weights: Floats, count: int) -> list[list[int]]:
    """Return an order in consecutive groups, none empty, each near its share of the whole."""
    middles = np.cumsum(weights[order]) - weights[order] / 2
    at = np.minimum((middles / weights.sum() * count).astype(np.int64), count - 1)
    # each group has one at least: none begins before so many stand before it, or behind it
    position = np.arange(len(order))
    at = np.clip(at, count - (len(order) - position), position)
    for i in range(1, len(at)):
        at[i] = min(max(at[i], at[i - 1]), at[i - 1] + 1)
    return [order[at == group].tolist() for group in range(count)]


def _is_whole(coverage: Coverage, numbers: Sequence[int]) -> bool:
    return len(numbers) == 1 or hang_together(coverage, numbers)
