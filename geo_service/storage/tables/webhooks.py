"""Who is told of events, how far each of them is, and what they did not take."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from geo_service.storage.tables.base import Code, Key, metadata

# The log of events is the queue: all up to ``cursor_event`` were taken, were not wanted, or wait in
# ``webhook_events``. ``holder`` delivers until ``held_until_s``; what it brings back counts only
# while ``revision`` is what it was. ``selection`` is JSON; ``pause_reason`` tells why nothing is
# sent, None while it is. ``former_secret`` still signs, beside the new one, until a moment.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Code, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", String, nullable=False),
    Column("former_secret", String),
    Column("former_until_s", BigInteger),
    Column("selection", Text, nullable=False),
    Column("created_at_s", BigInteger, nullable=False),
    Column("cursor_event", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("pause_reason", String),
    Column("taken", BigInteger, nullable=False),
    Column("taken_at_s", BigInteger),
    Column("failed_at_s", BigInteger),
    Column("failure", Text),
    Column("holder", String(32)),
    Column("held_until_s", BigInteger, nullable=False),
    UniqueConstraint("name"),
)

# ``next_try_s`` is None behind another event of the same issue, and of what is dead; ``failed_at``
# is how many events the receiver had taken when this one failed, None if it took others meanwhile.
webhook_events = Table(
    "webhook_events",
    metadata,
    Column("webhook_id", Key, ForeignKey("webhooks.id"), primary_key=True),
    Column("event_id", Key, ForeignKey("issue_events.id"), primary_key=True),
    Column("issue_id", Key, ForeignKey("issues.id"), nullable=False),
    Column("is_dead", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("first_try_s", BigInteger),
    Column("next_try_s", BigInteger),
    Column("failed_at", BigInteger),
    Column("failure", Text),
)
