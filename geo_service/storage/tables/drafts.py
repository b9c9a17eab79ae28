"""Boundaries on their way: drafts, what was done in them, and the areas that resulted."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from geo_service.storage.tables.base import Code, Key, metadata, recorded_columns

# The revision counts every change, undone and done again ones too: whoever has read one knows
# whether another came since.
drafts = Table(
    "drafts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String, nullable=False),
    Column("base_edition", Integer, ForeignKey("editions.number"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("edition", Integer, ForeignKey("editions.number")),
    Column("reason", Text),
    Column("consulted", Text),
    Column("approval", Text),
    Column("changed_at_s", BigInteger, nullable=False),
    *recorded_columns(),
)

# An operation is done, undone, or dropped: undone when another one was done in its stead.
draft_operations = Table(
    "draft_operations",
    metadata,
    Column("id", Key, primary_key=True),
    Column("draft_id", Key, ForeignKey("drafts.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("asked", Text, nullable=False),
    Column("touched", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("revision", Integer, nullable=False),
    *recorded_columns(),
    Index("ix_draft_operations_draft_id", "draft_id", "state"),
)

# What an operation led to, as it is stored in editions; an area without an outline is no more.
draft_areas = Table(
    "draft_areas",
    metadata,
    Column("operation_id", Key, ForeignKey("draft_operations.id"), primary_key=True),
    Column("layer", Code, primary_key=True),
    Column("code", Code, primary_key=True),
    Column("name", String, nullable=False),
    Column("parent_code", Code),
    Column("attributes", Text, nullable=False),
    Column("buildings", Text),
    Column("outline", LargeBinary),
)

# What somebody knows of an area as it was drawn then: ``outline`` is the ground that it is of.
draft_figures = Table(
    "draft_figures",
    metadata,
    Column("draft_id", Key, ForeignKey("drafts.id"), primary_key=True),
    Column("layer", Code, primary_key=True),
    Column("code", Code, primary_key=True),
    Column("figure", String, primary_key=True),
    Column("value", String, nullable=False),
    Column("outline", LargeBinary, nullable=False),
    *recorded_columns(),
)
