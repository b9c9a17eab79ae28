"""Many places in one request: columns, rows and lists come back as they were sent."""

import json

import numpy as np
import pyarrow as pa
import pytest

from geo_service.layers.frames import from_storage
from tests.doors import open_door, problem_of
from tests.houses import SOUTH, STEP, WEST, center, grid_code
from tests.overlays import open_overlaid_house, profile_file
from tests.point_lists import GRIDS, INSIDE, ON_BORDER, OUTSIDE, PROBLEMS, ROWS, RULES, stream_of

_PATH = "/api/v1/locate/batch"
_ARROW = "application/vnd.apache.arrow.stream"


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    return open_door(tmp_path_factory.mktemp("batches"), upload_limit_mb=60)


def post(door, content, media_type, query=""):
    return door.post(_PATH + query, content=content, headers={"Content-Type": media_type})


def read_column(coded):
    return [coded["codes"][at] if at >= 0 else None for at in coded["position"]]


def test_columns_give_a_table_of_codes_and_positions_in_it(door):
    lon, lat = zip(INSIDE, ON_BORDER, OUTSIDE, center(3, 1), INSIDE, strict=True)
    answer = door.post(_PATH, json={"lon": lon, "lat": lat}).json()
    family = answer["families"]["grid"]
    expected = [grid_code(0, 0), grid_code(0, 0), None, grid_code(3, 1), grid_code(0, 0)]
    assert read_column(family["layers"]["grid"]) == expected
    assert family["layers"]["grid"]["codes"] == [grid_code(0, 0), grid_code(3, 1)]
    communities = ["9990010101", "9990010101", None, "9990010102", "9990010101"]
    assert read_column(family["layers"]["community"]) == communities
    rules = ["assigned", "boundary", "unassigned", "assigned", "assigned"]
    assert read_column(family["rule"]) == read_column(family["status"]) == rules
    assert (answer["edition"], answer["rows"], answer["invalid"]["row"]) == (1, 5, [])
    assert sum(answer["counts"]["grid"].values()) == 5


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (True, "not_a_number"),
        (None, "missing"),
        ("120", "not_a_number"),
        ([120], "not_a_number"),
        (0, None),
        (200, "out_of_range"),
    ],
)
def test_a_cell_of_a_column_that_is_no_number_spoils_its_row_alone(door, cell, problem):
    answer = door.post(_PATH, json={"lon": [INSIDE[0], cell], "lat": [INSIDE[1], 30]}).json()
    told = dict(zip(answer["invalid"]["row"], answer["invalid"]["problem"], strict=True))
    assert told == ({1: problem} if problem else {})
    assert read_column(answer["families"]["grid"]["layers"]["grid"])[0] == grid_code(0, 0)


def test_rows_come_back_with_the_id_that_came_along(door):
    points = [
        {"id": "a", "lon": INSIDE[0], "lat": INSIDE[1]},
        {"id": 7, "lon": 0, "lat": 0},
        {"lon": ON_BORDER[0], "lat": ON_BORDER[1]},
    ]
    answer = door.post(_PATH, json={"points": points}).json()
    assert [row["id"] for row in answer["points"]] == ["a", 7, None]
    assert [row["grid_rule"] for row in answer["points"]] == ["assigned", "invalid", "boundary"]
    assert [row["problem"] for row in answer["points"]] == [None, "zero", None]
    assert answer["points"][0]["street_code"] == "99900101"


def test_rows_that_are_none_say_why_and_spoil_no_other(door):
    points = [
        {"lon": INSIDE[0], "lat": INSIDE[1], "id": 1},
        {"lon": str(INSIDE[0]), "lat": INSIDE[1]},
        {"lon": True, "lat": 30},
        {"lat": 30, "accuracy_m": 3},
        {"lng": 120, "lat": 30},
        [120, 30],
        "lon",
        {"lon": 120, "lat": 30, "accuracy_m": -1},
    ]
    answer = door.post(_PATH, json={"points": points}).json()
    assert [row["problem"] for row in answer["points"]] == [
        None,
        "not_a_number",
        "not_a_number",
        "missing",
        "unknown_field",
        "unreadable",
        "unreadable",
        "accuracy",
    ]
    assert answer["counts"]["grid"] == {
        "assigned": 1,
        "boundary": 0,
        "agreement": 0,
        "nearest": 0,
        "unassigned": 0,
        "invalid": 7,
    }


def test_a_field_that_nobody_knows_spoils_its_row(door):
    good = {"lon": INSIDE[0], "lat": INSIDE[1]}
    answer = door.post(_PATH, json={"points": [good, {**good, "accuracy": 30}]}).json()
    assert [row["problem"] for row in answer["points"]] == [None, "unknown_field"]


def test_a_batch_says_of_each_place_what_the_place_alone_is_told(door):
    generator = np.random.default_rng(3)
    lon = (120 + generator.uniform(-1, 5, 40) / 1024).tolist()
    lat = (30 + generator.uniform(-1, 3, 40) / 1024).tolist()
    accuracy_m = [None, 30.0] * 20
    points = [
        {"lon": x, "lat": y, "accuracy_m": a} for x, y, a in zip(lon, lat, accuracy_m, strict=True)
    ]
    rows = door.post(f"{_PATH}?explain=true&frame=GCJ02", json={"points": points}).json()["points"]
    columns = door.post(
        f"{_PATH}?explain=true&frame=GCJ02", json={"lon": lon, "lat": lat, "accuracy_m": accuracy_m}
    ).json()["families"]["grid"]
    for number, (row, asked) in enumerate(zip(rows, points, strict=True)):
        given = {name: value for name, value in asked.items() if value is not None}
        alone = door.get("/api/v1/locate", params={**given, "frame": "GCJ02"}).json()["families"][0]
        assert (row["grid_rule"], row["grid_status"]) == (alone["rule"], alone["status"])
        chain = {link["layer"]: link["code"] for link in alone["chain"]}
        assert {layer: row[f"{layer}_code"] for layer in chain} == chain
        border, nearest = alone["border"] or {}, alone["nearest"] or {}
        assert row["grid_border_distance_m"] == border.get("distance_m")
        assert row["grid_neighbor_code"] == (border.get("neighbor") or {}).get("code")
        assert row["grid_nearest_code"] == nearest.get("code")
        assert row["grid_nearest_distance_m"] == nearest.get("distance_m")
        shares = [
            {name: share[name] for name in ("layer", "code", "share")}
            for share in alone["candidates"]
        ]
        assert row["grid_candidates"] == shares
        assert read_column(columns["status"])[number] == row["grid_status"]
        told = columns["explanations"]
        assert told["border_distance_m"][number] == row["grid_border_distance_m"]
        assert told["candidates"][number] == shares


@pytest.fixture(scope="module")
def overlaid(tmp_path_factory):
    folder = tmp_path_factory.mktemp("overlaid")
    house = open_overlaid_house(folder)
    house.close()
    return open_door(folder, is_published=False, profile=profile_file(folder))


OVERLAYS = ("estate", "dedicated_grid", "lane")


def test_a_batch_names_the_areas_of_overlays_that_each_place_alone_is_told(overlaid):
    """The corner of four grids, a border, beside the lane, an estate, outside, and no place."""
    places = [
        *[(WEST + x * STEP, SOUTH + y * STEP) for x in (0, 0.5, 1, 1.5, 2, 5) for y in (0.5, 1, 5)],
        (0, 0),
    ]
    lon, lat = zip(*places, strict=True)
    points = [{"lon": x, "lat": y} for x, y in places]
    rows = overlaid.post(_PATH, json={"points": points}).json()["points"]
    columns = overlaid.post(_PATH, json={"lon": lon, "lat": lat}).json()["overlays"]
    table = pa.table({"lon": np.array(lon), "lat": np.array(lat)})
    arrow = pa.ipc.open_stream(post(overlaid, stream_of(table), _ARROW).content).read_all()
    text = "".join(f"{x},{y}\r\n" for x, y in places)
    csv = post(overlaid, f"lon,lat\r\n{text}", "text/csv").text.splitlines()
    headings, lines = csv[0].split(","), [line.split(",") for line in csv[1:]]
    assert pa.types.is_list(arrow.schema.field("lane_codes").type)
    seen = set()
    for number, place in enumerate(points):
        answer = overlaid.get("/api/v1/locate", params=place).json() if place["lon"] else {}
        for layer in OVERLAYS:
            told = answer.get("overlays", [])
            expected = [each["code"] for each in told if each["layer"] == layer]
            seen.add((layer, *expected))
            assert rows[number][f"{layer}_codes"] == expected
            column = columns[layer]
            pairs = zip(column["row"], column["position"], strict=True)
            assert [column["codes"][at] for row, at in pairs if row == number] == expected
            assert arrow.column(f"{layer}_codes")[number].as_py() == expected
            assert lines[number][headings.index(f"{layer}_codes")] == ";".join(expected)
    assert {("dedicated_grid", "A1", "B1"), ("lane", "L1"), ("estate", "E1"), ("lane",)} <= seen


def shifted_points(count=400, frame="GCJ02"):
    """Return places evenly over the street and around it, as the frame has them."""
    x, y = np.random.default_rng(5).uniform(0, [[4], [2]], (2, count)) * STEP
    lon, lat = from_storage(lon=WEST + x, lat=SOUTH + y, target_frame=frame)
    return {"lon": lon.tolist(), "lat": lat.tolist()}


def test_points_that_speak_for_another_frame_are_warned_of_and_located_as_declared(door):
    body = shifted_points()
    answer = door.post(_PATH, json=body).json()
    [warning] = answer["warnings"]
    assert "GCJ02" in warning["en"]
    assert "GCJ02" in warning["zh"]
    assert answer["frame"] == "EPSG:4490"
    assert answer["counts"]["grid"]["unassigned"] > 200
    assert door.post(f"{_PATH}?frame=GCJ02", json=body).json()["warnings"] == []
    named = post(door, stream_of(pa.table(body)), _ARROW).headers["geo-service-report"]
    assert [note for note in json.loads(named)["notes"] if "GCJ02" in note] == [warning["en"]]


def test_places_that_no_frame_brings_inside_are_not_warned_of(door):
    body = {"lon": [121.0 + i / 1000 for i in range(200)], "lat": [31.0] * 200}
    assert door.post(_PATH, json=body).json()["warnings"] == []


def test_lists_come_back_in_their_own_format_with_a_report(door):
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    answer = post(door, lines, "application/x-ndjson; charset=utf-8")
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["grid_code"] for row in rows] == GRIDS
    assert [row["problem"] for row in rows] == PROBLEMS
    text = "".join(f"{row['lon']},{row['lat']}\r\n" for row in ROWS).replace("None", "")
    answer = post(door, f"经度,纬度\r\n{text}".encode("gb18030"), "text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    report = json.loads(answer.headers["geo-service-report"])
    assert (report["edition"], report["rows"]) == (1, 5)
    assert report["problems"] == {"zero": 1, "missing": 1}
    assert [line.split(",")[2] for line in answer.text.splitlines()[1:]] == RULES


def test_an_arrow_stream_comes_back_with_codes_as_dictionaries(door):
    table = pa.table({name: [row[name] for row in ROWS] for name in ROWS[0]})
    answer = post(door, stream_of(table, rows_a_batch=2), _ARROW)
    found = pa.ipc.open_stream(answer.content).read_all()
    assert found.select(table.column_names).equals(table)
    assert pa.types.is_dictionary(found.schema.field("grid_code").type)
    assert found.column("grid_code").to_pylist() == GRIDS
    assert json.loads(answer.headers["geo-service-report"])["rows"] == 5


def test_columns_of_a_list_may_be_named(door):
    table = pa.table({"e": [INSIDE[0]], "n": [INSIDE[1]]})
    answer = post(door, stream_of(table), _ARROW, "?lon_column=e&lat_column=n")
    assert (
        pa.ipc.open_stream(answer.content).read_all().column("grid_rule")[0].as_py() == "assigned"
    )
    body = problem_of(post(door, stream_of(table), _ARROW), 422, "missing-column")
    assert body["option"] == "lon_column"
    problem_of(post(door, stream_of(table), _ARROW, "?lon_column=x"), 422, "unknown-column")


def test_a_stream_cut_in_the_middle_is_a_problem(door):
    whole = stream_of(pa.table({"lon": [120.0] * 1000, "lat": [30.0] * 1000}), rows_a_batch=100)
    for end in (len(whole) // 2, len(whole) - 8, len(whole) - 1, 4, 0):
        problem_of(post(door, whole[:end], _ARROW), 422, "unreadable-file")
    damaged = bytearray(whole)
    damaged[40:80] = b"\xff" * 40
    problem_of(post(door, bytes(damaged), _ARROW), 422, "unreadable-file")
    cut = '{"lon": 120.0005, "lat": 30.0005}\n{"lon": 120.0'
    problem_of(post(door, cut, "application/x-ndjson"), 422, "unreadable-file")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"NaN",
        b'{"lon": [1], "lat": [NaN]}',
        b'{"lon": [1]}',
        b'{"lon": 1, "lat": 2}',
        b'{"lon": [1], "lat": [1, 2]}',
        b'{"lon": [1], "lat": [1], "accuracy_m": []}',
        b'{"lon": [1], "lat": [1], "more": []}',
        b'{"points": 1}',
        b'{"points": {"lon": 1, "lat": 1}}',
        b'{"points": [], "lon": []}',
        b"[" * 100_000,
    ],
)
def test_a_body_of_another_shape_is_a_problem(door, body):
    problem_of(post(door, body, "application/json"), 422, "invalid-value")


@pytest.mark.parametrize("media_type", ["", "text/plain", "multipart/form-data; boundary=x", "/"])
def test_a_form_that_nobody_reads_is_a_problem(door, media_type):
    assert problem_of(post(door, b"x", media_type), 422, "invalid-value")["where"] == "Content-Type"


def test_no_points_are_an_empty_answer(door):
    for body in ({"lon": [], "lat": []}, {"points": []}):
        answer = door.post(_PATH, json=body).json()
        assert answer["rows"] == 0
        assert answer["warnings"] == []
    assert answer["points"] == []


def test_a_place_and_time_that_nobody_knows_are_problems(door):
    body = {"lon": [120.0], "lat": [30.0]}
    problem_of(door.post(f"{_PATH}?frame=nowhere", json=body), 422, "unknown-frame")
    problem_of(door.post(f"{_PATH}?frame=西安80", json=body), 422, "unsupported-frame")
    problem_of(door.post(f"{_PATH}?as_of=1999-01-01", json=body), 404, "edition-not-found")
    problem_of(door.post(f"{_PATH}?explain=perhaps", json=body), 422, "invalid-request")


def test_a_frame_that_is_impossible_for_a_place_makes_the_row_invalid(door):
    body = {"lon": [500_000.0, 120.0005, 0.0], "lat": [3_320_000.0, 30.0005, 0.0]}
    answer = door.post(f"{_PATH}?frame=EPSG:4549", json=body).json()
    assert answer["problems"] == {"outside_frame": 1, "zero": 1}
    assert answer["rows"] == 3


def test_places_that_a_frame_cannot_convert_are_found_among_others(door):
    """Corners of the box that EPSG:6931 is used in lie outside the disc of its projection."""
    corner, inside = 9_200_000.0, 3_000_000.0
    body = {"lon": [inside, corner, -inside, -corner], "lat": [inside, corner, inside, corner]}
    answer = door.post(f"{_PATH}?frame=EPSG:6931", json=body).json()
    assert answer["invalid"] == {"row": [1, 3], "problem": ["outside_frame"] * 2}


def test_exchanged_axes_are_warned_of_once(door):
    body = {"lon": [INSIDE[1]] * 3, "lat": [INSIDE[0]] * 3}
    [warning] = door.post(_PATH, json=body).json()["warnings"]
    assert "exchanged" in warning["en"]
    body = {"lon": [ON_BORDER[1], 100.0, 100.0], "lat": [ON_BORDER[0], 30.0, 30.0]}
    assert door.post(_PATH, json=body).json()["warnings"] == []


def test_a_hundred_thousand_bad_rows_are_counted_and_told(door):
    good = {"lon": INSIDE[0], "lat": INSIDE[1]}
    points = [good if i % 1000 == 0 else {"lon": None, "lat": i} for i in range(100_000)]
    answer = door.post(_PATH, json={"points": points}).json()
    assert answer["problems"] == {"missing": 99_900}
    assert answer["counts"]["grid"]["assigned"] == 100
    assert answer["points"][1000]["grid_code"] == grid_code(0, 0)


def test_more_points_than_one_batch_may_hold_are_refused(door):
    zeros = b"0," * 1_000_000 + b"0"
    body = b'{"lon": [' + zeros + b'], "lat": [' + zeros + b"]}"
    told = problem_of(post(door, body, "application/json"), 413, "limit-exceeded")
    assert (told["requested"], told["limit"]) == (1_000_001, 1_000_000)
    large = b" " * 61_000_000
    told = problem_of(post(door, large, "text/csv"), 413, "limit-exceeded")
    assert told["limit"] == 60_000_000
