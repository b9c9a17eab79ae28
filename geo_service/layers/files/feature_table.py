"""Features of one table as columns and outlines, whatever file they came from."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geo_service.errors import InvalidValue, RefusedValue, SpoiledCodes
from geo_service.layers.area import Geometries
from geo_service.layers.files.disk import Note, unreadable

_EXACT_FLOAT = 2**53
_SHEET_DIGITS = 15
"""A spreadsheet keeps no more of a number."""
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?")
_FAILED = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
"""What a spreadsheet shows where a formula went wrong."""
_SHOWN_ROWS = 5
_INVISIBLE = "\ufeff\u200b"
_NO_GEOMETRY = (shapely.errors.ShapelyError, NotImplementedError, TypeError, ValueError)


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """The features of one table; position i is the same feature in every column.

    ``columns`` hold str, int, float or None, in the order of the file: dates as ISO text, booleans
    and nested values as JSON text. ``geometries`` are two-dimensional, in the coordinates of the
    file, and None where missing. ``crs`` is what the file says of its frame (an authority code, WKT
    or a name), evidence and no proof; None where it says nothing. ``had_z`` tells that heights were
    left out. ``rows`` are the row numbers of a list, as a spreadsheet shows them; None elsewhere.
    """

    columns: dict[str, list[Any]]
    geometries: Geometries
    crs: str | None
    had_z: bool
    encoding: str | None
    notes: list[Note] = field(default_factory=list)
    rows: Sequence[int] | None = None

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.geometries)


def as_code(value: Any) -> str:
    """Write a cell as a code: no fraction on integral numbers, no spaces around; "" for nothing.

    Raises
    ------
    InvalidValue
        A floating-point number from 2**53 on: its last digits are no longer the ones typed.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        if abs(value) >= _EXACT_FLOAT:
            raise InvalidValue(
                where=f"编码 / code {value!r}",
                expected_zh="文本：超过 15 位的数字存为数值会丢掉末几位",
                expected_en="text: as a number, digits after the fifteenth are lost",
            )
        return str(int(value))
    return str(value).strip().strip(_INVISIBLE).strip()


def check_codes(
    where: str, column: str, cells: Sequence[Any], *, rows: Sequence[int] | None
) -> None:
    """Refuse a column of codes of which a spreadsheet made numbers, dates or errors.

    Parameters
    ----------
    rows
        The row number of each cell of a list; None of a format that keeps numbers as they are,
        where a whole number of more than 15 digits is no sign of a loss.

    Raises
    ------
    SpoiledCodes
        With the first of the rows, or the positions from 1.
    RefusedValue
        A date or the error of a formula in a list, with its row.
    """
    numbers = range(1, len(cells) + 1) if rows is None else rows
    spoiled = [
        (number, cell)
        for number, cell in zip(numbers, cells, strict=True)
        if _is_spoiled(cell, is_of_sheet=rows is not None)
    ]
    if spoiled:
        first = [number for number, _ in spoiled[:_SHOWN_ROWS]]
        raise SpoiledCodes(where, column, len(spoiled), first, str(spoiled[0][1]))
    for number, cell in zip(numbers, cells, strict=True) if rows is not None else ():
        if _is_no_code(cell):
            raise RefusedValue(
                where,
                f"第 {number} 行的“{column}”是表格软件的日期或错误值（{cell}），不是编码："
                "请把该列设为文本，填回原来的编码",
                f"'{column}' in row {number} is a date or an error of a spreadsheet ({cell}), no "
                "code: format the column as text and fill in what it was",
            )


def _is_no_code(cell: Any) -> bool:
    if isinstance(cell, str):
        return cell.strip() in _FAILED or _MOMENT.fullmatch(cell) is not None
    return isinstance(cell, date | time)


def _is_spoiled(cell: Any, *, is_of_sheet: bool) -> bool:
    if isinstance(cell, str):
        return _SCIENTIFIC.fullmatch(cell.strip()) is not None
    if isinstance(cell, float):
        return cell.is_integer() and abs(cell) >= _EXACT_FLOAT
    return is_of_sheet and isinstance(cell, int) and abs(cell) >= 10**_SHEET_DIGITS


def plain(value: Any) -> str | int | float | None:
    """Return a value as str, int, float or None; see FeatureTable for what becomes text."""
    if value is None or isinstance(value, str | float):
        return value
    if isinstance(value, bool | dict | list | tuple):
        return orjson.dumps(value, default=str).decode()
    if isinstance(value, int):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def parsed_geometries(
    path: Path,
    encoded: Sequence[Any],
    parse: Callable[[Any], Any],
    *,
    rows: Sequence[int] | None = None,
) -> tuple[Geometries, bool, bool]:
    """Parse GeoJSON, WKB or WKT, drop Z and M; return the outlines, had_z and had_m.

    Raises
    ------
    UnreadableFile
        Naming the first feature that is no geometry, counted from 1, or its row of a list.
    """
    items: NDArray[np.object_] = np.empty(len(encoded), dtype=object)
    items[:] = encoded
    # not-a-number passes here: the check of places names it together with its feature
    with np.errstate(invalid="ignore"):
        try:
            shapes = parse(items)
        except _NO_GEOMETRY as error:
            position, reason = _first_failure(items, parse)
            which_zh, which_en = f"第 {position + 1} 个要素", f"feature {position + 1}"
            if rows is not None:
                which_zh, which_en = f"第 {rows[position]} 行", f"row {rows[position]}"
            raise unreadable(
                path,
                f"{which_zh}的图形无法读取（{reason}）",
                f"the geometry of {which_en} cannot be read ({reason})",
            ) from error
        had_z = bool(shapely.has_z(shapes).any())
        had_m = bool(shapely.has_m(shapes).any())
        return (shapely.force_2d(shapes) if had_z or had_m else shapes), had_z, had_m


def _first_failure(items: NDArray[np.object_], parse: Callable[[Any], Any]) -> tuple[int, str]:
    position = 0
    while (reason := _failure(items[position], parse)) is None:
        position += 1
    return position, reason


def _failure(item: Any, parse: Callable[[Any], Any]) -> str | None:
    try:
        parse(item)
    except _NO_GEOMETRY as error:
        return str(error)
    return None
