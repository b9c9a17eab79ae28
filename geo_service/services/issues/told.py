"""What is told of issues, as intake works on it: reports with their places, and what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from geo_service.governance.event import TOLD_BY_SOURCE, life_told
from geo_service.governance.issue import TOLD_BESIDE, IssueReport, content_hash
from geo_service.governance.moment import iso_text
from geo_service.governance.privacy.erasure import without_private
from geo_service.layers.area import Floats
from geo_service.services.callers import Caller
from geo_service.services.issues.prepared import PreparedReport
from geo_service.storage import issues, standings
from geo_service.storage.databases import Transaction
from geo_service.storage.issues import IssueRow

COLUMNS = tuple(name for name in IssueRow._fields if name in IssueReport._fields)
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

    @cached_property
    def _everywhere(self) -> list[int]:
        return list(range(len(self.reports)))

    @property
    def accuracy_m(self) -> Floats:
        """The radii of their circles, NaN where none was given."""
        return np.array([report.accuracy_m for report in self.reports], dtype=np.float64)

    def take(self, positions: Sequence[int]) -> "Placed":
        """Return those of some positions."""
        if positions == self._everywhere:
            return self
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


SourceTold: TypeAlias = Sequence[tuple[str, Mapping[str, Any]]]
"""Kind and payload of the events by which the source of an issue told of it."""


class Stood(NamedTuple):
    """An issue as it stood before a report: what its source said, and its point in degrees.

    ``lon`` and ``lat`` are EPSG:4490, None without a point. ``told`` are kind and payload of what
    its source said so far, None where nobody handles it here.
    """

    report: IssueReport
    lon: float | None
    lat: float | None
    is_erased: bool
    told: SourceTold | None = None


class Change(NamedTuple):
    """A report that differs from the one before it, by its position."""

    position: int
    old: IssueReport


def without_erased(placed: Placed, others: Mapping[int, tuple[Sequence[int], Stood]]) -> Placed:
    """Return reports without what is private of issues that lost it: it does not come back.

    A source sends the same ticket every day. What remains of it lies where the issue was put.
    ``others`` holds the positions of an issue's reports, and how it stood.
    """
    erased = [each for each in others.values() if each[1].is_erased]
    if not erased:
        return placed
    told, lon, lat = list(placed.told), placed.lon.copy(), placed.lat.copy()
    for positions, stood in erased:
        for i in positions:
            report = without_private(placed.reports[i], place_of=stood.report)
            told[i] = told[i]._replace(prepared=PreparedReport(report, content_hash(report), ()))
            lon[i], lat[i] = (np.nan if each is None else each for each in (stood.lon, stood.lat))
    reports = [each.report for each in told]
    return Placed(told, reports, [each.prepared.content_hash for each in told], lon, lat)


def with_what_was_told(placed: Placed, others: Mapping[int, tuple[Sequence[int], Stood]]) -> Placed:
    """Return reports with what was told before of a follow-up where they tell nothing of it.

    A list without the column, or with an empty cell, takes no answer back. ``others`` holds the
    positions of an issue's reports, and how it stood.
    """
    if not others:
        return placed
    reports, hashes = list(placed.reports), list(placed.hashes)
    for positions, stood in others.values():
        before = stood.report
        for i in positions:
            told = {n: getattr(before, n) for n in TOLD_BESIDE if getattr(reports[i], n) is None}
            if any(told.values()):
                reports[i] = reports[i]._replace(**told)
                hashes[i] = content_hash(reports[i])
            before = reports[i]
    return _told_as(replace(placed, hashes=hashes), reports)


def without_repeated_lives(
    placed: Placed, others: Mapping[int, tuple[Sequence[int], Stood]]
) -> Placed:
    """Return reports in which a source that says the same as before undoes nothing done here.

    Those who handle an issue close and reopen it too; the hotline's list says it is open until
    somebody writes there that it is not, and says so again with every other news of it.
    ``others`` holds the positions of an issue's reports, and how it stood.
    """
    handled = [each for each in others.values() if each[1].told is not None]
    if not handled:
        return placed
    reports = list(placed.reports)
    for positions, stood in handled:
        _keep_life(reports, positions, life_told(stood.told or ()), stood.report)
    return _told_as(placed, reports)


def _told_as(placed: Placed, reports: Sequence[IssueReport]) -> Placed:
    """Return the same as other reports tell it."""
    told_now = [
        each
        if each.report is report
        else each._replace(prepared=each.prepared._replace(report=report))
        for each, report in zip(placed.told, reports, strict=True)
    ]
    return replace(placed, told=told_now, reports=reports)


def told_by_sources(connection: Transaction, ids: Sequence[int]) -> dict[int, SourceTold]:
    """Return id → what the source told of those issues that somebody handles here."""
    handled = standings.handled(connection, ids)
    return dict(issues.told_of(connection, handled, kinds=TOLD_BY_SOURCE))


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


def stored_report(row: Mapping[str, Any], state: Mapping[str, Any]) -> IssueReport:
    """Return the report that a stored issue's columns hold, texts included.

    What no column is kept of stands in the values of its newest ``state``.
    """
    closed_at_s = row["closed_at_s"]
    report = IssueReport(
        **{name: row[name] for name in COLUMNS},
        reported_at=datetime.fromtimestamp(row["reported_at_s"], UTC),
        closed_at=None if closed_at_s is None else datetime.fromtimestamp(closed_at_s, UTC),
        description=row["description"],
        address=row["address"],
    )
    beside: dict[str, Any] = {name: state.get(name) for name in TOLD_BESIDE}
    return report._replace(**beside)
