"""The file of a backup: a ZIP that any tool opens, and that notices every byte that changed.

The first member says in plain words what this is, the last is the manifest. The ZIP's comment ends
in the SHA-256 of all bytes before it: a file that was cut, or has a single other byte anywhere, is
known without unpacking it.
"""

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from time import gmtime
from typing import IO, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from geo_service.errors import AttachmentDamaged, DamagedBackup, NewerBackup, UnreadableFile
from geo_service.storage.attachment_files import AttachmentFiles
from geo_service.storage.backups.manifest import (
    FORMAT,
    Manifest,
    Member,
    PackedFiles,
    manifest_bytes,
    manifest_from,
    read_head,
)

DATABASE = "database.sqlite"

_NOTE = "geo-service-backup.txt"
_MANIFEST = "manifest.json"
_FILES = "attachments/"
_SEAL = b"geo-service backup; SHA-256 of everything before these 64 digits: "
_DIGITS = 64
_PIECE = 2**20
_FASTEST = 1
"""Slower levels make a fiftieth less of a database and take three times as long."""
_LONGEST_MANIFEST = 2**24
_START = b"PK\x03\x04"
_NAME_AT = 30
"""Where the name of the first member stands in a ZIP."""

_NOTE_TEXT = """\
这是 geo_service 的整库备份。恢复到空库：geo-service restore 本文件
database.sqlite 是普通的 SQLite 3 数据库；manifest.json 是清单、行数和校验值；
attachments/ 下是照片，文件名就是内容的 SHA-256。

This is a backup of a whole geo_service database. Into an empty one: geo-service restore FILE
database.sqlite is a plain SQLite 3 database; manifest.json lists what is in here, with hashes;
under attachments/ are photos, each named by the SHA-256 of what it holds.
"""


class FileHash(NamedTuple):
    """The size of a file in bytes and the SHA-256 of all of them."""

    size: int
    sha256: str


def pack_database(
    container: Path, database: Path, *, made_at_s: int, on_progress: Callable[[int], None]
) -> Member:
    """Begin a new container with a database, and return what the manifest must say of it."""
    hashed, size = sha256(), 0
    handle = os.open(container, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as file, ZipFile(file, "w") as packed:
        packed.writestr(_entry(_NOTE, made_at_s), _NOTE_TEXT)
        entry = _entry(DATABASE, made_at_s, ZIP_DEFLATED)
        with database.open("rb") as source, packed.open(entry, "w", force_zip64=True) as target:
            while piece := source.read(_PIECE):
                hashed.update(piece)
                target.write(piece)
                size += len(piece)
                on_progress(size)
    return Member(DATABASE, size, hashed.hexdigest())


def pack_files(
    container: Path, digests: Sequence[str], files: AttachmentFiles, *, made_at_s: int
) -> Iterator[int]:
    """Add the files of some hashes, and yield the bytes of each; all of them are whole.

    Photos are packed as they are: squeezing them again saves nothing.
    """
    with ZipFile(container, "a") as packed:
        for digest in digests:
            size = 0
            entry = _entry(f"{_FILES}{digest}", made_at_s)
            with files.path(digest).open("rb") as source, packed.open(entry, "w") as target:
                while piece := source.read(_PIECE):
                    target.write(piece)
                    size += len(piece)
            yield size


def unpack_files(
    container: Path, expected: PackedFiles, take: Callable[[str, IO[bytes]], None]
) -> Iterator[int]:
    """Hand each file to ``take`` with its hash, and yield how many are done.

    Raises
    ------
    DamagedBackup
        Files are missing, or one is not what its name says: ``take`` raises AttachmentDamaged.
    """
    done = 0
    try:
        with ZipFile(container) as packed:
            for name in filter(_is_file, packed.namelist()):
                with packed.open(name) as source:
                    take(name.removeprefix(_FILES), source)
                yield (done := done + 1)
    except (BadZipFile, zlib.error, EOFError, AttachmentDamaged) as error:
        raise changed(container) from error
    if done != expected.count:
        raise changed(container)


def _is_file(name: str) -> bool:
    return name.startswith(_FILES)


def check_file(digest: str, content: IO[bytes]) -> None:
    """Read a file whole; raises AttachmentDamaged where it is not what its hash says."""
    hashed = sha256()
    while piece := content.read(_PIECE):
        hashed.update(piece)
    if hashed.hexdigest() != digest:
        raise AttachmentDamaged(hash=digest)


def seal(container: Path, manifest: Manifest) -> None:
    """End a container: its manifest, then the hash of all that stands before that hash."""
    with ZipFile(container, "a") as packed:
        packed.writestr(_entry(_MANIFEST, manifest.made_at_s), manifest_bytes(manifest))
        packed.comment = _SEAL + b"0" * _DIGITS
    with container.open("r+b") as file:
        hashed = sha256()
        _read_before_seal(file, hashed.update, lambda _done: None)
        file.write(hashed.hexdigest().encode())
        file.flush()
        os.fsync(file.fileno())
        # what is read from now on comes from the disk, not from memory
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def check_seal(container: Path, *, on_progress: Callable[[int], None]) -> FileHash:
    """Read a whole file, and return its size and hash.

    Raises
    ------
    UnreadableFile
        It cannot be read, or is no backup of ours.
    DamagedBackup
        Its end is missing, or a byte is not what was written.
    """
    hashed = sha256()
    try:
        with container.open("rb") as file:
            is_ours, is_sealed = _marks(file)
            if not is_ours and not is_sealed:
                raise _not_ours(container, file)
            if not is_sealed:
                raise DamagedBackup(
                    str(container),
                    "文件不完整，末尾缺失（复制或传输中断），请重新复制，或换一份备份",
                    "its end is missing, as after a copy that was cut off; copy it again, or use"
                    " another backup",
                )
            _read_before_seal(file, hashed.update, on_progress)
            written = file.read()
    except OSError as error:
        raise UnreadableFile(str(container), f"{error.strerror}", f"{error.strerror}") from error
    if hashed.hexdigest().encode() != written:
        raise changed(container)
    size = container.stat().st_size
    hashed.update(written)
    return FileHash(size, hashed.hexdigest())


def read_manifest(container: Path) -> Manifest:
    """Return what a backup whose seal is right says of itself.

    Raises
    ------
    NewerBackup
        Its format is of a later version.
    DamagedBackup
        It has no manifest that could be read.
    """
    try:
        with ZipFile(container) as packed, packed.open(_MANIFEST) as file:
            number, version, found = read_head(file.read(_LONGEST_MANIFEST))
        if number > FORMAT:
            raise NewerBackup(str(container), version=version)
        return manifest_from(found)
    except (BadZipFile, zlib.error, KeyError, ValueError, TypeError) as error:
        raise changed(container) from error


def unpack(
    container: Path, member: Member, target: IO[bytes], *, on_progress: Callable[[int], None]
) -> None:
    """Write one member out; raises DamagedBackup where it is not what the manifest says."""
    hashed, size = sha256(), 0
    try:
        with ZipFile(container) as packed, packed.open(member.name) as source:
            while piece := source.read(_PIECE):
                hashed.update(piece)
                size += len(piece)
                if size > member.size:
                    break
                target.write(piece)
                on_progress(size)
    except (BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise changed(container) from error
    if (size, hashed.hexdigest()) != (member.size, member.sha256):
        raise changed(container)


def changed(container: Path) -> DamagedBackup:
    """Return the error for a backup that is no longer what was written."""
    return DamagedBackup(
        str(container),
        "内容与写入时的校验值不符（文件损坏或被改动），请换一份备份",
        "it is not what was written, by its checksum; use another backup",
    )


def _entry(name: str, made_at_s: int, how: int = ZIP_STORED) -> ZipInfo:
    entry = ZipInfo(name, gmtime(max(made_at_s, 315_532_800))[:6])  # a ZIP begins with 1980
    entry.compress_type = how
    entry._compresslevel = _FASTEST  # type: ignore[attr-defined]  # public from Python 3.13 on
    entry.external_attr = 0o600 << 16
    return entry


def _marks(file: IO[bytes]) -> tuple[bool, bool]:
    """Return whether a file begins as ours do, and whether it ends so."""
    start = file.read(_NAME_AT + len(_NOTE))
    is_ours = start.startswith(_START) and start.endswith(_NOTE.encode())
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - len(_SEAL) - _DIGITS))
    return is_ours, file.read(len(_SEAL)) == _SEAL


def _not_ours(container: Path, file: IO[bytes]) -> UnreadableFile:
    file.seek(0)
    if file.read(len(_START)) == _START:
        zh, en = "是压缩包，但不是本系统的备份", "it is a ZIP, but no backup of this service"
    else:
        zh, en = "不是本系统的备份文件", "it is no backup of this service"
    return UnreadableFile(str(container), zh, en)


def _read_before_seal(
    file: IO[bytes], update: Callable[[bytes], None], on_progress: Callable[[int], None]
) -> None:
    """Hand on everything before the last digits, and leave the file there."""
    left = file.seek(0, os.SEEK_END) - _DIGITS
    file.seek(0)
    while left > 0 and (piece := file.read(min(_PIECE, left))):
        update(piece)
        left -= len(piece)
        on_progress(file.tell())
