"""Telling receivers what happened: at least once, and in order for each issue.

The log of events is the queue; so intake does nothing for receivers, and nothing that was committed
can be missing. Ids are given in the order of commits, since writers take turns.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from threading import Event
from uuid import uuid4

from geo_service.governance.delivery.lane import (
    MOST_WAITING,
    Lane,
    Settled,
    Waiting,
    due_lanes,
    may_begin,
    settled,
    with_new,
)
from geo_service.governance.delivery.selection import selection_from_values
from geo_service.governance.delivery.target import read_url
from geo_service.services.webhooks.connections import Receiver
from geo_service.services.webhooks.outgoing import Message, Wanted, messages_of, wanted_above
from geo_service.services.webhooks.rounds import Sending
from geo_service.services.webhooks.rules import DeliveryRules
from geo_service.services.workspaces import Workspace
from geo_service.storage import webhooks
from geo_service.storage.databases import Transaction
from geo_service.storage.webhooks import Backlog, WebhookRow

DELIVERY_INTERVAL_S = 1.0
"""Seconds between two looks at what is to be sent."""
PAUSED, GONE = "paused", "gone"
"""Why nothing is sent: somebody wished so, or the receiver answered 410."""

_TURNS = 8
"""Receivers that are told at once by one process."""
_MOST_ROUNDS = 50
"""Of one turn: then others have theirs."""


@dataclass(frozen=True)
class _Planned:
    """One round before it is sent; ``new`` are those that were never tried."""

    webhook: WebhookRow
    lanes: Sequence[Lane]
    waiting: Sequence[Waiting]
    new: Sequence[Waiting]
    messages: dict[int, Message]
    wanted: Wanted


_DRAWS = Random()  # noqa: S311  # no secret; of its own, since others may rely on the shared one


class DeliveryService:
    """Delivering to every webhook of one database."""

    def __init__(self, workspace: Workspace, rules: DeliveryRules) -> None:
        self._workspace, self._rules = workspace, rules
        self._holder = uuid4().hex

    def deliver_due(self, is_stopped: Event | None = None) -> int:
        """Tell every receiver what is due, one after another; return how many events were taken."""
        return sum(self.take_turn(each, is_stopped or Event()) for each in self.due())

    def due(self) -> list[int]:
        """Return the webhooks that something is to be sent to now: the cheap read."""
        now_s = int(self._workspace.now_s())
        with self._workspace.database.read() as connection:
            known = webhooks.all_webhooks(connection)
            backlogs = webhooks.backlogs(connection) if known else {}
        return [each.id for each in known if self._is_due(each, backlogs[each.id], now_s)]

    def take_turn(self, webhook_id: int, is_stopped: Event) -> int:
        """Deliver to one receiver until nothing is due; return how many events it took.

        Nothing is done where another process is at it. One that was killed at it is replaced when
        its lease has run out.
        """
        with self._workspace.database.write() as connection:
            if not self._lease(connection, webhook_id):
                return 0
        taken, is_held = 0, True
        try:
            for _ in range(_MOST_ROUNDS):
                count, is_held = self._round(webhook_id, is_stopped)
                taken += count
                if not is_held or is_stopped.is_set():
                    break
        finally:
            if is_held:
                self._give_back(webhook_id)
        return taken

    def keep_delivering(
        self,
        *,
        interval_s: float,
        is_stopped: Event,
        on_failure: Callable[[Exception], None],
    ) -> None:
        """Deliver what is due until it is stopped; a failure is told and tried again.

        Receivers have their turns beside each other, so that a slow one holds up no other one.
        """
        turns: dict[int, Future[int]] = {}
        with ThreadPoolExecutor(_TURNS, "deliver") as pool:
            while not is_stopped.is_set():
                turns = _unfinished(turns, on_failure)
                try:
                    due = self.due()
                except Exception as error:  # noqa: BLE001  # whatever it is, the next look may succeed
                    on_failure(error)
                    due = []
                for each in due:
                    if each not in turns:
                        turns[each] = pool.submit(self.take_turn, each, is_stopped)
                is_stopped.wait(interval_s)

    def _is_due(self, webhook: WebhookRow, backlog: Backlog, now_s: int) -> bool:
        is_ours = webhook.holder in (None, self._holder) or webhook.held_until_s <= now_s
        if webhook.pause_reason is not None or not is_ours:
            return False
        if backlog.next_try_s is not None and backlog.next_try_s <= now_s:
            return True
        is_new = backlog.newest_event > webhook.cursor_event
        return is_new and backlog.waiting < MOST_WAITING and not backlog.is_out

    def _lease(self, connection: Transaction, webhook_id: int) -> bool:
        now_s = int(self._workspace.now_s())
        until_s = now_s + self._rules.lease_s
        return webhooks.take_lease(
            connection, webhook_id, holder=self._holder, now_s=now_s, until_s=until_s
        )

    def _give_back(self, webhook_id: int) -> None:
        with self._workspace.database.write() as connection:
            webhooks.give_back(connection, webhook_id, self._holder)

    def _round(self, webhook_id: int, is_stopped: Event) -> tuple[int, bool]:
        """Send what is due; return how many events were taken, and whether it is held for more."""
        with self._workspace.database.read() as connection:
            webhook = webhooks.held_webhook(connection, webhook_id, self._holder)
            planned = None if webhook is None else self._plan(connection, webhook)
        if planned is None:
            self._give_back(webhook_id)
            return 0, False
        sending = Sending(
            Receiver(read_url(planned.webhook.url), self._rules),
            planned.messages,
            secrets=planned.webhook.secrets(self._workspace.now_s()),
            now_s=self._workspace.now_s,
            may_go_on=lambda: not is_stopped.is_set() and self._is_held(planned.webhook),
        )
        if planned.lanes:
            sending.send(planned.lanes)
        with self._workspace.database.write() as connection:
            return self._settle(connection, planned, sending)

    def _is_held(self, webhook: WebhookRow) -> bool:
        """Tell whether a message that is sent now is answered before others may begin."""
        return self._workspace.now_s() + self._rules.timeout_s < webhook.held_until_s

    def _plan(self, connection: Transaction, webhook: WebhookRow) -> _Planned | None:
        now_s = int(self._workspace.now_s())
        source = self._rules.source
        waiting = webhooks.waiting_events(connection, webhook.id)
        due = due_lanes(waiting, taken=webhook.taken, now_s=now_s)
        tried_again = [event_id for lane in due for event_id in lane.event_ids]
        messages = messages_of(connection, tried_again, source)
        wanted, new = Wanted((), webhook.cursor_event, True), list[Waiting]()
        if may_begin(waiting, taken=webhook.taken):
            selection = selection_from_values(webhook.selection)
            wanted, book = wanted_above(connection, selection, webhook.cursor_event)
            messages |= {event.id: book.message(event, source) for event in wanted.events}
            new = [Waiting(event.id, event.issue_id) for event in wanted.events]
        if not due and wanted.cursor_event == webhook.cursor_event:
            return None
        lanes = with_new(due, waiting, new)
        return _Planned(webhook, lanes, waiting, new, messages, wanted)

    def _settle(
        self, connection: Transaction, planned: _Planned, sending: Sending
    ) -> tuple[int, bool]:
        """Store what came out; nothing of it where the webhook was changed meanwhile.

        Then it is all sent again: at least once.
        """
        before = planned.webhook
        webhook = webhooks.held_webhook(connection, before.id, self._holder)
        if webhook is None or webhook.revision != before.revision:
            webhooks.give_back(connection, before.id, self._holder)
            return 0, False
        now_s = int(self._workspace.now_s())
        failed = [event_id for event_id, answer in sending.answers.items() if answer is not None]
        after = settled(
            [*planned.waiting, *planned.new],
            sending.answers,
            rules=self._rules.retry,
            taken=before.taken,
            now_s=now_s,
            draws={event_id: _DRAWS.random() for event_id in failed},
        )
        _put(connection, planned, after)
        refusal = sending.answers[failed[-1]] if failed else None
        values: dict[str, object] = {
            "cursor_event": planned.wanted.cursor_event,
            "taken": before.taken + after.taken,
            **({"taken_at_s": now_s} if after.taken else {}),
            **({"failed_at_s": now_s, "failure": refusal.failure} if refusal else {}),
            **({"pause_reason": GONE} if sending.is_gone else {}),
        }
        webhooks.change_webhook(connection, before.id, **values)
        is_over = sending.is_gone or webhook.pause_reason is not None or planned.wanted.is_all
        if is_over or not self._lease(connection, before.id):
            webhooks.give_back(connection, before.id, self._holder)
            return after.taken, False
        return after.taken, True


def _put(connection: Transaction, planned: _Planned, after: Settled) -> None:
    """Store what waits and what is dead after a round, where it is not as it was."""
    webhook_id, stood = planned.webhook.id, set(planned.waiting)
    left = {each.event_id for each in after.waiting}
    gone = [each.event_id for each in planned.waiting if each.event_id not in left]
    webhooks.forget_events(connection, webhook_id, gone)
    changed = [each for each in after.waiting if each not in stood]
    webhooks.put_waiting(connection, webhook_id, changed)
    webhooks.put_waiting(connection, webhook_id, after.dead, is_dead=True)


def _unfinished(
    turns: dict[int, Future[int]], on_failure: Callable[[Exception], None]
) -> dict[int, Future[int]]:
    for done in (each for each in turns.values() if each.done()):
        error = done.exception()
        if isinstance(error, Exception):
            on_failure(error)
    return {webhook_id: turn for webhook_id, turn in turns.items() if not turn.done()}
