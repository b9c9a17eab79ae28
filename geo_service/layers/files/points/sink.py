"""Writes lists of points as they were, with columns beside what stood there."""

import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np
import orjson

from geo_service.errors import UnwritableFile
from geo_service.layers.area import Floats
from geo_service.layers.files.disk import output
from geo_service.layers.files.feature_table import plain
from geo_service.layers.files.points.chunk import Added, PointChunk, RowChunk
from geo_service.layers.files.points.source import (
    ARROW_FILE,
    ARROW_STREAM,
    CSV,
    NDJSON,
    PARQUET,
    POINT_ENDINGS,
)
from geo_service.layers.points.column import Coded, Lists, json_members

if TYPE_CHECKING:
    import pyarrow as pa

Put: TypeAlias = Callable[[PointChunk, Added], None]
"""Writes some rows with what is added to them; the names added are the same every time."""

_PREFIXES = ("", "located_", "located2_", "located3_")
_BETWEEN = ";"
_FEW_TEXTS = 256
"""Of a batch or two: rules, and the codes of a district, are the same ones again and again."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def free_prefix(names: Sequence[str], *, taken: Sequence[str], where: str) -> str:
    """Return what to put before all of ``names`` so that none is taken.

    Raises
    ------
    UnwritableFile
        The columns were added so often that no prefix is left.
    """
    known = set(taken)
    for prefix in _PREFIXES:
        if known.isdisjoint(prefix + name for name in names):
            return prefix
    raise UnwritableFile(
        where,
        "输入里已有多次落格的结果列，请先删去",
        "the input holds the columns of several earlier runs; remove them first",
    )


def check_target(path: Path, *, source_ending: str) -> None:
    """Refuse a file to write whose ending names no format, or one that cannot hold the rows.

    Raises
    ------
    UnwritableFile
        Rows of NDJSON have no fixed columns, so they become NDJSON or CSV alone.
    """
    ending = path.suffix.lower()
    fits = CSV | NDJSON if source_ending.lower() in NDJSON else POINT_ENDINGS
    if ending not in fits:
        known = " ".join(sorted(fits))
        raise UnwritableFile(path.name, f"扩展名应为 {known}", f"its ending must be one of {known}")


def memory() -> Any:
    """Return a stream in memory that Arrow writes to without the interpreter.

    ``getvalue()`` gives what was written, as a buffer.
    """
    import pyarrow as pa

    return pa.BufferOutputStream()


@contextmanager
def writing_points(
    target: Path | BinaryIO, *, ending: str, headings: Sequence[str], facts: Mapping[str, str]
) -> Iterator[Put]:
    """Yield what writes rows to a file; it appears whole at the end, or not at all.

    Parameters
    ----------
    target
        A path is written aside and renamed.
    ending
        Names the format: CSV with byte order mark, comma and CRLF; NDJSON; an Arrow stream, whose
        codes are dictionaries, or file, whose codes are text; Parquet.
    headings
        The columns of the input.
    facts
        Kept in the metadata of Arrow and Parquet.
    """
    with output(target) as stream:
        if ending in CSV:
            yield _csv_put(stream, list(headings))
        elif ending in NDJSON:
            yield _ndjson_put(stream)
        else:
            with _columnar(stream, ending, facts) as put:
                yield put


def _csv_put(stream: BinaryIO, headings: list[str]) -> Put:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    stream.write(b"\xef\xbb\xbf")
    is_headed = False

    def put(chunk: PointChunk, added: Added) -> None:
        nonlocal is_headed
        if not is_headed:
            writer.writerow([_cell(name) for name in [*headings, *added]])
            is_headed = True
        kept = [[_cell(row.get(name)) for name in headings] for row in chunk.records()]
        ours = zip(*[_plain_cells(column) for column in added.values()], strict=True)
        writer.writerows([*row, *more] for row, more in zip(kept, ours, strict=True))
        stream.write(text.getvalue().encode("utf-8", errors="replace"))
        text.seek(0)
        text.truncate()

    return put


def _ndjson_put(stream: BinaryIO) -> Put:
    def put(chunk: PointChunk, added: Added) -> None:
        _check_late_names(chunk, list(added))
        columns = [json_members(name, column) for name, column in added.items()]
        for row, *more in zip(chunk.records(), *columns, strict=True):
            kept = [orjson.dumps(row, plain, orjson.OPT_PASSTHROUGH_SUBCLASS)[1:-1]] if row else []
            stream.write(b"{" + b",".join([*kept, *more]) + b"}\n")

    return put


@contextmanager
def _columnar(stream: BinaryIO, ending: str, facts: Mapping[str, str]) -> Iterator[Put]:
    import pyarrow as pa
    from pyarrow import parquet

    writer: Any = None

    def put(chunk: PointChunk, added: Added) -> None:
        nonlocal writer
        rows = _with_columns(chunk.batch(), added, is_coded=ending in ARROW_STREAM)
        if writer is None:
            schema = rows.schema.with_metadata({**(rows.schema.metadata or {}), **facts})
            if ending in PARQUET:
                writer = parquet.ParquetWriter(stream, schema)
            else:
                start = pa.ipc.new_file if ending in ARROW_FILE else pa.ipc.new_stream
                writer = start(stream, schema)
        writer.write_batch(rows)

    try:
        yield put
    finally:
        if writer is not None:
            writer.close()


def _with_columns(rows: "pa.RecordBatch", added: Added, *, is_coded: bool) -> "pa.RecordBatch":
    import pyarrow as pa

    columns = [_array(column, is_coded=is_coded) for column in added.values()]
    return pa.RecordBatch.from_arrays(
        [*rows.columns, *columns],
        schema=pa.schema(
            [
                *rows.schema,
                *(pa.field(name, each.type) for name, each in zip(added, columns, strict=True)),
            ],
            metadata=rows.schema.metadata,
        ),
    )


def _array(column: Coded | Floats | Lists, *, is_coded: bool) -> "pa.Array":
    import pyarrow as pa

    if isinstance(column, Coded):
        found = pa.DictionaryArray.from_arrays(_positions(column), _texts(column.texts), safe=False)
        return found if is_coded else found.dictionary_decode()
    if isinstance(column, np.ndarray):
        return pa.array(column, from_pandas=True)
    if isinstance(column.items, Coded):
        items = _array(column.items, is_coded=False)
    else:
        members = [_array(each, is_coded=False) for each in column.items.values()]
        items = pa.StructArray.from_arrays(members, names=list(column.items))
    return pa.ListArray.from_arrays(pa.array(column.start, type=pa.int32()), items)


def _positions(column: Coded) -> "pa.Array":
    """Return where each row's text stands, null at none; past checks that take as long as all."""
    import pyarrow as pa

    places = np.ascontiguousarray(column.position)
    kind = pa.from_numpy_dtype(places.dtype)
    is_there = None
    if len(places) and places.min() < 0:
        is_there = pa.py_buffer(np.packbits(places >= 0, bitorder="little"))
    return pa.Array.from_buffers(kind, len(places), [is_there, pa.py_buffer(places)])


def _texts(texts: tuple[str, ...]) -> "pa.Array":
    return _kept_texts(texts) if len(texts) <= _FEW_TEXTS else _new_texts(texts)


def _new_texts(texts: tuple[str, ...]) -> "pa.Array":
    import pyarrow as pa

    return pa.array(texts, type=pa.string())


_kept_texts = lru_cache(maxsize=64)(_new_texts)


def _plain_cells(column: Coded | Floats | Lists) -> list[Any]:
    """Return a column as cells of CSV; texts of a list stand side by side, records become JSON."""
    if isinstance(column, Coded):
        return column.to_list()
    if isinstance(column, np.ndarray):
        return [None if math.isnan(value) else value for value in column.tolist()]
    if isinstance(column.items, Coded):
        return [_BETWEEN.join(cell) or None for cell in column.to_list()]
    return [orjson.dumps(cell).decode() if cell else None for cell in column.to_list()]


def _cell(cell: Any) -> Any:
    """Return a cell as it was; what a spreadsheet would run gets an apostrophe (CWE-1236)."""
    if isinstance(cell, str):
        is_formula = cell.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell)
        return f"'{cell}" if is_formula else cell
    return plain(cell)


def _check_late_names(chunk: PointChunk, names: Sequence[str]) -> None:
    """Refuse rows that begin to use a name of ours after the names were chosen."""
    if not isinstance(chunk, RowChunk):
        return
    ours = set(names)
    for row in chunk.rows:
        if row is not None and not ours.isdisjoint(row):
            late = sorted(ours.intersection(row))
            raise UnwritableFile(
                "NDJSON",
                f"后面的行里才出现与结果列同名的 {'、'.join(late)}：请改名后重试",
                f"rows further on bring {', '.join(late)}, as the answer is named: rename them",
            )
