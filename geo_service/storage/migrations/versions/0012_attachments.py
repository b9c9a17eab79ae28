"""Photos of issues, and when what was private of an issue was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of attachments; no issue was erased so far."""
    op.add_column("issues", sa.Column("erased_at_s", sa.BigInteger()))
    op.create_table(
        "attachments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("attached_at_s", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_attachments_issue_id_issues")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    columns = ["issue_id", "hash", "kind"]
    op.create_index(op.f("ix_attachments_issue_id"), "attachments", columns, unique=True)
    op.create_index(op.f("ix_attachments_hash"), "attachments", ["hash"], unique=False)
