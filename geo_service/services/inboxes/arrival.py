"""What lies in an inbox: lists, files that are none, and whether somebody still writes to one."""

import errno
import fcntl
import os
import signal
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from geo_service.services.inboxes.reading import FILE_NAME

Words: TypeAlias = tuple[str, str]
"""A sentence in Chinese and in English."""

DONE, FAILED = "done", "failed"
STILL_OPEN: Words = (
    "另一个程序还开着它在写，关闭后读取，最多等十分钟；写得比它晚的清单也等着",
    "another program still has it open to write; it is read once it is closed, or ten minutes"
    " after its last change, and lists written later wait for it",
)
LATE_S = 600.0
"""So long after the last word of a list somebody may turn out not to have finished it."""
_NO_LIST: Words = ("不是清单，留在原处", "no list, left where it is")
_LINK: Words = (
    "是链接，不会跟随，留在原处：请放入文件本身",
    "a link, which is not followed; left where it is: put the file itself here",
)
_FOLDER: Words = (
    "是文件夹，里面的文件不会读取，留在原处",
    "a folder, in which nothing is read; left where it is",
)
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
    """What one look into the folder found: lists in the order in which they were written.

    ``others`` are left where they are, each with the reason.
    """

    lists: dict[Path, Mark]
    others: dict[Path, Words]


def seen_in(folder: Path) -> Seen:
    """Return what lies in a folder; unfinished, hidden and temporary files are passed over.

    Raises OSError where the folder cannot be read.
    """
    lists, others = {}, {}
    for path in sorted(filter(_is_offered, folder.iterdir())):
        mark = mark_of(path)
        why = _why_left(path) if mark is None else _NO_LIST
        if mark is not None and path.suffix.lower() in _LISTS:
            lists[path] = mark
        elif why is not None:
            others[path] = why
    order = sorted(lists, key=lambda path: (lists[path].changed_at_ns, path.name))
    return Seen({path: lists[path] for path in order}, others)


def mark_of(path: Path) -> Mark | None:
    """Return the mark of a plain file; None where it is none, or is gone."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    is_plain = stat.S_ISREG(found.st_mode)
    return Mark(found.st_mtime_ns, found.st_size, found.st_ino) if is_plain else None


def is_still_open(path: Path) -> bool:
    """Return whether a program has a file open for writing, as far as this machine can tell.

    A read lease is refused for as long (fcntl(2)). It is given for files of one's own on disks of
    this machine; of others nobody knows, and False is returned.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # whoever opens it just now breaks the lease; the signal for that would end the process
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False


def is_awaited(path: Path, mark: Mark) -> bool:
    """Return whether a list is better left until a program that has it open closes it.

    Not for ever: who only looks at it may have it open all day. And not where a file that nobody
    can have open seems to be, as on some network disks.
    """
    age_s = abs(time.time() - mark.changed_at_ns / 1e9)
    if age_s > LATE_S or not is_still_open(path):
        return False
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".probe", delete=False) as probe:
        alone = Path(probe.name)
    try:
        return not is_still_open(alone)
    finally:
        alone.unlink()


def _is_offered(path: Path) -> bool:
    is_hidden = path.name.startswith((".", "~$"))
    is_ours = path.name in (FILE_NAME, DONE, FAILED)
    return not is_hidden and not is_ours and path.suffix.lower() not in _UNFINISHED


def _why_left(path: Path) -> Words | None:
    """Return why what is no plain file is left; None where it is gone."""
    if path.is_symlink():
        return _LINK
    if path.is_dir():
        return _FOLDER
    return _NO_LIST if path.exists() else None
