"""A frame that trusted boundaries contradict is a question, at the terminal and over HTTP."""

import csv
import json

import numpy as np
import pytest
import shapely

from geo_service.layers.frames import from_storage, geometries_from_storage
from tests.doors import geojson, open_door, problem_of, publish_street_in
from tests.houses import SOUTH, STEP, WEST, street_boundaries
from tests.terminals import refusal, run

pytestmark = pytest.mark.sqlite  # nothing here hangs on where the boundaries are stored


def _grids(frame: str, *, is_swapped: bool = False, crs: str | None = "EPSG:4490") -> bytes:
    shapes = geometries_from_storage(street_boundaries()["grid"].geometries, target_frame=frame)
    if is_swapped:
        shapes = shapely.transform(shapes, lambda at: at[:, ::-1])
    return geojson("grid", crs=crs, geometries=shapes)


@pytest.fixture
def street(tmp_path):
    publish_street_in(tmp_path)
    return tmp_path


@pytest.mark.parametrize("frame", ["GCJ02", "BD09"])
def test_an_import_stops_until_the_frame_is_named_or_confirmed(street, frame):
    (street / "a.geojson").write_bytes(_grids(frame))
    command = ("import", "a.geojson", "--layer", "grid", "--frame", "EPSG:4490")
    asked = refusal(street, *command)
    assert asked.startswith("a.geojson 声明为 EPSG:4490，但与第 1 版的网格图层相比，")
    assert f"看起来是 {frame}（" not in asked
    assert f"看起来是 {frame}：中位偏移 " in asked
    assert "--frame-confirmed" in asked
    assert f"this looks like {frame}: median shift " in refusal(street, *command, language="en")
    named = run(street, *command[:4], "--frame", frame, "--dry-run")
    assert "检查通过" in named
    confirmed = run(street, *command, "--frame-confirmed", "--json", "--dry-run", code=1)
    assert json.loads(confirmed)["defects"], "the grids lie beside their communities"


def test_an_unnamed_frame_is_asked_for_with_what_it_looks_like(street):
    (street / "a.geojson").write_bytes(_grids("BD09", crs=None))
    (street / "b.geojson").write_bytes(
        geojson("grid", crs=None, geometries=[shapely.box(1, 1, 2, 2)] * 8)
    )
    command = ("import", "a.geojson", "--layer", "grid")
    assert "看起来是 BD09：100% 的边界与可信边界重合" in refusal(street, *command)
    assert "this looks like BD09: " in refusal(street, *command, language="en")
    silent = refusal(street, "import", "b.geojson", "--layer", "grid")
    assert silent.endswith("请用 --frame 注明")


def test_a_parent_is_judged_by_its_children_and_a_first_layer_by_nobody(street, tmp_path):
    shapes = geometries_from_storage(street_boundaries()["street"].geometries, target_frame="GCJ02")
    (street / "a.geojson").write_bytes(geojson("street", geometries=shapes))
    command = ("import", "a.geojson", "--layer", "street", "--dry-run")
    assert "看起来是 GCJ02" in refusal(street, *command)
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "a.geojson").write_bytes((street / "a.geojson").read_bytes())
    assert "检查通过" in run(empty, *command)


def test_the_question_over_http_and_its_answer(tmp_path):
    door = open_door(tmp_path)
    files = {"file": ("a.geojson", _grids("GCJ02"))}
    asked = door.post("/api/v1/boundaries/grid", files=files, data={"frame": "EPSG:4490"})
    problem = problem_of(asked, 422, "frame-contradiction")
    assert problem["declared"] == "EPSG:4490"
    assert "this looks like GCJ02: median shift " in problem["evidence_en"]
    form = {"frame": "EPSG:4490", "frame_confirmed": "true", "dry_run": "true"}
    confirmed = door.post("/api/v1/boundaries/grid", files=files, data=form)
    problem_of(confirmed, 422, "topology-broken")
    form = {"frame": "GCJ02", "dry_run": "true"}
    assert door.post("/api/v1/boundaries/grid", files=files, data=form).json()["defects"] == []
    unnamed = {"file": ("a.geojson", _grids("GCJ02", crs=None))}
    problem = problem_of(door.post("/api/v1/boundaries/grid", files=unnamed), 422, "missing-frame")
    assert "this looks like GCJ02" in problem["evidence_en"]


def test_a_file_is_asked_what_it_is_in(street):
    (street / "a.geojson").write_bytes(_grids("GCJ02"))
    command = ("frame", "a.geojson")
    told = run(street, *command, "--frame", "EPSG:4490", code=1)
    assert "a.geojson：8 个图形，声明的坐标系 EPSG:4490" in told
    assert "看起来是 GCJ02：中位偏移 " in told
    assert "若依据的边界本身有错，这里也会错" in told
    english = run(street, *command, "--layer", "street", code=1, language="en")
    assert "beside the street layer of edition 1, this looks like GCJ02" in english
    found = json.loads(run(street, *command, "--layer", "community", "--frame", "GCJ02", "--json"))
    assert (found["frame"], found["declared"], found["is_contradicting"]) == (
        "GCJ02",
        "GCJ02",
        False,
    )
    assert found["rests_on"] == {"layer": "community", "edition": 1}
    assert found["fits"][0]["matched_share"] == 1.0
    assert found["silence"] is None


def test_where_nothing_is_trusted_nothing_is_said(street):
    (street / "a.geojson").write_bytes(_grids("GCJ02", crs=None))
    long_ago = ("--as-of", "1990-01-01")
    assert "没有可信的边界可以比对" in run(street, "frame", "a.geojson", *long_ago)
    found = json.loads(run(street, "frame", "a.geojson", *long_ago, "--json"))
    assert (found["silence"], found["rests_on"], found["fits"]) == ("nothing_trusted", None, [])
    (street / "none.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    assert "none.geojson" in refusal(street, "frame", "none.geojson")
    assert "没有图层" in refusal(street, "frame", "a.geojson", "--layer", "lane")
    far = [shapely.box(1, 1, 2, 2)] * 8
    (street / "far.geojson").write_bytes(geojson("grid", geometries=far))
    assert "不在可信边界附近" in run(street, "frame", "far.geojson")


def _tickets(path, frame: str) -> None:
    random = np.random.default_rng(4)
    lon = random.uniform(WEST, WEST + 4 * STEP, 600)
    lat = random.uniform(SOUTH, SOUTH + 2 * STEP, 600)
    x, y = from_storage(lon=lon, lat=lat, target_frame=frame)
    with path.open("w", encoding="utf-8", newline="") as target:
        rows = csv.writer(target)
        rows.writerow(["工单号", "上报时间", "经度", "纬度"])
        rows.writerows([i, "2025-06-10 08:00", *at] for i, at in enumerate(zip(x, y, strict=True)))


def test_tickets_that_another_frame_brings_inside_raise_a_warning_and_are_stored(street):
    _tickets(street / "a.csv", "GCJ02")
    command = ("issues", "import", "a.csv", "--source", "12345")
    told = run(street, *command, "--frame", "EPSG:4490")
    assert "新增 600" in told
    assert "! 按声明的 EPSG:4490，" in told
    assert "按 GCJ02 只有 0.0%：请核对坐标系" in told
    assert "read as GCJ02 only 0.0%" in run(street, *command, "--frame", "WGS84", language="en")
    assert "! " not in run(street, *command, "--frame", "GCJ02")


def test_the_warning_over_http(tmp_path):
    door = open_door(tmp_path)
    _tickets(tmp_path / "a.csv", "BD09")
    files = {"file": ("a.csv", (tmp_path / "a.csv").read_bytes())}
    form = {"source": "12345", "frame": "EPSG:4490"}
    told = door.post("/api/v1/issues/import?lang=en", files=files, data=form).json()
    [warning] = told["frame_warnings"]
    assert (warning["declared"], warning["frame"]) == ("EPSG:4490", "BD09")
    assert warning["outside_share"] > warning["outside_share_then"]
    assert "read as BD09" in warning["text"]
    right = door.post("/api/v1/issues/import", files=files, data={**form, "frame": "BD09"})
    assert right.json()["frame_warnings"] == []


def test_tickets_before_any_boundaries_raise_no_warning(tmp_path):
    _tickets(tmp_path / "a.csv", "GCJ02")
    command = ("issues", "import", "a.csv", "--source", "12345", "--frame", "EPSG:4490")
    assert "! " not in run(tmp_path, *command)
