"""The cells of one layer: what each holds, and where.

An index is one array of 64-bit words, the same in memory and in a file, in five parts; the first
three are whole lines of memory (64 bytes), for where one line holds all, one read does.

- The head: the lattice (six floats), and how many border cells, entries and edges there are.
- The cells, rows x columns of 32-bit integers, then a 0 for all that lies outside.
- A line for each border cell.
- The distinct edges, five words each: four coordinates, and the labels of the two areas that have
  the edge in the low and the high half of a word.
- The entries, 32 bits each: which edges touch a border cell, cell after cell.

A cell that no edge touches holds the label of its area, a border cell ``~k``: its line's number.
The line of a border cell tells of each of its PARTS_X x PARTS_Y parts whether an edge touches it:
two bits a part, row by row from the south-west, four words. They are TOUCHED, or which of three
labels the part has. Three half words with these labels follow, one with the label of the cell's
south-western corner (moved a breath east and a hair north, see ``orientation.side_beside``), a word
with the number of its first entry, one with how many it has.

Points in parts that no edge touches take two lines of memory and no geometry: nine in ten of those
in border cells.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.lattice import Lattice

Words = NDArray[np.int64]
Cells = NDArray[np.int32]

LINE = 8
HEAD = 2 * LINE
WORDS_PER_EDGE = 5
PARTS_PER_WORD = 32
LABELS = 3
"""So many labels the parts of a border cell may have; the parts of a fourth count as touched."""
TOUCHED = LABELS
FIRST_ENTRY, ENTRIES = 6, 7
"""Words of a border cell's line."""
FIRST_LABEL, CORNER = 8, 11
"""Half words of a border cell's line."""

_POWER_OF_TWO = 0.5
"""The mantissa that ``frexp`` finds in one."""


class Tables(NamedTuple):
    """An index as its kernels read it.

    ``cells`` has rows x columns + 1 values; ``borders`` has shape (border cells, LINE), and
    ``halves`` is the same memory read as half words; ``words`` and ``numbers`` are the edges, the
    same memory read as integers and as floats.
    """

    lattice: Lattice
    cells: Cells
    borders: Words
    halves: Cells
    words: Words
    numbers: Floats
    entries: Cells


@compiled
def opened(index: Words) -> Tables:
    """Return the tables of an index; nothing is copied."""
    head = index[:HEAD].view(np.float64)
    columns, rows, count = int(head[4]), int(head[5]), index[6]
    lattice = Lattice(head[0], head[1], head[2], head[3], columns, rows)
    first = HEAD + cell_words(columns, rows)
    stop = first + LINE * count
    last = stop + WORDS_PER_EDGE * index[8]
    cells = index[HEAD:first].view(np.int32)[: columns * rows + 1]
    borders, edges = index[first:stop].reshape(count, LINE), index[stop:last]
    entries = index[last:].view(np.int32)[: index[7]]
    return Tables(
        lattice, cells, borders, borders.view(np.int32), edges, edges.view(np.float64), entries
    )


@compiled
def cell_words(columns: int, rows: int) -> int:
    """Return how many words the cells of a lattice take: whole lines."""
    return (columns * rows + 2 * LINE) // (2 * LINE) * LINE


def is_whole(index: Words) -> bool:
    """Whether an index has a lattice, and all that its head says it has."""
    if len(index) < HEAD:
        return False
    side_x, side_y, *whole = index[:6].view(np.float64).tolist()
    columns, rows = whole[2:]
    borders, entries, edges = index[6:9].tolist()
    return (
        math.frexp(side_x)[0] == math.frexp(side_y)[0] == _POWER_OF_TWO
        and all(number.is_integer() for number in whole)
        and min(columns, rows) >= 1
        and columns * rows / 2 <= len(index)
        and min(borders, entries, edges) >= 0
        and len(index)
        == HEAD
        + cell_words(int(columns), int(rows))
        + LINE * borders
        + WORDS_PER_EDGE * edges
        + (entries + 1) // 2
    )


@compiled
def value_at(tables: Tables, x: float, y: float) -> int:
    """Return what the cell of a point holds; 0 outside the lattice and for NaN."""
    lattice = tables.lattice
    column = np.floor(x / lattice.side_x) - lattice.first_x
    row = np.floor(y / lattice.side_y) - lattice.first_y
    if 0.0 <= column < lattice.columns and 0.0 <= row < lattice.rows:
        return int(tables.cells[int(row) * lattice.columns + int(column)])
    return 0


@compiled
def border_at(tables: Tables, row: int, column: int) -> int:
    """Return the number of a cell's line, -1 for a cell that no edge touches."""
    value = int(tables.cells[row * tables.lattice.columns + column])
    return ~value if value < 0 else -1


@compiled
def entries_of(tables: Tables, border: int) -> tuple[int, int]:
    """Return the first entry of a border cell, and the one after its last."""
    start = tables.borders[border, FIRST_ENTRY]
    return start, start + tables.borders[border, ENTRIES]


@compiled
def edge_of(tables: Tables, entry: int) -> int:
    """Return where the edge of an entry stands in ``words`` and ``numbers``."""
    return WORDS_PER_EDGE * int(tables.entries[entry])


@compiled
def kind_of(tables: Tables, border: int, part: int) -> int:
    """Return TOUCHED, or which one of the border cell's labels its part has."""
    word = tables.borders[border, part // PARTS_PER_WORD]
    return int(word >> 2 * (part % PARTS_PER_WORD)) & TOUCHED
