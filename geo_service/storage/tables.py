"""The tables, one definition for SQLite and PostgreSQL.

Times are whole seconds since 1970 UTC (``_at_s``, ``_from_s``): both databases compare them alike
and nothing depends on a session's time zone. What they are compared with is rounded before:
PostgreSQL would round it to the nearest second, SQLite not at all. Codes compare by Unicode code
point: SQLite's BINARY does so by itself, PostgreSQL needs COLLATE "C".
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

CHUNK = 500
"""So many values at once: SQLite takes no more than 32,766 of them in a statement."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Code = String().with_variant(String(collation="C"), "postgresql")
Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys by itself

profiles = Table(
    "profiles",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("adopted_at_s", BigInteger, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("published_at_s", BigInteger, nullable=False),
    Column("effective_from_s", BigInteger, nullable=False),
    Column("is_correction", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", String, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("profile_hash", String(64), ForeignKey("profiles.hash"), nullable=False),
    Column("uncorrected", Text),
)

areas = Table(
    "areas",
    metadata,
    Column("id", Key, primary_key=True),
    Column("layer", Code, nullable=False),
    Column("code", Code, nullable=False),
    Column("name", String, nullable=False),
    Column("parent_code", Code),
    Column("attributes", Text, nullable=False),
    Column("outline", LargeBinary, nullable=False),
    Column("area_m2", Float),
    Column("west", Float, nullable=False),
    Column("south", Float, nullable=False),
    Column("east", Float, nullable=False),
    Column("north", Float, nullable=False),
    Column("first_edition", Integer, ForeignKey("editions.number"), nullable=False),
    Column("last_edition", Integer),
    UniqueConstraint("layer", "code", "first_edition"),
    Index("ix_areas_layer_last_edition", "layer", "last_edition"),
)

figures = Table(
    "figures",
    metadata,
    Column("id", Key, primary_key=True),
    Column("layer", Code, nullable=False),
    Column("code", Code, nullable=False),
    Column("figure", String, nullable=False),
    Column("value", String, nullable=False),
    Column("from_s", BigInteger, nullable=False),
    Column("source", String, nullable=False),
    Column("recorded_at_s", BigInteger, nullable=False),
    Index("ix_figures_layer_figure", "layer", "figure", "code", "from_s"),
)

references = Table(
    "reference_features",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("outline", LargeBinary, nullable=False),
    Index("ix_reference_features_kind", "kind"),
)

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
    UniqueConstraint("source", "external_id"),
    Index("ix_issues_reported_at_s", "reported_at_s"),
    Index("ix_issues_closed_at_s", "closed_at_s"),
    Index("ix_issues_status", "status", "reported_at_s"),
    Index("ix_issues_category_major", "category_major", "reported_at_s"),
    Index("ix_issues_source", "source", "reported_at_s"),
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

agreements = Table(
    "agreements",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("layer", Code, nullable=False),
    Column("first_code", Code, nullable=False),
    Column("second_code", Code, nullable=False),
    Column("owner_code", Code, nullable=False),
    Column("within_m", Float, nullable=False),
    Column("document", String, nullable=False),
    Column("wording", Text, nullable=False),
    Column("effective_from_s", BigInteger, nullable=False),
    Column("effective_to_s", BigInteger),
    Column("stretch", LargeBinary),
    Column("recorded_at_s", BigInteger, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("withdrawn_at_s", BigInteger),
    Column("withdrawn_by", String),
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
    Column("x", Float),
    Column("y", Float),
    Column("source_frame", String),
    Column("lon", Float),
    Column("lat", Float),
    Column("founded_s", BigInteger),
    Column("dissolved_s", BigInteger),
    Column("details", Text, nullable=False),
    Column("recorded_at_s", BigInteger, nullable=False),
    Column("recorded_by", String, nullable=False),
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
    Column("recorded_at_s", BigInteger, nullable=False),
    Column("recorded_by", String, nullable=False),
    Index("ix_activities_organisation", "organisation", "held_on_s"),
)
