"""Buildings that stand elsewhere than their list says, or that a border cuts."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.redraw.buildings.known import KnownBuildings
from geo_service.layers.redraw.buildings.listing import Lists, lists_of
from geo_service.layers.topology import Defect
from geo_service.layers.topology.linework import Ints
from geo_service.layers.topology.scale import Scale, area_m2, is_narrow

CUT_M = 0.5
"""A part of a footprint that holds no circle of this diameter is how borders and walls are drawn.
"""

_POLYGON = 2
_FEWEST_CUT = 2
_MOST_BOXES = 1_000
"""Areas around so many buildings are looked for one by one; around more, all at once."""

Share: TypeAlias = tuple[AreaKey, float]


class Standing(NamedTuple):
    """Where a building stands amiss.

    ``outside`` are areas that list it and do not hold it, each with the area of the same layer
    that does; None where none does. ``cuts`` are the shares of its footprint on each side of the
    borders that cut it, by layer, the largest share first. ``owners`` are the areas without
    children that it meets, by number.
    """

    outside: tuple[tuple[AreaKey, AreaKey | None], ...]
    cuts: tuple[tuple[Share, ...], ...]
    owners: frozenset[int]


def standings(
    coverage: Coverage, buildings: KnownBuildings, lists: Lists, positions: Collection[int]
) -> dict[int, Standing]:
    """Return where those of some buildings stand that stand amiss, by position.

    ``lists`` are those of the coverage; areas that it does not have ask nothing. To stand on a
    border is to stand inside. Where a border belongs to several layers, the cut is that of the
    lowest; parts no wider than ``CUT_M`` do not count, points are not cut.
    """
    at = np.array(sorted(positions), dtype=np.int64)
    if not len(at):
        return {}
    outside = _outside(coverage, buildings, lists, at)
    owners = _owners(coverage, buildings.grounds[at], np.isin(at, list(outside)))
    found = {}
    for i, own in owners.items():
        position = int(at[i])
        cuts = _cuts(coverage, buildings.grounds[position], sorted(own))
        if cuts or position in outside:
            found[position] = Standing(tuple(outside.get(position, ())), cuts, frozenset(own))
    return found


def building_findings(
    coverage: Coverage, buildings: KnownBuildings, found: Mapping[int, Standing]
) -> list[Defect]:
    """Return what to ask about buildings; those that should move from and to the same area as one.

    Returns
    -------
    list
        Of kind ``building_outside`` by codes, then ``building_cut`` by position.
    """
    moves: dict[tuple[AreaKey, AreaKey | None], list[int]] = {}
    for position, standing in sorted(found.items()):
        for pair in standing.outside:
            moves.setdefault(pair, []).append(position)
    outside = [
        _asked_together(coverage.scale, buildings, pair, some)
        for pair, some in sorted(moves.items(), key=lambda item: str(item[0]))
    ]
    cut = [
        _asked_of_cut(coverage.scale, buildings, position, shares)
        for position, standing in sorted(found.items())
        for shares in standing.cuts
    ]
    return outside + cut


def buildings_outside(coverage: Coverage, buildings: KnownBuildings) -> list[Defect]:
    """Return what to ask about all buildings; raises InvalidValue as `KnownBuildings`."""
    found = standings(coverage, buildings, lists_of(coverage, buildings), range(len(buildings)))
    return building_findings(coverage, buildings, found)


def _owners(
    coverage: Coverage, grounds: Geometries, are_asked: NDArray[np.bool_]
) -> dict[int, set[int]]:
    """Return the areas without children that a ground meets, of those asked or that meet several.

    By the position of the ground; areas by number.
    """
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for index in coverage.parts.values():
        parts, owners = index.meeting(_boxes(grounds))
        is_leaf = np.array([not coverage.children.get(n) for n in owners.tolist()], dtype=np.bool_)
        parts, owners = parts[is_leaf], owners[is_leaf]
        at, part = shapely.STRtree(parts).query(grounds, predicate="intersects")
        pairs.append(np.stack([at, owners[part]], axis=1))
    every = np.concatenate(pairs)
    counts = np.bincount(every[:, 0], minlength=len(grounds))
    found: dict[int, set[int]] = {i: set() for i in np.flatnonzero(are_asked).tolist()}
    for at, owner in every[(counts[every[:, 0]] >= _FEWEST_CUT) | are_asked[every[:, 0]]].tolist():
        found.setdefault(at, set()).add(owner)
    return found


def _boxes(grounds: Geometries) -> Floats:
    """Return the boxes of grounds, of many the one around them all."""
    if len(grounds) <= _MOST_BOXES:
        return np.asarray(shapely.bounds(grounds), dtype=np.float64)
    return np.asarray([shapely.total_bounds(grounds)], dtype=np.float64)


def _outside(
    coverage: Coverage, buildings: KnownBuildings, lists: Lists, at: Ints
) -> dict[int, list[tuple[AreaKey, AreaKey | None]]]:
    told = [
        (position, key)
        for position in at.tolist()
        for key in lists.areas_of(coverage, buildings, position)
    ]
    places = buildings.middles[[position for position, _ in told]]
    outlines = coverage.outlines(coverage.numbers[key] for _, key in told)
    shapely.prepare(outlines)
    amiss = np.flatnonzero(~shapely.intersects(outlines, places)).tolist()
    holders = _holders(coverage, places[amiss], [told[i][1].layer for i in amiss])
    found: dict[int, list[tuple[AreaKey, AreaKey | None]]] = {}
    for i, holder in zip(amiss, holders, strict=True):
        position, key = told[i]
        found.setdefault(position, []).append((key, holder))
    return found


def _holders(coverage: Coverage, places: Geometries, layers: Sequence[str]) -> list[AreaKey | None]:
    """Return the area of a layer that holds each place, the lowest code of several."""
    found: list[AreaKey | None] = [None] * len(layers)
    for layer in sorted(set(layers)):
        at = [i for i, each in enumerate(layers) if each == layer]
        parts, owners = coverage.parts[layer].meeting(_boxes(places[at]))
        pairs = shapely.STRtree(parts).query(places[at], predicate="intersects").T.tolist()
        for i, part in pairs:
            key, former = coverage.areas[int(owners[part])].key, found[at[i]]
            found[at[i]] = key if former is None else min(key, former)
    return found


def _cuts(
    coverage: Coverage, ground: shapely.Geometry, owners: Sequence[int]
) -> tuple[tuple[Share, ...], ...]:
    if len(owners) < _FEWEST_CUT or shapely.get_dimensions(ground) < _POLYGON:
        return ()
    pieces = shapely.intersection(coverage.outlines(owners), ground)
    counts = shapely.area(pieces) > 0
    counts[counts] = ~is_narrow(pieces[counts], coverage.scale, CUT_M)
    whole = float(shapely.area(ground))
    by_layer: dict[str, dict[AreaKey, float]] = {}
    for number, piece in zip(np.array(owners)[counts].tolist(), pieces[counts], strict=True):
        for each in (number, *coverage.ancestors(number)):
            key = coverage.areas[each].key
            shares = by_layer.setdefault(key.layer, {})
            shares[key] = shares.get(key, 0.0) + float(shapely.area(piece)) / whole
    cut = {layer for layer, shares in by_layer.items() if len(shares) >= _FEWEST_CUT}
    above = {name for layer in cut for name in coverage.layers_above(layer)}
    return tuple(
        tuple(sorted(by_layer[layer].items(), key=lambda item: (-round(item[1], 9), item[0])))
        for layer in sorted(cut - above)
    )


def _asked_together(
    scale: Scale,
    buildings: KnownBuildings,
    pair: tuple[AreaKey, AreaKey | None],
    positions: Sequence[int],
) -> Defect:
    listed, standing = pair
    grounds = buildings.grounds[positions]
    ground_m2 = float(area_m2(grounds, scale).sum())
    x, y = buildings.places[positions[0]].tolist()
    return Defect(
        "building_outside",
        listed.layer,
        (listed.code,) if standing is None else (listed.code, standing.code),
        x,
        y,
        area_m2=ground_m2 or None,
        geometry=grounds[0] if len(grounds) == 1 else shapely.GeometryCollection(grounds.tolist()),
        count=len(positions),
        buildings=tuple(buildings.identities[i] for i in positions),
    )


def _asked_of_cut(
    scale: Scale, buildings: KnownBuildings, position: int, shares: tuple[Share, ...]
) -> Defect:
    ground = buildings.grounds[position]
    ground_m2 = float(area_m2(np.array([ground], dtype=object), scale)[0])
    x, y = buildings.places[position].tolist()
    return Defect(
        "building_cut",
        shares[0][0].layer,
        tuple(key.code for key, _ in shares),
        x,
        y,
        area_m2=ground_m2 * (sum(share for _, share in shares) - shares[0][1]),
        geometry=ground,
        buildings=(buildings.identities[position],),
        shares=tuple(share for _, share in shares),
    )
