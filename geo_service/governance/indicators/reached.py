"""An indicator beside its target: what it came to, and whether that is what is aimed at."""

from dataclasses import dataclass
from fractions import Fraction

from geo_service.governance.indicators.indicator import COUNT, HOURS, LOWER, PER_1000, Indicator
from geo_service.governance.organisations.ratio import percent_text

_TIMES = {HOURS: 1, COUNT: 1, PER_1000: 1000}
_PERCENT = 100
_SIGNS = {HOURS: {"zh": " 小时", "en": " h"}, PER_1000: {"zh": "‰", "en": "‰"}}


@dataclass(frozen=True)
class Reached:
    """What an indicator came to; ``share`` is unrounded, in the units that it was divided in.

    ``share`` is None where nothing was there to divide by, or where this is not counted here
    (``is_counted``). ``target`` is in the indicator's unit, None where nobody sets one.
    """

    indicator: Indicator
    share: Fraction | None
    target: float | None
    is_counted: bool = True

    @property
    def value(self) -> Fraction | None:
        """The value in the indicator's unit, unrounded: per cent, hours, a count, per 1,000."""
        times = _TIMES.get(self.indicator.unit, _PERCENT)
        return None if self.share is None else self.share * times

    @property
    def is_met(self) -> bool | None:
        """Whether the unrounded value is what is aimed at; None without a value or a target.

        600 of 667 print as 89.96 % and miss 90 %, and 89.996 % prints as 90.00 % and misses it.
        """
        if self.value is None or self.target is None:
            return None
        aimed = Fraction(str(self.target))
        return self.value <= aimed if self.indicator.better == LOWER else self.value >= aimed

    @property
    def value_text(self) -> str | None:
        """The value with two decimals, halves rounded up; None without one."""
        return None if self.value is None else percent_text(self.value / _PERCENT)

    def target_text(self, language: str) -> str:
        """Return what is aimed at, as ≥ 90% or ≤ 48 小时; a dash where nobody sets anything."""
        if self.target is None:
            return "—"
        sign = "≤" if self.indicator.better == LOWER else "≥"
        return f"{sign} {self.target:g}{self.unit_text(language)}"

    def unit_text(self, language: str) -> str:
        """Return what stands behind a value: %, 小时, ‰, or nothing behind a count."""
        if self.indicator.unit == COUNT:
            return ""
        return _SIGNS.get(self.indicator.unit, {}).get(language, "%")

    def verdict(self, language: str) -> str:
        """Return whether it is met in words; a dash where that cannot be said."""
        words = {True: ("达到", "met"), False: ("未达到", "missed"), None: ("—", "—")}
        return words[self.is_met][language == "en"]
