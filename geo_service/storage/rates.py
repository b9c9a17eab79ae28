"""What rates are made of: kept when an issue is handled, read as columns for counting."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
)

from geo_service.governance.rates.measures import IssueMeasures
from geo_service.layers.area import Floats
from geo_service.storage.alignment import accuracies, aligned, of_issues
from geo_service.storage.databases.lookups import chunks_known
from geo_service.storage.databases.rows import DEGREES, insert_rows, read_packed
from geo_service.storage.issue_queries import IssueFilter, filtered
from geo_service.storage.tables import (
    CHUNK,
    assignments,
    issue_credits,
    issue_measures,
    issue_spells,
    issues,
)

Integers = NDArray[np.int64]

Flags = NDArray[np.bool_]

_CATEGORY, _TIER = 1 << 18, 1 << 10
"""What small numbers are multiplied by that come as one: each column costs as much as any other."""

_SPARSE = 8
"""Where fewer than one row in so many is wanted, each is looked up by itself."""


@dataclass(frozen=True)
class RateFilter:
    """Which issues: those that the filter lets through, and were reported in its days.

    With ``is_by_event`` those too that were accepted, answered or closed in them, or are open.
    """

    issues: IssueFilter
    is_by_event: bool = False


@dataclass(frozen=True)
class CodeLists:
    """The texts that are counted by; what stands in none of its list has the number -1."""

    categories: Sequence[str] = ()
    sources: Sequence[str] = ()
    tiers: Sequence[str] = ()
    satisfaction: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class RateColumns:
    """Issues as columns, ordered by id: moments in seconds since 1970 UTC, -1 for none.

    ``category``, ``source``, ``tier`` and ``satisfaction`` are numbers in the lists that were
    given, -1 for none of them. Of an issue that nobody handled here all that handling tells is
    none.
    """

    ids: Integers
    lon: Floats
    lat: Floats
    accuracy_m: Floats
    reported_s: Integers
    closed_s: Integers
    due_s: Integers
    is_open: Flags
    is_late: Flags
    category: Integers
    source: Integers
    accepted_s: Integers
    responded_s: Integers
    response_due_s: Integers
    answered_s: Integers
    tier: Integers
    satisfaction: Integers
    resolved: Integers
    """1 where the caller said that it is resolved, 0 where not, -1 where nobody asked."""
    is_excluded: Flags
    is_exempted: Flags
    is_duplicate: Flags


def rate_columns(connection: Connection, wanted: RateFilter, codes: CodeLists) -> RateColumns:
    """Return what rates ask of every issue that is wanted."""
    names = (issues.c.category_major, codes.categories), (issues.c.source, codes.sources)
    category, source = (_numbered(column, known) for column, known in names)
    query = select(
        issues.c.id,
        issues.c.lon,
        issues.c.lat,
        issues.c.reported_at_s,
        func.coalesce(issues.c.closed_at_s, -1),
        func.coalesce(issues.c.due_s, -1),
        cast(issues.c.status == "open", Integer)
        + 2 * cast(issues.c.is_late, Integer)
        + 4 * source
        + _CATEGORY * category,
    )
    kinds = (int, DEGREES, DEGREES, *(int,) * 4)
    found = read_packed(connection, _wanted(connection, query, wanted), kinds)
    order = np.argsort(found[0], kind="stable")
    ids, lon, lat, reported_s, closed_s, due_s, packed = (each[order] for each in found)
    return RateColumns(
        ids=ids,
        lon=lon,
        lat=lat,
        accuracy_m=accuracies(connection, ids),
        reported_s=reported_s,
        closed_s=closed_s,
        due_s=due_s,
        is_open=(packed & 1).astype(bool),
        is_late=(packed & 2).astype(bool),
        category=packed // _CATEGORY - 1,
        source=packed % _CATEGORY // 4 - 1,
        **_handled(connection, ids, codes),
    )


def _handled(connection: Connection, ids: Integers, codes: CodeLists) -> dict[str, Any]:
    """Return the columns that handling tells."""
    told = issue_measures.c
    moments = ("accepted_s", "responded_s", "response_due_s", "answered_s")
    flags = (
        cast(told.is_excluded, Integer)
        + 2 * cast(told.is_exempted, Integer)
        + 4 * cast(told.duplicate_of.is_not(None), Integer)
    )
    query = select(
        told.issue_id,
        *(func.coalesce(told[name], -1) for name in moments),
        flags
        + 8 * _numbered(told.resolved, ("no", "yes"))
        + 32 * _numbered(told.satisfaction, codes.satisfaction)
        + _TIER * _numbered(told.tier, codes.tiers),
    )
    own, *columns, packed = read_packed(
        connection, of_issues(query, told.issue_id, ids), (int,) * 6
    )
    told_s = [aligned(ids, own, column, otherwise=-1) for column in columns]
    packed = aligned(ids, own, packed, otherwise=0)
    return dict(zip(moments, told_s, strict=True)) | {
        "tier": packed // _TIER - 1,
        "satisfaction": packed % _TIER // 32 - 1,
        "resolved": packed % 32 // 8 - 1,
        "is_excluded": (packed & 1).astype(bool),
        "is_exempted": (packed & 2).astype(bool),
        "is_duplicate": (packed & 4).astype(bool),
    }


def kept_chain_ids(connection: Connection, ids: Integers, *, family: str) -> Integers:
    """Return the chain of each issue's kept assignment; 0 for none."""
    kept = assignments.c
    query = select(kept.issue_id, func.coalesce(kept.chain_id, 0)).where(kept.family == family)
    own, chain_ids = read_packed(connection, of_issues(query, kept.issue_id, ids), (int, int))
    return aligned(ids, own, chain_ids, otherwise=0)


def credited_chain_ids(
    connection: Connection, ids: Integers, kept: Integers, *, family: str, event: str
) -> Integers:
    """Return the chain that has the credit for an event; ``kept`` where there was none."""
    told = issue_credits.c
    query = select(told.issue_id, func.coalesce(told.chain_id, 0)).where(
        told.family == family, told.event == event
    )
    own, chain_ids = read_packed(connection, of_issues(query, told.issue_id, ids), (int, int))
    return aligned(ids, own, chain_ids, otherwise=kept)


def spell_columns(
    connection: Connection, ids: Integers, tiers: Sequence[str]
) -> tuple[Integers, Integers, Integers, Integers]:
    """Return (position among ids, number of the tier, used_s, entered_s or -1) of each spell."""
    told = issue_spells.c
    query = select(
        told.issue_id,
        _numbered(told.tier, tiers) - 1,
        told.used_s,
        func.coalesce(told.entered_s, -1),
    )
    found = read_packed(connection, of_issues(query, told.issue_id, ids), (int,) * 4)
    at = np.searchsorted(ids, found[0])
    is_wanted = ids[np.minimum(at, len(ids) - 1)] == found[0] if len(ids) else at < 0
    at, tier, used_s, entered_s = (each[is_wanted] for each in (at, *found[1:]))
    return at, tier, used_s, entered_s


def measured_ids(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Return which of these issues have measures."""
    found: list[int] = []
    for start in range(0, len(ids), CHUNK):
        few = ids[start : start + CHUNK]
        query = select(issue_measures.c.issue_id).where(issue_measures.c.issue_id.in_(few))
        found += connection.scalars(query)
    return found


def put_measures(connection: Connection, rows: Mapping[int, IssueMeasures]) -> None:
    """Put the measures of issues in the place of what was known of them."""
    if not rows:
        return
    for few in chunks_known(connection, issue_measures.c.issue_id, list(rows)):
        connection.execute(delete(issue_spells).where(issue_spells.c.issue_id.in_(few)))
        connection.execute(delete(issue_measures).where(issue_measures.c.issue_id.in_(few)))
    plain = [{"issue_id": row_id, **row._asdict()} for row_id, row in rows.items()]
    spells = [
        {"issue_id": row["issue_id"], **spell._asdict()}
        for row in plain
        for spell in row.pop("spells")
    ]
    insert_rows(connection, issue_measures, plain)
    if spells:
        insert_rows(connection, issue_spells, spells)


def told_moments(
    connection: Connection, ids: Sequence[int]
) -> dict[int, tuple[int | None, int | None]]:
    """Return id → when it was responded to and answered, of issues that have measures."""
    found: dict[int, tuple[int | None, int | None]] = {}
    told = issue_measures.c
    for few in chunks_known(connection, told.issue_id, ids):
        query = select(told.issue_id, told.responded_s, told.answered_s)
        query = query.where(told.issue_id.in_(few))
        found |= {
            row_id: (responded, answered)
            for row_id, *(responded, answered) in connection.execute(query)
        }
    return found


def credit_each(connection: Connection, ids_by_event: Mapping[str, Sequence[int]]) -> None:
    """Give whoever owns issues now the credit for events, in the place of who had it."""
    told = issue_credits.c
    columns = ("issue_id", "event", "family", "chain_id")
    every = [issue_id for ids in ids_by_event.values() for issue_id in ids]
    is_any_known = next(chunks_known(connection, told.issue_id, every), None) is not None
    for event, ids in ids_by_event.items():
        for start in range(0, len(ids), CHUNK):
            few = ids[start : start + CHUNK]
            if is_any_known:
                is_one = told.issue_id.in_(few)
                connection.execute(delete(issue_credits).where(is_one, told.event == event))
            kept = assignments.c
            owners = select(kept.issue_id, literal(event), kept.family, kept.chain_id)
            owned = owners.where(kept.issue_id.in_(few))
            connection.execute(insert(issue_credits).from_select(columns, owned))


def credit_now(connection: Connection, issue_id: int, events: Iterable[str]) -> None:
    """Give whoever owns an issue now the credit for events, in the place of who had it."""
    wanted = list(events)
    if not wanted:
        return
    told = issue_credits.c
    connection.execute(
        delete(issue_credits).where(told.issue_id == issue_id, told.event.in_(wanted))
    )
    kept = select(assignments.c.family, assignments.c.chain_id).where(
        assignments.c.issue_id == issue_id
    )
    owners = connection.execute(kept).all()
    rows: list[dict[str, Any]] = [
        {"issue_id": issue_id, "event": event, "family": family, "chain_id": chain_id}
        for event in wanted
        for family, chain_id in owners
    ]
    if rows:
        connection.execute(insert(issue_credits), rows)


def _wanted(connection: Connection, query: Select[Any], wanted: RateFilter) -> Select[Any]:
    """Leave the issues that are wanted."""
    days = wanted.issues
    if not wanted.is_by_event:
        return _walked(connection, query, days)
    since_s = ceil(days.reported_from_s or 0)
    told = issue_measures.c
    happened = or_(told.accepted_s >= since_s, told.answered_s >= since_s)
    is_touched = or_(
        issues.c.status == "open",
        issues.c.reported_at_s + 0 >= since_s,
        issues.c.closed_at_s + 0 >= since_s,
        issues.c.id.in_(select(told.issue_id).where(happened)),
    )
    return filtered(query, replace(days, reported_from_s=None)).where(is_touched)


def _walked(connection: Connection, query: Select[Any], days: IssueFilter) -> Select[Any]:
    """Leave the issues of some days: by the index of days, or past all rows where those are most.

    SQLite would always take the index, and by it a row costs ten times what passing it does.
    """
    from_s, to_s = ceil(days.reported_from_s or 0), ceil(days.reported_to_s or 0)
    within = issues.c.reported_at_s.between(from_s, to_s - 1)
    counted = select(func.min(issues.c.id), func.max(issues.c.id), func.count()).where(within)
    first, last, number = connection.execute(counted).one()
    if not number or number * _SPARSE < last - first + 1:
        return filtered(query, days)
    reported_s = issues.c.reported_at_s + 0  # no index is of this
    others = replace(days, reported_from_s=None, reported_to_s=None)
    return filtered(query, others).where(
        issues.c.id.between(first, last), reported_s >= from_s, reported_s < to_s
    )


def _numbered(column: ColumnElement[Any], known: Sequence[str]) -> Any:
    """Return the number of a text in a list, counted from 1; 0 for one that is not in it."""
    if not known:
        return literal_column("0", Integer)
    return case({text: i for i, text in enumerate(known, start=1)}, value=column, else_=0)
