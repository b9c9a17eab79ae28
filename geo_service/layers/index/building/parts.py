"""The parts of border cells: which of them edges touch, and who owns the others."""

from functools import partial
from typing import NamedTuple

import numpy as np

from geo_service.layers.index.building.linework import Linework
from geo_service.layers.index.building.tracing import columns_of, rows_of
from geo_service.layers.index.cells import (
    CORNER,
    FIRST_LABEL,
    LABELS,
    LINE,
    PARTS_PER_WORD,
    TOUCHED,
    Tables,
    border_at,
)
from geo_service.layers.index.compiling import compiled, in_rows
from geo_service.layers.index.lattice import PARTS_X, PARTS_Y, lattice_of_parts
from geo_service.layers.index.lookup import walk

_PARTS_OF_ROW = 2 ** (2 * PARTS_X) - 1
"""The bits of a row of parts: all of them TOUCHED."""
_EACH_PART = _PARTS_OF_ROW // TOUCHED
"""Times a kind: a row of parts that all are of it."""
_ROWS_PER_WORD = PARTS_PER_WORD // PARTS_X


def touch_parts(lines: Linework, tables: Tables) -> None:
    """Mark the parts of border cells that edges touch."""
    in_rows(tables.lattice.rows, tables.lattice.columns, partial(_touch_in_rows, lines, tables))


@compiled
def _touch_in_rows(lines: Linework, tables: Tables, first_row: int, end_row: int) -> None:
    first_part_row, end_part_row = first_row * PARTS_Y, end_row * PARTS_Y
    parts = lattice_of_parts(tables.lattice)
    nowhere = np.zeros((1, LINE), dtype=np.int64)
    for edge in range(len(lines.ends)):
        south, north = rows_of(lines.ends[edge], parts)
        for row in range(max(south, first_part_row), min(north + 1, end_part_row)):
            first_part = row % PARTS_Y * PARTS_X
            west, east = columns_of(lines.ends[edge], parts, row)
            for column in range(west, east + 1):
                border = border_at(tables, row // PARTS_Y, column // PARTS_X)
                # -1 where it was rounded otherwise than for the cell, which it does not touch
                lines_of_cells = tables.borders if border >= 0 else nowhere
                part = first_part + column % PARTS_X
                word, place = part // PARTS_PER_WORD, 2 * (part % PARTS_PER_WORD)
                lines_of_cells[border, word] |= np.int64(TOUCHED) << place


def label_parts(tables: Tables) -> None:
    """Find who owns the parts that no edge touches."""
    in_rows(tables.lattice.rows, tables.lattice.columns, partial(_label_in_rows, tables))


class _Cell(NamedTuple):
    """A border cell: its line and its place."""

    border: int
    row: int
    column: int


@compiled
def _label_in_rows(tables: Tables, first_row: int, end_row: int) -> None:
    for row in range(first_row, end_row):
        for column in range(tables.lattice.columns):
            border = border_at(tables, row, column)
            if border >= 0:
                _label_parts_of(tables, _Cell(border, row, column))


@compiled
def _label_parts_of(tables: Tables, cell: _Cell) -> None:
    """Start with the corner's label: the first part has it too, where no edge touches it."""
    tables.halves[cell.border, FIRST_LABEL] = tables.halves[cell.border, CORNER]
    labels, south = 1, _PARTS_OF_ROW & ~TOUCHED
    for row in range(PARTS_Y):
        word, place = row // _ROWS_PER_WORD, 2 * PARTS_X * (row % _ROWS_PER_WORD)
        own = (tables.borders[cell.border, word] >> place) & _PARTS_OF_ROW
        south, labels = _labeled_row(tables, cell, row, own, south, labels)
        tables.borders[cell.border, word] |= np.int64(south) << place


@compiled
def _labeled_row(
    tables: Tables, cell: _Cell, row: int, own: int, south: int, labels: int
) -> tuple[int, int]:
    """Return the kinds of a row of parts, and how many labels the cell has now.

    A part has the kind of the one west or south of it: no edge is between two that none touches.
    """
    west = TOUCHED
    for column in range(PARTS_X):
        place = 2 * column
        if (own >> place) & TOUCHED == TOUCHED:
            west = TOUCHED
            continue
        if west == TOUCHED:
            west = (south >> place) & TOUCHED
        if west == TOUCHED:
            west, labels = _kind_by_walk(tables, cell, row, column, labels)
        if own == 0:  # nothing touches the row
            return west * _EACH_PART, labels
        own |= west << place
    return own, labels


@compiled
def _kind_by_walk(
    tables: Tables, cell: _Cell, row: int, column: int, labels: int
) -> tuple[int, int]:
    """Return the kind of a part, and how many labels the cell has now."""
    parts = lattice_of_parts(tables.lattice)
    x = (parts.first_x + cell.column * PARTS_X + column + 0.5) * parts.side_x
    y = (parts.first_y + cell.row * PARTS_Y + row + 0.5) * parts.side_y
    label = walk(tables, cell.border, x, y, True)
    for kind in range(labels):
        if tables.halves[cell.border, FIRST_LABEL + kind] == label:
            return kind, labels
    if labels == LABELS:
        return TOUCHED, labels
    tables.halves[cell.border, FIRST_LABEL + labels] = label
    return labels, labels + 1
