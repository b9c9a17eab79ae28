"""Ratios that keep their counts and the day of each, and refuse to mix days unasked."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from geo_service.errors import MixedDates

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class DatedCount:
    """How many there were on a day."""

    value: int
    day: date


@dataclass(frozen=True)
class Ratio:
    """A share with everything it rests on; made by ``ratio``.

    A denominator of 0 has no share: neither 0 % nor 100 %.
    """

    numerator: DatedCount
    denominator: DatedCount

    @property
    def share(self) -> float | None:
        """The share, unrounded; None where the denominator is 0."""
        exact = self._exact
        return None if exact is None else float(exact)

    @property
    def percent_text(self) -> str | None:
        """The share in per cent with two decimals, halves rounded up; None without one."""
        exact = self._exact
        return None if exact is None else percent_text(exact)

    def reaches(self, percent: float) -> bool | None:
        """Tell whether the unrounded share is at least so many per cent; None without a share."""
        exact = self._exact
        return None if exact is None else 100 * exact >= Fraction(str(percent))

    @property
    def _exact(self) -> Fraction | None:
        if self.denominator.value == 0:
            return None
        return Fraction(self.numerator.value, self.denominator.value)


def percent_text(share: Fraction) -> str:
    """Return a share in per cent with two decimals, halves rounded up."""
    # rounded from the whole numbers: a float of 89.955 may lie on either side of it
    percent = 100 * Decimal(share.numerator) / share.denominator
    return str(percent.quantize(_CENT, ROUND_HALF_UP))


def ratio(numerator: DatedCount, denominator: DatedCount, *, across_days: bool = False) -> Ratio:
    """Return a ratio of two counts of one day.

    Raises
    ------
    MixedDates
        They are of different days, and that was not asked for (``across_days``).
    """
    if numerator.day != denominator.day and not across_days:
        raise MixedDates(
            numerator=numerator.value,
            numerator_day=numerator.day.isoformat(),
            denominator=denominator.value,
            denominator_day=denominator.day.isoformat(),
        )
    return Ratio(numerator, denominator)
