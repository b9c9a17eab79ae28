"""Written border agreements: whose the ground along a common border is, and by which document."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.edition import IN_FORCE, EditionChoice

MOST_WITHIN_M = 100.0
"""Half of the widest road; an agreement is about a border, not about an area."""

_STANDING_KEPT = 256


@dataclass(frozen=True)
class Agreement:
    """What two neighbors agreed on: within so many meters of their border the ground is one's.

    ``first_code`` and ``second_code`` are areas of ``layer``, ``owner_code`` is one of them.
    ``stretch``, a (Multi)LineString in EPSG:4490 degrees, limits it to a piece of the border. Times
    are seconds since 1970 UTC, ``effective_to_s`` is the first moment after it.
    """

    number: int
    layer: str
    first_code: str
    second_code: str
    owner_code: str
    within_m: float
    document: str
    wording: str
    effective_from_s: int
    recorded_at_s: int
    effective_to_s: int | None = None
    withdrawn_at_s: int | None = None
    stretch: shapely.Geometry | None = None

    def stands(self, *, as_of_s: float, known_at_s: float) -> bool:
        """Return whether it applies at a moment, by what was known at another; half-open both."""
        return (
            self.recorded_at_s <= known_at_s
            and (self.withdrawn_at_s is None or known_at_s < self.withdrawn_at_s)
            and self.effective_from_s <= as_of_s
            and (self.effective_to_s is None or as_of_s < self.effective_to_s)
        )

    @property
    def terms(self) -> Hashable:
        """What it says, whenever it was recorded: equal for two that say the same."""
        since_s = None if self.effective_from_s == self.recorded_at_s else self.effective_from_s
        return (
            self.layer,
            frozenset((self.first_code, self.second_code)),
            (self.owner_code, self.within_m, self.document, self.wording),
            (since_s, self.effective_to_s),
            None if self.stretch is None else shapely.to_wkb(self.stretch),
        )


Standing = tuple[Agreement, ...]
"""The agreements that stand together at one moment, by number."""


class AgreementBook:
    """Every agreement ever recorded; which of them stand at a moment is found without a search."""

    def __init__(self, agreements: Iterable[Agreement] = ()) -> None:
        self.agreements = tuple(sorted(agreements, key=lambda each: each.number))
        self._effects = _moments((a.effective_from_s, a.effective_to_s) for a in self.agreements)
        self._records = _moments((a.recorded_at_s, a.withdrawn_at_s) for a in self.agreements)
        self._standing: dict[tuple[int, int], Standing] = {}

    def standing(self, choice: EditionChoice = IN_FORCE, *, now_s: float) -> Standing:
        """Return the agreements that stand, chosen by the same two moments as an edition."""
        if not self.agreements:
            return ()
        as_of_s = now_s if choice.as_of_s is None else choice.as_of_s
        known_at_s = now_s if choice.known_at_s is None else choice.known_at_s
        key = bisect_right(self._effects, as_of_s), bisect_right(self._records, known_at_s)
        found = self._standing.get(key)
        if found is None:
            found = tuple(
                each
                for each in self.agreements
                if each.stands(as_of_s=as_of_s, known_at_s=known_at_s)
            )
            if len(self._standing) >= _STANDING_KEPT:
                self._standing.clear()
            self._standing[key] = found
        return found

    def periods(self, moments_s: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return a number for each moment: the same where the same agreements apply.

        Parameters
        ----------
        moments_s
            Seconds since 1970 UTC, shape ``(n,)``.
        """
        effects = np.array(self._effects, dtype=np.int64)
        return np.searchsorted(effects, moments_s, side="right")


def _moments(pairs: Iterable[tuple[int, int | None]]) -> list[int]:
    return sorted({moment for pair in pairs for moment in pair if moment is not None})
