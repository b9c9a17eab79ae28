"""Webhooks: who is told of events, and what they did not take."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    _make_webhooks()
    _make_events()


def _make_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", CODE, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("former_secret", sa.String()),
        sa.Column("former_until_s", sa.BigInteger()),
        sa.Column("selection", sa.Text(), nullable=False),
        sa.Column("created_at_s", sa.BigInteger(), nullable=False),
        sa.Column("cursor_event", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pause_reason", sa.String()),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("taken_at_s", sa.BigInteger()),
        sa.Column("failed_at_s", sa.BigInteger()),
        sa.Column("failure", sa.Text()),
        sa.Column("holder", sa.String(32)),
        sa.Column("held_until_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("name", name=op.f("uq_webhooks_name")),
    )


def _make_events() -> None:
    op.create_table(
        "webhook_events",
        sa.Column("webhook_id", KEY, nullable=False),
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("is_dead", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_try_s", sa.BigInteger()),
        sa.Column("next_try_s", sa.BigInteger()),
        sa.Column("failed_at", sa.BigInteger()),
        sa.Column("failure", sa.Text()),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_events_webhook_id_webhooks")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["issue_events.id"],
            name=op.f("fk_webhook_events_event_id_issue_events"),
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_webhook_events_issue_id_issues")
        ),
        sa.PrimaryKeyConstraint("webhook_id", "event_id", name=op.f("pk_webhook_events")),
    )
