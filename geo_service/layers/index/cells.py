"""Building the cells of one layer: what each holds, and the owner of its south-western corner.

An index is one array of 64-bit words, the same in memory and in a file: a head of HEAD words (the
lattice), the cells (rows x columns of 32-bit integers), the records.

A cell that no edge touches holds the label of its area. A border cell holds ``~k``: k words after
the start of the records stands its own, all that a walk needs in one place of memory. The first
word is the label of the cell's south-western corner (moved a breath east and a hair north, see
``orientation.side_beside``) in the low half and the number of edges in the high half; then follow
five words per edge: its four coordinates, and the labels of the two areas that have it.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.lattice import Lattice, column_of, lattice_for, row_of
from geo_service.layers.index.linework import Linework
from geo_service.layers.index.orientation import side_beside

Words = NDArray[np.int64]
Cells = NDArray[np.int32]

HEAD = 6
WORDS_PER_EDGE = 5

_POWER_OF_TWO = 0.5
"""The mantissa that ``frexp`` finds in one."""

_ROUNDING = 16 * 2.0**-53
"""More than the relative error of a place computed on an edge."""


class Tables(NamedTuple):
    """An index as its kernels read it.

    ``cells`` has shape (rows, columns); ``words`` and ``numbers`` are the records, the same memory
    read as integers and as floats.
    """

    lattice: Lattice
    cells: Cells
    words: Words
    numbers: Floats


@compiled
def opened(index: Words) -> Tables:
    """Return the tables of an index; nothing is copied."""
    head = index[:HEAD].view(np.float64)
    columns, rows = int(head[4]), int(head[5])
    lattice = Lattice(head[0], head[1], head[2], head[3], columns, rows)
    records = HEAD + (columns * rows + 1) // 2
    cells = index[HEAD:records].view(np.int32)[: columns * rows].reshape(rows, columns)
    return Tables(lattice, cells, index[records:], index[records:].view(np.float64))


def built(lines: Linework) -> Words:
    """Return the index over some edges."""
    lattice = lattice_for(lines.ends)
    cells = np.zeros((lattice.rows, lattice.columns), dtype=np.int32)
    _label_corners(lines, lattice, cells)
    counts = _edges_per_cell(lines, lattice)
    index = _laid_out(lattice, cells, counts)
    _fill(lines, opened(index))
    index.flags.writeable = False  # as one from a file is: kernels are compiled once for both
    return index


def is_whole(index: Words) -> bool:
    """Whether an index has a lattice, and all the cells that the lattice says it has."""
    if len(index) < HEAD:
        return False
    side_x, side_y, *whole = index[:HEAD].view(np.float64).tolist()
    columns, rows = whole[2:]
    return (
        math.frexp(side_x)[0] == math.frexp(side_y)[0] == _POWER_OF_TWO
        and all(number.is_integer() for number in whole)
        and min(columns, rows) >= 1
        and HEAD + columns * rows / 2 <= len(index)
    )


@compiled
def _label_corners(lines: Linework, lattice: Lattice, cells: Cells) -> None:
    """Write the label of each cell's south-western corner: one scan per row.

    Every edge that passes a row's southern line is a change at the first corner east of it.
    """
    for edge in range(len(lines.ends)):
        ay, by = lines.ends[edge, 1], lines.ends[edge, 3]
        low, high = min(ay, by), max(ay, by)
        change = lines.owners[edge, 0] ^ lines.owners[edge, 1]
        row = int(np.ceil(low / lattice.side_y) - lattice.first_y)
        while row < lattice.rows and (lattice.first_y + row) * lattice.side_y < high:
            column = _first_corner_east(lines.ends[edge], lattice, row)
            if column < lattice.columns:
                cells[row, column] ^= change
            row += 1
    for row in range(lattice.rows):
        for column in range(1, lattice.columns):
            cells[row, column] ^= cells[row, column - 1]


@compiled
def _first_corner_east(ends: Floats, lattice: Lattice, row: int) -> int:
    """Return the first column whose corner on a row's southern line lies east of the edge."""
    y = (lattice.first_y + row) * lattice.side_y
    x = ends[0] + (y - ends[1]) / (ends[3] - ends[1]) * (ends[2] - ends[0])
    column = max(0, int(np.ceil(x / lattice.side_x) - lattice.first_x))
    while column > 0 and _is_east(ends, lattice, column - 1, y):
        column -= 1
    while column < lattice.columns and not _is_east(ends, lattice, column, y):
        column += 1
    return column


@compiled
def _is_east(ends: Floats, lattice: Lattice, column: int, y: float) -> bool:
    x = (lattice.first_x + column) * lattice.side_x
    side = side_beside(ends[0], ends[1], ends[2], ends[3], x, y)
    return bool((side < 0) == (ends[3] > ends[1]))


@compiled
def _rows(ends: Floats, lattice: Lattice) -> tuple[int, int]:
    """Return the rows that an edge touches, the last one included."""
    return row_of(lattice, min(ends[1], ends[3])), row_of(lattice, max(ends[1], ends[3]))


@compiled
def _columns(ends: Floats, lattice: Lattice, row: int) -> tuple[int, int]:
    """Return the columns that an edge may touch in a row, the last one included; never too few."""
    ax, ay, bx, by = ends
    first, last = ax, bx
    if ay != by:
        south = (lattice.first_y + row) * lattice.side_y
        slope = (bx - ax) / (by - ay)
        at_south = ax + (south - ay) * slope
        at_north = ax + (south + lattice.side_y - ay) * slope
        slack = _ROUNDING * (abs(ax) + abs(bx) + abs(at_south) + abs(at_north))
        first = min(max(ax, min(at_south, at_north) - slack), bx)
        last = max(min(bx, max(at_south, at_north) + slack), ax)
    return column_of(lattice, first), column_of(lattice, last)


@compiled
def _edges_per_cell(lines: Linework, lattice: Lattice) -> Cells:
    counts = np.zeros((lattice.rows, lattice.columns), dtype=np.int32)
    for edge in range(len(lines.ends)):
        south, north = _rows(lines.ends[edge], lattice)
        for row in range(south, north + 1):
            west, east = _columns(lines.ends[edge], lattice, row)
            for column in range(west, east + 1):
                counts[row, column] += 1
    return counts


def _laid_out(lattice: Lattice, corners: Cells, counts: Cells) -> Words:
    """Return the index with a place for every border cell, and no edges yet."""
    records = HEAD + (corners.size + 1) // 2
    index = np.zeros(records + _size(counts), dtype=np.int64)
    index[:HEAD] = np.array(lattice, dtype=np.float64).view(np.int64)
    tables = opened(index)
    _place(corners, counts, tables.cells, tables.words)
    return index


@compiled
def _size(counts: Cells) -> int:
    words = 0
    for row in range(counts.shape[0]):
        for column in range(counts.shape[1]):
            if counts[row, column] > 0:
                words += 1 + WORDS_PER_EDGE * int(counts[row, column])
    return words


@compiled
def _place(corners: Cells, counts: Cells, cells: Cells, words: Words) -> None:
    """Write each plain cell's label; give each border cell a record with its corner's label."""
    place = 0
    for row in range(corners.shape[0]):
        for column in range(corners.shape[1]):
            cells[row, column] = corners[row, column]
            if counts[row, column] > 0:
                words[place] = corners[row, column]
                cells[row, column] = ~place
                place += 1 + WORDS_PER_EDGE * counts[row, column]


@compiled
def _fill(lines: Linework, tables: Tables) -> None:
    words, numbers = tables.words, tables.numbers
    for edge in range(len(lines.ends)):
        pair = np.int64(lines.owners[edge, 0]) | np.int64(lines.owners[edge, 1]) << 32
        south, north = _rows(lines.ends[edge], tables.lattice)
        for row in range(south, north + 1):
            west, east = _columns(lines.ends[edge], tables.lattice, row)
            for column in range(west, east + 1):
                head = ~np.int64(tables.cells[row, column])
                place = head + 1 + WORDS_PER_EDGE * (words[head] >> 32)
                words[head] += np.int64(1) << 32
                for k in range(4):
                    numbers[place + k] = lines.ends[edge, k]
                words[place + 4] = pair
