"""GeoJSON in, and what is refused whatever the format."""

import json
import os
import resource
from pathlib import Path

import pyogrio
import pytest
import shapely

from geo_service.errors import UnreadableFile
from geo_service.layers.file_format import FORMATS
from geo_service.layers.files import read_features


def geojson(path: Path, features: list, **members) -> Path:
    document = {"type": "FeatureCollection", **members, "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def feature(properties: dict | None, geometry: object, **members) -> dict:
    return {"type": "Feature", **members, "properties": properties, "geometry": geometry}


def point(*coordinates: float) -> dict:
    return {"type": "Point", "coordinates": coordinates}


def reason_of(path: Path, **options) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_features(path, **options)
    assert caught.value.where == path.name
    return caught.value.text("en")


def test_types_of_geojson_properties_survive_exactly(tmp_path):
    rows = {
        "code": "007",
        "long": 310101001001001,
        "longest": 9007199254740993,
        "day": "2026/01/02",
        "share": 0.1,
        "nothing": None,
        "tags": ["a", {"b": 1}],
        "open": True,
    }
    table = read_features(geojson(tmp_path / "a.geojson", [feature(rows, point(1, 2))]))
    found = {name: values[0] for name, values in table.columns.items()}
    assert found == {**rows, "tags": '["a",{"b":1}]', "open": "true"}
    assert [type(value) for value in found.values()][:3] == [str, int, int]


def test_geojson_without_a_crs_member_names_no_frame(tmp_path):
    path = geojson(tmp_path / "a.geojson", [feature({}, point(1, 2))])
    assert pyogrio.read_info(path)["crs"] == "EPSG:4326"
    assert read_features(path).crs is None


def test_a_crs_member_of_geojson_is_kept_as_evidence(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    table = read_features(geojson(tmp_path / "a.json", [feature({}, point(1, 2))], crs=crs))
    assert table.crs == "urn:ogc:def:crs:EPSG::4490"


def test_a_crs_member_of_the_oldest_geojson_is_a_code(tmp_path):
    crs = {"type": "EPSG", "properties": {"code": 4490}}
    table = read_features(geojson(tmp_path / "a.json", [feature({}, point(1, 2))], crs=crs))
    assert table.crs == "EPSG:4490"


def test_columns_of_geojson_are_the_union_in_order_of_appearance(tmp_path):
    features = [feature({"b": 1}, None, id=7), feature(None, None), feature({"a": 2, "b": 3}, None)]
    table = read_features(geojson(tmp_path / "a.geojson", features))
    assert table.columns == {"id": [7, None, None], "b": [1, None, 3], "a": [None, None, 2]}
    assert list(table.geometries) == [None, None, None]


def test_heights_in_geojson_are_dropped_and_told(tmp_path):
    table = read_features(geojson(tmp_path / "a.geojson", [feature({}, point(116.5, 39.5, 7))]))
    assert table.had_z
    assert table.geometries[0].equals_exact(shapely.Point(116.5, 39.5), 0)
    assert not shapely.has_z(table.geometries[0])


def test_geojson_in_gbk_or_with_a_byte_order_mark_is_read(tmp_path):
    text = json.dumps(
        {"type": "FeatureCollection", "features": [feature({"名称": "示例街道"}, None)]},
        ensure_ascii=False,
    )
    (tmp_path / "gbk.geojson").write_bytes(text.encode("gbk"))
    (tmp_path / "bom.geojson").write_bytes(text.encode("utf-8-sig"))
    for name, encoding in (("gbk", "GB18030"), ("bom", "UTF-8")):
        table = read_features(tmp_path / f"{name}.geojson")
        assert table.columns == {"名称": ["示例街道"]}
        assert table.encoding == encoding


def test_geojson_in_no_encoding_of_ours_is_refused(tmp_path):
    path = geojson(tmp_path / "a.geojson", [feature({"name": "XY"}, None)])
    # 0xff begins no character, neither in UTF-8 nor in GB 18030
    path.write_bytes(path.read_bytes().replace(b"XY", b"\xff\xff"))
    assert "neither UTF-8 nor GBK" in reason_of(path)


def test_geojson_above_a_gigabyte_is_refused_before_it_fills_the_memory(tmp_path):
    path = geojson(tmp_path / "a.geojson", [])
    os.truncate(path, (1 << 30) + 1)
    assert "use GPKG instead" in reason_of(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{not json", "no JSON"),
        ('{"type":"Topology"}', "Topology, not a GeoJSON FeatureCollection"),
        ("[1, 2]", "not a GeoJSON FeatureCollection"),
        ('{"type":"Feature","geometry":null}', "Feature, not a GeoJSON FeatureCollection"),
        ('{"type":"FeatureCollection","features":[5]}', "item 1 of features"),
        ('{"type":"FeatureCollection","features":[', "no JSON"),
        ('{"type":"FeatureCollection","features":[{"a":NaN}]}', "no JSON"),
        ('{"type":"FeatureCollection","features":[{"a":1e999}]}', "no JSON"),
    ],
)
def test_json_that_is_no_feature_collection_is_refused(tmp_path, content, said):
    path = tmp_path / "a.geojson"
    path.write_text(content, encoding="utf-8")
    assert said in reason_of(path)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [None, 1]},
        {"type": "Point", "coordinates": ["1", "2"]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
        {"type": "Circle", "coordinates": [1, 2]},
        "POINT (1 2)",
    ],
)
def test_a_geometry_that_is_none_is_refused_with_its_number(tmp_path, geometry):
    path = geojson(tmp_path / "a.geojson", [feature({}, point(1, 2)), feature({}, geometry)])
    assert "feature 2 cannot be read" in reason_of(path)


@pytest.mark.parametrize("properties", [[1, 2], "编码", 5])
def test_properties_that_are_no_object_are_refused_with_their_number(tmp_path, properties):
    path = geojson(
        tmp_path / "a.geojson", [feature({}, point(1, 2)), feature(properties, point(1, 2))]
    )
    assert "the properties of feature 2 are no JSON object" in reason_of(path)


def test_what_is_nested_without_end_is_refused(tmp_path):
    nested, shape = [], point(1, 2)
    for _ in range(300):
        nested, shape = [nested], {"type": "GeometryCollection", "geometries": [shape]}
    path = geojson(tmp_path / "a.geojson", [feature({"a": nested}, point(1, 2))])
    assert "a value of 'a' is nested too deep" in reason_of(path)
    path = geojson(tmp_path / "a.geojson", [feature({}, point(1, 2)), feature({}, shape)])
    assert "the geometry of feature 2 is nested too deep" in reason_of(path)


def test_a_bow_tie_is_read_as_it_is_and_left_to_the_check(tmp_path):
    ring = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    table = read_features(geojson(tmp_path / "a.geojson", [feature({}, shape)]))
    assert not shapely.is_valid(table.geometries[0])


def test_a_missing_file_a_folder_and_an_empty_one_are_told_apart(tmp_path):
    (tmp_path / "folder.geojson").mkdir()
    (tmp_path / "empty.gpkg").touch()
    assert "no such file" in reason_of(tmp_path / "none.geojson")
    assert "it is a folder" in reason_of(tmp_path / "folder.geojson")
    assert "the file is empty" in reason_of(tmp_path / "empty.gpkg")


def test_a_file_that_the_system_does_not_open_is_refused_with_its_reason(tmp_path):
    path = geojson(tmp_path / "a.geojson", [])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        reason = reason_of(path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "Too many open files" in reason


@pytest.mark.parametrize("name", ["a.doc", "a.dwg", "a"])
def test_an_unknown_ending_is_refused_with_the_way_out(tmp_path, name):
    (tmp_path / name).write_text("x")
    said = reason_of(tmp_path / name)
    for form in FORMATS:
        assert f"{form.title} {' '.join(form.read)}" in said
