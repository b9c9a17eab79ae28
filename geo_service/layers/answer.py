"""The reasoned answer to "whose is this point": the chain, the rule and one sentence."""

from dataclasses import dataclass

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.assignment import BOUNDARY, NEAREST, UNASSIGNED, Assignments
from geo_service.layers.layer import Layer
from geo_service.layers.locator import Locator


@dataclass(frozen=True)
class ChainLink:
    """One layer of the chain; ``code`` is None where no area of that layer owns the point."""

    layer: str
    code: str | None
    name: str | None


@dataclass(frozen=True)
class Answer:
    """What is said of one point in one family; the chain goes from the root to the leaf."""

    family: str
    rule: str
    chain: tuple[ChainLink, ...]
    distance_m: float | None
    metric_frame: str | None
    reason_zh: str
    reason_en: str


def answers(locator: Locator, assigned: Assignments, *, lon: Floats, lat: Floats) -> list[Answer]:
    """Return the reasoned answer for each point of ``assigned``, which was made from them."""
    chain = locator.layers.families[assigned.family]
    positions = locator.positions_at(assigned.family, assigned.owners)
    found = []
    for i, rule in enumerate(assigned.rules.tolist()):
        links = tuple(
            _link(locator, layer, int(at[i])) for layer, at in zip(chain, positions, strict=True)
        )
        deciding = chain[int(assigned.owners.level[i])]
        is_near = rule == NEAREST
        distance_m = float(assigned.distance_m[i]) if is_near else None
        reason = _reason(
            rule,
            deciding,
            next((link for link in links if link.layer == deciding.name and link.code), None),
            distance_m=distance_m,
            codes=_codes_at(locator, deciding, lon[i], lat[i]) if rule == BOUNDARY else [],
            has_place=bool(np.isfinite(lon[i]) and np.isfinite(lat[i])),
        )
        metric_frame = str(assigned.metric_frames[i]) if is_near else None
        found.append(Answer(assigned.family, rule, links, distance_m, metric_frame, *reason))
    return found


def _link(locator: Locator, layer: Layer, position: int) -> ChainLink:
    if position < 0:
        return ChainLink(layer.name, None, None)
    areas = locator.areas(layer.name)
    return ChainLink(layer.name, areas.codes[position], areas.names[position])


def _codes_at(locator: Locator, layer: Layer, lon: float, lat: float) -> list[str]:
    _, positions = locator.covering(layer.name, lon=np.array([lon]), lat=np.array([lat]))
    return [locator.areas(layer.name).codes[position] for position in positions]


def _reason(
    rule: str,
    deciding: Layer,
    owner: ChainLink | None,
    *,
    distance_m: float | None,
    codes: list[str],
    has_place: bool,
) -> tuple[str, str]:
    if rule == UNASSIGNED or owner is None:
        return _reason_for_none(deciding, has_place=has_place)
    zh = f"{deciding.title_zh}{owner.name}（{owner.code}）"
    en = f"{deciding.title_en} {owner.name} ({owner.code})"
    if rule == NEAREST:
        return (
            f"点在所有区域之外，离最近的{zh} {distance_m:.1f} 米，就近归入",
            f"outside every area, {distance_m:.1f} m from the nearest: {en}",
        )
    if rule == BOUNDARY:
        return (
            f"点正好在 {'、'.join(codes)} 的公共边界上，暂归编码最小的{zh}（系统暂定·待裁定）",
            f"exactly on the border of {', '.join(codes)}; provisionally the lowest code: {en}",
        )
    return f"点在{zh}之内", f"inside {en}"


def _reason_for_none(deciding: Layer, *, has_place: bool) -> tuple[str, str]:
    if not has_place:
        return "没有坐标，无法落格", "no coordinates, so no owner"
    return (
        f"点不在任何区域内，{deciding.nearest_m:g} 米以内也没有区域",
        f"no area covers the point, and none lies within {deciding.nearest_m:g} m",
    )
