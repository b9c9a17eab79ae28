"""The first tables: profiles, editions and areas, figures, references, issues and their events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "chains",
        sa.Column("id", KEY, nullable=False),
        sa.Column("family", CODE, nullable=False),
        sa.Column("links", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chains")),
        sa.UniqueConstraint("family", "links", name=op.f("uq_chains_family_links")),
    )
    op.create_table(
        "figures",
        sa.Column("id", KEY, nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("figure", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("from_s", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures")),
    )
    op.create_index(
        "ix_figures_layer_figure", "figures", ["layer", "figure", "code", "from_s"], unique=False
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "route", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "issues",
        sa.Column("id", KEY, nullable=False),
        sa.Column("source", CODE, nullable=False),
        sa.Column("external_id", CODE, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("reported_at_s", sa.BigInteger(), nullable=False),
        sa.Column("closed_at_s", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("request_type", sa.String(), nullable=True),
        sa.Column("category_major", sa.String(), nullable=True),
        sa.Column("category_minor", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("x", sa.Float(), nullable=True),
        sa.Column("y", sa.Float(), nullable=True),
        sa.Column("source_frame", sa.String(), nullable=True),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_issues_source_external_id")),
    )
    op.create_index("ix_issues_closed_at_s", "issues", ["closed_at_s"], unique=False)
    op.create_index("ix_issues_reported_at_s", "issues", ["reported_at_s"], unique=False)
    op.create_index("ix_issues_status", "issues", ["status", "reported_at_s"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("adopted_at_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_profiles")),
    )
    op.create_table(
        "reference_features",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_features")),
    )
    op.create_index("ix_reference_features_kind", "reference_features", ["kind"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("family", CODE, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("distance_m", sa.Float(), nullable=True),
        sa.Column("chain_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["chain_id"], ["chains.id"], name=op.f("fk_assignments_chain_id")),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_assignments_issue_id")),
        sa.PrimaryKeyConstraint("issue_id", "family", name=op.f("pk_assignments")),
    )
    op.create_index("ix_assignments_chain_id", "assignments", ["chain_id"], unique=False)
    op.create_table(
        "chain_areas",
        sa.Column("chain_id", KEY, nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.ForeignKeyConstraint(["chain_id"], ["chains.id"], name=op.f("fk_chain_areas_chain_id")),
        sa.PrimaryKeyConstraint("chain_id", "layer", name=op.f("pk_chain_areas")),
    )
    op.create_index("ix_chain_areas_layer_code", "chain_areas", ["layer", "code"], unique=False)
    op.create_table(
        "editions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("published_at_s", sa.BigInteger(), nullable=False),
        sa.Column("effective_from_s", sa.BigInteger(), nullable=False),
        sa.Column("is_correction", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("profile_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_hash"], ["profiles.hash"], name=op.f("fk_editions_profile_hash")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_editions")),
    )
    op.create_table(
        "issue_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("profile_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_issue_events_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_events")),
    )
    op.create_index("ix_issue_events_issue_id", "issue_events", ["issue_id"], unique=False)
    op.create_table(
        "issue_texts",
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_issue_texts_issue_id")),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_issue_texts")),
    )
    op.create_table(
        "areas",
        sa.Column("id", KEY, nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_code", CODE, nullable=True),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=True),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.Column("first_edition", sa.Integer(), nullable=False),
        sa.Column("last_edition", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_edition"], ["editions.number"], name=op.f("fk_areas_first_edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_areas")),
        sa.UniqueConstraint(
            "layer", "code", "first_edition", name=op.f("uq_areas_layer_code_first_edition")
        ),
    )
    op.create_index("ix_areas_layer_last_edition", "areas", ["layer", "last_edition"], unique=False)
