"""Dated figures on the command line: kept as they come, doubtful codes are told."""

import json

import pytest

from tests.doors import publish_street_in
from tests.houses import grid_code
from tests.terminals import refusal, run

_COMMAND = ("figures", "import", "指标.csv")


@pytest.fixture
def street(tmp_path):
    publish_street_in(tmp_path)
    return tmp_path


def _write(folder, *codes: str) -> None:
    lines = [f"grid,{code},residents,1200,2020-11-01,census" for code in codes]
    text = "\n".join(["layer,code,figure,value,from,source", *lines])
    (folder / "指标.csv").write_text(text, encoding="utf-8")


def test_figures_of_known_areas_are_counted_and_nothing_else_is_said(street):
    _write(street, grid_code(0, 0), grid_code(1, 0))
    assert run(street, *_COMMAND) == "2 行，其中新的 2 行\n"
    assert run(street, *_COMMAND, language="en") == "2 rows, 0 of them new\n"


def test_codes_that_no_edition_has_are_told_by_number_and_the_first_of_them(street):
    unknown = [f"9990010199{i:02}" for i in range(25)]
    _write(street, grid_code(0, 0), *unknown)
    told = run(street, *_COMMAND)
    assert "26 行，其中新的 26 行" in told
    assert "有 25 个区域的编码不在任何网格版本里：grid 999001019900、grid 999001019901、" in told
    assert "grid 999001019919…" in told
    assert "999001019920" not in told
    assert "25 areas are in no edition: grid 999001019900, " in run(
        street, *_COMMAND, language="en"
    )
    report = json.loads(run(street, *_COMMAND, "--json"))
    assert (report["rows"], report["new"]) == (26, 0)
    assert report["unknown_areas"]["count"] == 25
    assert report["unknown_areas"]["first"] == [
        {"layer": "grid", "code": code} for code in unknown[:20]
    ]


def test_figures_may_arrive_before_their_boundaries(tmp_path):
    _write(tmp_path, grid_code(0, 0))
    assert "有 1 个区域的编码不在任何网格版本里" in run(tmp_path, *_COMMAND)


def test_a_row_that_names_no_area_is_refused_in_one_line(street):
    _write(street, grid_code(0, 0), "")
    assert refusal(street, *_COMMAND) == "指标.csv #3 不能存入：没有编码或指标名"
    assert refusal(street, *_COMMAND, language="en").startswith("指标.csv #3 cannot be taken: ")
    _write(street, grid_code(0, 0))
    assert "1 行，其中新的 1 行" in run(street, *_COMMAND)
