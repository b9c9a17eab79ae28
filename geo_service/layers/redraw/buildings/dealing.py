"""Ground dealt out among groups of its buildings, along their cells and along roads."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.layers.arcs import Coverage
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.area import Geometries
from geo_service.layers.redraw.buildings.cells import Building, cells, places_of
from geo_service.layers.redraw.buildings.pieces import Pieces
from geo_service.layers.redraw.drawing.cutting import Ground, cut_by_network
from geo_service.layers.redraw.drawing.network import network
from geo_service.layers.topology.linework import Ints


class Dealt(NamedTuple):
    """An area cut among groups of its buildings, each piece with its group."""

    edit: Edit
    pieces: Pieces
    groups: Ints
    homes: list[set[int]]
    piece_of: Mapping[str, int]


def dealt(
    coverage: Coverage,
    ground: Ground,
    own: Sequence[Building],
    groups: Ints,
    *,
    snap_m: float,
    roads: Sequence[shapely.Geometry] = (),
) -> Dealt:
    """Cut ground among groups of buildings; each piece goes to one that has a building there.

    Parameters
    ----------
    own, groups
        The buildings in the ground, in the frame of the coverage, and the group of each from 0 on.
    roads
        Lines. A block between them whose buildings are all of one group is wholly of that group.

    Raises
    ------
    InvalidValue
        A building is neither a point nor a valid polygon.
    LimitExceeded
        See `network`.
    """
    parted = cells(own, groups, ground.polygon, coverage.scale)
    streets = _clear_of(own, roads)
    lines = [parted.lines, *streets]
    paths = network(lines, ground.polygon, ground.key, scale=coverage.scale, snap_m=snap_m)
    edit, faces, _ = cut_by_network(Edit(coverage), ground, paths, snap_m=snap_m, may_miss=True)
    pieces = Pieces(edit, faces)
    at = pieces.holding(places_of(own)).tolist()
    homes: list[set[int]] = [set() for _ in faces]
    for piece, group in zip(at, groups.tolist(), strict=True):
        homes[piece].add(group)
    wanted = parted.groups_at(pieces.inner)
    if len(streets):
        wanted = _by_block(wanted, pieces, homes, streets, ground.polygon)
    settled = pieces.settled(wanted, homes)
    piece_of = {building.name: piece for building, piece in zip(own, at, strict=True)}
    return Dealt(edit, pieces, settled, homes, piece_of)


def _clear_of(own: Sequence[Building], roads: Sequence[shapely.Geometry]) -> Geometries:
    """Return roads without what of them runs through buildings: that parts nothing."""
    if not roads:
        return np.empty(0, dtype=object)
    built = shapely.union_all([building.ground for building in own])
    clear = shapely.difference(np.array(list(roads), dtype=object), built)
    lines: Geometries = shapely.get_parts(clear[~shapely.is_empty(clear)])
    is_line = shapely.get_dimensions(lines) == 1
    return np.asarray(lines[is_line])


def _by_block(
    wanted: Ints,
    pieces: Pieces,
    homes: Sequence[set[int]],
    roads: Geometries,
    ground: shapely.Geometry,
) -> Ints:
    """Return the group that each piece should go to, after blocks of one group were made whole."""
    work = shapely.union_all([*roads, shapely.boundary(ground)])
    blocks = shapely.get_parts(shapely.polygonize(shapely.get_parts(work)))
    block_of = shapely.STRtree(blocks).nearest(pieces.inner)
    groups_in: dict[int, set[int]] = {}
    for block, own in zip(block_of.tolist(), homes, strict=True):
        groups_in.setdefault(block, set()).update(own)
    alone = {block: next(iter(own)) for block, own in groups_in.items() if len(own) == 1}
    chosen = zip(block_of.tolist(), wanted.tolist(), strict=True)
    return np.array([alone.get(block, group) for block, group in chosen], dtype=np.int64)
