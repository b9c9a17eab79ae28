"""What was published: profiles, editions, areas, their figures and 四至, what is around them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from geo_service.storage.tables.base import Code, Key, metadata, recorded_columns

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

# NULL buildings: the area has no building list; else a JSON list of the buildings on it.
areas = Table(
    "areas",
    metadata,
    Column("id", Key, primary_key=True),
    Column("layer", Code, nullable=False),
    Column("code", Code, nullable=False),
    Column("name", String, nullable=False),
    Column("parent_code", Code),
    Column("attributes", Text, nullable=False),
    Column("buildings", Text),
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
    Column("code", Code),
    Column("name", String, nullable=False),
    Column("outline", LargeBinary, nullable=False),
    Index("ix_reference_features_kind", "kind"),
)

# NULL is nobody: ground that no area has any more, or that none had before. Rows of an edition are
# written with it; one that was published before there was this table has none.
lineage = Table(
    "lineage",
    metadata,
    Column("id", Key, primary_key=True),
    Column("edition", Integer, ForeignKey("editions.number"), nullable=False),
    Column("before", Integer, ForeignKey("editions.number"), nullable=False),
    Column("layer", Code, nullable=False),
    Column("old_code", Code),
    Column("new_code", Code),
    Column("kind", String, nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("share_of_old", Float),
    Column("share_of_new", Float),
    Column("residents_of_old", Float),
    Column("residents_of_new", Float),
    Column("is_old_estimated", Boolean, nullable=False),
    Column("is_new_estimated", Boolean, nullable=False),
    UniqueConstraint("edition", "layer", "old_code", "new_code"),
)

# 四至 that people wrote, each with the outline it was written for.
# Rows are added and never changed. Without a text the generated one stands again. A row of a draft
# has the revision it made and no edition; what was published of a draft is a row of its own, with
# the edition and when it was known from.
bounds_texts = Table(
    "bounds_texts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("layer", Code, nullable=False),
    Column("code", Code, nullable=False),
    Column("outline", LargeBinary, nullable=False),
    Column("zh", Text),
    Column("en", Text),
    Column("draft_id", Key, ForeignKey("drafts.id")),
    Column("revision", Integer),
    Column("edition", Integer, ForeignKey("editions.number")),
    Column("known_from_s", BigInteger),
    *recorded_columns(),
    Index("ix_bounds_texts_layer_code", "layer", "code"),
    Index("ix_bounds_texts_draft_id", "draft_id"),
)

# Ground inside a root layer that is meant to belong to no area of it. A hole that lies inside one
# is no defect. Rows are withdrawn, never removed: editions stand on them.
enclaves = Table(
    "enclaves",
    metadata,
    Column("id", Key, primary_key=True),
    Column("layer", Code, nullable=False),
    Column("outline", LargeBinary, nullable=False),
    Column("wording", Text, nullable=False),
    *recorded_columns(),
    Column("withdrawn_at_s", BigInteger),
    Column("withdrawn_by", String),
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
    *recorded_columns(),
    Column("withdrawn_at_s", BigInteger),
    Column("withdrawn_by", String),
)
