"""Rows of registers: what offices write, and why a row is refused."""

from datetime import UTC, date, datetime

import pytest

from geo_service.governance.cell import RefusedCell
from geo_service.governance.issue import RowError
from geo_service.governance.moment import day_start, epoch_s
from geo_service.governance.organisations.consistency import contradiction
from geo_service.governance.organisations.reading import (
    MOST_AREAS,
    TOO_FEW_TOLD,
    day_of,
    read_activity,
    read_entry,
)
from geo_service.governance.organisations.register import Activity, Entry, mode_of
from geo_service.governance.profile import parse_profile, shipped_profile

RULES = shipped_profile("generic").organisations
LAYERS = ["district", "street", "community", "grid"]
NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
"""01:00 of the 21st in Shanghai."""
BRANCH = {"code": "ZB1", "name": "第一支部", "kind": "党支部"}
UNIT = {"code": "D1", "name": "示例物业", "kind": "物业", "layer": "grid", "area": "G1"}
STATION = {"code": "F1", "name": "一站", "kind": "互助站", "layer": "grid", "area": "G1"}


def read(register="party_organisation", frame=None, **cells) -> Entry | RowError:
    base = {"party_organisation": BRANCH, "unit": UNIT, "facility": STATION}.get(register, {})
    return read_entry(
        register, {**base, **cells}, rules=RULES, layers=LAYERS, now=NOW, default_frame=frame
    )


def refused(register="party_organisation", **cells) -> str:
    found = read(register, **cells)
    if isinstance(found, Entry):
        found = contradiction(found)  # as a whole, once what is known of it is added
    assert isinstance(found, RowError), found
    assert found.reason_zh
    assert found.reason_en
    return found.field


def seconds(year: int, month: int, day: int) -> int:
    return epoch_s(day_start(date(year, month, day)))


def test_a_row_as_an_office_writes_it_is_an_entry():
    found = read(
        **{"area:grid": "G1、G2", "area:community": "C1"},
        mode="联合建",
        members="12",
        founded="2016.09",
        term_end="2027年3月",
        last_meeting="2026-11-21",
        is_secretary_vacant="否",
        duty_phone="021-00000000",
        parent=None,
    )

    assert found == Entry(
        "party_organisation",
        "ZB1",
        "第一支部",
        "branch",
        layer="grid",
        areas=("G1", "G2"),
        founded_s=seconds(2016, 9, 1),
        details={
            "mode": "joint",
            "members": 12,
            "term_end": seconds(2027, 3, 1),
            "last_meeting": seconds(2026, 11, 21),
            "is_secretary_vacant": False,
            "duty_phone": "021-00000000",
        },
    )


def test_the_deepest_layer_that_is_filled_in_tells_what_it_stands_for():
    both = {"area:community": "C1", "area:grid": None}

    assert (read(**both).layer, read(**both).areas) == ("community", ("C1",))
    assert read(**both, area="G7", layer="grid").areas == ("G7",)


@pytest.mark.parametrize(
    "cell",
    [
        "G1、G2",
        "G1，G2",
        "G1,G2",
        "G1; G2",
        "G1；G2",
        "G1|G2",
        "G1\nG2",
        "G1、、G2、G1",
        ["G1", "G2"],
    ],
)
def test_several_areas_stand_in_one_cell(cell):
    assert read(area=cell, layer="grid", mode="联合").areas == ("G1", "G2")


def test_a_place_keeps_its_coordinates_and_frame_as_told():
    told = read("unit", area=None, x="120.1", y=30, frame="GCJ02")
    default = read("unit", frame="BD09", area=None, x=120.1, y=30.0)

    assert (told.x, told.y, told.source_frame) == (120.1, 30.0, "GCJ02")
    assert default.source_frame == "BD09"
    assert (told.lon, told.lat) == (None, None)


@pytest.mark.parametrize(
    ("register", "cells", "field"),
    [
        ("party_organisation", {"code": None}, "code"),
        ("party_organisation", {"code": 3_100_000_000_000_001}, "code"),
        ("party_organisation", {"code": "x" * 101}, "code"),
        ("party_organisation", {"name": " "}, "name"),
        ("party_organisation", {"kind": None}, "kind"),
        ("party_organisation", {"kind": "俱乐部"}, "kind"),
        ("party_organisation", {"mode": "随便"}, "mode"),
        ("party_organisation", {"members": -1}, "members"),
        ("party_organisation", {"members": 2.5}, "members"),
        ("party_organisation", {"members": 10_000_001}, "members"),
        ("party_organisation", {"members": "若干"}, "members"),
        ("party_organisation", {"is_secretary_vacant": "也许"}, "is_secretary_vacant"),
        ("party_organisation", {"parent": "ZB1"}, "parent"),
        ("party_organisation", {"area": "G1、G2", "layer": "grid"}, "mode"),
        ("party_organisation", {"area": "G1、G2", "layer": "grid", "mode": "挂靠"}, "mode"),
        ("party_organisation", {"area": "G1"}, "layer"),
        ("party_organisation", {"area": "G" * 101, "layer": "grid"}, "area"),
        ("party_organisation",
         {"area": [f"G{i}" for i in range(MOST_AREAS + 1)], "layer": "grid", "mode": "联合"},
         "area"),
        ("party_organisation", {"founded": "不详"}, "founded"),
        ("party_organisation", {"founded": "2016-13"}, "founded"),
        ("party_organisation", {"founded": "1921-06-30"}, "founded"),
        ("party_organisation", {"founded": 42_614}, "founded"),
        ("party_organisation", {"founded": "2020-01-01", "dissolved": "2020-01-01"}, "dissolved"),
        ("party_organisation", {"last_meeting": "2026-11-22"}, "last_meeting"),
        ("party_organisation", {"founded": "2020-01-02", "last_meeting": "2020-01-01"},
         "last_meeting"),
        ("party_organisation", {"dissolved": "2020-01-02", "last_meeting": "2020-01-03"},
         "last_meeting"),
        ("unit", {"area": None}, "area"),
        ("unit", {"area": "G1、G2"}, "area"),
        ("unit", {"x": 120.1}, "y"),
        ("unit", {"y": 30.1}, "x"),
        ("unit", {"x": 120.1, "y": 30.1}, "frame"),
        ("unit", {"x": 0, "y": 0, "frame": "EPSG:4490"}, "x, y"),
        ("unit", {"x": 30.1, "y": 120.1, "frame": "EPSG:4490"}, "x, y"),
        ("facility", {"radius_m": 0}, "radius_m"),
        ("facility", {"radius_m": 50_001}, "radius_m"),
        ("facility", {"staff": 5, "staff_members": 6}, "staff_members"),
        ("liaison", {"organisation": "JW"}, "area"),
        ("liaison", {"area": "G1", "layer": "grid", "founded": "2026-01-05"}, "organisation"),
        ("liaison", {"area": "G1", "layer": "grid", "organisation": "JW"}, "founded"),
    ],
)  # fmt: skip
def test_a_row_that_makes_no_sense_names_its_field(register, cells, field):
    assert refused(register, **cells) == field


def test_what_fits_together_is_no_contradiction():
    days = {"founded": "2020-01-01", "last_meeting": "2020-06-01", "dissolved": "2021-01-01"}
    assert contradiction(read(**days, area="G1、G2", layer="grid", mode="联合")) is None
    assert contradiction(read("facility", staff=5, staff_members=5, area="G1")) is None
    assert contradiction(read(last_meeting="2020-06-01")) is None


def test_a_refusal_never_repeats_the_cell():
    for cells in ({"members": "张三"}, {"kind": "张三"}, {"founded": "张三"}, {"mode": "张三"}):
        found = read(**cells)
        assert "张三" not in f"{found.reason_zh}{found.reason_en}"


@pytest.mark.parametrize("cell", ["无", "约20", -1, 2.5])
def test_what_is_no_count_is_refused_with_what_to_write(cell):
    assert "没有的写 0，不清楚的留空" in read(members=cell).reason_zh


@pytest.mark.parametrize("cell", ["12人", " 12 名", "１２", 12, 12.0])
def test_a_count_may_say_what_it_counts(cell):
    assert read(members=cell).details["members"] == 12


def test_a_code_in_full_width_is_the_same_code():
    assert read(code="Ｄ００３").code == "D003"


def test_an_unknown_kind_is_told_those_that_there_are():
    found = read(kind="俱乐部")
    assert "党支部" in found.reason_zh
    assert "branch" in found.reason_en


@pytest.mark.parametrize("cell", ["不足3人", "<3", " <3 "])
def test_a_count_told_as_too_small_is_the_one_that_is_known(cell):
    assert read(members=cell).details["members"] == TOO_FEW_TOLD


def test_staff_told_as_too_few_contradicts_no_members_among_them():
    # as the export writes a site with 4 of staff and nobody of the party among them
    assert read("facility", staff="<5", staff_members=0).details == {
        "staff": TOO_FEW_TOLD,
        "staff_members": 0,
    }
    assert read("facility", staff=10, staff_members=10).details["staff_members"] == 10


@pytest.mark.parametrize(
    ("cell", "flag"),
    [
        ("是", True), ("有", True), ("√", True), ("Yes", True), (1, True), (1.0, True),
        (True, True), ("否", False), ("无", False), ("×", False), (0, False), (False, False),
        ("已派驻", True), ("未派驻", False), ("", None), (None, None),
    ],
)  # fmt: skip
def test_yes_and_no_are_read_as_offices_write_them(cell, flag):
    assert read(is_secretary_vacant=cell).details.get("is_secretary_vacant") is flag


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("单独建", "own"), ("联合建", "joint"), ("挂靠建", "attached"), ("临时党组织", "temporary"),
        ("功能型", "functional"), ("ＪＯＩＮＴ", "joint"), ("流动", None),
    ],
)  # fmt: skip
def test_modes_are_a_closed_list(word, mode):
    assert mode_of(word) == mode


def test_an_asset_needs_no_name_and_takes_any_kind():
    cells = {"code": "A1", "kind": "井盖", "layer": "grid", "area": "G1"}

    assert read("asset", **cells) == Entry("asset", "A1", "A1", "井盖", None, "grid", ("G1",))


def test_a_liaison_is_known_by_its_area():
    found = read("liaison", area="G1", layer="grid", organisation="JW", founded="2026-01-05")

    assert (found.code, found.kind, found.details) == ("grid/G1", "", {"organisation": "JW"})
    assert found.founded_s == seconds(2026, 1, 5)
    lost = read("liaison", area="G1", organisation="JW", founded="2026-01-05")
    assert lost.field == "layer"


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2016.09", (2016, 9, 1)), ("2016年9月", (2016, 9, 1)), ("2016/9", (2016, 9, 1)),
        ("2016-09-30", (2016, 9, 30)), ("20160930", (2016, 9, 30)), ("1921-07-01", (1921, 7, 1)),
        (date(2016, 9, 30), (2016, 9, 30)), (datetime(2016, 9, 30), (2016, 9, 30)),
        (20160930, (2016, 9, 30)), (20160930.0, (2016, 9, 30)), ("无", None), ("——", None),
        ("2016-09-30 23:59", (2016, 9, 30)), ("2016-09-30T20:00:00+00:00", (2016, 10, 1)),
    ],
)  # fmt: skip
def test_a_day_is_its_midnight_in_shanghai(cell, day):
    assert day_of(cell) == (None if day is None else seconds(*day))


@pytest.mark.parametrize(
    ("cell", "hint"),
    [(42_614, "日期序号"), ("42614", "日期序号"), (2018.1, "小数"), ("不详", "如 2026-01-05")],
)
def test_what_a_spreadsheet_made_of_a_day_is_refused_with_how_to_mend_it(cell, hint):
    found = read(founded=cell)
    assert found.field == "founded"
    assert hint in found.reason_zh
    assert str(cell) not in found.reason_zh


def test_no_day_is_none_and_tomorrow_may_be_refused():
    assert day_of("") is None
    with pytest.raises(RefusedCell, match="in the future"):
        day_of("2026-11-22", latest=date(2026, 11, 21))


def test_today_is_shanghais_day_and_not_greenwichs():
    assert read(last_meeting="2026-11-21").details["last_meeting"] == seconds(2026, 11, 21)


def test_an_activity_without_a_kind_proves_life():
    cells = {"organisation": "ZB1", "held_on": "2026-11-01"}

    found = read_activity(cells, rules=RULES, now=NOW)
    named = read_activity({**cells, "kind": "党课"}, rules=RULES, now=NOW)

    assert found == Activity("ZB1", "general_meeting", seconds(2026, 11, 1))
    assert named.kind == "lecture"


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"organisation": None}, "organisation"), ({"held_on": None}, "held_on"),
        ({"held_on": "2026-11-22"}, "held_on"), ({"kind": "聚餐"}, "kind"),
    ],
)  # fmt: skip
def test_an_activity_that_makes_no_sense_names_its_field(cells, field):
    told = {"organisation": "ZB1", "held_on": "2026-11-01", **cells}

    assert read_activity(told, rules=RULES, now=NOW).field == field


def test_where_no_kind_proves_life_an_activity_needs_its_kind():
    text = '[[layers]]\nname = "grid"\n[[activity_kinds]]\nname = "walk"\n'
    rules = parse_profile(text, file="own.toml").organisations

    found = read_activity({"organisation": "Z", "held_on": "2026-11-01"}, rules=rules, now=NOW)

    assert found.field == "kind"


def test_what_was_told_is_compared_without_what_we_made_of_it():
    told = read(members=5)
    made = told._replace(from_s=1, edition=3, lon=120.0, lat=30.0)

    assert made.told == told.told
    assert made._replace(details={"members": 5, "post": None}).told == told.told
    assert made._replace(details={"members": 6}).told != told.told


@pytest.mark.parametrize(
    ("founded", "dissolved", "there"),
    [
        (None, None, [True, True, True]), (10, None, [False, True, True]),
        (None, 10, [True, False, False]), (10, 11, [False, True, False]),
    ],
)  # fmt: skip
def test_an_entry_is_there_from_its_founding_until_before_its_dissolution(
    founded, dissolved, there
):
    entry = Entry("unit", "D", "D", "k", founded_s=founded, dissolved_s=dissolved)

    assert [entry.exists(at_s) for at_s in (9, 10, 11)] == there
