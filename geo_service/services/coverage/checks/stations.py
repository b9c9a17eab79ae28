"""Who runs the sites of each kind, and who registered at them (双报到)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from geo_service.governance.organisations.ratio import DatedCount, Ratio, ratio
from geo_service.governance.organisations.register import Entry
from geo_service.governance.organisations.rules import CoverageLimits
from geo_service.governance.organisations.suppression import is_telling, told_totals
from geo_service.services.organisations.cells import small_counts

_TOLD = {
    "leaders": ("has_member_leader",),
    "staff": ("staff", "staff_members"),
    "registered_units": ("registered_units",),
    "registered_members": ("registered_members",),
}


@dataclass(frozen=True)
class StationIndicators:
    """The sites of one kind; shares are of those that tell both of their counts.

    ``staff_members`` is None, and ``registered_members`` told as bounds, where the exact one, less
    what is listed, would tell a small count of one site. Totals of units and members are
    ``≥185`` where some sites tell none, and None where all do. ``untold`` says how many sites are
    silent about leaders, staff, registered units and members, where any of the kind tells them.
    """

    kind: str
    count: int
    member_leaders: Ratio
    staff_members: Ratio | None
    registered_units: int | str | None
    registered_members: int | str | None
    untold: Mapping[str, int] = field(default_factory=dict)


def station_indicators(
    sites: Sequence[Entry], limits: CoverageLimits, day: date
) -> list[StationIndicators]:
    """Return the indicators of every kind of site that there is, by kind."""
    by_kind: dict[str, list[Entry]] = {}
    for entry in sites:
        by_kind.setdefault(entry.kind, []).append(entry)
    return [_indicators(kind, by_kind[kind], limits, day) for kind in sorted(by_kind)]


def _indicators(
    kind: str, sites: Sequence[Entry], limits: CoverageLimits, day: date
) -> StationIndicators:
    def share(part: int, whole: int) -> Ratio:
        return ratio(DatedCount(part, day), DatedCount(whole, day))

    led = _told(sites, "has_member_leader")
    counted = [each for each in sites if _tells(each, "staff", "staff_members")]
    members, staff = (_persons(counted, field, limits) for field in ("staff_members", "staff"))
    return StationIndicators(
        kind=kind,
        count=len(sites),
        member_leaders=share(sum(led), len(led)),
        staff_members=share(members or 0, staff or 0)
        if not isinstance(members, str) and not isinstance(staff, str)
        else None,
        registered_units=_total(sites, "registered_units"),
        registered_members=_persons(sites, "registered_members", limits),
        untold={
            name: sum(not _tells(each, *fields) for each in sites)
            for name, fields in _TOLD.items()
            if any(_tells(each, *fields) for each in sites)
        },
    )


def _tells(entry: Entry, *fields: str) -> bool:
    return all(field in entry.details for field in fields)


def _told(sites: Sequence[Entry], field: str) -> list[Any]:
    return [entry.details[field] for entry in sites if field in entry.details]


def _total(sites: Sequence[Entry], field: str) -> int | str | None:
    told = _told(sites, field)
    if not told:
        return None
    return sum(told) if len(told) == len(sites) else f"≥{sum(told)}"


def _persons(sites: Sequence[Entry], field: str, limits: CoverageLimits) -> int | str | None:
    """Return the total of a field; its bounds where it would tell what the register does not."""
    small = small_counts(field, limits)
    counts = np.array(_told(sites, field), dtype=np.int64)
    if not is_telling(counts, small=small):
        return _total(sites, field)
    silent = np.array([len(counts) < len(sites)])
    at = np.zeros(len(counts), dtype=np.int64)
    return told_totals(counts, at, 1, small=small, is_partial=silent).told(0)
