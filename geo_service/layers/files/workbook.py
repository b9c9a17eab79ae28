"""Reads XLSX row by row: values only, formulas as last computed, dates as datetimes."""

import re
import weakref
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from geo_service.errors import UnreadableFile
from geo_service.layers.files.archive import opened_archive
from geo_service.layers.files.delimited import Position
from geo_service.layers.files.disk import Note, noted_warnings, unreadable
from geo_service.layers.files.merged_heading import Merge

MAX_TEXTS_BYTES = 512 << 20
"""Of the table of shared texts, which openpyxl holds in memory as a whole."""
MAX_ROWS = 1_048_576

_BATCH_ROWS = 1000
_MERGE = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]{0,80}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_LONGEST_MERGE = 128
_CHUNK_BYTES = 1 << 20
_MERGES_WITHIN_ROWS = 40
_OLE = b"\xd0\xcf\x11\xe0"
"""How the container starts that an encrypted workbook is put in, and every old one is."""
_TEXTS = "xl/sharedStrings.xml"
_ERRORS = (
    *(BadZipFile, ParseError, OSError),
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
        rows = self._sheet.iter_rows(values_only=True)
        number = 0
        if position and stated > 1:
            position.follow(lambda: number / stated)
        while True:
            batch = self._batch(rows)
            if not batch:
                return
            for row in batch:
                number += 1
                yield number, list(row)
            if number > MAX_ROWS:
                raise unreadable(
                    self.path, "行号超出 XLSX 的上限", "its row numbers exceed what XLSX allows"
                )

    def merges(self) -> list[Merge]:
        """Return the merged cells that begin in the first rows, where headings stand.

        They are listed behind all rows, and openpyxl leaves them out where it reads row by row.
        """
        found: list[Merge] = []
        rest = b""
        try:
            with self._sheet._get_source() as part:  # the part of the zip that iter_rows reads
                while chunk := part.read(_CHUNK_BYTES):
                    text = rest + chunk
                    matches = list(_MERGE.finditer(text))
                    found += map(_merge, matches)
                    rest = text[
                        max(matches[-1].end() if matches else 0, len(text) - _LONGEST_MERGE) :
                    ]
        except _ERRORS as error:
            raise self._damaged(error) from error
        return [each for each in found if each.top <= _MERGES_WITHIN_ROWS]

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

    def _damaged(self, error: Exception) -> UnreadableFile:
        return unreadable(
            self.path, f"不是完整的 XLSX（{error}）", f"it is no complete XLSX ({error})"
        )


def sheet_titles(path: Path) -> list[str]:
    """Return the visible sheets that hold cells, or all where none is visible.

    Raises
    ------
    UnreadableFile
        No workbook, damaged, with a password, or without a sheet.
    """
    return Workbook(path, sheet=None).titles


def _merge(found: "re.Match[bytes]") -> Merge:
    left, top, right, bottom = (group.decode() for group in found.groups())
    return Merge(int(top), _column(left), int(bottom), _column(right))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
