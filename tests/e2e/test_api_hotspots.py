"""The hotspot desk over HTTP: numbers that add up, files to take away, and the page."""

import csv
import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.doors import open_door, problem_of
from tests.houses import center, grid_code

_PERIOD = "from=2025-06-08&to=2025-06-14"


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """Three issues in one grid and one outside in the week, one in another the week before."""
    client = open_door(tmp_path_factory.mktemp("hotspots"), secrecy_notice="虚构单位·非涉密")
    places = [center(0, 0)] * 3 + [(121.0, 31.0), center(3, 1)]
    days = ["08", "10", "14", "11", "07"]
    rows = [
        {
            "source": "12345",
            "external_id": f"H{i}",
            "reported_at": f"2025-06-{day} 23:59",
            "lon": lon,
            "lat": lat,
            "frame": "EPSG:4490",
        }
        for i, ((lon, lat), day) in enumerate(zip(places, days, strict=True))
    ]
    answer = client.post("/api/v1/issues/batch", json={"issues": rows})
    assert answer.json()["counts"]["added"] == 5
    return client


@pytest.mark.parametrize("layer", ["grid", "community", "street", "district"])
@pytest.mark.parametrize("basis", ["recounted", "kept"])
def test_counts_and_unassigned_add_up_to_the_total(door, layer, basis):
    found = door.get(f"/api/v1/hotspots/{layer}?{_PERIOD}&basis={basis}").json()
    assert (found["total"], found["total_before"]) == (4, 1)
    assert (found["unassigned"], found["unassigned_before"]) == (1, 0)
    assert sum(row["count"] for row in found["rows"]) + found["unassigned"] == found["total"]
    before = sum(row["before"] for row in found["rows"])
    assert before + found["unassigned_before"] == found["total_before"]


def test_each_area_has_its_count_change_and_no_rate_without_residents(door):
    rows = {row["code"]: row for row in door.get(f"/api/v1/hotspots/grid?{_PERIOD}").json()["rows"]}
    worst = rows[grid_code(0, 0)]
    assert (worst["count"], worst["before"], worst["change"]) == (3, 0, 3)
    assert worst["per_1000_residents"] is None
    assert worst["change_share"] is None
    assert worst["per_km2"] == pytest.approx(3 / worst["area_km2"])
    assert (rows[grid_code(3, 1)]["count"], rows[grid_code(3, 1)]["before"]) == (0, 1)


def test_days_are_those_of_shanghai_and_the_last_one_counts(door):
    found = door.get(f"/api/v1/hotspots/grid?{_PERIOD}").json()
    assert found["from"] == "2025-06-07T16:00:00Z"
    assert found["to"] == "2025-06-14T16:00:00Z"
    assert found["before_from"] == "2025-05-31T16:00:00Z"
    assert door.get("/api/v1/hotspots/grid?from=2025-06-14&to=2025-06-14").json()["total"] == 1


def test_csv_and_workbook_tell_the_same_counts(door):
    answer = door.get(f"/api/v1/hotspots/grid.csv?{_PERIOD}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    counts = {row["编码"]: int(row["件数"]) for row in rows}
    assert counts[grid_code(0, 0)] == 3
    assert len(counts) == 8
    book = load_workbook(io.BytesIO(door.get(f"/api/v1/hotspots/grid.xlsx?{_PERIOD}").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    [code] = [cell for cell in cells if cell.value == grid_code(0, 0)]
    assert code.data_type == "s"


def test_files_speak_the_language_that_was_asked_for(door):
    english = door.get(f"/api/v1/hotspots/grid.csv?{_PERIOD}&lang=en").content.decode("utf-8-sig")
    assert english.startswith("code,name,parent,count")


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("grid?from=2025-06-14&to=2025-06-08", 422, "invalid-period"),
        ("grid?from=soon", 422, "invalid-request"),
        ("grid?basis=guessed", 422, "invalid-request"),
        ("lane", 404, "unknown-layer"),
        ("lane.csv", 404, "unknown-layer"),
        ("grid?from=0001-01-01&to=0001-01-02", 422, "invalid-period"),
        ("grid?from=0001-01-01&to=9999-12-31", 422, "invalid-period"),
        ("grid?to=9999-12-31", 422, "invalid-period"),
    ],
)
def test_what_cannot_be_counted_is_refused(door, path, status, slug):
    problem_of(door.get(f"/api/v1/hotspots/{path}"), status, slug)


def test_without_boundaries_there_is_nothing_to_count(tmp_path):
    empty = open_door(tmp_path, is_published=False)
    problem_of(empty.get("/api/v1/hotspots/grid"), 404, "edition-not-found")


def test_the_first_page_tells_what_is_loaded_and_leads_to_the_desk(door):
    answer = door.get("/")
    assert answer.status_code == 200
    for words in ("示例区", "/desk/hotspots", "虚构单位·非涉密"):
        assert words in answer.text


def test_a_desk_without_any_edition_is_a_page_that_says_so(tmp_path):
    empty = open_door(tmp_path, is_published=False)
    answer = empty.get("/desk/hotspots")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "没有符合" in answer.text
    assert empty.get("/").status_code == 200


def test_the_page_tells_edition_notices_and_that_it_is_fictional(door):
    page = door.get(f"/desk/hotspots?{_PERIOD}").text
    for words in ("第 1 版", "虚构单位·非涉密", "演示模式·未启用权限·请勿录入真实数据", "虚构数据"):
        assert words in page


def test_the_page_is_chinese_whatever_the_browser_prefers_and_english_by_switch(door):
    english_browser = {"Accept-Language": "en-US,en"}
    assert '<html lang="zh' in door.get("/desk/hotspots", headers=english_browser).text
    assert '<html lang="en' in door.get("/desk/hotspots?lang=en").text
    problem_of(door.get("/desk/hotspots?lang=fr"), 422, "invalid-request")


def test_an_office_that_set_english_sees_english(tmp_path):
    assert '<html lang="en' in open_door(tmp_path, language="en").get("/desk/hotspots").text


def test_only_the_script_that_starts_the_page_may_run_inline(door):
    answer = door.get("/desk/hotspots")
    allowed = re.findall(r"'sha256-[\w+/=]{44}'", answer.headers["content-security-policy"])
    assert len(allowed) == 1
    inline = re.findall(r"<script(?![^>]*(?:src|json))[^>]*>", answer.text)
    assert inline == ['<script type="module">']


def test_the_map_to_keep_is_one_file_that_loads_nothing(door):
    answer = door.get(f"/desk/hotspots.html?{_PERIOD}")
    assert "attachment" in answer.headers["content-disposition"]
    loading = re.findall(
        r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"']([^\"']+)", answer.text
    )
    assert [address for address in loading if not address.startswith("data:")] == []


def test_browsers_ask_again_for_our_scripts_and_keep_those_of_others(door):
    assert door.get("/static/app/hotspots.js").headers["cache-control"] == "no-cache"
    leaflet = next(Path("static/vendor").glob("leaflet/*/leaflet.js"))
    assert "immutable" in door.get(f"/{leaflet.as_posix()}").headers["cache-control"]
