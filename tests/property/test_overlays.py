"""The overlays of many points at once are those of each point alone."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.layers.area import area_set
from geo_service.layers.assignment.overlay import overlay_owners_of
from geo_service.layers.assignment.rule import overlay_owners
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator

PARK = Layer("park", "园区", "park", is_overlay=True)
LANE = Layer("lane", "街巷", "lane", is_overlay=True, geometry="line", reach_m=40)
EAST = 121.5  # two metric zones meet here
STEP = 1 / 2048


def locator(columns, rows):
    """Return squares and lines between nodes of a lattice around the border of two zones."""
    corners = [(EAST + x * STEP, 30 + y * STEP) for x, y in zip(columns, rows, strict=True)]
    boxes = [shapely.box(x, y, x + 2 * STEP, y + 2 * STEP) for x, y in corners]
    lines = [shapely.LineString([(x, y), (x + 3 * STEP, y + STEP)]) for x, y in corners]
    names = [f"c{number}" for number in range(len(corners))]
    return Locator(
        Layers((PARK, LANE)),
        {
            "park": area_set("park", codes=names, geometries=boxes),
            "lane": area_set("lane", codes=names, geometries=lines),
        },
    )


NODE = st.integers(-4, 4)


@given(
    corners=st.lists(st.tuples(NODE, NODE), min_size=1, max_size=6, unique=True),
    places=st.lists(st.tuples(st.floats(-6, 6), st.floats(-6, 6)), max_size=8),
)
def test_many_points_are_held_as_each_alone(corners, places):
    found = locator(*zip(*corners, strict=True))
    nodes = [(x / 2, y / 2) for x in range(-8, 13) for y in range(-8, 13)]
    x, y = np.array([*places, *nodes, (np.nan, 0.0)]).T
    lon, lat = EAST + x * STEP, 30 + y * STEP
    for layer in (PARK, LANE):
        points, positions = overlay_owners_of(found, layer, lon=lon, lat=lat)
        alone = [
            (point, position)
            for point in range(len(lon) - 1)
            for position in overlay_owners(found, layer, lon=lon[point], lat=lat[point]).tolist()
        ]
        assert list(zip(points.tolist(), positions.tolist(), strict=True)) == alone


@pytest.mark.parametrize("layer", [PARK, LANE])
def test_without_areas_or_points_nothing_is_held(layer):
    empty = Locator(Layers((PARK, LANE)), {})
    points, _ = overlay_owners_of(empty, layer, lon=np.array([EAST]), lat=np.array([30.0]))
    assert points.tolist() == []
    points, _ = overlay_owners_of(locator([0], [0]), layer, lon=np.empty(0), lat=np.empty(0))
    assert points.tolist() == []
