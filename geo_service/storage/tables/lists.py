"""How far lists have come whose import is under way or was broken off."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from geo_service.storage.tables.base import Key, metadata

# How far lists have come whose import is under way or was broken off; ``counts`` and ``places``
# (samples by frame) are JSON.
list_imports = Table(
    "list_imports",
    metadata,
    Column("list_hash", String(64), primary_key=True),
    Column("run", String(32), nullable=False),
    Column("started_at_s", BigInteger, nullable=False),
    Column("recorded_at_s", BigInteger, nullable=False),
    Column("rows_done", Integer, nullable=False),
    Column("last_row", Integer, nullable=False),
    Column("counts", Text, nullable=False),
    Column("places", Text, nullable=False),
)

list_import_rejections = Table(
    "list_import_rejections",
    metadata,
    Column("id", Key, primary_key=True),
    Column("list_hash", String(64), ForeignKey("list_imports.list_hash"), nullable=False),
    Column("row", Integer, nullable=False),
    Column("field", String, nullable=False),
    Column("reason_zh", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
    Index("ix_list_import_rejections_list_hash", "list_hash"),
)
