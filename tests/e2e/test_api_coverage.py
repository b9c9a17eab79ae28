"""Registers and coverage over HTTP: lists in, shares with their days out, no names of persons."""

import csv
import io
import json

import openpyxl
import pytest

from tests.doors import open_door, problem_of
from tests.houses import center, grid_code

API = "/api/v1"
ORGANISATIONS = f"{API}/registers/party_organisation"
SECRETARIES = ("张甲某", "李乙某", "王丙某")
LEDGER = [
    ["党组织编码", "党组织名称", "组织类别", "组建方式", "网格编码", "上级党组织", "党员人数",
     "书记姓名", "联系电话", "成立时间", "最近党员大会"],
    ["D1", "示例街道党工委", "党工委", None, None, None, None, SECRETARIES[0], "000-1", "2001.5",
     None],
    ["D2", "第一网格党支部", "党支部", "单独组建", grid_code(0, 0), "示例街道党工委", 2,
     SECRETARIES[1], "000-2", "2016年9月", "2026-11-01"],
    ["D3", "联合支部", "联合党支部", "联合", "第2网格、第3网格", "D1", 12, SECRETARIES[2], "000-3",
     "2016-09-01", None],
    ["D4", "错行", "党支部", "单独", grid_code(0, 1), "D1", -3, SECRETARIES[2], "000-4", None,
     None],
]  # fmt: skip


@pytest.fixture
def door(tmp_path):
    with open_door(tmp_path) as found:
        yield found


def ledger():
    book = openpyxl.Workbook()
    for row in LEDGER:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def load(door, content, name="台账.xlsx", register="party_organisation", **form):
    return door.post(
        f"{API}/registers/{register}/import", files={"file": (name, content)}, data=form
    )


def test_a_ledger_with_names_is_taken_in_without_them_and_says_what_it_left_out(door):
    report = load(door, ledger()).json()

    assert report["counts"] == {"added": 3, "updated": 0, "unchanged": 0, "rejected": 1}
    assert report["dropped_columns"] == ["书记姓名", "联系电话"]
    [rejection] = report["rejections"]
    assert (rejection["row"], rejection["field"]) == (5, "members")
    rejects = door.post(
        f"{ORGANISATIONS}/import",
        files={"file": ("台账.xlsx", ledger())},
        headers={"Accept": "text/csv"},
    )
    exported = [door.get(f"{ORGANISATIONS}.{ending}").content for ending in ("csv", "geojson")]
    told = [json.dumps(report, ensure_ascii=False).encode(), rejects.content, *exported]
    for name in SECRETARIES:
        assert not any(name.encode() in text for text in told)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_exported_register_is_the_same_when_it_is_read_in_again(door, ending, language):
    load(door, ledger())
    lon, lat = center(0, 0)
    door.put(f"{API}/registers/facility/F1", json={
        "name": "中心", "kind": "党群服务中心", "lon": lon, "lat": lat, "frame": "EPSG:4490",
        "staff": 9, "staff_members": 3, "has_member_leader": True, "radius_m": 800.0,
    })  # fmt: skip
    for register in ("party_organisation", "facility"):
        file = door.get(f"{API}/registers/{register}.{ending}?lang={language}").content
        form = {"frame": "EPSG:4490"} if ending == "geojson" else {}
        report = load(door, file, f"again.{ending}", register, **form).json()
        assert report["counts"]["unchanged"] == report["rows"] > 0, report


def test_an_entry_is_put_changed_read_with_its_history_and_withdrawn(door):
    path = f"{API}/registers/unit/U1"
    lon, lat = center(0, 0)
    told = {"name": "甲公司", "kind": "两新", "lon": lon, "lat": lat, "frame": "EPSG:4490"}
    created = door.put(path, json={**told, "full_members": 7})
    assert (created.status_code, created.json()["full_members"]) == (201, 7)
    assert door.put(path, json={**told, "full_members": 7}).json()["outcome"] == "unchanged"
    changed = door.patch(path, json={"full_members": 2}).json()
    assert (changed["outcome"], changed["full_members"]) == ("updated", "<3")
    assert door.patch(path, json={"full_members": "<3", "address": "示例路"}).status_code == 200

    found = door.get(path).json()
    assert [each["full_members"] for each in found["versions"]] == [7, "<3", "<3"]
    assert found["address"] == "示例路"
    assert door.get(f"{API}/registers/unit?name=甲").json()["items"][0]["code"] == "U1"
    assert door.delete(path).status_code == 200
    problem_of(door.get(path), 404, "entry-not-found")


def test_many_entries_each_have_their_own_result(door):
    entries = [
        {"code": "A", "name": "甲", "kind": "党支部", "layer": "grid", "areas": [grid_code(0, 0)]},
        {"code": "B", "name": "乙", "kind": "党支部", "full_members": 3},
        {"code": "C", "name": "丙", "kind": 5},
        {"code": "D", "name": "丁", "kind": "党支部", "members": -1},
    ]
    found = door.post(f"{ORGANISATIONS}/batch", json={"entries": entries}).json()

    assert found["counts"] == {"added": 1, "updated": 0, "unchanged": 0, "rejected": 3}
    assert [each.get("field") for each in found["results"]][1:3] == ["full_members", "kind"]
    problem_of(door.put(f"{ORGANISATIONS}/Z", json={"radius_m": 5.0}), 422, "refused-value")
    problem_of(door.put(f"{ORGANISATIONS}/Z", json={"members": True}), 422, "invalid-request")


def test_liaisons_have_the_area_as_their_key(door):
    load(door, ledger())
    rows = f"图层,区域编码,派出党组织,联系时间\ngrid,{grid_code(3, 0)},D1,2026-01-01\n"
    assert load(door, rows.encode(), "联系.csv", "liaison").json()["counts"]["added"] == 1

    code = f"grid/{grid_code(3, 0)}"
    assert door.get(f"{API}/registers/liaison/{code}").json()["organisation"] == "D1"
    items = door.get(f"{API}/coverage/grid").json()["items"]
    assert [i["state"] for i in items if i["code"] == grid_code(3, 0)] == ["linked"]


def test_coverage_tells_both_counts_of_every_share_with_their_day(door):
    load(door, ledger())
    day = {"as_of": "2026-11-21"}
    found = door.get(f"{API}/coverage/grid", params=day).json()

    assert found["areas"]["organisation_coverage"] == {
        "numerator": 3,
        "denominator": 8,
        "numerator_as_of": "2026-11-21",
        "denominator_as_of": "2026-11-21",
        "share": 0.375,
        "percent": "37.50",
    }
    assert found["units"]["organisation_coverage"]["share"] is None
    assert [i["members"] for i in found["items"] if i["code"] == grid_code(0, 0)] == ["<3"]
    problem_of(
        door.get(f"{API}/coverage/grid", params={**day, "denominator_as_of": "2026-01-01"}),
        422,
        "mixed-dates",
    )
    both = {**day, "denominator_as_of": "2026-01-01", "across_days": True}
    mixed = door.get(f"{API}/coverage/grid", params=both).json()["areas"]
    assert mixed["organisation_coverage"]["denominator_as_of"] == "2026-01-01"
    problem_of(door.get(f"{API}/coverage/parish"), 404, "unknown-layer")


def test_what_is_to_be_done_is_listed_and_saved(door):
    load(door, ledger())
    lon, lat = center(2, 1)
    units = "\n".join(
        [
            "单位编码,单位名称,单位类别,经度,纬度,坐标系,正式党员数",
            f"U1,甲公司,非公企业,{lon},{lat},EPSG:4490,3",
            f"U2,乙公司,非公企业,{lon},{lat},EPSG:4490,1",
        ]
    )
    load(door, units.encode(), "单位.csv", "unit")

    blank = door.get(f"{API}/coverage/grid/blank-spots").json()["items"]
    assert len(blank) == 5
    assert {each["nearest_organisation"]["code"] for each in blank} == {"D2", "D3"}
    [due] = door.get(f"{API}/coverage/grid/due-units").json()["items"]
    assert (due["code"], due["joint_candidate"]["code"]) == ("U1", "U2")
    saved = door.get(f"{API}/coverage/grid/due-units.csv").content.decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(saved)))["最近的联合组建对象"] == "乙公司"
    sheet = openpyxl.load_workbook(
        io.BytesIO(door.get(f"{API}/coverage/grid/blank-spots.xlsx").content)
    ).active
    assert sheet["A1"].value == "空白点清单"
    assert "37.50%（3/8）" in sheet["A2"].value
    shapes = door.get(f"{API}/coverage/grid.geojson").json()["features"]
    assert {feature["geometry"]["type"] for feature in shapes} == {"Polygon"}


def test_the_ladder_reminders_stations_and_changes_answer(door):
    load(door, ledger())
    door.post(f"{API}/activities", json={"organisation": "D3", "held_on": "2026-10-10"})

    assert door.get(f"{API}/ladder").json()["faults"] == []
    kinds = {each["kind"] for each in door.get(f"{API}/reminders").json()["items"]}
    assert kinds == {"activity_unknown"}
    assert door.get(f"{API}/stations").json() == {"items": []}
    assert door.get(f"{API}/old-bindings").json() == {"items": []}
    changes = door.get(f"{API}/coverage/grid/changes?before=2024-01-01").json()
    assert changes["items"] == []
    assert changes["before"]["as_of"] == "2024-01-01"


def test_activities_are_recorded_once_and_taken_back(door):
    load(door, ledger())
    told = {"organisation": "D2", "held_on": "2026-10-10"}
    assert [door.post(f"{API}/activities", json=told).status_code for _ in range(2)] == [201, 200]
    listed = door.get(f"{API}/activities?organisation=D2").json()["items"]
    assert listed == [{**told, "kind": "general_meeting"}]
    rows = "党组织编码,活动类型,活动日期\nD3,主题党日,2026-10-11\nD9,党课,2026-10-11\n"
    counts = load(door, rows.encode(), "活动.csv", "activity").json()["counts"]
    assert (counts["added"], counts["rejected"]) == (1, 1)
    assert door.post(f"{API}/activities/withdrawal", json=told).status_code == 200
    problem_of(door.post(f"{API}/activities/withdrawal", json=told), 404, "entry-not-found")
    future = {**told, "held_on": "2999-01-01"}
    problem_of(door.post(f"{API}/activities", json=future), 422, "refused-value")


def test_a_binding_is_confirmed_or_refused(door):
    load(door, ledger())
    path = f"{ORGANISATIONS}/confirmation"
    assert door.post(path, params={"code": "D2"}).json()["edition"] == 1
    problem_of(door.post(path, params={"code": "D1"}), 422, "invalid-value")
    problem_of(door.post(path, params={"code": "nobody"}), 404, "entry-not-found")


@pytest.mark.parametrize(
    ("rows", "slug"),
    [("党组织名称,组织类别\n甲,党支部\n", "missing-column"), ("", "unreadable-file")],
)
def test_a_list_that_cannot_be_used_is_refused_whole(door, rows, slug):
    problem_of(load(door, rows.encode(), "a.csv"), 422, slug)
    answer = load(door, b"a,b\n1,2\n", "a.csv", column="nothing=a")
    problem_of(answer, 422, "invalid-value")
