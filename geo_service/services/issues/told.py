"""What is told of issues, as intake works on it: reports with their places, and what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from geo_service.governance.event import TOLD_BY_SOURCE, life_told
from geo_service.governance.issue import IssueReport, content_hash
from geo_service.governance.moment import iso_text
from geo_service.governance.privacy.erasure import without_private
from geo_service.layers.area import Floats
from geo_service.services.callers import Caller
from geo_service.services.issues.prepared import PreparedReport
from geo_service.storage import issues, standings
from geo_service.storage.databases import Transaction
from geo_service.storage.issues import IssueRow

COLUMNS = IssueRow._fields[: IssueRow._fields.index("content_hash")]
"""What a report and its row both hold."""


class Told(NamedTuple):
    """One report with who told it, and whether it may change what is stored."""

    prepared: PreparedReport
    caller: Caller
    is_updating: bool

    @property
    def report(self) -> IssueReport:
        """What was told."""
        return self.prepared.report


@dataclass(frozen=True, eq=False)
class Placed:
    """Reports with their normalised places (degrees, EPSG:4490; NaN without coordinates)."""

    told: Sequence[Told]
    reports: Sequence[IssueReport]
    hashes: Sequence[str]
    lon: Floats
    lat: Floats

    @property
    def accuracy_m(self) -> Floats:
        """The radii of their circles, NaN where none was given."""
        return np.array([report.accuracy_m for report in self.reports], dtype=np.float64)

    def take(self, positions: Sequence[int]) -> "Placed":
        """Return those of some positions."""
        return Placed(
            [self.told[i] for i in positions],
            [self.reports[i] for i in positions],
            [self.hashes[i] for i in positions],
            self.lon[list(positions)],
            self.lat[list(positions)],
        )

    def placed(self, found: Mapping[int, tuple[float, float]]) -> "Placed":
        """Return the same with the points of some positions."""
        lon, lat = self.lon.copy(), self.lat.copy()
        for position, point in found.items():
            lon[position], lat[position] = point
        return replace(self, lon=lon, lat=lat)


class Waiting(NamedTuple):
    """The positions of the reports of one stored issue, in their order."""

    issue_id: int
    stored_hash: str
    positions: Sequence[int]


class Change(NamedTuple):
    """A report that differs from the one before it, by its position."""

    position: int
    old: IssueReport


def without_erased(
    placed: Placed, waiting: Sequence[Waiting], stored: Mapping[int, Mapping[str, Any]]
) -> Placed:
    """Return reports without what is private of issues that lost it: it does not come back.

    A source sends the same ticket every day. What remains of it lies where the issue was put.
    """
    erased = [each for each in waiting if stored[each.issue_id]["erased_at_s"] is not None]
    if not erased:
        return placed
    told, lon, lat = list(placed.told), placed.lon.copy(), placed.lat.copy()
    for each in erased:
        row = stored[each.issue_id]
        kept = stored_report(row)
        for i in each.positions:
            report = without_private(placed.reports[i], place_of=kept)
            told[i] = told[i]._replace(prepared=PreparedReport(report, content_hash(report), ()))
            lon[i], lat[i] = (np.nan if row[name] is None else row[name] for name in ("lon", "lat"))
    reports = [each.report for each in told]
    return Placed(told, reports, [each.prepared.content_hash for each in told], lon, lat)


def without_repeated_lives(
    connection: Transaction,
    placed: Placed,
    waiting: Sequence[Waiting],
    stored: Mapping[int, Mapping[str, Any]],
) -> Placed:
    """Return reports in which a source that says the same as before undoes nothing done here.

    Those who handle an issue close and reopen it too; the hotline's list says it is open until
    somebody writes there that it is not, and says so again with every other news of it.
    """
    handled = standings.handled(connection, [each.issue_id for each in waiting])
    told = issues.told_of(connection, handled, kinds=TOLD_BY_SOURCE)
    reports = list(placed.reports)
    for each in waiting:
        if each.issue_id in told:
            said = life_told(told[each.issue_id])
            _keep_life(reports, each.positions, said, stored_report(stored[each.issue_id]))
    told_now = [
        each
        if each.report is report
        else each._replace(prepared=each.prepared._replace(report=report))
        for each, report in zip(placed.told, reports, strict=True)
    ]
    return replace(placed, told=told_now, reports=reports)


def _keep_life(
    reports: list[IssueReport],
    positions: Sequence[int],
    said: tuple[str, str | None],
    here: IssueReport,
) -> None:
    for i in positions:
        life = _life(reports[i])
        if life == said and life[0] != here.status:
            reports[i] = reports[i]._replace(status=here.status, closed_at=here.closed_at)
        else:
            said, here = life, reports[i]


def _life(report: IssueReport) -> tuple[str, str | None]:
    return report.status, None if report.closed_at is None else iso_text(report.closed_at)


def stored_report(row: Mapping[str, Any]) -> IssueReport:
    """Return the report that a stored issue's columns hold, texts included."""
    closed_at_s = row["closed_at_s"]
    return IssueReport(
        **{name: row[name] for name in COLUMNS},
        reported_at=datetime.fromtimestamp(row["reported_at_s"], UTC),
        closed_at=None if closed_at_s is None else datetime.fromtimestamp(closed_at_s, UTC),
        description=row["description"],
        address=row["address"],
    )
