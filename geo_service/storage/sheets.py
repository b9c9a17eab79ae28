"""Sheets as they were signed: added, read, never changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

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


def latest_of(
    connection: Connection, *, kind: str, layer: str, from_s: int, to_s: int
) -> Mapping[str, Any] | None:
    """Return the newest sheet of a period; None where none was signed."""
    told = signed_sheets.c
    query = (
        select(signed_sheets)
        .where(told.kind == kind, told.layer == layer, told.from_s == from_s, told.to_s == to_s)
        .order_by(told.number.desc())
        .limit(1)
    )
    return _plain(connection.execute(query).mappings().one_or_none())


def all_sheets(connection: Connection, *, limit: int) -> Sequence[Mapping[str, Any]]:
    """Return the newest sheets, without what was frozen."""
    query = select(*_SHORT).order_by(signed_sheets.c.number.desc()).limit(limit)
    return [dict(zip(row._fields, row, strict=True)) for row in connection.execute(query)]


def _plain(row: RowMapping | None) -> Mapping[str, Any] | None:
    return None if row is None else {str(name): value for name, value in row.items()}
