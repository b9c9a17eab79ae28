"""What profiles say of organisations: kinds, bodies, limits, targets, and refusals with a line."""

from datetime import date

import pytest

from geo_service.governance.organisations.register import ORGANISATION, REGISTERS
from geo_service.governance.profile import parse_profile, shipped_profile, shipped_profiles
from tests.profiles import refusal_of

OWN = '[[layers]]\nname = "estate"\nbodies = ["branch"]\n'
TARGET = (
    '[[formation_targets]]\nname = "rate"\nlayer = "estate"\nunit_kinds = ["owners_committee"]\n'
)


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_profile_has_a_ladder_with_the_limits_of_the_office(name):
    rules = shipped_profile(name).organisations

    assert rules.bodies
    limits = rules.limits
    assert (limits.active_days, limits.least_members, limits.least_cell) == (100, 3, 5)
    assert limits.reminder_days == (90, 30)


def test_a_layer_without_bodies_has_no_ladder_and_the_kinds_are_the_defaults():
    rules = parse_profile('[[layers]]\nname = "grid"\n', file="own.toml").organisations

    assert rules.bodies == {}
    assert [kind.name for kind in rules.party_kinds][:2] == ["working_committee", "committee"]


def test_a_group_stands_for_an_area_only_where_the_profile_says_so():
    assert "group" not in shipped_profile("generic").organisations.bodies["grid"]
    assert "group" in shipped_profile("x-street").organisations.bodies["micro_grid"]


def test_words_of_each_register_mean_its_own_kinds():
    rules = shipped_profile("generic").organisations

    assert rules.kind_of("party_organisation", "总 支") == "general_branch"
    assert rules.kind_of("unit", "业主委员会") == "owners_committee"
    assert rules.kind_of("facility", "互助站") == "self_help_station"
    assert rules.kind_of("activity", "支部党员大会") == "general_meeting"
    assert rules.kind_of("unit", "党支部") is None
    assert rules.kinds("asset") == ()


def test_one_limit_alone_may_be_changed():
    rules = parse_profile(f"[coverage]\nactive_days = 60\n{OWN}", file="own.toml").organisations

    assert (rules.limits.active_days, rules.limits.least_cell) == (60, 5)
    assert rules.bodies == {"estate": ("branch",)}


def test_targets_stand_in_the_order_of_their_days():
    steps = 'percent_by_day = { "2022-12-31" = 90, "2020-12-31" = 30, "2021-12-31" = 70 }'

    [target] = parse_profile(f"{OWN}{TARGET}{steps}", file="own.toml").organisations.targets

    assert (target.layer, target.unit_kinds) == ("estate", ("owners_committee",))
    assert target.steps == (
        (date(2020, 12, 31), 30),
        (date(2021, 12, 31), 70),
        (date(2022, 12, 31), 90),
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[[layers]]\nname = "grid"\nbodies = ["club"]\n', "bodies"),
        ('[[layers]]\nname = "grid"\n[[layers]]\nname = "lane"\noverlay = true\nreach_m = 10\n'
         'geometry = "line"\nbodies = ["branch"]\n', "bodies"),
        (f"[coverage]\nactive_days = 0\n{OWN}", "active_days"),
        (f"[coverage]\nleast_members = 0\n{OWN}", "least_members"),
        (f"[coverage]\nleast_cell = true\n{OWN}", "least_cell"),
        (f"[coverage]\nreminder_days = [90, 0]\n{OWN}", "reminder_days"),
        (f"[coverage]\nreminder_days = 90\n{OWN}", "reminder_days"),
        (f'{OWN}[[party_kinds]]\nname = "branch"\nsymbol = "支部"\n', "symbol"),
        (f'{OWN}{TARGET}percent_by_day = {{ "2022-12-31" = 101 }}', "percent_by_day"),
        (f'{OWN}{TARGET}percent_by_day = {{ "2022-12-31" = true }}', "percent_by_day"),
        (f'{OWN}{TARGET}percent_by_day = {{ "2022-13-31" = 90 }}', "percent_by_day"),
        (f"{OWN}{TARGET}percent_by_day = {{}}", "percent_by_day"),
        (f"{OWN}{TARGET}percent_by_day = 90", "percent_by_day"),
        (f"{OWN}{TARGET}", "percent_by_day"),
        (f'{OWN}{TARGET.replace("estate", "moon")}percent_by_day = {{ "2022-12-31" = 90 }}',
         "layer"),
        (f'{OWN}{TARGET.replace("owners_committee", "club")}'
         'percent_by_day = { "2022-12-31" = 90 }', "unit_kinds"),
    ],
)  # fmt: skip
def test_what_a_profile_must_not_say_is_refused_with_its_key(text, key):
    found = refusal_of(text)

    assert key in str(found)


def test_registers_have_titles_in_two_languages():
    assert ORGANISATION.title("zh") == "党组织"
    assert {each.title("en") for each in REGISTERS.values()} == {
        "party organisations",
        "units",
        "facilities",
        "assets",
        "liaisons",
    }
