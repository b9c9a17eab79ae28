"""Announced years that an office loaded, beside the product's, and the issues they decide about."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, or_, select

from geo_service.storage.tables import calendars, issues


def calendar_texts(connection: Connection) -> list[tuple[int, str]]:
    """Return (year, text) of the years that were loaded, in their order."""
    query = select(calendars.c.year, calendars.c.text).order_by(calendars.c.year)
    return [(row.year, row.text) for row in connection.execute(query)]


def put_calendar(
    connection: Connection, *, year: int, text: str, recorded_at_s: int, recorded_by: str
) -> None:
    """Store a year in the place of what was loaded for it before."""
    connection.execute(delete(calendars).where(calendars.c.year == year))
    row = {"year": year, "text": text, "recorded_at_s": recorded_at_s, "recorded_by": recorded_by}
    connection.execute(insert(calendars).values(row))


def provisional_ids(
    connection: Connection, until_s: int, *, after: int, limit: int
) -> Sequence[int]:
    """Return issues, by id, whose provisional deadline lies before a moment."""
    is_before = or_(issues.c.due_s < until_s, issues.c.next_due_s < until_s)
    query = (
        select(issues.c.id)
        .where(issues.c.is_provisional, issues.c.id > after, is_before)
        .order_by(issues.c.id)
        .limit(limit)
    )
    return connection.scalars(query).all()
