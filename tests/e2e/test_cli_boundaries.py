"""Boundaries and editions on the command line, each command in a process of its own."""

import json
import re

import pytest
import shapely

from tests.databases import rows
from tests.doors import geojson, publish_street_in
from tests.houses import STEP, center, grid_code, street_boundaries
from tests.terminals import refusal, run, run_process

_IMPORT_OUT = ("import", "out.geojson", "--layer", "grid", "--dry-run")


def test_a_street_comes_in_is_told_and_goes_out_again_as_it_came(tmp_path):
    publish_street_in(tmp_path)
    renamed = [f"新{i}网格" for i in range(8)]
    (tmp_path / "网格.geojson").write_bytes(geojson("grid", names=renamed))

    tried = run(tmp_path, "import", "网格.geojson", "--layer", "grid", "--dry-run")
    assert "试运行，未存入" in tried
    told = run(tmp_path, "import", "网格.geojson", "--layer", "grid")
    assert "网格.geojson → grid：8 个区域，坐标系 EPSG:4490" in told
    assert "列：code=code、name=name、parent=parent" in told
    assert "改名 8" in told
    assert "已发布第 2 版" in told

    listed = run(tmp_path, "editions", "list")
    assert len(re.findall(r"│ [12] ", listed)) == 2
    assert "the street" in listed
    assert re.search(r"community\s+│ 2 ", run(tmp_path, "editions", "show", "2"))
    changed = run(tmp_path, "editions", "diff", "1", "2")
    assert changed.startswith(f"网格 改名 8：{grid_code(0, 0)}、")

    run(tmp_path, "editions", "export", "2", "--layer", "grid", "--out", "out.geojson")
    again = json.loads(
        run(tmp_path, *_IMPORT_OUT, "--frame", "EPSG:4490", "--frame-confirmed", "--json")
    )
    assert again["defects"] == []
    assert again["differences"] == []


def test_defects_are_told_written_as_a_map_and_nothing_is_stored(tmp_path):
    publish_street_in(tmp_path)
    shapes = list(street_boundaries()["grid"].geometries)
    shapes[0] = shapely.affinity.translate(shapes[0], xoff=STEP / 4)
    (tmp_path / "a.geojson").write_bytes(geojson("grid", geometries=shapes))
    command = ("import", "a.geojson", "--layer", "grid")
    told = run(tmp_path, *command, "--defects", "defects.geojson", code=1)
    assert "处缺陷，未存入任何内容" in told
    assert grid_code(1, 0) in told
    found = json.loads((tmp_path / "defects.geojson").read_text(encoding="utf-8"))["features"]
    kinds = [feature["properties"]["kind"] for feature in found]
    assert {"gap", "overlap"} <= set(kinds)
    report = json.loads(run(tmp_path, *command, "--json", code=1))
    assert [defect["kind"] for defect in report["defects"]] == kinds
    assert "defects, nothing was stored" in run(tmp_path, *command, code=1, language="en")
    assert not re.search(r"│ 2 ", run(tmp_path, "editions", "list"))


def test_other_columns_are_kept_by_name_separated_by_commas_or_named_again(tmp_path):
    publish_street_in(tmp_path)
    collection = json.loads(geojson("grid"))
    for feature in collection["features"]:
        feature["properties"] |= {"面积": 1, "备注": "x", "类型": "老旧"}
    (tmp_path / "a.geojson").write_text(json.dumps(collection), encoding="utf-8")
    command = ("import", "a.geojson", "--layer", "grid")
    for words in (["面积, 备注"], ["面积", "--attributes", "备注"]):
        run(tmp_path, *command, "--attributes", *words)
        query = "SELECT attributes FROM areas WHERE layer = 'grid' AND last_edition IS NULL"
        [[text]] = set(rows(tmp_path, query))
        assert json.loads(text) == {"面积": 1, "备注": "x"}
    wrong = refusal(tmp_path, *command, "--attributes", "面积,颜色")
    assert wrong.startswith("没有名为“颜色”的列")


def test_a_place_is_located_with_its_reason(tmp_path):
    publish_street_in(tmp_path)
    lon, lat = map(str, center(2, 1))
    told = run(tmp_path, "locate", lon, lat)
    assert "网格第 1 版" in told
    assert "示例区（999001） › 示例街道（99900101） › 东社区（9990010102） › " in told
    assert f" › 第7网格（{grid_code(2, 1)}）" in told
    assert "edition 1" in run(tmp_path, "locate", lon, lat, language="en")
    assert "颠倒" in refusal(tmp_path, "locate", lat, lon)
    assert "月球" in refusal(tmp_path, "locate", lon, lat, "--frame", "月球")


def test_what_cannot_be_imported_is_refused_in_one_line(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.geojson").write_bytes(b"")
    (tmp_path / "unnamed.geojson").write_bytes(geojson("grid", crs=None))
    layer = ("--layer", "grid")
    assert "没有这个文件" in refusal(tmp_path, "import", "nothing.geojson", *layer)
    assert "folder" in refusal(tmp_path, "import", "folder", *layer)
    assert "empty.geojson" in refusal(tmp_path, "import", "empty.geojson", *layer)
    assert "--frame" in refusal(tmp_path, "import", "unnamed.geojson", *layer)
    wrong = refusal(tmp_path, "import", "unnamed.geojson", "--layer", "lane")
    assert wrong == "没有图层“lane”；当前配置的图层：district、street、community、grid"
    english = refusal(tmp_path, "import", "unnamed.geojson", "--layer", "lane", language="en")
    assert english == "no layer 'lane'; the profile has: district, street, community, grid"
    assert "--mode" in refusal(tmp_path, "import", "unnamed.geojson", *layer, "--mode", "append")


@pytest.mark.sqlite
def test_the_command_is_a_process_that_ends_with_its_code(tmp_path):
    publish_street_in(tmp_path)
    (tmp_path / "网格.geojson").write_bytes(geojson("grid"))
    told = run_process(tmp_path, "import", "网格.geojson", "--layer", "grid", "--json")
    assert (told.code, told.stderr) == (0, "")
    assert json.loads(told.stdout)["edition"] == 2
    failed = run_process(tmp_path, "locate", "nan", "30")
    assert (failed.code, failed.stdout) == (1, "")
    [line] = failed.stderr.splitlines()
    assert "不是有限的数" in line


def test_a_correction_names_later_editions_on_the_terminal_as_json_and_when_shown(tmp_path):
    publish_street_in(tmp_path)
    grids = ("grids.geojson", "--layer", "grid")
    (tmp_path / "grids.geojson").write_bytes(geojson("grid"))
    run(tmp_path, "import", *grids, "--effective-from", "2025-06-01")
    names = ["对", *street_boundaries()["grid"].names[1:]]
    (tmp_path / "grids.geojson").write_bytes(geojson("grid", names=names))
    correcting = ("import", *grids, "--correction", "--effective-from", "2025-05-01")
    area = f"grid/{grid_code(0, 0)}"
    named = f"! 第 2 版（2025-06-01 00:00 起生效）仍是更正前的内容，共 1 个区域：{area}。"
    later = {
        "edition": 2,
        "effective_from_s": 1_748_707_200,  # 2025-06-01 00:00 Asia/Shanghai
        "areas": [area],
        "total": 1,
    }
    tried = json.loads(run(tmp_path, *correcting, "--dry-run", "--json"))
    assert (tried["edition"], tried["uncorrected"]) == (None, [later])
    told = run(tmp_path, *correcting)
    assert named in told
    assert '--correction --effective-from "2025-06-01 00:00"' in told
    assert named in run(tmp_path, "editions", "show", "3")
    assert "still holds the error, 1 areas" in run(tmp_path, "editions", "show", "3", language="en")
    assert "仍是更正前的内容" not in run(tmp_path, "editions", "show", "2")
    repeated = ("--correction", "--effective-from", "2025-06-01 00:00")
    assert "仍是更正前的内容" not in run(tmp_path, "import", *grids, *repeated)
