"""The folder of an inbox: what lies in it, who has its turn, where finished lists go."""

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from geo_service.errors import InvalidValue, UnreadableFile, UnwritableFile
from geo_service.services.inboxes.arrival import (
    DONE,
    FAILED,
    STILL_OPEN,
    Mark,
    Seen,
    is_awaited,
    seen_in,
)
from geo_service.services.inboxes.list_name import usable_name

_LOCK = ".inbox.lock"


class InboxFolder:
    """One folder; its subfolders ``done`` and ``failed`` hold what was taken out."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def prepare(self) -> None:
        """Make the two subfolders and try to write in all three.

        Raises
        ------
        UnreadableFile, UnwritableFile, InvalidValue
            The folder cannot be an inbox.
        """
        if not self.path.is_dir():
            raise UnreadableFile(str(self.path), "没有这个文件夹", "there is no such folder")
        names = {part.name for part in (self.path.resolve(), *self.path.resolve().parents)}
        if names & {DONE, FAILED}:
            raise InvalidValue(
                "--inbox",
                f"不在 {DONE} 或 {FAILED} 之内的文件夹：那里放的是取走的文件",
                f"a folder outside of {DONE} and {FAILED}, where files go that were taken",
            )
        for folder in (self.path, self.path / DONE, self.path / FAILED):
            _try_writing(folder)
            check_disk(folder, self.path)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Hold the turn at this folder, and tell whether it was free; it ends with the process."""
        try:
            opened = (self.path / _LOCK).open("a")
        except OSError as error:
            raise UnwritableFile(str(self.path), *[f"{error.strerror}"] * 2) from error
        with opened as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def look(self) -> Seen:
        """Return what lies in the folder; unfinished, hidden and temporary files are passed over.

        Raises
        ------
        UnreadableFile
            The folder is gone, or its disk is.
        """
        try:
            return seen_in(self.path)
        except OSError as error:
            reason = f"{error.strerror}"
            raise UnreadableFile(str(self.path), reason, reason) from error

    def settled(self, *, settle_s: float, is_stopped: Event) -> Seen:
        """Return what lies there, did not change for so long and is closed; waits for a list.

        A list that still grows holds back those that were written after it: they may hold the same
        tickets, and the newest must be taken last.
        """
        before = self.look()
        if before.lists:
            is_stopped.wait(settle_s)
        after = self.look()
        settled: dict[Path, Mark] = {}
        for path, mark in after.lists.items():
            if before.lists.get(path) != mark:
                break
            if is_awaited(path, mark):
                return Seen(settled, {**after.others, path: STILL_OPEN})
            settled[path] = mark
        return Seen(settled, after.others)

    def with_usable_name(self, path: Path) -> Path:
        """Return a list under a name that reports beside it can bear; raises UnwritableFile."""
        name = usable_name(path.name)
        if name == path.name:
            return path
        place = _free(self.path, name)
        move(path, place)
        return place

    def put_back(self, place: Path, name: str) -> None:
        """Put a list that was taken where it came from, to be taken once more."""
        move(place, _free(self.path, name))

    def place_for(self, path: Path, *, day: str, is_done: bool) -> Path:
        """Return where a list goes that was taken: a name that nothing has yet."""
        folder = self.path / (DONE if is_done else FAILED)
        return _free(folder, f"{day} {path.name}")


def check_disk(folder: Path, other: Path) -> None:
    """Refuse two folders between which a file cannot be moved in one step."""
    if folder.stat().st_dev != other.stat().st_dev:
        raise _other_disk(folder)


def move(path: Path, place: Path) -> None:
    """Put a file elsewhere at once, and make that last; raises UnwritableFile."""
    try:
        path.rename(place)
    except OSError as error:
        if error.errno == errno.EXDEV:
            raise _other_disk(place.parent) from error
        raise UnwritableFile(str(place), f"{error.strerror}", f"{error.strerror}") from error
    for folder in (place.parent, path.parent):
        make_last(folder)


def make_last(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _free(folder: Path, name: str) -> Path:
    """Return the place of a name in a folder, with a number where something has it."""
    path, number = folder / name, 1
    place = path
    while os.path.lexists(place):
        number += 1
        place = path.with_stem(f"{path.stem}-{number}")
    return place


def _try_writing(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = f"{error.strerror}"
        raise UnwritableFile(str(folder), reason, reason) from error


def _other_disk(folder: Path) -> UnwritableFile:
    return UnwritableFile(
        str(folder),
        "它在另一个磁盘上，文件无法一步移入：请把它改成收件文件夹里的普通子文件夹",
        "it lies on another disk, so files cannot be moved in one step: make it a plain subfolder",
    )
