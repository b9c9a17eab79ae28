"""A small house for tests: a real database, the generic profile, a street of square grids.

The street is 4 × 2 squares of 0.001 degrees from (120.000, 30.000): community 9990010101 holds the
two western columns, 9990010102 the two eastern ones. Grids are numbered row by row from the south.
All coordinates are multiples of 1/1024 degree, so they are exact in binary.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import shapely

from geo_service.app import read_profile
from geo_service.layers.area import AreaSet, area_set
from geo_service.layers.edition import Edition
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.page_facts import PageFacts
from geo_service.services.service_set import ServiceSet, service_set
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Database
from tests.databases import attachment_folder, database_url, index_folder

WEST, SOUTH, STEP = 120.0, 30.0, 1 / 1024
CALLER = LOCAL_ADMINISTRATOR
NOW_S = 1_795_190_400  # 2026-11-21 00:00 Asia/Shanghai
LONG_AGO_S = 1_700_000_000

STREET_LAYERS = """
[[layers]]
name = "district"

[[layers]]
name = "street"
parent = "district"

[[layers]]
name = "community"
parent = "street"

[[layers]]
name = "grid"
title_zh = "网格"
parent = "community"
"""
"""The layers of the street, for a profile of one's own."""


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now_s: int = NOW_S) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return float(self.now_s)


def open_house(
    folder: Path, *, profile: str = "generic", clock: Callable[[], float] | None = None
) -> ServiceSet:
    """Open a new house, or the one that stands in the folder."""
    workspace = Workspace(
        Database(database_url(folder)),
        read_profile(profile),
        now_s=clock or Clock(),
        index_folder=index_folder(folder),
        attachment_folder=str(attachment_folder(folder)),
    )
    workspace.open()
    return service_set(workspace, PageFacts(secrecy_notice="非涉密"))


def square(column: int, row: int, columns: int = 1, rows: int = 1) -> shapely.Polygon:
    """Return a block of squares of the street, every corner of the squares being a node."""
    x = [WEST + (column + i) * STEP for i in range(columns + 1)]
    y = [SOUTH + (row + i) * STEP for i in range(rows + 1)]
    ring = [(each, y[0]) for each in x]
    ring += [(x[-1], each) for each in y[1:]]
    ring += [(each, y[-1]) for each in x[-2::-1]]
    ring += [(x[0], each) for each in y[-2:0:-1]]
    return shapely.Polygon(ring)


def center(column: int, row: int) -> tuple[float, float]:
    """Return the middle of a grid."""
    return WEST + (column + 0.5) * STEP, SOUTH + (row + 0.5) * STEP


def grid_code(column: int, row: int) -> str:
    """Return the code of a grid."""
    return f"999001010{1 + column // 2}0{1 + row * 4 + column}"


def street_boundaries() -> dict[str, AreaSet]:
    """Return the street: one district, one street, two communities, eight grids."""
    cells = [(column, row) for row in range(2) for column in range(4)]
    return {
        "district": area_set(
            "district", codes=["999001"], names=["示例区"], geometries=[square(0, 0, 4, 2)]
        ),
        "street": area_set(
            "street",
            codes=["99900101"],
            names=["示例街道"],
            parents=["999001"],
            geometries=[square(0, 0, 4, 2)],
        ),
        "community": area_set(
            "community",
            codes=["9990010101", "9990010102"],
            names=["西社区", "东社区"],
            parents=["99900101"] * 2,
            geometries=[square(0, 0, 2, 2), square(2, 0, 2, 2)],
        ),
        "grid": area_set(
            "grid",
            codes=[grid_code(*cell) for cell in cells],
            names=[f"第{i}网格" for i in range(1, 9)],
            parents=[f"999001010{1 + column // 2}" for column, _ in cells],
            geometries=[square(*cell) for cell in cells],
        ),
    }


def swapped_street() -> dict[str, AreaSet]:
    """Return the street with its two south-western grids in each other's place."""
    boundaries = street_boundaries()
    grids = boundaries["grid"]
    places = grids.geometries.copy()
    places[[0, 1]] = places[[1, 0]]
    return {**boundaries, "grid": grids.with_geometries(places)}


def publish_street(
    house: ServiceSet, *, effective_from_s: int = LONG_AGO_S, prepared_on: int = 0
) -> None:
    """Publish the street, as the first edition or as the one after ``prepared_on``."""
    areas = street_boundaries()
    publish_areas(
        house, areas, on=prepared_on, effective_from_s=effective_from_s, reason="the street"
    )


def publish_areas(
    house: ServiceSet,
    areas: Mapping[str, AreaSet],
    *,
    on: int,
    effective_from_s: int = NOW_S,
    is_correction: bool = False,
    reason: str = "test",
) -> Edition:
    """Publish areas that were prepared on an edition, 0 for none, and return the new one."""
    made = Publication(areas, on, effective_from_s, is_correction, reason)
    with house.workspace.database.write() as connection:
        return publish(house.workspace, connection, CALLER, made)
