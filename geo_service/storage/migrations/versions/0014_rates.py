"""What rates are made of beside the issues themselves, and signed sheets."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    _make_measures()
    _make_spells()
    _make_credits()
    _make_sheets()


def _of_issues(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_issue_id_issues")
    return sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=name)


def _make_measures() -> None:
    op.create_table(
        "issue_measures",
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("accepted_s", sa.BigInteger()),
        sa.Column("responded_s", sa.BigInteger()),
        sa.Column("response_due_s", sa.BigInteger()),
        sa.Column("answered_s", sa.BigInteger()),
        sa.Column("resolved", sa.String()),
        sa.Column("satisfaction", sa.String()),
        sa.Column("tier", sa.String()),
        sa.Column("is_excluded", sa.Boolean(), nullable=False),
        sa.Column("is_exempted", sa.Boolean(), nullable=False),
        sa.Column("duplicate_of", KEY),
        _of_issues("issue_measures"),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["issues.id"], name=op.f("fk_issue_measures_duplicate_of_issues")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_issue_measures")),
    )
    op.create_index(op.f("ix_issue_measures_duplicate_of"), "issue_measures", ["duplicate_of"])


def _make_spells() -> None:
    op.create_table(
        "issue_spells",
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("used_s", sa.BigInteger(), nullable=False),
        sa.Column("entered_s", sa.BigInteger()),
        _of_issues("issue_spells"),
        sa.PrimaryKeyConstraint("issue_id", "tier", name=op.f("pk_issue_spells")),
    )


def _make_credits() -> None:
    op.create_table(
        "issue_credits",
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("family", CODE, nullable=False),
        sa.Column("chain_id", KEY),
        _of_issues("issue_credits"),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["chains.id"], name=op.f("fk_issue_credits_chain_id_chains")
        ),
        sa.PrimaryKeyConstraint("issue_id", "event", "family", name=op.f("pk_issue_credits")),
    )
    op.create_index(op.f("ix_issue_credits_chain_id"), "issue_credits", ["chain_id"])


def _make_sheets() -> None:
    op.create_table(
        "signed_sheets",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("from_s", sa.BigInteger(), nullable=False),
        sa.Column("to_s", sa.BigInteger(), nullable=False),
        sa.Column("known_at_s", sa.BigInteger(), nullable=False),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("corrects", sa.Integer()),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("page", sa.LargeBinary(), nullable=False),
        sa.Column("workbook", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["corrects"],
            ["signed_sheets.number"],
            name=op.f("fk_signed_sheets_corrects_signed_sheets"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_signed_sheets")),
    )
    op.create_index(op.f("ix_signed_sheets_corrects"), "signed_sheets", ["corrects"])
