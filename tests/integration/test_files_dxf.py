"""DXF in: written by GDAL, and by hand as surveying offices' programs write it."""

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

from geo_service.layers.files import list_tables, read_features
from tests.drawings import FAR, SQUARE, dxf, entity, label, old_ring, ring
from tests.feature_files import gdal_table, reason_of


def test_closed_polylines_become_areas_and_texts_inside_their_codes_and_names(tmp_path):
    path = dxf(
        tmp_path / "a.dxf",
        ring(SQUARE, handle="A1"),
        old_ring(FAR, handle="A2"),
        label("999001002", 5, 5),
        label("示例网格", 5, 7),
        label("{\\fSimSun|b0;第二}\\P网格", 25, 5, "注记", "MTEXT"),
        label("在外面", 50, 50),
    )
    table = read_features(path)
    assert table.columns == {
        "code": ["999001002", None],
        "name": ["示例网格", "第二 网格"],
        "handle": ["A1", "A2"],
    }
    assert table.geometries.tolist() == [shapely.Polygon(SQUARE), shapely.Polygon(FAR)]
    assert table.crs is None
    assert not table.had_z


def test_gdal_finds_the_same_outlines(tmp_path):
    path = dxf(tmp_path / "a.dxf", ring(SQUARE), old_ring(FAR, handle="A2"))
    _, rows = gdal_table(path)
    lines = shapely.from_wkb([row["wkb_geometry"] for row in rows])
    expected = read_features(path)
    assert [row["EntityHandle"] for row in rows] == expected.columns["handle"]
    for line, area in zip(lines, expected.geometries, strict=True):
        assert shapely.Polygon(shapely.get_coordinates(line)) == area


def test_what_gdal_wrote_is_read(tmp_path):
    shapes = [shapely.Polygon(SQUARE), shapely.Polygon(FAR)]
    lines = shapely.to_wkb(shapely.boundary(shapes)).tolist()
    pyogrio.raw.write_arrow(
        pa.table({"g": lines}),
        tmp_path / "a.dxf",
        driver="DXF",
        geometry_name="g",
        geometry_type="LineString",
        layer="entities",
        crs="EPSG:4549",
    )
    found = read_features(tmp_path / "a.dxf")
    assert shapely.equals_exact(found.geometries, np.array(shapes), 1e-9, normalize=True).all()


@pytest.mark.parametrize(
    ("version", "page", "encoding"),
    [
        ("AC1032", "ANSI_936", "utf-8"),
        ("AC1032", "ANSI_936", "utf-8-sig"),
        ("AC1015", "ANSI_936", "gbk"),
        ("AC1015", "UNKNOWN", "gbk"),
        ("AC1015", "ANSI_1252", "gbk"),
        ("AC1032", "ANSI_936", "gbk"),
    ],
)
def test_chinese_layers_and_texts_are_read_in_every_encoding(tmp_path, version, page, encoding):
    options = {"version": version, "page": page, "encoding": encoding}
    path = dxf(tmp_path / "a.dxf", ring(SQUARE, "网格"), label("示例", 5, 5), **options)
    assert list_tables(path) == ["网格"]
    assert read_features(path).columns["name"] == ["示例"]


def test_escaped_characters_of_old_drawings_are_read(tmp_path):
    path = dxf(tmp_path / "a.dxf", ring(SQUARE), label("\\U+793A\\U+4F8B", 5, 5))
    assert read_features(path).columns["name"] == ["示例"]


def test_layers_with_closed_polylines_are_the_tables(tmp_path):
    road = ring([(0, 0), (5, 5)], "道路", flags=0, handle="B")
    path = dxf(tmp_path / "a.dxf", ring(SQUARE, "街道"), ring(FAR, "网格"), road)
    assert list_tables(path) == ["街道", "网格"]
    assert "2 tables (街道、网格)" in reason_of(path)
    assert len(read_features(path, table="网格")) == 1
    assert len(read_features(path, likely_tables=("grid", "网格"))) == 1


def test_a_ring_that_ends_where_it_began_is_closed_without_saying_so(tmp_path):
    path = dxf(tmp_path / "a.dxf", ring([*SQUARE, SQUARE[0]], flags=0))
    assert read_features(path).geometries[0] == shapely.Polygon(SQUARE)


def test_what_is_drawn_on_the_sheet_of_paper_does_not_count(tmp_path):
    path = dxf(tmp_path / "a.dxf", ring(SQUARE), ring(FAR, "网格", (67, 1), handle="A2"))
    assert read_features(path).columns["handle"] == ["A1"]


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (ring(FAR, flags=0, handle="B7"), "holds 1 open polylines"),
        (old_ring(FAR, flags=0, handle="B7"), "holds 1 open polylines"),
        (entity("ARC", "网格", (10, 0), (20, 0), handle="B7"), "holds 1 single arcs or curves"),
        (entity("LINE", "网格", (10, 0), (20, 0), handle="B7"), "holds 1 single lines"),
        (ring(FAR, "网格", (230, -1.0), handle="B7"), "holds 1 mirrored or tilted outlines"),
    ],
)
def test_what_is_no_straight_closed_outline_is_refused_by_layer_and_handle(tmp_path, drawn, said):
    message = reason_of(dxf(tmp_path / "a.dxf", ring(SQUARE), drawn))
    assert f"layer '网格' {said}" in message
    assert "B7" in message


def test_curves_on_other_layers_do_not_matter_and_other_things_are_told(tmp_path):
    arc = entity("ARC", "道路", (10, 0), (20, 0))
    hatch = entity("HATCH", "网格", (10, 0), (20, 0))
    point = entity("POINT", "网格", (10, 0), (20, 0))
    table = read_features(dxf(tmp_path / "a.dxf", ring(SQUARE), arc, point, point, hatch))
    assert table.notes == [
        ("未读取的图元：POINT 2、HATCH 1", "left out of the layer: POINT 2, HATCH 1"),
        (
            "1 个填充读不懂，当作填色未读取：HATCH A1；若是区域请重新填充",
            "1 hatches cannot be read and were taken for fills: HATCH A1; "
            "hatch those again that are areas",
        ),
    ]


def test_two_points_bound_no_area(tmp_path):
    path = dxf(tmp_path / "a.dxf", ring([(0, 0), (1, 1), (0, 0)], handle="C3"))
    assert "LWPOLYLINE C3 has 2 different points" in reason_of(path)


@pytest.mark.parametrize(
    "drawn",
    [ring(SQUARE, "网格", (38, 12.5)), old_ring(SQUARE, z=3.5)],
)
def test_heights_are_left_out_and_told(tmp_path, drawn):
    table = read_features(dxf(tmp_path / "a.dxf", drawn))
    assert table.had_z
    assert not shapely.has_z(table.geometries).any()


def test_two_codes_inside_one_outline_are_refused_with_the_handle(tmp_path):
    texts = [label("001", 2, 2), label("002", 8, 8)]
    said = reason_of(dxf(tmp_path / "a.dxf", ring(SQUARE, handle="D4"), *texts))
    assert "inside LWPOLYLINE D4 stand 2 texts" in said
    assert "001、002" in said
    # the same text twice is one, and those on the layer of the outlines go before
    texts += [label("003", 5, 5, "网格"), label("003", 6, 6, "网格"), label("", 1, 1)]
    path = dxf(tmp_path / "a.dxf", ring(SQUARE), *texts)
    assert read_features(path).columns["code"] == ["003"]


def test_a_drawing_without_areas_is_refused_with_the_way_out(tmp_path):
    mesh = old_ring(FAR, flags=64 | 1)
    path = dxf(tmp_path / "a.dxf", ring(SQUARE, flags=0), mesh)
    assert "it holds no closed polyline, curve or hatch" in reason_of(path)


def test_a_drawing_cut_off_binary_or_no_drawing_is_refused(tmp_path):
    assert "cut off" in reason_of(dxf(tmp_path / "a.dxf", ring(SQUARE), end=False))
    (tmp_path / "b.dxf").write_bytes(b"AutoCAD Binary DXF\r\n\x1a\x00")
    assert "save it as an ASCII DXF" in reason_of(tmp_path / "b.dxf")
    (tmp_path / "c.dxf").write_text("不是图\n")
    assert "line 1 should be a group code" in reason_of(tmp_path / "c.dxf")
    (tmp_path / "d.dxf").write_bytes(b"0\nSECTION\n\xff\xff\n")
    assert "neither UTF-8 nor GBK" in reason_of(tmp_path / "d.dxf")


@pytest.mark.parametrize("bad", [["10", "x"], ["20", "1"]])
def test_a_polyline_whose_numbers_are_none_is_refused(tmp_path, bad):
    path = dxf(tmp_path / "a.dxf", [*ring(SQUARE, handle="E5"), *bad])
    assert "LWPOLYLINE E5" in reason_of(path)
