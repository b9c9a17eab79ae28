"""Opens zips that strangers made: limits first, then only the entries that are asked for."""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from geo_service.errors import UnreadableFile
from geo_service.layers.files.disk import unreadable

MAX_ENTRIES = 10_000
MAX_UNPACKED_BYTES = 2 << 30
MAX_RATIO = 300
"""A .dbf of wide, mostly blank fields packs about 130 : 1; a bomb of zeros 1,000 : 1."""
RATIO_COUNTS_FROM_BYTES = 64 << 20

_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


@contextmanager
def opened_archive(path: Path) -> Iterator[ZipFile]:
    """Open a zip whose sizes were checked; damage found later is translated as well.

    Sizes are the declared ones: zipfile never reads an entry beyond what it declares.

    Raises
    ------
    UnreadableFile
        No zip, damaged, encrypted, an unsupported method, too large, or names that leave it.
    """
    try:
        with ZipFile(path) as archive:
            _check_limits(path, archive.infolist())
            yield archive
    except (BadZipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise unreadable(
            path, f"不是完整的压缩文件（{error}）", f"it is no complete zip ({error})"
        ) from error
    except NotImplementedError as error:
        raise unreadable(
            path, "压缩方法不支持，请用普通 zip 重新压缩", "its zip method is not supported"
        ) from error


def entry_name(entry: ZipInfo) -> str:
    """Return the name inside the zip; Chinese Windows writes it in GBK without saying so."""
    if entry.flag_bits & _UTF8_NAME:
        name = entry.filename
    else:
        name = entry.filename.encode("cp437").decode("gb18030", errors="replace")
    return name.replace("\\", "/")


def shapefiles_in(archive: ZipFile) -> dict[str, dict[str, ZipInfo]]:
    """Return the entries of each shapefile by ending, under the path without its ending."""
    found: dict[str, dict[str, ZipInfo]] = {}
    for entry in archive.infolist():
        name = PurePosixPath(entry_name(entry))
        is_of_mac = "__MACOSX" in name.parts or name.name.startswith("._")
        if name.name and not entry.is_dir() and not is_of_mac:
            parts = found.setdefault(str(name.with_suffix("")).casefold(), {})
            parts.setdefault(name.suffix.casefold(), entry)
    return {
        str(PurePosixPath(entry_name(parts[".shp"])).with_suffix("")): parts
        for parts in found.values()
        if ".shp" in parts
    }


def extract(archive: ZipFile, targets: Mapping[Path, ZipInfo]) -> None:
    """Write entries under names of our own choosing; those in the zip are never used as paths."""
    for target, entry in targets.items():
        with _opened(archive, entry) as packed, target.open("wb") as file:
            copyfileobj(packed, file)


def _opened(archive: ZipFile, entry: ZipInfo) -> IO[bytes]:
    try:
        return archive.open(entry)
    except OSError as error:  # an entry that is said to begin before the file does
        raise BadZipFile(str(error)) from error


def _check_limits(path: Path, entries: list[ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / path.stat().st_size
    if len(entries) > MAX_ENTRIES:
        raise _too_large(path, f"{len(entries)} 个条目", f"{len(entries)} entries")
    if unpacked > MAX_UNPACKED_BYTES:
        size = f"{unpacked / (1 << 30):.1f} GB"
        raise _too_large(path, f"解压后 {size}", f"{size} unpacked")
    if unpacked > RATIO_COUNTS_FROM_BYTES and ratio > MAX_RATIO:
        raise _too_large(path, f"压缩比 {ratio:.0f}:1", f"a ratio of {ratio:.0f}:1")
    for entry in entries:
        name = PurePosixPath(entry_name(entry))
        if name.is_absolute() or ".." in name.parts:
            raise unreadable(
                path, f"压缩包里的路径越界：{name}", f"a name in it leaves the archive: {name}"
            )
        if entry.flag_bits & _ENCRYPTED:
            raise unreadable(path, "压缩包有密码，请去掉密码", "the zip has a password; remove it")


def _too_large(path: Path, zh: str, en: str) -> UnreadableFile:
    return unreadable(
        path,
        f"压缩包展开后过大（{zh}），可能是压缩炸弹，没有解压",
        f"it would unpack too large ({en}), perhaps a zip bomb; nothing was unpacked",
    )
