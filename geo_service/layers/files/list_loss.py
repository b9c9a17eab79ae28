"""What lists of rows cannot hold of features: types in CSV, long numbers in XLSX, formulas."""

from collections.abc import Callable, Mapping, Sequence

from geo_service.layers.files.disk import Note
from geo_service.layers.files.feature_layer import Cell
from geo_service.layers.files.feature_table import as_code
from geo_service.layers.files.table_writer import MAX_CELL_CHARACTERS, is_formula, is_xlsx_text

_SHEET_DIGITS = 15
_LONG_CODE = 12
"""Digits from which a spreadsheet shows a number as 3.10E+14."""


def spelled_out(columns: Mapping[str, Sequence[Cell]]) -> dict[str, list[Cell]]:
    """Return columns in which whole numbers longer than a spreadsheet keeps are text."""
    return {
        name: [str(cell) if _is_long(cell) else cell for cell in cells]
        for name, cells in columns.items()
    }


def text_columns(columns: Mapping[str, Sequence[Cell]]) -> list[str]:
    """Return the columns of codes: text that is the same as a code, with a digit in it."""
    return [
        name
        for name, cells in columns.items()
        if all(cell is None or (isinstance(cell, str) and as_code(cell) == cell) for cell in cells)
        and any(each.isdigit() for cell in cells for each in str(cell or ""))
    ]


def csv_notes(columns: Mapping[str, Sequence[Cell]]) -> list[Note]:
    """Return what a CSV cannot hold of these columns, and what a spreadsheet does to it."""
    typed = _columns_with(columns, lambda cell: not isinstance(cell, str))
    long_codes = _columns_with(columns, lambda cell: _shown_short(cell))
    notes = _formula_notes(columns)
    if typed:
        zh, en = "、".join(typed), ", ".join(typed)
        notes.append(
            (f"CSV 没有类型：{zh} 会读成文字", f"a CSV has no types: {en} come back as text")
        )
    if long_codes:
        zh, en = "、".join(long_codes), ", ".join(long_codes)
        notes.append(
            (
                f"{zh} 中有长编码：用 Excel 双击打开 CSV 会变成 3.10E+14，"
                "请用“数据 → 自文本”并选文本，或导出 .xlsx",
                f"{en} hold long codes: opened by a double click, a spreadsheet makes 3.10E+14 of "
                "them; import the CSV as text, or export .xlsx",
            )
        )
    return notes


def xlsx_notes(columns: Mapping[str, Sequence[Cell]]) -> list[Note]:
    """Return what a workbook cannot hold of these columns."""
    found = [
        (
            _is_long,
            f"中有超过 {_SHEET_DIGITS} 位的整数，写成文字，一位不丢",
            f"hold integers of more than {_SHEET_DIGITS} digits; they were written as text",
        ),
        (
            _is_fine,
            "中有小数在 XLSX 里只留 16 位有效数字",
            "hold numbers of which a workbook keeps 16 digits",
        ),
        (
            lambda cell: isinstance(cell, str) and not is_xlsx_text(cell),
            f"中有 XLSX 放不下的字符，或超过 {MAX_CELL_CHARACTERS} 字而截断的文字",
            f"hold characters that no workbook can, or texts cut at {MAX_CELL_CHARACTERS}",
        ),
    ]
    notes = _formula_notes(columns)
    for is_lost, zh, en in found:
        names = _columns_with(columns, is_lost)
        if names:
            notes.append((f"{'、'.join(names)} {zh}", f"{', '.join(names)} {en}"))
    return notes


def _formula_notes(columns: Mapping[str, Sequence[Cell]]) -> list[Note]:
    names = _columns_with(columns, is_formula)
    if not names:
        return []
    return [
        (
            f"{'、'.join(names)} 中以 = + - @ 开头的文字前加了撇号，以免被当作公式",
            f"texts in {', '.join(names)} that begin with = + - @ got an apostrophe, so that no "
            "spreadsheet runs them",
        )
    ]


def _columns_with(
    columns: Mapping[str, Sequence[Cell]], is_meant: Callable[[Cell], bool]
) -> list[str]:
    return [
        name
        for name, cells in columns.items()
        if any(cell is not None and is_meant(cell) for cell in cells)
    ]


def _is_long(cell: Cell) -> bool:
    return type(cell) is int and abs(cell) >= 10**_SHEET_DIGITS


def _is_fine(cell: Cell) -> bool:
    return isinstance(cell, float) and float(f"{cell:.16g}") != cell


def _shown_short(cell: Cell) -> bool:
    text = str(cell)
    return text.isdigit() and len(text) >= _LONG_CODE
