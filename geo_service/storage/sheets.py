"""Sheets as they were signed: added, read, never changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Connection, RowMapping, and_, cast, func, insert, select, type_coerce

from geo_service.storage.tables import signed_sheets

_SHORT = [
    column for column in signed_sheets.c if column.name not in {"figures", "page", "workbook"}
]


def next_number(connection: Connection) -> int:
    """Return the number of the next sheet; the transaction must be one that writes."""
    return (connection.scalar(select(func.max(signed_sheets.c.number))) or 0) + 1


def add_sheet(connection: Connection, row: Mapping[str, Any]) -> None:
    """Add a signed sheet."""
    connection.execute(insert(signed_sheets), [dict(row)])


def sheet(connection: Connection, number: int) -> Mapping[str, Any] | None:
    """Return a signed sheet with all that was frozen; None where there is none."""
    query = select(signed_sheets).where(signed_sheets.c.number == number)
    return _plain(connection.execute(query).mappings().one_or_none())


def sheets_of(
    connection: Connection, *, kind: str, layer: str, from_s: int, to_s: int
) -> Sequence[Mapping[str, Any]]:
    """Return number and figures of the sheets of a period, the newest first."""
    told = signed_sheets.c
    query = (
        select(told.number, told.figures)
        .where(told.kind == kind, told.layer == layer, told.from_s == from_s, told.to_s == to_s)
        .order_by(told.number.desc())
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def newest_of(
    connection: Connection, *, kind: str, from_s: int | None = None, to_s: int | None = None
) -> Mapping[str, Any] | None:
    """Return the newest sheet of a kind, of any layer, without what was frozen; None without one.

    ``from_s`` and ``to_s`` ask for one period, in seconds since 1970 UTC. A sheet that is narrowed
    to a category or a source is none of the whole.
    """
    told = signed_sheets.c
    is_whole = and_(*(name.is_(None) for name in _narrowed(connection)))
    query = select(*_SHORT).where(told.kind == kind, is_whole).order_by(told.number.desc()).limit(1)
    if from_s is not None:
        query = query.where(told.from_s == from_s, told.to_s == to_s)
    return _plain(connection.execute(query).mappings().one_or_none())


def all_sheets(connection: Connection, *, limit: int) -> Sequence[Mapping[str, Any]]:
    """Return the newest sheets, of what was frozen only what they are ``narrowed`` to."""
    query = (
        select(*_SHORT, *_narrowed(connection)).order_by(signed_sheets.c.number.desc()).limit(limit)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def _narrowed(connection: Connection) -> list[Any]:
    """Return the columns that say what a sheet is narrowed to, empty for the whole."""
    # in PostgreSQL a text has to be made JSON, in SQLite it is, and a cast would make a number
    is_text = connection.dialect.name == "sqlite"
    figures = (type_coerce if is_text else cast)(signed_sheets.c.figures, JSON)
    names = ("category", "source")
    return [figures["narrowed", name].as_string().label(f"narrowed_{name}") for name in names]


def _plain(row: RowMapping | None) -> Mapping[str, Any] | None:
    return None if row is None else {str(name): value for name, value in row.items()}
