"""Boundaries on their way: drafts, what was done in them, and the areas that resulted."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    _drafts()
    _operations()
    _areas()


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("base_edition", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer()),
        sa.Column("consulted", sa.Text()),
        sa.Column("approval", sa.Text()),
        sa.Column("changed_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        _reference("drafts", "base_edition", "editions.number"),
        _reference("drafts", "edition", "editions.number"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )


def _operations() -> None:
    op.create_table(
        "draft_operations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("draft_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        _reference("draft_operations", "draft_id", "drafts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_operations")),
    )
    op.create_index("ix_draft_operations_draft_id", "draft_operations", ["draft_id"])


def _areas() -> None:
    op.create_table(
        "draft_areas",
        sa.Column("operation_id", KEY, nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_code", CODE),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("outline", sa.LargeBinary()),
        _reference("draft_areas", "operation_id", "draft_operations.id"),
        sa.PrimaryKeyConstraint("operation_id", "layer", "code", name=op.f("pk_draft_areas")),
    )


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to.split('.')[0]}")
    return sa.ForeignKeyConstraint([column], [to], name=name)
