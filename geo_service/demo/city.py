"""Whole demo cities from a seed: boundaries of every level, roads, buildings and figures."""

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import shapely

from geo_service.demo.figures import Areas, Figure, count_figures
from geo_service.demo.land.arcs import DECIMALS, Arcs, bend, meters_to_degrees, outlines
from geo_service.demo.land.blocks import Blocks, Land, cut_into_blocks
from geo_service.demo.land.buildings import (
    Footprints,
    block_types,
    block_uses,
    build,
    expected_households,
    has_homes,
)
from geo_service.demo.land.columns import Integers, ranks
from geo_service.demo.land.groups import Nesting, apportion, nest
from geo_service.demo.land.naming import Level, Named, named_areas
from geo_service.demo.land.roads import NO_ROADS, Network, Roads, addresses, drawn, network
from geo_service.demo.others import Overlay, Twin, estates, lanes, twin
from geo_service.layers.area import AreaSet, Floats, Geometries, area_set

SOURCE = "虚构数据（演示生成器）"
_LAND_WEIGHT = 0.1
"""How much the land of a block counts beside its households when grids are made even."""


@dataclass(frozen=True, eq=False)
class Buildings:
    """Buildings as columns: ids are the grid's code and a number; polygons in EPSG:4490.

    ``communities`` are the codes of the areas they lie in on the level of that name, or, without
    one, on the level above the deepest.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    geometries: Geometries
    households: Integers
    floors: Integers
    grids: tuple[str, ...]
    communities: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class City:
    """A fictional place: areas by layer (root first), what stands there, and dated figures.

    ``boundaries`` are the levels of the ground; ``others`` overlays and further families.
    """

    title: str
    boundaries: dict[str, AreaSet]
    roads: Roads
    buildings: Buildings
    figures: tuple[Figure, ...]
    others: dict[str, AreaSet] = field(default_factory=dict)

    @property
    def leaf_layer(self) -> str:
        """The deepest layer of the ground."""
        return list(self.boundaries)[-1]

    @property
    def areas(self) -> dict[str, AreaSet]:
        """All layers: the levels of the ground first."""
        return {**self.boundaries, **self.others}


@dataclass(frozen=True)
class Plan:
    """What a city is to be like; ``origin`` is lon, lat; ``residents`` None leaves them free.

    ``spacing_m`` is the distance of points on borders. Without ``is_built`` there are no
    buildings, roads and figures, and households are only estimated to make the grids even.
    """

    title: str
    levels: tuple[Level, ...]
    land: Land
    origin: tuple[float, float]
    prefix: str
    first: int
    households: int
    residents: int | None = None
    spacing_m: float = 6.5
    valid_from: date = date(2025, 1, 1)
    source: str = SOURCE
    is_built: bool = True
    overlays: tuple[Overlay, ...] = ()
    twins: tuple[Twin, ...] = ()


@dataclass(frozen=True, eq=False)
class _Ground:
    """The land before anybody governs it; ``types``, ``uses`` and ``area_m2`` (b,) of blocks."""

    blocks: Blocks
    net: Network
    arcs: Arcs
    types: Integers
    uses: Integers
    area_m2: Floats


@dataclass(frozen=True, eq=False)
class _Governed:
    """Which areas the blocks make up, level by level, root first."""

    levels: tuple[Level, ...]
    nesting: Nesting
    named: list[Named]

    @property
    def areas(self) -> list[Areas]:
        columns = zip(self.levels, self.named, strict=True)
        return [Areas(level.layer, named.codes) for level, named in columns]


def found(plan: Plan, *, seed: int) -> City:
    """Make the city of a plan; the same plan and seed give the same bits.

    Returns
    -------
    City
        In EPSG:4490 degrees, rounded to 8 decimals. Areas of each layer tile their parents
        exactly: a border has the same points in siblings, cousins, parents and children.

    Raises
    ------
    LimitExceeded
        The land has too few blocks for the areas, or too few homes for the households.
    """
    chances = list(map(np.random.default_rng, np.random.SeedSequence(seed).spawn(6)))
    for_land, for_buildings, for_groups, for_names, for_figures, for_others = chances
    ground = _ground(plan, for_land)
    footprints = _settled(plan, ground, for_buildings)
    households = _households_of_blocks(plan, ground, footprints)
    nesting = nest(
        ground.blocks,
        sizes=households + _LAND_WEIGHT * plan.households * ground.area_m2 / ground.area_m2.sum(),
        counts=[level.count for level in plan.levels],
        is_barrier=ground.net.is_barrier(ground.blocks.edge_road),
        rng=for_groups,
    )
    named = named_areas(
        plan.levels, nesting.parent, prefix=plan.prefix, first=plan.first, rng=for_names
    )
    governed = _Governed(plan.levels, nesting, named)
    boundaries = _boundaries(ground, governed)
    roads = drawn(ground.blocks, ground.arcs, ground.net) if plan.is_built else NO_ROADS
    return City(
        title=plan.title,
        boundaries=boundaries,
        others=_others(plan, ground, households, (boundaries, roads), for_others),
        roads=roads,
        buildings=_buildings(plan, ground, footprints, governed, for_names),
        figures=_figures(plan, ground, households, governed, for_figures),
    )


def _ground(plan: Plan, rng: np.random.Generator) -> _Ground:
    blocks = cut_into_blocks(plan.land, rng=rng)
    net = network(blocks, main_m2=plan.land.main_m2, rng=rng)
    arcs = bend(
        blocks,
        spacing_m=plan.spacing_m,
        calmness=net.calmness,
        river=net.river,
        origin=plan.origin,
        rng=rng,
    )
    types = block_types(blocks, rng=rng)
    outline = outlines(blocks, arcs, np.arange(len(types)), arcs.xy)
    return _Ground(
        blocks, net, arcs, types, block_uses(types, rng=rng), np.asarray(shapely.area(outline))
    )


def _settled(plan: Plan, ground: _Ground, rng: np.random.Generator) -> Footprints | None:
    """Build on every block, and scale households so that they sum to the plan's."""
    if not plan.is_built:
        return None
    footprints = build(
        ground.blocks, ground.arcs, ground.uses, setback_m=ground.net.setback_m, rng=rng
    )
    raw = footprints.households
    most = np.where(raw > 0, plan.households, 0)
    return replace(
        footprints,
        households=apportion(plan.households, raw.astype(np.float64), least=0, most=most),
    )


def _households_of_blocks(plan: Plan, ground: _Ground, footprints: Footprints | None) -> Floats:
    """Return households by block: counted in the buildings, or else estimated."""
    if footprints is None:
        raw = expected_households(ground.uses, ground.area_m2)
        return np.asarray(raw / raw.sum() * plan.households)
    counted = np.bincount(footprints.block, footprints.households, len(ground.uses))
    return counted.astype(np.float64)


def _boundaries(ground: _Ground, governed: _Governed) -> dict[str, AreaSet]:
    boundaries = {}
    above: Named | None = None
    columns = zip(governed.levels, governed.named, governed.nesting.of_block, strict=True)
    for position, (level, named, groups) in enumerate(columns):
        parent = governed.nesting.parent[position].tolist()
        boundaries[level.layer] = area_set(
            level.layer,
            codes=named.codes,
            names=named.names,
            parents=[above.codes[p] for p in parent] if above else None,
            geometries=outlines(ground.blocks, ground.arcs, groups, ground.arcs.lonlat),
        )
        above = named
    return boundaries


def _others(
    plan: Plan,
    ground: _Ground,
    households: Floats,
    made: tuple[dict[str, AreaSet], Roads],
    rng: np.random.Generator,
) -> dict[str, AreaSet]:
    """Return the further families and the overlays of a plan, by layer."""
    boundaries, roads = made
    root = next(iter(boundaries.values())).codes[0]
    found = {each.layer: twin(boundaries, each) for each in plan.twins}
    is_barrier = ground.net.is_barrier(ground.blocks.edge_road)
    for each in plan.overlays:
        coded = replace(each, mark=root + each.mark)
        found[each.layer] = (
            lanes(roads, coded)
            if each.is_line
            else estates(
                ground.blocks, ground.arcs, households, coded, is_barrier=is_barrier, rng=rng
            )
        )
    return found


def _buildings(
    plan: Plan,
    ground: _Ground,
    footprints: Footprints | None,
    governed: _Governed,
    rng: np.random.Generator,
) -> Buildings:
    if footprints is None:
        none = np.empty(0, dtype=np.int64)
        return Buildings((), (), np.empty(0, dtype=object), none, none, (), ())
    block = footprints.block
    grid = governed.nesting.of_block[-1][block]
    level = community_level([each.layer for each in governed.levels])
    community = governed.nesting.of_block[level][block]
    grids = [governed.named[-1].codes[g] for g in grid.tolist()]
    communities = governed.named[level].codes
    lonlat = meters_to_degrees(footprints.corner_xy, origin=plan.origin)
    lanes = addresses(ground.blocks, ground.net, rng=rng)
    homes = has_homes(ground.uses).tolist()
    rows = zip(block.tolist(), ranks(block).tolist(), strict=True)
    return Buildings(
        ids=tuple(f"{g}{n:03d}" for g, n in zip(grids, ranks(grid).tolist(), strict=True)),
        names=tuple(
            f"{lanes[b]}{'弄' if homes[b] else '号'}{n}{'号' if homes[b] else '幢'}"
            for b, n in rows
        ),
        geometries=np.asarray(shapely.polygons(np.round(lonlat, DECIMALS))),
        households=footprints.households,
        floors=footprints.floors,
        grids=tuple(grids),
        communities=tuple(communities[c] for c in community.tolist()),
    )


def community_level(layers: list[str]) -> int:
    """Return which level people are at home in: that of communities, else above the deepest."""
    return layers.index("community") if "community" in layers else max(len(layers) - 2, 0)


def _figures(
    plan: Plan,
    ground: _Ground,
    block_households: Floats,
    governed: _Governed,
    rng: np.random.Generator,
) -> tuple[Figure, ...]:
    if not plan.is_built:
        return ()
    counted = count_figures(
        governed.areas,
        governed.nesting,
        block_households=block_households,
        block_types=ground.types,
        residents=plan.residents,
        rng=rng,
    )
    return tuple(Figure(*row, plan.valid_from, plan.source) for row in counted)
