"""When issues are due, where those stand that are handled, and announced years."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns to issues, and two tables."""
    _add_columns()
    op.create_table(
        "calendars",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendars")),
    )
    _make_standings()


def _add_columns() -> None:
    for name in ("due_s", "next_due_s"):
        op.add_column("issues", sa.Column(name, sa.BigInteger()))
    for name in ("is_provisional", "is_late"):
        op.add_column(
            "issues", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    for name, column, where in (
        ("next_due_s", "next_due_s", "status = 'open'"),
        ("is_provisional", "id", "is_provisional"),
    ):
        is_wanted = sa.text(where)
        op.create_index(
            op.f(f"ix_issues_{name}"),
            "issues",
            [column],
            sqlite_where=is_wanted,
            postgresql_where=is_wanted,
        )


def _make_standings() -> None:
    name = "issue_standings"
    op.create_table(
        name,
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("tier", sa.String()),
        sa.Column("unit", sa.String()),
        sa.Column("condition", sa.String()),
        sa.Column("waited_for", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("duplicate_of", KEY),
        sa.Column("marks", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_issue_standings_issue_id_issues")
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["issues.id"], name=op.f("fk_issue_standings_duplicate_of_issues")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_issue_standings")),
    )
    for column in ("phase", "duplicate_of"):
        op.create_index(op.f(f"ix_issue_standings_{column}"), name, [column])
