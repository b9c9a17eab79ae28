"""Some rows of a list of points, as their format holds them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.points.column import (
    MISSING,
    NONE,
    NOT_A_NUMBER,
    Coded,
    Lists,
    Problems,
    numbers_of,
    numbers_read,
)

if TYPE_CHECKING:
    import pyarrow as pa

Added: TypeAlias = Mapping[str, Coded | Floats | Lists]
"""What is put beside the rows: name → texts, numbers (NaN is none) or lists."""

CHUNK_ROWS = 65_536
"""Rows worked on at a time, whatever the file's own pieces are."""


@dataclass(frozen=True, eq=False)
class RowChunk:
    """Rows of CSV or NDJSON: heading → cell; None in the place of a row that cannot be read."""

    rows: Sequence[Mapping[str, Any] | None]
    headings: Sequence[str]
    is_typed: bool
    """Whether the format knows numbers from text."""

    @property
    def unreadable(self) -> NDArray[np.bool_]:
        """The rows that cannot be read."""
        return np.array([row is None for row in self.rows], dtype=np.bool_)

    def cells(self, heading: str) -> list[Any]:
        """Return a column's cells, None where there is none."""
        return [None if row is None else row.get(heading) for row in self.rows]

    def records(self) -> list[Mapping[str, Any]]:
        """Return the rows; one that cannot be read holds nothing."""
        return [{} if row is None else row for row in self.rows]

    def batch(self) -> "pa.RecordBatch":
        """Return the rows as columns of text."""
        import pyarrow as pa

        columns = [pa.array(self.cells(name), type=pa.string()) for name in self.headings]
        return pa.RecordBatch.from_arrays(columns, names=list(self.headings))


@dataclass(frozen=True, eq=False)
class BatchChunk:
    """Rows of Arrow or Parquet, in columns."""

    columns: "pa.RecordBatch"

    @property
    def unreadable(self) -> NDArray[np.bool_]:
        """The rows that cannot be read: none."""
        return np.zeros(self.columns.num_rows, dtype=np.bool_)

    @cached_property
    def headings(self) -> list[str]:
        """The names of the columns."""
        return list(self.columns.schema.names)

    def records(self) -> list[Mapping[str, Any]]:
        """Return the rows."""
        found: list[Mapping[str, Any]] = self.columns.to_pylist()
        return found

    def batch(self) -> "pa.RecordBatch":
        """Return the rows as they are."""
        return self.columns


PointChunk: TypeAlias = RowChunk | BatchChunk


def numbers_in(
    chunk: PointChunk, heading: str, *, read_text: Callable[[Any], float | None]
) -> tuple[Floats, Problems]:
    """Return a column's numbers, and why there is none.

    Where the format knows numbers, text and truth values are none; cells of CSV are read by
    ``read_text``, as ``numbers_read`` takes it.
    """
    if isinstance(chunk, BatchChunk):
        return _numbers(chunk.columns.column(chunk.headings.index(heading)))
    cells = chunk.cells(heading)
    return numbers_of(cells) if chunk.is_typed else numbers_read(cells, read_text)


def _numbers(column: "pa.Array") -> tuple[Floats, Problems]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_decimal(kind):
        return _numbers(column.cast(pa.float64()))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        numbers = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
        if column.null_count == 0:
            return numbers, np.zeros(len(column), dtype=np.int8)
        problem = np.where(column.is_null().to_numpy(zero_copy_only=False), MISSING, NONE)
        return numbers, problem.astype(np.int8)
    is_null = column.is_null().to_numpy(zero_copy_only=False)
    return np.full(len(column), np.nan), np.where(is_null, MISSING, NOT_A_NUMBER).astype(np.int8)
