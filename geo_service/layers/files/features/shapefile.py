"""Reads Shapefiles, bare or zipped: their parts, their lengths and their unspoken encodings."""

import codecs
import struct
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from geo_service.errors import UnreadableFile
from geo_service.layers.files.archive import extract, opened_archive, shapefiles_in
from geo_service.layers.files.disk import Note, unreadable
from geo_service.layers.files.feature_table import FeatureTable
from geo_service.layers.files.features.gdal import Column, read_table, translated

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED = (".shp", ".dbf")
_SHAPE_MAGIC = 9994
_SHAPE_HEADER_BYTES = 100
_RECORD_HEADER_BYTES = 8
_DBF_HEADER_BYTES = 12
_WESTERN = {"iso8859-1", "iso8859-15", "cp1252", "cp437", "ascii"}
_CODE_PAGES = {"936": "gbk", "65001": "utf-8", "54936": "gb18030"}
_TITLES = {"gbk": "GBK", "gb2312": "GB2312", "utf-8": "UTF-8", "gb18030": "GB18030"}


def shapefile_tables(path: Path) -> list[str]:
    """Return the path of each shapefile inside a zip, or the name of a bare one.

    Raises
    ------
    UnreadableFile
        No zip, or one beyond the limits.
    """
    if path.suffix.lower() == ".shp":
        return [path.stem]
    with opened_archive(path) as archive:
        return list(shapefiles_in(archive))


def read_shapefile(path: Path, *, table: str) -> FeatureTable:
    """Read a bare .shp, or the one called ``table`` from a zip.

    Raises
    ------
    UnreadableFile
        Parts are missing, cut off or contradict each other, or the text is in no known encoding.
    """
    with tempfile.TemporaryDirectory() as folder:
        shape = Path(folder) / "layer.shp"
        if path.suffix.lower() == ".shp":
            _link_parts(path, shape)
        else:
            _extract_parts(path, table, shape)
        is_rebuilt = _with_index(path, shape)
        _check_parts(path, shape)
        with translated(path, shape):
            # Latin-1 has a character for every byte, so no text is lost before we know better;
            # ADJUST_TYPE keeps long codes in wide numeric fields from becoming floats
            found = read_table(path, shape, encoding="ISO-8859-1", ADJUST_TYPE="YES")
        declared = _content(shape.with_suffix(".cpg"))
        columns, encoding, notes = _decoded(path, found.columns, declared)
        if is_rebuilt:
            notes.append(("缺少 .shx，已按 .shp 重建", "no .shx: rebuilt from the .shp"))
        crs = found.crs or _content(shape.with_suffix(".prj"))
        return found.feature_table(path, columns=columns, crs=crs, encoding=encoding, notes=notes)


def _link_parts(path: Path, shape: Path) -> None:
    for part in path.parent.iterdir():
        ending = part.suffix.lower()
        if part.stem == path.stem and ending in _PARTS:
            shape.with_suffix(ending).symlink_to(part.resolve())


def _extract_parts(path: Path, table: str, shape: Path) -> None:
    with opened_archive(path) as archive:
        entries = shapefiles_in(archive)[table]
        extract(
            archive,
            {shape.with_suffix(end): entries[end] for end in _PARTS if end in entries},
        )


def _with_index(path: Path, shape: Path) -> bool:
    """Make the .shx where it is missing: it repeats where each record of the .shp begins.

    References
    ----------
    ESRI Shapefile Technical Description (1998): words of 16 bits, big-endian.
    """
    index = shape.with_suffix(".shx")
    if index.exists() or not shape.exists():
        return False
    entries = []
    with shape.open("rb") as file:
        header = file.read(_SHAPE_HEADER_BYTES)
        place = _SHAPE_HEADER_BYTES
        while record := file.read(_RECORD_HEADER_BYTES):
            if len(record) < _RECORD_HEADER_BYTES:
                raise _cut_off(path, ".shp")
            _, words = struct.unpack(">ii", record)
            entries.append(struct.pack(">ii", place // 2, words))
            place = file.seek(max(words, 0) * 2, 1)
    length = struct.pack(">i", (_SHAPE_HEADER_BYTES + 8 * len(entries)) // 2)
    index.write_bytes(header[:24] + length + header[28:] + b"".join(entries))
    return True


def _check_parts(path: Path, shape: Path) -> None:
    """Check that all parts are whole: GDAL drops what is cut off without a word."""
    missing = [end for end in _NEEDED if not shape.with_suffix(end).exists()]
    if missing:
        listed = "、".join(missing)
        raise unreadable(
            path,
            f"Shapefile 缺少 {listed}：请把同名的 .shp、.shx、.dbf、.prj 一起压缩上传",
            f"the Shapefile lacks {', '.join(missing)}: zip .shp, .shx, .dbf and .prj together",
        )
    try:
        shapes = _check_shapes(path, shape)
        records = _check_records(path, shape.with_suffix(".dbf"))
    except struct.error as error:
        raise _cut_off(path, "文件头") from error
    if shapes != records:
        raise unreadable(
            path,
            f".shx 有 {shapes} 个图形，.dbf 有 {records} 条记录，不是同一份文件",
            f".shx counts {shapes} shapes, .dbf {records} records; they do not belong together",
        )


def _check_shapes(path: Path, shape: Path) -> int:
    for part in (shape, shape.with_suffix(".shx")):
        with part.open("rb") as file:
            magic, *_, words = struct.unpack(">7i", file.read(28))
        if magic != _SHAPE_MAGIC:
            raise unreadable(
                path, f"{part.suffix} 不是 Shapefile", f"{part.suffix} is no Shapefile"
            )
        if part.stat().st_size < words * 2:
            raise _cut_off(path, part.suffix)
    return (int(words) * 2 - _SHAPE_HEADER_BYTES) // 8


def _check_records(path: Path, dbf: Path) -> int:
    with dbf.open("rb") as file:
        count, header, length = struct.unpack("<4xIHH", file.read(_DBF_HEADER_BYTES))
    if dbf.stat().st_size < header + count * length:
        raise _cut_off(path, ".dbf")
    return int(count)


def _cut_off(path: Path, part: str) -> UnreadableFile:
    return unreadable(
        path,
        f"{part} 不完整，可能没有传完，请重新复制",
        f"{part} is cut off; copy the file again",
    )


def _content(part: Path) -> str | None:
    if not part.exists():
        return None
    return part.read_text(encoding="utf-8", errors="replace").strip("\ufeff\x00 \r\n\t") or None


def _decoded(
    path: Path, columns: Sequence[Column], declared: str | None
) -> tuple[dict[str, list[Any]], str, list[Note]]:
    names = [name.encode("latin-1") for name, _ in columns]
    texts = [
        value.encode("latin-1") for _, column in columns for value in column if _is_text(value)
    ]
    foreign = [text for text in (*names, *texts) if not text.isascii()]
    encoding = _encoding(path, foreign, _codec(declared))
    decoded: dict[str, list[Any]] = {}
    for name, (_, values) in zip(names, columns, strict=True):
        heading = _decode(name, encoding)
        while heading in decoded:  # names are cut to ten bytes, so two may have become one
            heading += "_"
        decoded[heading] = [
            _decode(value.encode("latin-1"), encoding) if _is_text(value) else value
            for value in values
        ]
    cut = sum(not _is_whole(text, encoding) for text in texts)
    return decoded, _TITLES.get(encoding, encoding), _notes(foreign, encoding, declared, cut)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _encoding(path: Path, foreign: Iterable[bytes], declared: str | None) -> str:
    candidates = ["utf-8", "gbk", "gb18030"]
    if declared in _WESTERN:  # fits any bytes, so it proves nothing
        candidates.append(declared)
    elif declared:
        candidates.insert(0, declared)
    samples = set(foreign)
    for candidate in candidates:
        try:
            for sample in samples:
                _decode(sample, candidate)
        except UnicodeDecodeError:
            continue
        return candidate
    raise unreadable(
        path,
        "属性表的文字不是 UTF-8 也不是 GBK，请在原软件里另存并写出 .cpg",
        "its text is neither UTF-8 nor GBK; save it again with a .cpg",
    )


def _codec(declared: str | None) -> str | None:
    """Return the codec a .cpg names: UTF-8, GBK, 936, CP936, "ANSI 936", "OEM 936" ..."""
    if declared is None:
        return None
    word = declared.split()[-1].upper()
    try:
        return codecs.lookup(_CODE_PAGES.get(word.removeprefix("CP"), word)).name
    except LookupError:
        return None


def _decode(raw: bytes, encoding: str) -> str:
    # not final: a field of fixed width may end in the middle of a character
    return codecs.getincrementaldecoder(encoding)().decode(raw)


def _is_whole(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _notes(foreign: Sequence[bytes], encoding: str, declared: str | None, cut: int) -> list[Note]:
    title = _TITLES.get(encoding, encoding)
    notes: list[Note] = []
    if foreign and declared is None and encoding != "utf-8":
        notes.append((f"编码按 {title} 读取（无 .cpg）", f"text read as {title} (no .cpg)"))
    elif foreign and declared is not None and _codec(declared) != encoding:
        notes.append(
            (
                f"编码按 {title} 读取（.cpg 写的是 {declared}，与内容不符）",
                f"text read as {title} (the .cpg says {declared}, which does not fit)",
            )
        )
    if cut:
        notes.append(
            (
                f"{cut} 个文字值在字段末尾被截断（原文件字段太短）",
                f"{cut} texts were cut in mid-character by a field that is too short",
            )
        )
    return notes
