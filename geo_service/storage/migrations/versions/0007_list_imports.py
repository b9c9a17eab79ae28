"""How far the import of a list has come, so that a broken off one continues there."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables; they are empty whenever no import is under way or broken off."""
    op.create_table(
        "list_imports",
        sa.Column("list_hash", sa.String(64), nullable=False),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("started_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("last_row", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("list_hash", name=op.f("pk_list_imports")),
    )
    op.create_table(
        "list_import_rejections",
        sa.Column("id", KEY, nullable=False),
        sa.Column("list_hash", sa.String(64), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_hash"],
            ["list_imports.list_hash"],
            name=op.f("fk_list_import_rejections_list_hash_list_imports"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_import_rejections")),
    )
    op.create_index(
        op.f("ix_list_import_rejections_list_hash"), "list_import_rejections", ["list_hash"]
    )
