"""Headings of a workbook over several rows: a merged group above, the columns' own names below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_service.layers.files.disk import Note, unreadable


@dataclass(frozen=True)
class Merge:
    """One block of merged cells: rows from 1 as the sheet numbers them, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def is_wide(self) -> bool:
        """Whether it stands over several columns."""
        return self.right > self.left

    @property
    def shown(self) -> str:
        """The block as a spreadsheet writes it."""
        return f"{_letters(self.left)}{self.top}:{_letters(self.right)}{self.bottom}"


@dataclass(frozen=True)
class MergedHeadings:
    """One heading for each column, and the last of the rows they were read from."""

    cells: list[str]
    last_row: int
    note: Note


def merged_headings(
    path: Path, first_row: int, sample: Sequence[tuple[int, Any]], merges: Sequence[Merge]
) -> MergedHeadings | None:
    """Return the headings that merged cells spread over several rows; None where none does.

    A column is called by its lowest cell; where two would be called the same, the group stands
    before: 网格 over 编码 gives 网格编码.

    Raises
    ------
    UnreadableFile
        A merged heading stands over several columns that have no names of their own.
    """
    last_row = _last_row(first_row, merges)
    rows = {number: cells for number, cells in sample if first_row <= number <= last_row}
    wide = [each for each in merges if each.is_wide and first_row <= each.top <= last_row]
    if last_row == first_row or not wide:
        return None
    _check_second_row(path, first_row, rows, wide)
    values = _values(rows, [each for each in merges if each.top >= first_row])
    width = max(column for _, column in values) + 1
    parts = [_parts(values, column, first_row, last_row) for column in range(width)]
    lowest = [each[-1] if each else "" for each in parts]
    cells = [
        "".join(each) if lowest.count(name) > 1 else name
        for each, name in zip(parts, lowest, strict=True)
    ]
    note = (
        f"第 {first_row}–{last_row} 行是合并的表头，各列按最下一格称呼",
        f"rows {first_row} to {last_row} are merged headings; columns go by their lowest cell",
    )
    return MergedHeadings(cells, last_row, note)


def _last_row(first_row: int, merges: Sequence[Merge]) -> int:
    """Return the last row of the block: below each wide heading stand the columns' own names."""
    last_row = first_row
    for each in sorted(merges, key=lambda merge: merge.top):
        if first_row <= each.top <= last_row:
            last_row = max(last_row, each.bottom + each.is_wide)
    return last_row


def _check_second_row(
    path: Path, first_row: int, rows: Mapping[int, Any], wide: Sequence[Merge]
) -> None:
    """Refuse where the row below fills columns that have a heading already: it holds data."""
    covered = {column for each in wide for column in range(each.left, each.right + 1)}
    for number, cells in rows.items():
        is_below = number > first_row
        own = [i for i, cell in enumerate(cells) if _is_filled(cell) and i not in covered]
        if is_below and own:
            raise unreadable(
                path,
                f"表头的合并单元格 {wide[0].shown} 横跨多列，下面没有各列自己的标题："
                "请取消合并，给每一列写上标题",
                f"the merged heading {wide[0].shown} stands over several columns that have no names"
                " of their own: unmerge it and give each column a heading",
            )


def _values(rows: Mapping[int, Any], merges: Sequence[Merge]) -> dict[tuple[int, int], str]:
    values = {
        (number, column): str(cell).strip()
        for number, cells in rows.items()
        for column, cell in enumerate(cells)
        if _is_filled(cell)
    }
    for each in merges:
        text = values.get((each.top, each.left))
        for column in range(each.left, each.right + 1) if text else ():
            values.setdefault((each.top, column), str(text))
    return values


def _parts(
    values: Mapping[tuple[int, int], str], column: int, first_row: int, last_row: int
) -> list[str]:
    return [
        values[number, column]
        for number in range(first_row, last_row + 1)
        if (number, column) in values
    ]


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell != ""


def _letters(column: int) -> str:
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
