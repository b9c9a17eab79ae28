"""Addresses and the places they stand for; which of them located an issue that told no point."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from geo_service.storage.tables.base import Code, Key, metadata, point_columns, recorded_columns

# One row for every wording of a place in its list, none ever changed: one that a newer list tells
# otherwise ends, and another one begins. ``row_key`` tells which row of its list it is.
places = Table(
    "places",
    metadata,
    Column("id", Key, primary_key=True),
    Column("list_name", Code, nullable=False),
    Column("row_key", Code, nullable=False),
    Column("road", String),
    Column("lanes", String),
    Column("number", String),
    Column("name", String),
    Column("building", String),
    Column("title", String),
    Column("aliases", Text),
    Column("kind", String),
    Column("address", Text),
    Column("layer", Code),
    Column("area", Code),
    *point_columns(),
    *recorded_columns(),
    Column("ended_at_s", BigInteger),
    Index("ix_places_list_name", "list_name", "ended_at_s"),
    Index("ix_places_ended_at_s", "ended_at_s"),
)

# What was imported last into each list; the highest ``revision`` is another one after any import.
place_lists = Table(
    "place_lists",
    metadata,
    Column("list_name", Code, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("file", String, nullable=False),
    Column("places", Integer, nullable=False),
    Column("imported_at_s", BigInteger, nullable=False),
    Column("imported_by", String, nullable=False),
    Index("ix_place_lists_revision", "revision"),
)

# One row for every issue without coordinates whose address was looked up: ``why`` is "one" where
# it was located so. ``told`` (JSON: the address as it was reported, what it names) is private like
# the texts, and erased with them: then it is null, and so is the place.
place_matches = Table(
    "place_matches",
    metadata,
    Column("issue_id", Key, ForeignKey("issues.id"), primary_key=True),
    Column("why", String, nullable=False),
    Column("place_id", Key, ForeignKey("places.id")),
    Column("told", Text),
    Column("matched_at_s", BigInteger, nullable=False),
)
