"""Finding owners: cells and parts that one area fills answer at once, in the others points walk.

The walk goes from the cell's south-western corner along its western side to the point's latitude,
then east to the point. Every edge it crosses changes the label by ``left ^ right``; labels
telescope along the way, so neither the order nor the number of crossings matters.

Points are answered in blocks, step by step: what the next step reads from memory is asked for
before, for all points that take it, so that none waits alone.
"""

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions
from geo_service.layers.index.cells import (
    CORNER,
    FIRST_LABEL,
    TOUCHED,
    Cells,
    Tables,
    Words,
    edge_of,
    entries_of,
    kind_of,
    opened,
    value_at,
)
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.lattice import PARTS_X, PARTS_Y, Lattice
from geo_service.layers.index.orientation import orientation, side_beside

_BLOCK = 4096
_LOW_HALF = 0xFFFFFFFF
_SECOND_LINE = 8
"""Words from a cell's first edge to the next line of memory."""

ON_BORDER = -1
"""What a walk returns for a point exactly on an edge."""


@compiled
def find_owners(
    index: Words, x: Floats, y: Floats, positions: Positions, shared: NDArray[np.bool_]
) -> tuple[int, int]:
    """Write the owner of each point (-1 for none), and mark those on a border of several areas.

    ``positions`` and ``shared`` have the points' length; ``shared`` comes in all False. Returned
    is how many points have no owner, and a number that means nothing: without it the compiler
    would drop the early reads.
    """
    tables = opened(index)
    cells = np.empty(_BLOCK, dtype=np.int32)
    waiting = np.empty(_BLOCK, dtype=np.int32)
    early, without_owner = 0, 0
    for start in range(0, len(x), _BLOCK):
        block = slice(start, min(start + _BLOCK, len(x)))
        found = positions[block]
        _find_cells(tables.lattice, x[block], y[block], cells)
        count, nobody = _answer_by_cells(tables, cells, found, waiting)
        early ^= _read_borders(tables, found, waiting[:count])
        count, nobody_there = _answer_by_parts(tables, x[block], y[block], found, waiting[:count])
        early ^= _read_edges(tables, found, waiting[:count])
        without_owner += nobody + nobody_there
        for i in waiting[:count]:
            border = -2 - int(found[i])
            owner = _owner_by_walk(tables, border, x[start + i], y[start + i])
            found[i], shared[start + i] = owner
            without_owner += found[i] < 0
    return without_owner, early


@compiled
def _find_cells(lattice: Lattice, x: Floats, y: Floats, cells: Cells) -> None:
    """Write each point's cell, the one past the last for what lies outside and for NaN."""
    scale_x, scale_y = 1.0 / lattice.side_x, 1.0 / lattice.side_y
    first_x, first_y = lattice.first_x, lattice.first_y
    columns, rows = float(lattice.columns), float(lattice.rows)
    for i in range(len(x)):  # no branch: several points at once
        column = np.floor(x[i] * scale_x) - first_x
        row = np.floor(y[i] * scale_y) - first_y
        is_inside = (column >= 0.0) & (column < columns) & (row >= 0.0) & (row < rows)
        cells[i] = np.int32(row * columns + column if is_inside else rows * columns)


@compiled
def _answer_by_cells(
    tables: Tables, cells: Cells, found: Positions, waiting: Cells
) -> tuple[int, int]:
    """Write what cells answer, and who waits; return how many wait, and how many nobody owns.

    Who waits is found in -2 minus the number of the border cell.
    """
    count, nobody = 0, 0
    for i in range(len(found)):
        value = tables.cells[cells[i]]
        found[i] = value - 1
        waiting[count] = i
        count += value < 0
        nobody += value == 0
    return count, nobody


@compiled
def _read_borders(tables: Tables, found: Positions, waiting: Cells) -> int:
    early = 0
    for i in waiting:
        early ^= tables.borders[-2 - int(found[i]), 0]
    return early


@compiled
def _answer_by_parts(
    tables: Tables, x: Floats, y: Floats, found: Positions, waiting: Cells
) -> tuple[int, int]:
    """Write what parts answer, and who still waits; return as ``_answer_by_cells`` does."""
    scale_x, scale_y = PARTS_X / tables.lattice.side_x, PARTS_Y / tables.lattice.side_y
    count, nobody = 0, 0
    for i in waiting:
        border = -2 - int(found[i])
        kind = kind_of(tables, border, _part(x[i] * scale_x, y[i] * scale_y))
        label = tables.halves[border, FIRST_LABEL + kind]
        is_waiting = kind == TOUCHED
        waiting[count] = i
        count += is_waiting
        found[i] = found[i] if is_waiting else label - 1
        nobody += (label == 0) & (not is_waiting)
    return count, nobody


@compiled
def _part(x: float, y: float) -> int:
    """Return the part of its cell that a point lies in, by its place in the lattice of parts."""
    return int(np.floor(y)) % PARTS_Y * PARTS_X + int(np.floor(x)) % PARTS_X


@compiled
def _read_edges(tables: Tables, found: Positions, waiting: Cells) -> int:
    early, last = 0, len(tables.words) - 1
    for i in waiting:
        entry, _ = entries_of(tables, -2 - int(found[i]))
        at = edge_of(tables, entry)
        early ^= tables.words[at] ^ tables.words[min(at + _SECOND_LINE, last)]
    return early


@compiled
def depths_of(positions: Positions, depth: int) -> NDArray[np.int8]:
    """Return the depth for each point that has an owner, -1 for each that has none."""
    depths = np.empty(len(positions), dtype=np.int8)
    for i in range(len(positions)):
        depths[i] = depth if positions[i] >= 0 else -1
    return depths


@compiled
def find_owner(index: Words, x: float, y: float) -> tuple[int, bool]:
    """Return the owner of one point (-1 for none), and whether several areas meet there."""
    tables = opened(index)
    value = value_at(tables, x, y)
    if value >= 0:
        return value - 1, False
    label = _label_by_part(tables, ~value, x, y)
    if label >= 0:
        return label - 1, False
    return _owner_by_walk(tables, ~value, x, y)


@compiled
def _label_by_part(tables: Tables, border: int, x: float, y: float) -> int:
    """Return the label of the part of a border cell that a point lies in; -1 for a touched one."""
    lattice = tables.lattice
    part = _part(x / lattice.side_x * PARTS_X, y / lattice.side_y * PARTS_Y)
    kind = kind_of(tables, border, part)
    return -1 if kind == TOUCHED else int(tables.halves[border, FIRST_LABEL + kind])


@compiled
def _owner_by_walk(tables: Tables, border: int, x: float, y: float) -> tuple[int, bool]:
    label = walk(tables, border, x, y, True)
    if label == ON_BORDER:
        return owner_on_border(tables, border, x, y)
    return label - 1, False


@compiled
def walk(tables: Tables, border: int, x: float, y: float, is_stopping: bool) -> int:
    """Return the label at a point of a border cell.

    A point exactly on an edge is ON_BORDER, or unless ``is_stopping`` it counts as lying a breath
    east and a hair north.
    """
    words, numbers, lattice = tables.words, tables.numbers, tables.lattice
    corner_x = np.floor(x / lattice.side_x) * lattice.side_x
    corner_y = np.floor(y / lattice.side_y) * lattice.side_y
    label = int(tables.halves[border, CORNER])
    start, stop = entries_of(tables, border)
    for entry in range(start, stop):
        at = edge_of(tables, entry)
        ax = numbers[at]
        if x < ax:  # both legs of the walk pass west of it
            continue
        ay, bx, by = numbers[at + 1], numbers[at + 2], numbers[at + 3]
        change = (words[at + 4] & _LOW_HALF) ^ (words[at + 4] >> 32)
        low, high = min(ay, by), max(ay, by)
        side = _side_on_level(bx, x, by > ay)
        if x <= bx and low <= y <= high:
            side = orientation(ax, ay, bx, by, x, y)
            if side == 0:
                if is_stopping:
                    return ON_BORDER
                side = side_beside(ax, ay, bx, by, x, y)
        at_turn = _side_on_level(bx, corner_x, by > ay)
        if ax <= corner_x < bx and low <= y and corner_y <= high:
            at_turn = side_beside(ax, ay, bx, by, corner_x, y)
            if at_turn != side_beside(ax, ay, bx, by, corner_x, corner_y):
                label ^= change
        # which way this goes is anyone's guess: multiplied, not branched on
        label ^= change * int((low <= y) & (y < high) & (side != at_turn))
    return label


@compiled
def _side_on_level(bx: float, x: float, is_rising: bool) -> int:
    """Return the side of a point level with an edge that lies wholly east or west of it."""
    return -1 if (x >= bx) == is_rising else 1


@compiled
def owner_on_border(tables: Tables, border: int, x: float, y: float) -> tuple[int, bool]:
    """Return the lowest of the areas that meet in a point, and whether there are several."""
    lowest, highest = 2**31, 0
    start, stop = entries_of(tables, border)
    for entry in range(start, stop):
        at = edge_of(tables, entry)
        if is_on_edge(tables.numbers, at, x, y):
            first, second = tables.words[at + 4] & _LOW_HALF, tables.words[at + 4] >> 32
            lowest, highest = min(lowest, first), max(highest, first)
            if second > 0:
                lowest, highest = min(lowest, second), max(highest, second)
    return lowest - 1, lowest != highest


@compiled
def labels_at(index: Words, x: float, y: float) -> Words:
    """Return the labels of all areas that hold a point, borders included, ascending."""
    tables = opened(index)
    value = value_at(tables, x, y)
    if value >= 0:
        return np.array([value]) if value > 0 else np.empty(0, dtype=np.int64)
    label = walk(tables, ~value, x, y, True)
    if label != ON_BORDER:
        return np.array([label]) if label > 0 else np.empty(0, dtype=np.int64)
    found = []
    start, stop = entries_of(tables, ~value)
    for entry in range(start, stop):
        at = edge_of(tables, entry)
        if is_on_edge(tables.numbers, at, x, y):
            found.append(tables.words[at + 4] & _LOW_HALF)
            if tables.words[at + 4] >> 32 > 0:
                found.append(tables.words[at + 4] >> 32)
    return np.unique(np.array(found))


@compiled
def is_on_edge(numbers: Floats, at: int, x: float, y: float) -> bool:
    """Whether a point lies exactly on the edge whose coordinates stand at ``at``, ends included."""
    ax, ay, bx, by = numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]
    if x < ax or x > bx or y < min(ay, by) or y > max(ay, by):
        return False
    return orientation(ax, ay, bx, by, x, y) == 0
