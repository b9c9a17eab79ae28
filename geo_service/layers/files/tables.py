"""Reads lists of rows with headings from CSV, XLSX and NDJSON, streaming."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from geo_service.errors import UnreadableFile
from geo_service.layers.files.delimited import (
    MAX_RECORD_CHARACTERS,
    OpenEnded,
    Position,
    Record,
    RowProblem,
    csv_delimiter,
    csv_records,
    ndjson_records,
)
from geo_service.layers.files.disk import Note, check_readable, unreadable
from geo_service.layers.files.merged_heading import Merge, merged_headings
from geo_service.layers.files.text_encoding import text_encoding
from geo_service.layers.files.workbook import Workbook

Row: TypeAlias = tuple[int, "dict[str, Any] | RowProblem"]

_CSV = {".csv", ".txt", ".tsv"}
_XLSX = {".xlsx", ".xlsm"}
_NDJSON = {".ndjson", ".jsonl"}
_OTHER_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")
_HEADING_WITHIN_ROWS = 20
_NDJSON_SAMPLE_ROWS = 1000

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?")
_TOLD = re.compile(r"[^\W\d]{2,12}[:：]")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_MEASURED = re.compile(r"[+-]?\d+\.\d{3,}|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]+\d{1,2}:\d.*")
"""A coordinate or a moment: no heading is written so."""


_CUT_OFF = RowProblem(
    "文件在这一行中间断了：可能没有下载或复制完整，请重新取得文件后再导入",
    "the file ends in the middle of this row: it may not have been copied whole; get it again",
)


@dataclass(frozen=True, eq=False)
class Rows:
    """A list with headings; iterate it for ``(row number, heading → cell)``, as often as needed.

    Row numbers are those a spreadsheet shows (blank rows count, a quoted line break does not); of
    NDJSON the line. A row that cannot be read comes as a RowProblem and the next one follows. Cells
    of CSV are text; those of XLSX text, int, float, bool or datetime; empty and missing ones None.
    Blank rows are left out. ``headings`` of NDJSON are the names met in the first 1,000 lines.
    """

    headings: list[str]
    encoding: str | None
    heading_row: int
    notes: list[Note]
    _opened: Callable[[], Iterator[Row]]
    _position: Position = field(default_factory=Position)

    @property
    def share_read(self) -> float | None:
        """The share of the file that the newest iteration has read, None where it cannot tell."""
        return self._position.share

    def __iter__(self) -> Iterator[Row]:
        """Read from the first row after the headings."""
        return self._opened()


def read_rows(
    path: Path, *, sheet: str | None = None, longest_row: int = MAX_RECORD_CHARACTERS
) -> Rows:
    """Open a list of rows: .csv/.txt/.tsv, .xlsx, .ndjson/.jsonl.

    CSV may be UTF-8, with or without a byte order mark, UTF-16 with one, or GBK/GB18030, separated
    by comma, tab or semicolon. Title lines above the headings (rows with one filled cell) are
    passed over; merged headings of a workbook are read as group and column.

    Parameters
    ----------
    path
        The file; its ending says the format.
    sheet
        Which sheet of a workbook; the first visible one otherwise.
    longest_row
        Characters that a row of CSV may have.

    Raises
    ------
    UnreadableFile
        No such file, a folder, empty, damaged, of another kind, no such sheet, formulas that were
        never computed, or without headings (a first row of data, an empty or repeated heading).
    """
    check_readable(path)
    ending = path.suffix.lower()
    if ending in _CSV:
        return _csv_rows(path, longest_row)
    if ending in _XLSX:
        book = Workbook(path, sheet=sheet)
        position = Position()
        return _headed_rows(
            path,
            partial(book.records, position),
            encoding=None,
            notes=book.notes,
            merges=book.marks().merges,
            position=position,
        )
    if ending in _NDJSON:
        return _ndjson_rows(path)
    if ending in {".xls", ".et"}:
        raise unreadable(
            path,
            f"不支持旧格式 {ending}，请在 WPS 或 Excel 中另存为 .xlsx",
            f"{ending} is not supported; save it as .xlsx in WPS or Excel",
        )
    raise unreadable(
        path,
        f"不支持 {ending or '没有扩展名'} 的表格，请另存为 CSV、XLSX 或 NDJSON",
        f"no list by its ending ({ending or 'none'}); save it as CSV, XLSX or NDJSON",
    )


def _csv_rows(path: Path, longest_row: int) -> Rows:
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_OTHER_MAGIC):
        raise unreadable(
            path,
            f"不是文本文件，只是扩展名为 {path.suffix}；请在原软件中另存",
            f"it is no text, only named {path.suffix}; save it again from its own program",
        )
    encoding = text_encoding(path)
    delimiter = csv_delimiter(path, encoding, longest_row)
    position = Position()
    return _headed_rows(
        path,
        partial(csv_records, path, encoding, delimiter, longest_row, position),
        encoding=encoding.title,
        notes=encoding.notes,
        position=position,
    )


def _ndjson_rows(path: Path) -> Rows:
    encoding = text_encoding(path)
    position = Position()
    opened = partial(ndjson_records, path, encoding, position)
    sample = [row for _, row in islice(opened(), _NDJSON_SAMPLE_ROWS)]
    headings = dict.fromkeys(name for row in sample if isinstance(row, dict) for name in row)
    if not headings:
        raise unreadable(
            path, "前 1000 行里没有 JSON 对象", "no JSON object in its first 1,000 lines"
        )
    return Rows(list(headings), encoding.title, 0, encoding.notes, opened, position)


def _headed_rows(
    path: Path,
    opened: Callable[[], Iterable[Record]],
    *,
    encoding: str | None,
    notes: list[Note],
    position: Position,
    merges: Sequence[Merge] = (),
) -> Rows:
    sample = list(islice(opened(), _HEADING_WITHIN_ROWS))
    heading_row, cells = _heading_row(path, sample)
    if merged := merged_headings(path, heading_row, sample, merges):
        heading_row, cells = merged.last_row, merged.cells
        notes.append(merged.note)
    headings = _headings(path, heading_row, cells)
    rows = partial(_rows, opened, headings, heading_row)
    return Rows(headings, encoding, heading_row, notes, rows, position)


def _heading_row(path: Path, sample: list[Record]) -> tuple[int, list[Any]]:
    """Return the first row with several filled cells; where none has, the first filled one.

    A line such as 填报单位：… above a wider table is passed over, whatever else stands in it.
    """
    filled = [0 if isinstance(row, RowProblem) else sum(map(_is_filled, row)) for _, row in sample]
    needed = 2 if max(filled, default=0) > 1 else 1
    for (number, row), count in zip(sample, filled, strict=True):
        if isinstance(row, RowProblem):
            raise unreadable(
                path,
                f"第 {number} 行（表头之前）：{row.reason_zh}",
                f"row {number}, before any headings: {row.reason_en}",
            )
        if count >= needed and not (2 * count <= max(filled) and any(map(_is_told, row))):
            return number, row
    raise _without_headings(path, "前 20 行都是空的", "its first 20 rows are blank")


def _headings(path: Path, number: int, cells: Sequence[Any]) -> list[str]:
    headings = ["" if cell is None else str(cell).strip(" \t\r\n\u3000\ufeff") for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    if "" in headings:
        column = headings.index("") + 1
        raise _without_headings(
            path,
            f"第 {number} 行第 {column} 列的标题是空的（若这一行是表名或说明，请删去）",
            f"the heading in row {number}, column {column} is empty (if the row is a title, "
            "remove it)",
        )
    if _looks_like_data(headings):
        raise _without_headings(
            path,
            f"第 {number} 行是数据，不是标题",
            f"row {number} holds data, no headings",
        )
    twice = list(dict.fromkeys(each for each in headings if headings.count(each) > 1))
    if twice:
        raise _without_headings(
            path, f"标题重复：{'、'.join(twice)}", f"headings stand twice: {', '.join(twice)}"
        )
    return headings


def _looks_like_data(headings: list[str]) -> bool:
    is_all_values = all(_NUMBER.fullmatch(each) or _DATE.fullmatch(each) for each in headings)
    return is_all_values or any(map(_MEASURED.fullmatch, headings))


def _without_headings(path: Path, zh: str, en: str) -> UnreadableFile:
    return unreadable(
        path,
        f"缺少表头：{zh}。请在第一行写上各列名称",
        f"no headings: {en}. Put the names of the columns in the first row",
    )


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell != ""


def _is_told(cell: Any) -> bool:
    """Tell whether a cell says something of the list as a whole, as 填报单位：示例街道 does."""
    return isinstance(cell, str) and bool(_TOLD.match(_BRACKETS.sub("", cell).strip()))


def _rows(
    opened: Callable[[], Iterable[Record]], headings: list[str], heading_row: int
) -> Iterator[Row]:
    width = len(headings)
    are_full = False
    for number, cells in opened():
        if isinstance(cells, RowProblem):
            yield number, cells
        elif number > heading_row and (any(cells) or any(map(_is_filled, cells))):
            if are_full and isinstance(cells, OpenEnded) and len(cells) < width:
                yield number, _CUT_OFF
            elif len(cells) == width:
                are_full = True
                values = [None if cell == "" else cell for cell in cells]
                yield number, dict(zip(headings, values, strict=True))
            else:
                yield number, _uneven(cells, headings)


def _uneven(cells: list[Any], headings: list[str]) -> dict[str, Any] | RowProblem:
    width = len(headings)
    if any(map(_is_filled, cells[width:])):
        return RowProblem(
            f"有 {len(cells)} 格，表头只有 {width} 列",
            f"it has {len(cells)} cells under {width} headings",
        )
    padded = [None if cell == "" else cell for cell in cells[:width]]
    return dict(zip(headings, [*padded, *[None] * (width - len(padded))], strict=True))
