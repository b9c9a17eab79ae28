"""Issues over HTTP: strict bodies, keys, batches, filters, paging and exports."""

import csv
import io
import json

import pytest
from openpyxl import load_workbook

from tests.doors import open_door, problem_of
from tests.houses import center, grid_code

_ISSUES = "/api/v1/issues"


def _issue(external_id: str, column: int = 0, row: int = 0, **changes) -> dict:
    lon, lat = center(column, row)
    told = {
        "source": "12345",
        "external_id": external_id,
        "reported_at": "2025-06-10 08:00",
        "lon": lon,
        "lat": lat,
        "frame": "EPSG:4490",
    }
    return told | changes


@pytest.fixture
def door(tmp_path):
    return open_door(tmp_path)


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A street that stays without issues, since none of those that are sent is one."""
    return open_door(tmp_path_factory.mktemp("strict"))


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A street with eight issues, two of them closed and one without a place."""
    client = open_door(tmp_path_factory.mktemp("issues"))
    rows = [_issue(f"G{i}", i % 4, i // 4, reported_at=f"2025-06-1{i % 3} 08:00") for i in range(7)]
    rows[0] |= {"status": "办结", "closed_at": "2025-06-12 09:00", "category_major": "市容环境"}
    rows[1] |= {"status": "办结", "closed_at": "2025-06-12 10:00", "title": "=1+1"}
    rows[2] |= {"request_type": "咨询"}
    placeless = {"source": "12345", "external_id": "007", "reported_at": "2025-06-11"}
    answer = client.post(f"{_ISSUES}/batch", json={"issues": [*rows, placeless]})
    assert answer.json()["counts"]["added"] == 8, answer.text
    return client


def test_an_issue_is_201_once_and_200_when_it_comes_again(door):
    first = door.post(_ISSUES, json=_issue("A1"))
    again = door.post(_ISSUES, json=_issue("A1"))
    assert (first.status_code, first.json()["outcome"]) == (201, "added")
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert again.json() | {"replayed": True, "id": first.json()["id"]} == again.json()


def test_other_content_under_the_same_key_is_a_conflict_unless_updating_is_asked_for(door):
    door.post(_ISSUES, json=_issue("A1"))
    changed = _issue("A1", title="路灯不亮")
    body = problem_of(door.post(_ISSUES, json=changed), 409, "natural-key-conflict")
    assert body["fields_changed"] == ["title"]
    updated = door.post(f"{_ISSUES}?on_change=update", json=changed)
    assert (updated.status_code, updated.json()["outcome"]) == (200, "updated")
    assert door.get(f"{_ISSUES}/{updated.json()['id']}").json()["title"] == "路灯不亮"


def test_a_time_without_a_zone_is_shanghai(door):
    made = door.post(_ISSUES, json=_issue("A1")).json()
    assert door.get(f"{_ISSUES}/{made['id']}").json()["reported_at"] == "2025-06-10T00:00:00Z"


def test_an_idempotency_key_gives_the_first_answer_again(door):
    key = {"Idempotency-Key": "k-1"}
    first = door.post(_ISSUES, json=_issue("A1"), headers=key)
    again = door.post(_ISSUES, json=_issue("A1"), headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"replayed": True}
    other = door.post(_ISSUES, json=_issue("A2"), headers=key)
    problem_of(other, 422, "idempotency-conflict")
    assert len(door.get(_ISSUES).json()["items"]) == 1


def test_a_refused_issue_does_not_use_up_its_idempotency_key(door):
    key = {"Idempotency-Key": "k-1"}
    problem_of(
        door.post(_ISSUES, json=_issue("A1", lon=0, lat=0), headers=key), 422, "refused-value"
    )
    assert door.post(_ISSUES, json=_issue("A1"), headers=key).status_code == 201


@pytest.mark.parametrize(
    "changes",
    [
        {"lon": False},
        {"lon": "120.0005"},
        {"accuracy_m": True},
        {"external_id": 7},
        {"title": ["a"]},
        {"reporter": "x"},
        {"source": None},
        {"title": "x" * 501},
        {"title": "\ud800"},
    ],
)
def test_bodies_are_strict(strict, changes):
    body = json.dumps(_issue("A1") | changes)
    answer = strict.post(_ISSUES, content=body, headers={"Content-Type": "application/json"})
    assert problem_of(answer, 422, "invalid-request")["errors"][0]["pointer"].startswith("/body/")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_are_finite(strict, number):
    body = json.dumps(_issue("A1")).replace(str(center(0, 0)[0]), number)
    assert number in body
    answer = strict.post(_ISSUES, content=body, headers={"Content-Type": "application/json"})
    problem_of(answer, 422, "invalid-request")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"lon": 30.0005, "lat": 120.0005}, "x, y"),
        ({"lat": None}, "y"),
        ({"frame": None}, "frame"),
        ({"frame": "月球"}, "frame"),
        ({"frame": "EPSG:2436"}, "frame"),
        ({"reported_at": "1900-01-01"}, "reported_at"),
        ({"reported_at": "2099-01-01"}, "reported_at"),
        ({"reported_at": "soon"}, "reported_at"),
        ({"closed_at": "2025-06-01"}, "closed_at"),
        ({"status": "飞走了"}, "status"),
        ({"accuracy_m": -1}, "accuracy_m"),
        ({"external_id": " "}, "external_id"),
        ({"title": "a\x00b"}, "title"),
    ],
)
def test_a_field_that_makes_no_sense_is_named_and_nothing_is_stored(strict, changes, where):
    answer = strict.post(_ISSUES, json=_issue("A1") | changes)
    body = problem_of(answer, 422, "refused-value")
    assert where in body["where"]
    assert strict.get(_ISSUES).json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        (
            {"title": "a\x00b"},
            "title 不能存入：含有无法保存的字符",
            "title cannot be taken: holds characters that cannot be stored",
        ),
        (
            {"accuracy_m": -1},
            "accuracy_m 不能存入：应在 0 到 5000 米之间",
            "accuracy_m cannot be taken: must be from 0 to 5000 meters",
        ),
        (
            {"lat": None},
            "y 不能存入：坐标只有一半",
            "y cannot be taken: only half of the coordinates is there",
        ),
        (
            {"frame": "月球"},
            "frame 不能存入：不认识的坐标系：请用 EPSG 编号、GCJ02 或 BD09",
            "frame cannot be taken: unknown frame: use an EPSG code, GCJ02 or BD09",
        ),
    ],
)
def test_a_refusal_is_one_sentence_in_either_language(strict, changes, zh, en):
    for language, sentence in (("zh", zh), ("en", en)):
        answer = strict.post(f"{_ISSUES}?lang={language}", json=_issue("A1") | changes)
        assert answer.json()["detail"] == sentence


def test_a_batch_tells_each_rows_result_and_its_counts_add_up(door):
    door.post(_ISSUES, json=_issue("old"))
    door.post(_ISSUES, json=_issue("other"))
    rows = [
        _issue("new"),
        _issue("old"),
        _issue("other", title="x"),
        _issue("bad", lon=False),
        _issue("late", reported_at="2099-01-01"),
        _issue("more", reporter="x"),
        {"external_id": "y" * 501},
        _issue("half", lat=None),
        _issue("sur", title="\ud800"),
    ]
    body = json.dumps({"issues": rows})
    told = door.post(
        f"{_ISSUES}/batch", content=body, headers={"Content-Type": "application/json"}
    ).json()
    assert told["counts"] == {
        "added": 1,
        "updated": 0,
        "unchanged": 1,
        "conflict": 1,
        "rejected": 6,
    }
    assert [each["row"] for each in told["results"]] == list(range(1, 10))
    fields = [each.get("field") for each in told["results"]]
    assert fields[3:6] == ["lon", "reported_at", "reporter"]
    assert {issue["external_id"] for issue in door.get(_ISSUES).json()["items"]} == {
        "new",
        "old",
        "other",
    }


def test_a_batch_with_an_idempotency_key_is_stored_once(door):
    key = {"Idempotency-Key": "b-1"}
    body = {"issues": [_issue("A1"), _issue("A2")]}
    first = door.post(f"{_ISSUES}/batch", json=body, headers=key).json()
    again = door.post(f"{_ISSUES}/batch", json=body, headers=key).json()
    assert again == first | {"replayed": True}


@pytest.mark.parametrize("rows", [[], [1], [None], [_issue("A")] * 10_001, "x"])
def test_a_batch_that_is_none_is_refused(strict, rows):
    problem_of(strict.post(f"{_ISSUES}/batch", json={"issues": rows}), 422, "invalid-request")


def _ids(door, **asked) -> set[str]:
    answer = door.get(_ISSUES, params=asked)
    assert answer.status_code == 200, answer.text
    return {issue["external_id"] for issue in answer.json()["items"]}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"status": "closed"}, {"G0", "G1"}),
        ({"category_major": "市容环境"}, {"G0"}),
        ({"source": "nobody"}, set()),
        ({"request_type": "咨询"}, {"G2"}),
        ({"exclude_request_type": "咨询", "status": "open"}, {"G3", "G4", "G5", "G6", "007"}),
        ({"area": f"grid:{grid_code(0, 0)}"}, {"G0"}),
        ({"area": "community:9990010102"}, {"G2", "G3", "G6"}),
        ({"area": "community:9990010102", "basis": "kept"}, {"G2", "G3", "G6"}),
        ({"reported_from": "2025-06-12"}, {"G2", "G5"}),
        ({"reported_to": "2025-06-11"}, {"G0", "G3", "G6"}),
        ({"bbox": "120,30,120.001,30.0009"}, {"G0"}),
        ({"rule": "unassigned"}, {"007"}),
    ],
)
def test_a_filter_lets_through_what_it_says(full, asked, found):
    assert _ids(full, **asked) == found


@pytest.mark.parametrize(
    ("asked", "slug"),
    [
        ({"area": "grid"}, "invalid-value"),
        ({"bbox": "1,2"}, "invalid-value"),
        ({"reported_from": "soon"}, "invalid-value"),
        ({"after": "x"}, "invalid-cursor"),
        ({"after": "1-²"}, "invalid-cursor"),
        ({"after": f"{2**70}-1"}, "invalid-cursor"),
        ({"status": "lost"}, "invalid-request"),
        ({"limit": 0}, "invalid-request"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(full, asked, slug):
    problem_of(full.get(_ISSUES, params=asked), 422, slug)


def test_the_cursor_visits_every_issue_once_newest_first(full):
    seen, after = [], {}
    while after is not None:
        page = full.get(_ISSUES, params={"limit": 3, **after}).json()
        seen += page["items"]
        after = {"after": page["next"]} if page["next"] else None
    assert len({issue["id"] for issue in seen}) == len(seen) == 8
    times = [issue["reported_at"] for issue in seen]
    assert times == sorted(times, reverse=True)


def test_one_issue_has_its_owner_and_its_events(full):
    [found] = full.get(_ISSUES, params={"category_major": "市容环境"}).json()["items"]
    issue = full.get(f"{_ISSUES}/{found['id']}").json()
    [assignment] = issue["assignments"]
    assert assignment["links"][-1] == ["grid", grid_code(0, 0)]
    assert [event["kind"] for event in issue["events"]][:1] == ["reported"]
    problem_of(full.get(f"{_ISSUES}/99"), 404, "issue-not-found")
    problem_of(full.get(f"{_ISSUES}/x"), 422, "invalid-request")
    problem_of(full.get(f"{_ISSUES}/{10**30}"), 422, "invalid-request")


def test_an_uncertain_owner_has_a_status_and_candidates(door):
    """Ten meters from a border a circle of 50 m leaves the owner 63 % of it."""
    lon, lat = center(0, 0)
    place = {"lon": lon + 0.5 / 1024 - 10 / 96_486, "lat": lat, "frame": "EPSG:4490"}
    body = {"source": "12345", "reported_at": "2025-06-11", **place}
    for key, accuracy_m in (("vague", 50.0), ("exact", None)):
        told = {**body, "external_id": key, "accuracy_m": accuracy_m}
        assert door.post(_ISSUES, json=told).status_code == 201
    assert _ids(door, rule="ambiguous") == {"vague"}
    assert _ids(door, rule="assigned") == {"vague", "exact"}
    found = {each["external_id"]: each for each in door.get(_ISSUES).json()["items"]}
    assert found["vague"]["assignment_status"] == "ambiguous"
    assert found["exact"]["assignment_status"] == "assigned"
    [assignment] = door.get(f"{_ISSUES}/{found['vague']['id']}").json()["assignments"]
    assert (assignment["rule"], assignment["status"]) == ("assigned", "ambiguous")
    assert [each["code"] for each in assignment["candidates"][:2]] == [
        grid_code(0, 0),
        grid_code(1, 0),
    ]
    # the segment that a chord 10 m from the middle cuts off a disc of 50 m: acos(0.2)/π - 0.0624
    assert assignment["candidates"][0]["share"] == pytest.approx(1 - 0.37353, abs=1e-3)
    assert found["exact"]["assignments"][0]["candidates"] is None
    text = door.get(f"{_ISSUES}.csv").content.decode("utf-8-sig")
    exported = {row["external_id"]: row for row in csv.DictReader(io.StringIO(text))}
    assert exported["vague"]["assignment_status"] == "ambiguous"
    assert exported["exact"]["assignment_status"] == "assigned"


def test_the_csv_has_a_mark_for_excel_all_rows_and_no_formulas(full):
    answer = full.get(f"{_ISSUES}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 8
    [title] = [row["title"] for row in rows if row["external_id"] == "G1"]
    assert title != "=1+1"
    assert title.endswith("=1+1")


def test_the_workbook_keeps_keys_as_text(full):
    answer = full.get(f"{_ISSUES}.xlsx", params={"rule": "unassigned"})
    book = load_workbook(io.BytesIO(answer.content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    [key] = [cell for cell in cells if cell.value == "007"]
    assert key.data_type == "s"


def test_the_geojson_has_every_issue_with_or_without_a_place(full):
    features = full.get(f"{_ISSUES}.geojson").json()["features"]
    assert len(features) == 8
    assert sum(feature["geometry"] is None for feature in features) == 1


def test_an_unknown_format_is_refused(full):
    problem_of(full.get(f"{_ISSUES}.pdf"), 422, "invalid-request")


def test_a_batch_tells_urgency_and_follow_ups_and_says_which_word_it_does_not_know(door):
    rows = [
        _issue("1", status="办结", responded="是", resolved="未解决", satisfaction="不满意"),
        _issue("2", condition="紧急"),
        _issue("3", satisfaction="五星"),
    ]
    told = door.post(f"{_ISSUES}/batch", json={"issues": rows}).json()
    assert told["counts"] == {
        "added": 2,
        "updated": 0,
        "unchanged": 0,
        "conflict": 0,
        "rejected": 1,
    }
    assert told["results"][2]["field"] == "satisfaction"
    assert "“满意度”一列写的是“五星”" in told["results"][2]["reason"]["zh"]
    answered = door.get(f"{_ISSUES}/1/events").json()["events"][1]
    assert (answered["kind"], answered["payload"]["resolved"]) == ("answered", "no")
    [urgent] = door.get("/api/v1/queue?view=urgent").json()["items"]
    assert (urgent["external_id"], urgent["condition"]) == ("2", "urgent")
    changed = {**rows[0], "satisfaction": "满意"}
    assert door.post(_ISSUES, json=changed).status_code == 409
    done = door.post(f"{_ISSUES}?on_change=update", json=changed).json()
    assert (done["outcome"], done["changed_fields"]) == ("updated", ["satisfaction"])
