"""Lists of points in and out: CSV, NDJSON, Arrow and Parquet, in pieces of bounded size."""

from geo_service.layers.files.points.chunk import (
    CHUNK_ROWS,
    Added,
    BatchChunk,
    PointChunk,
    RowChunk,
    numbers_in,
)
from geo_service.layers.files.points.sink import (
    Put,
    check_target,
    free_prefix,
    memory,
    writing_points,
)
from geo_service.layers.files.points.source import (
    PointSource,
    read_arrow_stream,
    read_points,
)

__all__ = [
    "CHUNK_ROWS",
    "Added",
    "BatchChunk",
    "PointChunk",
    "PointSource",
    "Put",
    "RowChunk",
    "check_target",
    "free_prefix",
    "memory",
    "numbers_in",
    "read_arrow_stream",
    "read_points",
    "writing_points",
]
