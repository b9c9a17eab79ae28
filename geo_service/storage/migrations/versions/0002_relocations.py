"""Relocations of open issues, and what a correction leaves uncorrected."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table and the column."""
    op.add_column("editions", sa.Column("uncorrected", sa.Text(), nullable=True))
    op.create_table(
        "relocations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("profile_hash", sa.String(length=64), nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("located", sa.Integer(), nullable=False),
        sa.Column("reassigned", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["editions.number"], name=op.f("fk_relocations_edition")
        ),
        sa.ForeignKeyConstraint(
            ["profile_hash"], ["profiles.hash"], name=op.f("fk_relocations_profile_hash")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relocations")),
    )
