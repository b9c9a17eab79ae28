"""What lies between two editions, over HTTP and at the terminal."""

import json

import pytest

from tests.doors import open_door, problem_of
from tests.houses import CALLER, SOUTH, STEP, WEST, open_house, publish_areas, swapped_street
from tests.houses import publish_street as publish
from tests.terminals import refusal, run

API = "/api/v1"
A, B, C = "999001010101", "999001010102", "999001010105"


@pytest.fixture
def street(tmp_path):
    house = open_house(tmp_path)
    publish(house)
    rows = [
        {
            "source": "12345",
            "external_id": f"2026-{number}",
            "reported_at": "2026-11-01 08:00",
            "frame": "EPSG:4490",
            "x": WEST + x * STEP,
            "y": SOUTH + 0.5 * STEP,
        }
        for number, x in enumerate((0.5, 1.5, 1.6))
    ]
    house.issues.batch(CALLER, rows, is_updating=False)
    publish_areas(house, swapped_street(), on=1)
    house.close()
    return tmp_path


def test_what_lies_between_two_editions_is_told_over_http(street):
    with open_door(street, is_published=False) as door:
        told = door.get(f"{API}/editions/1/impact", params={"to": 2}).json()
        short = door.get(f"{API}/editions/1/impact", params={"to": 2, "limit": 1}).json()
        same = door.get(f"{API}/editions/1/impact", params={"to": 1}).json()
        missing = door.get(f"{API}/editions/1/impact", params={"to": 9})
        unasked = door.get(f"{API}/editions/1/impact")
    assert (told["base"], told["to"]) == (1, 2)
    [grids] = told["layers"]
    opened = {
        each["code"]: [each[s]["open_issues"] for s in ("before", "after")]
        for each in grids["areas"]
    }
    assert opened == {A: [1, 2], B: [2, 1]}
    assert grids["areas"][0]["before"]["residents"] == {
        "value": None,
        "basis": None,
        "is_estimated": False,
    }
    assert told["owners"]["total"] == told["owners"]["other_owner"] == 3
    assert told["owners"]["listed"][0]["old"] == {"layer": "grid", "code": A}
    assert told["owners"]["listed"][0]["new"] == {"layer": "grid", "code": B}
    assert (short["owners"]["total"], len(short["owners"]["listed"])) == (3, 1)
    assert (same["layers"], same["owners"]["total"]) == ([], 0)
    problem_of(missing, 404, "edition-not-found")
    assert unasked.status_code == 422


def test_what_lies_between_two_editions_is_a_table_at_the_terminal(street):
    told = run(street, "editions", "impact", "1", "--to", "2")
    assert "【网格】" in told
    assert "在办问题：3 件换归属" in told
    assert f"2026-0  {A} → {B}" in told
    assert "总户数" not in told
    english = run(street, "editions", "impact", "1", "--to", "2", language="en")
    assert "open issues: 3 change owner, 3 get a record" in english
    found = json.loads(run(street, "editions", "impact", "1", "--to", "2", "--json"))
    assert [each["code"] for each in found["layers"][0]["areas"]] == [A, B]
    assert "没有区域受影响" in run(street, "editions", "impact", "2", "--to", "2")
    assert "7" in refusal(street, "editions", "impact", "1", "--to", "7")


def test_the_balance_of_an_edition_names_who_has_least_and_most(street):
    told = run(street, "editions", "balance", "1", "--layer", "grid", "--by", "open_issues")
    # two of the three issues lie in B, one in A, and two grids of the community have none
    assert f"9990010101 西社区，4 个：最少 0 {C} · 最多 2 {B} · 平均 0.8\n" in told
    assert told.endswith(f"全部，8 个：最少 0 {C} · 最多 2 {B} · 平均 0.4\n")
    english = run(street, "editions", "balance", "1", "--layer", "grid", language="en")
    assert "edition 1, by issues of a year:" in english
    found = json.loads(run(street, "editions", "balance", "1", "--layer", "grid", "--json"))
    assert [each["parent"] for each in found["parents"]] == ["9990010101", "9990010102"]
    assert "households" in refusal(
        street, "editions", "balance", "1", "--layer", "grid", "--by", "people"
    )
