"""Entries told again: checked with all that is known, and right for days that are past."""

import pytest
from sqlalchemy import Engine, event

from geo_service.errors import RefusedValue
from geo_service.layers.edition import EditionChoice
from tests.houses import CALLER, NOW_S, Clock, grid_code, open_house, publish_street
from tests.registers import STREET, body, outcomes, record

DAY_S = 86_400
ORGANISATION = "party_organisation"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(tmp_path, clock):
    house = open_house(tmp_path, clock=clock)
    publish_street(house)
    yield house
    house.close()


def codes(house, register=ORGANISATION, **moments):
    found = house.registers.entries(CALLER, register, EditionChoice(**moments))
    return [entry.code for entry in found]


def test_an_organisation_is_not_dissolved_before_what_it_held(house):
    record(house, ORGANISATION, body("A", grid_code(0, 0)))
    house.activities.record(CALLER, {"organisation": "A", "held_on": "2026-05-01"})

    too_early = {**body("A", grid_code(0, 0)), "dissolved": "2026-04-01"}
    assert outcomes(record(house, ORGANISATION, too_early)) == ["dissolved"]


def test_many_are_dissolved_with_one_question_for_what_they_held(house):
    record(house, ORGANISATION, *(body(f"A{i}", grid_code(0, 0)) for i in range(30)))
    house.activities.record(CALLER, {"organisation": "A7", "held_on": "2026-05-01"})
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    ended = [{**body(f"A{i}", grid_code(0, 0)), "dissolved": "2026-04-01"} for i in range(30)]
    found = outcomes(record(house, ORGANISATION, *ended))
    event.remove(Engine, "before_cursor_execute", note)

    assert [i for i, each in enumerate(found) if each == "dissolved"] == [7]
    assert len([each for each in asked if "FROM activities" in each]) == 1


def test_when_it_was_founded_and_dissolved_holds_for_every_day_however_late_it_is_told(
    house, clock
):
    """31 December's picture drawn again in March shows what is known in March, or as it was."""
    december_s = NOW_S + 40 * DAY_S
    clock.now_s = december_s
    late = body("LATE", grid_code(0, 0), founded=None, members=7)
    record(house, ORGANISATION, late, body("ENDED", grid_code(1, 0)))
    clock.now_s += 10 * DAY_S
    record(house, ORGANISATION, {"code": "ENDED", "name": "新名", "kind": "党支部"})
    clock.now_s += 60 * DAY_S
    assert codes(house, as_of_s=december_s - DAY_S) == ["ENDED"]
    record(
        house,
        ORGANISATION,
        {**late, "founded": "2019-01-01", "members": 9},
        body("ENDED", grid_code(1, 0), dissolved="2026-06-01"),
    )

    def members(at_s):
        [found] = house.registers.entries(CALLER, ORGANISATION, EditionChoice(as_of_s=at_s))
        return found.code, found.details["members"]

    assert members(december_s - DAY_S) == ("LATE", 7)  # the facts are those known of that time
    assert members(december_s) == ("LATE", 7)
    assert members(clock.now_s) == ("LATE", 9)
    then = EditionChoice(as_of_s=december_s, known_at_s=december_s)
    assert [e.code for e in house.registers.entries(CALLER, ORGANISATION, then)] == [
        "ENDED",
        "LATE",
    ]
    assert codes(house, as_of_s=december_s - 300 * DAY_S) == ["ENDED", "LATE"]

    # founded later than was said: gone from the days before, unless the list says since when
    record(house, ORGANISATION, {**late, "founded": "2026-03-01", "members": 9})
    assert codes(house, as_of_s=december_s - 320 * DAY_S) == ["ENDED"]
    since = {**late, "founded": "2024-01-01", "members": 9, "from": "2027-01-01"}
    record(house, ORGANISATION, since)
    assert codes(house, as_of_s=december_s - 320 * DAY_S) == ["ENDED"]
    # founded again under its code: another life, and the first one stays
    record(house, ORGANISATION, {**body("ENDED", grid_code(1, 0)), "founded": "2026-09-01",
                                 "dissolved": ""})  # fmt: skip
    assert "ENDED" in codes(house, as_of_s=december_s - 300 * DAY_S)
    assert "ENDED" not in codes(house, as_of_s=december_s - 150 * DAY_S)
    assert "ENDED" in codes(house, as_of_s=december_s)


def test_what_a_list_tells_is_checked_with_what_it_does_not_tell(house):
    site = {"code": "F", "name": "站", "kind": "互助站", "layer": "grid", "area": grid_code(0, 0)}
    record(house, "facility", {**site, "staff": 4, "staff_members": 3})
    told = {"code": "F", "name": "站", "kind": "互助站"}

    assert outcomes(record(house, "facility", {**told, "staff_members": 5})) == ["staff_members"]
    too_few = {**told, "staff": "<5", "staff_members": 5}
    assert outcomes(record(house, "facility", too_few)) == ["staff_members"]
    assert outcomes(record(house, "facility", {**told, "staff": 2})) == ["staff_members"]
    # where it is stays as it is known, and may not be emptied
    assert outcomes(record(house, "facility", {**told, "staff_members": 4})) == ["updated"]
    assert outcomes(record(house, "facility", {**told, "layer": "grid", "area": ""})) == ["area"]
    pair = f"{grid_code(0, 0)}、{grid_code(1, 0)}"
    record(house, ORGANISATION, body("J", pair, mode="联合", last_meeting="2021-01-01"))
    alone = {"code": "J", "name": "J", "kind": "党支部"}
    assert outcomes(record(house, ORGANISATION, {**alone, "mode": "单独"})) == ["mode"]
    late = {**alone, "founded": "2022-01-01"}
    assert outcomes(record(house, ORGANISATION, late)) == ["last_meeting"]


def test_the_area_of_a_liaison_is_its_key_and_cannot_become_another(house):
    record(house, ORGANISATION, body("D", STREET, kind="党工委", layer="street"))
    code = f"grid/{grid_code(0, 0)}"
    told = {"organisation": "D", "founded": "2026-01-01"}
    assert house.registers.record(CALLER, "liaison", {"code": code, **told}).entry.code == code

    other = {**told, "layer": "网格", "area": grid_code(1, 0)}
    for is_whole in (True, False):
        with pytest.raises(RefusedValue, match="is the key"):
            house.registers.record(CALLER, "liaison", {"code": code, **other}, is_whole=is_whole)
    same = {**told, "layer": "网格", "area": ["第 1 网格"]}
    assert house.registers.record(CALLER, "liaison", {"code": code, **same}).kind == "unchanged"
    assert codes(house, "liaison") == [code]
    with pytest.raises(RefusedValue, match="registered as W1"):
        house.registers.record(CALLER, ORGANISATION, body("Ｗ1", grid_code(0, 0)))
    assert codes(house) == ["D"]
