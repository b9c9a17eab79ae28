"""Webhooks as rows: who they are, how far each is, what waits and what is dead."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from geo_service.governance.delivery.lane import Waiting, headed, is_out
from geo_service.storage.tables import CHUNK, issue_events, webhook_events, webhooks


class WebhookRow(NamedTuple):
    """A webhook as it is stored; ``selection`` is read JSON."""

    id: int
    name: str
    url: str
    secret: str
    former_secret: str | None
    former_until_s: int | None
    selection: dict[str, Any]
    created_at_s: int
    cursor_event: int
    revision: int
    pause_reason: str | None
    taken: int
    taken_at_s: int | None
    failed_at_s: int | None
    failure: str | None
    holder: str | None
    held_until_s: int

    def secrets(self, now_s: float) -> list[str]:
        """Return what messages are signed with now: for a while after a change, both."""
        is_both = self.former_secret is not None and now_s < (self.former_until_s or 0)
        return [self.secret, *([self.former_secret] if is_both and self.former_secret else [])]


class Backlog(NamedTuple):
    """What one webhook has before it."""

    waiting: int
    dead: int
    due_at_s: int | None
    """When the first event that waits is tried again."""
    probe_at_s: int | None
    """When the first one is tried again that failed since the receiver took anything."""
    failing_lanes: int
    newest_event: int
    """Of the log: what is above the cursor was not looked at yet."""

    @property
    def is_out(self) -> bool:
        """Whether the receiver takes nothing at all."""
        return is_out(self.failing_lanes)

    @property
    def next_try_s(self) -> int | None:
        """When something that waits is tried again, None where nothing waits."""
        return self.probe_at_s if self.is_out else self.due_at_s


_COLUMNS = [webhooks.c[name] for name in WebhookRow._fields]
_WAITING = [webhook_events.c[name] for name in Waiting._fields]
_NEWEST = select(func.coalesce(func.max(issue_events.c.id), 0)).scalar_subquery()


def all_webhooks(connection: Connection) -> list[WebhookRow]:
    """Return every webhook, by name."""
    rows = connection.execute(select(*_COLUMNS).order_by(webhooks.c.name))
    return [_read(row) for row in rows]


def find_webhook(connection: Connection, name: str) -> WebhookRow | None:
    """Return the webhook of a name, None where there is none."""
    row = connection.execute(select(*_COLUMNS).where(webhooks.c.name == name)).one_or_none()
    return None if row is None else _read(row)


def held_webhook(connection: Connection, webhook_id: int, holder: str) -> WebhookRow | None:
    """Return a webhook that is still held by somebody, None where it is not, or is gone."""
    is_held = and_(webhooks.c.id == webhook_id, webhooks.c.holder == holder)
    row = connection.execute(select(*_COLUMNS).where(is_held)).one_or_none()
    return None if row is None else _read(row)


def add_webhook(
    connection: Connection,
    *,
    name: str,
    url: str,
    secret: str,
    selection: dict[str, Any],
    created_at_s: int,
) -> int:
    """Store a webhook that gets everything that is stored from now on, and return its id."""
    statement = insert(webhooks).values(
        name=name,
        url=url,
        secret=secret,
        selection=orjson.dumps(selection).decode(),
        created_at_s=created_at_s,
        cursor_event=_NEWEST,
        revision=0,
        taken=0,
        held_until_s=0,
    )
    webhook_id: int = connection.execute(statement.returning(webhooks.c.id)).scalar_one()
    return webhook_id


def remove_webhook(connection: Connection, webhook_id: int) -> None:
    """Forget a webhook with all that waits for it."""
    connection.execute(delete(webhook_events).where(webhook_events.c.webhook_id == webhook_id))
    connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))


def change_webhook(connection: Connection, webhook_id: int, **values: Any) -> None:
    """Put values into the columns of a webhook."""
    connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(**values))


def backlogs(connection: Connection) -> dict[int, Backlog]:
    """Return webhook id → what it has before it; one small statement."""
    waits = and_(webhook_events.c.event_id.is_not(None), ~webhook_events.c.is_dead)
    is_failing = and_(
        waits,
        webhook_events.c.next_try_s.is_not(None),
        webhook_events.c.failed_at == webhooks.c.taken,
    )
    query = (
        select(
            webhooks.c.id,
            _count(waits),
            _count(and_(webhook_events.c.event_id.is_not(None), webhook_events.c.is_dead)),
            func.min(webhook_events.c.next_try_s),
            func.min(case((is_failing, webhook_events.c.next_try_s))),
            _count(is_failing),
            _NEWEST,
        )
        .join(webhook_events, webhook_events.c.webhook_id == webhooks.c.id, isouter=True)
        .group_by(webhooks.c.id)
    )
    return {webhook_id: Backlog(*values) for webhook_id, *values in connection.execute(query)}


def count_above(connection: Connection, event_id: int, *, most: int) -> int:
    """Return how many events the log holds above one; not counted beyond ``most``."""
    above = select(issue_events.c.id).where(issue_events.c.id > event_id).limit(most).subquery()
    return connection.scalar(select(func.count()).select_from(above)) or 0


def oldest_open_s(connection: Connection, webhook: WebhookRow) -> int | None:
    """Return when the oldest event was recorded that a webhook may still have to get."""
    waiting = select(func.min(webhook_events.c.event_id)).where(
        webhook_events.c.webhook_id == webhook.id, ~webhook_events.c.is_dead
    )
    above = select(func.min(issue_events.c.id)).where(issue_events.c.id > webhook.cursor_event)
    ids = [found for query in (waiting, above) if (found := connection.scalar(query)) is not None]
    query = select(issue_events.c.recorded_at_s).where(issue_events.c.id == min(ids, default=0))
    oldest: int | None = connection.scalar(query)
    return oldest


def take_lease(
    connection: Connection, webhook_id: int, *, holder: str, now_s: int, until_s: int
) -> bool:
    """Let somebody deliver to a webhook until a moment, and tell whether nobody else does."""
    is_free = or_(
        webhooks.c.holder.is_(None),
        webhooks.c.holder == holder,
        webhooks.c.held_until_s <= now_s,
    )
    statement = (
        update(webhooks)
        .where(webhooks.c.id == webhook_id, webhooks.c.pause_reason.is_(None), is_free)
        .values(holder=holder, held_until_s=until_s)
    )
    return connection.execute(statement).rowcount == 1


def give_back(connection: Connection, webhook_id: int, holder: str) -> None:
    """Let others deliver to a webhook that somebody holds."""
    is_held = and_(webhooks.c.id == webhook_id, webhooks.c.holder == holder)
    connection.execute(update(webhooks).where(is_held).values(holder=None, held_until_s=0))


def waiting_events(connection: Connection, webhook_id: int) -> list[Waiting]:
    """Return what waits for a webhook, in the order of events."""
    query = (
        select(*_WAITING)
        .where(webhook_events.c.webhook_id == webhook_id, ~webhook_events.c.is_dead)
        .order_by(webhook_events.c.event_id)
    )
    return [Waiting(*row) for row in connection.execute(query)]


def make_due(connection: Connection, webhook_id: int, now_s: int) -> None:
    """Let everything that waits for its next try be due."""
    waits = and_(webhook_events.c.webhook_id == webhook_id, webhook_events.c.next_try_s > now_s)
    connection.execute(update(webhook_events).where(waits).values(next_try_s=now_s))


def revive(connection: Connection, webhook_id: int, dead: Sequence[Waiting], *, now_s: int) -> None:
    """Let dead events wait again, as if they had never been tried."""
    waiting = waiting_events(connection, webhook_id)
    fresh = [Waiting(each.event_id, each.issue_id) for each in dead]
    rows = headed(sorted([*waiting, *fresh], key=itemgetter(0)), now_s)
    put_waiting(connection, webhook_id, [row for row in rows if row not in set(waiting)])


def dead_events(connection: Connection, webhook_id: int, *, most: int) -> list[Any]:
    """Return what is dead of a webhook, newest first, with the kind and moment of each event."""
    query = (
        select(
            webhook_events.c.event_id,
            webhook_events.c.issue_id,
            webhook_events.c.tries,
            webhook_events.c.first_try_s,
            webhook_events.c.failure,
            issue_events.c.kind,
            issue_events.c.recorded_at_s,
        )
        .join(issue_events, issue_events.c.id == webhook_events.c.event_id)
        .where(webhook_events.c.webhook_id == webhook_id, webhook_events.c.is_dead)
        .order_by(webhook_events.c.event_id.desc())
        .limit(most)
    )
    return list(connection.execute(query).mappings())


def issues_of_events(connection: Connection, webhook_id: int) -> dict[int, int]:
    """Return event → its issue, of all events that wait for a webhook or are dead."""
    query = (
        select(issue_events.c.id, issue_events.c.issue_id)
        .join(webhook_events, webhook_events.c.event_id == issue_events.c.id)
        .where(webhook_events.c.webhook_id == webhook_id)
    )
    return dict(connection.execute(query).all())


def put_waiting(
    connection: Connection, webhook_id: int, rows: Sequence[Waiting], *, is_dead: bool = False
) -> None:
    """Put rows in the place of those of the same events."""
    forget_events(connection, webhook_id, [row.event_id for row in rows])
    if rows:
        values = [{"webhook_id": webhook_id, "is_dead": is_dead, **row._asdict()} for row in rows]
        connection.execute(insert(webhook_events), values)


def forget_events(connection: Connection, webhook_id: int, event_ids: Sequence[int]) -> None:
    """Remove the rows of events that wait no longer."""
    for start in range(0, len(event_ids), CHUNK):
        some = event_ids[start : start + CHUNK]
        connection.execute(
            delete(webhook_events).where(
                webhook_events.c.webhook_id == webhook_id, webhook_events.c.event_id.in_(some)
            )
        )


def forget_events_from(connection: Connection, webhook_id: int, event_id: int) -> None:
    """Remove the rows of an event and of all later ones: the cursor is set before them."""
    connection.execute(
        delete(webhook_events).where(
            webhook_events.c.webhook_id == webhook_id, webhook_events.c.event_id >= event_id
        )
    )


def dead_rows(
    connection: Connection, webhook_id: int, event_ids: Iterable[int] | None
) -> list[Waiting]:
    """Return dead events of a webhook, all or those named, in their order."""
    query = select(*_WAITING).where(
        webhook_events.c.webhook_id == webhook_id, webhook_events.c.is_dead
    )
    if event_ids is not None:
        query = query.where(webhook_events.c.event_id.in_(list(event_ids)))
    rows = connection.execute(query.order_by(webhook_events.c.event_id))
    return [Waiting(*row) for row in rows]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _read(row: Any) -> WebhookRow:
    found = WebhookRow(*row)
    return found._replace(selection=orjson.loads(row.selection))
