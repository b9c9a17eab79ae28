"""`geo-service locate`: one place, or every place of a list."""

import pytest

from tests.doors import publish_street_in
from tests.houses import center, grid_code
from tests.point_lists import GRIDS, INSIDE, ROWS, read_back, write_points
from tests.terminals import refusal, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("locate")
    publish_street_in(path)
    write_points(path / "点位.csv", ROWS, encoding="gb18030")
    return path


def test_one_place_is_told_with_its_chain(folder):
    lon, lat = center(3, 1)
    said = run(folder, "locate", str(lon), str(lat), language="en")
    assert f"({grid_code(3, 1)})" in said.replace("（", "(").replace("）", ")")
    assert "%" in run(folder, "locate", str(lon), str(lat), "--accuracy", "80")


def test_a_list_is_located_and_its_counts_are_told(folder):
    said = run(folder, "locate", "点位.csv", "--out", "结果.parquet", "--explain", language="en")
    assert [row["grid_code"] for row in read_back(folder / "结果.parquet")] == GRIDS
    assert "5 rows in EPSG:4490, edition 1" in said
    assert "GBK" in said
    counted = next(line for line in said.splitlines() if " grid " in line)
    assert [int(cell) for cell in counted.split("│")[2:-1]] == [1, 1, 0, 0, 1, 2, 0]
    assert "zero" in said
    assert "missing" in said


def test_columns_frame_and_date_may_be_named(folder):
    rows = [{"east": INSIDE[0], "north": INSIDE[1], "r": 60}]
    write_points(folder / "named.ndjson", rows)
    words = ["--lon", "east", "--lat", "north", "--accuracy", "r", "--frame", "gcj-02"]
    said = run(folder, "locate", "named.ndjson", "--out", "named.csv", *words, language="en")
    assert "in GCJ02" in said
    assert "x=east" in said
    told = refusal(folder, "locate", "named.ndjson", "--out", "x.csv", "--as-of", "1999-01-01")
    assert "--lon" in told
    told = refusal(
        folder, "locate", "named.ndjson", "--out", "x.csv", *words, "--as-of", "1999-01-01"
    )
    assert "1999" in told or "1998" in told
    assert not (folder / "x.csv").exists()


def test_two_columns_that_could_be_the_same_field_are_told(folder):
    rows = [{"lon": INSIDE[0], "lat": INSIDE[1], "经度": 1.0, "纬度": 2.0}]
    write_points(folder / "twice.csv", rows)
    said = run(folder, "locate", "twice.csv", "--out", "twice.out.csv", language="en")
    assert "x could be any of" in said


@pytest.mark.parametrize(
    "words",
    [
        ["120.5"],
        ["点位.csv"],
        ["120.5", "30.5", "1"],
        ["120.5", "north"],
        ["120.5", "30.5", "--out", "x.csv"],
        ["120.5", "30.5", "--lon", "a"],
        ["120.5", "30.5", "--accuracy", "wide"],
        ["nothing.csv", "--out", "x.csv"],
        ["点位.csv", "--out", "x.xls"],
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(folder, words):
    assert refusal(folder, "locate", *words)
    assert not (folder / "x.csv").exists()
