"""A rate with what it is made of, and a printed figure beside the computed one."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from geo_service.errors import InvalidValue
from geo_service.governance.organisations.ratio import percent_text
from geo_service.governance.rates.rules import WHOLE

_PERCENT = 100


@dataclass(frozen=True)
class Rate:
    """``numerator`` thousandths of issues out of ``denominator`` issues.

    A denominator of 0 has no share: neither 0 % nor 100 %.
    """

    numerator: int
    denominator: int

    @classmethod
    def of(cls, issues: int, denominator: int) -> "Rate":
        """Return the rate of whole issues."""
        return cls(issues * WHOLE, denominator)

    @property
    def exact(self) -> Fraction | None:
        """The share; None where the denominator is 0."""
        return Fraction(self.numerator, self.denominator * WHOLE) if self.denominator else None

    @property
    def share(self) -> float | None:
        """The share, unrounded; None where the denominator is 0."""
        return None if self.exact is None else float(self.exact)

    @property
    def percent_text(self) -> str | None:
        """The share in per cent with two decimals, halves rounded up; None without one."""
        return None if self.exact is None else percent_text(self.exact)

    @property
    def numerator_text(self) -> str:
        """The numerator in issues, without zeros that say nothing."""
        return f"{Decimal(self.numerator) / WHOLE:f}"


@dataclass(frozen=True)
class PrintedFigure:
    """A share that somebody printed, kept beside the computed one; neither replaces the other."""

    printed: str
    computed: Rate

    @property
    def agrees(self) -> bool | None:
        """Whether the computed share rounds to the printed one; None without a computed one."""
        exact = self.computed.exact
        if exact is None:
            return None
        printed = _number(self.printed)
        half: Fraction = Fraction(1, 2) / 10 ** max(-int(printed.as_tuple().exponent), 0)
        return bool(abs(_PERCENT * exact - Fraction(printed)) <= half)


def printed_figure(printed: str, computed: Rate) -> PrintedFigure:
    """Return a printed share in per cent (``34.5``) beside the computed one.

    Raises
    ------
    InvalidValue
        It is no number from 0 to 100.
    """
    number = _number(printed)
    if not 0 <= number <= _PERCENT:
        raise _no_share()
    return PrintedFigure(printed, computed)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise _no_share() from error
    if not number.is_finite():
        raise _no_share()
    return number


def _no_share() -> InvalidValue:
    return InvalidValue("printed", "0 到 100 的百分数，如 34.5", "per cent from 0 to 100, as 34.5")
