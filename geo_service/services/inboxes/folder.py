"""The folder of an inbox: what lies in it, who has its turn, where finished lists go."""

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import NamedTuple

from geo_service.errors import InvalidValue, UnreadableFile, UnwritableFile
from geo_service.services.inboxes.reading import FILE_NAME

DONE, FAILED = "done", "failed"
_LOCK = ".inbox.lock"
_LISTS = {".csv", ".tsv", ".xlsx", ".xlsm", ".ndjson", ".jsonl", ".xls", ".et"}
"""Old workbooks too: they are refused with the way out, beside the file."""
_UNFINISHED = {".part", ".tmp", ".partial", ".filepart", ".crdownload"}


class Mark(NamedTuple):
    """What is another one when a file was written to, or another took its place."""

    changed_at_ns: int
    size: int
    inode: int


@dataclass(frozen=True)
class Seen:
    """What one look into the folder found, in the order in which it was written."""

    lists: dict[Path, Mark]
    others: list[Path]


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
            paths = [path for path in self.path.iterdir() if _is_offered(path)]
        except OSError as error:
            reason = f"{error.strerror}"
            raise UnreadableFile(str(self.path), reason, reason) from error
        marks = {path: mark for path in paths if (mark := mark_of(path))}
        lists = [path for path in marks if path.suffix.lower() in _LISTS]
        lists.sort(key=lambda path: (marks[path].changed_at_ns, path.name))
        others = sorted(path for path in marks if path not in set(lists))
        return Seen({path: marks[path] for path in lists}, others)

    def settled(self, *, settle_s: float, is_stopped: Event) -> Seen:
        """Return what lies there and did not change for so long; waits where a list is there.

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
            settled[path] = mark
        return Seen(settled, after.others)

    def place_for(self, path: Path, *, day: str, is_done: bool) -> Path:
        """Return where a list goes that was taken: a name that nothing has yet."""
        folder = self.path / (DONE if is_done else FAILED)
        number = 1
        while True:
            suffix = f"-{number}" if number > 1 else ""
            place = folder / f"{day} {path.stem}{suffix}{path.suffix}"
            if not os.path.lexists(place):
                return place
            number += 1


def check_disk(folder: Path, other: Path) -> None:
    """Refuse two folders between which a file cannot be moved in one step."""
    if folder.stat().st_dev != other.stat().st_dev:
        raise _other_disk(folder)


def mark_of(path: Path) -> Mark | None:
    """Return the mark of a plain file; None where it is none, or is gone."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    is_plain = path.is_file() and not path.is_symlink()
    return Mark(found.st_mtime_ns, found.st_size, found.st_ino) if is_plain else None


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


def _is_offered(path: Path) -> bool:
    is_hidden = path.name.startswith((".", "~$"))
    return not is_hidden and path.suffix.lower() not in _UNFINISHED and path.name != FILE_NAME


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
