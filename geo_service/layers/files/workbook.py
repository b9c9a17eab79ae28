"""Reads XLSX row by row: values only, formulas as last computed, dates as datetimes."""

import re
import weakref
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from geo_service.errors import UnreadableFile
from geo_service.layers.files.archive import opened_archive
from geo_service.layers.files.delimited import Position
from geo_service.layers.files.disk import Note, noted_warnings, unreadable
from geo_service.layers.files.sheet_marks import SheetMarks, sheet_marks

MAX_TEXTS_BYTES = 512 << 20
"""Of the table of shared texts, which openpyxl holds in memory as a whole."""
MAX_ROWS = 1_048_576

_BATCH_ROWS = 1000
_PADDED = re.compile(r"(00+)(?:_.|;.*)?")
"""Formats that show 7 as 000007, as people type codes that lost their zeros."""
_INEXACT = 10**15
_MERGES_WITHIN_ROWS = 40
_OLE = b"\xd0\xcf\x11\xe0"
"""How the container starts that an encrypted workbook is put in, and every old one is."""
_TEXTS = "xl/sharedStrings.xml"
_ERRORS = (
    *(BadZipFile, ParseError, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError),
)
"""What openpyxl raises where a part of a workbook is missing or is not what it expects."""
_ONLY_LOOKS = (
    "no default style",
    "no stylesheet",
    "extension is not supported",
    "header or footer",
    "conditional formatting",
    "Print area",
    "Defined names",
)
"""Warnings of openpyxl about what a workbook looks like; only its values are read here."""


class Workbook:
    """One sheet of an open workbook; the file is closed when the object goes."""

    def __init__(self, path: Path, *, sheet: str | None) -> None:
        self.path = path
        self.notes: list[Note] = []
        self.titles: list[str] = []
        self._check_size()
        self._book = self._loaded()
        # opening parses all shared texts, seconds for a large file: once, for headings and rows
        weakref.finalize(self, self._book.close)
        self._sheet = self._chosen(sheet)
        self._stated_rows = self._sheet.max_row or 0

    def records(self, position: Position | None = None) -> Iterator[tuple[int, list[Any]]]:
        """Yield each row with its number in the sheet, from 1; raises UnreadableFile.

        ``position`` follows the reading by the number of rows that the workbook states.
        """
        stated = self._stated_rows
        # the stated dimension is often wrong (A1 in exports of other software) and would cut rows
        self._sheet.reset_dimensions()
        is_padded = any(map(_PADDED.fullmatch, self._book._number_formats))
        rows = self._sheet.iter_rows(values_only=not is_padded)
        number = 0
        if position and stated > 1:
            position.follow(lambda: number / stated)
        while True:
            batch = self._batch(rows)
            if not batch:
                return
            for row in batch:
                number += 1
                yield number, [*map(_shown, row)] if is_padded else list(row)
            if number > MAX_ROWS:
                raise unreadable(
                    self.path, "行号超出 XLSX 的上限", "its row numbers exceed what XLSX allows"
                )

    def marks(self) -> SheetMarks:
        """Return what openpyxl leaves out; of the merged cells those where headings stand.

        Raises
        ------
        UnreadableFile
            Damaged; or formulas that no program has computed, whose values are not in the file.
        """
        try:
            with self._sheet._get_source() as part:  # the part of the zip that iter_rows reads
                found = sheet_marks(part)
        except _ERRORS as error:
            raise self._damaged(error) from error
        if found.uncomputed:
            raise self._uncomputed(found.uncomputed, found.first_uncomputed)
        near = [each for each in found.merges if each.top <= _MERGES_WITHIN_ROWS]
        return replace(found, merges=near)

    def _batch(self, rows: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        with noted_warnings(UserWarning) as warned:
            try:
                batch = list(islice(rows, _BATCH_ROWS))
            except _ERRORS as error:
                raise self._damaged(error) from error
        self._note(warned)
        return batch

    def _check_size(self) -> None:
        with self.path.open("rb") as file:
            is_ole = file.read(len(_OLE)) == _OLE
        if is_ole:
            raise unreadable(
                self.path,
                "它有打开密码，或是改了扩展名的旧格式 .xls：请去掉密码，另存为 .xlsx",
                "it has a password, or is an old .xls under another name; save it as .xlsx without",
            )
        with opened_archive(self.path) as archive:
            texts = {entry.filename: entry.file_size for entry in archive.infolist()}.get(_TEXTS, 0)
        if texts > MAX_TEXTS_BYTES:
            raise unreadable(
                self.path,
                "文字内容超过 512 MB，请另存为 CSV",
                "its texts exceed 512 MB; save it as CSV",
            )

    def _loaded(self) -> Any:
        # a fifth of a second to import, for those only who have a workbook
        from openpyxl import load_workbook

        # openpyxl leaves a file open that it opened itself and could not read
        file = self.path.open("rb")
        weakref.finalize(self, file.close)
        with noted_warnings(UserWarning) as warned:
            try:
                book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            except _ERRORS as error:
                file.close()
                raise self._damaged(error) from error
        self._note(warned)
        return book

    def _chosen(self, sheet: str | None) -> Any:
        sheets = {each.title: each for each in self._book.worksheets}
        visible = [title for title, each in sheets.items() if each.sheet_state == "visible"]
        listed = "、".join(sheets)
        if sheet is not None and sheet not in sheets:
            raise unreadable(
                self.path,
                f"没有工作表“{sheet}”，有：{listed}",
                f"no sheet '{sheet}', but: {listed}",
            )
        if not sheets:
            raise unreadable(self.path, "没有工作表", "it has no worksheet")
        self.titles = visible or list(sheets)
        title = sheet or self.titles[0]
        if sheet is None and len(visible) > 1:
            self.notes.append(
                (
                    f"读取第一个工作表“{title}”，共有：{listed}",
                    f"the first sheet '{title}' was read; it has: {listed}",
                )
            )
        return sheets[title]

    def _note(self, warned: list[str]) -> None:
        for text in warned:
            note = (f"工作簿提示：{text}", f"the workbook: {text}")
            if not any(word in text for word in _ONLY_LOOKS) and note not in self.notes:
                self.notes.append(note)

    def _uncomputed(self, count: int, first: str) -> UnreadableFile:
        place_zh, place_en = (
            (f"（第一个是 {first}）", f" (the first is {first})") if first else ("", "")
        )
        return unreadable(
            self.path,
            f"{count} 个单元格的公式没有算出的值{place_zh}：请用 WPS 或 Excel 打开、保存后再导入",
            f"{count} cells hold formulas without values{place_en}: open it in WPS or Excel, save "
            "it, and try again",
        )

    def _damaged(self, error: Exception) -> UnreadableFile:
        return unreadable(
            self.path, f"不是完整的 XLSX（{error}）", f"it is no complete XLSX ({error})"
        )


def _shown(cell: Any) -> Any:
    """Return a cell's value; a number that shows leading zeros as the text that people see.

    Unless it is longer than a spreadsheet's numbers are exact: that is for those to tell who read
    codes.
    """
    value = cell.value
    if type(value) is not int or not 0 <= value < _INEXACT:
        return value
    padded = _PADDED.fullmatch(cell.number_format)
    return f"{value:0{len(padded[1])}d}" if padded else value


def sheet_titles(path: Path) -> list[str]:
    """Return the visible sheets that hold cells, or all where none is visible.

    Raises
    ------
    UnreadableFile
        No workbook, damaged, with a password, or without a sheet.
    """
    return Workbook(path, sheet=None).titles
