"""What circles of accuracy say of assignments, and an index to step through categories."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; the status of what is stored is its rule until it is located again.

    Without a relocation to start from, the next one locates every open issue, and judges it.
    """
    op.add_column("assignments", sa.Column("status", sa.String(), nullable=True))
    op.add_column("assignments", sa.Column("candidates", sa.Text(), nullable=True))
    op.execute("UPDATE assignments SET status = rule")
    with op.batch_alter_table("assignments") as table:
        table.alter_column("status", existing_type=sa.String(), nullable=False)
    op.create_index("ix_issues_category_major", "issues", ["category_major"], unique=False)
    op.execute("DELETE FROM relocations")
