"""What is due by the clock: editions that take effect as time passes."""

from collections.abc import Callable
from threading import Event

from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.issues.relocations import is_relocation_due, relocate_if_due
from geo_service.services.workspaces import Workspace
from geo_service.storage.relocations import Relocation


class ScheduleService:
    """Work that nobody asks for."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

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

    def work_in_turn(self) -> Relocation | None:
        """Do what is due unless another process is at it; None where nothing was done."""
        with self._workspace.database.turn_to_work() as is_ours:
            return self.apply_due_editions(SCHEDULE) if is_ours else None

    def keep_working(
        self,
        *,
        interval_s: float,
        is_stopped: Event,
        on_failure: Callable[[Exception], None],
        on_done: Callable[[Relocation], None] = lambda _done: None,
    ) -> None:
        """Do what is due, again and again, until it is stopped; a failure is told and tried again.

        Of several processes on one database one at a time does it, the others look again later.
        ``is_stopped`` ends the pause between two rounds at once.
        """
        while not is_stopped.is_set():
            try:
                done = self.work_in_turn()
            except Exception as error:  # noqa: BLE001  # whatever it is, the next round may succeed
                on_failure(error)
            else:
                if done is not None:
                    on_done(done)
            is_stopped.wait(interval_s)
