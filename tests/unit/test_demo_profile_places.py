"""A place for any profile: printed counts, codes of divisions, overlays that cross borders."""

import numpy as np
import pytest
import shapely

from geo_service.app import read_profile
from geo_service.demo.organisations.profile_registers import profile_registers
from geo_service.demo.profile_places import profile_place
from geo_service.layers.layer_tables import layers_from_tables
from tests.unit.test_demo_registers import SEED, UNTIL

DIGITS = {"district": 6, "street": 9, "community": 12, "unit_grid": 15}
"""Codes of divisions: 6 digits to the district, 3 more each for street, community and cell."""


def place(name: str, **options):
    profile = read_profile(name)
    layers = layers_from_tables(profile.layers)
    return profile_place(name, layers, figures=profile.figures, **options)


@pytest.mark.parametrize(
    ("name", "layer", "printed"),
    [("shanghai-grid", "community", 33), ("community-resize", "community", 112)],
)
def test_printed_counts_are_kept(name, layer, printed):
    assert len(place(name).boundaries[layer]) == printed


def test_most_communities_of_a_resized_district_have_one_to_two_thousand_households():
    city = place("community-resize")
    households = [
        figure.value
        for figure in city.figures
        if (figure.layer, figure.figure) == ("community", "households")
    ]
    # 1,000 to 2,000 are printed; they are no rule, so some lie outside and the desks hint at it
    is_usual = (np.array(households) >= 1_000) & (np.array(households) <= 2_000)
    assert 0.6 < is_usual.mean() < 1
    assert 1_400 < np.median(households) < 1_600


@pytest.mark.parametrize(
    "name", ["shanghai-grid", "dongcheng-unit-grid", "chaoyang-axis", "service-circle"]
)
def test_codes_have_as_many_digits_as_those_of_their_division(name):
    for layer, areas in place(name).boundaries.items():
        assert len(set(areas.codes)) == len(areas)
        for code, parent in zip(areas.codes, areas.parents, strict=True):
            assert code.startswith("999")
            assert len(code) == DIGITS.get(layer, len(code))
            # a community's code goes on from its street's, whatever lies between
            assert parent is None or code.startswith(parent[:9])


def test_a_unit_grid_measures_ten_thousand_square_metres():
    cells = place("dongcheng-unit-grid").boundaries["unit_grid"]
    degree_m2 = 111_320.0**2 * np.cos(np.radians(33.6))
    assert 9_000 < shapely.area(cells.geometries).mean() * degree_m2 < 11_000


def test_estates_cross_the_borders_of_grids_and_leave_room_between_them():
    city = place("red-property")
    estates, grids = city.others["estate"], city.boundaries["grid"]
    shares = (
        shapely.area(shapely.intersection(estates.geometries[:, None], grids.geometries[None, :]))
        / shapely.area(estates.geometries)[:, None]
    )
    assert (shares.max(axis=1) < 0.99).sum() > len(estates) / 2
    covered = shapely.area(estates.geometries).sum() / shapely.area(grids.geometries).sum()
    assert 0.5 < covered < 0.95
    levels = {f.value for f in city.figures if f.figure == "property_level"}
    assert levels == {"none", "self", "professional", "red"}


def test_lanes_are_side_roads_of_the_place():
    city = place("beijing-whistle")
    lanes = city.others["lane"]
    assert len(lanes) == len(set(lanes.names)) == 30
    sides = {
        name
        for name, kind in zip(city.roads.names, city.roads.kinds, strict=True)
        if kind == "side"
    }
    assert set(lanes.names) <= sides
    assert (shapely.get_dimensions(lanes.geometries) == 1).all()


def test_the_same_seed_gives_the_same_bits_and_another_one_others():
    one, again, other = place("red-property"), place("red-property"), place("red-property", seed=7)
    for layer, areas in one.areas.items():
        same = again.areas[layer]
        assert shapely.to_wkb(areas.geometries).tolist() == shapely.to_wkb(same.geometries).tolist()
        assert areas.names == same.names
    assert one.boundaries["grid"].names != other.boundaries["grid"].names


def test_estates_have_bodies_of_their_own_under_their_communities():
    rules = read_profile("red-property").organisations
    found = profile_registers(place("red-property"), rules, seed=SEED, until=UNTIL)
    by_code = {row["code"]: row for row in found.party_organisations}
    estates = [row for row in found.party_organisations if row.get("layer") == "estate"]
    assert estates
    assert {by_code[row["parent"]]["layer"] for row in estates} == {"community"}
    kinds = {row["kind"] for row in found.units}
    assert {"owners_committee", "property_committee", "property_company"} <= kinds
