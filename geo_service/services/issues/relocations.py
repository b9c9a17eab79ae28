"""Open issues follow the edition in force and the agreements that stand, where these differ."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import orjson
import shapely

from geo_service.governance.event import REASSIGNED, Event
from geo_service.layers.agreement import Standing
from geo_service.layers.area import Floats
from geo_service.layers.edition import Edition
from geo_service.layers.reach import Pairs, are_in_boxes, reached_boxes
from geo_service.services.callers import Caller
from geo_service.services.issues.assignments import assignment_rows
from geo_service.services.issues.events import EventRows, states_from
from geo_service.services.workspaces import Workspace
from geo_service.storage import areas, issue_queries, issues, relocations
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueFilter, Places
from geo_service.storage.issues import AssignmentRow
from geo_service.storage.kept_assignments import KeptAssignment, kept_assignments
from geo_service.storage.relocations import Relocation


class Cause(NamedTuple):
    """Why issues are located again, as their events tell it; nothing where boundaries changed.

    What is found in ``family`` is an event even if it is what was kept.
    """

    told: Mapping[str, Any] = {}
    family: str | None = None


_BOUNDARIES = Cause()


class _Change(NamedTuple):
    """An assignment to store, and what was kept before it."""

    row: AssignmentRow
    before: KeptAssignment | None

    @property
    def is_another(self) -> bool:
        """Whether an event tells it apart from what was kept."""
        return _told(self.before) != _told(_as_kept(self.row))


class _Due(NamedTuple):
    """What open issues follow, and what they shall follow."""

    followed: int | None
    followed_agreements: frozenset[int]
    in_force: int
    standing: Standing

    @property
    def agreements(self) -> tuple[int, ...]:
        return tuple(each.number for each in self.standing)

    @property
    def touched_agreements(self) -> frozenset[int]:
        """Those that decide otherwise, or perhaps do: on another edition that may be any."""
        if self.followed == self.in_force:
            return self.followed_agreements ^ set(self.agreements)
        return self.followed_agreements | set(self.agreements)


def is_relocation_due(workspace: Workspace, connection: Transaction) -> bool:
    """Return whether open issues do not follow what is in force yet."""
    return _due(workspace, connection) is not None


def relocate_if_due(
    workspace: Workspace, connection: Transaction, caller: Caller
) -> Relocation | None:
    """Give open issues their owners by what is in force; write old → new where they differ.

    That is one edition and the agreements that stand. Every transaction that writes issues,
    editions or agreements begins with this, and one that publishes or records ends with it. So each
    open issue has the owner that one edition and some agreements give it, the last that were
    followed here, and only what lies where those and the ones in force differ is located again.
    """
    due = _due(workspace, connection)
    if due is None:
        return None
    edition = workspace.edition_number(connection, due.in_force)
    places = _reached_places(workspace, connection, due)
    reassigned = reassign(workspace, connection, caller, edition, places)
    relocation = Relocation(edition.number, len(places.ids), reassigned)
    relocations.add_relocation(
        connection,
        relocation,
        agreements=due.agreements,
        profile_hash=workspace.profile.hash,
        at_s=int(workspace.now_s()),
        actor=caller.name,
    )
    return relocation


def _due(workspace: Workspace, connection: Transaction) -> _Due | None:
    now_s = workspace.now_s()
    state = relocations.state(connection, profile_hash=workspace.profile.hash, now_s=now_s)
    if state.in_force is None:
        return None
    workspace.editions(connection, state.newest)  # as far as they are kept, they are these
    standing = workspace.agreements(connection, state.revision).standing(now_s=now_s)
    followed = frozenset(state.agreements)
    if state.followed == state.in_force and followed == {each.number for each in standing}:
        return None
    return _Due(state.followed, followed, state.in_force, standing)


def _reached_places(workspace: Workspace, connection: Transaction, due: _Due) -> Places:
    """Return the open issues that can have another owner than they have.

    One that a person gave to somebody can lie anywhere: its area is looked at, not its place.
    """
    everywhere = IssueFilter(status="open")
    if due.followed is None:
        return issue_queries.issue_places(connection, everywhere)
    boxes = np.concatenate(
        [
            _reached_boxes(workspace, connection, due.followed, due.in_force),
            _agreed_boxes(workspace, connection, due),
        ]
    )
    decided = issue_queries.issue_places(connection, IssueFilter(status="open", is_decided=True))
    if len(boxes) == 0:
        return decided
    bbox = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    near = issue_queries.issue_places(connection, IssueFilter(status="open", reached_bbox=bbox))
    reach_m = np.nan_to_num(near.accuracy_m)
    is_reached = are_in_boxes(boxes, lon=near.lon, lat=near.lat, reach_m=reach_m)
    return near.take(is_reached & ~np.isin(near.ids, decided.ids)).joined(decided)


def _agreed_boxes(workspace: Workspace, connection: Transaction, due: _Due) -> Floats:
    """Return boxes that hold every place whose owner an agreement can have changed."""
    touched = tuple(
        each
        for each in workspace.agreements(connection).agreements
        if each.number in due.touched_agreements
    )
    numbers = {due.followed or due.in_force, due.in_force} if touched else set()
    found = [np.empty((0, 4))]
    for number in sorted(numbers):
        edition = workspace.edition_number(connection, number)
        drawn = workspace.locators.get(connection, edition)
        corridors = drawn.with_agreements(touched).corridors
        found += [each.boxes for each in corridors.values()]
    return np.concatenate(found)


def _reached_boxes(
    workspace: Workspace, connection: Transaction, before: int, after: int
) -> Floats:
    """Return boxes that hold every place whose owner can differ between two editions."""
    rows = areas.changed_outlines(connection, before=before, after=after)
    changes = {name: _outlines(group) for name, group in groupby(rows, key=itemgetter(0))}
    return reached_boxes(workspace.layers, changes)


def _outlines(rows: Iterable[tuple[str, bytes | None, bytes | None]]) -> Pairs:
    _, old, new = zip(*rows, strict=True)
    return shapely.from_wkb(list(old)), shapely.from_wkb(list(new))


def reassign(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    edition: Edition,
    places: Places,
    *,
    because: Cause = _BOUNDARIES,
) -> int:
    """Locate issues on an edition, keep what differs, and return how many have another owner.

    Or another rule, status or agreement; candidates and distances alone are no event.
    """
    ids = places.ids.tolist()
    if not ids:
        return 0
    kept = kept_assignments(connection, ids)
    found = [
        _Change(row, kept.get((row.issue_id, row.family)))
        for row in assignment_rows(workspace, connection, edition, places)
    ]
    changes = [change for change in found if change.before != _as_kept(change.row)]
    issues.replace_assignments(connection, [change.row for change in changes])
    told = [change for change in found if change.row.family == because.family or change.is_another]
    _add_events(workspace, connection, caller, told, because)
    return len({change.row.issue_id for change in told})


def _as_kept(row: AssignmentRow) -> KeptAssignment:
    return KeptAssignment(*(getattr(row, name) for name in KeptAssignment._fields))


def _told(kept: KeptAssignment | None) -> dict[str, Any]:
    """Return what an event tells of an assignment; overrides and agreement where there are any."""
    names = ("rule", "status", "chain_id")
    told = {name: getattr(kept, name) if kept else None for name in names}
    if kept and kept.overrides:
        told["overrides"] = orjson.loads(kept.overrides)
    if kept and kept.agreement:
        told["agreement"] = kept.agreement
    return told


def _add_events(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    changes: Sequence[_Change],
    because: Cause,
) -> None:
    ids = sorted({each.row.issue_id for each in changes})
    states = states_from(issues.last_states(connection, ids))
    events = EventRows(workspace)
    for change in changes:
        row_id = change.row.issue_id
        event = _reassigned(workspace, change, because)
        states[row_id] = events.add(caller, row_id, [event], start=states[row_id])
    issues.add_events(connection, events.rows)


def _reassigned(workspace: Workspace, change: _Change, because: Cause) -> Event:
    payload = {
        **because.told,
        "family": change.row.family,
        "edition": change.row.edition,
        "before": _told(change.before),
        "after": _told(_as_kept(change.row)),
    }
    return Event(REASSIGNED, datetime.fromtimestamp(int(workspace.now_s()), UTC), payload)
