"""Folders in which a file is made ready beside where it will stand, and what kills left of them."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from geo_service.layers.files import told_as_unwritable

PREFIX = ".geo-service-aside-"
"""Whatever is called so belongs to a process at work, or is left of one that was killed."""


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside ``path``, readable by its owner alone; it is gone at the end.

    What killed processes left in the same place is removed before.

    Raises
    ------
    UnwritableFile
        There is no such place, it cannot be written to, or the disk is full.
    """
    with told_as_unwritable(path):
        _remove_leftovers(path.parent)
        folder, lock = _make_folder(path.parent)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def put_in_place(ready: Path, path: Path) -> None:
    """Let a file that is ready become ``path`` in one step that survives a power cut."""
    _sync(ready)
    ready.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(place: Path) -> tuple[Path, int]:
    """Return a new folder and the descriptor that locks it for as long as this process lives."""
    while True:
        folder = place / f"{PREFIX}{token_hex(6)}"
        folder.mkdir(mode=0o700)
        # somebody who cleans up may be faster than the lock
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # a network disk may have no locks; then nobody cleans up
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _remove_leftovers(place: Path) -> None:
    for left in place.glob(f"{PREFIX}*"):
        with suppress(OSError):
            lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left)
            finally:
                os.close(lock)
