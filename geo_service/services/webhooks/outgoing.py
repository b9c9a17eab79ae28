"""What one receiver gets in one round: events read from the log, with the owners of now."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from geo_service.governance.delivery.cloud_event import (
    LoggedEvent,
    OwnerTold,
    cloud_event,
    message_id,
)
from geo_service.governance.delivery.selection import Owner, Selection
from geo_service.governance.event import REASSIGNED
from geo_service.storage import issue_queries, logged_events
from geo_service.storage.databases import Transaction

LOOKED_AT, TAKEN_AT_ONCE = 1_000, 200
"""Events of the log that a round looks at, and of those that are sent."""


class Message(NamedTuple):
    """One event, ready to be signed."""

    id: str
    body: bytes


class Wanted(NamedTuple):
    """What a receiver wants of a piece of the log, up to which event that was looked through.

    ``is_all`` tells that there was nothing more.
    """

    events: Sequence[LoggedEvent]
    cursor_event: int
    is_all: bool


class OwnersBook:
    """Owners of the issues of some events, read once."""

    def __init__(self, connection: Transaction, events: Iterable[LoggedEvent]) -> None:
        known = list(events)
        ids = sorted({event.issue_id for event in known})
        kept = issue_queries.assignments_of(connection, ids)
        self._owners = {row_id: [_told(row) for row in rows] for row_id, rows in kept.items()}
        chain_ids = {
            chain_id
            for event in known
            if event.kind == REASSIGNED
            for side in ("before", "after")
            if (chain_id := event.payload[side].get("chain_id")) is not None
        }
        self._chains = logged_events.chain_areas_of(connection, sorted(chain_ids))

    def owners_of(self, event: LoggedEvent) -> list[OwnerTold]:
        """Return the owners of an event's issue now, one for each family."""
        return self._owners.get(event.issue_id, [])

    def moved(self, event: LoggedEvent) -> dict[str, Any] | None:
        """Return the owner before and after an event that an owner changed by, else None."""
        if event.kind != REASSIGNED:
            return None
        sides = {
            side: [{"layer": layer, "code": code} for layer, code in self._areas(event, side)]
            for side in ("before", "after")
        }
        told = event.payload
        return {"family": told["family"], "edition": told["edition"], **sides}

    def all_owners(self, event: LoggedEvent) -> set[Owner]:
        """Return every area that has or had an event's issue: those of both sides of a move."""
        found: set[Owner] = set()
        for owner in self.owners_of(event):
            found |= {*owner.areas, *([owner.responsible] if owner.responsible else [])}
        if event.kind == REASSIGNED:
            found |= {*self._areas(event, "before"), *self._areas(event, "after")}
        return found

    def message(self, event: LoggedEvent, source: str) -> Message:
        """Return what goes out of an event."""
        owners, moved = self.owners_of(event), self.moved(event)
        return Message(message_id(event), cloud_event(event, owners, source=source, moved=moved))

    def _areas(self, event: LoggedEvent, side: str) -> list[Owner]:
        areas = list(self._chains.get(event.payload[side].get("chain_id") or 0, []))
        overrides = event.payload[side].get("overrides") or []
        return areas + [(each["layer"], each["code"]) for each in overrides[:1]]


def wanted_above(
    connection: Transaction, selection: Selection, cursor_event: int
) -> tuple[Wanted, OwnersBook]:
    """Return the next events of the log that a receiver wants, and the owners of their issues."""
    most = TAKEN_AT_ONCE if selection == Selection() else LOOKED_AT
    looked_at = logged_events.events_above(connection, cursor_event, most=most)
    chosen: list[LoggedEvent] = []
    for event in looked_at:
        if len(chosen) == TAKEN_AT_ONCE:
            break
        cursor_event = event.id
        if selection.may_want(event.kind, event.state):
            chosen.append(event)
    book = OwnersBook(connection, chosen)
    wanted = [event for event in chosen if selection.wants_of(book.all_owners(event))]
    is_all = len(looked_at) < most and (not looked_at or cursor_event == looked_at[-1].id)
    return Wanted(wanted, cursor_event, is_all), book


def messages_of(
    connection: Transaction, event_ids: Sequence[int], source: str
) -> dict[int, Message]:
    """Return event id → what goes out of it."""
    events = logged_events.events_by_id(connection, event_ids)
    book = OwnersBook(connection, events.values())
    return {event_id: book.message(event, source) for event_id, event in events.items()}


def _told(kept: Mapping[str, Any]) -> OwnerTold:
    links = orjson.loads(kept["links"]) if kept["links"] else []
    overrides = orjson.loads(kept["overrides"]) if kept["overrides"] else []
    responsible = (overrides[0]["layer"], overrides[0]["code"]) if overrides else None
    areas = [(layer, code) for layer, code in links]
    return OwnerTold(kept["family"], kept["edition"], kept["rule"], areas, responsible)
