"""四至 that people wrote, and why a draft is made while it is one."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table and the column; drafts published before keep their reason in the edition."""
    op.add_column("drafts", sa.Column("reason", sa.Text()))
    op.create_table(
        "bounds_texts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("zh", sa.Text()),
        sa.Column("en", sa.Text()),
        sa.Column("draft_id", KEY),
        sa.Column("revision", sa.Integer()),
        sa.Column("edition", sa.Integer()),
        sa.Column("known_from_s", sa.BigInteger()),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        _reference("draft_id", "drafts.id"),
        _reference("edition", "editions.number"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounds_texts")),
    )
    op.create_index("ix_bounds_texts_layer_code", "bounds_texts", ["layer", "code"])
    op.create_index("ix_bounds_texts_draft_id", "bounds_texts", ["draft_id"])


def _reference(column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_bounds_texts_{column}_{to.split('.')[0]}")
    return sa.ForeignKeyConstraint([column], [to], name=name)
