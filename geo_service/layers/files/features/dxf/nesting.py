"""Which rings lie inside which, and what that makes of them."""

from collections.abc import Sequence

import numpy as np
import shapely

from geo_service.layers.area import Geometries


def containers(rings: Geometries) -> list[list[int]]:
    """Return for each ring the positions of those around it, the smallest first.

    Invalid rings, equal ones and those that merely overlap are around nothing.
    """
    area = shapely.area(rings)
    usable = rings.copy()
    usable[~shapely.is_valid(rings)] = shapely.Polygon()
    inner, outer = shapely.STRtree(usable).query(usable, predicate="covered_by")
    around: list[list[int]] = [[] for _ in rings]
    for i, j in zip(inner.tolist(), outer.tolist(), strict=True):
        if area[i] < area[j]:
            around[i].append(j)
    return [sorted(each, key=lambda j: (float(area[j]), j)) for each in around]


def parts_and_holes(
    rings: Sequence[shapely.Polygon], *, deepest: int | None = None
) -> list[shapely.Polygon]:
    """Return the parts that rings bound together: every second level of nesting is a hole.

    Parameters
    ----------
    deepest
        The last level that counts, 0 being the outermost; all where it is None.
    """
    shapes = np.array(rings, dtype=object)
    around = containers(shapes)
    depth = [len(each) for each in around]
    holes: dict[int, list[shapely.LinearRing]] = {}
    for i, each in enumerate(around):
        if depth[i] % 2 and (deepest is None or depth[i] <= deepest):
            holes.setdefault(each[0], []).append(rings[i].exterior)
    return [
        shapely.Polygon(ring.exterior, holes.get(i, []))
        for i, ring in enumerate(rings)
        if depth[i] % 2 == 0 and (deepest is None or depth[i] <= deepest)
    ]
