"""Distances around a point on a flat map, whose scales are the ellipsoid's.

Short ones are right to a millionth per meter, and equally wrong in all directions to far better
than that. They choose; what is told is measured in a metric frame.
"""

import math

from geo_service.layers.area import Floats
from geo_service.layers.frames.edge import ECCENTRICITY_SQUARED, SEMI_MAJOR_M
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.lattice import Lattice

Around = tuple[float, float, float, float]
"""A point, and the meters per degree of longitude and of latitude around it."""


@compiled
def around_of(x: float, y: float) -> Around:
    """Return a point with the meters per degree of longitude and latitude around it.

    Snyder, Map Projections: A Working Manual, 1987, formulas 4-18 and 4-19, ellipsoid of CGCS2000.
    """
    squared = 1.0 - ECCENTRICITY_SQUARED * math.sin(math.radians(y)) ** 2
    along = SEMI_MAJOR_M * math.cos(math.radians(y)) / math.sqrt(squared)
    across = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / squared**1.5
    return x, y, math.radians(max(along, 1.0)), math.radians(across)


@compiled
def block_of(lattice: Lattice, around: Around, reach_m: float) -> tuple[int, int, int, int]:
    """Return the first and last row, then column, of the cells within a reach; maybe none."""
    x, y, scale_x, scale_y = around
    width, height = reach_m / scale_x, reach_m / scale_y
    last_row, last_column = lattice.rows - 1.0, lattice.columns - 1.0
    south = max(0.0, math.floor((y - height) / lattice.side_y) - lattice.first_y)
    north = min(last_row, math.floor((y + height) / lattice.side_y) - lattice.first_y)
    west = max(0.0, math.floor((x - width) / lattice.side_x) - lattice.first_x)
    east = min(last_column, math.floor((x + width) / lattice.side_x) - lattice.first_x)
    return int(south), int(north), int(west), int(east)


@compiled
def foot_on(numbers: Floats, at: int, around: Around) -> tuple[float, float, float]:
    """Return the point of an edge that is nearest to the middle, and how far that is."""
    x, y, scale_x, scale_y = around
    ax, ay, bx, by = numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]
    off_x, off_y = (x - ax) * scale_x, (y - ay) * scale_y
    along_x, along_y = (bx - ax) * scale_x, (by - ay) * scale_y
    share = (off_x * along_x + off_y * along_y) / (along_x * along_x + along_y * along_y)
    if share <= 0.0:
        foot_x, foot_y = ax, ay
    elif share >= 1.0:
        foot_x, foot_y = bx, by
    else:
        foot_x, foot_y = ax + share * (bx - ax), ay + share * (by - ay)
    off_x, off_y = (foot_x - x) * scale_x, (foot_y - y) * scale_y
    return foot_x, foot_y, math.sqrt(off_x * off_x + off_y * off_y)
