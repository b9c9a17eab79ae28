"""KML in and out and KMZ in, with GDAL as the other reader and maker."""

import zipfile

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

from geo_service.errors import UnwritableFile
from geo_service.layers.files import FeatureLayer, list_tables, read_features, write_layers
from tests.feature_files import (
    COLUMNS,
    X,
    Y,
    boxes,
    gdal_table,
    outlines,
    reason_of,
    same_outlines,
    written,
)

HEAD = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
SQUARE = (
    "<Polygon><outerBoundaryIs><LinearRing><coordinates>\n 0,0,5 1,0,5\t1,1,5 0,0,5 \n"
    "</coordinates></LinearRing></outerBoundaryIs></Polygon>"
)


def kml(path, body: str):
    path.write_text(f"{HEAD}{body}</Document></kml>", encoding="utf-8")
    return path


def placemark(inner: str, shape: str = SQUARE) -> str:
    return f"<Placemark>{inner}{shape}</Placemark>"


def test_outlines_and_values_come_back_exactly_but_for_long_integers(tmp_path):
    table, notes = written(tmp_path / "a.kml")
    assert table.columns == {**COLUMNS, "count": ["310101001001001", None, "-3"]}
    assert same_outlines(table.geometries, outlines())
    assert not table.had_z
    assert any("count became text" in note for note in notes)
    assert any("the coordinates are EPSG:4490" in note for note in notes)


def test_every_double_and_every_text_keeps_what_it_is(tmp_path):
    columns = {"x": X, "n": [1, -2, 2**31 - 1, None, 0], "t": ["", None, "a\r\nb", ' <&>" ', "1"]}
    table, notes = written(tmp_path / "a.kml", columns=columns, geometries=shapely.points(X, Y))
    assert table.columns == columns
    found = shapely.get_coordinates(table.geometries)
    assert found.tobytes() == np.column_stack([X, Y]).tobytes()
    assert len(notes) == 1


def test_the_frame_counts_as_unnamed(tmp_path):
    table, _ = written(tmp_path / "a.kml")
    assert table.crs is None


def test_gdal_reads_what_we_wrote(tmp_path):
    columns = {"code": ["007", "b"], "name": ["示例街道", None], "n": [1, None]}
    written(tmp_path / "a.kml", columns=columns, geometries=boxes(2))
    _, rows = gdal_table(tmp_path / "a.kml")
    assert [row["code"] for row in rows] == ["007", "b"]
    assert [row["n"] for row in rows] == [1, None]
    assert rows[0]["Name"] == "示例街道"
    found = shapely.from_wkb([row["wkb_geometry"] for row in rows])
    assert same_outlines(shapely.force_2d(found), boxes(2))
    assert pyogrio.list_layers(tmp_path / "a.kml")[:, 0].tolist() == ["网格"]


@pytest.mark.parametrize("driver", ["LIBKML", "KML"])
def test_what_gdal_wrote_is_read_with_its_extended_data(tmp_path, driver):
    table = pa.table({"geom": shapely.to_wkb(boxes(2)).tolist(), "编码": ["007", "8"]})
    options = {"crs": "EPSG:4326", "geometry_type": "Polygon", "layer": "grid"}
    path = tmp_path / "a.kml"
    pyogrio.raw.write_arrow(table, path, driver=driver, geometry_name="geom", **options)
    found = read_features(path)
    assert found.columns == {"编码": ["007", "8"]}
    # GDAL writes fifteen digits
    assert shapely.equals_exact(found.geometries, boxes(2), 1e-12, normalize=True).all()


def test_labels_descriptions_untyped_data_and_heights_are_read(tmp_path):
    data = (
        '<ExtendedData><Data name="code"><value>007</value></Data><Data name="x"/></ExtendedData>'
    )
    body = placemark(f"<name>甲</name><description>说明</description>{data}")
    table = read_features(kml(tmp_path / "a.kml", body + "<Placemark><name>无</name></Placemark>"))
    assert table.columns == {
        "name": ["甲", "无"],
        "description": ["说明", None],
        "code": ["007", None],
        "x": [None, None],
    }
    assert table.had_z
    assert table.geometries[0] == shapely.Polygon([(0, 0), (1, 0), (1, 1)])
    assert table.geometries[1] is None


def test_a_schema_that_calls_a_code_a_number_does_not_eat_its_zeros(tmp_path):
    schema = '<Schema id="s"><SimpleField name="code" type="int"/><x/></Schema>'
    cells = [
        f'<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="code">{text}</SimpleData>'
        "</SchemaData></ExtendedData>"
        for text in ("007", "7", "x")
    ]
    table = read_features(kml(tmp_path / "a.kml", schema + "".join(map(placemark, cells))))
    assert table.columns == {"code": ["007", 7, "x"]}


def test_every_kind_of_geometry_is_read_and_written(tmp_path):
    kinds = [
        "POINT (1 2)",
        "LINESTRING (1 2, 3 4)",
        "MULTIPOINT ((1 2), (3 4))",
        "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))",
        "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))",
    ]
    shapes = shapely.from_wkt(kinds)
    table, _ = written(tmp_path / "a.kml", columns={}, geometries=shapes)
    assert table.geometries.tolist() == shapes.tolist()
    empty = np.array([shapely.Polygon()])
    assert written(tmp_path / "b.kml", columns={}, geometries=empty)[0].geometries.tolist() == [
        None
    ]


def test_folders_are_tables_and_go_out_as_such(tmp_path):
    codes = {"street": 1, "网格": "01"}
    layers = [FeatureLayer(name, {"code": [code]}, boxes(1)) for name, code in codes.items()]
    write_layers(tmp_path / "a.kml", layers)
    assert list_tables(tmp_path / "a.kml") == ["street", "网格"]
    assert read_features(tmp_path / "a.kml", table="street").columns == {"code": [1]}
    assert read_features(tmp_path / "a.kml", table="网格").columns == {"code": ["01"]}
    assert "2 tables" in reason_of(tmp_path / "a.kml")
    assert len(read_features(tmp_path / "a.kml", likely_tables=("grid", "网格"))) == 1


def test_a_kmz_holds_the_kml_that_comes_first(tmp_path):
    written(tmp_path / "doc.kml")
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.writestr("files/icon.png", b"x")
        archive.write(tmp_path / "doc.kml", "doc.kml")
    assert same_outlines(read_features(tmp_path / "a.kmz").geometries, outlines())
    with zipfile.ZipFile(tmp_path / "b.kmz", "w") as archive:
        archive.writestr("a.txt", b"x")
    assert "no .kml in it" in reason_of(tmp_path / "b.kmz")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<gml/>", "the XML is a gml, not a KML"),
        ("no XML", "no complete KML"),
        (f"{HEAD}<Placemark>", "no complete KML"),
        ('<?xml version="1.0" encoding="Shift_JIS"?><kml/>', "no complete KML"),
        ('<?xml version="1.0" encoding="UTF-88"?><kml/>', "no complete KML"),
        (f"{HEAD}</Document></kml>", "no table with geometry"),
    ],
)
def test_what_is_no_whole_kml_is_refused(tmp_path, content, said):
    (tmp_path / "a.kml").write_text(content)
    assert said in reason_of(tmp_path / "a.kml")


@pytest.mark.parametrize(
    "shape",
    [
        SQUARE.replace("0,0,5 1,0,5", "x,0"),
        "<Polygon><extrude>0</extrude></Polygon>",
        "<LineString><coordinates>1,2</coordinates></LineString>",
        "<Point></Point>",
        SQUARE.replace("0,0,5 1,0,5", "0, 0, 5 1, 0, 5"),
        "<MultiGeometry>" * 3000 + SQUARE + "</MultiGeometry>" * 3000,
    ],
)
def test_a_geometry_that_is_none_is_refused_by_its_placemark(tmp_path, shape):
    path = kml(tmp_path / "a.kml", placemark("") + placemark("<name>乙</name>", shape))
    assert "the geometry of placemark 2 (乙) cannot be read" in reason_of(path)


@pytest.mark.parametrize("name", ["GBK", "gb2312", "GB18030"])
def test_a_kml_that_says_it_is_in_gbk_is_read_so(tmp_path, name):
    body = f"<Document>{placemark('<name>网格</name>')}</Document>"
    text = f"<?xml version='1.0' encoding='{name}'?><kml>{body}</kml>"
    (tmp_path / "a.kml").write_bytes(text.encode("gb18030"))
    assert read_features(tmp_path / "a.kml").columns == {"name": ["网格"]}
    (tmp_path / "b.kml").write_bytes(text.encode("utf-8") + b"\xff")
    assert "no complete KML" in reason_of(tmp_path / "b.kml")


def test_entities_that_grow_without_end_are_refused(tmp_path):
    grow = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    text = f'<!DOCTYPE kml [<!ENTITY e0 "{"x" * 50}">{grow}]><kml><Placemark><name>&e9;</name>'
    (tmp_path / "a.kml").write_text(f"{text}</Placemark></kml>")
    assert "no complete KML" in reason_of(tmp_path / "a.kml")


def test_projected_coordinates_need_another_format(tmp_path):
    with pytest.raises(UnwritableFile, match="lon/lat"):
        written(tmp_path / "a.kml", crs_epsg=4549)


def test_characters_that_no_xml_holds_are_replaced(tmp_path):
    table, _ = written(tmp_path / "a.kml", columns={"t": ["a\x00b", "\ud800", "c"]})
    assert table.columns == {"t": ["a\ufffdb", "\ufffd", "c"]}
