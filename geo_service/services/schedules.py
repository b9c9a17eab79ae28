"""What is due by the clock: editions, deadlines, lists, and what is private of old issues."""

import time
from collections.abc import Callable
from threading import Event

from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.handling.deadlines import DeadlineService
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.issues.relocations import is_relocation_due, relocate_if_due
from geo_service.services.privacy.erasures import AT_ONCE, ErasureService
from geo_service.services.workspaces import Workspace
from geo_service.storage.relocations import Relocation

_SWEEP_EVERY_S = 3_600.0


class ScheduleService:
    """Work that nobody asks for."""

    def __init__(
        self, workspace: Workspace, deadlines: DeadlineService, erasures: ErasureService
    ) -> None:
        self._workspace = workspace
        self._deadlines = deadlines
        self._erasures = erasures
        self._next_sweep_s = 0.0

    def recompute_deadlines(self, caller: Caller) -> int:
        """Let deadlines follow the years that were announced; return of how many issues."""
        return self._deadlines.recompute(caller)

    def apply_due_editions(self, caller: Caller) -> Relocation | None:
        """Let open issues follow the edition in force; None where they do already.

        Most of the time this is one small read. Two processes never do it twice: the second waits
        for the first one's transaction and finds nothing due.
        """
        with self._workspace.database.read() as connection:
            if not is_relocation_due(self._workspace, connection):
                return None
        load_kernels()
        with self._workspace.database.write() as connection:
            return relocate_if_due(self._workspace.standing_still(), connection, caller)

    def work_in_turn(self) -> Relocation | int | None:
        """Do what is due unless another process is at it; None where nothing was done.

        Returns
        -------
        Relocation | int | None
            How open issues followed an edition; else of how many issues what is private was erased.
        """
        with self._workspace.database.turn_to_work() as is_ours:
            if not is_ours:
                return None
            self.recompute_deadlines(SCHEDULE)
            return self.apply_due_editions(SCHEDULE) or self.sweep_if_due() or None

    def sweep_if_due(self) -> int:
        """Erase what has been kept long enough, once an hour, and return of how many issues.

        Where there is much to erase it goes on with the next round, so that nobody waits long.
        """
        if time.monotonic() < self._next_sweep_s:
            return 0
        self._next_sweep_s = time.monotonic() + _SWEEP_EVERY_S  # a failure is told once an hour
        erased = self._erasures.expire(SCHEDULE)
        if erased == AT_ONCE:
            self._next_sweep_s = 0.0
        else:
            self._erasures.tidy()
        return erased

    def know_places(self) -> None:
        """Read lists of addresses that are others than before, so that no issue waits for it.

        Each process has its own; most of the time this is one small read.
        """
        workspace = self._workspace.standing_still()
        with workspace.database.read() as connection:
            workspace.knowledge.get(workspace, connection)

    def keep_working(
        self,
        *,
        interval_s: float,
        is_stopped: Event,
        on_failure: Callable[[Exception], None],
        on_done: Callable[[Relocation | int], None] = lambda _done: None,
    ) -> None:
        """Do what is due, again and again, until it is stopped; a failure is told and tried again.

        Of several processes on one database one at a time does it, the others look again later.
        ``is_stopped`` ends the pause between two rounds at once.
        """
        while not is_stopped.is_set():
            try:
                self.know_places()
                done = self.work_in_turn()
            except Exception as error:  # noqa: BLE001  # whatever it is, the next round may succeed
                on_failure(error)
            else:
                if done is not None:
                    on_done(done)
            is_stopped.wait(interval_s)
