"""Features to write: the cells as every format takes them, and names that a format allows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from geo_service.layers.area import Geometries
from geo_service.layers.files.disk import Note
from geo_service.layers.files.feature_table import plain

if TYPE_CHECKING:
    import pyarrow as pa

Cell: TypeAlias = str | int | float | bool | None

EXACT_INTEGERS = 2**53
"""Integers beyond are no longer exact as floating-point numbers."""


@dataclass(frozen=True, eq=False)
class FeatureLayer:
    """The features of one table to write; position i is the same feature in every column.

    ``geometries`` are shapely, x before y, None for none.
    """

    name: str
    columns: Mapping[str, Sequence[Any]]
    geometries: Geometries

    def of_cells(self) -> "FeatureLayer":
        """Return the same with every value as text, int, float, bool or None."""
        columns = {name: [_cell(value) for value in cells] for name, cells in self.columns.items()}
        return FeatureLayer(self.name, columns, self.geometries)

    def renamed(self, names: Sequence[str]) -> "FeatureLayer":
        """Return the same with other names of its columns, in their order."""
        columns = dict(zip(names, self.columns.values(), strict=True))
        return FeatureLayer(self.name, columns, self.geometries)


def text_of(value: Cell) -> str:
    """Return a cell that is there as text: numbers with all digits, as JSON writes them."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else repr(value)


def arrow_columns(
    columns: Mapping[str, Sequence[Cell]], *, longest_integer: int
) -> tuple[dict[str, "pa.Array"], list[Note]]:
    """Return columns of one type each, and what had to become text for it.

    Parameters
    ----------
    longest_integer
        The first one that the format does not hold for certain; a column that has one is text.
    """
    arrays: dict[str, pa.Array] = {}
    notes: list[Note] = []
    for name, values in columns.items():
        arrays[name], note = _arrow(name, values, longest_integer)
        notes += note
    return arrays, notes


def free_name(wanted: str, names: Sequence[str]) -> str:
    """Return ``wanted``, with underscores before it where a name is the same but for its case."""
    taken = {name.casefold() for name in names}
    while wanted in taken:
        wanted = f"_{wanted}"
    return wanted


def field_names(names: Sequence[str], *, encoding: str, limit_bytes: int | None) -> list[str]:
    """Return names unique whatever their case and within the limit, cut between characters."""
    given: list[str] = []
    taken: set[str] = set()
    for name in names:
        candidate, number = _cut(name, encoding, limit_bytes), 1
        while candidate.casefold() in taken:
            number += 1
            ending = f"_{number}"
            room = None if limit_bytes is None else limit_bytes - len(ending)
            candidate = _cut(name, encoding, room) + ending
        given.append(candidate)
        taken.add(candidate.casefold())
    return given


def renamed_note(names: Sequence[str], given: Sequence[str]) -> list[Note]:
    """Return the remark on names that a format does not take as they are."""
    pairs = [f"{old}→{new}" for old, new in zip(names, given, strict=True) if old != new]
    if not pairs:
        return []
    listed_zh, listed_en = "、".join(pairs), ", ".join(pairs)
    return [(f"列名有改动：{listed_zh}", f"columns were renamed: {listed_en}")]


def blanks_note(columns: Mapping[str, Sequence[Cell]], title: str) -> list[Note]:
    """Return the remark for a format that cannot tell an empty text from a missing value."""
    names = [name for name, values in columns.items() if "" in values]
    if not names:
        return []
    return [
        (
            f"{title} 分不清空文本与缺失：{'、'.join(names)} 中的空文本会读成缺失",
            f"{title} cannot tell empty text from missing: empty texts in {', '.join(names)} "
            "come back as missing",
        )
    ]


def _cell(value: Any) -> Cell:
    if isinstance(value, np.generic):  # numpy's own numbers are no ints to orjson and Arrow
        return _cell(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool) else plain(value)


def _arrow(
    name: str, values: Sequence[Cell], longest_integer: int
) -> tuple["pa.Array", list[Note]]:
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    longest = max((abs(value) for value in values if type(value) is int), default=0)
    if kinds == {bool}:
        return pa.array(values, pa.bool_()), []
    if kinds == {int} and longest < longest_integer:
        return pa.array(values, pa.int64()), []
    if kinds in ({float}, {int, float}) and longest < EXACT_INTEGERS:
        numbers = [None if value is None else float(value) for value in values]
        return pa.array(numbers, pa.float64()), []
    texts = pa.array([None if value is None else text_of(value) for value in values], pa.string())
    return texts, _text_note(name, kinds)


def _text_note(name: str, kinds: set[type]) -> list[Note]:
    if kinds <= {str}:
        return []
    if kinds <= {int, float}:
        return [
            (
                f"“{name}”中有过长的整数，整列写成文字，一位不丢",
                f"'{name}' holds integers too long for a number there; it was written as text",
            )
        ]
    return [
        (
            f"“{name}”中不同类型混用，整列写成文字",
            f"'{name}' mixes kinds of values; it was written as text",
        )
    ]


def _cut(text: str, encoding: str, limit_bytes: int | None) -> str:
    raw = text.encode(encoding)
    return raw[:limit_bytes].decode(encoding, errors="ignore")
