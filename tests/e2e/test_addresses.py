"""From an address to an owner, through both doors: pasted, listed, looked up again, chosen."""

import pytest

from tests.doors import open_door, problem_of
from tests.houses import STEP, center, grid_code
from tests.terminals import refusal, run

API = "/api/v1"
LON, LAT = center(0, 0)
CROSSING = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for name, line in [
            ("桂香路", [[LON - 1, LAT], [LON + 1, LAT]]),
            ("兰和街", [[LON, LAT - 1], [LON, LAT + 1]]),
        ]
    ],
}
LIST = "\n".join(
    [
        "路,弄,号,小区,别名,经度,纬度,网格编码,户主",
        f"桂香路,88弄,3号,幸福花园,小白楼,{LON},{LAT},{grid_code(0, 0)},某人",
        f"桂香路,90弄,1号,,,{LON},{LAT},,",
        f"桂香路,90弄,1号,,,{LON + STEP},{LAT},,",
        f"桂香路,91弄,1号,,,{LON},{LAT},{grid_code(1, 0)},",
        f"桂香路,九十二弄,x,,,{LON},{LAT},,",
    ]
)
TICKETS = "\n".join(
    [
        "工单编号,来源,上报时间,地址",
        "A1,12345,2026-11-20 08:00,示例街道桂香路88弄3号501室",
        "A2,12345,2026-11-20 08:00,桂香路90弄1号",
        "A3,12345,2026-11-20 08:00,没有的路1号",
    ]
)
BRANCH = {
    "name": "第一网格党支部",
    "kind": "党支部",
    "layer": "grid",
    "areas": [grid_code(0, 0)],
    "founded": "2020-01-01",
    "post": "网格党支部书记",
    "duty_phone": "000-00001",
}


@pytest.fixture
def door(tmp_path):
    with open_door(tmp_path) as found:
        yield found


def send(door, path, text, **more):
    files = {"file": ("表.csv", text.encode("gbk"))}
    return door.post(f"{API}/{path}", files=files, data=more)


def find(door, text, **more):
    answer = door.get(f"{API}/places", params={"q": text, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_address_that_is_pasted_gives_its_owner_duty_phone_and_reason(door):
    assert send(door, "places/import", LIST, frame="EPSG:4490").json()["counts"]["added"] == 4
    kept = door.put(f"{API}/registers/party_organisation/P1", json=BRANCH)
    assert kept.status_code == 201, kept.text
    found = find(door, "某某街道桂香路88弄3号")
    place = found["decisive"]
    assert (found["why"], place["how_zh"], place["exactness"]) == ("one", "完全一致", "point")
    assert place["owner"] == {"layer": "grid", "code": grid_code(0, 0), "name": "第1网格"}
    assert place["body"]["duty_phone"] == "000-00001"
    assert "第1网格" in place["located"]["families"][0]["reason_zh"]
    assert place["listed"]["aliases"] == ["小白楼"]
    assert find(door, "xfhy3h", limit=1)["places"][0]["label"] == place["label"]
    assert find(door, "小白楼")["decisive"]["how"] == "alias"
    assert find(door, "桂香路88弄4号")["decisive"] is None
    area = find(door, "西社区")
    assert (area["why"], area["places"][0]["exactness"]) == ("incomplete", "area")
    assert area["places"][0]["owner"]["code"] == "9990010101"
    near = find(door, "桂香路90弄1号", lon=LON + STEP, lat=LAT)["places"][0]
    assert near["owner"]["code"] == grid_code(1, 0)


def test_a_list_is_told_of_row_by_row_and_its_defects_stay_to_be_asked(door):
    told = send(door, "places/import", LIST, frame="EPSG:4490").json()
    assert told["counts"] == {"added": 4, "updated": 0, "unchanged": 0, "rejected": 1}
    assert (told["encoding"], told["dropped_columns"]) == ("GB18030", ["户主"])
    assert [(each["row"], each["field"]) for each in told["rejections"]] == [(6, "number")]
    again = send(door, "places/import", LIST, frame="EPSG:4490").json()
    assert again["counts"] == {"added": 0, "updated": 0, "unchanged": 4, "rejected": 1}
    assert door.get(f"{API}/places/lists").json()["lists"][0]["places"] == 4
    defects = door.get(f"{API}/places/defects", params={"limit": 1}).json()
    assert defects["counts"] == {"other_area": 1, "several_places": 2}
    assert (len(defects["defects"]), defects["left_out"]) == (1, 2)
    files = {"file": ("表.csv", LIST.encode())}
    asked = {"frame": "EPSG:4490"}
    rows = door.post(
        f"{API}/places/import", files=files, data=asked, headers={"Accept": "text/csv"}
    )
    assert "6,number,号" in rows.content.decode("utf-8-sig")
    problem_of(send(door, "places/import", LIST), 422, "missing-frame")
    problem_of(send(door, "places/import", LIST, column="路"), 422, "invalid-value")
    problem_of(door.get(f"{API}/places", params={"q": " "}), 422, "invalid-value")


def test_tickets_with_addresses_alone_come_in_twice_and_the_unclear_ones_wait(door):
    send(door, "places/import", LIST, frame="EPSG:4490")
    told = send(door, "issues/import", TICKETS).json()
    assert (told["counts"]["added"], told["located_by_address"]) == (3, 1)
    again = send(door, "issues/import", TICKETS).json()["counts"]
    assert again == {"added": 0, "updated": 0, "unchanged": 3, "rejected": 0}
    items = door.get(f"{API}/issues").json()["items"]
    located = next(each for each in items if each["external_id"] == "A1")
    assert (located["located_by"], located["ground"]["code"]) == ("place", grid_code(0, 0))
    assert located["asked"] == {"x": None, "y": None, "frame": None}
    waiting = door.get(f"{API}/places/waiting", params={"limit": 1}).json()
    [first] = waiting["items"]
    assert (first["external_id"], first["why"], len(first["candidates"])) == ("A2", "several", 2)
    rest = door.get(f"{API}/places/waiting", params={"after": waiting["next"]}).json()
    assert [(each["external_id"], each["reason_zh"]) for each in rest["items"]] == [
        ("A3", "没有找到这个地址")
    ]
    assert door.post(f"{API}/places/waiting").json()["counts"] == {"several": 1, "unknown": 1}
    path = f"{API}/places/waiting/{first['id']}"
    choice = {"candidate": 1, "label": first["candidates"][1]["label"]}
    problem_of(door.post(path, json={**choice, "label": "别的"}), 422, "invalid-value")
    chosen = door.post(path, json=choice).json()
    assert (chosen["located_by"], chosen["ground"]["code"]) == ("place", grid_code(1, 0))
    problem_of(door.post(path, json=choice), 404, "issue-not-found")


def test_the_terminal_does_the_same(tmp_path):
    import json

    with open_door(tmp_path):
        pass
    (tmp_path / "表.csv").write_text(LIST, encoding="gbk")
    (tmp_path / "工单.csv").write_text(TICKETS, encoding="gbk")
    (tmp_path / "路.geojson").write_text(json.dumps(CROSSING), encoding="utf-8")
    assert "没有找到这个地址" in run(tmp_path, "places", "find", "桂香路88弄3号")
    run(tmp_path, "issues", "import", tmp_path / "工单.csv")
    said = run(tmp_path, "places", "import", tmp_path / "表.csv", "--frame", "EPSG:4490")
    assert "共 5 行：新增 4，更新 0，未变 0，退回 1；失效 0" in said
    assert "舍去 1 列" in said
    assert (tmp_path / "表.退回.csv").exists()
    assert "1 个地址：清单写的网格与坐标所在的网格不同" in run(tmp_path, "places", "check")
    assert "4" in run(tmp_path, "places", "lists")
    located = run(tmp_path, "places", "locate-waiting")
    assert "待定位 3 件，落格 1 件，仍待人工 2 件" in located
    found = run(tmp_path, "places", "find", "桂香路88弄3号")
    assert "第1网格（999001010101）" in found
    assert "→ 唯一一致" in found
    several = run(tmp_path, "places", "find", "桂香路90弄1号")
    assert several.count("完全一致") == 2
    assert "? 有几个地点同样一致" in several
    run(tmp_path, "references", "import", tmp_path / "路.geojson", "--kind", "road_main",
        "--frame", "EPSG:4490")  # fmt: skip
    assert "两条路相交处" in run(tmp_path, "places", "find", "桂香路与兰和街路口")
    whole = run(
        tmp_path, "places", "import", tmp_path / "表.csv", "--frame", "EPSG:4490", "--whole",
        "--list-name", "楼栋清单", "--column", "title=小区",
    )  # fmt: skip
    assert "新增 4" in whole
    out = tmp_path / "缺陷.csv"
    run(tmp_path, "places", "check", "--out", out)
    assert out.exists()
    assert "--frame" in refusal(tmp_path, "places", "import", tmp_path / "表.csv")
