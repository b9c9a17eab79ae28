"""Turns at building indexes: one process builds in a folder, the others wait and find its file.

A country's index takes gigabytes while it is built: workers that start together would each need
them. The operating system gives a turn back when its process ends, however it ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def turn_to_build(folder: Path) -> Iterator[None]:
    """Wait until nobody else builds in a folder, and keep others waiting meanwhile.

    Where no folder can be made, nobody can leave an index for others, and nobody waits.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):  # a file system without locks: two may build, either is right
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
