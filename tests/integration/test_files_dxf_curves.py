"""Circles, ellipses and splines of a DXF: areas within a centimetre, or refused by handle."""

import math

import pytest
import shapely

from geo_service.layers.files import list_tables, read_features
from geo_service.layers.files.features.dxf.curve import CHORD_M
from tests.drawings import SQUARE, block, dxf, entity, hatch, insert, label, line, ring
from tests.feature_files import reason_of

EAST, NORTH = 500_000.0, 3_320_000.0
HALF_ROOT = math.sqrt(0.5)
AROUND = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0)]
"""Control points of a circle of radius 1; every second one weighs the root of a half."""
QUARTERS = [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4]


def circle(radius, *more, layer="网格", handle="A1"):
    place = [(10, EAST), (20, NORTH), (40, radius)]
    return entity("CIRCLE", layer, *place, *more, handle=handle)


def ellipse(long, ratio, *more, handle="A1"):
    major = [(11, 0.6 * long), (21, 0.8 * long)]
    place = [(10, EAST), (20, NORTH), *major, (40, ratio)]
    return entity("ELLIPSE", "网格", *place, *more, handle=handle)


def spline(degree, knots, controls, weights=(), *, flags=8, handle="A1", layer="网格"):
    groups = [(70, flags), (71, degree), (72, len(knots)), (73, len(controls))]
    groups += [(40, knot) for knot in knots] + [(41, weight) for weight in weights]
    groups += [group for x, y in controls for group in ((10, EAST + x), (20, NORTH + y))]
    return entity("SPLINE", layer, *groups, handle=handle)


def round_spline(radius, **more):
    controls = [(radius * x, radius * y) for x, y in AROUND]
    return spline(2, QUARTERS, controls, [1, HALF_ROOT] * 4 + [1], **more)


def drops(layer="网格"):
    """Return a cubic that leaves and comes back to one point: its area is 3/20 of width x depth."""
    corners = [(0, 0), (100, 0), (0, 100), (0, 0)]
    return spline(3, [0] * 4 + [1] * 4, corners, layer=layer)


CLOSED = {
    "circle": (circle(80), math.pi * 80**2),
    "ellipse": (ellipse(200, 0.25, (41, 0.0), (42, 6.28318530718)), math.pi * 200 * 50),
    "ellipse from below": (ellipse(200, 0.25, (230, -1)), math.pi * 200 * 50),
    "upright ellipse": (ellipse(50, 4), math.pi * 200 * 50),
    "rational spline": (round_spline(80, flags=1 | 4 | 8), math.pi * 80**2),
    "spline on a tilted plane": (round_spline(80, flags=9), math.pi * 80**2),
    # Bernstein: 1/2 of the integral of x dy - y dx is (3/20) (x1 y2 - x2 y1)
    "cubic": (drops(), 3 / 20 * 100 * 100),
}


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_curve_is_an_area_within_a_centimetre_of_it(tmp_path, name):
    drawn, area = CLOSED[name]
    table = read_features(dxf(tmp_path / "a.dxf", drawn, label("999001", EAST + 1, NORTH + 1)))
    [shape] = table.geometries
    assert shape.is_valid
    assert area - CHORD_M * shape.length < shape.area < area
    assert table.columns["handle"] == ["A1"]
    told = ("1 段圆弧或曲线化为折线，离原线不超过 0.01 米",)
    assert table.notes == [(*told, "1 arcs or curves became straight pieces within 0.01 m of them")]


def test_curves_count_as_polylines_do_and_their_layers_come_after_those_of_polylines(tmp_path):
    square = ring([(EAST + x * 40, NORTH + y * 40) for x, y in SQUARE], handle="B1")
    path = dxf(
        tmp_path / "a.dxf",
        circle(1, layer="树木"),
        square,
        ellipse(5, 0.5, handle="B2"),
        label("999001", EAST + 300, NORTH + 300),
    )
    assert list_tables(path) == ["网格", "树木"]
    table = read_features(path)
    # half of the ellipse lies outside: it is no hole, and the check tells that they overlap
    assert table.columns["handle"] == ["B1", "B2"]
    inner = dxf(
        tmp_path / "b.dxf",
        square,
        entity("CIRCLE", "网格", (10, EAST + 200), (20, NORTH + 200), (40, 50)),
        label("999001", EAST + 300, NORTH + 300),
    )
    [shape] = read_features(inner).geometries
    assert shape.area == pytest.approx(400**2 - math.pi * 50**2, abs=CHORD_M * math.tau * 50)


def test_a_circle_in_degrees_is_within_a_centimetre_on_the_ground(tmp_path):
    drawn = entity("CIRCLE", "网格", (10, 120.0), (20, 30.0), (40, 0.001))
    [shape] = read_features(dxf(tmp_path / "a.dxf", drawn)).geometries
    assert shape.area == pytest.approx(math.pi * 0.001**2, rel=3e-4)


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (ellipse(200, 0.5, (41, 0.0), (42, 3.0), handle="B7"), "1 single arcs or curves"),
        (spline(1, [0, 0, 1, 1], [(0, 0), (9, 9)], handle="B7"), "1 single arcs or curves"),
        (spline(3, [], [], flags=9, handle="B7"), "convert it to a polyline (SPLINEDIT)"),
        (spline(2, [0] * 3 + [1] * 3, SQUARE[:3], flags=9, handle="B7"), "14.1421 apart"),
        (spline(2, [0] * 3 + [1] * 2, SQUARE[:3], flags=9, handle="B7"), "do not fit"),
        (ellipse(200, 0, handle="B7"), "an axis of no length"),
        (ellipse(200, 0.5, (230, 0.5), handle="B7"), "1 mirrored or tilted outlines"),
        (circle(5, (230, -1), handle="B7"), "1 mirrored or tilted outlines"),
        (circle(0, handle="B7"), "has 1 different points"),
        (entity("REGION", "网格", handle="B7"), "1 regions, multiple polygons or multilines"),
        (entity("MPOLYGON", "网格", handle="B7"), "1 regions, multiple polygons or multilines"),
        (insert("缺", 0, 0, handle="B7"), "1 blocks whose content another drawing holds"),
    ],
)
def test_what_cannot_be_an_area_is_refused_by_its_handle_and_never_left_out(tmp_path, drawn, said):
    square = ring([(EAST + x, NORTH + y) for x, y in SQUARE])
    message = reason_of(dxf(tmp_path / "a.dxf", square, drawn))
    assert said in message
    assert f"{drawn[1]} B7" in message


def test_a_block_that_another_drawing_holds_is_refused_on_the_layer_and_told_elsewhere(tmp_path):
    referred = entity("BLOCK", "0", (2, "底图"), (70, 4), (10, 0), (20, 0), (1, "base.dwg"))
    blocks = [[*referred, *entity("ENDBLK", "0")]]
    path = dxf(tmp_path / "a.dxf", ring(SQUARE), insert("底图", 0, 0), blocks=blocks)
    assert "bind the references (XREF, bind, insert). They are: INSERT I1" in reason_of(path)
    beside = insert("底图", 0, 0, layer="参照")
    path = dxf(tmp_path / "b.dxf", ring(SQUARE), beside, blocks=blocks)
    [(zh, en)] = read_features(path).notes
    assert "底图 (INSERT I1)；区域在其中的请先绑定" in zh
    assert "1 blocks whose content another drawing holds were not read: 底图 (INSERT I1)" in en


PIECES = {
    "LINE": entity("LINE", "0", (10, 0), (20, 0), (11, 8), (21, 8), handle="B7"),
    "ARC": entity("ARC", "0", (10, 4), (20, 4), (40, 2), (50, 0), (51, 90), handle="B7"),
    "ELLIPSE": entity(
        "ELLIPSE",
        "0",
        *((10, 4), (20, 4), (11, 2), (21, 0), (40, 0.5), (41, 1), (42, 0.5), (230, -1)),
        handle="B7",
    ),
    "LWPOLYLINE": ring([(0, 0), (8, 1), (8, 8)], "0", (42, 1), flags=0, handle="B7"),
    "SPLINE": entity(
        "SPLINE",
        "0",
        *((70, 8), (71, 1), (72, 4), (73, 2), (40, 0), (40, 0), (40, 1), (40, 1)),
        *((10, 0), (20, 0), (10, 8), (20, 8)),
        handle="B7",
    ),
}


@pytest.mark.parametrize("kind", PIECES)
def test_an_open_piece_of_a_block_is_a_symbol_in_an_area_and_refused_outside(tmp_path, kind):
    square, blocks = ring(SQUARE, handle="A1"), [block("边", PIECES[kind])]
    table = read_features(dxf(tmp_path / "a.dxf", square, insert("边", 1, 1), blocks=blocks))
    assert [en for _, en in table.notes] == [f"left out of the layer: {kind} 1"]
    message = reason_of(dxf(tmp_path / "b.dxf", square, insert("边", 50, 50), blocks=blocks))
    assert (
        f"blocks hold 1 open lines or curves that lie in no area and may be borders: {kind} B7"
        in (message)
    )
    assert "(EXPLODE)" in message
    flat = insert("边", 1, 1, (41, 0), handle="I3")
    assert "a scale of zero" in reason_of(dxf(tmp_path / "c.dxf", square, flat, blocks=blocks))


def test_a_smoothed_polyline_passes_its_curve_and_not_the_frame_that_it_was_smoothed_from(tmp_path):
    def vertex(x, y, flags):
        return entity("VERTEX", "网格", (10, x), (20, y), (70, flags))

    frame = [(0, 0), (12, 0), (12, 12), (0, 12)]
    curve = [(6, 0), (12, 6), (6, 12), (0, 6)]
    head = entity("POLYLINE", "网格", (66, 1), (10, 0), (20, 0), (70, 1 | 4), handle="A1")
    nodes = [vertex(*each, 16) for each in frame] + [vertex(*each, 8) for each in curve]
    [shape] = read_features(dxf(tmp_path / "a.dxf", head, *nodes, ["0", "SEQEND"])).geometries
    assert shape == shapely.Polygon(curve)


def elliptic(start, end, *, ratio=0.5, is_left=True):
    axis = {10: EAST, 20: NORTH, 11: 100, 21: 0, 40: ratio}
    return {72: 3, **axis, 50: start, 51: end, 73: int(is_left)}


def rounded(radius):
    """Return the groups of a rational spline: the half circle to the left of the axis of y."""
    groups = [(72, 4), (94, 2), (73, 1), (74, 0), (95, 8), (96, 5)]
    groups += [(40, knot) for knot in (0, 0, 0, 1, 1, 2, 2, 2)]
    for (x, y), weight in zip(AROUND[2:7], (1, HALF_ROOT, 1, HALF_ROOT, 1), strict=True):
        groups += [(10, EAST + radius * x), (20, NORTH + radius * y), (42, weight)]
    return groups


def slice_of(angle, *, is_left=True, x=1):
    """Return a slice of an ellipse of 100 m x 50 m, and its area."""
    turn = math.atan2(math.sin(angle) / 0.5, math.cos(angle))
    end = (EAST + 100 * math.cos(turn), NORTH + x * 50 * math.sin(turn))
    edges = [
        line((EAST, NORTH), (EAST + 100, NORTH)),
        elliptic(0, math.degrees(angle), is_left=is_left),
        line(end, (EAST, NORTH)),
    ]
    return edges, 100 * 50 * turn / 2


HATCHED = {
    "ellipse": ([elliptic(0, 360)], math.pi * 100 * 50),
    "slice": slice_of(math.radians(130)),
    "slice to the right": slice_of(math.radians(130), is_left=False, x=-1),
    "spline": (
        [
            rounded(80),
            line((EAST, NORTH - 80), (EAST, NORTH + 80)),
        ],
        math.pi * 80**2 / 2,
    ),
}


@pytest.mark.parametrize("name", HATCHED)
def test_a_hatch_of_ellipses_and_splines_is_an_area_within_a_centimetre(tmp_path, name):
    edges, area = HATCHED[name]
    table = read_features(dxf(tmp_path / "a.dxf", hatch(list(edges))))
    [shape] = table.geometries
    assert area - CHORD_M * shape.length < shape.area < area + 1e-6
    assert table.notes[0][1].startswith("1 arcs or curves")


def test_a_hatch_of_an_ellipse_without_width_is_refused(tmp_path):
    message = reason_of(dxf(tmp_path / "a.dxf", hatch([elliptic(0, 360, ratio=0)])))
    assert "HATCH H1" in message
    assert "an axis of no length" in message
