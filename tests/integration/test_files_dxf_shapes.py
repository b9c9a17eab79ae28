"""Hatches, blocks, arcs and holes of a DXF as areas; GDAL reads the same drawings beside us."""

import math

import numpy as np
import pyogrio
import pytest
import shapely

from geo_service.layers.files import list_tables, read_features
from geo_service.layers.files.features.dxf import block as blocks_module
from geo_service.layers.files.features.dxf.curve import CHORD_M, straightened
from tests.drawings import (
    FAR,
    SQUARE,
    arc,
    block,
    dxf,
    entity,
    hatch,
    insert,
    label,
    line,
    old_ring,
    ring,
)
from tests.feature_files import reason_of

EAST, NORTH = 500_000.0, 3_320_000.0


def moved(points, x=EAST, y=NORTH):
    return [(px + x, py + y, *more) for px, py, *more in points]


def by_gdal(path):
    """Return what GDAL finds in a drawing, arcs in steps of a tenth of a degree."""
    pyogrio.set_gdal_config_options({"OGR_ARC_STEPSIZE": "0.1"})
    try:
        meta, table = pyogrio.raw.read_arrow(path)
    finally:
        pyogrio.set_gdal_config_options({"OGR_ARC_STEPSIZE": None})
    return shapely.from_wkb(table.column(meta["geometry_name"] or "wkb_geometry").to_pylist())


def rings_by_gdal(path):
    """Return the closed lines that GDAL finds; it merges those of a block into one."""
    lines = shapely.get_parts(shapely.get_parts(by_gdal(path)))
    return [shapely.Polygon(line.coords) for line in lines if line.is_closed]


def english(table):
    return [en for _, en in table.notes]


def test_arcs_become_pieces_within_a_centimetre_and_neighbors_get_the_same_nodes(tmp_path):
    # a half circle of radius 50 m bulges out of the western square into the eastern one
    west = moved([(0, 0), (100, 0), (100, 100), (0, 100)])
    east = moved([(100, 0), (200, 0), (200, 100), (100, 100)])
    bulging = [(90, 4), (70, 1)]
    for position, (x, y) in enumerate(west):
        bulging += [(10, x), (20, y), *([(42, 1.0)] if position == 1 else [])]
    path = dxf(
        tmp_path / "a.dxf",
        entity("LWPOLYLINE", "网格", *bulging, handle="A1"),
        entity(
            "POLYLINE",
            "网格",
            *((66, 1), (10, 0), (20, 0), (30, 0), (70, 1)),
            handle="A2",
        ),
        *(
            entity("VERTEX", "网格", (10, x), (20, y), (30, 0), *([(42, -1.0)] if last else []))
            for (x, y), last in zip(east, (False, False, False, True), strict=True)
        ),
        ["0", "SEQEND"],
        encoding="gbk",
    )
    table = read_features(path)
    half = math.pi * 50**2 / 2
    first, second = table.geometries
    # chords cut off at most the tolerance along the whole arc
    assert 10_000 + half - CHORD_M * math.pi * 50 < first.area < 10_000 + half
    assert second.area == pytest.approx(20_000 - first.area, abs=1e-6)
    assert set(first.exterior.coords) & set(second.exterior.coords) >= {
        place for place in first.exterior.coords if place[0] > EAST + 100
    }
    ring_of = np.array([place for place in first.exterior.coords if place[0] >= EAST + 100])
    middles = (ring_of[1:] + ring_of[:-1]) / 2
    away = 50 - np.hypot(*(middles - (EAST + 100, NORTH + 50)).T)
    assert 0 < away.max() <= CHORD_M
    assert english(table) == ["2 arcs or curves became straight pieces within 0.01 m of them"]
    for ours, theirs in zip(table.geometries, rings_by_gdal(path), strict=True):
        assert shapely.hausdorff_distance(ours, theirs) < CHORD_M


def test_two_points_and_two_arcs_are_a_circle_and_a_drawing_in_degrees_has_finer_pieces(tmp_path):
    in_degrees = [(90, 2), (70, 1), (10, 120.0), (20, 30.0), (42, 1), (10, 120.002), (20, 30.0)]
    path = dxf(tmp_path / "a.dxf", entity("LWPOLYLINE", "网格", *in_degrees, (42, 1)))
    [circle] = read_features(path).geometries
    assert circle.area == pytest.approx(math.pi * 0.001**2, rel=3e-4)
    assert len(circle.exterior.coords) > 100
    # bulges in front of any vertex, zero-length edges and tiny arcs add nothing
    assert straightened([(0, 0), (0, 0), (1, 0), (0, 1)], [1, 1e-9, 0, 0], chord=1)[0][:3] == [
        (0, 0),
        (0, 0),
        (1, 0),
    ]
    flat = [(90, 2), (42, 1), (70, 1), (10, EAST), (20, NORTH), (10, EAST), (20, NORTH + 1)]
    path = dxf(tmp_path / "b.dxf", entity("LWPOLYLINE", "网格", *flat, handle="B7"))
    assert "LWPOLYLINE B7 has 2 different points" in reason_of(path)


def hatches():
    """Return named hatches with the area each must have, by what their paths bound."""
    round_corner = moved([(0, 0, 1), (10, 0, 0), (10, 10, 0), (0, 10, 0)])
    hole, island = [(2, 2), (8, 2), (8, 8), (2, 8)], [(4, 4), (6, 4), (6, 6), (4, 6)]
    slice_ = [
        line((EAST, NORTH), (EAST + 10, NORTH)),
        arc((EAST, NORTH), 10, 0, 90),
        line((EAST, NORTH), (EAST, NORTH + 10)),  # written the wrong way round
    ]
    right = [
        line((EAST + 10, NORTH), (EAST, NORTH)),
        line((EAST, NORTH), (EAST, NORTH + 10)),
        arc((EAST, NORTH), 10, 270, 360, is_left=False),  # from 90 degrees clockwise to 0
    ]
    nested = [moved(SQUARE), moved(hole), moved(island)]
    return {
        "plain": (hatch(moved(SQUARE)), 100),
        "parity": (hatch(*nested), 100 - 36 + 4),
        "outer": (hatch(*nested, style=1), 100 - 36),
        "ignored": (hatch(*nested, style=2), 100),
        "apart": (hatch(moved(SQUARE), moved(FAR)), 200),
        "slice": (hatch(slice_), math.pi * 25),
        "right": (hatch(right), math.pi * 25),
        "circle": (hatch([arc((EAST, NORTH), 10, 0, 360)]), math.pi * 100),
        "bulge": (
            hatch(round_corner),
            100 + 12.5 * math.pi,
        ),
    }


@pytest.mark.parametrize("name", hatches())
def test_a_hatch_is_an_area_of_its_boundary_paths_with_holes(tmp_path, name):
    drawn, area = hatches()[name]
    # GDAL believes the code page that the drawing names
    path = dxf(tmp_path / "a.dxf", drawn, label("999001", EAST + 1, NORTH + 1), encoding="gbk")
    assert list_tables(path) == ["网格"]
    table = read_features(path)
    [shape] = table.geometries
    assert shape.is_valid
    assert area - CHORD_M * shape.length <= shape.area <= area + 1e-6
    assert table.columns == {"code": ["999001"], "handle": ["H1"]}
    if name not in {"outer", "ignored"}:  # GDAL knows parity alone
        theirs = by_gdal(path)[0]
        assert shapely.symmetric_difference(shape, theirs).area < CHORD_M * shape.length


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (hatch([{72: 5, 10: 0, 20: 0}]), "an edge of the unknown kind 5"),
        (hatch([line((0, 0), (9, 0)), line((9, 5), (0, 9)), line((0, 9), (0, 0))]), "do not meet"),
        (hatch([(0, 0), (1, 1)]), "bounds nothing"),
        (hatch(), "no boundary path"),
        (hatch([("x", 0), (1, 1), (0, 1)]), "could not convert"),
        (entity("HATCH", "网格", (10, 0), (20, 0), handle="H1"), "no group 91"),
        (hatch(SQUARE, more=[(230, -1)]), "mirrored or tilted outlines"),
    ],
)
def test_a_hatch_that_cannot_be_read_is_refused_unless_the_areas_are_polylines(
    tmp_path, drawn, said
):
    message = reason_of(dxf(tmp_path / "a.dxf", drawn))
    assert said in message
    assert "HATCH H1" in message
    if "mirrored" not in said:
        table = read_features(dxf(tmp_path / "b.dxf", drawn, ring(moved(SQUARE), handle="A1")))
        assert table.columns["handle"] == ["A1"]
        assert english(table) == [
            "left out of the layer: HATCH 1",
            "1 hatches cannot be read and were taken for fills: HATCH H1; "
            "hatch those again that are areas",
        ]


def test_a_hatch_over_a_polyline_is_its_fill_and_one_beside_it_an_area(tmp_path):
    path = dxf(
        tmp_path / "a.dxf",
        ring(moved(SQUARE), handle="A1"),
        hatch(moved(SQUARE), handle="H1"),
        hatch(moved(FAR), handle="H2"),
        hatch(moved(SQUARE, 900, 900), layer="绿地"),
        entity("POINT", "网格", (10, 0), (20, 0)),
    )
    # the layer of the polylines is the usual one, whatever else is filled
    assert list_tables(path) == ["网格", "绿地"]
    table = read_features(path)
    assert table.columns["handle"] == ["A1", "H2"]
    assert english(table) == [
        "left out of the layer: HATCH 1, POINT 1 (1 are fills or symbols of areas)"
    ]
    assert len(read_features(path, table="绿地")) == 1
    two = dxf(tmp_path / "b.dxf", ring(SQUARE, "街道"), ring(FAR, "单元"))
    assert "2 tables (街道、单元)" in reason_of(two)


def test_a_code_in_a_box_is_a_symbol_of_the_area_and_the_code_its_own(tmp_path):
    box = block("码", ring([(0, 0), (3, 0), (3, 1), (0, 1)], "0"), ring([(0, 0), (1, 1), (0, 1)]))
    code = entity("ATTRIB", "0", (10, EAST + 1.5), (20, NORTH + 1.5), (1, "999001"))
    apart = insert("码", EAST + 500, NORTH)
    drawn = [ring(moved(SQUARE), handle="A1"), insert("码", EAST + 1, NORTH + 1), code, apart]
    other = ring([(0, 0), (1, 0), (1, 1)], "符号")
    path = dxf(
        tmp_path / "a.dxf", *drawn, insert("符", EAST, NORTH), blocks=[box, block("符", other)]
    )
    table = read_features(path)
    assert table.columns["code"] == ["999001", None, None]
    assert [shape.area for shape in table.geometries] == [100, 3, 0.5]
    assert english(table) == [
        "left out of the layer: LWPOLYLINE 2 (2 are fills or symbols of areas)",
    ]


def in_block(x, y):
    """Return where a place of a block at (1, 1) lies, turned left and twice as long in x."""
    return EAST - (y - 1), NORTH + 2 * (x - 1)


def test_blocks_are_read_where_they_are_inserted_on_the_layer_of_the_insertion(tmp_path):
    small = [(1, 1), (3, 1), (3, 2), (1, 2)]
    inner = block(
        "内",
        ring(small, "0", handle="B1"),
        label("999001", 2, 1.5, "0"),
        entity("LINE", "0", (10, 1), (20, 1), (11, 3), (21, 2)),
    )
    nested = insert("内", 0, 0, layer="0")
    outer = block("外", nested, ring(small, "别处", handle="B2"), base=(1, 1))
    turned = [(41, 2), (42, 1), (50, 90)]
    inserted = insert("外", EAST, NORTH, *turned, handle="I1")
    name = entity("ATTRIB", "网格", (10, EAST - 0.5), (20, NORTH + 1), (1, "示例网格"))
    missing, blocks = insert("缺", 0, 0, layer="底图", handle="I8"), [inner, outer]
    path = dxf(tmp_path / "a.dxf", inserted, name, missing, blocks=blocks)
    assert list_tables(path) == ["网格", "别处"]
    table = read_features(path, table="网格")
    expected = shapely.Polygon([in_block(*corner) for corner in small])
    assert shapely.equals_exact(table.geometries[0], expected, 1e-9, normalize=True)
    assert table.columns == {"code": ["999001"], "name": ["示例网格"], "handle": ["B1"]}
    assert english(table) == [
        "left out of the layer: LINE 1",
        "1 blocks whose content another drawing holds were not read: 缺 (INSERT I8); "
        "bind them where they hold areas",
    ]
    path = dxf(tmp_path / "b.dxf", inserted, blocks=blocks, encoding="gbk")
    theirs = [shape for shape in rings_by_gdal(path) if len(shape.exterior.coords) == 5]
    assert all(shapely.symmetric_difference(each, expected).area < 1e-6 for each in theirs)
    assert len(theirs) == 2


def test_rows_and_columns_of_a_block_arcs_in_it_and_its_mirror_image(tmp_path):
    half = [(90, 2), (70, 1), (10, 0), (20, 0), (42, 1), (10, 2), (20, 0)]
    made = block("半圆", entity("LWPOLYLINE", "0", *half))
    grid = insert("半圆", EAST, NORTH, (70, 3), (71, 2), (44, 10), (45, 20), (41, 100), (42, 100))
    path = dxf(tmp_path / "a.dxf", grid, blocks=[made])
    table = read_features(path)
    corners = {(shape.bounds[0] - EAST, shape.bounds[3] - NORTH) for shape in table.geometries}
    assert corners == {(10 * i, 20 * j) for i in range(3) for j in range(2)}
    # radius 100 m after scaling: within a centimetre there, not in the block
    area = math.pi * 100**2 / 2
    assert area - CHORD_M * math.pi * 100 < table.geometries[0].area < area
    mirrored = insert("半圆", EAST, NORTH, (230, -1), handle="I7")
    path = dxf(tmp_path / "b.dxf", mirrored, blocks=[made])
    assert "mirrored or tilted outlines" in reason_of(path)


def test_blocks_that_never_end_and_numbers_that_are_none_are_refused(tmp_path, monkeypatch):
    endless = [block("甲", insert("乙", 0, 0)), block("乙", insert("甲", 0, 0), ring(SQUARE))]
    assert "inserts itself" in reason_of(
        dxf(tmp_path / "a.dxf", insert("甲", 0, 0), blocks=endless)
    )
    many = [block("点", ring(SQUARE, "0"))]
    rows = insert("点", 0, 0, (70, 2000), (71, 2000))
    assert "unfold to more than" in reason_of(dxf(tmp_path / "b.dxf", rows, blocks=many))
    monkeypatch.setattr(blocks_module, "MAX_PLACED", 3)
    four = [insert("点", 20 * i, 0) for i in range(4)]
    assert "unfold to more than" in reason_of(dxf(tmp_path / "c.dxf", *four, blocks=many))
    odd = insert("点", 0, 0, (41, "x"), handle="I9")
    assert "INSERT I9" in reason_of(dxf(tmp_path / "d.dxf", odd, blocks=many))


LAKE = [(2, 2), (4, 2), (4, 4), (2, 4)]
ENCLAVE = [(6, 6), (8, 6), (8, 8), (6, 8)]


def test_a_polyline_inside_another_is_a_hole_and_an_area_as_well_if_it_has_a_text(tmp_path):
    path = dxf(
        tmp_path / "a.dxf",
        ring(moved(SQUARE), handle="A1"),
        ring(moved(LAKE), handle="A2"),
        old_ring(moved(ENCLAVE), handle="A3"),
        label("999001", EAST + 5, NORTH + 1),
        label("999002", EAST + 7, NORTH + 7),
    )
    table = read_features(path)
    assert table.columns == {"code": ["999001", "999002"], "handle": ["A1", "A3"]}
    outer, inner = table.geometries
    assert (outer.area, inner.area) == (100 - 4 - 4, 4)
    assert shapely.touches(outer, inner)
    assert english(table) == ["1 closed polylines without text became holes of those around them"]


def test_where_no_text_tells_polylines_stay_as_drawn_and_an_unnamed_shell_is_refused(tmp_path):
    path = dxf(tmp_path / "a.dxf", ring(moved(SQUARE)), ring(moved(LAKE), handle="A2"))
    assert [shape.area for shape in read_features(path).geometries] == [100, 4]
    inside = label("999001", EAST + 3, NORTH + 3)
    path = dxf(tmp_path / "b.dxf", ring(moved(SQUARE), handle="A1"), ring(moved(LAKE)), inside)
    assert "1 closed polylines without a text of their own" in reason_of(path)
    assert "LWPOLYLINE A1" in reason_of(path)
    # a ring that crosses itself is around nothing, and is left to the check
    bow = [(0, 0), (10, 10), (10, 0), (0, 10)]
    path = dxf(tmp_path / "c.dxf", ring(moved(bow)), ring(moved([(8, 4), (9, 4), (9, 5)])), inside)
    assert len(read_features(path)) == 2
