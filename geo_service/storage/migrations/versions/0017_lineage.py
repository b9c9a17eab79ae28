"""Where the ground of areas went with each edition."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table; editions that stand get no rows, theirs are computed when asked for."""
    op.create_table(
        "lineage",
        sa.Column("id", KEY, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("old_code", CODE),
        sa.Column("new_code", CODE),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("share_of_old", sa.Float()),
        sa.Column("share_of_new", sa.Float()),
        sa.Column("residents_of_old", sa.Float()),
        sa.Column("residents_of_new", sa.Float()),
        sa.Column("is_old_estimated", sa.Boolean(), nullable=False),
        sa.Column("is_new_estimated", sa.Boolean(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], ["editions.number"], name=op.f(f"fk_lineage_{name}_editions")
            )
            for name in ("edition", "before")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage")),
        sa.UniqueConstraint(
            "edition",
            "layer",
            "old_code",
            "new_code",
            name=op.f("uq_lineage_edition_layer_old_code_new_code"),
        ),
    )
