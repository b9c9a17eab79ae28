"""Any roads cut an area as GEOS polygonizes them with its border, and leave all else sound."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import UnfitLine
from geo_service.layers.arcs import extract
from geo_service.layers.redraw import cut_along, pieces_along
from tests.redrawing import assert_sound, cities, ground


def oracle(outline, lines):
    """Return the pieces that GEOS makes of an area and lines."""
    work = shapely.union_all([outline.boundary, *lines])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(work)))
    return faces[shapely.intersects(outline, shapely.point_on_surface(faces))]


@given(cities(), st.integers(0, 10_000), st.integers(1, 6), st.booleans())
def test_roads_cut_an_area_as_geos_polygonizes_them(city, seed, count, keeps):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    random = np.random.default_rng(seed)
    grids = sorted(key for key in coverage.numbers if key.layer == "grid")
    key = grids[random.integers(len(grids))]
    outline = coverage.area(key).outline
    west, south, east, north = outline.bounds
    size = np.array([east - west, north - south])
    lines = [
        shapely.LineString(
            np.array([west, south]) + size * random.uniform(-0.3, 1.3, (random.integers(2, 5), 2))
        )
        for _ in range(count)
    ]
    expected = oracle(outline, lines)
    try:
        pieces = pieces_along(coverage, key, lines)
    except UnfitLine:
        assert len(expected) == 1
        return
    sizes = sorted(shapely.area(pieces) / outline.area)
    # what a millimetre of snapping moves, or parts off, is left out of the comparison
    assert [s for s in sizes if s > 1e-4] == pytest.approx(
        sorted(s for s in shapely.area(expected) / outline.area if s > 1e-4), abs=1e-4
    )
    place = shapely.get_coordinates(shapely.point_on_surface(pieces[0]))[0].tolist()
    codes = [f"999N{i:04d}" for i in range(len(pieces))][keeps:]
    after, _ = cut_along(coverage, key, lines, codes, keep=tuple(place) if keeps else None)
    for layer in coverage.above:
        assert ground(after, layer) == pytest.approx(ground(coverage, layer), rel=1e-9)
    assert_sound(after, layers)
