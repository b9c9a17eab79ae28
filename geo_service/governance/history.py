"""The stored history of one issue: whether its events, in their order, add up to what is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from geo_service.errors import IllegalTransition
from geo_service.governance.event import (
    CLOSED_EVENT,
    REPORTED,
    STEP,
    Event,
    IssueState,
    fold,
    state_to_values,
)
from geo_service.governance.moment import EARLIEST, epoch_s

ILLEGAL, OTHER_STATE, OTHER_COLUMN = "illegal_event", "other_state", "other_column"
ODD_TIME, OTHER_TIME = "odd_time", "other_time"

_AHEAD_S = int(timedelta(days=1).total_seconds())
"""So much later than it is recorded may something have happened: the intake refuses more."""
_EARLIEST_S = int(EARLIEST.timestamp())
_TOLD_AT = {REPORTED: "reported_at", CLOSED_EVENT: "closed_at"}
"""Under which name the payload of an event tells when it happened; a step tells seconds."""
_NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""A fold does not look at the moments of events."""


@dataclass(frozen=True)
class StoredEvent:
    """An event as it is stored; ``state`` holds the plain values that it led to."""

    number: int
    kind: str
    at_s: int
    recorded_at_s: int
    payload: Mapping[str, Any]
    state: Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """What does not add up: at an event by its number, or in a column of the issue."""

    kind: str
    event: int | None = None
    column: str | None = None


def faults(events: Sequence[StoredEvent], columns: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with a history, the oldest first.

    Parameters
    ----------
    events
        In the order of their numbers, at least one.
    columns
        The plain values of the issue as it stands. Each name that the last state tells must hold
        the same; names that either does not know say nothing, as the private ones do.

    Notes
    -----
    After an event that cannot follow those before it nothing can be folded any more, and nothing is
    said of what comes later.
    """
    state: IssueState | None = None
    for event in events:
        if not _EARLIEST_S <= event.at_s <= event.recorded_at_s + _AHEAD_S:
            yield Fault(ODD_TIME, event.number)
        if _told_at_s(event) not in (None, event.at_s):
            yield Fault(OTHER_TIME, event.number)
        try:
            state = fold([Event(event.kind, _NO_MOMENT, event.payload)], start=state)
        except IllegalTransition:
            yield Fault(ILLEGAL, event.number)
            return
        if state_to_values(state) != event.state:
            yield Fault(OTHER_STATE, event.number)
    last = events[-1].state
    for name in columns:
        if name in last and last[name] != columns[name]:
            yield Fault(OTHER_COLUMN, column=name)


def _told_at_s(event: StoredEvent) -> int | None:
    """Return when an event happened as its payload tells it; None where it does not."""
    if event.kind == STEP:
        at_s = event.payload.get("at_s")
        return at_s if isinstance(at_s, int) else None
    told = event.payload.get(_TOLD_AT.get(event.kind, ""))
    try:
        return None if told is None else epoch_s(datetime.fromisoformat(told))
    except (TypeError, ValueError):  # then it is no state of ours either
        return None
