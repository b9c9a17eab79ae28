"""FlatGeobuf in and out, with GDAL as the other reader and maker."""

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

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


def test_outlines_and_values_come_back_exactly_and_in_order(tmp_path):
    table, notes = written(tmp_path / "a.fgb")
    assert table.columns == COLUMNS
    assert [type(value) for value in table.columns["count"]] == [int, type(None), int]
    assert same_outlines(table.geometries, outlines())
    assert table.crs == "EPSG:4490"
    assert notes == []


def test_every_double_and_every_long_integer_keeps_its_bits(tmp_path):
    columns = {"x": X, "n": [2**63 - 1, -(2**63) + 1, 2**53 + 1, 0, None]}
    points = shapely.points(X, Y)
    table, _ = written(tmp_path / "a.fgb", columns=columns, geometries=points)
    by_value = {value: i for i, value in enumerate(table.columns["x"])}
    order = [by_value[value] for value in X]  # the index orders features by place
    assert [table.columns["n"][i] for i in order] == columns["n"]
    found = shapely.get_coordinates(table.geometries[order])
    assert found.tobytes() == np.column_stack([X, Y]).tobytes()


def test_an_empty_text_stays_apart_from_a_missing_one(tmp_path):
    table, notes = written(tmp_path / "a.fgb", columns={"a": ["", None, "x"]})
    assert table.columns == {"a": ["", None, "x"]}
    assert notes == []


def test_gdal_reads_what_we_wrote(tmp_path):
    written(tmp_path / "a.fgb", columns={"code": ["007", "b"]}, geometries=boxes(2))
    meta, rows = gdal_table(tmp_path / "a.fgb")
    assert meta["crs"] == "EPSG:4490"
    assert {row["code"] for row in rows} == {"007", "b"}
    assert pyogrio.list_layers(tmp_path / "a.fgb").tolist() == [["网格", "Polygon"]]
    # an index lets a client read one place out of a large file
    assert pyogrio.read_info(tmp_path / "a.fgb")["capabilities"]["fast_spatial_filter"]


def test_what_gdal_wrote_in_another_frame_is_read(tmp_path):
    shapes = shapely.transform(boxes(2), lambda xy: xy * 100)
    table = pa.table({"geom": shapely.to_wkb(shapes).tolist(), "编码": ["1", "2"]})
    pyogrio.raw.write_arrow(
        table,
        tmp_path / "a.fgb",
        driver="FlatGeobuf",
        geometry_name="geom",
        geometry_type="Polygon",
        crs="EPSG:4549",
        layer="网格",
    )
    found, _ = written(tmp_path / "b.fgb", geometries=shapes, columns={"编码": ["1", "2"]})
    from geo_service.layers.files import read_features

    read = read_features(tmp_path / "a.fgb")
    assert read.crs == "EPSG:4549"
    assert sorted(read.columns["编码"]) == sorted(found.columns["编码"])


def test_no_features_at_all_make_an_empty_file(tmp_path):
    none = np.empty(0, dtype=object)
    table, _ = written(tmp_path / "a.fgb", columns={"code": []}, geometries=none)
    assert len(table) == 0
    assert list(table.columns) == ["code"]


@pytest.mark.parametrize("left", [0.05, 0.5, 0.9, 0.99])
def test_a_cut_off_file_is_refused_where_gdal_returns_the_rows_before(tmp_path, left):
    path = tmp_path / "a.fgb"
    written(path, columns={"code": list(map(str, range(40)))}, geometries=boxes(40))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * left)])
    said = reason_of(path)
    assert "cut off" in said or "damaged" in said


def test_another_file_under_this_ending_is_not_followed(tmp_path):
    (tmp_path / "a.fgb").write_text("<OGRVRTDataSource/>")
    assert "no FlatGeobuf, only named .fgb" in reason_of(tmp_path / "a.fgb")
