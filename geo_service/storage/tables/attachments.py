"""The photos of issues that are kept: each row has its event, and its file by the hash."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from geo_service.storage.tables.base import Key, metadata

# ``note`` is what somebody typed: it stands here and in no event, so that it can be erased.
attachments = Table(
    "attachments",
    metadata,
    Column("id", Key, primary_key=True),
    Column("issue_id", Key, ForeignKey("issues.id"), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("kind", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("role", String, nullable=False),
    Column("attached_at_s", BigInteger, nullable=False),
    Column("note", Text),
    Index("ix_attachments_issue_id", "issue_id", "hash", "kind", unique=True),
    Index("ix_attachments_hash", "hash"),
)
