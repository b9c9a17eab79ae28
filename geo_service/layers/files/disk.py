"""What a file must be before it is read, and how one is written so that nobody sees half of it."""

import errno
import hashlib
import os
import secrets
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias

from geo_service.errors import NoRoomForFile, UnreadableFile, UnwritableFile

Note: TypeAlias = tuple[str, str]
"""One remark about a file in Chinese and in English."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

_filters_lock = threading.Lock()


def unreadable(path: Path, zh: str, en: str) -> UnreadableFile:
    """Return the error that says why ``path`` cannot be read."""
    return UnreadableFile(where=path.name, reason_zh=zh, reason_en=en)


def check_readable(path: Path) -> None:
    """Check that ``path`` is a file that holds something.

    Raises
    ------
    UnreadableFile
        Nothing there, a folder, a device, an empty file, or one that may not be opened.
    """
    if path.is_dir():
        raise unreadable(path, "这是文件夹，请选其中的文件", "it is a folder; choose a file in it")
    if not path.is_file():
        raise unreadable(path, "没有这个文件", "there is no such file")
    if path.stat().st_size == 0:
        raise unreadable(path, "文件是空的（0 字节）", "the file is empty (0 bytes)")
    try:
        path.open("rb").close()
    except OSError as error:
        raise unreadable(path, f"打不开（{error.strerror}）", f"{error.strerror}") from error


def file_hash(path: Path) -> str:
    """Return the SHA-256 of the bytes of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing_aside(path: Path) -> Iterator[Path]:
    """Yield a new, empty file beside ``path``; what it holds at the end becomes ``path``.

    The rename is atomic and follows an fsync, so a reader finds the old file or the whole new one,
    also after a power cut. An exception inside leaves ``path`` as it was and removes the rest.
    Missing folders are made.

    Raises
    ------
    UnwritableFile
        Its folder cannot be made or written to, or ``path`` is itself a folder.
    NoRoomForFile
        The disk is full, or a quota reached.
    """
    aside = path.with_name(f".{path.stem[:40]}.{secrets.token_hex(6)}{path.suffix}")
    _make_aside(path, aside)
    try:
        yield aside
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(path)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise _unwritable(path.name, error) from error
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def told_as_unwritable(path: Path) -> Iterator[None]:
    """Raise UnwritableFile, or NoRoomForFile, where the disk refuses what is written for a path."""
    try:
        yield
    except OSError as error:
        raise _unwritable(str(path), error) from error


def _unwritable(where: str, error: OSError) -> UnwritableFile:
    told = NoRoomForFile if error.errno in _NO_ROOM else UnwritableFile
    return told(where, f"{error.strerror}", f"{error.strerror}")


@contextmanager
def output(target: Path | BinaryIO) -> Iterator[BinaryIO]:
    """Yield a binary stream: the one given, or a file written aside and renamed."""
    if not isinstance(target, Path):
        yield target
        return
    with writing_aside(target) as aside, aside.open("wb") as stream:
        yield stream


@contextmanager
def noted_warnings(*categories: type[Warning]) -> Iterator[list[str]]:
    """Collect what a foreign library warns of, each message once, to be judged by the caller.

    Warnings of other categories are passed on.

    GDAL reports wrong content ("Invalid content for record 5 in column d") by a Python warning
    alone, so it must reach whoever imports the file. The lock is there because warning filters
    belong to the process: two overlapping collections would restore each other's filters.
    """
    messages: list[str] = []
    with _filters_lock, warnings.catch_warnings(record=True) as caught:
        for category in categories:
            warnings.filterwarnings("always", category=category)
        yield messages
    for warning in caught:
        if not issubclass(warning.category, categories):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
        elif str(warning.message) not in messages:
            messages.append(str(warning.message))


def _make_aside(path: Path, aside: Path) -> None:
    if path.is_dir():
        raise UnwritableFile(str(path), "这是一个文件夹", "it is a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # os.access is no answer: root has every right, also where no file can be made
        aside.touch(exist_ok=False)
    except OSError as error:
        raise UnwritableFile(
            str(path),
            f"所在文件夹不能写入（{error.strerror}）",
            f"its folder cannot be written to ({error.strerror})",
        ) from error
