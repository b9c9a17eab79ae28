"""Many points at once: what lies near the street, on an agreed border, or between communities."""

import numpy as np
import pytest

from geo_service.layers.locator import Locator
from geo_service.layers.points.column import numbers_of
from geo_service.layers.points.located import RULES, STATUSES, locate_points
from geo_service.layers.points.place import places_of
from tests.houses import SOUTH, STEP, WEST, grid_code, street_boundaries
from tests.unit.test_agreement import METER, PAIR, agreement
from tests.unit.test_assignment import METERS_PER_DEGREE_LAT, street_locator


def located(locator, points, accuracy_m=None):
    x, y = (numbers_of(list(column)) for column in zip(*points, strict=True))
    radii_m = None if accuracy_m is None else numbers_of(accuracy_m)
    found = locate_points(
        locator, places_of(x, y, radii_m), source_frame="EPSG:4490", is_explaining=True
    )
    return found.families[0]


def rules(family):
    return [RULES[rule] for rule in family.rule]


def test_points_outside_go_to_the_nearest_grid_within_its_reach_and_say_how_far_it_is():
    lon = WEST + 0.5 * STEP
    near, far = (SOUTH - meters / METERS_PER_DEGREE_LAT for meters in (20, 60))
    found = located(street_locator(nearest_m=50.0), [(lon, near), (lon, far)])
    assert rules(found) == ["nearest", "unassigned"]
    assert found.codes["grid"].to_list() == [grid_code(0, 0), None]
    assert found.explanations.nearest_code.to_list()[0] == grid_code(0, 0)
    assert found.explanations.nearest_distance_m[0] == pytest.approx(20, abs=0.01)


def test_points_on_an_agreed_border_are_told_with_its_document_and_their_distance():
    agreed = PAIR.with_agreements((agreement(7, document="会议纪要〔2026〕7号"),))
    border, lat = WEST + STEP, SOUTH + 0.5 * STEP
    found = located(agreed, [(border - meters * METER, lat) for meters in (10, 20)])
    assert rules(found) == ["agreement", "assigned"]
    assert found.codes["grid"].to_list() == ["b", "a"]
    assert found.explanations.agreement_document.to_list() == ["会议纪要〔2026〕7号", None]
    distance_m = found.explanations.agreement_distance_m
    assert distance_m[0] == pytest.approx(10, abs=0.01)
    assert np.isnan(distance_m[1])


def test_circles_where_no_grid_was_drawn_are_shared_among_communities():
    """A circle of 20 m, 5 m from its chord: arccos(1/4) - √15/16 of π lies beyond it."""
    boundaries = street_boundaries()
    only = boundaries["grid"].take([0])
    locator = Locator(street_locator().layers, {**boundaries, "grid": only})
    lat = SOUTH + 1.5 * STEP
    points = [(WEST + 2 * STEP - 5 * METER, lat), (WEST + 2 * STEP - 30 * METER, lat)]
    found = located(locator, points, [20.0, 20.0])
    beyond = (np.arccos(0.25) - np.sqrt(15) / 16) / np.pi
    shared, alone = found.explanations.candidates.to_list()
    assert [(each["layer"], each["code"]) for each in shared] == [
        ("community", "9990010101"),
        ("community", "9990010102"),
    ]
    assert [each["share"] for each in shared] == pytest.approx([1 - beyond, beyond], abs=1e-3)
    assert [(each["code"], each["share"]) for each in alone] == [("9990010101", 1.0)]
    assert [STATUSES[status] for status in found.status] == ["ambiguous", "assigned"]
