"""What can be wrong with what is counted: registers, periods, ratios, signed sheets."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from geo_service.errors.error import Conflict, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class EntryNotFound(NotFound):
    """No such organisation, unit, facility, asset or liaison on that day."""

    register: str
    code: str
    zh = "台账 {register} 在所问日期没有编码为 {code} 的条目"
    en = "the register {register} has no entry {code} on the day asked for"


@dataclass(eq=False)
class LayerWithoutLadder(InvalidInput):
    """Coverage of a layer for which the profile names no bodies."""

    layer: str
    known: "Sequence[str]"
    asks_for_a_key: ClassVar[bool] = True
    zh = "配置没有写明图层 {layer} 由哪类党组织对应（bodies），不能计算覆盖；已写明的有：{known}"
    en = "the profile names no bodies for the layer {layer}, so it has no coverage; layers with bodies: {known}"


@dataclass(eq=False)
class MixedDates(InvalidInput):
    """A ratio of two counts of different days that nobody asked for."""

    numerator: int
    numerator_day: str
    denominator: int
    denominator_day: str
    zh = "分子 {numerator}（{numerator_day}）与分母 {denominator}（{denominator_day}）不是同一天的数，不能相除；确需如此请明确注明"
    en = "the numerator {numerator} ({numerator_day}) and the denominator {denominator} ({denominator_day}) are of different days: no ratio, unless asked for explicitly"


@dataclass(eq=False)
class InvalidPeriod(InvalidInput):
    """A period that ends before it starts, or cannot be read."""

    value: str
    reason_zh: str
    reason_en: str
    zh = "统计时段 {value} 无效：{reason_zh}"
    en = "invalid period {value}: {reason_en}"


@dataclass(eq=False)
class SheetNotFound(NotFound):
    """No sheet was signed under this number."""

    number: int
    zh = "没有第 {number} 号签发表"
    en = "no sheet was signed under number {number}"


@dataclass(eq=False)
class SheetUnchanged(Conflict):
    """A correction that would say what the signed sheet says."""

    number: int
    zh = "本期已签发第 {number} 号，数字没有变化，不必更正"
    en = "sheet {number} of this period was signed, and no figure has changed since"
