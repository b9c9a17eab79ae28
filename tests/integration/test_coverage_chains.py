"""The chain of bodies that a card of the coverage desk tells, from the houses to the street."""

import json
from pathlib import Path

import pytest

from geo_service.errors import InvalidValue
from geo_service.maps.coverage.view import CoverageLinks
from geo_service.services.coverage.desk.pages import CoverageLook
from geo_service.services.coverage.layer_coverage import CoverageQuery
from tests.houses import CALLER, center, grid_code, open_house
from tests.registers import STREET, WEST_COMMUNITY, body, record, unit
from tests.served_houses import serve, served_profile


@pytest.fixture
def house(tmp_path):
    profile = Path(served_profile(tmp_path))
    text = profile.read_text(encoding="utf-8")
    for layer in ("street", "community", "grid"):
        kinds = '["working_committee", "general_branch", "branch"]'
        text = text.replace(f'name = "{layer}"\n', f'name = "{layer}"\nbodies = {kinds}\n')
    profile.write_text(text, encoding="utf-8")
    house = open_house(tmp_path, profile=str(profile))
    serve(house)
    yield house
    house.close()


def told(house, layer, **look):
    text = house.coverage_pages.registers(CALLER, CoverageQuery(layer), CoverageLook(**look))
    found = json.loads(text)
    for column in found["organisations"].values():
        if isinstance(column, dict):
            column["texts"] = [column["table"][at] for at in column["at"]]
    return found


def codes(found, positions):
    return [found["organisations"]["codes"][each] for each in positions]


def test_a_chain_goes_from_who_stands_for_houses_up_to_the_street(house):
    lon, lat = center(1, 0)
    place = {"x": lon, "y": lat, "frame": "EPSG:4490"}
    loose = {"kind": "党小组", "layer": None}
    record(
        house,
        "party_organisation",
        body("D", STREET, layer="street", kind="党工委"),
        body("C", WEST_COMMUNITY, layer="community", kind="党总支"),
        body("B", grid_code(0, 0), post="书记×1", duty_phone="000-1"),
        body("H", "H1", layer="building", kind="党小组", post="组长×1", duty_phone="000-2"),
        body("L", **loose, **place, domain="楼栋", premises="示例路1号"),
        body("U", **loose, **place),
        body("N", **loose),
    )
    record(house, "unit", unit("Y", 1, 0, party_organisation="U"))

    found = told(house, "grid")
    at = [grid_code(0, 0), grid_code(1, 0)]
    areas = house.coverage.coverage(CALLER, CoverageQuery("grid")).areas.position_by_code
    (houses,) = found["below"]
    assert houses["title"] == "楼组"
    # one by its building, one by its place; a unit's own and one without a place are no part of it
    assert [codes(found, houses["bodies"][areas[each]]) for each in at] == [["H"], ["L"]]
    assert sum(len(each) for each in houses["bodies"]) == 2
    assert codes(found, found["bodies"][areas[at[0]]]) == ["B"]
    assert [codes(found, level[0]) for level in found["above"]][:2] == [["C"], ["D"]]
    columns = found["organisations"]
    facts = zip(columns["codes"], columns["stands_for"]["texts"], columns["phones"], strict=True)
    by_code = {code: rest for code, *rest in facts}
    assert by_code["H"] == ["H1", "000-2"]
    assert by_code["L"] == ["楼栋 示例路1号", ""]
    assert by_code["B"] == ["", "000-1"]

    street = told(house, "street")
    levels = [(each["title"], codes(street, each["bodies"][0])) for each in street["below"]]
    assert [(title, sorted(inside)) for title, inside in levels] == [
        ("楼组", ["H", "L"]),
        ("网格", ["B"]),
        ("community", ["C"]),
    ]


def test_sites_of_one_kind_are_told_by_any_word_and_an_unknown_word_is_refused(house):
    assert told(house, "grid", site_kind="党群中心")["facilities"]["kinds"]["table"] == [
        "党群服务中心"
    ]
    look = CoverageLook(mode="reach", site_kind="党建阵地")
    page = house.coverage_pages.page(CALLER, CoverageQuery("grid"), look, links=CoverageLinks())
    assert "0 处阵地覆盖面积 0.0%" in page
    with pytest.raises(InvalidValue, match="service_center"):
        told(house, "grid", site_kind="咖啡馆")
