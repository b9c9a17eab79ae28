"""Columns of many rows: numbers with the reason where there is none, and few distinct texts."""

from array import array
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions

Problems: TypeAlias = NDArray[np.int8]
"""For each row a place in PROBLEMS; 0 is none."""

PROBLEMS = (
    None,
    "missing",
    "not_a_number",
    "not_finite",
    "zero",
    "out_of_range",
    "outside_frame",
    "accuracy",
    "unreadable",
    "unknown_field",
)
"""Why a row is no place: nothing or no number stands there; NaN or infinity; 0, 0, which is a field
nobody filled; beyond ±180, ±90; far from where the frame is used; an accuracy that is none; a row
that cannot be read, or that has a field nobody knows."""

NONE, MISSING, NOT_A_NUMBER, NOT_FINITE, ZERO = range(5)
OUT_OF_RANGE, OUTSIDE_FRAME, ACCURACY, UNREADABLE, UNKNOWN_FIELD = range(5, len(PROBLEMS))

Codes: TypeAlias = NDArray[np.int8]
"""For each row a place in a short list of words; -1 is none."""

_NUMBERS = frozenset({float, int})
_PROBLEM_BY_KIND: Mapping[type, int] = {float: NONE, int: NONE, type(None): MISSING}


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of few distinct texts: ``position`` (n,) points into ``texts``, -1 at none."""

    texts: tuple[str, ...]
    position: NDArray[np.signedinteger[Any]]

    def to_list(self) -> list[str | None]:
        """Return the text of each row."""
        texts = np.array([*self.texts, None], dtype=object)
        found: list[str | None] = texts[self.position].tolist()
        return found


@dataclass(frozen=True, eq=False)
class Lists:
    """A column of lists: row i holds the ``items`` from ``start[i]`` to ``start[i + 1]``.

    Items are texts, or records whose members are columns; ``start`` has a place more than rows.
    """

    start: NDArray[np.int64]
    items: "Coded | Mapping[str, Coded | Floats]"

    @property
    def row(self) -> NDArray[np.intp]:
        """The row that each item stands in, ascending."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def to_list(self) -> list[list[Any]]:
        """Return the list of each row; a record is a dict."""
        if isinstance(self.items, Coded):
            items: list[Any] = self.items.to_list()
        else:
            columns = [
                each.to_list() if isinstance(each, Coded) else each.tolist()
                for each in self.items.values()
            ]
            items = [
                dict(zip(self.items, record, strict=True)) for record in zip(*columns, strict=True)
            ]
        return [items[start:stop] for start, stop in pairwise(self.start.tolist())]


def lists_of(
    rows: NDArray[np.integer[Any]], items: "Coded | Mapping[str, Coded | Floats]", count: int
) -> Lists:
    """Return ``count`` lists of items by the row that each stands in, ascending."""
    per_row = np.bincount(rows, minlength=count)
    return Lists(np.concatenate([[0], np.cumsum(per_row)]).astype(np.int64), items)


def coded(values: Iterable[str | None]) -> Coded:
    """Return texts as a coded column, its texts in the order they first came in."""
    places: dict[Hashable, int] = {None: -1}
    found = [places.setdefault(value, len(places) - 1) for value in values]
    texts = tuple(str(text) for text in places if text is not None)
    return Coded(texts, np.array(found, dtype=np.int32))


def distinct(positions: Positions, count: int) -> tuple[NDArray[np.intp], Positions]:
    """Return which of ``count`` positions occur, ascending, and for each row the place among them.

    -1 stays -1.
    """
    places = np.empty(count + 1, dtype=np.int32)
    is_there = np.zeros(count + 1, dtype=np.bool_)  # what stands last is found at -1
    at = positions.astype(np.intp)
    is_there[at] = True
    found = np.flatnonzero(is_there[:-1])
    places[found] = np.arange(len(found), dtype=np.int32)
    places[-1] = -1
    return found, np.take(places, at, mode="wrap")


def json_members(name: str, column: Any) -> list[bytes]:
    """Return a column's value in each row as a member of a JSON object, ``"name":value``.

    Each distinct text of a coded column is encoded once.
    """
    start = orjson.dumps(name) + b":"
    if isinstance(column, Lists):
        empty = start + b"[]"
        return [start + orjson.dumps(value) if value else empty for value in column.to_list()]
    if not isinstance(column, Coded):
        values = column.tolist() if isinstance(column, np.ndarray) else column
        return [start + orjson.dumps(value) for value in values]
    members = [start + orjson.dumps(text) for text in (*column.texts, None)]
    found: list[bytes] = np.array(members, dtype=object)[column.position].tolist()
    return found


def numbers_of(cells: Sequence[Any]) -> tuple[Floats, Problems]:
    """Return cells that hold numbers, strictly: text and truth values are no numbers.

    Parameters
    ----------
    cells
        Values as JSON has them, ``(n,)``.

    Returns
    -------
    tuple[Floats, Problems]
        The numbers, NaN where there is none, and why there is none.
    """
    kinds = set(map(type, cells))
    if kinds <= _NUMBERS:
        return np.array(cells, dtype=np.float64), np.zeros(len(cells), dtype=np.int8)
    problems = [_PROBLEM_BY_KIND.get(type(cell), NOT_A_NUMBER) for cell in cells]
    numbers = [np.nan if why else cell for cell, why in zip(cells, problems, strict=True)]
    return np.array(numbers, dtype=np.float64), np.array(problems, dtype=np.int8)


def plain_numbers(cells: Sequence[Any]) -> tuple[Floats, Problems]:
    """Return the same of cells without text, truth values and nulls, in half the time."""
    try:
        numbers = np.frombuffer(array("d", cells))
    except TypeError:  # a list or an object among them
        return numbers_of(cells)
    return numbers, np.zeros(len(cells), dtype=np.int8)


def numbers_read(
    cells: Sequence[Any], read: Callable[[Any], float | None]
) -> tuple[Floats, Problems]:
    """Return cells as ``read`` reads each: None is missing, a ValueError no number."""
    numbers = np.full(len(cells), np.nan)
    problems = np.full(len(cells), NOT_A_NUMBER, dtype=np.int8)
    for row, cell in enumerate(cells):
        try:
            number = read(cell)
        except ValueError:
            continue
        problems[row] = MISSING if number is None else NONE
        numbers[row] = np.nan if number is None else number
    return numbers, problems
