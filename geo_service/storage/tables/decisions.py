"""Whose issues are because a person said so."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, String, Table, Text, false

from geo_service.storage.tables.base import Code, Key, metadata

# The newest decision of each issue and family; those before it stand in the events. It is
# questioned when its issue's place became another after it was made.
decisions = Table(
    "decisions",
    metadata,
    Column("issue_id", Key, ForeignKey("issues.id"), primary_key=True),
    Column("family", Code, primary_key=True),
    Column("layer", Code, nullable=False),
    Column("code", Code, nullable=False),
    Column("reason", String, nullable=False),
    Column("cites", Text),
    Column("actor", String, nullable=False),
    Column("role", String, nullable=False),
    Column("decided_at_s", BigInteger, nullable=False),
    Column("is_questioned", Boolean, nullable=False, server_default=false()),
)
