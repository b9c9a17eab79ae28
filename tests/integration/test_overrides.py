"""Issues whose category an overlay takes: kept with their assignment, and kept true."""

import pytest

from geo_service.services.service_set import ServiceSet
from tests.houses import CALLER, STEP, center, grid_code, open_house, square
from tests.overlays import open_overlaid_house, profile_file, publish_overlaid

VENDOR = {"category_major": "市容秩序", "category_minor": "流动商贩"}
BUILDING = {"category_major": "市容秩序", "category_minor": "违法建设"}
CULTURE = {"category_major": "文体"}


@pytest.fixture
def house(tmp_path):
    opened = open_overlaid_house(tmp_path)
    yield opened
    opened.close()


def report(house: ServiceSet, number: int, place=None, **cells) -> dict:
    lon, lat = place or center(1, 0)
    given = {
        "source": "patrol",
        "external_id": str(number),
        "reported_at": "2026-11-20T08:00",
        "x": lon,
        "y": lat,
        "frame": "EPSG:4490",
        **cells,
    }
    answer = house.issues.report(
        CALLER, {name: value for name, value in given.items() if value}, is_updating=True
    )
    return house.issues.issue(CALLER, answer["id"])


def taken(issue: dict) -> list[tuple[str, str, str]]:
    [kept] = issue["assignments"]
    return [(each["layer"], each["code"], each["category"]) for each in kept["overrides"]]


def test_an_issue_keeps_whose_the_ground_is_and_who_is_responsible(house):
    issue = report(house, 1, **VENDOR)
    assert taken(issue) == [
        ("dedicated_grid", "A1", "市容秩序"),
        ("dedicated_grid", "B1", "市容秩序"),
        ("lane", "L1", "市容秩序/流动商贩"),
    ]
    assert issue["ground"] == {"layer": "grid", "code": grid_code(1, 0)}
    assert issue["responsible"] == {
        "layer": "dedicated_grid",
        "code": "A1",
        "category": "市容秩序",
        "because": "override",
    }


def test_what_no_overlay_takes_is_the_grounds(house):
    for number, cells in enumerate([CULTURE, {}, {"category_major": "外星事务"}]):
        issue = report(house, number, **cells)
        assert taken(issue) == []
        assert issue["responsible"] == {
            **issue["ground"],
            "category": None,
            "because": "ground",
        }
    assert report(house, 9, center(3, 1), **VENDOR)["responsible"]["because"] == "ground"


def test_outside_every_grid_nobody_is_responsible_unless_an_overlay_is(house):
    nowhere = report(house, 1, (100.0, 20.0), **VENDOR)
    assert (nowhere["ground"], nowhere["responsible"]) == (None, None)
    apart = report(house, 3, center(0, -3), **VENDOR)
    assert (apart["ground"], apart["responsible"]["code"]) == (None, "Z9")
    unknown = report(house, 2, x=None, y=None, frame=None, **VENDOR)
    assert (unknown["ground"], unknown["responsible"]) == (None, None)


def test_a_list_is_answered_as_each_of_its_issues_alone(house):
    places = [(column, row) for column in range(5) for row in range(3)]
    cells = [VENDOR, BUILDING, CULTURE, {}]
    rows = [
        {
            "source": "import",
            "external_id": f"{place}-{i}",
            "reported_at": "2026-11-20",
            "x": center(*place)[0],
            "y": center(*place)[1] + offset * STEP,
            "frame": "EPSG:4490",
            **each,
        }
        for place in places
        for i, each in enumerate(cells)
        for offset in [(i % 2) * 0.4]
    ]
    told = house.issues.batch(CALLER, rows, is_updating=True)
    assert told["counts"]["added"] == len(rows)
    for row, result in zip(rows, told["results"], strict=True):
        issue = house.issues.issue(CALLER, result["id"])
        category = "/".join(filter(None, [row.get("category_major"), row.get("category_minor")]))
        alone = house.locations.locate(
            CALLER, x=row["x"], y=row["y"], frame="EPSG:4490", category=category or None
        ).responsibility
        expected = [(each.layer.name, each.code, each.category) for each in alone.overrides]
        assert taken(issue) == (expected if category else [])


def test_another_category_gives_another_responsible_owner(house):
    assert taken(report(house, 1, **CULTURE)) == []
    assert taken(report(house, 1, **BUILDING))[0] == ("dedicated_grid", "A1", "市容秩序")
    assert taken(report(house, 1, **CULTURE)) == []


def test_open_issues_follow_an_overlay_that_moves_and_an_event_says_so(house):
    moving = report(house, 1, center(0, 1), **BUILDING)["id"]
    staying = report(house, 2, center(2, 0), **BUILDING)["id"]
    other = report(house, 3, center(0, 1), **CULTURE)["id"]
    publish_overlaid(house, prepared_on=1, B2=square(2, 1, 2, 1))
    moved = house.issues.issue(CALLER, moving)
    assert (taken(moved), moved["responsible"]["because"]) == ([], "ground")
    [event] = [each for each in moved["events"] if each["kind"] == "reassigned"]
    assert event["payload"]["before"]["overrides"][0]["code"] == "B2"
    assert "overrides" not in event["payload"]["after"]
    assert taken(house.issues.issue(CALLER, staying))[0][1] == "A1"
    events = house.issues.issue(CALLER, other)["events"]
    assert [each["kind"] for each in events if each["kind"] == "reassigned"] == []
    # what the overlay took before its move must not come back with another category
    assert taken(report(house, 3, center(0, 1), **BUILDING)) == []


def test_a_closed_issue_keeps_its_edition_when_its_category_changes(house):
    report(house, 1, center(0, 1), **CULTURE)
    closed = report(house, 1, center(0, 1), status="办结", closed_at="2026-11-20T09:00", **CULTURE)
    publish_overlaid(house, prepared_on=1, B2=square(2, 1, 2, 1))
    again = report(house, 1, center(0, 1), status="办结", closed_at="2026-11-20T09:00", **BUILDING)
    assert taken(again) == [("dedicated_grid", "B2", "市容秩序")]
    assert again["assignments"][0]["edition"] == closed["assignments"][0]["edition"] == 1


def test_a_profile_that_begins_to_name_overrides_reaches_open_issues(tmp_path):
    path = profile_file(tmp_path)
    plain = tmp_path / "plain.toml"
    text = (tmp_path / "overlays.toml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("overrides")]
    plain.write_text("\n".join(kept), encoding="utf-8")
    before = open_house(tmp_path, profile=str(plain))
    publish_overlaid(before, prepared_on=0)
    issue = report(before, 1, **BUILDING)
    assert (taken(issue), issue["responsible"]["because"]) == ([], "ground")
    before.close()
    house = open_house(tmp_path, profile=path)
    report(house, 2, center(3, 1))
    assert taken(house.issues.issue(CALLER, issue["id"]))[0] == (
        "dedicated_grid",
        "A1",
        "市容秩序",
    )
    house.close()
