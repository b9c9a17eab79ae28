"""Ground inside root layers that is meant to belong to nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table; until now no root layer could have a hole."""
    op.create_table(
        "enclaves",
        sa.Column("id", KEY, nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at_s", sa.BigInteger()),
        sa.Column("withdrawn_by", sa.String()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enclaves")),
    )
