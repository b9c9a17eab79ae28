"""Coverage of two days side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from geo_service.governance.organisations.coverage import AreaState
from geo_service.governance.organisations.suppression import ToldTotals
from geo_service.layers.edition import EditionChoice
from geo_service.services.callers import Caller
from geo_service.services.coverage.layer_coverage import (
    CoverageQuery,
    CoverageService,
    LayerCoverage,
)


@dataclass(frozen=True)
class CoverageChange:
    """One area whose state changed; None where it was not there.

    ``members_difference`` is ``*`` where too few persons came or went, or a day's are not told, and
    None where a part of either count is unknown.
    """

    code: str
    name: str
    before: AreaState | None
    after: AreaState | None
    members_difference: int | str | None


@dataclass(frozen=True)
class CoverageChanges:
    """Two days, each with its own shares, and the areas that changed, by code."""

    before: LayerCoverage
    after: LayerCoverage
    changes: Sequence[CoverageChange]


class CoverageChangeService:
    """What changed between two days."""

    def __init__(self, coverage: CoverageService) -> None:
        self._coverage = coverage

    def changes(
        self, caller: Caller, layer: str, before: EditionChoice, after: EditionChoice
    ) -> CoverageChanges:
        """Return both days; an area of one edition alone is a change.

        Raises
        ------
        UnknownLayer, LayerWithoutLadder, EditionNotFound
            As for each of the days alone.
        """
        old = self._coverage.coverage(caller, CoverageQuery(layer, before))
        new = self._coverage.coverage(caller, CoverageQuery(layer, after))
        codes = sorted({*old.areas.codes, *new.areas.codes})
        changes = [_change(old, new, code) for code in codes]
        return CoverageChanges(old, new, [each for each in changes if each.before != each.after])


def _change(old: LayerCoverage, new: LayerCoverage, code: str) -> CoverageChange:
    first, second = old.areas.position_by_code.get(code), new.areas.position_by_code.get(code)
    name = old.areas.names[first] if first is not None else ""
    return CoverageChange(
        code,
        new.areas.names[second] if second is not None else name,
        _state(old, first),
        _state(new, second),
        members_difference((old.members, first), (new.members, second)),
    )


def _state(found: LayerCoverage, position: int | None) -> AreaState | None:
    return None if position is None else AreaState(int(found.area_coverage.state[position]))


def members_difference(*days: tuple[ToldTotals, int | None]) -> int | str | None:
    """Return how many persons more there are; few that came or went are not told either.

    Of a day's totals and the place in them, None where the area is not there, the former first.
    """
    if any(at is not None and members.is_partial[at] for members, at in days):
        return None
    told = [0 if at is None else members.told(at) for members, at in days]
    counts = [each for each in told if isinstance(each, int)]
    if len(counts) < len(told):
        return "*"
    difference = counts[1] - counts[0]
    return "*" if 0 < abs(difference) <= days[1][0].small.highest else difference
