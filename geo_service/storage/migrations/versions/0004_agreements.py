"""Written border agreements, and which of them open issues and assignments follow."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table and the columns; without any agreement yet, all that is stored holds."""
    op.create_table(
        "agreements",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("first_code", CODE, nullable=False),
        sa.Column("second_code", CODE, nullable=False),
        sa.Column("owner_code", CODE, nullable=False),
        sa.Column("within_m", sa.Float(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("effective_from_s", sa.BigInteger(), nullable=False),
        sa.Column("effective_to_s", sa.BigInteger(), nullable=True),
        sa.Column("stretch", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at_s", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_agreements")),
    )
    op.add_column("relocations", sa.Column("agreements", sa.Text(), nullable=True))
    op.add_column("assignments", sa.Column("agreement", sa.Integer(), nullable=True))
