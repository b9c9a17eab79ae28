"""Lists of areas in CSV and XLSX whose outlines stand in a column as WKT."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import shapely

from geo_service.errors import MissingColumn, UnwritableFile
from geo_service.layers.file_format import XLSX
from geo_service.layers.files.delimited import RowProblem, long_cells
from geo_service.layers.files.disk import Note, unreadable
from geo_service.layers.files.feature_layer import Cell, FeatureLayer, blanks_note, free_name
from geo_service.layers.files.feature_table import FeatureTable, parsed_geometries, plain
from geo_service.layers.files.list_loss import csv_notes, spelled_out, text_columns, xlsx_notes
from geo_service.layers.files.table_writer import MAX_CELL_CHARACTERS, write_csv, write_xlsx
from geo_service.layers.files.tables import read_rows
from geo_service.layers.files.workbook import sheet_titles

LONGEST_ROW = 64 << 20
"""Characters: an outline of a million vertices."""

_OUTLINE_WORDS = (
    *("wkt", "geometry", "geom", "thegeom", "边界", "几何", "图形", "范围", "轮廓", "空间数据"),
    *("边界wkt", "几何wkt", "图形wkt", "wktgeom", "geometrywkt", "geomwkt", "wkt边界", "几何图形"),
)
"""Headings of the column with outlines, most trusted first, as ``_key`` writes them."""
_BRACKETS = re.compile(r"\([^()]*\)|[\W_]+")
_OUTLINE = re.compile(
    r"\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POLYGON|LINESTRING|POINT)\b", re.IGNORECASE
)
_SRID = re.compile(r"\s*SRID=(\d+);", re.IGNORECASE)
_OUTLINE_NAME = "wkt"


def sheet_tables(path: Path) -> list[str]:
    """Return the visible sheets of a workbook; raises UnreadableFile."""
    return sheet_titles(path)


def read_sheet(path: Path, *, table: str) -> FeatureTable:
    """Read a list of areas; the column with outlines is known by its heading, or by its cells.

    The frame is unnamed unless every outline begins with the same ``SRID=…;``.

    Raises
    ------
    UnreadableFile
        The list cannot be read, one row of it cannot, or an outline is no WKT, naming the row.
    MissingColumn
        No column with outlines.
    """
    sheet = table if path.suffix.lower() in XLSX.read else None
    with long_cells(LONGEST_ROW):
        rows = read_rows(path, sheet=sheet, longest_row=LONGEST_ROW)
        found = list(rows)
    numbers = [number for number, _ in found]
    cells = [_readable(path, number, row) for number, row in found]
    name = _outline_column(rows.headings, cells)
    texts = [None if row[name] is None else str(row[name]) for row in cells]
    bare = [None if text is None else _SRID.sub("", text) for text in texts]
    shapes, had_z, had_m = parsed_geometries(path, bare, shapely.from_wkt, rows=numbers)
    notes = [*rows.notes, *([("量测值（M）已舍去", "measures (M) were left out")] if had_m else [])]
    return FeatureTable(
        {each: [plain(row[each]) for row in cells] for each in rows.headings if each != name},
        shapes,
        _stated_frame(path, texts),
        had_z,
        rows.encoding,
        notes,
        numbers,
    )


def write_sheet(path: Path, layers: Sequence[FeatureLayer], crs_epsg: int) -> list[Note]:
    """Write one layer as CSV or XLSX with the outlines as WKT in the last column.

    Raises
    ------
    UnwritableFile
        An outline that is longer than a cell of a workbook may be.
    """
    [layer] = layers
    name = free_name(_OUTLINE_NAME, list(layer.columns))
    headings = [*layer.columns, name]
    outlines = [None if shape is None else _wkt(shape) for shape in layer.geometries]
    frame = (
        f"坐标为 EPSG:{crs_epsg}，表格本身写不出坐标系，再导入时请注明",
        f"the coordinates are EPSG:{crs_epsg}; a list cannot say so, name it when importing",
    )
    if path.suffix.lower() not in XLSX.written:
        write_csv(path, headings=headings, rows=zip(*layer.columns.values(), outlines, strict=True))
        return [frame, *blanks_note(layer.columns, "CSV"), *csv_notes(layer.columns)]
    _check_lengths(path, layer, outlines)
    columns = spelled_out(layer.columns)
    write_xlsx(
        path,
        title=layer.name,
        notes=[" · ".join(frame)],
        headings=headings,
        rows=zip(*columns.values(), outlines, strict=True),
        text_columns=text_columns(columns),
    )
    return [frame, *blanks_note(layer.columns, "XLSX"), *xlsx_notes(layer.columns)]


def _readable(path: Path, number: int, row: Mapping[str, Any] | RowProblem) -> Mapping[str, Any]:
    if isinstance(row, RowProblem):
        raise unreadable(path, f"第 {number} 行：{row.reason_zh}", f"row {number}: {row.reason_en}")
    return row


def _outline_column(headings: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    known = {_key(name): name for name in reversed(headings)}
    by_word = next((known[word] for word in _OUTLINE_WORDS if word in known), None)
    by_cell = (name for row in rows[:1] for name, cell in row.items() if _is_outline(cell))
    found = by_word or next(by_cell, None)
    if found is None:
        raise MissingColumn(
            need="边界图形（WKT 文本）/ the outlines as WKT",
            known=headings,
            option="列名“边界”“几何”“wkt”或“geometry” / the heading wkt or geometry",
        )
    return found


def _is_outline(cell: Any) -> bool:
    return isinstance(cell, str) and _OUTLINE.match(cell) is not None


def _key(heading: str) -> str:
    return _BRACKETS.sub("", unicodedata.normalize("NFKC", heading).casefold())


def _stated_frame(path: Path, texts: Sequence[str | None]) -> str | None:
    stated = [_SRID.match(text) for text in texts if text is not None]
    codes = sorted({"" if each is None else each[1] for each in stated})
    if len(codes) > 1:
        zh, en = (
            "、".join(code or "无" for code in codes),
            ", ".join(code or "none" for code in codes),
        )
        raise unreadable(
            path, f"各行的坐标系不同（SRID：{zh}）", f"its rows differ in frame (SRID: {en})"
        )
    return f"EPSG:{codes[0]}" if codes and codes[0] else None


def _wkt(shape: Any) -> str:
    """Write an outline with the shortest digits that give the same doubles; GEOS writes fewer."""
    kind = shape.geom_type.upper()
    if shape.is_empty:
        return f"{kind} EMPTY"
    if kind == "GEOMETRYCOLLECTION":
        return f"{kind} ({', '.join(map(_wkt, shape.geoms))})"
    coordinates = orjson.loads(shapely.to_geojson(shape))["coordinates"]
    return f"{kind} {_nested([coordinates] if kind == 'POINT' else coordinates)}"


def _nested(items: Sequence[Any]) -> str:
    is_place = isinstance(items[0][0], int | float)
    return f"({', '.join(map(_place if is_place else _nested, items))})"


def _place(place: Sequence[float]) -> str:
    return f"{place[0]!r} {place[1]!r}"


def _check_lengths(path: Path, layer: FeatureLayer, outlines: Sequence[str | None]) -> None:
    for position, text in enumerate(outlines):
        if text is not None and len(text) > MAX_CELL_CHARACTERS:
            first: Cell = next(iter(layer.columns.values()), [""] * len(outlines))[position]
            raise UnwritableFile(
                path.name,
                f"第 {position + 1} 个区域（{first}）的图形有 {len(text)} 个字符，一格至多 "
                f"{MAX_CELL_CHARACTERS}，请改用 .csv 或 .gpkg",
                f"the outline of area {position + 1} ({first}) has {len(text)} characters, a cell "
                f"at most {MAX_CELL_CHARACTERS}; use .csv or .gpkg",
            )
