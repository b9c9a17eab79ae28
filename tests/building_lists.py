"""Houses of the western community of the test street, and lists of them."""

import numpy as np
import shapely

from geo_service.layers.files import write_csv
from geo_service.storage.references import replace_references
from tests.drafting import at

COMMUNITY = "9990010101"
SPOTS = {
    f"{number}号楼": (x, y)
    for number, (y, x) in enumerate(
        ((y, x) for y in (0.25, 0.75, 1.25, 1.75) for x in (0.25, 0.75, 1.25, 1.75)), start=1
    )
}
"""Sixteen houses, four rows of four from the south-west, in columns and rows of the street.

1 and 2, 5 and 6 stand in grid A; 3 and 4, 7 and 8 in B; 9, 10, 13, 14 in C; the others in D.
"""


def build(house, spots=SPOTS, *, codes=None):
    """Load these houses as the reference features; all that stood before are gone."""
    shapes = [
        shapely.box(*at(x - 0.05, y - 0.05), *at(x + 0.05, y + 0.05)) for x, y in spots.values()
    ]
    with house.workspace.database.write() as connection:
        geometries = np.array(shapes, dtype=object)
        names = [name.partition("|")[0] for name in spots]
        replace_references(
            connection, kind="building", names=names, geometries=geometries, codes=codes
        )


def numbered(*numbers):
    """Return the names of houses by their numbers."""
    return [f"{number}号楼" for number in numbers]


def write_lists(path, lists, *, headings=("网格编码", "楼栋")):
    """Write code → names of buildings as an office would, a row for each building."""
    rows = [(code, name) for code, names in lists.items() for name in names]
    write_csv(path, headings=headings, rows=rows)
    return path


def middle(spot):
    """Return the middle of a house."""
    return shapely.Point(at(*spot))
