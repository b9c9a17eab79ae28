"""Taking issues in: one piece of code for one ticket, a batch and a file of a million."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from geo_service.governance.event import IssueState, events_between
from geo_service.governance.issue import (
    OPEN,
    IssueReport,
    RowError,
    changed_fields,
)
from geo_service.governance.moment import epoch_s
from geo_service.layers.area import Floats
from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.issues.events import EventRows, states_from
from geo_service.services.issues.grounds import Ground, assignment_rows_of, grounds_of
from geo_service.services.issues.overrides import take_again
from geo_service.services.issues.prepared import PreparedReport
from geo_service.services.issues.relocations import relocate_if_due
from geo_service.services.places.placing import place_points
from geo_service.services.workspaces import Workspace
from geo_service.storage import issues
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import Places
from geo_service.storage.issues import IssueRow

ADDED, UPDATED, UNCHANGED, CONFLICT = "added", "updated", "unchanged", "conflict"

_COLUMNS = IssueRow._fields[: IssueRow._fields.index("content_hash")]
"""What a report and its row both hold."""
_columns = attrgetter(*_COLUMNS)
_PLACE_FIELDS = {"x", "y", "source_frame", "accuracy_m"}
_CATEGORY_FIELDS = {"category_major", "category_minor"}


class Outcome(NamedTuple):
    """What became of one report: added, updated, unchanged or conflict."""

    kind: str
    issue_id: int
    changed_fields: tuple[str, ...] = ()


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
class _Placed:
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

    def take(self, positions: Sequence[int]) -> "_Placed":
        return _Placed(
            [self.told[i] for i in positions],
            [self.reports[i] for i in positions],
            [self.hashes[i] for i in positions],
            self.lon[list(positions)],
            self.lat[list(positions)],
        )


class _Waiting(NamedTuple):
    """The positions of the reports of one stored issue, in their order."""

    issue_id: int
    stored_hash: str
    positions: Sequence[int]


class _Change(NamedTuple):
    """A report that differs from the one before it, by its position."""

    position: int
    old: IssueReport


def take_in(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    reports: Sequence[PreparedReport],
    *,
    is_updating: bool,
) -> list[Outcome | RowError]:
    """Store one caller's reports; see ``take_in_each``."""
    told = [Told(report, caller, is_updating) for report in reports]
    return take_in_each(workspace, connection, told)


def take_in_each(
    workspace: Workspace, connection: Transaction, told: Sequence[Told]
) -> list[Outcome | RowError]:
    """Store reports in the caller's transaction and say what became of each, in their order.

    The natural key (source, external_id) decides: new ones are added and assigned; the same
    content is ``unchanged``; other content is ``updated`` or, unless ``is_updating``, left alone as
    ``conflict``. Whoever told a report is the actor of its events. A key that stands several times
    is taken in as often, in its order; its whole history is worked out first, so it costs no more
    statements than one that stands once. A place that its frame cannot convert is a RowError, and
    nothing of that report is stored.
    """
    workspace = workspace.standing_still()
    relocate_if_due(workspace, connection, SCHEDULE)
    reports = [each.report for each in told]
    placed, refused = _placed(told, reports)
    by_key: dict[issues.Key, list[int]] = {}
    for i, report in enumerate(reports):
        if i not in refused:
            by_key.setdefault((report.source, report.external_id), []).append(i)
    known = issues.known_hashes(connection, by_key)
    new = [key for key in by_key if key not in known]
    first = [by_key[key][0] for key in new]
    added = _add(workspace, connection, placed.take(first))
    known |= {
        key: (row_id, placed.hashes[i]) for key, row_id, i in zip(new, added, first, strict=True)
    }
    waiting = [_Waiting(*known[key], positions) for key, positions in by_key.items()]
    outcomes: dict[int, Outcome | RowError] = {**refused}
    outcomes |= _follow(workspace, connection, placed, waiting)
    outcomes |= {i: Outcome(ADDED, row_id) for i, row_id in zip(first, added, strict=True)}
    return [outcomes[i] for i in range(len(reports))]


def _placed(
    told: Sequence[Told], reports: Sequence[IssueReport]
) -> tuple[_Placed, dict[int, RowError]]:
    lon, lat, refused = place_points(reports)
    hashes = [each.prepared.content_hash for each in told]
    return _Placed(told, reports, hashes, lon, lat), refused


def _add(workspace: Workspace, connection: Transaction, batch: _Placed) -> list[int]:
    grounds = _grounds(workspace, connection, batch)
    events = EventRows(workspace)
    with issues.issues_added(connection, _rows(batch)) as ids:
        found = [each.found(workspace) for each in grounds]
        for row_id, (new, caller, _) in zip(ids, batch.told, strict=True):
            events.add_written(caller, row_id, new.events)
    issues.add_texts(connection, _texts(ids, batch))
    issues.add_events(connection, events.rows)
    rows = assignment_rows_of(workspace, connection, ids, grounds, found)
    issues.add_assignments(connection, rows)
    return ids


def _follow(
    workspace: Workspace,
    connection: Transaction,
    placed: _Placed,
    waiting: Sequence[_Waiting],
) -> dict[int, Outcome]:
    """Compare reports of stored issues with what stood before each, and store what is other."""
    outcomes = {i: Outcome(UNCHANGED, each.issue_id) for each in waiting for i in each.positions}
    other = [
        each
        for each in waiting
        if any(placed.hashes[i] != each.stored_hash for i in each.positions)
    ]
    stored = issues.stored_reports(connection, [each.issue_id for each in other])
    changes: dict[int, list[_Change]] = {}
    for each in other:
        current = _report(stored[each.issue_id])
        for i in each.positions:
            # not by hash: it differs between 0.0 and -0.0, and older versions wrote others
            different = tuple(changed_fields(current, placed.reports[i]))
            if not different:
                continue
            is_updating = placed.told[i].is_updating
            outcomes[i] = Outcome(UPDATED if is_updating else CONFLICT, each.issue_id, different)
            if is_updating:
                changes.setdefault(each.issue_id, []).append(_Change(i, current))
                current = placed.reports[i]
    _update(workspace, connection, placed, changes)
    return outcomes


def _update(
    workspace: Workspace,
    connection: Transaction,
    placed: _Placed,
    changes: Mapping[int, Sequence[_Change]],
) -> None:
    """Write every event of every change, and what stands after the last one."""
    if not changes:
        return
    ids = list(changes)
    last = placed.take([changes[row_id][-1].position for row_id in ids])
    issues.update_issues(connection, ids, _rows(last))
    issues.replace_texts(connection, _texts(ids, last))
    states: Mapping[int, IssueState | None] = states_from(issues.last_states(connection, ids))
    now = datetime.fromtimestamp(int(workspace.now_s()), UTC)
    events = EventRows(workspace)
    for row_id in ids:
        state = states[row_id]
        for change in changes[row_id]:
            new, caller, _ = placed.told[change.position]
            happened = events_between(change.old, new.report, now=now)
            state = events.add(caller, row_id, happened, start=state)
    issues.add_events(connection, events.rows)
    _locate_again(workspace, connection, placed, changes)


def _locate_again(
    workspace: Workspace,
    connection: Transaction,
    placed: _Placed,
    changes: Mapping[int, Sequence[_Change]],
) -> None:
    """Give issues other owners that lie elsewhere, or that another overlay may take now.

    A closed one whose category alone is another keeps the owner of its ground.
    """
    relocated: dict[int, int] = {}
    closed: dict[int, int] = {}
    for row_id, each in changes.items():
        for position, old in each:
            new = placed.reports[position]
            is_taken = bool(workspace.layers.overriding) and _is_recategorized(old, new)
            if _is_relocated(old, new) or (is_taken and new.status == OPEN):
                relocated[row_id] = position
            elif is_taken:
                closed[row_id] = position
    grounds = _grounds(workspace, connection, placed.take(list(relocated.values())))
    found = [each.found(workspace) for each in grounds]
    rows = assignment_rows_of(workspace, connection, list(relocated), grounds, found)
    issues.replace_assignments(connection, rows)
    if closed:
        take_again(workspace, connection, _places(closed, placed.take(list(closed.values()))))


def _places(ids: Collection[int], batch: _Placed) -> Places:
    keys = np.array(list(ids), dtype=np.int64)
    return Places(keys, batch.lon, batch.lat, batch.accuracy_m)


def _is_relocated(old: IssueReport, new: IssueReport) -> bool:
    """Whether an issue lies elsewhere, or is open again on boundaries that changed meanwhile."""
    is_reopened = old.status != new.status and new.status == OPEN
    return is_reopened or not _PLACE_FIELDS.isdisjoint(changed_fields(old, new))


def _is_recategorized(old: IssueReport, new: IssueReport) -> bool:
    """Whether another overlay may take an issue now."""
    return not _CATEGORY_FIELDS.isdisjoint(changed_fields(old, new))


def _grounds(workspace: Workspace, connection: Transaction, batch: _Placed) -> list[Ground]:
    return grounds_of(workspace, connection, batch.reports, lon=batch.lon, lat=batch.lat)


def _rows(batch: _Placed) -> list[IssueRow]:
    columns = (batch.reports, batch.hashes, batch.lon.tolist(), batch.lat.tolist())
    return [
        IssueRow._make(
            (
                *_columns(report),
                digest,
                epoch_s(report.reported_at),
                epoch_s(report.closed_at) if report.closed_at else None,
                None if isnan(lon) else lon,
                None if isnan(lat) else lat,
            )
        )
        for report, digest, lon, lat in zip(*columns, strict=True)
    ]


def _texts(ids: Sequence[int], batch: _Placed) -> list[tuple[int, str | None, str | None]]:
    return [
        (row_id, report.description, report.address)
        for row_id, report in zip(ids, batch.reports, strict=True)
    ]


def _report(row: dict[str, Any]) -> IssueReport:
    closed_at_s = row["closed_at_s"]
    return IssueReport(
        **{name: row[name] for name in _COLUMNS},
        reported_at=datetime.fromtimestamp(row["reported_at_s"], UTC),
        closed_at=None if closed_at_s is None else datetime.fromtimestamp(closed_at_s, UTC),
        description=row["description"],
        address=row["address"],
    )
