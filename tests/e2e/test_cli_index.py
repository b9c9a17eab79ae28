"""The index file as an operator keeps it, and as two processes share it."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.houses import center, grid_code, open_house, publish_street
from tests.terminals import refusal, run, run_process

pytestmark = pytest.mark.sqlite  # nothing here hangs on where the boundaries are stored

PLACE = [str(degrees) for degrees in center(2, 1)]


@pytest.fixture
def folder(tmp_path):
    """A folder with the street's database, and no index yet."""
    house = open_house(tmp_path)
    publish_street(house)
    house.close()
    return tmp_path


def index_file(folder):
    [path] = (folder / "house.db.index").iterdir()
    return path


def damage(path) -> None:
    with path.open("r+b") as file:
        file.seek(-8, os.SEEK_END)
        file.write(b"\xff" * 8)


def test_an_index_is_built_once_listed_and_found_intact(folder):
    assert "还没有，用到时建" in run(folder, "index", "list")
    assert "已建好" in run(folder, "index", "build")
    assert "已有且完好" in run(folder, "index", "build", "--edition", "1")
    listed = json.loads(run(folder, "index", "list", "--json"))
    [index] = listed["indexes"]
    path = index_file(folder)
    assert (index["edition"], index["state"]) == (1, "usable")
    assert (folder / index["file"]).samefile(path)
    assert index["bytes"] == path.stat().st_size
    assert listed["others"] == {"files": 0, "bytes": 0}
    assert "intact" in run(folder, "index", "verify", language="en")


def test_a_damaged_file_is_named_with_its_section_and_mended_by_building(folder):
    run(folder, "index", "build")
    damage(index_file(folder))
    said = run(folder, "index", "verify", code=1)
    assert "损坏：family/grid/3" in said
    assert "geo-service index build --edition 1" in said
    [index] = json.loads(run(folder, "index", "verify", "--edition", "1", "--json", code=1))[
        "indexes"
    ]
    assert (index["state"], index["damaged_sections"]) == ("damaged", ["family/grid/3"])
    assert json.loads(run(folder, "index", "build", "--json"))["is_new"]
    assert "完好" in run(folder, "index", "verify")


def test_a_file_that_cannot_be_used_is_told_with_the_reason(folder):
    run(folder, "index", "build")
    os.truncate(index_file(folder), 5000)
    assert "长度为 5000 字节" in run(folder, "index", "list")
    [index] = json.loads(run(folder, "index", "verify", "--json", code=1))["indexes"]
    assert index["state"] == "unusable"
    assert "5000 bytes long" in index["reason_en"]


def test_files_of_other_boundaries_are_counted_beside(folder):
    run(folder, "index", "build")
    (folder / "house.db.index" / "other.index").write_bytes(b"x" * 1000)
    listed = json.loads(run(folder, "index", "list", "--json"))
    assert listed["others"] == {"files": 1, "bytes": 1000}
    assert "1 more files of other boundaries" in run(folder, "index", "list", language="en")


def test_an_edition_that_is_not_there_and_a_folder_that_is_a_file_are_refused(folder):
    assert "editions list" in refusal(folder, "index", "build", "--edition", "7")
    assert "editions list" in refusal(folder, "index", "verify", "--edition", "7")
    (folder / "file").touch()
    assert "无法写入" in refusal(folder, "index", "build", index_folder="file")
    assert grid_code(2, 1) in run(folder, "locate", *PLACE, index_folder="file")


def test_the_folder_of_the_settings_is_used(folder):
    run(folder, "index", "build", index_folder="elsewhere")
    assert len(list((folder / "elsewhere").iterdir())) == 1
    assert not (folder / "house.db.index").exists()


def test_two_processes_that_start_without_a_file_give_the_same_answer_as_one_with_it(folder):
    def locate(_process: int):
        return run_process(folder, "locate", *PLACE)

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(locate, range(2)))
    assert [each.code for each in said] == [0, 0], said
    assert [each.stderr for each in said] == ["", ""]
    before = index_file(folder).stat().st_ino
    assert {each.stdout for each in said} == {run(folder, "locate", *PLACE)}
    assert grid_code(2, 1) in said[0].stdout
    assert index_file(folder).stat().st_ino == before
    assert "完好" in run(folder, "index", "verify")
