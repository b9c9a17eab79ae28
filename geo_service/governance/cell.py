"""What one cell of a list says: text, a number, a moment; or why it cannot be read."""

import math
import re
from datetime import date, datetime, time, timedelta
from typing import Any

from geo_service.governance.moment import EARLIEST, SHANGHAI, read_moment

_EMPTY = {"", "-", "--", "—", "——", "/", "null", "none", "n/a", "nan", "\\n"}
"""What exports write for nothing, in lower case."""
LONGEST_EMPTY = 4
"""So many characters the longest of them has."""

_FIRST_YEAR = EARLIEST.astimezone(SHANGHAI).year
FUTURE = timedelta(days=1)
"""A clock may be set a little ahead; a day is no clock."""

UNSTORABLE = ("含有无法保存的字符", "holds characters that cannot be stored")
"""Why a text is refused that is not ``is_storable``, in two languages."""

HALF_A_PLACE = ("坐标只有一半", "only half of the coordinates is there")
NO_FRAME = (
    "有坐标却没有坐标系：请注明 EPSG:4490、GCJ02、BD09 等",
    "coordinates without a frame: say EPSG:4490, GCJ02, BD09 or another",
)

_SAFE_DIGITS = 15
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")
LONGEST_NUMBER = 40
"""So many characters an office writes a number with."""
_FAILED = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
"""What a spreadsheet shows where a formula went wrong."""


class RefusedCell(Exception):
    """Why a cell cannot be read, in two languages; never what it holds."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def text_of(cell: Any, *, longest: int) -> str | None:
    """Return a cell's text without outer blanks, None for an empty one.

    Raises
    ------
    RefusedCell
        A list or a table, longer than ``longest`` characters, or with characters no database
        can keep.
    """
    if cell is None:
        return None
    if isinstance(cell, str):
        text = cell.strip()
    elif isinstance(cell, list | dict | bytes):
        raise RefusedCell("应为文字", "must be text")
    else:
        text = str(cell)
    if len(text) > longest:
        raise RefusedCell(f"超过 {longest} 个字", f"longer than {longest} characters")
    if len(text) <= LONGEST_EMPTY and is_empty(text):
        return None
    if not is_storable(text):
        raise RefusedCell(*UNSTORABLE)
    return text


def is_storable(text: str) -> bool:
    """Tell whether every database can keep a text: no NUL in it, no half of a surrogate pair."""
    return "\x00" not in text and (text.isascii() or _is_encodable(text))


def key_of(cell: Any, *, longest: int) -> str | None:
    """Return a cell's text as part of a key, exactly as the office wrote it.

    Raises
    ------
    RefusedCell
        When a spreadsheet made a number of it and lost digits: two tickets would become one. Or it
        made a date of it, a yes or no, or the formula that it was failed.
    """
    if isinstance(cell, bool | date | time) or (isinstance(cell, str) and cell.strip() in _FAILED):
        raise RefusedCell(
            "编号被表格软件变成了日期、真假值或错误值：请把该列设为文本，填回原来的编号",
            "a spreadsheet made a date, a yes or no, or an error of it: format the column as text "
            "and fill in what it was",
        )
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    is_cut = isinstance(cell, int) and abs(cell) >= 10**_SAFE_DIGITS
    if is_cut or (isinstance(cell, str) and _SCIENTIFIC.fullmatch(cell.strip())):
        raise RefusedCell(
            "编号被表格软件当成数字（显示如 3.10E+14），末尾几位已丢失：请把该列设为文本后重新导出",
            "a spreadsheet made a number of it, as 3.10E+14, and its last digits are lost: export "
            "the column as text",
        )
    return text_of(cell, longest=longest)


def number_of(cell: Any) -> float | None:
    """Return a cell's number, None for an empty one.

    Raises
    ------
    RefusedCell
        Text that is no number, or a number that is not finite.
    """
    if cell is None:
        return None
    if isinstance(cell, str):
        cell = cell.strip()
        if is_empty(cell) and cell.lower() != "nan":
            return None
    return _finite(cell)


def moment_of(cell: Any, *, now: datetime) -> datetime | None:
    """Return a cell's moment in UTC, None for an empty one.

    Raises
    ------
    RefusedCell
        When it cannot be read, is before 1992, or more than a day after ``now``.
    """
    if cell is None or (isinstance(cell, str) and is_empty(cell.strip())):
        return None
    try:
        moment = read_moment(cell)
    except ValueError:
        raise RefusedCell(
            "不是能识别的时间（如 2026-01-05 08:03）", "not a time such as 2026-01-05 08:03"
        ) from None
    if moment < EARLIEST:
        raise RefusedCell(
            f"早于 {_FIRST_YEAR} 年：多半是空日期被写成了 1900 年或 1970 年",
            f"before {_FIRST_YEAR}: most likely an empty date written as 1900 or 1970",
        )
    if moment > now + FUTURE:
        raise RefusedCell("在将来", "in the future")
    return moment


def is_empty(text: str) -> bool:
    """Tell whether a text without outer blanks says nothing."""
    return len(text) <= LONGEST_EMPTY and text.lower() in _EMPTY


def _finite(cell: Any) -> float:
    if isinstance(cell, str) and ("_" in cell or len(cell) > LONGEST_NUMBER):
        raise _not_a_number()  # Python reads 1_000 as a number, offices do not write it
    try:
        number = float(cell) if not isinstance(cell, bool) else None
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None:
        raise _not_a_number()
    if not math.isfinite(number):
        raise RefusedCell("不是有限的数（NaN 或无穷大）", "not a finite number (NaN or infinity)")
    return number


def _not_a_number() -> RefusedCell:
    return RefusedCell("应为数字，却是文字", "must be a number, but is text")


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell
        return False
    return True
