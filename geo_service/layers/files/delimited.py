"""Reads CSV and NDJSON line by line; one bad row never takes the next one with it."""

import codecs
import csv
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, TypeAlias

import orjson

from geo_service.layers.files.disk import Note, unreadable
from geo_service.layers.files.feature_table import plain

MAX_RECORD_CHARACTERS = 1 << 20
"""Of one row. A single cell ends where csv's own limit is, 131,072; a spreadsheet's is 32,767."""

_DELIMITERS = ",\t;"
_SAMPLE_RECORDS = 20
_CHUNK_BYTES = 1 << 20
_SAMPLE_LINES = 2000
_MOSTLY_SOUND = 0.1


@dataclass(frozen=True)
class RowProblem:
    """Why one row cannot be read; it stands in the place of the row."""

    reason_zh: str
    reason_en: str


Record: TypeAlias = tuple[int, "list[Any] | RowProblem"]

_TOO_LONG = RowProblem(
    "这一行过长（超过 1 MB），或引号没有闭合",
    "the row is too long (over 1 MB), or a quote in it is never closed",
)
_NUL = RowProblem("这一行含有空字节", "the row holds a NUL byte")
_UNDECODABLE = RowProblem(
    "这一行有无法解码的文字", "the row holds bytes that are no text in the file's encoding"
)


@dataclass(frozen=True)
class TextEncoding:
    """How the bytes of a file become text; ``is_sound`` is False where some lines cannot."""

    codec: str
    title: str
    is_sound: bool = True

    @property
    def notes(self) -> list[Note]:
        """What a person should know about it."""
        notes = []
        if self.codec == "gb18030":
            notes.append(("编码按 GBK（GB18030）读取", "text read as GBK (GB18030)"))
        if not self.is_sound:
            notes.append(("有些行无法解码，将逐行退回", "rows that cannot be decoded are rejected"))
        return notes

    def opened(self, path: Path) -> TextIO:
        """Open the file; undecodable bytes become lone surrogates, which the reader looks for."""
        errors = "strict" if self.is_sound else "surrogateescape"
        return path.open(encoding=self.codec, errors=errors, newline="")


def text_encoding(path: Path) -> TextEncoding:
    """Tell how a text file is encoded: its byte order mark, else UTF-8, else GB18030.

    The whole file is decoded strictly, in pieces. Where a few lines fit neither (a text cut in
    mid-character), the encoding that fits nearly all is taken.

    Raises
    ------
    UnreadableFile
        Neither fits: it is no text, or another encoding.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return TextEncoding("utf-16", "UTF-16")
    codec, title = ("utf-8", "UTF-8")
    if start.startswith(codecs.BOM_UTF8):
        codec, title = ("utf-8-sig", "UTF-8-BOM")
    if _is_decodable(path, codec):
        return TextEncoding(codec, title)
    # a damaged UTF-8 file may decode as GB18030 by accident, as nonsense: look before leaping
    if _broken_share(path, codec, _SAMPLE_LINES) >= _MOSTLY_SOUND and _is_decodable(
        path, "gb18030"
    ):
        return TextEncoding("gb18030", "GB18030")
    shares = {
        TextEncoding(name, shown, is_sound=False): _broken_share(path, name)
        for name, shown in ((codec, title), ("gb18030", "GB18030"))
    }
    best = min(shares, key=shares.__getitem__)
    if shares[best] >= _MOSTLY_SOUND:
        raise unreadable(
            path,
            "不是文本文件，或编码既不是 UTF-8 也不是 GBK，请另存为 UTF-8 的 CSV",
            "it is no text, or neither in UTF-8 nor in GBK; save it as CSV in UTF-8",
        )
    return best


def csv_records(path: Path, encoding: TextEncoding, delimiter: str) -> Iterator[Record]:
    """Yield each record with its number, from 1, blank ones counted, as a spreadsheet shows it."""
    with encoding.opened(path) as stream:
        lines = _Lines(stream, is_sound=encoding.is_sound)
        # strict, or an open quote would swallow rows up to the next one without a word
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        number = 0
        while True:
            lines.start_record()
            number += 1
            try:
                record: list[Any] | RowProblem = next(reader)
            except StopIteration:
                return
            except _UnusableLine as trouble:
                record = trouble.problem
                lines.take_back()
            except csv.Error as error:
                record = RowProblem(f"这一行无法拆分（{error}）", f"cannot be split ({error})")
                lines.take_back()
            yield number, record


def csv_delimiter(path: Path, encoding: TextEncoding) -> str:
    """Tell the delimiter: the one that gives most of the first rows the same number of cells."""
    scores = {}
    for delimiter in _DELIMITERS:
        sample = islice(csv_records(path, encoding, delimiter), _SAMPLE_RECORDS)
        widths = Counter(len(row) for _, row in sample if isinstance(row, list) and len(row) > 1)
        scores[delimiter] = max(((count, width) for width, count in widths.items()), default=(0, 0))
    return max(scores, key=scores.__getitem__)


def ndjson_records(
    path: Path, encoding: TextEncoding
) -> Iterator[tuple[int, dict[str, Any] | RowProblem]]:
    """Yield each line that is not blank as an object, with its number from 1."""
    with encoding.opened(path) as stream:
        lines = _Lines(stream, is_sound=encoding.is_sound)
        number = 0
        while True:
            lines.start_record()
            number += 1
            try:
                line = next(lines)
            except StopIteration:
                return
            except _UnusableLine as trouble:
                yield number, trouble.problem
                continue
            if not line.isspace():
                yield number, _object(line)


def _object(line: str) -> dict[str, Any] | RowProblem:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return RowProblem(f"不是 JSON（第 {error.colno} 列）", f"no JSON: {error.msg}")
    if not isinstance(value, dict):
        return RowProblem("不是 JSON 对象", "it is no JSON object")
    return {
        name: plain(cell) if isinstance(cell, dict | list) else cell for name, cell in value.items()
    }


class _UnusableLine(Exception):
    """Carries the problem of a line through csv.reader, which passes exceptions on."""

    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem.reason_en)
        self.problem = problem


class _Lines:
    """The lines of a stream, each of bounded length, that can take back what a record swallowed."""

    def __init__(self, stream: TextIO, *, is_sound: bool) -> None:
        self._stream = stream
        self._is_sound = is_sound
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self._characters = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self._record.append(line)
        self._characters += len(line)
        if self._characters > MAX_RECORD_CHARACTERS:
            raise _UnusableLine(_TOO_LONG)
        if "\0" in line:
            raise _UnusableLine(_NUL)
        if not self._is_sound and not _is_text(line):
            raise _UnusableLine(_UNDECODABLE)
        return line

    def start_record(self) -> None:
        """Forget the lines of the last record."""
        self._record.clear()
        self._characters = 0

    def take_back(self) -> None:
        """Give all lines of the record but the first once more: only the first is to blame."""
        self._again.extendleft(reversed(self._record[1:]))

    def _read(self) -> str:
        line = self._stream.readline(MAX_RECORD_CHARACTERS + 1)
        if len(line) > MAX_RECORD_CHARACTERS:
            rest = line
            while rest and not rest.endswith(("\n", "\r")):
                rest = self._stream.readline(MAX_RECORD_CHARACTERS)
        return line


def _is_text(line: str) -> bool:
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:  # lone surrogates stand for bytes that could not be decoded
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


def _broken_share(path: Path, codec: str, limit: int | None = None) -> float:
    """Return the share of lines that cannot be decoded, among those that are not plain ASCII."""
    foreign = broken = 0
    with TextEncoding(codec, codec, is_sound=False).opened(path) as stream:
        pieces = iter(lambda: stream.readline(_CHUNK_BYTES), "")
        for line in islice(pieces, limit):
            if not line.isascii():
                foreign += 1
                broken += not _is_text(line)
    return broken / foreign if foreign else 0.0
