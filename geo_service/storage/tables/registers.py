"""Registers of organisations, units and sites, and what organisations do."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from geo_service.storage.tables.base import Code, Key, metadata, point_columns, recorded_columns

# One row for every version of an entry, none ever changed: ``areas`` is a JSON list of codes,
# ``details`` a JSON object. A withdrawal voids the versions before it.
register_entries = Table(
    "register_entries",
    metadata,
    Column("id", Key, primary_key=True),
    Column("register", Code, nullable=False),
    Column("code", Code, nullable=False),
    Column("from_s", BigInteger, nullable=False),
    Column("is_withdrawal", Boolean, nullable=False),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("layer", Code),
    Column("areas", Text, nullable=False),
    Column("edition", Integer, ForeignKey("editions.number")),
    *point_columns(),
    Column("founded_s", BigInteger),
    Column("dissolved_s", BigInteger),
    Column("details", Text, nullable=False),
    *recorded_columns(),
    Index("ix_register_entries_register", "register", "id"),
    Index("ix_register_entries_code", "code", "register"),
)

activities = Table(
    "activities",
    metadata,
    Column("id", Key, primary_key=True),
    Column("organisation", Code, nullable=False),
    Column("kind", String, nullable=False),
    Column("held_on_s", BigInteger, nullable=False),
    Column("is_withdrawal", Boolean, nullable=False),
    *recorded_columns(),
    Index("ix_activities_organisation", "organisation", "held_on_s"),
)
