"""Reads lists of points in pieces: CSV, NDJSON, Arrow and Parquet, millions of rows at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from geo_service.errors import UnreadableFile
from geo_service.layers.files.delimited import (
    MAX_RECORD_CHARACTERS,
    RowProblem,
)
from geo_service.layers.files.disk import Note, check_readable, unreadable
from geo_service.layers.files.points.chunk import CHUNK_ROWS, BatchChunk, PointChunk, RowChunk
from geo_service.layers.files.tables import read_rows
from geo_service.layers.files.text_encoding import TextEncoding, text_encoding

if TYPE_CHECKING:
    import pyarrow as pa

CSV = frozenset({".csv", ".txt", ".tsv"})
NDJSON = frozenset({".ndjson", ".jsonl"})
PARQUET = frozenset({".parquet"})
ARROW_STREAM = frozenset({".arrows"})
ARROW_FILE = frozenset({".arrow", ".feather", ".ipc"})
POINT_ENDINGS = CSV | NDJSON | PARQUET | ARROW_STREAM | ARROW_FILE

_FILE_MAGIC = b"ARROW1"
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_SAMPLE_ROWS = 1000
_READ_BYTES = 1 << 20


@dataclass(frozen=True, eq=False)
class PointSource:
    """A list of points: iterate it for its pieces, each of CHUNK_ROWS rows at most.

    ``row_estimate`` is the number of rows, exact for Parquet and Arrow files; of text it is that of
    its lines, and None where nobody can tell before the end. ``encoding`` is that of text alone.
    """

    name: str
    headings: list[str]
    encoding: str | None
    notes: list[Note]
    row_estimate: int | None
    _opened: Callable[[], Iterator[PointChunk]]

    def __iter__(self) -> Iterator[PointChunk]:
        """Read from the first row."""
        return self._opened()


def read_points(path: Path) -> PointSource:
    """Open a list of points by the ending of its name.

    CSV as ``read_rows`` reads it; NDJSON keeps what is nested; Arrow as a stream or a file, which
    is told by its beginning; Parquet.

    Raises
    ------
    UnreadableFile
        Nothing there, damaged, of another kind, cut off in the middle, or a column stands twice.
        Arrow, Parquet and the pieces of text further on are judged while they are read.
    """
    check_readable(path)
    ending = path.suffix.lower()
    if ending in CSV:
        return _csv_source(path)
    if ending in NDJSON:
        return _ndjson_source(path)
    if ending in PARQUET:
        return _parquet_source(path)
    if ending in ARROW_STREAM | ARROW_FILE:
        return _arrow_source(path)
    known = " ".join(sorted(POINT_ENDINGS))
    raise unreadable(
        path, f"点位清单的扩展名应为 {known}", f"a list of points ends in one of {known}"
    )


def read_arrow_stream(body: bytes, *, name: str) -> PointSource:
    """Open an Arrow stream that is in memory.

    Raises
    ------
    UnreadableFile
        No Arrow stream, cut off in the middle, or a column stands twice.
    """
    import pyarrow as pa

    path = Path(name)
    if not body.endswith(_END_OF_STREAM):
        raise _cut_off(path)
    with _translated(path):
        table = pa.ipc.open_stream(pa.py_buffer(body)).read_all()
    _check_names(path, table.schema)
    pieces = partial(_batches, path, table.schema, table.to_batches)
    return PointSource(name, table.schema.names, None, [], table.num_rows, pieces)


def _csv_source(path: Path) -> PointSource:
    rows = read_rows(path)

    def opened() -> Iterator[PointChunk]:
        cells = (None if isinstance(row, RowProblem) else row for _, row in rows)
        return _row_chunks(cells, rows.headings, is_typed=False)

    lines = max(_count_lines(path) - rows.heading_row, 0)
    return PointSource(path.name, rows.headings, rows.encoding, rows.notes, lines, opened)


def _ndjson_source(path: Path) -> PointSource:
    encoding = text_encoding(path)
    _check_last_line(path, encoding)
    opened = partial(_ndjson_rows, path, encoding)
    sample = [row for row in islice(opened(), _SAMPLE_ROWS) if row is not None]
    headings = list(dict.fromkeys(name for row in sample for name in row))
    if not headings:
        raise unreadable(
            path, "前 1000 行里没有 JSON 对象", "no JSON object in its first 1,000 lines"
        )

    def chunks() -> Iterator[PointChunk]:
        return _row_chunks(opened(), headings, is_typed=True)

    lines = _count_lines(path)
    return PointSource(path.name, headings, encoding.title, encoding.notes, lines, chunks)


def _row_chunks(
    rows: Iterator[dict[str, Any] | None], headings: list[str], *, is_typed: bool
) -> Iterator[PointChunk]:
    yield RowChunk(list(islice(rows, CHUNK_ROWS)), headings, is_typed)
    while found := list(islice(rows, CHUNK_ROWS)):
        yield RowChunk(found, headings, is_typed)


def _ndjson_rows(path: Path, encoding: TextEncoding) -> Iterator[dict[str, Any] | None]:
    """Yield the object of each line that is not blank, None where it holds none."""
    with encoding.opened(path) as stream:
        while line := stream.readline(MAX_RECORD_CHARACTERS + 1):
            is_whole = len(line) <= MAX_RECORD_CHARACTERS
            while not line.endswith("\n") and (rest := stream.readline(MAX_RECORD_CHARACTERS)):
                line = rest
            if not is_whole:
                yield None
            elif not line.isspace():
                yield _object(line)


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _check_last_line(path: Path, encoding: TextEncoding) -> None:
    """Refuse a file whose last line neither ends nor holds a whole value: it was cut off."""
    with path.open("rb") as file:
        size = path.stat().st_size
        file.seek(max(size - _READ_BYTES, 0))
        tail = file.read()
    if encoding.codec == "utf-16" or tail.endswith((b"\n", b"\r")):
        return
    last = tail.rpartition(b"\n")[2].decode(encoding.codec, errors="replace")
    try:
        orjson.loads(last)
    except orjson.JSONDecodeError:
        if last.strip():
            raise _cut_off(path) from None


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        pieces = iter(partial(file.read, _READ_BYTES), b"")
        return sum(piece.count(b"\n") for piece in pieces)


def _parquet_source(path: Path) -> PointSource:
    from pyarrow import parquet

    with _translated(path), parquet.ParquetFile(path) as file:
        schema, count = file.schema_arrow, file.metadata.num_rows
    _check_names(path, schema)

    def opened() -> Iterator["pa.RecordBatch"]:
        with parquet.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=CHUNK_ROWS)

    pieces = partial(_batches, path, schema, opened)
    return PointSource(path.name, schema.names, None, [], count, pieces)


def _arrow_source(path: Path) -> PointSource:
    with path.open("rb") as file:
        is_file = file.read(len(_FILE_MAGIC)) == _FILE_MAGIC
        file.seek(-min(len(_END_OF_STREAM), path.stat().st_size), 2)
        is_ended = file.read() == _END_OF_STREAM
    if not is_file and not is_ended:
        raise _cut_off(path)
    opened = partial(_file_batches if is_file else _stream_batches, path)
    with _translated(path):
        schema, count = _arrow_facts(path, is_file=is_file)
    _check_names(path, schema)
    pieces = partial(_batches, path, schema, opened)
    return PointSource(path.name, schema.names, None, [], count, pieces)


def _arrow_facts(path: Path, *, is_file: bool) -> tuple["pa.Schema", int | None]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        if not is_file:
            return pa.ipc.open_stream(source).schema, None
        reader = pa.ipc.open_file(source)
        return reader.schema, reader.count_rows()


def _file_batches(path: Path) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source)
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)


def _stream_batches(path: Path) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
        yield from reader


def _batches(
    path: Path, schema: "pa.Schema", opened: Callable[[], Iterable["pa.RecordBatch"]]
) -> Iterator[PointChunk]:
    """Yield the pieces of a table, small ones together, large ones cut; their damage translated."""
    import pyarrow as pa

    waiting = [pa.RecordBatch.from_pylist([], schema=schema)]  # so that there is a piece at least
    count = 0
    with _translated(path):
        for batch in opened():
            batch.validate(full=True)  # a stranger's offsets may point anywhere
            if count and count + batch.num_rows > CHUNK_ROWS:
                yield from _cut(waiting)
                waiting, count = [], 0
            waiting.append(batch)
            count += batch.num_rows
        yield from _cut(waiting)


def _cut(batches: Sequence["pa.RecordBatch"]) -> Iterator[PointChunk]:
    import pyarrow as pa

    filled = [batch for batch in batches if batch.num_rows] or batches[:1]
    whole = filled[0] if len(filled) == 1 else pa.concat_batches(filled)
    for start in range(0, max(whole.num_rows, 1), CHUNK_ROWS):
        yield BatchChunk(whole.slice(start, CHUNK_ROWS))


def _check_names(path: Path, schema: "pa.Schema") -> None:
    twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if twice:
        raise unreadable(
            path, f"列名重复：{'、'.join(twice)}", f"columns stand twice: {', '.join(twice)}"
        )


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn Arrow's errors into UnreadableFile."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = str(error).replace(str(path), path.name).splitlines()[0]
        raise unreadable(
            path, f"文件损坏、不完整或格式不符（{reason}）", f"damaged or incomplete: {reason}"
        ) from error


def _cut_off(path: Path) -> UnreadableFile:
    return unreadable(
        path,
        "内容在中途断了（没有结束标记）：请重新导出或重新传输",
        "it is cut off in the middle (its end is missing): export or send it again",
    )
