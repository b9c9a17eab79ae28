"""四至 that people wrote: of areas in editions, and of areas in drafts."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from geo_service.storage.tables import CHUNK, bounds_texts


class BoundsTextRow(NamedTuple):
    """One text for one outline (WKB); without ``zh`` the generated text stands again.

    ``edition`` and ``known_from_s`` are None while it stands in a draft alone, ``draft_id`` where
    it came from none, and ``revision`` (that of the draft) where it stands in no draft.
    """

    id: int
    layer: str
    code: str
    outline: bytes
    zh: str | None
    en: str | None
    draft_id: int | None
    revision: int | None
    edition: int | None
    known_from_s: int | None
    recorded_at_s: int
    recorded_by: str


_ROW = [bounds_texts.c[name] for name in BoundsTextRow._fields]
_PUBLISHED = bounds_texts.c.edition.is_not(None)


def add_text(connection: Connection, row: BoundsTextRow) -> None:
    """Append a text; its number is given here."""
    values = row._asdict()
    del values["id"]
    connection.execute(insert(bounds_texts).values(values))


def published_texts(
    connection: Connection, layer: str, codes: Sequence[str], *, known_at_s: float | None = None
) -> list[BoundsTextRow]:
    """Return the texts of areas outside drafts, in the order in which they were known."""
    known_from_s = bounds_texts.c.known_from_s
    is_known = _PUBLISHED if known_at_s is None else known_from_s <= int(known_at_s)
    found: list[BoundsTextRow] = []
    for start in range(0, len(codes), CHUNK):
        is_one = bounds_texts.c.code.in_(codes[start : start + CHUNK])
        query = select(*_ROW).where(bounds_texts.c.layer == layer, is_one, is_known)
        found += [BoundsTextRow(*row) for row in connection.execute(query)]
    return sorted(found)


def texts_of_draft(connection: Connection, draft_id: int) -> list[BoundsTextRow]:
    """Return the texts that were written in a draft, in that order."""
    query = select(*_ROW).where(bounds_texts.c.draft_id == draft_id, ~_PUBLISHED)
    rows = connection.execute(query.order_by(bounds_texts.c.id))
    return [BoundsTextRow(*row) for row in rows]


def all_texts(connection: Connection) -> list[BoundsTextRow]:
    """Return every text, in order."""
    rows = connection.execute(select(*_ROW).order_by(bounds_texts.c.id))
    return [BoundsTextRow(*row) for row in rows]
