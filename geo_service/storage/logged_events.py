"""The log of all events, read in its order: ids are given in the order of commits (ADR 0011)."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Select, func, select

from geo_service.governance.delivery.cloud_event import LoggedEvent
from geo_service.storage.databases.statements import rows_of
from geo_service.storage.tables import CHUNK, chains, issue_events

_EVENTS = select(*(issue_events.c[name] for name in LoggedEvent._fields))


def events_above(connection: Connection, event_id: int, *, most: int) -> list[LoggedEvent]:
    """Return the events that were recorded after one, oldest first."""
    query = _EVENTS.where(issue_events.c.id > event_id).order_by(issue_events.c.id).limit(most)
    return _read(connection, query)


def events_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, LoggedEvent]:
    """Return id → event of those that are there."""
    found: dict[int, LoggedEvent] = {}
    for start in range(0, len(ids), CHUNK):
        query = _EVENTS.where(issue_events.c.id.in_(ids[start : start + CHUNK]))
        found |= {event.id: event for event in _read(connection, query)}
    return found


def newest_event(connection: Connection) -> int:
    """Return the id of the newest event, 0 where there is none."""
    [(newest,)] = rows_of(connection, _NEWEST)
    return newest or 0


def issues_since(connection: Connection, event_id: int) -> list[int]:
    """Return the issues that something happened to after an event, ordered."""
    told = issue_events.c
    query = select(told.issue_id).where(told.id > event_id).distinct().order_by(told.issue_id)
    return list(connection.scalars(query))


def first_event_since(connection: Connection, moment_s: int) -> int | None:
    """Return the first event that was recorded at a moment or later, None where none was."""
    query = select(func.min(issue_events.c.id)).where(issue_events.c.recorded_at_s >= moment_s)
    first: int | None = connection.scalar(query)
    return first


def chain_areas_of(
    connection: Connection, chain_ids: Sequence[int]
) -> dict[int, list[tuple[str, str]]]:
    """Return chain id → its areas (layer, code), root first."""
    found: dict[int, list[tuple[str, str]]] = {}
    for start in range(0, len(chain_ids), CHUNK):
        some = chain_ids[start : start + CHUNK]
        query = select(chains.c.id, chains.c.links).where(chains.c.id.in_(some))
        for chain_id, links in connection.execute(query):
            found[chain_id] = [(layer, code) for layer, code in orjson.loads(links)]
    return found


_NEWEST = select(func.max(issue_events.c.id))


def _read(connection: Connection, query: Select[Any]) -> list[LoggedEvent]:
    return [
        LoggedEvent(
            **{**row, "payload": orjson.loads(row["payload"]), "state": orjson.loads(row["state"])}
        )
        for row in connection.execute(query).mappings()
    ]
