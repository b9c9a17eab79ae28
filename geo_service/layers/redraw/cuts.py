"""Several areas cut along the same lines, as roads or the borders of another layer run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.errors import InvalidValue, LimitExceeded, UnfitLine
from geo_service.layers.arcs import AreaKey, Coverage, Place
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.redraw.drawing.cutting import SNAP_M, cut_by_network, unfit
from geo_service.layers.redraw.drawing.drawn import MOST_PLACES
from geo_service.layers.redraw.drawing.network import network
from geo_service.layers.redraw.review import SLIVER_M
from geo_service.layers.redraw.soundness import Redrawn, together
from geo_service.layers.redraw.splits import cut_along, ground_of


class AreaCut(NamedTuple):
    """What lines make of one area: its pieces, and the new borders inside it, ``(n, 2)`` each."""

    key: AreaKey
    pieces: tuple[shapely.Polygon, ...]
    lines: tuple[Floats, ...]


def cuts_along(
    coverage: Coverage,
    keys: Sequence[AreaKey],
    lines: Sequence[shapely.Geometry] | Geometries,
    *,
    narrowest_m: float = SLIVER_M,
    snap_m: float = SNAP_M,
) -> list[AreaCut]:
    """Return what lines make of those areas that they part; nothing is changed.

    Parameters
    ----------
    keys
        Areas without children, of one layer. Those that no line parts are left out.
    lines
        As for `cut_along`.
    narrowest_m
        Pieces that hold no circle of this diameter are not made: they stay with the neighbor
        that they would have the longest new border with. What is a sliver already stays one.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    UnfitLine
        The lines part none of the areas: they miss them, end inside, or only touch their borders.
    InvalidCoordinates, LimitExceeded
        See `network`; so many vertices near one area.
    """
    found = [cut for cut in _cuts(coverage, keys, lines, narrowest_m, snap_m) if cut is not None]
    if not found:
        place = shapely.get_coordinates(shapely.point_on_surface(coverage.area(keys[0]).outline))
        raise unfit(
            keys[0],
            place[0],
            f"这些线没有穿过区域把它分开（窄于 {narrowest_m:g} 米的块不切）",
            f"the lines part nothing into pieces that are {narrowest_m:g} m wide or more",
        )
    return found


def _cuts(
    coverage: Coverage,
    keys: Sequence[AreaKey],
    lines: Sequence[shapely.Geometry] | Geometries,
    narrowest_m: float,
    snap_m: float,
) -> Iterator[AreaCut | None]:
    every = np.array(list(lines), dtype=object)
    tree = shapely.STRtree(every)
    margin = 2 * snap_m / min(coverage.scale)
    for key in keys:
        ground = ground_of(coverage, key)
        west, south, east, north = shapely.bounds(ground.polygon).tolist()
        box = shapely.box(west - margin, south - margin, east + margin, north + margin)
        near = every[np.sort(tree.query(box))].tolist()
        paths = network(near, ground.polygon, key, scale=coverage.scale, snap_m=snap_m)
        try:
            cut = cut_by_network(
                Edit(coverage), ground, paths, snap_m=snap_m, narrowest_m=narrowest_m
            )
        except UnfitLine:
            yield None
            continue
        yield AreaCut(key, tuple(piece.polygon for piece in cut.pieces), cut.lines)


def cut_areas(
    coverage: Coverage,
    lines: Sequence[shapely.Geometry],
    codes: Mapping[AreaKey, Sequence[str]],
    keeps: Mapping[AreaKey, Place],
) -> Redrawn:
    """Cut several areas along the same lines, as one operation.

    Parameters
    ----------
    lines
        As for `cut_along`; every piece that they make is made.
    codes
        For each area the new codes of its pieces, as for `cut_along`.
    keeps
        For areas of which one piece keeps the code, a place in it.

    Raises
    ------
    InvalidValue
        ``keeps`` names an area that has no new codes.
    LimitExceeded
        The lines have more than MOST_PLACES vertices, wherever they lie.
    GeoServiceError
        As `cut_along`.
    """
    if not keeps.keys() <= codes.keys():
        raise InvalidValue(
            "keeps", "codes 里也有的区域代码", "codes of areas that have new codes, too"
        )
    count = int(shapely.get_num_coordinates(np.array(lines, dtype=object)).sum())
    if count > MOST_PLACES:
        raise LimitExceeded("线的顶点数", "the number of vertices of the lines", count, MOST_PLACES)
    steps: list[Redrawn] = []
    for key, own in codes.items():
        before = steps[-1].coverage if steps else coverage
        steps.append(cut_along(before, key, lines, own, keep=keeps.get(key)))
    return together(coverage, steps)
