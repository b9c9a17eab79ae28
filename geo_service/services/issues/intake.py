"""Taking issues in: one piece of code for one ticket, a batch and a file of a million."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from math import isnan, nan
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from geo_service.governance.event import events_between
from geo_service.governance.handling.dues import Dues, dues_of, runs_of
from geo_service.governance.issue import (
    OPEN,
    IssueReport,
    RowError,
    changed_fields,
)
from geo_service.governance.moment import epoch_s
from geo_service.services.addresses.matching import PlaceMatch, addresses_asked, look_up
from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.handling.measured import keep_known_measures
from geo_service.services.issues.events import EventRows, states_from
from geo_service.services.issues.grounds import Ground, assignment_rows_of, grounds_of
from geo_service.services.issues.overrides import take_again
from geo_service.services.issues.prepared import PreparedReport
from geo_service.services.issues.relocations import relocate_if_due
from geo_service.services.issues.told import (
    COLUMNS,
    Change,
    Placed,
    Told,
    Waiting,
    stored_report,
    without_erased,
    without_repeated_lives,
)
from geo_service.services.places.placing import place_points
from geo_service.services.workspaces import Workspace
from geo_service.storage import decisions, issues, place_matches, standings
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import Places
from geo_service.storage.issues import IssueRow

ADDED, UPDATED, UNCHANGED, CONFLICT = "added", "updated", "unchanged", "conflict"

_columns = attrgetter(*COLUMNS)
_PLACE_FIELDS = {"x", "y", "source_frame", "accuracy_m"}
_CATEGORY_FIELDS = {"category_major", "category_minor"}


class Outcome(NamedTuple):
    """What became of one report: added, updated, unchanged or conflict.

    ``place`` tells why its address means one place or none, where it was looked up.
    """

    kind: str
    issue_id: int
    changed_fields: tuple[str, ...] = ()
    place: str | None = None


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
        key: (each.issue_id, placed.hashes[i])
        for key, each, i in zip(new, added, first, strict=True)
    }
    waiting = [Waiting(*known[key], positions) for key, positions in by_key.items()]
    outcomes: dict[int, Outcome | RowError] = {**refused}
    outcomes |= _follow(workspace, connection, placed, waiting)
    outcomes |= dict(zip(first, added, strict=True))
    return [outcomes[i] for i in range(len(reports))]


def _placed(
    told: Sequence[Told], reports: Sequence[IssueReport]
) -> tuple[Placed, dict[int, RowError]]:
    lon, lat, refused = place_points(reports)
    hashes = [each.prepared.content_hash for each in told]
    return Placed(told, reports, hashes, lon, lat), refused


def _add(workspace: Workspace, connection: Transaction, batch: Placed) -> list[Outcome]:
    asked = addresses_asked(dict(enumerate(batch.reports)))
    matches = look_up(workspace, connection, asked)
    if matches:
        batch = batch.placed({i: (each.lon, each.lat) for i, each in matches.items()})
    grounds = _grounds(workspace, connection, batch)
    events = EventRows(workspace)
    dues = [each.prepared.dues for each in batch.told]
    with issues.issues_added(connection, _rows(batch, dues)) as ids:
        found = [each.found(workspace) for each in grounds]
        for row_id, (new, caller, _) in zip(ids, batch.told, strict=True):
            events.add_written(caller, row_id, new.events)
    issues.add_texts(connection, _texts(ids, batch))
    _keep_matches(workspace, connection, {ids[i]: each for i, each in matches.items()})
    issues.add_events(connection, events.rows)
    rows = assignment_rows_of(workspace, connection, ids, grounds, found)
    issues.add_assignments(connection, rows)
    whys = {i: each.why for i, each in matches.items()}
    return [Outcome(ADDED, row_id, place=whys.get(i)) for i, row_id in enumerate(ids)]


def _keep_matches(
    workspace: Workspace, connection: Transaction, matches: Mapping[int, PlaceMatch]
) -> None:
    at_s = int(workspace.now_s())
    rows = [match.row(row_id, at_s=at_s) for row_id, match in matches.items()]
    place_matches.add_matches(connection, rows)


def _follow(
    workspace: Workspace,
    connection: Transaction,
    placed: Placed,
    waiting: Sequence[Waiting],
) -> dict[int, Outcome]:
    """Compare reports of stored issues with what stood before each, and store what is other."""
    outcomes = {i: Outcome(UNCHANGED, each.issue_id) for each in waiting for i in each.positions}
    other = [
        each
        for each in waiting
        if any(placed.hashes[i] != each.stored_hash for i in each.positions)
    ]
    stored = issues.stored_reports(connection, [each.issue_id for each in other])
    placed = without_erased(placed, other, stored)
    placed = without_repeated_lives(connection, placed, other, stored)
    changes: dict[int, list[Change]] = {}
    for each in other:
        current = stored_report(stored[each.issue_id])
        for i in each.positions:
            if placed.hashes[i] == each.stored_hash and each.issue_id not in changes:
                continue  # what its source said last, whatever was done here since
            # not by hash alone: it differs between 0.0 and -0.0, and older versions wrote others
            different = tuple(changed_fields(current, placed.reports[i]))
            if not different:
                continue
            is_updating = placed.told[i].is_updating
            outcomes[i] = Outcome(UPDATED if is_updating else CONFLICT, each.issue_id, different)
            if is_updating:
                changes.setdefault(each.issue_id, []).append(Change(i, current))
                current = placed.reports[i]
    kept = {row_id: (stored[row_id]["lon"], stored[row_id]["lat"]) for row_id in changes}
    placed, moved = _placed_by_address(workspace, connection, placed, changes, kept)
    _update(workspace, connection, placed, changes, moved)
    return outcomes


def _placed_by_address(
    workspace: Workspace,
    connection: Transaction,
    placed: Placed,
    changes: Mapping[int, Sequence[Change]],
    kept: Mapping[int, tuple[float | None, float | None]],
) -> tuple[Placed, set[int]]:
    """Return changed reports with the points that their addresses mean, and who has another one.

    An address that stayed means what it was found to mean: other lists move no issue by themselves.
    """
    ends = {
        row_id: (each[0].old, placed.reports[each[-1].position]) for row_id, each in changes.items()
    }
    moved = {row_id for row_id, (old, new) in ends.items() if _tells_other_place(old, new)}
    asked = addresses_asked({row_id: ends[row_id][1] for row_id in moved})
    found = look_up(workspace, connection, asked)
    had_address = [i for i in moved if ends[i][0].x is None and ends[i][0].address is not None]
    place_matches.remove_matches(connection, had_address)
    _keep_matches(workspace, connection, found)
    points: dict[int, tuple[float, float]] = {}
    for row_id, each in changes.items():
        match = found.get(row_id)
        lon, lat = kept[row_id] if row_id not in moved else (None, None)
        point = (match.lon, match.lat) if match else (_degrees(lon), _degrees(lat))
        without = [i for i, _ in each if placed.reports[i].x is None]
        points |= dict.fromkeys(without, point)
    return placed.placed(points), {row_id for row_id in moved if ends[row_id][1].x is None}


def _tells_other_place(old: IssueReport, new: IssueReport) -> bool:
    if new.x is None and old.x is None:
        return old.address != new.address
    return not _PLACE_FIELDS.isdisjoint(changed_fields(old, new))


def _degrees(stored: float | None) -> float:
    return nan if stored is None else stored


def _update(
    workspace: Workspace,
    connection: Transaction,
    placed: Placed,
    changes: Mapping[int, Sequence[Change]],
    moved: Collection[int],
) -> None:
    """Write every event of every change, and what stands after the last one."""
    if not changes:
        return
    ids = list(changes)
    last = placed.take([changes[row_id][-1].position for row_id in ids])
    states = states_from(issues.last_states(connection, ids))
    now = datetime.fromtimestamp(int(workspace.now_s()), UTC)
    events = EventRows(workspace)
    dues, turned = [], []
    for row_id in ids:
        before = state = states[row_id]
        for change in changes[row_id]:
            new, caller, _ = placed.told[change.position]
            happened = events_between(change.old, new.report, now=now)
            state = events.add(caller, row_id, happened, start=state)
        dues.append(dues_of(runs_of(state.deadlines), workspace.deadlines.rules.main))
        if before.handling and not state.handling:
            standings.forget(connection, row_id)
        if before.status != state.status:
            turned.append(row_id)
    issues.update_issues(connection, ids, _rows(last, dues))
    issues.replace_texts(connection, _texts(ids, last))
    issues.add_events(connection, events.rows)
    keep_known_measures(workspace, connection, turned)
    _locate_again(workspace, connection, placed, changes, moved)


def _locate_again(
    workspace: Workspace,
    connection: Transaction,
    placed: Placed,
    changes: Mapping[int, Sequence[Change]],
    moved: Collection[int],
) -> None:
    """Give issues other owners that lie elsewhere, or that another overlay may take now.

    A closed one whose category alone is another keeps the owner of its ground.
    """
    relocated: dict[int, int] = {}
    elsewhere = set(moved)
    closed: dict[int, int] = {}
    for row_id, each in changes.items():
        for position, old in each:
            new = placed.reports[position]
            is_taken = bool(workspace.layers.overriding) and _is_recategorized(old, new)
            if not _PLACE_FIELDS.isdisjoint(changed_fields(old, new)):
                elsewhere.add(row_id)
            is_found_anew = row_id in elsewhere or _is_reopened(old, new)
            if is_found_anew or (is_taken and new.status == OPEN):
                relocated[row_id] = position
            elif is_taken:
                closed[row_id] = position
    grounds = _grounds(workspace, connection, placed.take(list(relocated.values())))
    found = [each.found(workspace) for each in grounds]
    decided = decisions.decisions_of(connection, list(relocated)) if relocated else {}
    rows = assignment_rows_of(workspace, connection, list(relocated), grounds, found, decided)
    issues.replace_assignments(connection, rows)
    decisions.question(connection, {row_id for row_id, _ in decided} & elsewhere)
    if closed:
        take_again(workspace, connection, _places(closed, placed.take(list(closed.values()))))


def _places(ids: Collection[int], batch: Placed) -> Places:
    keys = np.array(list(ids), dtype=np.int64)
    return Places(keys, batch.lon, batch.lat, batch.accuracy_m)


def _is_reopened(old: IssueReport, new: IssueReport) -> bool:
    """Whether an issue is open again, perhaps on boundaries that changed meanwhile."""
    return old.status != new.status and new.status == OPEN


def _is_recategorized(old: IssueReport, new: IssueReport) -> bool:
    """Whether another overlay may take an issue now."""
    return not _CATEGORY_FIELDS.isdisjoint(changed_fields(old, new))


def _grounds(workspace: Workspace, connection: Transaction, batch: Placed) -> list[Ground]:
    return grounds_of(workspace, connection, batch.reports, lon=batch.lon, lat=batch.lat)


def _rows(batch: Placed, dues: Sequence[Dues]) -> list[IssueRow]:
    columns = (batch.reports, batch.hashes, batch.lon.tolist(), batch.lat.tolist(), dues)
    return [
        IssueRow._make(
            (
                *_columns(report),
                digest,
                epoch_s(report.reported_at),
                epoch_s(report.closed_at) if report.closed_at else None,
                None if isnan(lon) else lon,
                None if isnan(lat) else lat,
                *due,
            )
        )
        for report, digest, lon, lat, due in zip(*columns, strict=True)
    ]


def _texts(ids: Sequence[int], batch: Placed) -> list[tuple[int, str | None, str | None]]:
    return [
        (row_id, report.description, report.address)
        for row_id, report in zip(ids, batch.reports, strict=True)
    ]
