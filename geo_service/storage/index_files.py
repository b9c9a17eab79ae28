"""Index files: the exact index of one edition's boundaries, mapped by every process that asks.

A file is a prelude, a head and sections. The prelude holds magic, format, a byte order mark, the
length and CRC-32 of the head, and the length of the file. The head is JSON: the key of what is
indexed and the table of sections. A section is one coverage's index as ``layers.index.cells``
describes it, in the byte order of the machine that wrote it, at a multiple of 4096 bytes.

Files are written aside and renamed, never changed: who has one mapped keeps what it mapped. Two
processes that build the same index at once (``index_turns`` keeps them from it) write the same
bytes, and either file is right.
"""

import hashlib
import json
import os
import stat
import struct
import time
import zlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from geo_service.layers.files import writing_aside
from geo_service.layers.index import Words, is_whole
from geo_service.layers.layer import Layers

FORMAT = 2
"""Another number for any change in what the bytes mean, the words of ``layers.index.cells`` too."""

SUFFIX = ".index"

_MAGIC = b"\x89GSIDX\r\n"
_BYTE_ORDER = 0x01020304
_SWAPPED = 0x04030201
_PRELUDE = struct.Struct("=8sIIIIQ")
_ALIGNMENT = 4096
_WORD = 8
_LONGEST_HEAD = 2**24

_DAY_S = 86_400
_UNUSED_DAYS = 90
_ASIDE_DAYS = 1
_FOLDER_BYTES = 8 * 2**30
"""Five editions of a country, or fifty of a city."""


class UnusableIndex(Exception):
    """An index file that must not be trusted, with the reason in two languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Section(NamedTuple):
    """Where a section stands: bytes after the head, its length in words, its CRC-32."""

    name: str
    offset: int
    words: int
    crc: int


class Head(NamedTuple):
    """What a file says of itself, checked; ``start`` is where its sections begin, in bytes."""

    start: int
    sections: list[Section]


class StoredIndex(NamedTuple):
    """One file of the folder: when it was last used (seconds since 1970 UTC), its size in bytes."""

    used_at_s: float
    size: int
    path: Path


def index_key(layers: Layers, content_hash: str) -> str:
    """Return the name of all that an index rests on: the areas, and how their layers nest."""
    shapes = [(layer.name, layer.parent, layer.is_overlay, layer.geometry) for layer in layers]
    return hashlib.sha256(json.dumps([content_hash, shapes]).encode()).hexdigest()


def index_path(folder: Path, key: str) -> Path:
    """Return where the index with this key stands, or would."""
    return folder / f"{key[:20]}{SUFFIX}"


def write_index(path: Path, key: str, sections: Mapping[str, Words]) -> None:
    """Write an index so that nobody ever sees half of it.

    Raises
    ------
    UnwritableFile, OSError
        The folder cannot be made or written to, or the disk is full.
    """
    table, offset, end = [], 0, 0
    for name, words in sections.items():
        table.append(Section(name, offset, len(words), zlib.crc32(words.data)))
        end = offset + len(words) * _WORD
        offset = _aligned(end)
    head = json.dumps({"key": key, "sections": table}, ensure_ascii=False).encode()
    start = _aligned(_PRELUDE.size + len(head))
    prelude = (_MAGIC, FORMAT, _BYTE_ORDER, len(head), zlib.crc32(head), start + end)
    with writing_aside(path) as aside, aside.open("wb") as file:
        file.write(_PRELUDE.pack(*prelude) + head)
        for section in table:
            file.seek(start + section.offset)
            file.write(sections[section.name].data)
        file.truncate(start + end)
    _sync(path.parent)


def open_index(path: Path, key: str) -> dict[str, Words] | None:
    """Map an index without reading it; None where there is no such file.

    The time does not depend on the size: magic, format, byte order, key, length and section table
    are checked, and that each section is as long as its lattice says. What the sections hold is
    checked by ``damaged_sections`` alone.

    Raises
    ------
    UnusableIndex
        The file cannot be read, or is not the whole index with this key in today's format.
    """
    found = _opened(path, key)
    return None if found is None else found[0]


def damaged_sections(path: Path, key: str) -> list[str] | None:
    """Read a whole index; return the names of sections whose checksum differs, None for no file.

    Raises
    ------
    UnusableIndex
        As ``open_index`` does.
    """
    found = _opened(path, key)
    if found is None:
        return None
    sections, table = found
    return [each.name for each in table if zlib.crc32(sections[each.name].data) != each.crc]


def note_use(path: Path) -> None:
    """Make a file the one used last."""
    with suppress(OSError):  # another user's file, or removed just now: it counts as used less
        os.utime(path)


def stored_indexes(folder: Path) -> list[StoredIndex]:
    """Return every index file of a folder, the one used last first."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):  # another process removes what is old, too
            told = path.stat()
            if stat.S_ISREG(told.st_mode):
                found.append(StoredIndex(told.st_mtime, told.st_size, path))
    return sorted(found, reverse=True)


def remove_unused(folder: Path, *, keep: Collection[Path]) -> None:
    """Remove indexes that nobody used for long, then those used longest ago beyond a total size.

    Whoever has a removed file mapped keeps it: the space is given back when the last one lets go.
    """
    now_s, total = time.time(), 0
    for used_at_s, size, path in stored_indexes(folder):
        is_aside = path.name.startswith(".")  # half written, maybe by a process that was killed
        is_old = now_s - used_at_s > _DAY_S * (_ASIDE_DAYS if is_aside else _UNUSED_DAYS)
        total += size
        if path not in keep and (is_old or (total > _FOLDER_BYTES and not is_aside)):
            with suppress(OSError):  # of another user: the next build may try again
                path.unlink()


def _opened(path: Path, key: str) -> tuple[dict[str, Words], list[Section]] | None:
    try:
        with path.open("rb") as file:
            head = _head(file, key)
            return _mapped(file, head), head.sections
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnusableIndex(f"无法打开（{error.strerror}）", f"{error.strerror}") from error


def _head(file: BinaryIO, key: str) -> Head:
    """Read and check all that stands before the sections."""
    prelude = file.read(_PRELUDE.size)
    if len(prelude) < _PRELUDE.size or not prelude.startswith(_MAGIC):
        raise UnusableIndex("不是索引文件", "not an index file")
    _, number, byte_order, head_length, crc, length = _PRELUDE.unpack(prelude)
    if byte_order == _SWAPPED:
        raise UnusableIndex("字节序不同", "written by a machine of the other byte order")
    if number != FORMAT:
        raise UnusableIndex(f"格式为 {number}，应为 {FORMAT}", f"format {number}, not {FORMAT}")
    head = file.read(min(head_length, _LONGEST_HEAD))
    if byte_order != _BYTE_ORDER or zlib.crc32(head) != crc:
        raise UnusableIndex("文件头损坏", "its head is damaged")
    told = json.loads(head)
    if told["key"] != key:
        raise UnusableIndex("属于另一版边界", "the index of other boundaries")
    sections = [Section(*each) for each in told["sections"]]
    start = _aligned(_PRELUDE.size + head_length)
    actual = os.fstat(file.fileno()).st_size
    ends = [start + each.offset + each.words * _WORD for each in sections]
    if actual != length or length != max(ends, default=start):
        raise UnusableIndex(
            f"长度为 {actual} 字节，应为 {length}", f"{actual} bytes long instead of {length}"
        )
    return Head(start, sections)


def _mapped(file: BinaryIO, head: Head) -> dict[str, Words]:
    # a plain array: kernels would be compiled once more for a memmap
    words = np.memmap(file, dtype=np.int64, mode="r").view(np.ndarray)
    sections = {}
    for name, offset, count, _ in head.sections:
        first = (head.start + offset) // _WORD
        sections[name] = words[first : first + count]
        if not is_whole(sections[name]):
            raise UnusableIndex(f"{name} 的格栅损坏", f"the lattice of {name} is damaged")
    return sections


def _aligned(length: int) -> int:
    return -(-length // _ALIGNMENT) * _ALIGNMENT


def _sync(folder: Path) -> None:
    """Let the new name outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
