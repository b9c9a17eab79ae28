"""GeoParquet and Arrow in and out, with geopandas and pyarrow as the other readers and makers."""

import datetime as dt
import json
from decimal import Decimal

import geopandas
import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyarrow import parquet

from geo_service.layers.files import read_features
from geo_service.layers.files.features import columnar
from geo_service.layers.frames import frame_of_crs
from tests.feature_files import COLUMNS, X, Y, boxes, outlines, reason_of, same_outlines, written

NAMES = ["a.parquet", "a.arrow"]


def geo_of(path) -> dict:
    return json.loads(parquet.read_schema(path).metadata[b"geo"])


def rewritten(path, change, *, columns=None):
    """Write a parquet of ours again, with other metadata or columns."""
    table = parquet.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    change(geo)
    for name, values in (columns or {}).items():
        table = table.append_column(name, values)
    parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


@pytest.fixture
def ours(tmp_path):
    written(tmp_path / "a.parquet", columns={"code": ["1", "2"]}, geometries=boxes(2))
    return tmp_path / "a.parquet"


@pytest.mark.parametrize("name", NAMES)
def test_outlines_and_values_come_back_exactly(tmp_path, name):
    table, notes = written(tmp_path / name)
    assert table.columns == COLUMNS
    assert [type(value) for value in table.columns["count"]] == [int, type(None), int]
    assert same_outlines(table.geometries, outlines())
    assert frame_of_crs(table.crs) == "EPSG:4490"
    assert notes == []


@pytest.mark.parametrize("name", NAMES)
def test_every_double_integer_and_blank_keeps_what_it_is(tmp_path, name):
    columns = {"x": X, "n": [2**63 - 1, -(2**63) + 1, 2**53 + 1, 0, None], "t": ["", None, *"abc"]}
    table, notes = written(tmp_path / name, columns=columns, geometries=shapely.points(X, Y))
    assert table.columns == columns
    found = shapely.get_coordinates(table.geometries)
    assert found.tobytes() == np.column_stack([X, Y]).tobytes()
    assert notes == []


@pytest.mark.parametrize("name", NAMES)
def test_a_column_of_mixed_kinds_becomes_text_and_says_so(tmp_path, name):
    columns = {"备注": [1, "a", None], "n": [2**70, 1, None], "x": [0.5, 2**53 + 1, None]}
    table, notes = written(tmp_path / name, columns=columns)
    assert table.columns == {
        "备注": ["1", "a", None],
        "n": [str(2**70), "1", None],
        "x": ["0.5", "9007199254740993", None],
    }
    assert notes == [
        "'备注' mixes kinds of values; it was written as text",
        "'n' holds integers too long for a number there; it was written as text",
        "'x' holds integers too long for a number there; it was written as text",
    ]


def test_the_metadata_are_those_of_geoparquet_1_1(ours):
    geo = geo_of(ours)
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "geometry"
    facts = geo["columns"]["geometry"]
    assert facts["encoding"] == "WKB"
    assert facts["geometry_types"] == ["Polygon"]
    assert facts["edges"] == "planar"
    assert facts["crs"]["id"] == {"authority": "EPSG", "code": 4490}
    assert facts["bbox"] == pytest.approx([116, 39, 116.2, 39.1])


@pytest.mark.parametrize(
    ("name", "read"),
    [("a.parquet", geopandas.read_parquet), ("a.arrow", geopandas.read_feather)],
)
def test_geopandas_reads_what_we_wrote(tmp_path, name, read):
    written(tmp_path / name)
    frame = read(tmp_path / name)
    assert frame.crs.to_epsg() == 4490
    assert frame["code"].tolist()[:2] == ["007", "999001002003004"]
    assert same_outlines(np.array([*frame.geometry[:2], None]), outlines())


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "OGC:CRS84", "EPSG:4549"])
def test_what_geopandas_wrote_is_read_with_its_frame(tmp_path, crs):
    frame = geopandas.GeoDataFrame({"编码": ["1", "2"]}, geometry=list(boxes(2)), crs=crs)
    frame.to_parquet(tmp_path / "a.parquet", write_covering_bbox=True)
    frame.to_feather(tmp_path / "a.feather")
    for name in ("a.parquet", "a.feather"):
        table = read_features(tmp_path / name)
        assert table.columns == {"编码": ["1", "2"]}
        assert same_outlines(table.geometries, boxes(2))
        assert frame_of_crs(table.crs) == crs.replace("OGC:CRS84", "EPSG:4326")


def test_no_crs_means_longitude_and_latitude_and_a_null_one_that_nobody_knows(ours):
    rewritten(ours, lambda geo: geo["columns"]["geometry"].pop("crs"))
    assert read_features(ours).crs == "OGC:CRS84"
    rewritten(ours, lambda geo: geo["columns"]["geometry"].update(crs=None))
    assert read_features(ours).crs is None


def test_dates_decimals_and_nested_values_become_text_and_bytes_are_left_out(ours):
    more = {
        "day": pa.array([dt.date(2026, 1, 2), None]),
        "rate": pa.array([Decimal("0.10"), None]),
        "tags": pa.array([["a", "b"], None]),
        "kind": pa.array(["x", "x"]).dictionary_encode(),
        "raw": pa.array([b"1", b"2"]),
        "is_new": pa.array([True, None]),
    }
    table = read_features(rewritten(ours, lambda _: None, columns=more))
    assert table.columns == {
        "code": ["1", "2"],
        "day": ["2026-01-02", None],
        "rate": ["0.10", None],
        "tags": ['["a","b"]', None],
        "kind": ["x", "x"],
        "is_new": ["true", None],
    }
    assert table.notes == [("二进制列 raw 未读取", "binary column raw left out")]


def test_a_second_geometry_and_spherical_edges_are_told(ours):
    def change(geo):
        geo["columns"]["center"] = {"encoding": "WKB", "geometry_types": []}
        geo["columns"]["geometry"]["edges"] = "spherical"

    centers = pa.array(shapely.to_wkb(shapely.centroid(boxes(2))).tolist())
    table = read_features(rewritten(ours, change, columns={"center": centers}))
    assert list(table.columns) == ["code"]
    assert [en for _, en in table.notes] == [
        "geometry column center left out",
        "edges stated as spherical, read straight",
    ]


def test_heights_and_measures_are_left_out_and_told(tmp_path):
    shapes = shapely.from_wkt(["POINT ZM (1 2 3 4)"])
    table, _ = written(tmp_path / "a.parquet", columns={"n": [1]}, geometries=shapes)
    assert table.had_z
    assert table.geometries[0] == shapely.Point(1, 2)
    assert ("量测值（M）已舍去", "measures (M) were left out") in table.notes


def test_an_arrow_file_that_only_geoarrow_describes_is_read(tmp_path):
    written(tmp_path / "a.arrow", columns={"code": ["1", "2"]}, geometries=boxes(2))
    with pa.ipc.open_file(tmp_path / "a.arrow") as file:
        table = file.read_all().replace_schema_metadata(None)
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table)
    assert frame_of_crs(read_features(tmp_path / "a.arrow").crs) == "EPSG:4490"


@pytest.mark.parametrize("facts", [b"", b"no JSON", b"[]", b"{}"])
def test_geoarrow_that_names_no_frame_leaves_it_unknown(tmp_path, facts):
    metadata = {"ARROW:extension:name": "geoarrow.wkb", "ARROW:extension:metadata": facts}
    field = pa.field("g", pa.binary(), metadata=metadata)
    wkb = pa.array(shapely.to_wkb(boxes(1)).tolist(), pa.binary())
    table = pa.Table.from_arrays([wkb], schema=pa.schema([field]))
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table)
    assert read_features(tmp_path / "a.arrow").crs is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("left", [3, 0.5, 0.99])
def test_a_file_cut_in_the_middle_is_refused(tmp_path, name, left):
    written(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: left if left > 1 else int(len(content) * left)])
    said = reason_of(tmp_path / name)
    assert "no complete" in said or "no Arrow file" in said


@pytest.mark.parametrize("name", NAMES)
def test_a_table_without_outlines_is_refused_with_the_way_out(tmp_path, name):
    table = pa.table({"lon": [116.1], "lat": [39.9]})
    if name == "a.parquet":
        parquet.write_table(table, tmp_path / name)
    else:
        with pa.ipc.new_file(tmp_path / name, table.schema) as writer:
            writer.write_table(table)
    said = reason_of(tmp_path / name)
    assert "(columns: lon、lat)" in said
    assert "Export it as GeoParquet" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda geo: geo["columns"]["geometry"].update(encoding="point"), "encoded as point"),
        (lambda geo: geo.pop("primary_column"), "geo metadata cannot be understood"),
        (lambda geo: geo.update(columns=[]), "geo metadata cannot be understood"),
        (
            lambda geo: geo.update(primary_column="code", columns={"code": {"encoding": "WKB"}}),
            "put the outlines in 'code'",
        ),
        (
            lambda geo: geo.update(primary_column="x", columns={"x": {"encoding": "WKB"}}),
            "put the outlines in 'x'",
        ),
    ],
)
def test_metadata_that_fit_nothing_are_refused(ours, change, said):
    assert said in reason_of(rewritten(ours, change))


def test_an_outline_that_is_none_is_refused_by_its_number(ours):
    table = parquet.read_table(ours)
    broken = table.set_column(1, "geometry", pa.array([table.column("geometry")[0].as_py(), b"x"]))
    parquet.write_table(broken.replace_schema_metadata(table.schema.metadata), ours)
    assert "the geometry of feature 2 cannot be read" in reason_of(ours)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([0, 2**62], pa.timestamp("us")),
        pa.array([0, 10**8], pa.date32()),
        pa.array([None, 0], pa.timestamp("us", "Nowhere/Street")),
        pa.array([b"", "街".encode("gbk")]).view(pa.string()),
    ],
    ids=["moment", "day", "zone", "gbk"],
)
def test_a_value_that_is_none_is_refused_by_its_column_and_number(ours, values):
    rewritten(ours, lambda _: None, columns={"登记": values})
    said = reason_of(ours)
    assert "'登记' of feature 2 cannot be read" in said
    assert "export it again" in said


def test_offsets_that_point_out_of_an_arrow_file_are_refused_before_anybody_follows_them(tmp_path):
    lost = [0, 1 << 30, 2]
    texts = pa.StringArray.from_buffers(
        2, pa.array(lost, pa.int32()).buffers()[1], pa.py_buffer(b"ab")
    )
    table = pa.table({"code": texts, "geometry": shapely.to_wkb(boxes(2)).tolist()})
    geo = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    described = table.replace_schema_metadata({"geo": json.dumps(geo)})
    with pa.ipc.new_file(tmp_path / "a.arrow", described.schema) as writer:
        writer.write_table(described)
    assert "no complete Arrow file" in reason_of(tmp_path / "a.arrow")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_a_column_that_is_no_utf8_is_refused(tmp_path, name):
    written(tmp_path / name, columns={"street": ["1", "2"]}, geometries=boxes(2))
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content.replace(b"street", b"\xffreet"))
    assert "no complete" in reason_of(tmp_path / name)


def test_columns_of_one_name_are_refused(tmp_path):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table)
    assert "columns stand twice" in reason_of(tmp_path / "a.arrow")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_unpacks_beyond_the_limit_is_not_read(tmp_path, name, monkeypatch):
    written(tmp_path / name)
    # the limit of two gigabytes takes long to write, so a hundred bytes stand for it
    monkeypatch.setattr(columnar, "MAX_UNPACKED_BYTES", 100)
    assert "above 2 GB" in reason_of(tmp_path / name)


def test_an_arrow_stream_under_this_ending_is_refused_with_the_way_out(tmp_path):
    with pa.ipc.new_stream(tmp_path / "a.arrow", pa.schema([("a", pa.int8())])):
        pass
    assert "save a stream as a file" in reason_of(tmp_path / "a.arrow")


@pytest.mark.parametrize("name", NAMES)
def test_no_features_at_all_make_an_empty_file(tmp_path, name):
    none = np.empty(0, dtype=object)
    table, _ = written(tmp_path / name, columns={"code": []}, geometries=none)
    assert len(table) == 0
    if name == "a.parquet":
        assert "bbox" not in geo_of(tmp_path / name)["columns"]["geometry"]
