"""Which cells of a lattice an edge touches: never too few."""

from geo_service.layers.area import Floats
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.lattice import Lattice, column_of, row_of

_ROUNDING = 16 * 2.0**-53
"""More than the relative error of a place computed on an edge."""


@compiled
def rows_of(ends: Floats, lattice: Lattice) -> tuple[int, int]:
    """Return the rows that an edge touches, the last one included."""
    return row_of(lattice, min(ends[1], ends[3])), row_of(lattice, max(ends[1], ends[3]))


@compiled
def columns_of(ends: Floats, lattice: Lattice, row: int) -> tuple[int, int]:
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
