"""Display copies of outlines: they still fit each other, and the browser gets them back."""

import numpy as np
import pytest
import shapely

from geo_service.maps.outlines import (
    STEPS_PER_DEGREE,
    anchors,
    borders,
    display_copies,
    joined,
    line_paths,
    origin,
    points_inside,
    polygon_paths,
)
from tests.hotspot_views import small_view, street_view


def _decode(path, start):
    """As static/app/geometry.js does it: sums of steps from the origin."""
    steps = np.array(path).reshape(-1, 2).cumsum(axis=0) + start
    return steps / STEPS_PER_DEGREE


def _decoded(polygons, start):
    return shapely.MultiPolygon(
        [
            (_decode(rings[0], start), [_decode(ring, start) for ring in rings[1:]])
            for rings in polygons
        ]
    )


def _column(*shapes):
    column = np.empty(len(shapes), dtype=object)
    column[:] = shapes
    return column


def test_paths_give_back_every_outline_to_a_decimeter():
    outlines = street_view().areas.geometries
    start = origin(outlines)
    back = [_decoded(polygons, start) for polygons in polygon_paths(outlines, start)]
    # half a step each way: sqrt(2) / 2 of a millionth of a degree
    assert max(shapely.hausdorff_distance(back, outlines)) < 0.71e-6


def test_neighbors_keep_the_same_vertices_on_their_shared_border():
    left, right = street_view().areas.geometries[:2]
    shared = shapely.intersection(left, right)
    start = origin(_column(left, right))
    vertices = [
        {tuple(vertex) for vertex in _decode(polygons[0][0], start).tolist()}
        for polygons in polygon_paths(_column(left, right), start)
    ]
    assert len(vertices[0] & vertices[1]) == len(
        shapely.get_coordinates(shapely.line_merge(shared))
    )


def test_a_ring_smaller_than_a_step_is_one_vertex():
    speck = shapely.box(118.5, 31.2, 118.5 + 1e-8, 31.2 + 1e-8)
    assert polygon_paths(_column(speck), (118_500_000, 31_200_000)) == [[[[0, 0]]]]


def test_few_vertices_are_drawn_as_they_are():
    outlines = street_view().areas.geometries
    assert display_copies(outlines) is outlines


def test_many_vertices_are_simplified_without_gaps():
    outlines = street_view().areas.geometries
    copies = display_copies(outlines, max_vertices=3000)
    assert shapely.get_num_coordinates(copies).sum() <= 3000
    assert shapely.coverage_is_valid(copies)
    assert len(shapely.get_parts(shapely.union_all(copies))) == 1


def test_members_of_a_group_are_joined_and_the_others_left_out():
    outlines = _column(*(shapely.box(i, 0, i + 1, 1) for i in range(4)))
    groups = joined(outlines, ["b", "b", None, "a"])
    assert list(groups) == ["a", "b"]
    assert groups["b"].equals(shapely.box(0, 0, 2, 1))


def test_a_border_is_drawn_once_and_never_under_a_higher_one():
    areas = _column(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1))
    above = _column(shapely.box(0, 0, 2, 1))
    lines = borders(areas, above=above)
    assert shapely.equals(shapely.union_all(lines), shapely.LineString([(1, 0), (1, 1)]))


def test_lines_keep_both_ends():
    assert line_paths(_column(shapely.LineString([(0, 0), (2e-6, 1e-6)])), (0, 0)) == [[0, 0, 2, 1]]


def test_nothing_to_draw_is_no_path():
    nothing = _column()
    assert polygon_paths(nothing, (0, 0)) == []
    assert line_paths(nothing, (0, 0)) == []
    assert anchors(nothing) == []
    assert origin(nothing) == (0, 0)


def test_a_label_stands_inside_its_area_with_room_to_both_sides():
    outlines = street_view().areas.geometries
    for outline, anchor in zip(outlines, anchors(outlines), strict=True):
        west, east = anchor.lon - anchor.half_width, anchor.lon + anchor.half_width
        middle = shapely.LineString([(west, anchor.lat), (east, anchor.lat)])
        assert shapely.covers(shapely.buffer(outline, 2e-6), middle)


def test_a_label_in_a_ring_stands_beside_the_hole():
    ring = shapely.Polygon(
        shapely.box(0, 0, 9, 9).exterior, [shapely.box(3, 3, 6, 6).exterior.coords[::-1]]
    )
    (anchor,) = anchors(_column(ring))
    assert ring.contains(shapely.Point(anchor.lon, anchor.lat))


def test_marks_of_many_areas_stand_inside_them():
    outlines = small_view(["甲", "乙", "丙"]).areas.geometries
    for outline, point in zip(outlines, points_inside(outlines), strict=True):
        assert outline.contains(shapely.Point(point.lon, point.lat))
        assert (point.half_width, point.half_height) == (0.0, 0.0)


@pytest.mark.parametrize("position", range(3))
def test_parts_and_holes_survive_the_way_to_the_browser(position):
    shapes = [
        shapely.box(0, 0, 1, 1),
        shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 2, 2)),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]),
    ]
    (polygons,) = polygon_paths(_column(shapes[position]), (0, 0))
    assert _decoded(polygons, (0, 0)).equals(shapes[position])
