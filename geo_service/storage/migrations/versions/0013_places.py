"""Addresses and the places they stand for; which of them located an issue."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _make_places()
    _make_lists()
    _make_matches()
    has_no_place = sa.text("lon IS NULL")
    op.create_index(
        op.f("ix_issues_without_place"),
        "issues",
        ["id"],
        sqlite_where=has_no_place,
        postgresql_where=has_no_place,
    )


def _make_places() -> None:
    op.create_table(
        "places",
        sa.Column("id", KEY, nullable=False),
        sa.Column("list_name", CODE, nullable=False),
        sa.Column("row_key", CODE, nullable=False),
        sa.Column("road", sa.String()),
        sa.Column("lanes", sa.String()),
        sa.Column("number", sa.String()),
        sa.Column("name", sa.String()),
        sa.Column("building", sa.String()),
        sa.Column("title", sa.String()),
        sa.Column("aliases", sa.Text()),
        sa.Column("kind", sa.String()),
        sa.Column("address", sa.Text()),
        sa.Column("layer", CODE),
        sa.Column("area", CODE),
        sa.Column("x", sa.Float()),
        sa.Column("y", sa.Float()),
        sa.Column("source_frame", sa.String()),
        sa.Column("lon", sa.Float()),
        sa.Column("lat", sa.Float()),
        sa.Column("recorded_at_s", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("ended_at_s", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
    )
    op.create_index(op.f("ix_places_list_name"), "places", ["list_name", "ended_at_s"])
    op.create_index(op.f("ix_places_ended_at_s"), "places", ["ended_at_s"])


def _make_lists() -> None:
    op.create_table(
        "place_lists",
        sa.Column("list_name", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("imported_at_s", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("list_name", name=op.f("pk_place_lists")),
    )
    op.create_index(op.f("ix_place_lists_revision"), "place_lists", ["revision"])


def _make_matches() -> None:
    op.create_table(
        "place_matches",
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("place_id", KEY),
        sa.Column("told", sa.Text()),
        sa.Column("matched_at_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_place_matches_issue_id_issues")
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["places.id"], name=op.f("fk_place_matches_place_id_places")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_place_matches")),
    )
