"""Finding owners: cells that one area fills answer at once, border cells walk from their corner.

The walk goes from the cell's south-western corner along its western side to the point's latitude,
then east to the point. Every edge it crosses changes the label by ``left ^ right``; labels
telescope along the way, so neither the order nor the number of crossings matters.
"""

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions
from geo_service.layers.index.cells import WORDS_PER_EDGE, Tables, Words, opened
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.orientation import orientation, side_beside

_BLOCK = 4096
_LOW_HALF = 0xFFFFFFFF
_SECOND_LINE = 12
"""Words from the start of a record to the second next line of memory, usually its last."""

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
    lattice, cells = tables.lattice, tables.cells.ravel()
    scale_x, scale_y = 1.0 / lattice.side_x, 1.0 / lattice.side_y
    columns, rows = float(lattice.columns), float(lattice.rows)
    waiting = np.empty(_BLOCK, dtype=np.int64)
    early, without_owner, last = 0, 0, len(tables.words) - 1
    for start in range(0, len(x), _BLOCK):
        count = 0
        for i in range(start, min(start + _BLOCK, len(x))):
            column = np.floor(x[i] * scale_x) - lattice.first_x
            row = np.floor(y[i] * scale_y) - lattice.first_y
            value = 0
            if 0.0 <= column < columns and 0.0 <= row < rows:  # never true of NaN
                value = cells[int(row) * lattice.columns + int(column)]
            positions[i] = value - 1
            waiting[count] = i
            count += value < 0
            without_owner += value == 0
        for k in range(count):  # records come from memory while none is waited for
            head = -2 - int(positions[waiting[k]])
            early ^= tables.words[head] ^ tables.words[head + WORDS_PER_EDGE]
            early ^= tables.words[min(head + _SECOND_LINE, last)]
        for k in range(count):
            i = waiting[k]
            head = -2 - int(positions[i])
            positions[i], shared[i] = _owner_in_cell(tables, head, x[i], y[i])
            without_owner += positions[i] < 0
    return without_owner, early


@compiled
def find_owner(index: Words, x: float, y: float) -> tuple[int, bool]:
    """Return the owner of one point (-1 for none), and whether several areas meet there."""
    tables = opened(index)
    value = value_at(tables, x, y)
    if value >= 0:
        return value - 1, False
    return _owner_in_cell(tables, ~value, x, y)


@compiled
def value_at(tables: Tables, x: float, y: float) -> int:
    """Return what the cell of a point holds; 0 outside the lattice and for NaN."""
    lattice = tables.lattice
    column = np.floor(x / lattice.side_x) - lattice.first_x
    row = np.floor(y / lattice.side_y) - lattice.first_y
    if 0.0 <= column < lattice.columns and 0.0 <= row < lattice.rows:
        return int(tables.cells[int(row), int(column)])
    return 0


@compiled
def _owner_in_cell(tables: Tables, head: int, x: float, y: float) -> tuple[int, bool]:
    label = walk(tables, head, x, y, True)
    if label == ON_BORDER:
        return owner_on_border(tables, head, x, y)
    return label - 1, False


@compiled
def walk(tables: Tables, head: int, x: float, y: float, is_stopping: bool) -> int:
    """Return the label at a point of the border cell with the record at ``head``.

    A point exactly on an edge is ON_BORDER, or unless ``is_stopping`` it counts as lying a breath
    east and a hair north.
    """
    words, numbers, lattice = tables.words, tables.numbers, tables.lattice
    corner_x = np.floor(x / lattice.side_x) * lattice.side_x
    corner_y = np.floor(y / lattice.side_y) * lattice.side_y
    label = int(words[head] & _LOW_HALF)
    for at in range(head + 1, head + 1 + WORDS_PER_EDGE * (words[head] >> 32), WORDS_PER_EDGE):
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
def owner_on_border(tables: Tables, head: int, x: float, y: float) -> tuple[int, bool]:
    """Return the lowest of the areas that meet in a point, and whether there are several."""
    lowest, highest = 2**31, 0
    for at in range(
        head + 1, head + 1 + WORDS_PER_EDGE * (tables.words[head] >> 32), WORDS_PER_EDGE
    ):
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
    head = ~value
    label = walk(tables, head, x, y, True)
    if label != ON_BORDER:
        return np.array([label]) if label > 0 else np.empty(0, dtype=np.int64)
    found = []
    for at in range(
        head + 1, head + 1 + WORDS_PER_EDGE * (tables.words[head] >> 32), WORDS_PER_EDGE
    ):
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
