"""What a redraw changes of registers: members, units, coverage, who stands elsewhere."""

import pytest

from geo_service.services.coverage.layer_coverage import CoverageQuery
from tests.houses import CALLER, Clock, center, open_house, publish_areas, publish_street, square
from tests.impacts import A, B, C, D, area_of, between, layer_of, redrawn
from tests.registers import body, liaison, record, unit


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    yield house
    house.close()


def test_registers_are_told_as_the_coverage_desk_tells_them_after_publication(house):
    record(
        house,
        "party_organisation",
        body("S", "99900101", layer="street", kind="党工委", members=90),
        body("D", A, members=12, parent="S"),
        body("F", B, members=2, parent="S"),
        body("G", None, layer=None, parent="S", members=20, x=center(1, 0)[0], y=center(1, 0)[1])
        | {"frame": "EPSG:4490"},
    )
    record(
        house,
        "unit",
        unit("U1", 0, 0, party_organisation="D"),
        unit("U2", 1, 0),
        unit("U3", 1, 0, adviser_since="2026-01-01"),
        unit("U4", 2, 0),
    )
    record(house, "liaison", liaison(0, 1, "S"))
    place = {"x": center(1, 0)[0], "y": center(1, 0)[1], "frame": "EPSG:4490"}
    told = {"code": "P", "name": "阵地", "kind": "党群服务中心", "from": "2026-01-01", **place}
    house.registers.record(CALLER, "facility", told)
    merged = redrawn({A: square(0, 0, 2, 1), B: None, C: square(0, 1, 2, 1), D: None})
    found = between(house, merged)
    before = house.coverage.coverage(CALLER, CoverageQuery("grid"))
    publish_areas(house, merged, on=1)
    after = house.coverage.coverage(CALLER, CoverageQuery("grid"))
    for area in layer_of(found).areas:
        for facts, desk in ((area.before, before), (area.after, after)):
            at = desk.areas.position_by_code.get(area.code)
            assert (facts is None) == (at is None)
            if facts is not None:
                assert facts.members == desk.members.told(at)
                assert facts.units == desk.units.total[at]
                assert facts.units_with_organisation == desk.units.cover[at, 0]
                assert facts.units_reached == desk.units.cover[at, :2].sum()
                state = desk.area_coverage.state[at]
                assert facts.state == ("own", "joint", "uncounted", "linked", "none")[state]
    assert (area_of(found, A).after.members, area_of(found, A).members_difference) == (32, 20)
    moves = {(each.register, each.code, each.old, each.new) for each in found.moves}
    assert moves == {
        ("party_organisation", "F", B, None),
        ("party_organisation", "G", B, A),
        ("unit", "U2", B, A),
        ("unit", "U3", B, A),
        ("facility", "P", B, A),
    }
    assert found.moves_total == {"party_organisation": 2, "unit": 2, "facility": 1}
    shares = layer_of(found).area_coverage
    assert [(each.numerator.value, each.denominator.value) for each in shares] == [(2, 4), (1, 2)]
    work = layer_of(found).work_coverage
    assert [(each.numerator.value, each.denominator.value) for each in work] == [(2, 3), (2, 3)]


def test_small_counts_are_told_as_small_before_and_after(house):
    record(house, "party_organisation", body("F", B, members=2), body("D", A, members=12))
    merged = redrawn({A: square(0, 0, 2, 1), B: None})
    found = between(house, merged)
    assert area_of(found, B).before.members == "<3"
    assert area_of(found, B).members_difference == "*"
    assert all(each.measure != "members" for each in layer_of(found).balances)
