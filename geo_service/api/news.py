"""News for everybody who listens, from one look at the database a second."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

from geo_service.api.problems import log_failed_work

_LOOK_S = 1.0
_QUIET_S = 15.0
"""After so long without news a comment is sent, so that what stands between keeps the line open."""

_RETRY = b"retry: 2000\n\n"
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class News:
    """One task looks for news as long as anybody listens, however many they are.

    All of it happens on one event loop; ``look`` is called on another thread, since it waits. It
    returns what identifies the news, and the news in one line.
    """

    def __init__(self, look: Callable[[], tuple[str, str]]) -> None:
        self._look = look
        self._latest: tuple[str, str] | None = None
        self._waiting: set[asyncio.Event] = set()
        self._looking: asyncio.Task[None] | None = None
        self._is_over = False

    async def lines(self, seen: str | None) -> AsyncIterator[bytes]:
        """Yield a stream of server-sent events for one who saw news last, if any."""
        changed = asyncio.Event()
        self._waiting.add(changed)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._keep_looking())
        try:
            yield _RETRY
            while not self._is_over:
                if self._latest is not None and self._latest[0] != seen:
                    seen, told = self._latest
                    yield f"id: {seen}\ndata: {told}\n\n".encode()
                elif not await _comes(changed):
                    yield b":\n\n"
        finally:
            self._waiting.discard(changed)

    def end(self) -> None:
        """End every stream, as the service does before it stops; it would wait for them."""
        self._is_over = True
        self._tell()

    @contextmanager
    def ending_with_signals(self) -> Iterator[None]:
        """End every stream when the process is told to stop, then do what was done before."""
        if current_thread() is not main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        before: dict[int, Any] = {each: signal.getsignal(each) for each in _SIGNALS}

        def stop(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.end)
            if callable(before[number]):
                before[number](number, frame)

        for each in _SIGNALS:
            signal.signal(each, stop)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def _keep_looking(self) -> None:
        while self._waiting and not self._is_over:
            try:
                found = await asyncio.to_thread(self._look)
            except Exception as error:  # noqa: BLE001  # the next look may succeed
                log_failed_work(error)
            else:
                if found != self._latest:
                    self._latest = found
                    self._tell()
            await asyncio.sleep(_LOOK_S)

    def _tell(self) -> None:
        for each in self._waiting:
            each.set()


async def _comes(changed: asyncio.Event) -> bool:
    """Wait for news; tell whether there was any before it got too quiet."""
    try:
        await asyncio.wait_for(changed.wait(), _QUIET_S)
    except TimeoutError:
        return False
    changed.clear()
    return True
