"""Which parts of areas meet boxes after so many changes that the tree of parts is built again."""

import numpy as np
import shapely
from shapely import MultiPolygon, box

from geo_service.layers.arcs.part_index import part_index

COUNT = 450


def pair(x, y):
    """Return an area of two squares of 1 m, 3 m apart."""
    return MultiPolygon([box(x, y, x + 1, y + 1), box(x, y + 3, x + 1, y + 4)])


def test_areas_are_found_where_they_are_and_not_where_they_were_after_most_of_them_moved():
    index = part_index(np.array([pair(2 * i, 0) for i in range(COUNT)]), np.arange(COUNT))
    # 400 move north; the last of them is taken away, and one more moves
    moved = {i: pair(2 * i, 100) for i in range(400)}
    for changes in (moved, {399: None}, {400: pair(800, 200)}):
        index = index.with_changes(changes)

    def met(*corners):
        parts, owners = index.meeting(np.array([corners], dtype=float))
        return sorted(zip(owners.tolist(), shapely.bounds(parts)[:, 1].tolist(), strict=True))

    assert met(0, 0, 799, 10) == []
    assert met(-5, 99, 3, 110) == [(0, 100.0), (0, 103.0), (1, 100.0), (1, 103.0)]
    assert met(797.5, 99, 799, 110) == []
    assert met(799, -5, 803, 250) == [(400, 200.0), (400, 203.0), (401, 0.0), (401, 3.0)]
    # what the new tree holds can change again
    index = index.with_changes({0: pair(0, 300)})
    assert met(0, 0, 1, 400) == [(0, 300.0), (0, 303.0)]
