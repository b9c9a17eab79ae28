"""Issues, what happened to them, whose they are."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from geo_service.storage.tables.base import Code, Key, metadata

_IS_OPEN = text("status = 'open'")

chains = Table(
    "chains",
    metadata,
    Column("id", Key, primary_key=True),
    Column("family", Code, nullable=False),
    Column("links", Text, nullable=False),
    UniqueConstraint("family", "links"),
)

chain_areas = Table(
    "chain_areas",
    metadata,
    Column("chain_id", Key, ForeignKey("chains.id"), primary_key=True),
    Column("layer", Code, primary_key=True),
    Column("code", Code, nullable=False),
    Index("ix_chain_areas_layer_code", "layer", "code"),
)

issues = Table(
    "issues",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", Code, nullable=False),
    Column("external_id", Code, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("reported_at_s", BigInteger, nullable=False),
    Column("closed_at_s", BigInteger),
    Column("status", String, nullable=False),
    Column("request_type", String),
    Column("category_major", String),
    Column("category_minor", String),
    Column("title", String),
    Column("lon", Float),
    Column("lat", Float),
    Column("x", Float),
    Column("y", Float),
    Column("source_frame", String),
    Column("accuracy_m", Float),
    Column("due_s", BigInteger),
    Column("next_due_s", BigInteger),
    Column("is_provisional", Boolean, nullable=False, server_default=false()),
    Column("is_late", Boolean, nullable=False, server_default=false()),
    Column("erased_at_s", BigInteger),
    UniqueConstraint("source", "external_id"),
    Index("ix_issues_reported_at_s", "reported_at_s"),
    Index("ix_issues_closed_at_s", "closed_at_s"),
    Index("ix_issues_status", "status", "reported_at_s"),
    Index("ix_issues_category_major", "category_major", "reported_at_s"),
    Index("ix_issues_source", "source", "reported_at_s"),
    # of the few open ones alone: an index of all would cost every intake
    Index(
        "ix_issues_next_due_s",
        "next_due_s",
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    ),
    Index(
        "ix_issues_is_provisional",
        "id",
        sqlite_where=text("is_provisional"),
        postgresql_where=text("is_provisional"),
    ),
)

# Those that wait for somebody to say where they are: few among very many.
_HAS_NO_PLACE = issues.c.lon.is_(None)
Index(
    "ix_issues_without_place",
    issues.c.id,
    sqlite_where=_HAS_NO_PLACE,
    postgresql_where=_HAS_NO_PLACE,
)

# What a reporter typed lives apart, so that it can be erased while the events stay.
issue_texts = Table(
    "issue_texts",
    metadata,
    Column("issue_id", Key, ForeignKey("issues.id"), primary_key=True),
    Column("description", Text),
    Column("address", Text),
)

issue_events = Table(
    "issue_events",
    metadata,
    Column("id", Key, primary_key=True),
    Column("issue_id", Key, ForeignKey("issues.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("at_s", BigInteger, nullable=False),
    Column("recorded_at_s", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("profile_hash", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),
    Index("ix_issue_events_issue_id", "issue_id"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("issue_id", Key, ForeignKey("issues.id"), primary_key=True),
    Column("family", Code, primary_key=True),
    Column("edition", Integer),
    Column("rule", String, nullable=False),
    Column("status", String, nullable=False),
    Column("distance_m", Float),
    Column("chain_id", Key, ForeignKey("chains.id")),
    Column("candidates", Text),
    Column("overrides", Text),
    Column("agreement", Integer),
    Index("ix_assignments_chain_id", "chain_id"),
)

# The newest row tells on which edition, by which profile and agreements (numbers with commas
# between), every open issue has its owner.
relocations = Table(
    "relocations",
    metadata,
    Column("id", Key, primary_key=True),
    Column("edition", Integer, ForeignKey("editions.number"), nullable=False),
    Column("profile_hash", String(64), ForeignKey("profiles.hash"), nullable=False),
    Column("at_s", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("located", Integer, nullable=False),
    Column("reassigned", Integer, nullable=False),
    Column("agreements", Text),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", String, primary_key=True),
    Column("route", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("recorded_at_s", BigInteger, nullable=False),
)
