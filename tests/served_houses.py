"""The street of ``tests.overlays`` with facilities, buildings, and figures.

A facility of each kind that matters stands in the middle of a grid: a center with a radius of its
own of 40 m in (0, 0), one with that of its kind in (3, 1), a post whose kind has none in (1, 1),
another whose kind has 0 in (2, 1), and a center that is told by its grid alone, without a place. Of
the buildings, H1 and H2 stand in grid (0, 0), the first in the circle, the second in a corner; H3
in (1, 0).
"""

from pathlib import Path

import shapely

from geo_service.layers.area import area_set
from geo_service.services.service_set import ServiceSet
from geo_service.storage.figures import Figure
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    STEP,
    center,
    grid_code,
    publish_areas,
    street_boundaries,
)
from tests.overlays import PROFILE, overlay_areas

OWN_M, KIND_M = 40.0, 30.0
KINDS = f"""
[[layers]]
name = "building"
overlay = true

[[facility_kinds]]
name = "service_center"
title_zh = "党群服务中心"
radius_m = {KIND_M}
aliases = ["党群中心"]

[[facility_kinds]]
name = "party_post"
title_zh = "党建阵地"

[[facility_kinds]]
name = "closed_post"
title_zh = "停用阵地"
radius_m = 0
"""


def served_profile(folder: Path) -> str:
    """Write the profile into a folder and return its path."""
    path = folder / "served.toml"
    path.write_text(PROFILE + KINDS, encoding="utf-8")
    return str(path)


def serve(house: ServiceSet) -> None:
    """Put everything but residents and households into a new house with this profile."""
    areas = {**street_boundaries(), **overlay_areas(), "building": _buildings()}
    publish_areas(house, areas, on=0, effective_from_s=LONG_AGO_S)
    for cells in (
        {"code": "F1", "kind": "党群中心", "radius_m": OWN_M, **_place(0, 0)},
        {"code": "F2", "kind": "service_center", "from": "2026-06-01", **_place(3, 1)},
        {"code": "F3", "kind": "party_post", **_place(1, 1)},
        {"code": "F4", "kind": "service_center", "layer": "grid", "area": grid_code(2, 0)},
        {"code": "F5", "kind": "closed_post", **_place(2, 1)},
    ):
        told = {"from": "2026-01-01", "name": f"阵地{cells['code']}", **cells}
        house.registers.record(CALLER, "facility", told)


def tell(house: ServiceSet, layer: str, figure: str, **values: float) -> None:
    """Store figures of areas by code, since long ago."""
    rows = [
        Figure(layer, code, figure, str(value), LONG_AGO_S, "虚构数据")
        for code, value in values.items()
    ]
    house.figures.add(CALLER, rows)


def _place(column: int, row: int) -> dict[str, object]:
    lon, lat = center(column, row)
    return {"x": lon, "y": lat, "frame": "EPSG:4490"}


def _buildings():
    half = STEP / 64
    places = [center(0, 0), (center(0, 0)[0] + 0.45 * STEP, center(0, 0)[1] + 0.45 * STEP)]
    places.append(center(1, 0))
    shapes = [shapely.box(x - half, y - half, x + half, y + half) for x, y in places]
    return area_set("building", codes=["H1", "H2", "H3"], geometries=shapes)
