"""What is wrong with a coverage, at a place a person can go to."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import shapely

from geo_service.errors import NO_TITLES, LayerTitles, titled_layer

_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "invalid_geometry": (
        "{layer} {codes} 的图形无效：{reason}",
        "{layer} {codes}: invalid geometry: {reason}",
    ),
    "empty_geometry": ("{layer} {codes} 没有图形", "{layer} {codes} has no geometry"),
    "wrong_kind": (
        "{layer} {codes} 的图形类型不对：{reason}",
        "{layer} {codes} has the wrong kind of geometry: {reason}",
    ),
    "missing_parent": (
        "{layer} {codes} 的上级不存在：{reason}",
        "the parent of {layer} {codes} does not exist: {reason}",
    ),
    "duplicate_geometry": (
        "{layer} {codes} 是同一块地（{area}）",
        "{layer} {codes} are the same ground ({area})",
    ),
    "overlap": (
        "{layer} {codes} 互相重叠 {area}{width}",
        "{layer} {codes} overlap by {area}{width}",
    ),
    "gap": (
        "{layer} 在上级 {codes} 内有空隙 {area}{width}",
        "{layer} leaves a gap of {area}{width} in its parent {codes}",
    ),
    "hole": (
        "{layer} 内部有空洞 {area}{width}，四周是 {codes}",
        "{layer} has a hole of {area}{width} between {codes}",
    ),
    "outside_parent": (
        "{layer} {codes} 超出上级 {area}{width}",
        "{layer} {codes} (area, parent): {area}{width} lies outside the parent",
    ),
    "unmatched_node": (
        "{layer} {codes} 的共用边界有 {count} 个节点没有对齐",
        "{layer} {codes}: {count} nodes of the shared border are not matched",
    ),
    "disconnected": (
        "{layer} {codes} 分成 {count} 块，共 {area}",
        "{layer} {codes} lies in {count} parts, {area} in all",
    ),
    "sliver": (
        "{layer} {codes} 有一块狭长地 {area}{width}",
        "{layer} {codes} has a sliver of {area}{width}",
    ),
    "too_small": (
        "{layer} {codes} 的 {measure} 为 {amount}，少于通常的 {least}",
        "{layer} {codes} has {measure} {amount}, less than the usual {least}",
    ),
    "too_large": (
        "{layer} {codes} 的 {measure} 为 {amount}，多于通常的 {most}",
        "{layer} {codes} has {measure} {amount}, more than the usual {most}",
    ),
    "building_outside": (
        "楼栋 {names} 不在清单所列的区域内：{layer} {codes}（清单所列、实际所在）",
        "building {names} does not stand where its list says: {layer} {codes} (listed, found)",
    ),
    "building_cut": (
        "楼栋 {names} 被边界切开：{layer} {shares}",
        "building {names} is cut by a border: {layer} {shares}",
    ),
    "building_unknown": (
        "{layer} {codes} 清单中的楼栋“{reason}”查无此楼，或不止一栋",
        "{layer} {codes} lists building '{reason}', of which there is none, or several",
    ),
    "building_unlisted": (
        "楼栋 {names} 在 {layer} {codes} 内，却不在任何清单上",
        "building {names} stands in {layer} {codes} and is on no list",
    ),
}

KINDS: Final = tuple(_SENTENCES)
QUESTIONS: Final = frozenset(
    {
        "too_small",
        "too_large",
        "building_outside",
        "building_cut",
        "building_unknown",
        "building_unlisted",
    }
)
"""Kinds that ask whether something is meant so: they are no faults, and refuse nothing."""

_LARGEST_DEGREES = 180
_SMALLEST_SHOWN = 0.001


@dataclass(frozen=True)
class Defect:
    """One thing wrong at one place, in the frame of the input.

    ``codes`` are the areas concerned: two siblings (``overlap``, ``duplicate_geometry``); the
    parent alone (``gap``: the parent is not covered by its children); the areas around (``hole``);
    area, then parent (``outside_parent``); the two owners of the border (``unmatched_node``, the
    second may be the parent); the area alone otherwise. ``x``, ``y`` lie inside the largest piece;
    None where the area has no coordinates. ``width_m`` is the diameter of the largest circle
    inside. ``count`` is the number of nodes, or of pieces that were put together. ``amount`` is how
    much of the measure in ``reason`` the area has, ``usual`` the least and the most it usually has,
    ``titles`` what the measure is called in Chinese and in English. ``buildings`` are those
    concerned: they stand elsewhere than listed, ``codes`` being the listed area and, if they stand
    in one, that; or one is cut, ``codes`` being the areas with ``shares`` of its footprint, the
    largest first; or one is a word on the list of the area, or on no list and stands in it.
    """

    kind: str
    layer: str
    codes: tuple[str, ...]
    x: float | None = None
    y: float | None = None
    area_m2: float | None = None
    width_m: float | None = None
    reason: str = ""
    geometry: shapely.Geometry | None = None
    count: int = 1
    amount: float | None = None
    usual: tuple[float, float] | None = None
    titles: tuple[str, str] | None = None
    buildings: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()

    def text(self, language: str = "zh", layers: LayerTitles = NO_TITLES) -> str:
        """Return one sentence in ``zh`` or ``en``, with codes, size and place.

        The layer stands by its title where ``layers`` has one.
        """
        is_english = language == "en"
        sentence = _SENTENCES[self.kind][is_english].format(
            layer=titled_layer(self.layer, language, layers),
            codes=_joined(self._shown_codes(), " and " if is_english else "、"),
            area=area_text(self.area_m2),
            width=self._width_text(is_english),
            reason=self.reason,
            measure=self.titles[is_english] if self.titles else self.reason,
            names=_joined(tuple(map(shown_name, self.buildings)), ", " if is_english else "、"),
            shares=_joined(self._share_texts(), " and " if is_english else "、"),
            count=self.count,
            amount=_amount_text(self.amount),
            least=_amount_text(self.usual and self.usual[0]),
            most=_amount_text(self.usual and self.usual[1]),
        )
        return sentence + self._place_text(is_english)

    def _shown_codes(self) -> tuple[str, ...]:
        is_nowhere = self.kind == "building_outside" and len(self.codes) == 1
        return (*self.codes, "—") if is_nowhere else self.codes

    def _share_texts(self) -> tuple[str, ...]:
        every = zip(self.codes, self.shares, strict=False)
        return tuple(f"{code} {share:.0%}" for code, share in every)

    def _width_text(self, is_english: bool) -> str:
        if self.width_m is None:
            return ""
        width = length_text(self.width_m)
        return f" (up to {width} wide)" if is_english else f"（最宽 {width}）"

    def _place_text(self, is_english: bool) -> str:
        if self.x is None or self.y is None:
            return ""
        # Degrees to a decimetre, metres to a centimetre.
        decimals = 6 if abs(self.x) <= _LARGEST_DEGREES else 2
        place = f"{self.x:.{decimals}f}, {self.y:.{decimals}f}"
        return f", at {place}" if is_english else f"，位置 {place}"


def area_text(area_m2: float | None) -> str:
    """Return an area for reading: three digits and the unit; a dash where it is not known."""
    return "—" if area_m2 is None else f"{_digits(area_m2)} m²"


def length_text(length_m: float) -> str:
    """Return a length for reading: three digits and the unit."""
    return f"{_digits(length_m)} m"


def shown_name(building: str) -> str:
    """Return a building's name as people know it, without the place that tells it from others."""
    name, _, _ = building.rpartition("@")
    return name or building


def _amount_text(amount: float | None) -> str:
    return "—" if amount is None else f"{amount:,.0f}"


def _digits(value: float) -> str:
    if value == 0:
        return "0"
    if abs(value) < _SMALLEST_SHOWN:
        return f"<{_SMALLEST_SHOWN}"
    decimals = max(0, min(3, 2 - math.floor(math.log10(abs(value)))))
    return f"{value:,.{decimals}f}"


def _joined(codes: tuple[str, ...], between: str, most: int = 6) -> str:
    shown = between.join(codes[:most])
    return shown if len(codes) <= most else f"{shown} … ({len(codes)})"
