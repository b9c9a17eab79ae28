"""Taking in what the hotline exports: list by list, in the order in which they were written."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import NamedTuple, TypeAlias

from geo_service.errors import GeoServiceError, ListUnderWay, StorageUnavailable, UnwritableFile
from geo_service.governance.moment import SHANGHAI
from geo_service.services.callers import Caller
from geo_service.services.inboxes.arrival import LATE_S, Mark, Seen, Words, mark_of
from geo_service.services.inboxes.folder import InboxFolder, move
from geo_service.services.inboxes.reading import InboxOptions, read_options
from geo_service.services.inboxes.receipts import Taken, write_receipts
from geo_service.services.issues.files.report import IssueFileReport
from geo_service.services.issues.lists import IssueService
from geo_service.services.workspaces import Workspace

SETTLE_S = 5.0
"""So long a list must have stopped growing."""

OnOther: TypeAlias = Callable[[Path, Words], None]
"""Hears of a file that is left where it is, and why."""


class _Late(NamedTuple):
    """A list that was taken: under which name, its mark then, until when it is looked at again."""

    name: str
    mark: Mark
    until_s: float


class _Stopped(Exception):
    """Work was told to stop in the middle of a list."""


class InboxService:
    """Folders that are watched."""

    def __init__(self, workspace: Workspace, issues: IssueService) -> None:
        self._workspace = workspace
        self._issues = issues

    def open(
        self,
        path: Path,
        *,
        settle_s: float = SETTLE_S,
        on_other: OnOther = lambda _path, _why: None,
    ) -> "Inbox":
        """Return the inbox in a folder.

        ``on_other`` hears, once for each reason, of what is there and not taken; it is left alone.

        Raises
        ------
        UnreadableFile, UnwritableFile, InvalidValue
            The folder is missing, cannot be written to, or lies among files that were taken.
        InvalidProfile
            Its ``inbox.toml`` cannot be used; the line is named.
        """
        folder = InboxFolder(path)
        folder.prepare()
        read_options(path, self._workspace.profile)
        return Inbox(self._workspace, self._issues, folder, settle_s, on_other)


class Inbox:
    """One watched folder.

    A list is moved away after it is stored and its reports are written. Whatever ends the work
    before that leaves it where it is, and the next round takes it again: rows that are stored
    already are unchanged. A list that is written to after it was taken is put back and taken again.
    """

    def __init__(
        self,
        workspace: Workspace,
        issues: IssueService,
        folder: InboxFolder,
        settle_s: float,
        on_other: OnOther,
    ) -> None:
        self._workspace = workspace
        self._issues = issues
        self._folder = folder
        self._settle_s = settle_s
        self._on_other = on_other
        self._named: set[tuple[Path, Words]] = set()
        self._taken: dict[Path, _Late] = {}

    def take(self, caller: Caller, *, is_stopped: Event) -> Iterator[Taken]:
        """Take in what has settled, and yield what became of each; one process at a time.

        Raises
        ------
        StorageUnavailable
            The database is away; the list stays where it is.
        InvalidProfile, UnreadableFile, UnwritableFile
            ``inbox.toml`` is no good now, or the folder is gone or full.
        """
        with self._folder.turn() as is_ours:
            if not is_ours:
                return
            self._put_back_late_ones()
            seen = self._folder.settled(settle_s=self._settle_s, is_stopped=is_stopped)
            self._name_others(seen)
            options = read_options(self._folder.path, self._workspace.profile)
            for path, mark in seen.lists.items():
                if is_stopped.is_set():
                    return
                with suppress(_Stopped):
                    taken = self._take(caller, path, mark, options, is_stopped)
                    if taken is not None:
                        yield taken

    def keep_taking(
        self,
        caller: Caller,
        *,
        interval_s: float,
        is_stopped: Event,
        on_taken: Callable[[Taken], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        """Take in what comes, again and again; a failure is told and tried again."""
        while not is_stopped.is_set():
            try:
                for taken in self.take(caller, is_stopped=is_stopped):
                    on_taken(taken)
            except Exception as error:  # noqa: BLE001  # whatever it is, the next round may succeed
                on_failure(error)
            is_stopped.wait(interval_s)

    def _name_others(self, seen: Seen) -> None:
        for told in seen.others.items():
            if told not in self._named:
                self._named.add(told)
                self._on_other(*told)

    def _put_back_late_ones(self) -> None:
        """Put lists back that were written to after they were taken: whoever did had not closed."""
        now_s = self._workspace.now_s()
        for place, late in list(self._taken.items()):
            found = mark_of(place)
            is_same_file = found is not None and found.inode == late.mark.inode
            if found == late.mark and now_s < late.until_s:
                continue
            del self._taken[place]
            if is_same_file and found != late.mark:
                self._folder.put_back(place, late.name)

    def _take(
        self, caller: Caller, path: Path, mark: Mark, options: InboxOptions, is_stopped: Event
    ) -> Taken | None:
        """Take one list in and move it away; None where it was changed meanwhile."""
        path = self._folder.with_usable_name(path)

        def stop_between_transactions(*_done: object) -> None:
            if is_stopped.is_set():
                raise _Stopped

        report: IssueFileReport | None = None
        failure: Exception | None = None
        try:
            report = self._issues.import_file(
                caller, path, options.of(path.name), on_progress=stop_between_transactions
            )
        except (StorageUnavailable, ListUnderWay, UnwritableFile, OSError, _Stopped):
            raise
        except GeoServiceError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  # one list must not hold up all others for ever
            failure = error
        if mark_of(path) != mark:
            return None
        now = datetime.fromtimestamp(int(self._workspace.now_s()), SHANGHAI)
        day = now.date().isoformat()
        place = self._folder.place_for(path, day=day, is_done=report is not None)
        taken = Taken(path.name, place, report, failure)
        write_receipts(taken, taken_at=now.isoformat())
        move(path, place)
        if mark_of(place) == mark:
            until_s = self._workspace.now_s() + LATE_S
            self._taken[place] = _Late(path.name, mark, until_s)
            return taken
        move(place, path)  # written to in the very last moment: it is read once more
        return None
