"""Reads CSV and NDJSON line by line; one bad row never takes the next one with it."""

import csv
import re
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, TypeAlias

import orjson

from geo_service.layers.files.feature_table import plain
from geo_service.layers.files.text_encoding import TextEncoding, is_text

MAX_RECORD_CHARACTERS = 1 << 20
"""Of one row. A single cell ends where csv's own limit is, 131,072; a spreadsheet's is 32,767."""

_DELIMITERS = ",\t;"
_SAMPLE_RECORDS = 20
_QUOTED_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
_cell_limit_lock = threading.Lock()


@dataclass(frozen=True)
class RowProblem:
    """Why one row cannot be read; it stands in the place of the row."""

    reason_zh: str
    reason_en: str


class OpenEnded(list[Any]):
    """The cells of the last row of a file that ends without a line end, as one cut off does."""


class Position:
    """How far a file has been read, for whoever waits; the newest reading counts."""

    def __init__(self) -> None:
        """Begin with a file that nobody reads."""
        self._done: Callable[[], float] | None = None

    def follow(self, done: Callable[[], float]) -> None:
        """Take the share that is done from here on from ``done``."""
        self._done = done

    def follow_stream(self, stream: TextIO, path: Path) -> None:
        """Take it from the bytes that a stream has read; a closed one is done."""
        size = path.stat().st_size
        self.follow(lambda: 1.0 if stream.closed else stream.buffer.tell() / size)

    @property
    def share(self) -> float | None:
        """The share of the file that was read, None where nobody can tell."""
        return None if self._done is None else min(1.0, self._done())


Record: TypeAlias = tuple[int, "list[Any] | RowProblem"]

_TOO_LONG = RowProblem(
    "这一行过长（超过 1 MB），或引号没有闭合",
    "the row is too long (over 1 MB), or a quote in it is never closed",
)
_NUL = RowProblem("这一行含有空字节", "the row holds a NUL byte")
_UNDECODABLE = RowProblem(
    "这一行有无法解码的文字", "the row holds bytes that are no text in the file's encoding"
)
_OF_ANOTHER = RowProblem(
    "这一行的编码与文件其余部分不同（UTF-8 与 GBK 混用）",
    "the row is in another encoding than the rest of the file (UTF-8 and GBK are mixed)",
)


@contextmanager
def long_cells(characters: int) -> Iterator[None]:
    """Let cells of CSV be so long meanwhile; the limit of csv is one for the whole process.

    One reader at a time raises it, or the first to finish would lower it under the others.
    """
    with _cell_limit_lock:
        usual = csv.field_size_limit(characters)
        try:
            yield
        finally:
            csv.field_size_limit(usual)


def csv_records(
    path: Path,
    encoding: TextEncoding,
    delimiter: str,
    longest: int = MAX_RECORD_CHARACTERS,
    position: Position | None = None,
) -> Iterator[Record]:
    """Yield each record with its number, from 1, blank ones counted, as a spreadsheet shows it.

    A cell written ``="310101"``, as exports do to keep a spreadsheet from making a number of it, is
    the text in it. A record of more than ``longest`` characters is a problem; ``position`` follows
    the reading.
    """
    with encoding.opened(path) as stream:
        if position:
            position.follow_stream(stream, path)
        lines = _Lines(stream, encoding, longest)
        # strict, or an open quote would swallow rows up to the next one without a word
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        number = 0
        while True:
            lines.start_record()
            number += 1
            try:
                cells = _shown(next(reader), lines)
                record: list[Any] | RowProblem = OpenEnded(cells) if lines.is_open_ended else cells
            except StopIteration:
                return
            except _UnusableLine as trouble:
                record = trouble.problem
                lines.take_back()
            except csv.Error as error:
                record = RowProblem(f"这一行无法拆分（{error}）", f"cannot be split ({error})")
                lines.take_back()
            yield number, record


def csv_delimiter(path: Path, encoding: TextEncoding, longest: int = MAX_RECORD_CHARACTERS) -> str:
    """Tell the delimiter: the one that gives most of the first rows the same number of cells."""
    scores = {}
    for delimiter in _DELIMITERS:
        sample = islice(csv_records(path, encoding, delimiter, longest), _SAMPLE_RECORDS)
        widths = Counter(len(row) for _, row in sample if isinstance(row, list) and len(row) > 1)
        scores[delimiter] = max(((count, width) for width, count in widths.items()), default=(0, 0))
    return max(scores, key=scores.__getitem__)


def ndjson_records(
    path: Path, encoding: TextEncoding, position: Position
) -> Iterator[tuple[int, dict[str, Any] | RowProblem]]:
    """Yield each line that is not blank as an object, with its number from 1.

    ``position`` follows the reading.
    """
    with encoding.opened(path) as stream:
        position.follow_stream(stream, path)
        lines = _Lines(stream, encoding, MAX_RECORD_CHARACTERS)
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

    def __init__(self, stream: TextIO, encoding: TextEncoding, longest: int) -> None:
        self._stream = stream
        self._encoding = encoding
        self._longest = longest
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
        if self._characters > self._longest:
            raise _UnusableLine(_TOO_LONG)
        if "\0" in line:
            raise _UnusableLine(_NUL)
        if not self._encoding.is_sound and not line.isascii():
            self._check_text(line)
        return line

    def _check_text(self, line: str) -> None:
        if self._encoding.is_of_another(line):
            raise _UnusableLine(_OF_ANOTHER)
        if not is_text(line):
            raise _UnusableLine(_UNDECODABLE)

    @property
    def is_open_ended(self) -> bool:
        """Whether the record at hand ends where the file does, without a line end."""
        return bool(self._record) and not self._record[-1].endswith(("\n", "\r"))

    @property
    def has_quoted_formula(self) -> bool:
        """Whether a cell of the record at hand may be written as a formula of one text."""
        return any('="' in line for line in self._record)

    def start_record(self) -> None:
        """Forget the lines of the last record."""
        self._record.clear()
        self._characters = 0

    def take_back(self) -> None:
        """Give all lines of the record but the first once more: only the first is to blame."""
        self._again.extendleft(reversed(self._record[1:]))

    def _read(self) -> str:
        line = self._stream.readline(self._longest + 1)
        if len(line) > self._longest:
            rest = line
            while rest and not rest.endswith(("\n", "\r")):
                rest = self._stream.readline(self._longest)
        return line


def _shown(cells: list[str], lines: _Lines) -> list[str]:
    return [_text_in(cell) for cell in cells] if lines.has_quoted_formula else cells


def _text_in(cell: str) -> str:
    found = _QUOTED_FORMULA.fullmatch(cell)
    return cell if found is None else found[1].replace('""', '"')
