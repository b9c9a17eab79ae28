"""Houses of the western community of the test street, and lists of them."""

import numpy as np
import shapely

from geo_service.layers.files import write_csv
from geo_service.services.building_lists.plans import DeriveOptions
from geo_service.services.building_lists.rows import ListRow
from geo_service.storage.references import replace_references
from tests.drafting import NOW, A, B, C, D, at, begin
from tests.houses import CALLER

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


QUARTERS = {
    A: numbered(1, 2, 5, 6),
    B: numbered(3, 4, 7, 8),
    C: numbered(9, 10, 13, 14),
    D: numbered(11, 12, 15, 16),
}
"""Each list names what stands in its grid as the street has it."""


def drawn_by_lists(house, lists=None):
    """Return a draft that derives the grids from lists, those of the street's quarters if none."""
    number = begin(house)
    told = QUARTERS if lists is None else lists
    rows = [ListRow(0, code, name) for code, names in told.items() for name in names]
    house.draft_derivations.derive(CALLER, number, rows, DeriveOptions("grid"))
    return number


def publish_lists(house, *, after_s=86_400):
    """Publish the quarters as building lists, a day later; return the edition's number."""
    draft = drawn_by_lists(house)
    house.workspace.now_s.now_s += after_s
    return house.draft_publications.publish(CALLER, draft, NOW).number
