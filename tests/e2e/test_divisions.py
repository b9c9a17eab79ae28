"""Ways to divide ground at the interface and at the terminal: offered, taken, undone, refused."""

import numpy as np
import pytest
import shapely

from geo_service.storage.references import replace_references
from tests.doors import open_door, problem_of, publish_street_in
from tests.drafting import A, B, C, at
from tests.houses import open_house
from tests.terminals import refusal, run

WEST = "9990010101"
DRAFTS = "/api/v1/drafts"


def lay_road(folder):
    """Lay a road from the west through the southern grids of the western community."""
    house = open_house(folder)
    road = np.array([shapely.LineString([at(-0.5, 0.25), at(2.5, 0.25)])], dtype=object)
    with house.workspace.database.write() as connection:
        replace_references(connection, kind="road_main", names=["示例路"], geometries=road)
    house.close()


@pytest.fixture
def door(tmp_path):
    publish_street_in(tmp_path)
    lay_road(tmp_path)
    with open_door(tmp_path, is_published=False) as client:
        client.post(DRAFTS, json={"name": "试改"})
        yield client


@pytest.fixture
def street(tmp_path):
    publish_street_in(tmp_path)
    lay_road(tmp_path)
    run(tmp_path, "drafts", "begin", "三季度调整")
    return tmp_path


def places(*spots):
    return " ".join("{:.12f},{:.12f}".format(*at(*spot)) for spot in spots)


def take(door, offer):
    seen = {"If-Match": f'"{offer["revision"]}"'}
    return door.post(f"{DRAFTS}/1/operations", json=offer["operation"], headers=seen)


def test_parts_are_offered_and_the_offer_is_taken_as_it_is(door):
    asked = {"layer": "grid", "code": A, "count": 3, "measure": "area"}
    offer = door.post(f"{DRAFTS}/1/parts", json=asked).json()
    parts = [each["properties"] for each in offer["features"]]
    assert [part["code"][-2:] for part in parts] == ["07", "08", "09"]
    assert sum(part["share"] for part in parts) == pytest.approx(1)
    assert offer["imbalance"] < 0.02
    assert offer["unknown"] == {"households": 0, "residents": 0, "issues": 0, "workload": 0}
    assert parts[0]["issues"] is None
    assert door.get(f"{DRAFTS}/1").json()["operations"] == []

    answer = take(door, offer)
    assert answer.status_code == 201, answer.text
    taken = {each["id"]: each["geometry"] for each in answer.json()["areas"]["features"]}
    assert {f"grid/{part['code']}" for part in parts} <= taken.keys()
    for each in offer["features"]:
        assert taken[f"grid/{each['id']}"] == each["geometry"]
    assert answer.json()["ended"] == [{"layer": "grid", "code": A}]
    problem_of(take(door, offer), 404, "unknown-area")  # A is gone: it is not cut twice
    door.post(f"{DRAFTS}/1/undo")
    assert door.get(f"{DRAFTS}/1/areas").json()["areas"]["features"] == []


def test_a_road_through_a_community_is_offered_and_taken(door):
    asked = {"layer": "grid", "parent": WEST, "references": ["road_main"], "keeps_code": True}
    offer = door.post(f"{DRAFTS}/1/cuts", json=asked).json()
    formers = [each["properties"]["former"] for each in offer["features"]]
    assert formers == [A, A, B, B]
    assert take(door, offer).status_code == 201
    assert door.get(f"{DRAFTS}/1/check").json()["is_publishable"]
    door.post(f"{DRAFTS}/1/undo")
    named = {"layer": "grid", "codes": [A], "references": ["road_main"]}
    alone, together = (
        door.post(f"{DRAFTS}/1/cuts", json=named | more).json()["operation"]["codes"]
        for more in ({}, {"siblings": True})
    )
    assert list(alone) == [A]
    assert list(together) == [A, B]


def test_groups_and_children_of_a_community(door):
    asked = {"layer": "community", "code": WEST, "child_layer": "grid", "groups": [[A, B]]}
    found = door.post(f"{DRAFTS}/1/groups", json=asked).json()["features"]
    assert [each["properties"]["code"] for each in found] == ["9990010103"]
    answer = door.get(f"{DRAFTS}/1/children", params={"layer": "community", "code": WEST})
    assert len(answer.json()["features"]) == 4


def test_what_cannot_be_divided_is_a_problem(door):
    def refused(name, status, slug, **told):
        return problem_of(
            door.post(f"{DRAFTS}/1/{name}", json={"layer": "grid", **told}), status, slug
        )

    for number in (1, 51):
        refused("parts", 422, "invalid-value", code=A, count=number)
    said = refused("parts", 422, "no-balanced-parts", code=A, count=2, measure="households")
    assert "户数" in said["detail"]
    refused("parts", 422, "invalid-request", code=A, count=2, measure="height")
    said = refused("cuts", 422, "unfit-line", codes=[C], references=["road_main"])
    assert "0.5" in said["detail"]
    refused("cuts", 422, "invalid-value", codes=[C], references=["canal"])
    long = [[120.0 + i / 1e9, 30.0005] for i in range(20_000)]
    body = {"kind": "cut-along", "layer": "grid", "lines": [long], "codes": {A: ["N1", "N2"]}}
    problem_of(door.post(f"{DRAFTS}/1/operations", json=body), 413, "limit-exceeded")


def test_a_grid_is_split_evenly_at_the_terminal(street):
    asked = ("drafts", "split-evenly", "1", "grid", A, "--parts", "2")
    said = run(street, *asked)
    assert "999001010107" in said
    assert "50.0%" in said
    assert "--take" in said
    assert "修订 0" in run(street, "drafts", "show", "1")
    said = run(street, *asked, "--keep-code", "--take")
    assert f"网格 改动：{A} " in said
    assert "999001010107" in said
    run(street, "drafts", "undo", "1")
    assert "2 到 50" in refusal(street, *asked[:-1], "1")
    assert "户数" in refusal(street, *asked, "--by", "households")


def test_grids_are_cut_along_a_road_or_a_layer_at_the_terminal(street):
    asked = ("drafts", "cut-along", "1", "grid", "--parent", WEST)
    said = run(street, *asked, "--reference", "road_main", "--keep-code", "--take")
    assert f"网格 改动：{A} {B} " in said
    assert "999001010108" in said
    run(street, "drafts", "undo", "1")
    assert "没有穿过" in refusal(street, *asked, "--along", "community")
    assert "road_main" in refusal(street, *asked, "--reference", "canal")
    assert "米数" in refusal(street, *asked, "--along", "community", "--narrowest", "-3")


def test_neighbors_swap_ground_at_the_terminal(street):
    given = ("--outline", places((0.75, 0.25), (1.25, 0.25), (1.25, 0.5), (0.75, 0.5)))
    taken = ("--other-outline", places((0.75, 0.6), (1.25, 0.6), (1.25, 0.75), (0.75, 0.75)))
    said = run(street, "drafts", "swap", "1", "grid", A, B, *given, *taken)
    assert f"网格 改动：{A} {B}" in said
    assert "互换" in run(street, "drafts", "show", "1")
    assert "重叠" in refusal(
        street, "drafts", "swap", "1", "grid", A, B, *given, "--other-outline", given[1]
    )


def test_a_community_is_split_by_its_grids_at_the_terminal(street):
    def split(*new):
        options = [word for each in new for word in ("--new", each)]
        return ("drafts", "split-by-children", "1", "community", WEST, "grid", *options)

    said = run(street, *split(f"{A},{B}"))
    assert "社区 改动：9990010101 9990010103" in said
    run(street, "drafts", "undo", "1")
    said = run(street, *split(f"N1={A}", f"{B}, {C}"))
    assert "9990010103 N1" in said
    run(street, "drafts", "undo", "1")
    assert "新代码=下级,下级" in refusal(street, *split("N1="))
    assert "各不相同" in refusal(street, *split(f"N1={A}", f"N1={B}"))
    assert "上级" in refusal(street, *split(f"N1={A}", f"N2={A}"))
