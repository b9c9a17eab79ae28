"""Splitting an area by a line."""

from collections.abc import Sequence

import numpy as np
import shapely

from geo_service.errors import CodeInUse, CodeRetired, HasChildren, PiecesUnnamed
from geo_service.layers.arcs import AreaKey, Coverage, Place
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.arcs.rings import Face
from geo_service.layers.area import Floats
from geo_service.layers.redraw.drawing.cutting import (
    SNAP_M,
    Cut,
    Ground,
    cut,
    cut_by_network,
    unfit,
)
from geo_service.layers.redraw.drawing.drawn import drawn_line
from geo_service.layers.redraw.drawing.network import network
from geo_service.layers.redraw.soundness import Redrawn, finished


def split(
    coverage: Coverage,
    key: AreaKey,
    line: Floats,
    codes: Sequence[str],
    *,
    keep: Place | None = None,
    snap_m: float = SNAP_M,
) -> Redrawn:
    """Split an area along a line; both ends on its border or beyond it.

    Parameters
    ----------
    line
        ``(n, 2)`` in the frame of the coverage. What lies outside the area or runs along its
        border does nothing; a winding border may be crossed several times, making more pieces.
        A closed line inside cuts out an island.
    codes
        New codes for the pieces, those that lie lowest by x and then y first; names are the codes.
    keep
        A place inside the piece that keeps code, name and number of the area; it gets none of
        ``codes``. Without it the old code is retired.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    UnfitLine
        The line misses the area, ends inside it, crosses itself, parts nothing; or ``keep`` lies
        in no piece.
    PiecesUnnamed
        There are more or fewer pieces than codes.
    CodeInUse, CodeRetired
        A code is, or was, that of another area.
    BordersCross
        The new border would come too close to another one.
    InvalidCoordinates, LimitExceeded
        See `drawn_line`.
    """
    ground = ground_of(coverage, key)
    parted = cut(Edit(coverage), ground, drawn_line(line, key), snap_m=snap_m)
    return _named(coverage, key, parted, codes, keep)


def cut_along(
    coverage: Coverage,
    key: AreaKey,
    lines: Sequence[shapely.Geometry],
    codes: Sequence[str],
    *,
    keep: Place | None = None,
    snap_m: float = SNAP_M,
) -> Redrawn:
    """Split an area along several lines at once: roads, or the borders of another layer.

    Parameters
    ----------
    lines
        Lines, or polygons whose borders count, in the frame of the coverage. They may cross and
        end on each other; ends that reach nothing, and what lies outside, do nothing. An end
        within ``snap_m`` of another line, in its own direction, reaches it.
    codes, keep
        As for `split`; `pieces_along` says how many pieces there are.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    UnfitLine
        The lines miss the area or part nothing; or ``keep`` lies in no piece.
    PiecesUnnamed
        There are more or fewer pieces than codes.
    CodeInUse, CodeRetired
        A code is, or was, that of another area.
    BordersCross
        A new border would come too close to another one.
    InvalidCoordinates, LimitExceeded
        See `network`.
    """
    return _named(coverage, key, _cut_along(coverage, key, lines, snap_m), codes, keep)


def pieces_along(
    coverage: Coverage,
    key: AreaKey,
    lines: Sequence[shapely.Geometry],
    *,
    snap_m: float = SNAP_M,
) -> list[shapely.Polygon]:
    """Return the pieces that `cut_along` would make, in the order of its codes; errors as there."""
    return [piece.polygon for piece in _cut_along(coverage, key, lines, snap_m).pieces]


def _cut_along(
    coverage: Coverage, key: AreaKey, lines: Sequence[shapely.Geometry], snap_m: float
) -> Cut:
    ground = ground_of(coverage, key)
    paths = network(lines, ground.polygon, key, scale=coverage.scale, snap_m=snap_m)
    return cut_by_network(Edit(coverage), ground, paths, snap_m=snap_m)


def _named(
    coverage: Coverage, key: AreaKey, parted: Cut, codes: Sequence[str], keep: Place | None
) -> Redrawn:
    """Return the coverage with an area cut, its pieces being areas of their own."""
    edit, pieces, _ = parted
    number = coverage.number_of(key)
    area = coverage.areas[number]
    kept = None if keep is None else _piece_at(pieces, keep, key)
    others = [piece for i, piece in enumerate(pieces) if i != kept]
    if len(others) != len(codes):
        raise PiecesUnnamed(where=" ".join(key), pieces=len(pieces), codes=len(codes))
    refuse_known_codes(coverage, key.layer, codes)
    if kept is None:
        edit.remove_area(number)
    else:
        edit.set_ground(number, pieces[kept].chain)
    for piece, code in zip(others, codes, strict=True):
        new = area._replace(key=AreaKey(key.layer, code), name=code, chain=piece.chain)
        edit.add_area(new)
    return finished(edit)


def pieces_of(
    coverage: Coverage, key: AreaKey, line: Floats, *, snap_m: float = SNAP_M
) -> list[shapely.Polygon]:
    """Return the pieces that `split` would make, in the order of its codes; errors as there."""
    ground = ground_of(coverage, key)
    pieces = cut(Edit(coverage), ground, drawn_line(line, key), snap_m=snap_m).pieces
    return [piece.polygon for piece in pieces]


def ground_of(coverage: Coverage, key: AreaKey) -> Ground:
    """Return what an area without children has, to be cut; raises UnknownArea and HasChildren."""
    area = coverage.areas[leaf(coverage, key)]
    return Ground(key, area.chain, area.outline)


def leaf(coverage: Coverage, key: AreaKey) -> int:
    """Return the number of an area without children; raises UnknownArea and HasChildren."""
    number = coverage.number_of(key)
    if coverage.children.get(number):
        raise HasChildren(layer=key.layer, code=key.code)
    return number


def refuse_known_codes(coverage: Coverage, layer: str, codes: Sequence[str]) -> None:
    """Refuse codes that are, were or would be used twice.

    Raises
    ------
    CodeInUse
        Another area has it, or it is given twice.
    CodeRetired
        It was in use once.
    """
    twice = [c for c in codes if AreaKey(layer, c) in coverage.numbers or codes.count(c) > 1]
    if twice:
        raise CodeInUse(layer=layer, codes=sorted(set(twice)))
    for code in codes:
        if AreaKey(layer, code) in coverage.retired:
            raise CodeRetired(layer=layer, code=code)


def _piece_at(pieces: Sequence[Face], place: Place, key: AreaKey) -> int:
    for i, piece in enumerate(pieces):
        if shapely.intersects_xy(piece.polygon, *place):
            return i
    raise unfit(key, np.array(place), "keep 指的位置不在任何一块里", "keep lies in no piece")
