"""Events as rows: each with the state it leads to and the profile's hash."""

from collections.abc import Iterable, Mapping
from typing import Any

from geo_service.governance.event import Event, fold, state_from_values, state_to_values
from geo_service.governance.moment import epoch_s
from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace


def event_rows(
    workspace: Workspace,
    caller: Caller,
    issue_id: int,
    events: Iterable[Event],
    *,
    start: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of events that follow the state ``start`` (None for a new issue)."""
    state = state_from_values(start) if start else None
    rows = []
    recorded_at_s = int(workspace.now_s())
    for event in events:
        state = fold([event], start=state)
        rows.append(
            {
                "issue_id": issue_id,
                "kind": event.kind,
                "at_s": epoch_s(event.at),
                "recorded_at_s": recorded_at_s,
                "actor": caller.name,
                "profile_hash": workspace.profile.hash,
                "payload": dict(event.payload),
                "state": state_to_values(state),
            }
        )
    return rows
