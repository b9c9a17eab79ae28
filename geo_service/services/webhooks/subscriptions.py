"""Webhooks as operators see them: added, listed, paused, replayed, tried and removed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import uuid4

from geo_service.errors import InvalidValue, WebhookExists, WebhookNotFound
from geo_service.governance.delivery.cloud_event import trial
from geo_service.governance.delivery.selection import (
    Owner,
    Selection,
    read_selection,
    selection_from_values,
)
from geo_service.governance.delivery.signature import new_secret, read_secret
from geo_service.governance.delivery.target import WebhookUrl, read_url
from geo_service.services.callers import Caller
from geo_service.services.webhooks.connections import Answer, Receiver, checked_addresses
from geo_service.services.webhooks.deliveries import PAUSED
from geo_service.services.webhooks.outgoing import Message
from geo_service.services.webhooks.rounds import send_signed
from geo_service.services.webhooks.rules import DeliveryRules
from geo_service.services.workspaces import Workspace
from geo_service.storage import logged_events, webhooks
from geo_service.storage.databases import Transaction
from geo_service.storage.webhooks import Backlog, WebhookRow

COUNTED = 100_000
"""Events that a webhook was not told of yet are counted up to so many."""
LISTED_DEAD = 1_000
FORMER_SECRET_S = 86_400
"""So long a secret signs beside the one that took its place."""

_NAME = re.compile(r"[\w.-]{1,64}")
_HIGHEST_ID = 2**63 - 1


@dataclass(frozen=True)
class WebhookAsked:
    """A webhook as it is asked for; without a secret one is made."""

    name: str
    url: str
    kinds: Sequence[str] = ()
    sources: Sequence[str] = ()
    categories: Sequence[str] = ()
    owners: Sequence[Owner] = ()
    secret: str | None = None


@dataclass(frozen=True)
class WebhookView:
    """A webhook as it stands; nothing here tells its secret.

    ``above`` counts the events of the log that were not looked at yet, ``lag_s`` is the age of the
    oldest one that was not taken, and may be wanted; dead ones count no more.
    """

    name: str
    url: WebhookUrl
    selection: Selection
    created_at_s: int
    cursor_event: int
    pause_reason: str | None
    above: int
    waiting: int
    dead: int
    lag_s: int
    taken: int
    taken_at_s: int | None
    failed_at_s: int | None
    failure: str | None
    due_at_s: int | None
    is_out: bool


@dataclass(frozen=True)
class Trial:
    """What a receiver answered to a message that only tries."""

    answer: Answer
    took_ms: int


class WebhookService:
    """Managing the webhooks of one database."""

    def __init__(self, workspace: Workspace, rules: DeliveryRules) -> None:
        self._workspace, self._rules = workspace, rules

    def add(self, _caller: Caller, asked: WebhookAsked) -> tuple[WebhookView, str]:
        """Store a webhook; return it with its secret, which is told this once.

        It is told of every event that is committed after this has returned, and of none that was
        committed before it began.

        Raises
        ------
        InvalidValue
            A name, URL, secret or selection that cannot be.
        UnknownHost, TargetNotAllowed
            Nothing can or may be sent there.
        WebhookExists
            The name is taken.
        """
        if not _NAME.fullmatch(asked.name):
            raise InvalidValue(
                "name", "1 到 64 个字母、数字、汉字或 . _ -", "1 to 64 letters, digits or . _ -"
            )
        checked_addresses(read_url(asked.url), self._rules.targets)
        secret = new_secret() if asked.secret is None else read_secret(asked.secret)
        selection = read_selection(
            kinds=asked.kinds,
            sources=[self._source(text) for text in asked.sources],
            categories=[self._category(text) for text in asked.categories],
            owners=asked.owners,
            layers=list(self._workspace.layers.by_name),
        )
        # every writer of events waits for its turn until this is committed, on either database
        with self._workspace.database.write() as connection:
            if webhooks.find_webhook(connection, asked.name) is not None:
                raise WebhookExists(name=asked.name)
            webhooks.add_webhook(
                connection,
                name=asked.name,
                url=asked.url,
                secret=secret,
                selection=selection.values(),
                created_at_s=int(self._workspace.now_s()),
            )
            return self._view_of(connection, asked.name), secret

    def all(self, _caller: Caller) -> list[WebhookView]:
        """Return every webhook, by name."""
        with self._workspace.database.read() as connection:
            backlogs = webhooks.backlogs(connection)
            known = webhooks.all_webhooks(connection)
            return [self._view(connection, row, backlogs[row.id]) for row in known]

    def find(self, _caller: Caller, name: str) -> WebhookView:
        """Return one webhook; raises WebhookNotFound."""
        with self._workspace.database.read() as connection:
            return self._view_of(connection, name)

    def pause(self, _caller: Caller, name: str) -> WebhookView:
        """Send nothing more until it is resumed; events are kept for it. Raises WebhookNotFound."""
        return self._change(name, pause_reason=PAUSED)

    def resume(self, _caller: Caller, name: str) -> WebhookView:
        """Send again, and what failed at once; raises WebhookNotFound."""
        with self._workspace.database.write() as connection:
            row = _found(connection, name)
            now_s = int(self._workspace.now_s())
            webhooks.change_webhook(connection, row.id, pause_reason=None)
            webhooks.make_due(connection, row.id, now_s)
            return self._view_of(connection, name)

    def renew_secret(self, _caller: Caller, name: str, secret: str | None = None) -> str:
        """Sign with another secret, made here where none is given; return it, told this once.

        The former one signs beside it for a day, so that the receiver can change over.

        Raises
        ------
        WebhookNotFound
            No such webhook.
        InvalidValue
            A secret that cannot be one.
        """
        chosen = new_secret() if secret is None else read_secret(secret)
        with self._workspace.database.write() as connection:
            row = _found(connection, name)
            webhooks.change_webhook(
                connection,
                row.id,
                secret=chosen,
                former_secret=row.secret,
                former_until_s=int(self._workspace.now_s()) + FORMER_SECRET_S,
            )
        return chosen

    def remove(self, _caller: Caller, name: str) -> None:
        """Forget a webhook, and what it was not told yet; raises WebhookNotFound."""
        with self._workspace.database.write() as connection:
            webhooks.remove_webhook(connection, _found(connection, name).id)

    def dead_letters(self, _caller: Caller, name: str) -> list[Any]:
        """Return the newest events that a webhook did not take in time; raises WebhookNotFound."""
        with self._workspace.database.read() as connection:
            row = _found(connection, name)
            return webhooks.dead_events(connection, row.id, most=LISTED_DEAD)

    def revive(self, _caller: Caller, name: str, event_ids: Iterable[int] | None = None) -> int:
        """Try dead events again, all or those named; return how many. Raises WebhookNotFound."""
        with self._workspace.database.write() as connection:
            row = _found(connection, name)
            dead = webhooks.dead_rows(connection, row.id, event_ids)
            webhooks.revive(connection, row.id, dead, now_s=int(self._workspace.now_s()))
            self._begin_anew(connection, row)
            return len(dead)

    def replay(
        self, _caller: Caller, name: str, *, event_id: int | None = None, since_s: int | None = None
    ) -> int:
        """Tell everything again from an event on, or from a moment; return how many to look at.

        Raises
        ------
        WebhookNotFound
            No such webhook.
        InvalidValue
            Not exactly one of the two is told, or a number that no event can have.
        """
        is_number = event_id is None or 0 < event_id <= _HIGHEST_ID
        if (event_id is None) == (since_s is None) or not is_number:
            raise InvalidValue(
                "replay",
                "一个事件编号（从 1 起）或一个时刻",
                "one event number from 1, or one time",
            )
        with self._workspace.database.write() as connection:
            row = _found(connection, name)
            if since_s is not None:
                event_id = logged_events.first_event_since(connection, since_s)
            newest = logged_events.newest_event(connection)
            first = min(event_id or newest + 1, newest + 1)
            webhooks.forget_events_from(connection, row.id, first)
            webhooks.change_webhook(connection, row.id, cursor_event=first - 1)
            self._begin_anew(connection, row)
            return webhooks.count_above(connection, first - 1, most=COUNTED)

    def test(self, _caller: Caller, name: str) -> Trial:
        """Send a message that tells nothing, and return what came back; raises WebhookNotFound."""
        with self._workspace.database.read() as connection:
            row = _found(connection, name)
        now_s = int(self._workspace.now_s())
        message = Message(
            *trial(webhook=name, source=self._rules.source, now_s=now_s, number=uuid4().hex)
        )
        began_s = monotonic()
        line = Receiver(read_url(row.url), self._rules).line()
        answer = send_signed(line, message, row.secrets(now_s), self._workspace.now_s)
        line.close()
        return Trial(answer, round((monotonic() - began_s) * 1000))

    def _source(self, text: str) -> str:
        """Return the source that an office's word means."""
        profile = self._workspace.profile
        found = profile.source_of(text)
        if found is None:
            raise InvalidValue(
                "sources",
                "、".join(each.title_zh for each in profile.sources) + " 之一",
                "one of " + ", ".join(each.name for each in profile.sources),
            )
        return found

    def _category(self, text: str) -> str:
        """Return a category as issues have it; one the profile does not know as it was written."""
        major, minor = self._workspace.profile.category_named(text) or (text, None)
        return f"{major}/{minor}" if minor else str(major)

    def _change(self, name: str, **values: Any) -> WebhookView:
        with self._workspace.database.write() as connection:
            webhooks.change_webhook(connection, _found(connection, name).id, **values)
            return self._view_of(connection, name)

    def _begin_anew(self, connection: Transaction, row: WebhookRow) -> None:
        """Let what is on its way count for nothing: it would set the cursor as it was."""
        webhooks.change_webhook(connection, row.id, revision=row.revision + 1)

    def _view_of(self, connection: Transaction, name: str) -> WebhookView:
        row = _found(connection, name)
        return self._view(connection, row, webhooks.backlogs(connection)[row.id])

    def _view(self, connection: Transaction, row: WebhookRow, backlog: Backlog) -> WebhookView:
        oldest_s = webhooks.oldest_open_s(connection, row)
        return WebhookView(
            name=row.name,
            url=read_url(row.url),
            selection=selection_from_values(row.selection),
            created_at_s=row.created_at_s,
            cursor_event=row.cursor_event,
            pause_reason=row.pause_reason,
            above=webhooks.count_above(connection, row.cursor_event, most=COUNTED),
            waiting=backlog.waiting,
            dead=backlog.dead,
            lag_s=0 if oldest_s is None else max(0, int(self._workspace.now_s()) - oldest_s),
            taken=row.taken,
            taken_at_s=row.taken_at_s,
            failed_at_s=row.failed_at_s,
            failure=row.failure,
            due_at_s=backlog.next_try_s,
            is_out=backlog.is_out,
        )


def _found(connection: Transaction, name: str) -> WebhookRow:
    row = webhooks.find_webhook(connection, name)
    if row is None:
        raise WebhookNotFound(name=name)
    return row
