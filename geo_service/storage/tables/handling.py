"""Where issues stand that somebody handles, and the announced years that deadlines rest on."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from geo_service.storage.tables.base import Key, metadata, recorded_columns

calendars = Table(
    "calendars",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    *recorded_columns(),
)

# One row for each issue that somebody has handled here: what its newest state says, as columns that
# queues and rates ask for. `marks` are the names of running marks with commas around each.
issue_standings = Table(
    "issue_standings",
    metadata,
    Column("issue_id", Key, ForeignKey("issues.id"), primary_key=True),
    Column("state", String, nullable=False),
    Column("phase", String, nullable=False),
    Column("tier", String),
    Column("unit", String),
    Column("condition", String),
    Column("waited_for", Integer, nullable=False),
    Column("returned", Integer, nullable=False),
    Column("duplicate_of", Key, ForeignKey("issues.id")),
    Column("marks", String, nullable=False),
    Index("ix_issue_standings_phase", "phase"),
    Index("ix_issue_standings_duplicate_of", "duplicate_of"),
)
