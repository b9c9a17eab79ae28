"""Which areas of overlays take an issue from the owner of the ground."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; a profile that names overrides is another one, so all open issues follow."""
    op.add_column("assignments", sa.Column("overrides", sa.Text(), nullable=True))
