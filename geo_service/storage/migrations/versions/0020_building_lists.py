"""Building lists of areas, and codes of buildings among the reference features."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns; areas that stand have no list, what stands on them is theirs."""
    op.add_column("areas", sa.Column("buildings", sa.Text(), nullable=True))
    op.add_column("draft_areas", sa.Column("buildings", sa.Text(), nullable=True))
    op.add_column("reference_features", sa.Column("code", CODE, nullable=True))
