"""Registers of organisations, units and sites, and what organisations do."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    _make_entries()
    _make_activities()


def _make_entries() -> None:
    op.create_table(
        "register_entries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("register", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("from_s", sa.BigInteger(), nullable=False),
        sa.Column("is_withdrawal", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("layer", CODE),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer()),
        sa.Column("x", sa.Float()),
        sa.Column("y", sa.Float()),
        sa.Column("source_frame", sa.String()),
        sa.Column("lon", sa.Float()),
        sa.Column("lat", sa.Float()),
        sa.Column("founded_s", sa.BigInteger()),
        sa.Column("dissolved_s", sa.BigInteger()),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["editions.number"], name=op.f("fk_register_entries_edition_editions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entries")),
    )
    op.create_index(op.f("ix_register_entries_register"), "register_entries", ["register", "id"])
    op.create_index(op.f("ix_register_entries_code"), "register_entries", ["code", "register"])


def _make_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("id", KEY, nullable=False),
        sa.Column("organisation", CODE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("held_on_s", sa.BigInteger(), nullable=False),
        sa.Column("is_withdrawal", sa.Boolean(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    )
    op.create_index(op.f("ix_activities_organisation"), "activities", ["organisation", "held_on_s"])
