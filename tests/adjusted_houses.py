"""A street with buildings and roads that three editions of one year changed.

Of the four western grids, south-west (A) is cut in half, its east half being N1; north-west (C)
takes north-east (D); and grid (2, 0) gets another name, which looks like a formula. Edition 1 is in
force since long ago; the others follow from 2026-03-01, 2026-06-01 and 2026-09-01 on.

Buildings, 1/32 of a grid wide, stand in each grid of the west: three in its western half and two in
its eastern one, of which the last has no name.
"""

from datetime import date

import numpy as np
import shapely

from geo_service.governance.moment import day_start
from geo_service.layers.redraw.asked.operation import Merge, Rename
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.services.service_set import ServiceSet
from tests.drafting import A, C, D, across, at, begin, grid
from tests.houses import CALLER, NOW_S, SOUTH, STEP, WEST, Clock, center, grid_code, publish_street
from tests.served_houses import tell

E_CODE = grid_code(2, 0)
FORMULA = "=1+1"
STEPS = ((2026, 3), (2026, 6), (2026, 9))
RESIDENTS = {A: 101, C: 70, D: 20}
HOUSEHOLDS = {A: 40, C: 30, D: 10}
_PLACES = ((-0.4, 0.1), (-0.3, -0.2), (-0.2, 0.3), (0.2, 0.2), (0.3, -0.3))


def first_of(year: int, month: int) -> int:
    """Return the first moment of a month in Shanghai, in seconds since 1970."""
    return int(day_start(date(year, month, 1)).timestamp())


def adjust(house: ServiceSet, clock: Clock) -> None:
    """Publish the street and its three changes, each as it takes effect, and go on to NOW_S."""
    clock.now_s = first_of(2026, 1)
    publish_street(house)
    add_surroundings(house)
    tell(house, "grid", "residents", **RESIDENTS)
    tell(house, "grid", "households", **HOUSEHOLDS)
    changes = (
        (across(A, codes=("N1",), keep=at(0.25, 0.5)), "网格过大"),
        (Merge((grid(C), grid(D)), C), "人少合并"),
        (Rename(grid(E_CODE), name=FORMULA), "改名"),
    )
    for (operation, reason), month in zip(changes, STEPS, strict=True):
        clock.now_s = first_of(*month)
        publish_step(house, operation, reason)
    clock.now_s = NOW_S


def publish_step(house: ServiceSet, operation: object, reason: str) -> None:
    """Publish one operation as an edition that takes effect now."""
    draft = begin(house, reason)
    house.drafts.perform(CALLER, draft, operation)
    house.draft_publications.publish(CALLER, draft, PublicationAsked(reason, consulted="居委会"))


def add_surroundings(house: ServiceSet) -> None:
    """Draw buildings in the west, a road along the middle of the street, a river in its south."""
    half, shapes, names = STEP / 64, [], []
    for column in (0, 1):
        for row in (0, 1):
            x, y = center(column, row)
            for k, (dx, dy) in enumerate(_PLACES):
                lon, lat = x + dx * STEP, y + dy * STEP
                shapes.append(shapely.box(lon - half, lat - half, lon + half, lat + half))
                names.append("" if k == len(_PLACES) - 1 else f"虚构里{column}{row}-{k}号楼")
    lines = {"road_main": ("示例大街", SOUTH + STEP), "water": ("虚构河", SOUTH - STEP / 20)}
    replace = house.figures.replace_references
    replace(CALLER, "building", names=names, geometries=_column(shapes))
    for kind, (name, lat) in lines.items():
        line = shapely.LineString([(WEST - STEP, lat), (WEST + 5 * STEP, lat)])
        replace(CALLER, kind, names=[name], geometries=_column([line]))


def _column(shapes):
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found
