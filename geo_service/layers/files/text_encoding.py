"""How the bytes of a list become text: UTF-8 or GBK, and what to say where a file mixes them."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from geo_service.errors import UnreadableFile
from geo_service.layers.files.disk import Note, unreadable

_CHUNK_BYTES = 1 << 20
_MOSTLY_SOUND = 0.1
_UTF8_TITLES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8-BOM"}
_HAN_NEEDED = 2
"""Chinese characters that prove a line to be UTF-8: three bytes each that fit by accident."""


@dataclass(frozen=True)
class TextEncoding:
    """How the bytes of a file become text; ``is_sound`` is False where some lines cannot.

    ``foreign_line`` is the first line in another encoding, from 1, where a few are.
    """

    codec: str
    title: str
    is_sound: bool = True
    foreign_line: int | None = None

    @property
    def notes(self) -> list[Note]:
        """What a person should know about it."""
        notes = []
        if self.codec == "gb18030":
            notes.append(("编码按 GBK（GB18030）读取", "text read as GBK (GB18030)"))
        if self.foreign_line is not None:
            other = "UTF-8" if self.codec == "gb18030" else "GBK"
            notes.append(
                (
                    f"文件混有两种编码：从第 {self.foreign_line} 行起有些行是 {other}，将逐行退回",
                    f"the file mixes two encodings: some rows, the first in line "
                    f"{self.foreign_line}, are {other} and are rejected",
                )
            )
        elif not self.is_sound:
            notes.append(("有些行无法解码，将逐行退回", "rows that cannot be decoded are rejected"))
        return notes

    def opened(self, path: Path) -> TextIO:
        """Open the file; undecodable bytes become lone surrogates, which the reader looks for."""
        errors = "strict" if self.is_sound else "surrogateescape"
        return path.open(encoding=self.codec, errors=errors, newline="")

    def is_of_another(self, line: str) -> bool:
        """Tell whether a line that was decoded is in the other of the two encodings of the file."""
        if self.foreign_line is None:
            return False
        raw = line.encode(self.codec, "surrogateescape")
        if self.codec == "gb18030":
            return _is_chinese_utf8(raw)
        return not is_text(line) and _fits(raw, "gb18030")


@dataclass
class _Census:
    """How many lines that are not plain ASCII are surely UTF-8, only GBK, either or neither."""

    utf8: int = 0
    gbk: int = 0
    either: int = 0
    neither: int = 0
    first_utf8: int = 0
    first_gbk: int = 0
    is_whole: bool = True
    """Whether every line was short enough to be looked at."""

    @property
    def lines(self) -> int:
        return self.utf8 + self.gbk + self.either + self.neither


def is_text(line: str) -> bool:
    """Tell whether all bytes of a line could be decoded."""
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:  # lone surrogates stand for bytes that could not be decoded
        return False
    return True


def text_encoding(path: Path) -> TextEncoding:
    """Tell how a text file is encoded: its byte order mark, else UTF-8, else GB18030.

    The whole file is decoded strictly, in pieces. Where a few lines do not fit (a text cut in
    mid-character, rows pasted from another file), the encoding that fits nearly all is taken.

    Raises
    ------
    UnreadableFile
        Neither fits: it is no text, or another encoding. Or both do, each for many lines: then the
        first line of the rarer one is named.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return TextEncoding("utf-16", "UTF-16")
    utf8 = "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    if _is_decodable(path, utf8):
        return TextEncoding(utf8, _UTF8_TITLES[utf8])
    return _judged(path, _census(path), utf8)


def _judged(path: Path, census: _Census, utf8: str) -> TextEncoding:
    if not census.lines and _is_decodable(path, "gb18030"):
        return TextEncoding("gb18030", "GB18030")
    if not census.lines or census.neither / census.lines >= _MOSTLY_SOUND:
        raise unreadable(
            path,
            "不是文本文件，或编码既不是 UTF-8 也不是 GBK，请另存为 UTF-8 的 CSV",
            "it is no text, or neither in UTF-8 nor in GBK; save it as CSV in UTF-8",
        )
    if min(census.gbk, census.utf8) / census.lines >= _MOSTLY_SOUND:
        raise _mixed(path, census)
    # lines that fit both are an accident among those of GBK, and a language of Europe otherwise
    is_gbk = census.gbk >= census.utf8 + (census.either if census.either > census.gbk else 0)
    is_mixed = bool(census.gbk and census.utf8)
    is_sound = is_gbk and census.is_whole and not is_mixed and not census.neither
    codec, title = ("gb18030", "GB18030") if is_gbk else (utf8, _UTF8_TITLES[utf8])
    foreign_line = census.first_utf8 if is_gbk else census.first_gbk
    return TextEncoding(codec, title, is_sound, foreign_line if is_mixed else None)


def _mixed(path: Path, census: _Census) -> UnreadableFile:
    name, first, other = (
        ("GBK", census.first_gbk, "UTF-8")
        if census.gbk < census.utf8
        else ("UTF-8", census.first_utf8, "GBK")
    )
    return unreadable(
        path,
        f"混有两种编码：{census.utf8} 行是 UTF-8，{census.gbk} 行是 GBK；第 {first} 行是第一个 "
        f"{name} 行，其余多为 {other}。请把两部分分别另存为 UTF-8 后再合并",
        f"it mixes two encodings: {census.utf8} lines are UTF-8, {census.gbk} are GBK; line {first}"
        f" is the first in {name} where most are {other}. Save both parts as UTF-8, then join them",
    )


def _census(path: Path) -> _Census:
    census = _Census()
    for number, line in _short_lines(path, census):
        if line.isascii():
            continue
        if _fits(line, "utf-8"):
            is_chinese = _is_chinese_utf8(line)
            census.utf8 += is_chinese
            census.either += not is_chinese
            census.first_utf8 = census.first_utf8 or (number if is_chinese else 0)
        elif _fits(line, "gb18030"):
            census.gbk += 1
            census.first_gbk = census.first_gbk or number
        else:
            census.neither += 1
    return census


def _short_lines(path: Path, census: _Census) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a megabyte at most, with their numbers; a longer one may be cut."""
    number = 1
    with path.open("rb") as file:
        is_start = True
        while line := file.readline(_CHUNK_BYTES):
            is_end = line.endswith(b"\n")
            if is_start and (is_end or len(line) < _CHUNK_BYTES):
                yield number, line
            else:
                census.is_whole = False
            number += is_end
            is_start = is_end


def _is_chinese_utf8(raw: bytes) -> bool:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum("\u3000" <= each <= "\u9fff" for each in text) >= _HAN_NEEDED


def _fits(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _is_decodable(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
