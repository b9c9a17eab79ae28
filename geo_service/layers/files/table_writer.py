"""Writes lists of rows as CSV, XLSX and NDJSON that offices open and no formula hides in."""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

from geo_service.errors import LimitExceeded
from geo_service.layers.files.disk import output
from geo_service.layers.files.feature_table import as_code

MAX_XLSX_ROWS = 1_048_576
MAX_CELL_CHARACTERS = 32_767
"""Of one cell of a workbook."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CHUNK_ROWS = 1000
_SAMPLE_ROWS = 200
_WIDTHS = (8, 60)
_CUT_MARK = "…〔截断 cut〕"
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_SHEET_TITLE_CHARACTERS = 31


def write_csv(
    target: Path | BinaryIO, *, headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Write UTF-8 with byte order mark and CRLF; return the number of rows.

    Text that a spreadsheet would run as a formula (beginning with = + - @ tab or CR) gets an
    apostrophe in front; numbers are left alone. A path is written aside and renamed.

    References
    ----------
    CWE-1236, Improper Neutralization of Formula Elements in a CSV File.
    """
    counted = _Counted(rows)
    with output(target) as stream:
        stream.writelines(csv_chunks(headings=headings, rows=counted))
    return counted.count


def csv_chunks(*, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield the bytes that write_csv writes, a thousand rows at a time."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write("\ufeff")
    lines = chain([headings], rows)
    while batch := list(islice(lines, _CHUNK_ROWS)):
        writer.writerows([_neutralized(cell) for cell in row] for row in batch)
        yield text.getvalue().encode("utf-8", errors="replace")
        text.seek(0)
        text.truncate()


def write_ndjson(target: Path | BinaryIO, *, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write one JSON object a line, in UTF-8; return the number of rows."""
    counted = _Counted(rows)
    with output(target) as stream:
        stream.writelines(ndjson_chunks(rows=counted))
    return counted.count


def ndjson_chunks(*, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield the bytes that write_ndjson writes; datetimes as RFC 3339."""
    for row in rows:
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook; cells of ``text_columns`` (headings) are text: codes, phones."""

    title: str
    notes: Sequence[str]
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]
    text_columns: Collection[str] = ()


def write_xlsx(
    target: Path | BinaryIO,
    *,
    title: str,
    notes: Sequence[str],
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    text_columns: Collection[str] = (),
) -> int:
    """Write a workbook of one sheet that opens in WPS and Excel; return the number of rows.

    A row for the title, one for each note (period, definition…), the headings, frozen, then the
    rows. Formulas are neutralized as in write_csv. Datetimes with a zone become text, since a cell
    has none; floats keep 16 digits. Characters that XML cannot hold become U+FFFD; a text above
    32,767 characters, the limit of a cell, is cut and says so.

    Parameters
    ----------
    text_columns
        Headings whose cells are text whatever they look like: codes, phone numbers.

    Raises
    ------
    LimitExceeded
        More rows than a sheet holds.
    """
    return write_workbook(target, [Sheet(title, notes, headings, rows, text_columns)])


def write_workbook(target: Path | BinaryIO, sheets: Sequence[Sheet]) -> int:
    """Write a workbook of several sheets, each as write_xlsx does; return the number of rows.

    The first 31 characters of the titles name the sheets, and must differ.

    Raises
    ------
    LimitExceeded
        More rows than a sheet holds.
    """
    # a fifth of a second to import, for those only who want a workbook
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    with output(target) as stream:
        try:
            count = sum(_append_sheet(book, each) for each in sheets)
        except BaseException:
            for sheet in book.worksheets:
                sheet.close()  # a half-written sheet complains on stderr when it is collected
            raise
        _save(book, stream)
    return count


def _save(book: Any, stream: BinaryIO) -> None:
    from openpyxl.writer.excel import ExcelWriter

    # openpyxl's own leaves the zip open where the disk is full, which complains when collected
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).save()


class _Counted:
    """An iterable of rows that knows afterwards how many it gave."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        for row in self._rows:
            self.count += 1
            yield row


def is_formula(cell: Any) -> bool:
    """Tell whether a spreadsheet would run a cell, so that it is written with an apostrophe."""
    return isinstance(cell, str) and cell.startswith(_FORMULA_STARTS)


def is_xlsx_text(text: str) -> bool:
    """Tell whether a workbook holds a text as it is."""
    return len(text) <= MAX_CELL_CHARACTERS and _NOT_IN_XML.search(text) is None


def _neutralized(cell: Any) -> Any:
    return f"'{cell}" if is_formula(cell) else cell


def _append_sheet(book: Any, told: Sheet) -> int:
    from openpyxl.utils import get_column_letter

    headings = told.headings
    title = _NOT_IN_TITLE.sub(" ", told.title)[:_SHEET_TITLE_CHARACTERS]
    sheet = book.create_sheet(title or "Sheet1")
    stream_of_rows = iter(told.rows)
    sample = list(islice(stream_of_rows, _SAMPLE_ROWS))
    for position, width in enumerate(_widths(headings, sample), start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    above = 1 + len(told.notes)
    sheet.freeze_panes = f"A{above + 2}"
    _append_head(sheet, told.title, told.notes, headings)
    count = _append_rows(
        sheet,
        chain(sample, stream_of_rows),
        text_at=frozenset(i for i, name in enumerate(headings) if name in told.text_columns),
        room=MAX_XLSX_ROWS - above - 1,
    )
    last = f"{get_column_letter(max(len(headings), 1))}{above + 1 + count}"
    sheet.auto_filter.ref = f"A{above + 1}:{last}"
    return count


def _append_head(sheet: Any, title: str, notes: Sequence[str], headings: Sequence[str]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    head = WriteOnlyCell(sheet, value=_xlsx_value(title))
    head.font = Font(bold=True, size=14)
    sheet.append([head])
    for note in notes:
        sheet.append([_xlsx_value(note)])
    cells = [WriteOnlyCell(sheet, value=_xlsx_value(name)) for name in headings]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(cells)


def _append_rows(
    sheet: Any, rows: Iterable[Sequence[Any]], *, text_at: frozenset[int], room: int
) -> int:
    count = 0
    for row in rows:
        count += 1
        if count > room:
            raise LimitExceeded(
                what_zh="XLSX 的行数",
                what_en="the number of XLSX rows",
                requested=count,
                limit=room,
            )
        sheet.append(
            [
                _text_cell(sheet, cell) if position in text_at else _xlsx_value(cell)
                for position, cell in enumerate(row)
            ]
        )
    return count


def _text_cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=_xlsx_value(as_code(value)) or None)
    cell.number_format = "@"
    return cell


def _xlsx_value(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat(sep=" ")
    if not isinstance(value, str):
        return value
    text = _NOT_IN_XML.sub("\ufffd", _neutralized(value))
    if len(text) > MAX_CELL_CHARACTERS:
        return text[: MAX_CELL_CHARACTERS - len(_CUT_MARK)] + _CUT_MARK
    return text


def _widths(headings: Sequence[str], sample: Sequence[Sequence[Any]]) -> list[float]:
    narrowest, widest = _WIDTHS
    return [
        min(max(narrowest, *(_display_width(cell) + 2 for cell in (name, *column))), widest)
        for name, column in zip(headings, _columns(sample, len(headings)), strict=True)
    ]


def _columns(sample: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [[row[i] for row in sample if i < len(row)] for i in range(width)]


def _display_width(cell: Any) -> int:
    if cell is None:
        return 0
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in str(cell)[:60])
