"""Drafts in tests: begun, drawn in, and read back by another process."""

import shapely

from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw.asked.operation import Split
from geo_service.services.boundaries.editions import EditionService
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.storage import editions
from tests.houses import CALLER, SOUTH, STEP, WEST, grid_code, open_house

A, B, C, D = (grid_code(column, row) for row in (0, 1) for column in (0, 1))
"""The grids of the western community: south-west, south-east, north-west, north-east."""

NOW = PublicationAsked("调整网格")


def grid(code):
    """Return what names a grid."""
    return AreaKey("grid", code)


def at(x, y):
    """Return a place by columns and rows of the street."""
    return WEST + x * STEP, SOUTH + y * STEP


def across(code=A, *, codes=("N1", "N2"), x=0.5, y=0, **told):
    """Return the split of a grid along a meridian, from the south of it to its north."""
    line = (at(x, y - 0.25), at(x, y + 1.25))
    return Split(grid(code), line, codes, **told)


def begin(house, name="试改"):
    """Begin a draft on the edition in force and return its number."""
    return house.drafts.begin(CALLER, name).id


def content(house, draft):
    """Return everything in a draft as it would be stored, read in a house opened anew."""
    workspace = house.workspace
    with workspace.database.read() as connection:
        row = house.drafts.draft(CALLER, draft).row
        base = editions.read_boundaries(connection, row.base_edition)
    state = house.drafts.state(CALLER, draft).state
    return editions.content_of(state.boundaries(base))


def reopened(house, folder):
    """Return the same house after a restart."""
    house.close()
    return open_house(folder, clock=house.workspace.now_s)


def stored(house, number):
    """Return everything in an edition as it is stored."""
    with house.workspace.database.read() as connection:
        return editions.read_content(connection, number)


def outlines(house, layer, number=None):
    """Return code → outline of a layer of an edition, the newest without a number."""
    known = EditionService(house.workspace).editions(CALLER)
    chosen = number or known[-1].number
    return {
        code: shapely.from_wkb(row[3])
        for (name, code), row in stored(house, chosen).items()
        if name == layer
    }
