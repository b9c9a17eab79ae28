"""True values entered for areas of a draft; where a draft stands is read without its history."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table, and the index that holds which operations are done."""
    op.create_table(
        "draft_figures",
        sa.Column("draft_id", KEY, nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("figure", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["drafts.id"], name=op.f("fk_draft_figures_draft_id_drafts")
        ),
        sa.PrimaryKeyConstraint(
            "draft_id", "layer", "code", "figure", name=op.f("pk_draft_figures")
        ),
    )
    op.drop_index("ix_draft_operations_draft_id", "draft_operations")
    op.create_index("ix_draft_operations_draft_id", "draft_operations", ["draft_id", "state"])
