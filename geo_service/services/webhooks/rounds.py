"""One round: what one receiver is to get now is sent, a few issues at a time."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Event

from geo_service import __version__
from geo_service.governance.delivery.cloud_event import MEDIA_TYPE
from geo_service.governance.delivery.lane import OUTAGE_LANES, Lane, Refusal
from geo_service.governance.delivery.signature import signed_headers
from geo_service.services.webhooks.connections import Answer, Line, Receiver
from geo_service.services.webhooks.outgoing import Message

LINES = 4
"""Connections to one receiver at once."""
GONE = 410
"""The receiver says that it wants nothing any more."""


class Sending:
    """The messages of one round on their way; ``answers`` is by event."""

    def __init__(
        self,
        receiver: Receiver,
        messages: Mapping[int, Message],
        *,
        secrets: Sequence[str],
        now_s: Callable[[], float],
        may_go_on: Callable[[], bool],
    ) -> None:
        self.answers: dict[int, Refusal | None] = {}
        self.is_gone = False
        self._receiver, self._messages, self._secrets = receiver, messages, secrets
        self._now_s, self._may_go_on = now_s, may_go_on
        self._has_taken, self._is_over = Event(), Event()
        self._lanes: SimpleQueue[Lane] = SimpleQueue()

    def send(self, lanes: Sequence[Lane]) -> None:
        """Send lanes beside each other, the events of each one after another until one fails.

        It ends early where the receiver takes nothing at all: what was not sent has no answer.
        """
        for lane in lanes:
            self._lanes.put(lane)
        lines = min(LINES, len(lanes))
        with ThreadPoolExecutor(max(lines, 1), "webhook") as pool:
            for done in [pool.submit(self._work) for _ in range(lines)]:
                done.result()

    def _work(self) -> None:
        line = self._receiver.line()
        try:
            while not self._is_over.is_set():
                self._send_lane(line, self._lanes.get_nowait())
        except Empty:
            return
        finally:
            line.close()

    def _send_lane(self, line: Line, lane: Lane) -> None:
        for event_id in lane.event_ids:
            if self._is_over.is_set() or not self._may_go_on():
                self._is_over.set()
                return
            answer = send_signed(line, self._messages[event_id], self._secrets, self._now_s)
            if answer.failure is not None:
                self._note(event_id, answer, answer.failure.stored)
                return
            self.answers[event_id] = None
            self._has_taken.set()

    def _note(self, event_id: int, answer: Answer, failure: str) -> None:
        self.answers[event_id] = Refusal(failure, answer.retry_after_s)
        self.is_gone = self.is_gone or answer.status == GONE
        is_out = not self._has_taken.is_set() and len(self.answers) >= OUTAGE_LANES
        if self.is_gone or is_out:
            self._is_over.set()


def send_signed(
    line: Line, message: Message, secrets: Sequence[str], now_s: Callable[[], float]
) -> Answer:
    """Sign a message with the moment that it is sent at, and send it."""
    proof = signed_headers(secrets, message_id=message.id, body=message.body, at_s=int(now_s()))
    told = {"Content-Type": MEDIA_TYPE, "User-Agent": f"geo-service/{__version__}"}
    return line.send(message.body, told | proof)
