"""Events as rows: each with the state it leads to and the profile's hash."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from geo_service.governance.event import (
    Event,
    IssueState,
    fold,
    state_from_values,
    state_to_values,
)
from geo_service.governance.moment import epoch_s
from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace
from geo_service.storage.issues import EventRow


class EventRows:
    """The rows of the events that one transaction appends."""

    def __init__(self, workspace: Workspace) -> None:
        """Take the moment of recording, the same for all of them."""
        self._recorded_at_s = int(workspace.now_s())
        self._profile_hash = workspace.profile.hash
        self.rows: list[EventRow] = []

    def add(
        self,
        caller: Caller,
        issue_id: int,
        events: Iterable[Event],
        *,
        start: IssueState | None = None,
    ) -> IssueState | None:
        """Append events that follow the state ``start``; return the one they lead to."""
        state = start
        for event in events:
            state = fold([event], start=state)
            self.rows.append(
                EventRow(
                    issue_id,
                    event.kind,
                    epoch_s(event.at),
                    self._recorded_at_s,
                    caller.name,
                    self._profile_hash,
                    orjson.dumps(event.payload).decode(),
                    orjson.dumps(state_to_values(state)).decode(),
                )
            )
        return state


def states_from(values: Mapping[int, Mapping[str, Any]]) -> dict[int, IssueState]:
    """Return issue → the state that its stored values tell."""
    return {issue_id: state_from_values(each) for issue_id, each in values.items()}
