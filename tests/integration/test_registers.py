"""Registers: what is recorded applies from a day, stays known, and is refused with its field."""

import pytest

from geo_service.errors import EntryNotFound, InvalidValue, RefusedValue
from geo_service.layers.area import area_set
from geo_service.layers.edition import EditionChoice
from geo_service.services.coverage.checks.tables import binding_table
from geo_service.services.organisations.registers import EntryFilter
from tests.houses import (
    CALLER,
    NOW_S,
    Clock,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)
from tests.registers import STREET, body, liaison, outcomes, record, unit

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


def test_what_was_founded_exists_until_it_is_dissolved(house):
    record(
        house,
        ORGANISATION,
        body("A", grid_code(0, 0), founded="2026-01-10", dissolved="2026-03-01"),
    )

    def on(day):  # seconds of a midnight in Asia/Shanghai, counted from 2026-11-21
        return codes(house, as_of_s=NOW_S - day * DAY_S)

    assert on(day=316) == []  # 2026-01-09
    assert on(day=315) == ["A"]  # 2026-01-10
    assert on(day=266) == ["A"]  # 2026-02-28
    assert on(day=265) == []  # 2026-03-01


def test_a_changed_fact_applies_from_its_day_and_the_older_one_stays_before(house):
    record(house, ORGANISATION, body("A", grid_code(0, 0), members=7))
    [changed] = record(house, ORGANISATION, {**body("A", grid_code(0, 0)), "members": 9})

    assert changed.kind == "updated"
    members = [
        house.registers.entry(CALLER, ORGANISATION, "A", EditionChoice(at_s)).entry.details[
            "members"
        ]
        for at_s in (NOW_S - 1, NOW_S)
    ]
    assert members == [7, 9]


def test_what_was_known_on_a_day_does_not_change_by_what_is_recorded_later(house, clock):
    record(house, ORGANISATION, body("A", grid_code(0, 0), members=7))
    clock.now_s += 90 * DAY_S
    record(house, ORGANISATION, body("A", grid_code(0, 0), members=4, **{"from": "2026-11-01"}))

    then = EditionChoice(as_of_s=NOW_S, known_at_s=NOW_S)
    found = [
        house.registers.entry(CALLER, ORGANISATION, "A", choice).entry.details["members"]
        for choice in (then, EditionChoice(as_of_s=NOW_S))
    ]
    assert found == [7, 4]


def test_the_same_again_is_unchanged_and_a_column_that_is_missing_changes_nothing(house):
    whole = body("A", grid_code(0, 0), members=12, duty_phone="000-1")
    assert outcomes(record(house, ORGANISATION, whole, whole)) == ["added", "unchanged"]

    told = {"code": "A", "name": "A党支部", "kind": "支部"}
    assert outcomes(record(house, ORGANISATION, told)) == ["unchanged"]
    assert outcomes(record(house, ORGANISATION, {**told, "duty_phone": ""})) == ["updated"]
    [entry] = house.registers.entries(CALLER, ORGANISATION)
    assert entry.details == {"members": 12}
    assert entry.areas == (grid_code(0, 0),)


def test_a_whole_entry_forgets_what_is_not_told_and_a_change_keeps_it(house):
    record(house, ORGANISATION, body("A", grid_code(0, 0), members=12))
    house.registers.record(CALLER, ORGANISATION, {"code": "A", "post": "书记"}, is_whole=False)
    [kept] = house.registers.entries(CALLER, ORGANISATION)
    assert (kept.details["members"], kept.details["post"]) == (12, "书记")

    house.registers.record(CALLER, ORGANISATION, {"code": "A", "name": "甲", "kind": "党支部"})
    [whole] = house.registers.entries(CALLER, ORGANISATION)
    assert (whole.details, whole.areas, whole.founded_s) == ({}, (), None)


def test_a_withdrawn_entry_is_gone_and_what_was_known_before_stays_known(house, clock):
    record(house, ORGANISATION, body("A", grid_code(0, 0)))
    clock.now_s += DAY_S
    house.registers.withdraw(CALLER, ORGANISATION, "A")

    assert codes(house) == []
    assert codes(house, as_of_s=NOW_S, known_at_s=NOW_S) == ["A"]
    with pytest.raises(EntryNotFound):
        house.registers.withdraw(CALLER, ORGANISATION, "A")
    assert outcomes(record(house, ORGANISATION, body("A", grid_code(0, 0)))) == ["added"]


def test_what_cannot_be_is_refused_with_its_field_and_the_rest_is_stored(house):
    lon, lat = center(0, 0)
    placed = {"x": lon, "y": lat, "frame": "EPSG:4490"}
    rows = [
        body("A", grid_code(0, 0), parent="A"),
        body("B", grid_code(0, 0), parent="C"),
        body("C", grid_code(1, 0), parent="B"),
        body("D", grid_code(0, 0), members=-1),
        body("E", "9990010101999"),
        body("F", **{**placed, "x": lon + 5}),
        body("G", f"{grid_code(0, 0)}、{grid_code(1, 0)}"),
        body("H", grid_code(0, 0), last_meeting="2020-06-01", dissolved="2020-05-01"),
        body("I", grid_code(0, 0), kind="居委会"),
        body("J", grid_code(0, 0), layer="parish"),
        body("K", grid_code(0, 0), founded="2026-02-01", dissolved="2026-01-01"),
        body("L", grid_code(0, 0), last_meeting="2027-01-01"),
        body("M", **{**placed, "frame": None}),
    ]
    found = record(house, ORGANISATION, *rows)
    assert outcomes(found) == [
        "parent", "parent", "parent", "members", "area", "x, y", "mode", "last_meeting", "kind",
        "layer", "dissolved", "last_meeting", "frame",
    ]  # fmt: skip
    assert "B → C → B" in found[2].reason_zh or "C → B → C" in found[2].reason_zh
    assert outcomes(record(house, "unit", {"code": "U", "name": "甲", "kind": "物业"})) == ["area"]
    assert codes(house) == []


def test_areas_and_parents_may_be_told_by_names_that_only_one_has(house):
    committee = body("W", "西社区", kind="党委", layer="社区")
    twins = [
        body("T1", grid_code(2, 0), name="同名支部"),
        body("T2", grid_code(3, 0), name="同名支部"),
    ]
    rows = [
        committee,
        *twins,
        body("A", "第 1 网格", parent="W党支部"),
        body("B", parent="同名支部"),
    ]

    assert outcomes(record(house, ORGANISATION, *rows)) == [*["added"] * 4, "parent"]
    entry = house.registers.entry(CALLER, ORGANISATION, "A").entry
    assert (entry.areas, entry.details["parent"]) == ((grid_code(0, 0),), "W")


def test_entries_are_found_by_kind_area_and_name_page_by_page(house):
    record(
        house,
        ORGANISATION,
        body("A", grid_code(0, 0)),
        body("B", grid_code(1, 0), kind="党小组", name="楼道党小组"),
        body("C", STREET, kind="党工委", layer="street"),
    )

    def found(wanted, **page):
        entries = house.registers.entries(CALLER, ORGANISATION, wanted=wanted, **page)
        return [entry.code for entry in entries]

    assert found(EntryFilter(kind="group")) == ["B"]
    assert found(EntryFilter(area=("street", STREET))) == ["C"]
    assert found(EntryFilter(name="楼道")) == ["B"]
    assert found(EntryFilter(), after="A", limit=1) == ["B"]


def test_activities_belong_to_an_organisation_that_was_there_and_can_be_taken_back(house):
    record(house, ORGANISATION, body("A", founded="2025-01-01", dissolved="2026-06-01"))
    held = house.activities.record_many(
        CALLER,
        [
            {"organisation": "A", "held_on": "2026-02-01"},
            {"organisation": "A", "held_on": "2026年2月1日", "kind": "支部党员大会"},
            {"organisation": "A", "held_on": "2026-07-01"},
            {"organisation": "A", "held_on": "2024-12-31"},
            {"organisation": "Z", "held_on": "2026-02-01"},
            {"organisation": "A", "held_on": "2026-02-01", "kind": "广场舞"},
            {"organisation": "A", "held_on": "2026-12-01"},
        ],
    )
    assert [each[0] if isinstance(each, tuple) else each.field for each in held] == [
        "added", "unchanged", "held_on", "held_on", "organisation", "kind", "held_on",
    ]  # fmt: skip
    day = {"organisation": "A", "held_on": "2026-02-01"}
    assert len(house.activities.activities(CALLER, "A")) == 1
    house.activities.withdraw(CALLER, day)
    assert house.activities.activities(CALLER, "A") == []
    with pytest.raises(EntryNotFound):
        house.activities.withdraw(CALLER, day)
    with pytest.raises(RefusedValue):
        house.activities.record(CALLER, {"organisation": "A"})
    assert house.activities.record(CALLER, day)[0] == "added"


def redraw(house):
    """Publish the street with its two south-western grids merged under a new code."""
    boundaries = street_boundaries()
    grids = boundaries["grid"]
    kept = [
        i for i, code in enumerate(grids.codes) if code not in {grid_code(0, 0), grid_code(1, 0)}
    ]
    rest = grids.take(kept)
    boundaries["grid"] = area_set(
        "grid",
        codes=[*rest.codes, "999001010199"],
        names=[*rest.names, "合并网格"],
        parents=[*rest.parents, "9990010101"],
        geometries=[*rest.geometries, square(0, 0, 2, 1)],
    )
    publish_areas(house, boundaries, on=1)


def test_after_a_redraw_places_follow_and_codes_wait_for_a_decision(house, clock):
    lon, lat = center(0, 0)
    placed = {"x": lon, "y": lat, "frame": "EPSG:4490"}
    record(
        house,
        ORGANISATION,
        body("BOUND", grid_code(0, 0)),
        body("PLACED", **placed),
        body("BOTH", grid_code(1, 0), **placed),
        body("ELSEWHERE", grid_code(2, 0)),
    )
    clock.now_s += DAY_S
    redraw(house)

    picture = house.register_checks.picture(CALLER)
    found = house.register_checks.old_bindings_of(picture)
    waiting = {b.entry.code: b for b in found}
    assert sorted(waiting) == ["BOTH", "BOUND"]
    rows = {row[1]: row[4:] for row in binding_table(picture, found, "zh").rows}
    assert rows["BOUND"] == [1, grid_code(0, 0), None, "999001010199（100.0%）", None]
    assert rows["BOTH"][-1] == "是"
    assert waiting["BOUND"].gone == (grid_code(0, 0),)
    [(successor, share)] = waiting["BOUND"].proposals
    assert (successor, share) == ("999001010199", pytest.approx(1.0))
    assert [waiting[code].follows_by_place for code in ("BOUND", "BOTH")] == [False, True]
    old, new = record(
        house, ORGANISATION, body("OLD", grid_code(0, 0)), body("NO", "9990010101999")
    )
    assert "另一版本有这个编码" in old.reason_zh
    assert "(another edition has it)" in old.reason_en
    assert "另一版本" not in new.reason_zh
    with pytest.raises(InvalidValue):
        house.registers.confirm(CALLER, ORGANISATION, "BOUND")

    moved = {"code": "BOUND", "area": ["999001010199"], "layer": "grid"}
    house.registers.record(CALLER, ORGANISATION, moved, is_whole=False)
    assert sorted(b.entry.code for b in house.register_checks.old_bindings(CALLER)) == ["BOTH"]


def test_a_changed_outline_under_the_same_code_waits_until_it_is_confirmed(house, clock):
    record(house, "liaison", liaison(0, 0))
    record(house, ORGANISATION, body("A", grid_code(0, 0)))
    clock.now_s += DAY_S
    boundaries = street_boundaries()
    grids = boundaries["grid"]
    geometries = list(grids.geometries)
    at = grids.position_by_code
    geometries[at[grid_code(0, 0)]] = square(0, 0, 1, 2)
    kept = [i for i, code in enumerate(grids.codes) if code != grid_code(0, 1)]
    boundaries["grid"] = area_set(
        "grid",
        codes=[grids.codes[i] for i in kept],
        names=[grids.names[i] for i in kept],
        parents=[grids.parents[i] for i in kept],
        geometries=[geometries[i] for i in kept],
    )
    publish_areas(house, boundaries, on=1)

    found = {b.entry.code: b for b in house.register_checks.old_bindings(CALLER)}
    assert sorted(found) == ["A", f"grid/{grid_code(0, 0)}"]
    assert found["A"].changed == {grid_code(0, 0): pytest.approx(1.0)}  # it kept all, and grew
    house.registers.confirm(CALLER, ORGANISATION, "A")
    assert [b.entry.register for b in house.register_checks.old_bindings(CALLER)] == ["liaison"]


def test_units_may_name_organisations_by_their_names(house):
    record(house, ORGANISATION, body("A", grid_code(0, 0)))
    found = record(house, "unit", unit("U", party_organisation="A党支部"))
    assert found[0].entry.details["party_organisation"] == "A"
