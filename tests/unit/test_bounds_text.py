"""The four sides of an area: which road, water, neighbor or border each of them runs along.

The area is mostly a square of 100 m with its corner in the origin, so every length below follows
from its 100 m sides.
"""

import numpy as np
import pytest
import shapely

from geo_service.analysis.bounds_text import NamedShapes, SideBound, bounds_text, side_bounds

SQUARE = shapely.box(0, 0, 100, 100)


def _shapes(**named: shapely.Geometry) -> NamedShapes:
    column = np.empty(len(named), dtype=object)
    column[:] = list(named.values())
    return NamedShapes(list(named), column)


def _line(*vertices):
    return shapely.LineString(vertices)


NOTHING = _shapes()


def _bounds(outline=SQUARE, *, features=NOTHING, neighbors=NOTHING, **more):
    return side_bounds(outline, features=features, neighbors=neighbors, **more)


def test_each_side_has_the_road_beside_it():
    roads = _shapes(
        东路=_line((110, -50), (110, 150)),
        南路=_line((-50, -10), (150, -10)),
        西路=_line((-10, -50), (-10, 150)),
        北路=_line((-50, 110), (150, 110)),
    )
    found = _bounds(features=roads)
    assert {side: (bound.kind, bound.names) for side, bound in found.items()} == {
        "east": ("feature", ("东路",)),
        "south": ("feature", ("南路",)),
        "west": ("feature", ("西路",)),
        "north": ("feature", ("北路",)),
    }
    # the crossing road is within 15 m of a side's last 5 m too, but at a right angle to it
    assert [bound.share for bound in found.values()] == [1.0] * 4
    text = bounds_text(found, "zh", border="街道界")
    assert text == "东至东路，南至南路，西至西路，北至北路"


def test_a_road_beyond_the_tolerance_bounds_nothing_and_the_neighbor_does():
    roads = _shapes(远路=_line((116, 0), (116, 100)))
    neighbors = _shapes(乙=shapely.box(100, 0, 200, 100))
    found = _bounds(features=roads, neighbors=neighbors)
    assert found["east"] == SideBound("neighbor", ("乙",), 1.0)
    assert found["west"] == SideBound("border")
    assert _bounds(features=roads, tolerance_m=16.0)["east"].names == ("远路",)
    text = bounds_text(found, "zh", border="街道界")
    assert text == "东与乙相邻，南至街道界，西至街道界，北至街道界"
    assert bounds_text(found, "en", border="the street's border") == (
        "east next to 乙; south to the street's border; west to the street's border; "
        "north to the street's border"
    )


@pytest.mark.parametrize(("length_m", "kind"), [(50, "feature"), (45, "neighbor")])
def test_a_road_counts_from_half_of_a_side_on(length_m, kind):
    # pieces of 5 m have their middles at 2.5, 7.5 …: on the line itself each is along it in whole,
    # and the piece after its end is further than 1 m away
    road = _shapes(短路=_line((100, 0), (100, length_m)))
    neighbors = _shapes(乙=shapely.box(100, 0, 200, 100))
    found = _bounds(features=road, neighbors=neighbors, tolerance_m=1.0)
    assert found["east"].kind == kind
    assert found["east"].share == pytest.approx(0.5 if kind == "feature" else 1.0)


def test_a_crossing_road_bounds_nothing_however_near():
    crossing = _shapes(横路=_line((-50, 50), (150, 50)))
    assert _bounds(features=crossing, tolerance_m=100.0)["east"] == SideBound("border")


def test_several_roads_bound_a_side_together_the_longest_first():
    roads = _shapes(甲路=_line((100, 0), (100, 30)), 乙路=_line((100, 30), (100, 65)))
    found = _bounds(features=roads, tolerance_m=1.0)["east"]
    assert (found.kind, found.names) == ("feature", ("乙路", "甲路"))
    assert found.share == pytest.approx(0.65)


def test_the_nearer_of_two_roads_is_meant():
    roads = _shapes(
        近路=_line((105, 0), (105, 100)),
        远路=_line((108, 0), (108, 100)),
        里路=_line((0, 50), (1, 50)),
    )
    assert _bounds(features=roads)["east"].names == ("近路",)


def test_nameless_roads_do_not_count():
    roads = NamedShapes([""], np.array([_line((105, 0), (105, 100))], dtype=object))
    assert _bounds(features=roads)["east"] == SideBound("border")


def test_a_border_in_the_middle_of_a_wide_river_runs_along_it():
    # 80 m wide: both banks are 40 m away, the tolerance is 15
    river = _shapes(示例河=shapely.box(60, -500, 140, 500))
    found = _bounds(features=river)
    assert found["east"] == SideBound("feature", ("示例河",), 1.0)
    # the south side lies in it from x = 60 on: 40 of 100 m
    assert found["south"] == SideBound("border")


def test_many_neighbors_are_named_until_half_of_the_side_is():
    neighbors = _shapes(
        甲=shapely.box(100, 0, 150, 20),
        乙=shapely.box(100, 20, 150, 65),
        丙=shapely.box(100, 65, 150, 100),
    )
    found = _bounds(neighbors=neighbors)["east"]
    assert (found.kind, found.names) == ("neighbor", ("乙", "丙"))
    assert found.share == pytest.approx(0.8)


def test_four_equal_roads_on_a_side_that_never_reach_half_are_not_told():
    roads = _shapes(
        **{f"{i}路": _line((100, 20 * i), (100, 20 * i + 10)) for i in range(4)}
    )  # three of them are 30 of 100 m
    assert _bounds(features=roads, tolerance_m=1.0)["east"] == SideBound("border")


def test_a_side_that_no_edge_faces_is_a_corner():
    # normals of (0,0) (100,40) (0,80): south-east and north-east at 21.8 degrees from the vertical,
    # so they face south and north; the third edge faces west
    triangle = shapely.Polygon([(0, 0), (100, 40), (0, 80)])
    found = _bounds(triangle)
    assert found["east"] == SideBound("corner")
    assert bounds_text(found, "zh", border="街道界").startswith("东端为一角，南至街道界")
    assert bounds_text(found, "en", border="the border").startswith("east a corner only")


def test_holes_bound_nothing_and_all_parts_count():
    ring = shapely.Polygon(SQUARE.exterior.coords, [shapely.box(40, 40, 60, 60).exterior.coords])
    inner = _shapes(内湖=shapely.box(40, 40, 60, 60))
    assert all(each == SideBound("border") for each in _bounds(ring, neighbors=inner).values())
    # the second part's east side is 300 m of 400 m in all, and a road runs along it alone
    parts = shapely.MultiPolygon([SQUARE, shapely.box(500, 0, 600, 300)])
    roads = _shapes(东路=_line((600, 0), (600, 300)))
    assert _bounds(parts, features=roads)["east"] == SideBound("feature", ("东路",), 0.75)


def test_the_order_of_vertices_does_not_matter():
    roads = _shapes(东路=_line((105, 0), (105, 100)))
    turned = shapely.Polygon(list(SQUARE.exterior.coords)[::-1])
    assert _bounds(turned, features=roads) == _bounds(features=roads)
