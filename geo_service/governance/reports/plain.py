"""Whole columns of cells that plainly are what their column holds, read at once.

Each reading says of every cell what ``governance.cell`` says of it alone, in a fraction of the
time; None where any cell has to be looked at alone.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, TypeVar

from geo_service.governance.cell import FUTURE, LONGEST_EMPTY, LONGEST_NUMBER, is_empty, is_storable
from geo_service.governance.moment import AHEAD, EARLIEST

_NONE = type(None)
_MOMENTS = re.compile(r"(?:\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\+08:00)?\n)*", re.ASCII)
_LOCAL = 19
"""So many characters such a moment has without its zone, which is Asia/Shanghai either way."""
_Read = TypeVar("_Read")


def plain_texts(cells: Sequence[Any], *, longest: int) -> list[str | None] | None:
    """Return texts without outer blanks, None for empty ones; see ``cell.text_of``."""
    if not _are(str, cells):
        return None
    found = [None if cell is None else cell.strip() for cell in cells]
    texts = list(filter(None, found))
    if max(map(len, texts), default=0) > longest or not is_storable("".join(texts)):
        return None
    return [
        None if text is None or (len(text) <= LONGEST_EMPTY and is_empty(text)) else text
        for text in found
    ]


def plain_keys(cells: Sequence[Any], *, longest: int) -> list[str | None] | None:
    """Return parts of keys; see ``cell.key_of``."""
    found = plain_texts(cells, longest=longest)
    if found is None:
        return None
    together = "".join(filter(None, found))
    is_to_be_looked_at = any(sign in together for sign in ("e+", "E+", "#"))
    return None if is_to_be_looked_at else found


def plain_numbers(cells: Sequence[Any]) -> list[float | None] | None:
    """Return numbers, None for empty cells; see ``cell.number_of``."""
    given = [cell for cell in cells if cell is not None]
    kinds = set(map(type, given))
    if not (kinds <= {float, int} or (kinds == {str} and _are_short_numbers(given))):
        return None
    try:
        numbers = list(map(float, given))
    except (ValueError, OverflowError):
        return None
    return _among(cells, numbers) if all(map(isfinite, numbers)) else None


def plain_moments(cells: Sequence[Any], *, now: datetime) -> list[datetime | None] | None:
    """Return moments in UTC, None for empty cells; see ``cell.moment_of``."""
    given = [cell for cell in cells if cell is not None]
    if not _are(str, given):
        return None
    lines = "".join(f"{each}\n" for each in given)
    if lines.count("\n") > len(given) or not _MOMENTS.fullmatch(lines):
        return None
    try:
        read = [datetime.fromisoformat(f"{each[:_LOCAL]}+00:00") - AHEAD for each in given]
    except (ValueError, OverflowError):  # the 31st of a short month, the first day of year 1
        return None
    if read and not EARLIEST <= min(read) <= max(read) <= now + FUTURE:
        return None
    return _among(cells, read)


def _are_short_numbers(texts: Sequence[str]) -> bool:
    """Tell whether texts may be numbers as offices write them: Python reads 1_000 as one too."""
    return "_" not in "".join(texts) and max(map(len, texts)) <= LONGEST_NUMBER


def _are(kind: type, cells: Iterable[Any]) -> bool:
    """Tell whether all cells that are not empty are of a kind, and of none derived from it."""
    return not set(map(type, cells)) - {kind, _NONE}


def _among(cells: Sequence[Any], read: list[_Read]) -> list[_Read | None]:
    """Return what was read of the cells that are not None, in their places."""
    if len(read) == len(cells):
        return [*read]
    left = iter(read)
    return [None if cell is None else next(left) for cell in cells]
