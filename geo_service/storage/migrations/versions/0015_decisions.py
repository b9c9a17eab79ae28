"""Whose issues are because a person said so."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "decisions",
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("family", CODE, nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cites", sa.Text()),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("decided_at_s", sa.BigInteger(), nullable=False),
        sa.Column("is_questioned", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_decisions_issue_id_issues")
        ),
        sa.PrimaryKeyConstraint("issue_id", "family", name=op.f("pk_decisions")),
    )
