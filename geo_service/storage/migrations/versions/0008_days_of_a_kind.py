"""The days of one category and of one source, so that a page need not read all their years."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Let the index of categories hold days too, and add one of sources; the rest is as it was."""
    op.drop_index("ix_issues_category_major", "issues")
    for column in ("category_major", "source"):
        op.create_index(f"ix_issues_{column}", "issues", [column, "reported_at_s"], unique=False)
