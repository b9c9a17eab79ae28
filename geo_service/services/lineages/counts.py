"""Lists of codes with a count each, as offices keep them."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geo_service.errors import InvalidValue, MissingColumn, RefusedValue, UnknownColumn
from geo_service.governance.headings import area_columns
from geo_service.layers.files import RowProblem, Rows, as_code, check_codes, read_rows

_VALUES = ("value", "数值", "值", "数量", "件数", "人数", "户数", "count")


def read_counts(path: Path, *, column: str | None) -> dict[str, float]:
    """Return code → count of a CSV, XLSX or NDJSON list; rows without a count are left out.

    Parameters
    ----------
    column
        The heading of the counts; else one of the usual ones, or the only other column there is.

    Raises
    ------
    MissingColumn, UnknownColumn, InvalidValue
        There is no column of codes or of counts.
    SpoiledCodes, RefusedValue
        A code that a spreadsheet made a number, one without a code or that stands twice, or a
        count that is no number from 0 on.
    """
    rows = read_rows(path)
    code_column = area_columns(rows.headings).heading_by_field.get("code")
    if code_column is None:
        raise MissingColumn("编码 / code", rows.headings, "code")
    value_column = _value_column(rows, code_column, column)
    listed = list(rows)
    cells = {n: row[code_column] for n, row in listed if not isinstance(row, RowProblem)}
    check_codes(path.name, code_column, list(cells.values()), rows=list(cells))
    found: dict[str, float] = {}
    for number, row in listed:
        where = f"{path.name} #{number}"
        if isinstance(row, RowProblem):
            raise RefusedValue(where, row.reason_zh, row.reason_en)
        code = as_code(row[code_column])
        if not code or code in found:
            raise RefusedValue(where, "没有编码，或编码重复", "no code, or one that stands twice")
        count = _count(where, row, value_column)
        if count is not None:
            found[code] = count
    return found


def _value_column(rows: Rows, code_column: str, asked: str | None) -> str:
    if asked is not None:
        if asked not in rows.headings:
            raise UnknownColumn(asked, rows.headings)
        return asked
    others = [each for each in rows.headings if each != code_column]
    usual = [each for each in others if each in _VALUES]
    if len(usual) == 1 or len(others) == 1:
        return (usual or others)[0]
    raise MissingColumn("数值 / value", rows.headings, "--column")


def _count(where: str, row: Mapping[str, Any], column: str) -> float | None:
    text = str(row[column] if row[column] is not None else "").strip().replace(",", "")
    if not text:
        return None
    try:
        count = float(text)
    except ValueError:
        count = math.nan
    if not (math.isfinite(count) and count >= 0.0):
        raise InvalidValue(f"{where} {column}", "不小于 0 的数", "a number from 0 on")
    return count
