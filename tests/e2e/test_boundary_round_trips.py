"""Layers out in every format and in again, read in between by programs that are not ours."""

import csv
import json
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely

from geo_service.layers.file_format import FORMATS, WRITTEN_ENDINGS
from geo_service.layers.files import read_features
from tests.doors import geojson, open_door, problem_of, publish_street_in
from tests.houses import street_boundaries
from tests.terminals import refusal, run

GRIDS = street_boundaries()["grid"]
SEEN = ("--frame", "EPSG:4490", "--frame-confirmed")
TYPED = {".geojson", ".json", ".gpkg", ".zip", ".fgb", ".parquet", ".geoparquet", ".arrow"}
TYPED |= {".feather", ".xlsx", ".kml"}


def attribute(position: int) -> dict:
    return {
        "网格编码": f"旧{position}",
        "面积": position + 0.125,
        "户数": None if position == 0 else position,
        "备注": "老旧小区，<待核>" if position else None,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A house whose second edition holds grids with attributes, one called as a column of codes."""
    place = tmp_path_factory.mktemp("house")
    publish_street_in(place)
    collection = json.loads(geojson("grid"))
    for position, feature in enumerate(collection["features"]):
        feature["properties"] |= attribute(position)
    (place / "grid.geojson").write_text(json.dumps(collection), encoding="utf-8")
    run(place, "import", "grid.geojson", "--layer", "grid", "--code", "code")
    return place


def read_by_others(path) -> dict[str, shapely.Geometry]:
    """Return code → outline as geopandas, openpyxl or csv read the file."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {row["code"]: shapely.from_wkt(row["wkt"]) for row in csv.DictReader(file)}
    if path.suffix == ".xlsx":
        rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
        at, wkt = rows[2].index("code"), rows[2].index("wkt")
        return {row[at]: shapely.from_wkt(row[wkt]) for row in rows[3:]}
    if path.suffix in {".parquet", ".geoparquet"}:
        frame = geopandas.read_parquet(path)
    elif path.suffix in {".arrow", ".feather"}:
        frame = geopandas.read_feather(path)
    else:
        frame = geopandas.read_file(path)
    return dict(zip(frame["code"], frame.geometry, strict=True))


@pytest.mark.parametrize("ending", WRITTEN_ENDINGS)
def test_a_layer_goes_out_and_comes_in_without_a_difference(folder, ending):
    name = f"out{ending}"
    told = run(folder, "editions", "export", "2", "--layer", "grid", "--out", name)
    assert told.startswith(f"8 个区域写入 {name}")

    by_others = read_by_others(folder / name)
    assert set(by_others) == set(GRIDS.codes)
    for code, shape in zip(GRIDS.codes, GRIDS.geometries, strict=True):
        assert by_others[code].normalize() == shape.normalize()

    again = run(folder, "import", name, "--layer", "grid", *SEEN, "--dry-run", "--json")
    report = json.loads(again)
    assert report["defects"] == []
    assert report["differences"] == []
    assert report["columns"] == {"code": "code", "name": "name", "parent": "parent"}

    columns = read_features(folder / name, likely_tables=("grid",)).columns
    order = sorted(range(8), key=columns["code"].__getitem__)
    for column in attribute(0):
        found = [columns[column][i] for i in order]
        expected = [attribute(i)[column] for i in range(8)]
        if ending not in TYPED:
            expected = [None if value is None else str(value) for value in expected]
        assert found == expected, column


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (".geojson", "names no frame (RFC 7946): these are EPSG:4490"),
        (".kml", "KML means WGS 84, the coordinates are EPSG:4490"),
        (".csv", "a CSV has no types: 户数, 面积 come back as text"),
        (".xlsx", "a list cannot say so, name it when importing"),
    ],
)
def test_what_a_format_cannot_hold_is_said_on_the_terminal(folder, ending, said):
    words = ("editions", "export", "2", "--layer", "grid", "--out", f"said{ending}")
    assert said in run(folder, *words, language="en")


@pytest.mark.parametrize("ending", [".gpkg", ".fgb", ".parquet", ".arrow"])
def test_a_format_that_holds_everything_says_nothing(folder, ending):
    words = ("editions", "export", "2", "--layer", "grid", "--out", f"said{ending}")
    assert run(folder, *words, language="en").splitlines() == [f"8 areas written to said{ending}"]


@pytest.mark.parametrize("ending", [".gpkg", ".zip", ".kml"])
def test_several_layers_go_in_one_file_and_each_is_found_by_its_name(folder, ending):
    name = f"all{ending}"
    layers = ("--layer", "community", "--layer", "grid", "--layer", "grid")
    assert "10 " in run(folder, "editions", "export", "2", *layers, "--out", name)
    for layer in ("community", "grid"):
        report = run(folder, "import", name, "--layer", layer, *SEEN, "--dry-run", "--json")
        assert json.loads(report)["differences"] == []
    assert "community" in refusal(folder, "import", name, "--layer", "street", *SEEN)


def test_several_layers_need_a_format_that_holds_them(folder):
    layers = ("--layer", "community", "--layer", "grid")
    said = refusal(folder, "editions", "export", "2", *layers, "--out", "a.csv", language="en")
    assert said.endswith("CSV holds one layer; for several use GeoPackage, Shapefile, KML")


def test_an_unknown_ending_is_refused_with_every_one_that_there_is(folder):
    words = ("editions", "export", "2", "--layer", "grid", "--out", "a.dwg")
    said = refusal(folder, *words, language="en")
    for form in FORMATS:
        assert (form.title in said) == bool(form.written)


def test_help_lists_every_format(folder):
    shown = "".join(run(folder, "import", "--help").split())
    written = "".join(run(folder, "editions", "export", "--help").split())
    for form in FORMATS:
        assert all(ending in shown for ending in form.read)
        assert all(ending in written for ending in form.written)


def test_the_guide_lists_every_format():
    guide = Path("docs/guides/integrator.md").read_text(encoding="utf-8")
    for form in FORMATS:
        read, written = (
            " ".join(f"`{each}`" for each in both) for both in (form.read, form.written)
        )
        assert f"| {form.title} | {read} | {written or '—'} |" in guide


def test_layers_come_down_over_http_with_what_the_format_lacks(folder, tmp_path):
    door = open_door(folder, is_published=False)
    for ending in (".gpkg", ".parquet", ".csv", ".kml"):
        place = f"/api/v1/editions/2/boundaries{ending}"
        answer = door.get(place, params={"layer": "grid"}, headers={"Accept-Language": "en"})
        assert answer.status_code == 200
        path = tmp_path / f"a{ending}"
        path.write_bytes(answer.content)
        assert set(read_by_others(path)) == set(GRIDS.codes)
        report = json.loads(answer.headers["Geo-Service-Report"])
        assert report["areas"] == 8
        assert bool(report["notes"]) == (ending in {".csv", ".kml"})
    asked = {"layer": ["community", "grid"]}
    answer = door.get("/api/v1/editions/2/boundaries.gpkg", params=asked)
    assert json.loads(answer.headers["Geo-Service-Report"]) == {"areas": 10, "notes": []}


def test_what_cannot_come_down_over_http_is_refused(folder):
    door = open_door(folder, is_published=False)
    asked = {"layer": "grid"}
    answer = door.get("/api/v1/editions/9/boundaries.gpkg", params=asked)
    problem_of(answer, 404, "edition-not-found")
    problem_of(door.get("/api/v1/editions/2/boundaries.dwg", params=asked), 422, "invalid-request")
    problem_of(door.get("/api/v1/editions/2/boundaries.gpkg"), 422, "invalid-request")
    wrong = {"layer": "lane"}
    problem_of(door.get("/api/v1/editions/2/boundaries.gpkg", params=wrong), 404, "unknown-layer")
    several = {"layer": ["community", "grid"]}
    answer = door.get("/api/v1/editions/2/boundaries.csv", params=several)
    problem_of(answer, 422, "invalid-input")


def test_the_description_of_the_interface_lists_every_format(folder):
    described = open_door(folder, is_published=False).get("/api/v1/openapi.json").json()
    upload = json.dumps(described["components"], ensure_ascii=False)
    download = described["paths"]["/api/v1/editions/{number}/boundaries.{ending}"]["get"]
    pattern = json.dumps(download["parameters"])
    for form in FORMATS:
        assert all(ending in upload for ending in form.read)
        assert all(ending[1:] in pattern for ending in form.written)
        if form.written:
            assert form.media_type.partition(";")[0] in download["responses"]["200"]["content"]
