"""What openpyxl passes over where it reads row by row: merged cells, uncomputed formulas."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from geo_service.layers.files.merged_heading import Merge

_MERGE = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]{0,80}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]{0,200})>\s*"
    rb"<(?:\w+:)?f(?:\s[^>]{0,400})?(?:/>|(?<!/)>[^<]{0,50000}</(?:\w+:)?f>)\s*"
    rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
"""A cell whose formula has no value, or an empty one; a formula has 8,192 characters at most."""
_PLACE = re.compile(rb'\br="([A-Z]{1,3}\d{1,7})"')
_EMPTY_TEXT = re.compile(rb'\bt="str"')
_LONGEST_MARK = 52_000
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class SheetMarks:
    """The merged cells of a sheet, and the cells whose formulas nobody has computed."""

    merges: Sequence[Merge]
    uncomputed: int
    first_uncomputed: str
    """As a spreadsheet names the cell; empty where none is, or the sheet does not say."""


def sheet_marks(part: BinaryIO) -> SheetMarks:
    """Return the marks of the part of a workbook that holds a sheet, read in pieces."""
    merges: list[Merge] = []
    uncomputed = 0
    first = ""
    rest = b""
    while chunk := part.read(_CHUNK_BYTES):
        text = rest + chunk
        merged = list(_MERGE.finditer(text))
        formulas = list(_FORMULA.finditer(text)) if b"<f" in text or b":f" in text else []
        merges += map(_merge, merged)
        blank = [each[1] for each in formulas if not _is_empty_text(each)]
        uncomputed += len(blank)
        first = first or (_place(blank[0]) if blank else "")
        ends = [each[-1].end() for each in (merged, formulas) if each]
        rest = text[max(*ends, 0, len(text) - _LONGEST_MARK) :]
    return SheetMarks(merges, uncomputed, first)


def _is_empty_text(formula: "re.Match[bytes]") -> bool:
    """Tell whether a formula was computed, and gave a text without characters."""
    return formula[2] is not None and _EMPTY_TEXT.search(formula[1]) is not None


def _place(attributes: bytes) -> str:
    found = _PLACE.search(attributes)
    return "" if found is None else found[1].decode()


def _merge(found: "re.Match[bytes]") -> Merge:
    left, top, right, bottom = (group.decode() for group in found.groups())
    return Merge(int(top), _column(left), int(bottom), _column(right))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
