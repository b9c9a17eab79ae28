"""Border agreements through both doors: recorded, cited, listed, withdrawn, and refused."""

import csv
import io

import pytest

from tests.doors import open_door, problem_of
from tests.houses import SOUTH, STEP, WEST, grid_code
from tests.terminals import refusal, run

METER = 1 / 96_500
A, B = grid_code(0, 0), grid_code(1, 0)
PATH = "/api/v1/agreements"
PLACE = {"lon": WEST + STEP - 10 * METER, "lat": SOUTH + 0.4 * STEP}
ROAD = {
    "layer": "grid",
    "first_code": A,
    "second_code": B,
    "owner_code": B,
    "within_m": 15,
    "document": "示例街〔2026〕12号",
    "wording": "道路归东侧",
    "effective_from": "2026-01-01",
}
LIST = "\n".join(
    [
        "层级,网格甲,网格乙,归属,半宽米,依据文号,约定内容,生效",
        f"grid,{A},{B},乙,15,示例街〔2026〕12号,道路归东侧,2026-01-01",
        f"grid,{A},{B},乙,500,示例街〔2026〕13号,,2026-01-01",
        f"grid,{A},999,甲,12,示例街〔2026〕14号,,2026-01-01",
    ]
)


@pytest.fixture
def door(tmp_path):
    with open_door(tmp_path) as found:
        yield found


def located(door, **more):
    return door.get("/api/v1/locate", params={**PLACE, **more}).json()["families"][0]


def test_an_agreement_is_recorded_cited_and_withdrawn(door):
    answer = door.post(PATH, json=ROAD)
    assert (answer.status_code, answer.json()["outcome"]) == (201, "added")
    assert answer.json()["effective_from"] == "2025-12-31T16:00:00Z"
    assert door.post(PATH, json=ROAD).status_code == 200
    told = located(door)
    assert (told["rule"], told["chain"][-1]["code"]) == ("agreement", B)
    cited = told["agreement"]
    assert (cited["document"], cited["owner_code"], cited["number"]) == (ROAD["document"], B, 1)
    assert cited["distance_m"] == pytest.approx(10, abs=0.02)
    assert "示例街〔2026〕12号" in told["reason_zh"]
    assert "道路归东侧" in told["reason_zh"]
    assert "border agreement" in told["reason_en"]
    [listed] = door.get(PATH).json()["agreements"]
    assert (listed["state"], listed["inert"]) == ("standing", None)
    assert door.post(f"{PATH}/1/withdrawal").json()["state"] == "withdrawn"
    assert (located(door)["rule"], located(door)["agreement"]) == ("assigned", None)


def test_a_stretch_comes_back_as_it_was_sent(door):
    x = WEST + STEP
    line = f"LINESTRING ({x!r} {SOUTH!r}, {x!r} {SOUTH + STEP / 4!r})"
    told = door.post(PATH, json={**ROAD, "stretch": line}).json()
    again = door.post(PATH, json={**ROAD, "stretch": told["stretch"]}).json()
    assert (again["outcome"], again["number"]) == ("unchanged", told["number"])


def test_a_batch_obeys_the_agreement_too(door):
    door.post(PATH, json=ROAD)
    body = {"lon": [PLACE["lon"]], "lat": [PLACE["lat"]]}
    answer = door.post("/api/v1/locate/batch", json=body).json()
    assert answer["counts"]["grid"]["agreement"] == 1
    [row] = door.post("/api/v1/locate/batch", json={"points": [PLACE]}).json()["points"]
    assert (row["grid_rule"], row["grid_code"]) == ("agreement", B)


def test_issues_are_found_by_the_rule(door):
    door.post(PATH, json=ROAD)
    row = {"source": "complaint", "external_id": "1", "reported_at": "2026-11-20 08:00"}
    door.post("/api/v1/issues", json={**row, **PLACE, "frame": "EPSG:4490"})
    [found] = door.get("/api/v1/issues", params={"rule": "agreement"}).json()["items"]
    assert found["assignments"][0]["agreement"] == 1
    assert found["assignments"][0]["links"][-1] == ["grid", B]


def test_a_list_is_told_of_row_by_row(door):
    answer = door.post(f"{PATH}/import", files={"file": ("约定.csv", LIST.encode("gbk"))}).json()
    assert answer["counts"] == {"added": 2, "unchanged": 0, "rejected": 1}
    assert [(each["row"], each["field"]) for each in answer["rejections"]] == [(3, "within_m")]
    assert [each["number"] for each in answer["inert"]] == [2]
    assert "999" in answer["inert"][0]["inert"]["zh"]
    file = {"file": ("约定.csv", LIST.encode())}
    text = door.post(f"{PATH}/import", files=file, headers={"Accept": "text/csv"})
    rows = list(csv.reader(io.StringIO(text.content.decode("utf-8-sig"))))
    assert [row[:2] for row in rows[1:]] == [["3", "within_m"]]


def test_what_cannot_be_recorded_is_a_problem(door):
    refused = problem_of(door.post(PATH, json={**ROAD, "within_m": 101}), 422, "refused-value")
    assert refused["where"] == "within_m"
    problem_of(door.post(PATH, json={**ROAD, "width": 3}), 422, "invalid-request")
    problem_of(door.post(PATH, json={**ROAD, "within_m": "15"}), 422, "invalid-request")
    assert problem_of(door.post(f"{PATH}/9/withdrawal"), 404, "agreement-not-found")["number"] == 9
    file = {"file": ("约定.csv", "层级,归属\ngrid,甲\n".encode())}
    problem_of(door.post(f"{PATH}/import", files=file), 422, "missing-column")


def test_the_command_line_imports_lists_and_withdraws(tmp_path):
    open_door(tmp_path).close()
    (tmp_path / "约定.csv").write_text(LIST, encoding="utf-8")
    said = run(tmp_path, "agreements", "import", "约定.csv")
    assert "新增 2，已有 0，退回 1" in said
    assert "999" in said
    assert "within_m" in (tmp_path / "约定.退回.csv").read_text(encoding="utf-8-sig")
    told = run(tmp_path, "locate", str(PLACE["lon"]), str(PLACE["lat"]))
    assert "[agreement]" in told
    assert "示例街〔2026〕12号" in told
    listed = run(tmp_path, "agreements", "list", language="en")
    assert "standing" in listed
    assert "decides nothing" in listed
    assert "已撤回" in run(tmp_path, "agreements", "withdraw", "1")
    assert "[assigned]" in run(tmp_path, "locate", str(PLACE["lon"]), str(PLACE["lat"]))
    assert "7" in refusal(tmp_path, "agreements", "withdraw", "7")
