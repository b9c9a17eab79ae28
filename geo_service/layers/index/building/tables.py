"""Building the index of one layer: which edges touch which cells, and who owns all the others."""

from functools import partial

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.index.building.linework import Linework
from geo_service.layers.index.building.parts import label_parts, touch_parts
from geo_service.layers.index.building.tracing import columns_of, rows_of
from geo_service.layers.index.cells import (
    CORNER,
    ENTRIES,
    FIRST_ENTRY,
    HEAD,
    LINE,
    WORDS_PER_EDGE,
    Cells,
    Tables,
    Words,
    border_at,
    cell_words,
    opened,
)
from geo_service.layers.index.compiling import compiled, in_rows, in_threads
from geo_service.layers.index.lattice import Lattice, lattice_for
from geo_service.layers.index.orientation import side_beside

_WORD_BYTES = 8
_EDGES_PER_THREAD = 65_536


def built(lines: Linework, *, is_brief: bool = False) -> Words:
    """Return the index over some edges; ``is_brief`` where few points are asked of it.

    Every thread has rows of its own and passes over all edges: a row is written by one alone, in
    the order of the edges, so the index has the same bits however many there are.
    """
    lattice = lattice_for(lines.ends, is_brief=is_brief)
    corners = np.zeros((lattice.rows, lattice.columns), dtype=np.int32)
    counts = np.zeros((lattice.rows, lattice.columns), dtype=np.int32)
    in_rows(lattice.rows, lattice.columns, partial(_label_corners, lines, lattice, corners))
    in_rows(lattice.rows, lattice.columns, partial(_count_edges, lines, lattice, counts))
    index = _laid_out(lines, lattice, corners, counts)
    tables = opened(index)
    in_rows(lattice.rows, lattice.columns, partial(_enter, lines, tables))
    touch_parts(lines, tables)
    label_parts(tables)
    index.flags.writeable = False  # as one from a file is: kernels are compiled once for both
    return index


@compiled
def _label_corners(
    lines: Linework, lattice: Lattice, corners: Cells, first_row: int, end_row: int
) -> None:
    """Write the label of the south-western corner of each cell in some rows: one scan per row.

    Every edge that passes a row's southern line is a change at the first corner east of it.
    """
    for edge in range(len(lines.ends)):
        ay, by = lines.ends[edge, 1], lines.ends[edge, 3]
        low, high = min(ay, by), max(ay, by)
        change = lines.owners[edge, 0] ^ lines.owners[edge, 1]
        row = max(first_row, int(np.ceil(low / lattice.side_y) - lattice.first_y))
        while row < end_row and (lattice.first_y + row) * lattice.side_y < high:
            column = _first_corner_east(lines.ends[edge], lattice, row)
            if column < lattice.columns:
                corners[row, column] ^= change
            row += 1
    for row in range(first_row, end_row):
        for column in range(1, lattice.columns):
            corners[row, column] ^= corners[row, column - 1]


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
def _count_edges(
    lines: Linework, lattice: Lattice, counts: Cells, first_row: int, end_row: int
) -> None:
    """Write how many edges touch each cell in some rows."""
    for edge in range(len(lines.ends)):
        south, north = rows_of(lines.ends[edge], lattice)
        for row in range(max(south, first_row), min(north + 1, end_row)):
            west, east = columns_of(lines.ends[edge], lattice, row)
            for column in range(west, east + 1):
                counts[row, column] += 1


def _laid_out(lines: Linework, lattice: Lattice, corners: Cells, counts: Cells) -> Words:
    """Return the index with its edges, and a line for every border cell without entries yet."""
    before = np.zeros((lattice.rows + 1, 2), dtype=np.int64)  # border cells and entries, by row
    before[1:, 0] = np.cumsum(np.count_nonzero(counts, axis=1))
    before[1:, 1] = np.cumsum(counts.sum(axis=1, dtype=np.int64))
    borders, entries = before[-1].tolist()
    first = HEAD + cell_words(lattice.columns, lattice.rows) + LINE * borders
    index = _at_a_line(first + WORDS_PER_EDGE * len(lines.ends) + (entries + 1) // 2)
    index[:6] = np.array(lattice, dtype=np.float64).view(np.int64)
    index[6:9] = borders, entries, len(lines.ends)
    tables = opened(index)
    in_rows(lattice.rows, lattice.columns, partial(_place, corners, counts, before, tables))
    in_threads(
        lambda edges: _write_edges(lines, tables, edges.start, edges.stop),
        len(lines.ends),
        per_thread=_EDGES_PER_THREAD,
    )
    return index


def _at_a_line(size: int) -> Words:
    """Return words that start where a line of memory does."""
    room = np.zeros(size + LINE, dtype=np.int64)
    skip = -room.ctypes.data // _WORD_BYTES % LINE
    return room[skip : skip + size]


@compiled
def _place(
    corners: Cells, counts: Cells, before: Words, tables: Tables, first_row: int, end_row: int
) -> None:
    """Write the label of each plain cell in some rows; give each border cell a line, and room.

    ``before`` are the border cells and the entries before each row, shape ``(rows + 1, 2)``.
    """
    for row in range(first_row, end_row):
        border, first_entry = before[row]
        for column in range(corners.shape[1]):
            cell = row * corners.shape[1] + column
            tables.cells[cell] = corners[row, column]
            if counts[row, column] > 0:
                tables.cells[cell] = ~border
                tables.halves[border, CORNER] = corners[row, column]
                tables.borders[border, FIRST_ENTRY] = first_entry
                first_entry += counts[row, column]
                border += 1


@compiled
def _write_edges(lines: Linework, tables: Tables, first: int, end: int) -> None:
    for edge in range(first, end):
        at = WORDS_PER_EDGE * edge
        for k in range(4):
            tables.numbers[at + k] = lines.ends[edge, k]
        tables.words[at + 4] = lines.owners[edge, 0] | np.int64(lines.owners[edge, 1]) << 32


@compiled
def _enter(lines: Linework, tables: Tables, first_row: int, end_row: int) -> None:
    """Write which edges touch each border cell in some rows."""
    borders, lattice = tables.borders, tables.lattice
    for edge in range(len(lines.ends)):
        south, north = rows_of(lines.ends[edge], lattice)
        for row in range(max(south, first_row), min(north + 1, end_row)):
            west, east = columns_of(lines.ends[edge], lattice, row)
            for column in range(west, east + 1):
                border = border_at(tables, row, column)
                entry = borders[border, FIRST_ENTRY] + borders[border, ENTRIES]
                tables.entries[entry] = edge
                borders[border, ENTRIES] += 1
