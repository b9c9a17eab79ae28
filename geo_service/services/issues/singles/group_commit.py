"""Many small writers, one commit: whoever finds nobody committing does it for all who wait."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from geo_service.errors import StorageUnavailable

MOST = 256
"""So many share one transaction: nobody waits for a longer one than a small batch takes."""

PATIENCE_S = 120.0
"""So long a writer waits for its turn; twice what a transaction waits for the write lock."""

Work = TypeVar("Work")
Answer = TypeVar("Answer")


class GroupCommit(Generic[Work, Answer]):
    """A queue of writers of one process, without a thread of its own.

    The first writer leads at once, alone. Those who come while it commits wait in a queue; the
    first of them leads next, and commits all that wait by then in one transaction. So nobody waits
    for company, and a group is as large as the commit before it was slow.

    ``commit`` stores some works in their order and returns the answer to each; an exception among
    the answers is raised to that writer alone.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Work]], Sequence[Answer | Exception]],
        *,
        most: int = MOST,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._commit = commit
        self._most = most
        self._patience_s = patience_s
        self._lock = Lock()
        self._waiting: deque[_Writer[Work, Answer]] = deque()
        self._is_led = False

    def take(self, work: Work) -> Answer:
        """Return the answer once the transaction that holds the work is committed.

        Raises
        ------
        StorageUnavailable
            The group's transaction failed, or no turn came for a long time; nothing was stored.
        """
        writer = _Writer[Work, Answer](work)
        with self._lock:
            self._waiting.append(writer)
            if not self._is_led:
                self._appoint_next()
        try:
            self._wait(writer)
            if writer.is_leading:
                self._lead()
        except BaseException:  # an interrupt, or no turn: nobody else may wait for this one
            self._leave(writer)
            raise
        if isinstance(writer.answer, Exception):
            raise writer.answer
        return writer.answer

    def _wait(self, writer: "_Writer[Work, Answer]") -> None:
        if writer.told.acquire(timeout=self._patience_s):
            return
        if self._leave(writer):
            raise StorageUnavailable(reason=f"no turn to write within {self._patience_s:.0f} s")
        writer.told.acquire()  # it is being committed; the database's own limits end that

    def _leave(self, writer: "_Writer[Work, Answer]") -> bool:
        """Take a writer out of the queue, and tell whether it still stood there."""
        with self._lock:
            if writer not in self._waiting:
                return False
            self._waiting.remove(writer)
            if writer.is_leading:
                self._appoint_next()
            return True

    def _lead(self) -> None:
        """Commit what waits, the leader's own first, and hand on the lead."""
        with self._lock:
            size = min(self._most, len(self._waiting))
            group = [self._waiting.popleft() for _ in range(size)]
        answers: Sequence[Answer | Exception] = ()
        try:
            answers = self._commit([each.work for each in group])
        finally:
            with self._lock:
                self._appoint_next()
            for each, answer in zip(group, answers, strict=False):  # none after an interrupt
                each.answer = answer
            for each in group:
                each.told.release()

    def _appoint_next(self) -> None:
        self._is_led = bool(self._waiting)
        if self._is_led:
            self._waiting[0].is_leading = True
            self._waiting[0].told.release()


class _Writer(Generic[Work, Answer]):
    """One who waits; ``told`` is a lock that is let go when it shall lead, or has its answer."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.answer: Answer | Exception = StorageUnavailable(reason="interrupted")
        self.is_leading = False
        self.told = Lock()  # a tenth of what an Event costs, made and waited for once
        self.told.acquire()
