"""A place for any profile: areas of every layer it names, in levels, overlays and families.

Counts are printed for two of the shipped profiles: 33 communities of a town of `shanghai-grid`, and
112 communities of `community-resize`. All others, and the sizes, are assumptions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod, sqrt

import numpy as np

from geo_service.demo.city import City, Plan, community_level, found
from geo_service.demo.figures import Figure
from geo_service.demo.land.blocks import Land
from geo_service.demo.land.naming import Level
from geo_service.demo.others import Overlay, Twin
from geo_service.errors import InvalidValue
from geo_service.governance.word import Figure as FigureWord
from geo_service.layers.layer import Layer, Layers

_ORIGIN = (118.8, 33.6)
_WIDER = 1.13
_ONE_LEVEL, _BELOW_ROOT, _BELOW = 12, 4, 5
"""How many areas: of a root that stands alone, in a root area, in any other."""
_GRID_HOUSEHOLDS, _GRID_M2, _BLOCK_M2 = 390, 38_000, 9_000
_CELL_HOUSEHOLDS, _CELL_M2, _CELL_BLOCK_M2 = 100, 10_000, 3_600
_ESTATE_HOUSEHOLDS = 600
_LEVEL_WEIGHTS = (0.15, 0.25, 0.35, 0.25)


@dataclass(frozen=True)
class _Scale:
    """How large a shipped profile's place is; what it leaves out is as for any profile."""

    first: int = 10
    counts: Mapping[str, int] = field(default_factory=dict)
    households: int | None = None


_SCALES: Mapping[str, _Scale] = {
    "shanghai-grid": _Scale(11, {"street": 1, "grid": 5, "community": 33}),
    "dongcheng-unit-grid": _Scale(12, {"street": 2, "community": 8, "unit_grid": 200}),
    "beijing-whistle": _Scale(13, {"community": 9, "grid": 45, "lane": 30}),
    "chaoyang-axis": _Scale(14, {"street": 4, "community": 24, "grid": 96}),
    "community-resize": _Scale(
        15, {"street": 8, "community": 112, "grid": 448}, households=112 * 1_500
    ),
    "red-property": _Scale(16, {"street": 2, "community": 12, "grid": 60}),
    "service-circle": _Scale(17, {"community": 8, "grid": 40}),
}
"""(B) 33 and 112 communities, households between 1,000 and 2,000 of the latter; (A) the rest."""


def profile_place(
    name: str, layers: Layers, *, figures: Sequence[FigureWord] = (), seed: int = 2026
) -> City:
    """Return a fictional place that has areas in every layer.

    Parameters
    ----------
    name
        The profile's name: shipped ones have counts of their own, others as many as usual.
    figures
        What the profile knows of areas: where one has levels (物业等级), every overlay area gets
        one, or every area of the deepest level.

    Returns
    -------
    City
        In EPSG:4490 degrees. The first family are its levels, which tile each other exactly;
        further families have the same borders; overlays cross them. Codes begin with 999: of a
        district 6 digits, of a street 9, of a community 12, of what lies below 3 more each.

    Raises
    ------
    InvalidValue
        The profile has overlays alone, and nothing that they could lie over.
    """
    family = layers.ground_family
    if family is None:
        raise InvalidValue("layers", "至少一个嵌套图层", "at least one layer that nests")
    scale = _SCALES.get(name, _Scale())
    chain = layers.chain(family)
    plan = _plan(chain, scale)
    names = {layer.name for layer in chain}
    others = [layer for layer in layers if layer.name not in names]
    plan = replace(
        plan, twins=_twins(layers, chain, others), overlays=_overlays(others, scale, plan)
    )
    city = found(plan, seed=seed)
    return replace(city, figures=(*city.figures, *_leveled(city, figures, plan, seed)))


def _plan(chain: Sequence[Layer], scale: _Scale) -> Plan:
    counts = _counts(chain, scale)
    is_cell = chain[-1].name == "unit_grid"
    leaf_m2 = _CELL_M2 if is_cell else _GRID_M2
    households = _CELL_HOUSEHOLDS if is_cell else _GRID_HOUSEHOLDS
    if len(chain) > 1 and community_level([each.name for each in chain]) == len(chain) - 1:
        leaf_m2, households = leaf_m2 * _BELOW, households * _BELOW
    width_m = sqrt(counts[-1] * leaf_m2 * _WIDER)
    return Plan(
        title=f"示例{chain[0].title_zh}（虚构数据）",
        levels=_levels(chain, counts),
        land=Land(
            width_m=width_m,
            height_m=width_m / _WIDER,
            block_m2=_CELL_BLOCK_M2 if is_cell else _BLOCK_M2,
            notches=1,
        ),
        origin=_ORIGIN,
        prefix=_prefix(chain[0].name, scale),
        first=1 if chain[0].name in {"street", "community"} else scale.first,
        households=scale.households or counts[-1] * households,
    )


def _counts(chain: Sequence[Layer], scale: _Scale) -> list[int]:
    """Return how many areas each level has, root first."""
    steps = [1, *(_BELOW_ROOT if i == 0 else _BELOW for i in range(len(chain) - 1))]
    if len(chain) == 1:
        steps = [_ONE_LEVEL]
    usual = [prod(steps[: i + 1]) for i in range(len(chain))]
    return [scale.counts.get(each.name, n) for each, n in zip(chain, usual, strict=True)]


def _prefix(root: str, scale: _Scale) -> str:
    """Return what codes begin with, so that streets have 9 digits and communities 12."""
    before = {"street": f"999{scale.first:03d}", "community": f"999{scale.first:03d}001"}
    return before.get(root, "999")


def _levels(chain: Sequence[Layer], counts: Sequence[int]) -> tuple[Level, ...]:
    names = [layer.name for layer in chain]
    home = community_level(names)
    return tuple(
        Level(
            layer.name,
            counts[i],
            _coded_under(names, i),
            2 if "street" in names[:i] and "community" in names[i + 1 :] else 3,
            *_called(chain, counts, i, home),
        )
        for i, layer in enumerate(chain)
    )


def _coded_under(names: Sequence[str], i: int) -> str | None:
    """Return the level whose code a level's continues: of communities that of streets."""
    if i == 0:
        return None
    return "street" if names[i] == "community" and "street" in names[:i] else names[i - 1]


def _called(
    chain: Sequence[Layer], counts: Sequence[int], i: int, home: int
) -> tuple[str, str, str | None]:
    """Return the name of a level's areas, where its fresh words come from and where they differ."""
    title, root = chain[i].title_zh, chain[0].name if i else None
    if counts[i] == 1:
        return f"示例{title}", "", None
    if i > home:
        return f"{{stem}}第{{number}}{title}", "", None
    if i == home:
        return f"{{stem}}{title}", "places", root
    if list(counts[:i]) in ([], [1]):
        return f"示例{{stem}}{title}", "words", root
    return f"{{above}}第{{ordinal}}{title}", "", None


def _twins(layers: Layers, chain: Sequence[Layer], others: Sequence[Layer]) -> tuple[Twin, ...]:
    """Return the layers of further families, each on the level that is as deep as it."""
    levels = {layer.name: i for i, layer in enumerate(chain)}
    marks = _marks(others)
    found_twins: dict[str, Twin] = {}
    for layer in others:
        if layer.is_overlay:
            continue
        depth = len(layers.chain(layer.name)) - 1
        level = chain[min(max(depth, 0 if layer.parent else 1), len(chain) - 1)]
        above = found_twins.get(layer.parent or "")
        found_twins[layer.name] = Twin(
            layer=layer.name,
            of=level.name,
            title=layer.title_zh,
            title_of=level.title_zh,
            mark=marks[layer.name],
            parent=layer.parent,
            parent_of=above.of if above else layer.parent if layer.parent in levels else None,
            parent_mark=above.mark if above else "",
        )
    return tuple(found_twins.values())


def _overlays(others: Sequence[Layer], scale: _Scale, plan: Plan) -> tuple[Overlay, ...]:
    usual = max(plan.households // _ESTATE_HOUSEHOLDS, 2)
    marks = _marks(others)
    return tuple(
        Overlay(
            layer=layer.name,
            count=scale.counts.get(layer.name, usual),
            title=layer.title_zh,
            mark=marks[layer.name],
            is_line=layer.geometry == "line",
        )
        for layer in others
        if layer.is_overlay
    )


def _marks(others: Sequence[Layer]) -> dict[str, str]:
    """Return a letter for each layer beside the levels, the first of its name that is free."""
    marks: dict[str, str] = {}
    for number, layer in enumerate(others, 1):
        letters = [each.upper() for each in layer.name if "a" <= each <= "z"]
        free = (each for each in letters if each not in marks.values())
        marks[layer.name] = next(free, f"Z{number}")
    return marks


def _leveled(city: City, figures: Sequence[FigureWord], plan: Plan, seed: int) -> list[Figure]:
    """Return a level of each figure that has levels, for every overlay area by chance."""
    rng = np.random.default_rng([seed, 4])
    overlays = [each.layer for each in plan.overlays if not each.is_line] or [city.leaf_layer]
    found_figures = []
    for figure in figures:
        for layer in overlays if figure.levels else ():
            codes, words = city.areas[layer].codes, figure.levels
            weights = np.resize(_LEVEL_WEIGHTS, len(words))
            drawn = rng.choice(len(words), size=len(codes), p=weights / weights.sum()).tolist()
            found_figures += [
                Figure(layer, code, figure.name, words[i].name, plan.valid_from, plan.source)
                for code, i in zip(codes, drawn, strict=True)
            ]
    return found_figures
