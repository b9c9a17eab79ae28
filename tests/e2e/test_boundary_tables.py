"""A file of several layers, out of one house and into another as one edition."""

import json
from zipfile import ZipFile

import pytest

from tests.databases import rows
from tests.doors import geojson, open_door, problem_of, publish_street_in
from tests.terminals import refusal, run

LAYERS = ("district", "street", "community", "grid")
EVERY = [word for layer in LAYERS for word in ("--layer", layer)]
SEEN = ("--frame", "EPSG:4490", "--frame-confirmed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A house whose second edition holds grids with attributes."""
    place = tmp_path_factory.mktemp("house")
    publish_street_in(place)
    collection = json.loads(geojson("grid"))
    for position, feature in enumerate(collection["features"]):
        counted = {"户数": position or None, "面积": 0.125 * position}
        feature["properties"] |= {**counted, "备注": "老旧"}
    (place / "grid.geojson").write_text(json.dumps(collection), encoding="utf-8")
    run(place, "import", "grid.geojson", "--layer", "grid")
    return place


def hashes(folder) -> list[str]:
    return [each for [each] in rows(folder, "SELECT content_hash FROM editions ORDER BY number")]


@pytest.mark.parametrize("ending", [".gpkg", ".zip", ".kml"])
def test_one_command_brings_back_what_went_out_bit_for_bit(folder, tmp_path, ending):
    name = f"all{ending}"
    run(folder, "editions", "export", "2", *EVERY, "--out", tmp_path / name)
    tried = run(tmp_path, "import", name, "--all", *SEEN, "--dry-run")
    assert "试运行，未存入" in tried
    told = run(tmp_path, "import", name, "--all", *SEEN)
    for layer, areas in zip(LAYERS, (1, 1, 2, 8), strict=True):
        assert f"{name} › {layer} → {layer}：{areas} 个区域，坐标系 EPSG:4490" in told
    assert "已发布第 1 版" in told
    assert hashes(tmp_path) == [hashes(folder)[1]]
    again = run(tmp_path, "import", name, *EVERY, *SEEN, "--json")
    report = json.loads(again)
    assert [each["layer"] for each in report["layers"]] == list(LAYERS)
    assert (report["differences"], report["edition"]) == ([], 2)
    assert hashes(tmp_path)[1] == hashes(folder)[1]


def test_what_is_wrong_with_one_table_is_told_in_one_line_that_names_it(folder):
    run(folder, "editions", "export", "2", *EVERY, "--out", "all.zip")
    words = ("import", "all.zip", "--layer", "street", "--layer", "grid=grid", *SEEN)
    said = refusal(folder, *words, "--code", "grid=网格号")
    assert said.startswith("all.zip › grid → grid：没有名为“网格号”的列")
    assert refusal(folder, "import", "all.zip", *SEEN) == (
        "layer 应为图层名，或 图层=表；要全部同名的表请用 all"
    )
    with ZipFile(folder / "all.zip") as packed, ZipFile(folder / "two.zip", "w") as archive:
        for part in (each for each in packed.namelist() if each.startswith("grid.")):
            archive.writestr(f"a/{part}", packed.read(part))
            archive.writestr(f"b/{part}", packed.read(part))
    said = refusal(folder, "import", "two.zip", "--all", *SEEN)
    assert said == "layer grid 应为grid=表：有 2 个表叫 grid（a/grid、b/grid）"
    told = run(folder, "import", "two.zip", "--layer", "grid=b/grid", *SEEN, "--dry-run")
    assert "two.zip › b/grid → grid：8 个区域" in told
    assert len(hashes(folder)) == 2


def test_several_tables_come_in_over_http_as_one_edition_or_not_at_all(folder, tmp_path):
    run(folder, "editions", "export", "2", *EVERY, "--out", tmp_path / "all.gpkg")
    files = {"file": ("all.gpkg", (tmp_path / "all.gpkg").read_bytes())}
    door = open_door(tmp_path, is_published=False)

    def sent(**asked):
        return door.post("/api/v1/boundaries", files=files, data=asked)

    broken = problem_of(
        sent(layer=["street", "grid"], frame="grid=EPSG:4326"), 422, "frame-contradiction"
    )
    assert broken["detail"].startswith("all.gpkg › grid → grid：")
    problem_of(sent(), 422, "invalid-value")
    problem_of(sent(layer="lane", all="true"), 404, "unknown-layer")
    tried = sent(all="true", dry_run="true").json()
    assert (tried["edition"], [each["areas"] for each in tried["layers"]]) == (None, [1, 1, 2, 8])
    assert door.get("/api/v1/editions").json()["editions"] == []
    report = sent(all="true", reason="四级一次导入").json()
    assert (report["edition"], report["notes"]) == (1, [])
    assert [(each["layer"], each["table"]) for each in report["layers"]] == [
        (layer, layer) for layer in LAYERS
    ]
    assert hashes(tmp_path) == [hashes(folder)[1]]
