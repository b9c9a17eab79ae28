"""Lists of points for tests, in every format, and what comes back of them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import feather, parquet

from tests.houses import SOUTH, STEP, WEST, center, grid_code

INSIDE = center(0, 0)
ON_BORDER = (WEST + STEP, SOUTH + STEP / 2)
OUTSIDE = (WEST + 1.0, SOUTH)
ROWS = [
    {"name": "甲", "lon": INSIDE[0], "lat": INSIDE[1], "note": "=1+1"},
    {"name": "乙", "lon": ON_BORDER[0], "lat": ON_BORDER[1], "note": "-5"},
    {"name": "丙", "lon": OUTSIDE[0], "lat": OUTSIDE[1], "note": None},
    {"name": "丁", "lon": 0.0, "lat": 0.0, "note": "零"},
    {"name": "戊", "lon": None, "lat": 30.0, "note": "a,b"},
]
RULES = ["assigned", "boundary", "unassigned", "invalid", "invalid"]
GRIDS = [grid_code(0, 0), grid_code(0, 0), None, None, None]
PROBLEMS = [None, None, None, "zero", "missing"]
TEXT_ENDINGS = [".csv", ".ndjson"]
ARROW_ENDINGS = [".arrows", ".arrow", ".parquet"]


def write_points(path: Path, rows: list[dict[str, Any]], *, encoding: str = "utf-8") -> Path:
    """Write rows in the format that the ending names."""
    if path.suffix == ".csv":
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        path.write_bytes(text.getvalue().encode(encoding))
    elif path.suffix == ".ndjson":
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        path.write_bytes(lines.encode(encoding))
    else:
        write_table(path, pa.Table.from_pylist(rows))
    return path


def write_table(path: Path, table: pa.Table) -> Path:
    """Write a table as Parquet, as an Arrow file or as an Arrow stream."""
    if path.suffix == ".parquet":
        parquet.write_table(table, path)
    elif path.suffix == ".arrows":
        path.write_bytes(stream_of(table))
    else:
        feather.write_feather(table, path, compression="uncompressed")
    return path


def stream_of(table: pa.Table, *, rows_a_batch: int | None = None) -> bytes:
    """Return a table as an Arrow stream."""
    target = io.BytesIO()
    with pa.ipc.new_stream(target, table.schema) as writer:
        writer.write_table(table, max_chunksize=rows_a_batch)
    return target.getvalue()


def read_back(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file; empty cells of CSV are None."""
    if path.suffix == ".csv":
        rows = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        return [{name: cell or None for name, cell in row.items()} for row in rows]
    if path.suffix == ".ndjson":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return table_of(path).to_pylist()


def table_of(path: Path) -> pa.Table:
    """Return the table of a Parquet or Arrow file."""
    if path.suffix == ".parquet":
        return parquet.read_table(path)
    opened = pa.ipc.open_stream if path.suffix == ".arrows" else pa.ipc.open_file
    with opened(path.read_bytes()) as reader:
        return reader.read_all()
