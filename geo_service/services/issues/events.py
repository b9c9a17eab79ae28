"""Events as rows: each with the state it leads to and the profile's hash."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from geo_service.errors import IllegalTransition, IssueNotFound, StaleIssue
from geo_service.governance.event import (
    REASSIGNED,
    REOPENED,
    Event,
    IssueState,
    state_from_values,
)
from geo_service.governance.issue import OPEN
from geo_service.governance.reports.beginnings import WrittenEvent
from geo_service.services.callers import Caller
from geo_service.services.issues.prepared import written_events
from geo_service.services.workspaces import Workspace
from geo_service.storage import issues
from geo_service.storage.databases import Transaction
from geo_service.storage.issues import EventRow

_HIGHEST_ID = 2**63 - 1


class EventRows:
    """The rows of the events that one transaction appends."""

    def __init__(self, workspace: Workspace) -> None:
        """Take the moment of recording, the same for all of them."""
        self._recorded_at_s = int(workspace.now_s())
        self._profile_hash = workspace.profile.hash
        self._deadlines = workspace.deadlines
        self.rows: list[EventRow] = []

    def add(
        self,
        caller: Caller,
        issue_id: int,
        events: Iterable[Event],
        *,
        start: IssueState,
    ) -> IssueState:
        """Append events that follow the state ``start``; return the one they lead to."""
        written, state = written_events(events, start=start, deadlines=self._deadlines)
        self.add_written([(caller, issue_id, written)])
        return state

    def add_written(self, written: Iterable[tuple[Caller, int, Sequence[WrittenEvent]]]) -> None:
        """Append events of issues, by caller and id, that were written down before."""
        at_s, profile_hash = self._recorded_at_s, self._profile_hash
        self.rows += [
            EventRow(issue_id, kind, happened_s, at_s, caller.name, profile_hash, payload, state)
            for caller, issue_id, events in written
            for kind, happened_s, payload, state in events
        ]


def states_from(values: Mapping[int, Mapping[str, Any]]) -> dict[int, IssueState]:
    """Return issue → the state that its stored values tell."""
    return {issue_id: state_from_values(each) for issue_id, each in values.items()}


def newest_of_open(connection: Transaction, issue_id: int, *, seen: int | None) -> int:
    """Return the newest event of an open issue, of which somebody has seen one last, or None.

    Raises
    ------
    IssueNotFound, StaleIssue, IllegalTransition
        There is no such issue, something happened to it since, or it is closed.
    """
    found = issues.last_event(connection, issue_id) if 0 < issue_id <= _HIGHEST_ID else None
    if found is None:
        raise IssueNotFound(id=str(issue_id))
    newest, state = found
    if seen not in (None, newest):
        raise StaleIssue(issue=issue_id, newest_event=newest)
    if state["status"] != OPEN:
        raise IllegalTransition(kind=REASSIGNED, state=state["status"], legal=(REOPENED,))
    return newest
