"""Registers: every version of every entry, and recorded activities; nothing is ever changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import floor
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, exists, func, select, true

from geo_service.governance.organisations.register import Activity, Entry
from geo_service.storage.databases.rows import insert_values, plain_rows
from geo_service.storage.tables import CHUNK, activities, register_entries

_ENTRY = (
    "register",
    "code",
    "name",
    "kind",
    "from_s",
    "layer",
    "areas",
    "edition",
    "x",
    "y",
    "source_frame",
    "lon",
    "lat",
    "founded_s",
    "dissolved_s",
    "details",
)
_STORED = (*_ENTRY, "is_withdrawal", "recorded_at_s", "recorded_by")
_COLUMNS = [register_entries.c[name] for name in _ENTRY]
_HELD = [activities.c[name] for name in Activity._fields]
_IS_WITHDRAWAL = len(_ENTRY)
_FROM = _ENTRY.index("from_s")
_AREAS, _DETAILS = _ENTRY.index("areas"), _ENTRY.index("details")


@dataclass(frozen=True)
class Version:
    """One version of an entry as it was recorded; a withdrawal voids those before it."""

    entry: Entry
    is_withdrawal: bool
    recorded_at_s: int
    recorded_by: str


def add_entries(
    connection: Connection, found: Sequence[Entry], *, recorded_at_s: int, actor: str
) -> None:
    """Store versions; each says since when it applies."""
    _add(connection, found, is_withdrawal=False, recorded_at_s=recorded_at_s, actor=actor)


def withdraw_entry(connection: Connection, entry: Entry, *, recorded_at_s: int, actor: str) -> None:
    """Note that every version of an entry recorded so far was an error."""
    _add(connection, [entry], is_withdrawal=True, recorded_at_s=recorded_at_s, actor=actor)


def entries_as_of(
    connection: Connection,
    register: str,
    *,
    as_of_s: float,
    known_at_s: float,
    codes: Iterable[str] | None = None,
) -> list[Entry]:
    """Return the version of each entry that applies at a moment, as known at another, by code.

    Of the versions that begin by then the latest one, and of several that begin together the one
    recorded last. Entries dissolved by then are among them.
    """
    current: dict[str, Any] = {}
    for row in _rows(connection, register, known_at_s, codes):
        code = row[1]
        if row[_IS_WITHDRAWAL]:
            current.pop(code, None)
        elif row[_FROM] <= as_of_s and (code not in current or row[_FROM] >= current[code][_FROM]):
            current[code] = row
    return _entries([current[code] for code in sorted(current)])


def timelines(
    connection: Connection, register: str, codes: Sequence[str], *, known_at_s: float
) -> dict[str, dict[int | None, Entry]]:
    """Return the versions of some entries that stand as known at a moment, by code and beginning.

    Of several that begin together the one recorded last; none of an entry that was taken back.
    """
    current: dict[str, dict[int, Any]] = {}
    for row in _rows(connection, register, known_at_s, codes):
        if row[_IS_WITHDRAWAL]:
            current.pop(row[1], None)
        else:
            current.setdefault(row[1], {})[row[_FROM]] = row
    return {
        code: {entry.from_s: entry for entry in _entries(list(rows.values()))}
        for code, rows in current.items()
    }


def recorded_codes(
    connection: Connection, register: str, codes: Sequence[str], *, known_at_s: float
) -> frozenset[str]:
    """Return which of some codes were ever recorded, for whatever day, as known at a moment."""
    found: set[str] = set()
    for condition in _pieces(register_entries.c.code, codes):
        query = select(register_entries.c.code).where(
            register_entries.c.register == register,
            register_entries.c.recorded_at_s <= floor(known_at_s),
            condition,
        )
        found |= set(connection.scalars(query))
    return frozenset(found)


def versions(connection: Connection, register: str, code: str) -> list[Version]:
    """Return everything recorded about one entry, in the order of recording."""
    query = (
        select(*(register_entries.c[name] for name in _STORED))
        .where(register_entries.c.register == register, register_entries.c.code == code)
        .order_by(register_entries.c.id)
    )
    rows = connection.execute(query).all()
    return [
        Version(
            entry,
            is_withdrawal=row.is_withdrawal,
            recorded_at_s=row.recorded_at_s,
            recorded_by=row.recorded_by,
        )
        for entry, row in zip(_entries(rows), rows, strict=True)
    ]


def add_activities(
    connection: Connection,
    found: Sequence[Activity],
    *,
    is_withdrawal: bool = False,
    recorded_at_s: int,
    actor: str,
) -> None:
    """Store activities, or that they were recorded in error."""
    columns = (*Activity._fields, "is_withdrawal", "recorded_at_s", "recorded_by")
    rows = [(*each, is_withdrawal, recorded_at_s, actor) for each in found]
    if rows:
        insert_values(connection, activities, columns, rows)


def activities_as_of(
    connection: Connection,
    *,
    as_of_s: float,
    known_at_s: float,
    organisations: Iterable[str] | None = None,
) -> list[Activity]:
    """Return what was held by a moment, as known at another, by organisation and day."""
    given = None if organisations is None else list(organisations)
    found: dict[Activity, bool] = {}
    for condition in _pieces(activities.c.organisation, given):
        query = (
            select(*_HELD, activities.c.is_withdrawal)
            .where(
                activities.c.held_on_s <= floor(as_of_s),
                activities.c.recorded_at_s <= floor(known_at_s),
                condition,
            )
            .order_by(activities.c.id)
        )
        for *held, is_withdrawal in connection.execute(query):
            found[Activity(*held)] = not is_withdrawal
    standing = (activity for activity, stands in found.items() if stands)
    return sorted(standing, key=lambda each: (each.organisation, each.held_on_s, each.kind))


def last_activities(
    connection: Connection, kinds: Sequence[str], *, as_of_s: float, known_at_s: float
) -> Mapping[str, int]:
    """Return when each organisation last held an activity of some kinds, by its code."""
    query = (
        select(activities.c.organisation, func.max(activities.c.held_on_s))
        .where(
            activities.c.kind.in_(list(kinds)),
            activities.c.held_on_s <= floor(as_of_s),
            activities.c.recorded_at_s <= floor(known_at_s),
            ~activities.c.is_withdrawal,
        )
        .group_by(activities.c.organisation)
    )
    if connection.scalar(select(exists().where(activities.c.is_withdrawal))):
        query = query.where(~_is_undone(known_at_s))  # twice the time, and rarely needed
    return dict(plain_rows(connection, query))


def revision(connection: Connection) -> tuple[int, int]:
    """Return what changes with every record: the cheap read."""
    latest = [
        select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery()
        for table in (register_entries, activities)
    ]
    entry_id, activity_id = connection.execute(select(*latest)).one()
    return entry_id, activity_id


def _is_undone(known_at_s: float) -> ColumnElement[bool]:
    """Tell whether an activity was withdrawn after it was recorded, as known at a moment."""
    undone = activities.alias()
    return (
        select(undone.c.id)
        .where(
            undone.c.organisation == activities.c.organisation,
            undone.c.held_on_s == activities.c.held_on_s,
            undone.c.kind == activities.c.kind,
            undone.c.is_withdrawal,
            undone.c.id > activities.c.id,
            undone.c.recorded_at_s <= floor(known_at_s),
        )
        .exists()
    )


def _add(
    connection: Connection,
    found: Sequence[Entry],
    *,
    is_withdrawal: bool,
    recorded_at_s: int,
    actor: str,
) -> None:
    if found:
        rows = [(*_values(entry), is_withdrawal, recorded_at_s, actor) for entry in found]
        insert_values(connection, register_entries, _STORED, rows)


def _values(entry: Entry) -> tuple[Any, ...]:
    told = entry._asdict()
    told["areas"] = orjson.dumps(entry.areas).decode()
    told["details"] = orjson.dumps(entry.details, option=orjson.OPT_SORT_KEYS).decode()
    return tuple(told[name] for name in _ENTRY)


def _rows(
    connection: Connection, register: str, known_at_s: float, codes: Iterable[str] | None
) -> Iterator[Any]:
    """Yield the versions known at a moment in the order of recording."""
    given = None if codes is None else list(codes)
    for condition in _pieces(register_entries.c.code, given):
        query = (
            select(*_COLUMNS, register_entries.c.is_withdrawal)
            .where(
                register_entries.c.register == register,
                register_entries.c.recorded_at_s <= floor(known_at_s),
                condition,
            )
            .order_by(register_entries.c.id)
        )
        yield from plain_rows(connection, query)  # fetching one by one costs twice as much


def _pieces(
    column: ColumnElement[Any], values: Sequence[str] | None
) -> Iterator[ColumnElement[bool]]:
    if values is None:
        yield true()
        return
    for start in range(0, len(values), CHUNK):
        yield column.in_(values[start : start + CHUNK])


def _entries(rows: Sequence[Sequence[Any]]) -> list[Entry]:
    """Return the entries of rows, column by column: that is several times faster."""
    if not rows:
        return []
    columns = list(zip(*rows, strict=True))[: len(_ENTRY)]
    areas, details = (_read_all(columns[at]) for at in (_AREAS, _DETAILS))
    columns[_AREAS] = tuple(tuple(each) for each in areas)
    columns[_DETAILS] = details
    # as Entry._make does, without a call in Python for each
    return list(map(partial(tuple.__new__, Entry), zip(*columns, strict=True)))


def _read_all(texts: Sequence[str]) -> tuple[Any, ...]:
    return tuple(orjson.loads(f"[{','.join(texts)}]"))
