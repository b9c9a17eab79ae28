"""The registers of the demo streets: printed counts, the same from the same seed, all fictional."""

import re
from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest

from geo_service.app import read_profile
from geo_service.demo.hotspots import hotspots
from geo_service.demo.organisations.registers import (
    DemoRegisters,
    n_street_registers,
    x_street_registers,
)
from geo_service.demo.places import n_street, x_street
from geo_service.governance.organisations.reading import read_activity, read_entry
from geo_service.governance.organisations.register import Activity, Entry
from geo_service.layers.layer_tables import layers_from_tables

SEED, UNTIL = 20260101, date(2026, 11, 21)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
STREETS = {"n-street": (n_street, n_street_registers), "x-street": (x_street, x_street_registers)}


@pytest.fixture(scope="module")
def cities():
    return {name: city() for name, (city, _) in STREETS.items()}


@pytest.fixture(scope="module")
def made(cities) -> dict[str, DemoRegisters]:
    return {
        name: registers(cities[name], seed=SEED, until=UNTIL)
        for name, (_, registers) in STREETS.items()
    }


def standing(rows: list[dict]) -> list[dict]:
    return [row for row in rows if (row.get("dissolved") or "9999") > UNTIL.isoformat()]


def of_kind(rows: list[dict], kind: str) -> list[dict]:
    return [row for row in standing(rows) if row["kind"] == kind]


def on_layer(rows: list[dict], layer: str) -> list[dict]:
    return [row for row in standing(rows) if row.get("layer") == layer]


def test_the_n_street_has_the_printed_stations_and_public_benefit_bodies(made):
    found = made["n-street"]
    stations = of_kind(found.facilities, "self_help_station")
    assert len(stations) == len({row["area"] for row in stations}) == 48
    assert sum(row["has_member_leader"] for row in stations) == 45
    assert all(7 <= row["staff"] <= 13 for row in stations)
    totals = ("staff", "staff_members", "registered_units", "registered_members")
    assert [sum(row[field] for row in stations) for field in totals] == [502, 202, 185, 1044]
    assert len(of_kind(found.units, "social_organisation")) == 17


def test_the_n_street_has_a_ladder_of_five_levels_down_to_the_building(made):
    found = standing(made["n-street"].party_organisations)
    by_code = {row["code"]: row for row in found}
    group = next(row for row in found if row["name"].endswith("楼道党小组"))
    chain = [group]
    while chain[-1]["parent"] is not None:
        chain.append(by_code[chain[-1]["parent"]])
    levels = [row.get("layer") for row in chain]
    assert levels == [None, "grid", "estate", "community", "street"]
    assert [row["kind"] for row in chain[-2:]] == ["committee", "working_committee"]
    assert len(on_layer(found, "community")) == 10


def test_the_x_street_has_the_printed_organisations_posts_and_sites(made):
    found = made["x-street"]
    layers = ("subarea", "community", "micro_grid")
    bodies = [on_layer(found.party_organisations, layer) for layer in layers]
    assert [len(each) for each in bodies] == [5, 29, 155]
    seconds = [int(re.search(r"居民区第二书记×(\d)", row["post"])[1]) for row in bodies[1]]
    assert sum(seconds) == 58
    assert len(on_layer(found.facilities, "subarea")) == 5
    assert len(on_layer(found.facilities, "community")) == 29
    others = Counter(row["kind"] for row in standing(found.facilities) if "layer" not in row)
    assert others == {"rider_station": 6, "party_post": 6, "deliberation_hall": 2}


@pytest.mark.parametrize("street", STREETS)
def test_the_same_seed_and_day_give_the_same_registers(cities, made, street):
    registers = STREETS[street][1]
    again = registers(cities[street], seed=SEED, until=UNTIL)
    assert asdict(again) == asdict(made[street])
    assert asdict(registers(cities[street], seed=1, until=UNTIL)) != asdict(made[street])


@pytest.mark.parametrize("street", STREETS)
def test_a_later_day_moves_what_happened_and_no_code_or_place(cities, made, street):
    later = STREETS[street][1](cities[street], seed=SEED, until=UNTIL + timedelta(days=30))
    for register, rows in made[street].entries.items():
        keys = [(row.get("code"), row.get("area"), row.get("x")) for row in rows]
        assert keys == [(r.get("code"), r.get("area"), r.get("x")) for r in later.entries[register]]
    latest = [max(row["held_on"] for row in each.activities) for each in (made[street], later)]
    assert date.fromisoformat(latest[1]) - date.fromisoformat(latest[0]) == timedelta(days=30)


@pytest.mark.parametrize("street", STREETS)
def test_every_row_can_be_read_and_says_that_it_is_fictional(made, street):
    profile = read_profile(street)
    layers = list(layers_from_tables(profile.layers).by_name)
    rules = profile.organisations
    for register, rows in made[street].entries.items():
        for row in rows:
            read = read_entry(register, row, rules=rules, layers=layers, now=NOW)
            assert isinstance(read, Entry), read
            assert "code" not in row or row["code"].startswith("999")
            assert "（虚构）" in row.get("duty_phone", "（虚构）")
        codes = [row.get("code", row.get("area")) for row in rows]
        assert len(set(codes)) == len(codes)
        names = [row["name"] for row in rows if "name" in row]
        assert len(set(names)) == len(names)
    for row in made[street].activities:
        assert isinstance(read_activity(row, rules=rules, now=NOW), Activity)
    assert all("示例" in row["name"] for row in made[street].units)
    assert 250 <= len(made[street].units) <= 600


@pytest.mark.parametrize("street", STREETS)
def test_everything_was_founded_from_2010_to_2024_but_for_a_handful_lately(made, street):
    found = [row for rows in made[street].entries.values() for row in rows]
    found = [row for row in found if "kind" in row]
    lately = [row for row in found if row["founded"] > "2024-12-31"]
    assert all(row["founded"] >= "2010-01-01" for row in found)
    year_ago = UNTIL - timedelta(days=365)
    assert all(date.fromisoformat(row["founded"]) > year_ago for row in lately)
    assert 0 < len(lately) < len(found) / 20
    assert 0 < len([row for row in found if row.get("dissolved")]) < len(found) / 20


@pytest.mark.parametrize("street", STREETS)
def test_where_issues_pile_up_all_year_no_organisation_stands(cities, made, street):
    city = cities[street]
    grid = city.buildings.grids[hotspots(city, seed=SEED)[0].building]
    bodies = on_layer(made[street].party_organisations, city.leaf_layer)
    assert all(grid not in row["area"] for row in bodies)
