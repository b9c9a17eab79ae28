"""A street whose overlays take categories from its grids.

The generic profile's layers, and over them two dedicated grids that overlap, a lane through the
southern row, and estates, which take nothing::

    row 1   B2  B2
    row 0   B1  A1+B1  A1        the lane runs along the middle of row 0, columns 0 to 2
            0   1      2    3

A third, Z9, lies apart, where no grid is.
"""

from pathlib import Path

import shapely

from geo_service.layers.area import AreaSet, area_set
from geo_service.services.service_set import ServiceSet
from tests.houses import (
    LONG_AGO_S,
    SOUTH,
    STEP,
    STREET_LAYERS,
    WEST,
    open_house,
    publish_areas,
    square,
    street_boundaries,
)

PROFILE = f"""{STREET_LAYERS}
[[layers]]
name = "estate"
title_zh = "小区"
overlay = true

[[layers]]
name = "dedicated_grid"
title_zh = "专属网格"
overlay = true
overrides = ["市容秩序", "物业与设施/供电"]

[[layers]]
name = "lane"
title_zh = "街巷"
overlay = true
geometry = "line"
reach_m = 15
overrides = ["流动商贩", "出行停车／违停"]
"""

DEDICATED = {
    "A1": square(1, 0, 2, 1),
    "B1": square(0, 0, 2, 1),
    "B2": square(0, 1, 2, 1),
    "Z9": square(0, -3),
}


def overlay_areas(**dedicated: shapely.Polygon) -> dict[str, AreaSet]:
    """Return the overlays; ``dedicated`` replaces outlines of dedicated grids."""
    shapes = DEDICATED | dedicated
    middle = SOUTH + STEP / 2
    lane = shapely.LineString([(WEST, middle), (WEST + 3 * STEP, middle)])
    return {
        "estate": area_set("estate", codes=["E1"], names=["小区甲"], geometries=[square(0, 0)]),
        "dedicated_grid": area_set(
            "dedicated_grid",
            codes=list(shapes),
            names=[f"园区{code}" for code in shapes],
            geometries=list(shapes.values()),
        ),
        "lane": area_set("lane", codes=["L1"], names=["示例巷"], geometries=[lane]),
    }


def profile_file(folder: Path) -> str:
    """Write the profile into a folder and return its path."""
    path = folder / "overlays.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return str(path)


def open_overlaid_house(folder: Path) -> ServiceSet:
    """Open a house in a folder and publish the street with its overlays."""
    house = open_house(folder, profile=profile_file(folder))
    publish_overlaid(house, prepared_on=0)
    return house


def publish_overlaid(house: ServiceSet, *, prepared_on: int, **dedicated: shapely.Polygon) -> None:
    """Publish the street with its overlays, some dedicated grids elsewhere."""
    areas = {**street_boundaries(), **overlay_areas(**dedicated)}
    publish_areas(house, areas, on=prepared_on, effective_from_s=LONG_AGO_S + prepared_on)
