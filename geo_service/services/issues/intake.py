"""Taking issues in: one piece of code for one ticket, a batch and a file of a million."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from math import isnan
from typing import NamedTuple

import numpy as np
import orjson

from geo_service.governance.event import ANSWERED, IssueState, answers_of, events_between
from geo_service.governance.handling.dues import Dues, dues_of, runs_of
from geo_service.governance.issue import IssueReport, RowError, tells_beside
from geo_service.governance.moment import epoch_s
from geo_service.services.addresses.matching import PlaceMatch
from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.handling.measured import keep_known_measures, keep_told_measures
from geo_service.services.handling.standings import kept_standing
from geo_service.services.issues.events import EventRows, states_from
from geo_service.services.issues.grounds import assignment_rows_of
from geo_service.services.issues.overrides import take_again
from geo_service.services.issues.plans.plan import (
    ADDED,
    CONFLICT,
    UNCHANGED,
    UPDATED,
    Changes,
    IntakePlan,
)
from geo_service.services.issues.plans.planning import plan_intake
from geo_service.services.issues.prepared import PreparedReport
from geo_service.services.issues.relocations import relocate_if_due
from geo_service.services.issues.told import COLUMNS, Placed, Told
from geo_service.services.workspaces import Workspace
from geo_service.storage import decisions, issue_queries, issues, place_matches, standings
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import Places
from geo_service.storage.issues import IssueRow

__all__ = ["ADDED", "CONFLICT", "UNCHANGED", "UPDATED", "Outcome", "take_in", "take_in_each"]


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
    plan = plan_intake(workspace, connection, told)
    ids = _add(workspace, connection, plan)
    _change(workspace, connection, plan.changed, ids)
    return [
        each
        if isinstance(each, RowError)
        else Outcome(each.kind, ids[each.case], each.changed_fields, each.place)
        for each in plan.results
    ]


def _add(workspace: Workspace, connection: Transaction, plan: IntakePlan) -> Sequence[int]:
    """Store what is new, and return the ids of all cases."""
    batch, grounds = plan.added.batch, plan.added.grounds
    events = EventRows(workspace)
    dues = [each.prepared.dues for each in batch.told]
    with issues.issues_added(connection, _rows(batch, dues)) as ids:
        found = [each.found(workspace) for each in grounds]
        both = zip(ids, batch.told, strict=True)
        events.add_written((told.caller, row_id, told.prepared.events) for row_id, told in both)
    issues.add_texts(connection, _texts(ids, batch))
    matches = {ids[i]: each for i, each in plan.added.matches.items()}
    _keep_matches(workspace, connection, matches)
    issues.add_events(connection, events.rows)
    rows = assignment_rows_of(workspace, connection, ids, grounds, found)
    issues.add_assignments(connection, rows)
    numbered = zip(ids, batch.told, strict=True)
    telling = {row_id: told for row_id, told in numbered if tells_beside(told.prepared.report)}
    if telling:
        _keep_what_lists_tell(workspace, connection, telling)
    added = dict(zip(plan.added.cases, ids, strict=True))
    return [added[n] if row_id is None else row_id for n, row_id in enumerate(plan.ids)]


def _keep_what_lists_tell(
    workspace: Workspace, connection: Transaction, told: Mapping[int, Told]
) -> None:
    """Keep of new issues what queues and rates ask for, where their reports tell of it."""
    pressing = [row_id for row_id, (new, *_) in told.items() if new.report.condition is not None]
    states = {row_id: orjson.loads(told[row_id].prepared.events[-1][-1]) for row_id in pressing}
    rows = [
        kept_standing(row_id, state, workspace.profile)
        for row_id, state in states_from(states).items()
    ]
    standings.put_each(connection, [row for row in rows if row is not None])
    events = {
        row_id: [
            {"kind": kind, "at_s": at_s, "payload": orjson.loads(payload)}
            for kind, at_s, payload, _ in new.events
        ]
        for row_id, (new, *_) in told.items()
        if answers_of(new.report)
    }
    keep_told_measures(workspace, connection, events)


def _keep_matches(
    workspace: Workspace, connection: Transaction, matches: Mapping[int, PlaceMatch]
) -> None:
    at_s = int(workspace.now_s())
    rows = [match.row(row_id, at_s=at_s) for row_id, match in matches.items()]
    place_matches.add_matches(connection, rows)


def _change(
    workspace: Workspace, connection: Transaction, changes: Changes, ids: Sequence[int]
) -> None:
    """Write every event of every change, and what stands after the last one."""
    if not changes.by_case:
        return
    place_matches.remove_matches(connection, [ids[n] for n in changes.forgotten])
    matches = {ids[n]: each for n, each in changes.matches.items()}
    _keep_matches(workspace, connection, matches)
    changed = [ids[n] for n in changes.by_case]
    last = changes.placed.take([each[-1].position for each in changes.by_case.values()])
    states = states_from(issues.last_states(connection, changed))
    now = datetime.fromtimestamp(int(workspace.now_s()), UTC)
    events = EventRows(workspace)
    dues, turned, answered = [], [], []
    for row_id, each in zip(changed, changes.by_case.values(), strict=True):
        before = state = states[row_id]
        for change in each:
            new, caller, _ = changes.placed.told[change.position]
            happened = events_between(change.old, new.report, now=now)
            state = events.add(caller, row_id, happened, start=state)
            if any(event.kind == ANSWERED for event in happened):
                answered.append(row_id)
        dues.append(dues_of(runs_of(state.deadlines), workspace.deadlines.rules.main))
        _keep_standing(workspace, connection, row_id, before, state)
        if before.status != state.status:
            turned.append(row_id)
    issues.update_issues(connection, changed, _rows(last, dues))
    issues.replace_texts(connection, _texts(changed, last))
    issues.add_events(connection, events.rows)
    keep_known_measures(workspace, connection, turned)
    _locate_again(workspace, connection, changes, ids)
    keep_told_measures(
        workspace, connection, issue_queries.events_of_issues(connection, sorted({*answered}))
    )


def _keep_standing(
    workspace: Workspace,
    connection: Transaction,
    issue_id: int,
    before: IssueState,
    after: IssueState,
) -> None:
    """Put where an issue stands to what its source has made of it."""
    old, new = (kept_standing(issue_id, each, workspace.profile) for each in (before, after))
    if new is not None and new != old:
        standings.put(connection, new)
    elif new is None and old is not None:
        standings.forget(connection, issue_id)


def _locate_again(
    workspace: Workspace, connection: Transaction, changes: Changes, ids: Sequence[int]
) -> None:
    """Give issues other owners that lie elsewhere, or that another overlay may take now."""
    relocated = [ids[n] for n in changes.relocated]
    found = [each.found(workspace) for each in changes.grounds]
    rows = assignment_rows_of(
        workspace, connection, relocated, changes.grounds, found, changes.decided
    )
    issues.replace_assignments(connection, rows)
    elsewhere = {ids[n] for n in changes.elsewhere}
    decisions.question(connection, elsewhere & {row_id for row_id, _ in changes.decided})
    if changes.recategorized:
        closed = [ids[n] for n in changes.recategorized]
        batch = changes.placed.take(list(changes.recategorized.values()))
        take_again(workspace, connection, _places(closed, batch))


def _places(ids: Collection[int], batch: Placed) -> Places:
    keys = np.array(list(ids), dtype=np.int64)
    return Places(keys, batch.lon, batch.lat, batch.accuracy_m)


def _rows(batch: Placed, dues: Sequence[Dues]) -> list[IssueRow]:
    if not dues:
        return []
    reports = dict(zip(IssueReport._fields, zip(*batch.reports, strict=True), strict=True))
    columns = {
        **{name: reports[name] for name in COLUMNS},
        "content_hash": batch.hashes,
        "reported_at_s": map(epoch_s, reports["reported_at"]),
        "closed_at_s": [None if each is None else epoch_s(each) for each in reports["closed_at"]],
        "lon": [None if isnan(each) else each for each in batch.lon.tolist()],
        "lat": [None if isnan(each) else each for each in batch.lat.tolist()],
        **dict(zip(Dues._fields, zip(*dues, strict=True), strict=True)),
    }
    in_order = (columns[name] for name in IssueRow._fields)
    return list(map(IssueRow._make, zip(*in_order, strict=True)))


def _texts(ids: Sequence[int], batch: Placed) -> list[tuple[int, str | None, str | None]]:
    return [
        (row_id, report.description, report.address)
        for row_id, report in zip(ids, batch.reports, strict=True)
    ]
