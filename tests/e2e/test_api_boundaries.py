"""Boundary files over HTTP: the whole is checked, and with defects nothing is stored."""

import json
import math

import orjson
import pyarrow as pa
import pyogrio
import pytest
import shapely

from tests.doors import geojson, open_door, problem_of
from tests.houses import STEP, grid_code, street_boundaries

_LAYERS = ("district", "street", "community", "grid")


@pytest.fixture
def door(tmp_path):
    return open_door(tmp_path)


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A street that stays as it is, since nothing that is sent is a boundary file."""
    return open_door(tmp_path_factory.mktemp("strict"))


def _upload(
    door, layer: str, content: bytes, *, name: str = "边界.geojson", **asked: str | list[str]
):
    files = {"file": (name, content)}
    return door.post(f"/api/v1/boundaries/{layer}", files=files, data=asked)


def _editions(door) -> int:
    return len(door.get("/api/v1/editions").json()["editions"])


def test_a_whole_street_comes_in_layer_by_layer(tmp_path):
    door = open_door(tmp_path, is_published=False)
    reports = [_upload(door, layer, geojson(layer)).json() for layer in _LAYERS]
    assert [report["areas"] for report in reports] == [1, 1, 2, 8]
    assert [report["edition"] for report in reports] == [1, 2, 3, 4]
    assert [report["defects"] for report in reports] == [[]] * 4
    assert reports[3]["columns"] == {"code": "code", "name": "name", "parent": "parent"}
    assert door.get("/api/v1/editions/4").json()["areas"]["grid"] == 8


def test_the_same_file_again_changes_nothing(door):
    report = _upload(door, "grid", geojson("grid")).json()
    assert report["differences"] == []


def test_a_gap_and_an_overlap_are_told_with_place_and_size_and_nothing_is_stored(door):
    shapes = list(street_boundaries()["grid"].geometries)
    shapes[0] = shapely.affinity.translate(shapes[0], xoff=STEP / 4)
    body = problem_of(
        _upload(door, "grid", geojson("grid", geometries=shapes)), 422, "topology-broken"
    )
    kinds = {defect["kind"] for defect in body["defects"]}
    assert {"overlap", "gap"} <= kinds
    [overlap] = [defect for defect in body["defects"] if defect["kind"] == "overlap"]
    assert set(overlap["codes"]) == {grid_code(0, 0), grid_code(1, 0)}
    # a quarter of a square of 10 200.2 m²
    assert overlap["area_m2"] == pytest.approx(2550.05, rel=1e-3)
    assert body["edition"] is None
    assert _editions(door) == 1


def test_a_bow_tie_is_told_with_its_place(door):
    shapes = list(street_boundaries()["grid"].geometries)
    west, south, east, north = shapes[0].bounds
    shapes[0] = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    answer = _upload(door, "grid", geojson("grid", geometries=shapes))
    assert answer.status_code == 422
    assert _editions(door) == 1


def test_a_dry_run_reports_and_stores_nothing(door):
    names = [f"新{i}" for i in range(8)]
    report = _upload(door, "grid", geojson("grid", names=names), dry_run="true").json()
    assert report["is_dry_run"]
    assert report["edition"] is None
    assert len(report["differences"][0]["renamed"]) == 8
    assert _editions(door) == 1


def test_a_frame_that_nobody_named_is_asked_for(door):
    answer = _upload(door, "grid", geojson("grid", crs=None))
    problem_of(answer, 422, "missing-frame")
    named = _upload(door, "grid", geojson("grid", crs=None), frame="EPSG:4490")
    assert named.status_code == 200
    assert named.json()["source_frame"] == "EPSG:4490"


def test_a_frame_against_the_evidence_needs_a_confirmation(door):
    content = geojson("grid", crs="EPSG:4326")
    problem_of(_upload(door, "grid", content, frame="EPSG:4490"), 422, "frame-contradiction")
    assert _upload(
        door, "grid", content, frame="EPSG:4490", frame_confirmed="true"
    ).status_code == (200)


def test_a_code_used_twice_is_refused(door):
    codes = [*street_boundaries()["grid"].codes[:7], grid_code(0, 0)]
    body = problem_of(_upload(door, "grid", geojson("grid", codes=codes)), 409, "code-in-use")
    assert body["codes"] == [grid_code(0, 0)]
    assert _editions(door) == 1


def test_swapped_axes_are_called_that(door):
    swapped = [
        shapely.transform(shape, lambda xy: xy[:, ::-1])
        for shape in street_boundaries()["grid"].geometries
    ]
    body = problem_of(
        _upload(door, "grid", geojson("grid", geometries=swapped)), 422, "invalid-coordinates"
    )
    assert "颠倒" in body["reason_zh"]


@pytest.mark.parametrize(
    ("content", "name", "slug"),
    [
        (b"", "a.geojson", "unreadable-file"),
        (b"{}", "a.geojson", "unreadable-file"),
        (b'{"type": "FeatureCollection", "features": []}', "a.geojson", "empty-input"),
        (b"PK\x03\x04", "a.zip", "unreadable-file"),
        (b"x", "a.exe", "unreadable-file"),
        (b"x", "..", "unreadable-file"),
        (b"x", "../../etc/a.gpkg", "unreadable-file"),
    ],
)
def test_what_is_no_boundary_file_is_refused(strict, content, name, slug):
    problem_of(_upload(strict, "grid", content, name=name, frame="EPSG:4490"), 422, slug)
    assert _editions(strict) == 1


@pytest.mark.parametrize(
    ("asked", "slug"),
    [
        ({"code": "编码"}, "unknown-column"),
        ({"frame": "月球"}, "unknown-frame"),
        ({"effective_from": "soon"}, "invalid-value"),
        ({"mode": "append"}, "invalid-request"),
        ({"repair_m": "nan"}, "invalid-request"),
        ({"repair_m": "-1"}, "invalid-request"),
        ({"reason": "x" * 501}, "invalid-request"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(strict, asked, slug):
    problem_of(_upload(strict, "grid", geojson("grid"), **asked), 422, slug)


def _with_columns(**columns) -> bytes:
    """Return the grids as GeoJSON text whose features have more properties, each the same."""
    collection = json.loads(geojson("grid"))
    for feature in collection["features"]:
        feature["properties"] |= columns
    return json.dumps(collection, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({}, {"面积", "备注", "类型"}),
        ({"attributes": "面积"}, {"面积"}),
        ({"attributes": "面积, 类型"}, {"面积", "类型"}),
        ({"attributes": ["面积", "类型"]}, {"面积", "类型"}),
        ({"attributes": ["面积,类型", "备注"]}, {"面积", "备注", "类型"}),
        ({"attributes": ""}, {"面积", "备注", "类型"}),
    ],
)
def test_the_columns_to_keep_are_named_as_on_the_command_line(door, asked, kept):
    content = _with_columns(面积=1.5, 备注="x", 类型="老旧", 手机号="13800000000")
    assert _upload(door, "grid", content, **asked).status_code == 200
    area = door.get(f"/api/v1/areas/grid/{grid_code(0, 0)}").json()
    assert set(area["properties"]["attributes"]) == kept


def test_a_column_to_keep_that_is_not_there_is_named(door):
    answer = _upload(door, "grid", geojson("grid"), attributes="面积")
    assert problem_of(answer, 422, "unknown-column")["column"] == "面积"
    assert _editions(door) == 1


def test_attributes_that_are_no_finite_numbers_are_kept_as_nothing(door, tmp_path):
    areas = street_boundaries()["grid"]
    columns = {"code": list(areas.codes), "parent": list(areas.parents), "面积": [1.5] * 8}
    columns["面积"][:3] = [math.inf, -math.inf, math.nan]
    table = pa.table(columns | {"geometry": shapely.to_wkb(areas.geometries)})
    pyogrio.raw.write_arrow(
        table,
        tmp_path / "a.gpkg",
        driver="GPKG",
        geometry_name="geometry",
        geometry_type="Polygon",
        crs="EPSG:4490",
    )
    answer = _upload(door, "grid", (tmp_path / "a.gpkg").read_bytes(), name="a.gpkg")
    assert answer.status_code == 200, answer.text
    told = [door.get(f"/api/v1/areas/grid/{code}").json() for code in areas.codes[:4]]
    kept = [area["properties"]["attributes"]["面积"] for area in told]
    assert kept == [None, None, None, 1.5]
    with door.app.state.services.workspace.database.read() as connection:
        stored = connection.exec_driver_sql("SELECT attributes FROM areas").scalars().all()
    for text in stored:
        orjson.loads(text)  # which knows no NaN and no Infinity


def test_an_unknown_layer_is_named(strict):
    assert "grid" in problem_of(_upload(strict, "lane", b"{}"), 404, "unknown-layer")["known"]


def test_a_name_that_is_a_script_stays_text_on_the_page(door):
    name = "<script>alert('网格')</script>"
    names = [name, *[f"第{i}网格" for i in range(2, 9)]]
    assert _upload(door, "grid", geojson("grid", names=names)).status_code == 200
    code = street_boundaries()["grid"].codes[0]
    stored = door.get(f"/api/v1/areas/grid/{code}").json()
    assert stored["properties"]["name"] == name
    page = door.get("/desk/hotspots?layer=grid").text
    assert "alert(" in page
    assert "<script>alert(" not in page
