"""The rows of attachments: which photos an issue has, and which files anybody needs."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from geo_service.storage.tables import CHUNK, attachments


class AttachmentRow(NamedTuple):
    """One photo of an issue; its file is kept by the hash."""

    issue_id: int
    hash: str
    kind: str
    media_type: str
    bytes: int
    width: int
    height: int
    role: str
    attached_at_s: int
    note: str | None


_COLUMNS = [attachments.c[name] for name in AttachmentRow._fields]


def attachments_of(connection: Connection, issue_id: int) -> list[AttachmentRow]:
    """Return the photos of an issue, in the order in which they were attached."""
    query = select(*_COLUMNS).where(attachments.c.issue_id == issue_id).order_by(attachments.c.id)
    return [AttachmentRow(*row) for row in connection.execute(query)]


def add_attachment(connection: Connection, row: AttachmentRow) -> None:
    """Store one."""
    connection.execute(insert(attachments).values(row._asdict()))


def remove_attachments(connection: Connection, issue_ids: Sequence[int]) -> list[AttachmentRow]:
    """Remove the photos of these issues, and return them; files stay until they are swept."""
    removed: list[AttachmentRow] = []
    for start in range(0, len(issue_ids), CHUNK):
        is_theirs = attachments.c.issue_id.in_(issue_ids[start : start + CHUNK])
        removed += [
            AttachmentRow(*row) for row in connection.execute(select(*_COLUMNS).where(is_theirs))
        ]
        connection.execute(delete(attachments).where(is_theirs))
    return removed


def needed_hashes(connection: Connection, hashes: Collection[str]) -> set[str]:
    """Return those of some hashes that any issue names."""
    wanted = list(hashes)
    needed: set[str] = set()
    for start in range(0, len(wanted), CHUNK):
        some = wanted[start : start + CHUNK]
        query = select(attachments.c.hash).where(attachments.c.hash.in_(some))
        needed.update(connection.scalars(query))
    return needed


def every_hash(connection: Connection) -> list[str]:
    """Return the hash of every file that some issue names, in their order."""
    query = select(attachments.c.hash).distinct().order_by(attachments.c.hash)
    return list(connection.scalars(query))
