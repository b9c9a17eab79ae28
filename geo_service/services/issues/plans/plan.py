"""What reports make of what is stored, as values: stored by intake, or only shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from geo_service.governance.issue import RowError
from geo_service.services.addresses.matching import PlaceMatch
from geo_service.services.issues.assignments import Decided
from geo_service.services.issues.grounds import Ground
from geo_service.services.issues.told import Change, Placed, Stood

ADDED, UPDATED, UNCHANGED, CONFLICT = "added", "updated", "unchanged", "conflict"


class Left(NamedTuple):
    """What stands of an issue after reports that were only looked at; no id where it is new."""

    issue_id: int | None
    content_hash: str
    stood: Stood


class Planned(NamedTuple):
    """What becomes of one report: added, updated, unchanged or conflict, of which case.

    ``place`` tells why its address means one place or none, where it was looked up.
    """

    kind: str
    case: int
    changed_fields: tuple[str, ...] = ()
    place: str | None = None


@dataclass(frozen=True, eq=False)
class Additions:
    """The first reports of new issues, their points and grounds; ``matches`` by position."""

    cases: Sequence[int]
    batch: Placed
    matches: Mapping[int, PlaceMatch]
    grounds: Sequence[Ground]


@dataclass(frozen=True, eq=False)
class Changes:
    """Reports that change issues, by case, each list in its order.

    ``stood`` is what each was compared with; ``matches`` is what addresses are found to mean,
    ``forgotten`` whose place was found by an address or set by hand and is another one now.
    ``relocated`` get an owner anew, by the position of the report that says so, on ``grounds``;
    ``recategorized`` are closed ones that another overlay may take. ``elsewhere`` are those whose
    place is another one, and ``decided`` is what persons said of the relocated ones.
    """

    placed: Placed
    by_case: Mapping[int, Sequence[Change]]
    stood: Mapping[int, Stood]
    matches: Mapping[int, PlaceMatch]
    forgotten: Sequence[int]
    relocated: Mapping[int, int]
    recategorized: Mapping[int, int]
    grounds: Sequence[Ground]
    elsewhere: Collection[int]
    decided: Decided


@dataclass(frozen=True, eq=False)
class IntakePlan:
    """All of it. A case is one natural key among the reports.

    ``ids`` are the stored issues by case, None where it is new; ``results`` are in the order of the
    reports.
    """

    ids: Sequence[int | None]
    added: Additions
    changed: Changes
    results: Sequence[Planned | RowError]
