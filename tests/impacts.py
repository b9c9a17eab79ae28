"""Redraws of the small street, and asking what they would change."""

import shapely

from geo_service.layers.area import area_set
from geo_service.services.impact.look import ImpactOptions
from geo_service.services.impact.redrawing import no_others, redrawing_of
from tests.houses import (
    CALLER,
    SOUTH,
    STEP,
    WEST,
    grid_code,
    square,
    street_boundaries,
)
from tests.registers import WEST_COMMUNITY

A, B, C, D = grid_code(0, 0), grid_code(1, 0), grid_code(0, 1), grid_code(1, 1)
"""The grids of the western community: south-west, south-east, north-west, north-east."""
E = grid_code(2, 0)
"""The grid of the eastern community beside B."""
HALF = 0.5


def redrawn(outlines, parents=None, content=None):
    """Return the street whose grids have other outlines; None takes a grid away."""
    content = content or street_boundaries()
    grids = content["grid"]
    told = dict(zip(grids.codes, grids.geometries, strict=True)) | outlines
    above = dict(zip(grids.codes, grids.parents, strict=True)) | (parents or {})
    names = dict(zip(grids.codes, grids.names, strict=True))
    codes = [code for code, outline in told.items() if outline is not None]
    grids = area_set(
        "grid",
        codes=codes,
        names=[names.get(code, code) for code in codes],
        parents=[above.get(code, WEST_COMMUNITY) for code in codes],
        geometries=[told[code] for code in codes],
    )
    return {**content, "grid": grids}


def split(share=HALF):
    """Return the street whose grid A keeps the western part of itself, and A2 has the rest."""
    x, y = WEST + share * STEP, SOUTH
    return redrawn(
        {
            A: shapely.box(WEST, y, x, y + STEP),
            "A2": shapely.box(x, y, WEST + STEP, y + STEP),
        }
    )


def given_away(share=0.25):
    """Return the street whose grid B gives the eastern part of itself to E, over the border."""
    x, y = WEST + (2 - share) * STEP, SOUTH
    content = redrawn(
        {
            B: shapely.box(WEST + STEP, y, x, y + STEP),
            E: shapely.union(shapely.box(x, y, WEST + 2 * STEP, y + STEP), square(2, 0)),
        }
    )
    of = dict(zip(content["grid"].codes, content["grid"].geometries, strict=True))
    west = [A, B, C, D]
    east = [code for code in of if code not in west]
    return {
        **content,
        "community": content["community"].with_geometries(
            shapely.from_wkb(
                shapely.to_wkb([shapely.union_all([of[code] for code in e]) for e in (west, east)])
            )
        ),
    }


def between(house, after, before=None, **options):
    with house.workspace.database.read() as connection:
        base = house.workspace.edition(connection)
        before = before or street_boundaries()
        return both_ways(house, connection, base, (before, after), ImpactOptions(**options))


def both_ways(house, connection, base, sides, options):
    """Ask on ground read for the question alone, and as steps of drafts do; both tell the same."""
    house.workspace.forget_locators()
    alone = house.impact.between(connection, base, *sides, options)
    told = redrawing_of(*sides)
    step = house.impact.of_step(connection, base, told, options, no_others)
    for name in ("layers", "renoded", "owners", "moves_total", "moves"):
        assert getattr(step, name) == getattr(alone, name), name
    return alone


def layer_of(impact, name="grid"):
    return next(each for each in impact.layers if each.layer == name)


def area_of(impact, code, name="grid"):
    return next(each for each in layer_of(impact, name).areas if each.code == code)


def report(house, *points, **told):
    """Take issues in, one in the middle of each cell (column, row), moved east by parts of it."""
    rows = [
        {
            "source": "12345",
            "external_id": f"{told.get('name', '')}{number}",
            "reported_at": "2026-11-20 08:00",
            "frame": "EPSG:4490",
            "x": WEST + column * STEP,
            "y": SOUTH + row * STEP,
            **{key: value for key, value in told.items() if key != "name"},
        }
        for number, (column, row) in enumerate(points)
    ]
    house.issues.batch(CALLER, rows, is_updating=True)
