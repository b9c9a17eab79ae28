"""The sheet of an area from the store: issues, bodies, units, ground and history as they are."""

from datetime import date

import numpy as np
import pytest
import shapely

from geo_service.errors import AreaNotFound, EditionNotFound, UnknownLayer
from geo_service.governance.organisations.coverage import AreaState
from geo_service.layers.area import AreaSet, area_set
from geo_service.layers.edition import EditionChoice
from geo_service.maps.area_sheet.view import KindCount, SheetLinks
from geo_service.services.areas.sheet import SheetQuery
from geo_service.storage.figures import Figure
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
    SOUTH,
    STEP,
    WEST,
    Clock,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)
from tests.integration.test_hotspot_counts import report
from tests.overlays import open_overlaid_house

GRID = grid_code(0, 0)
WEST_COMMUNITY = "9990010101"
DAY_S = 86_400


def body(code, kind, layer, area, **cells):
    return {
        "code": code,
        "name": f"{code}党组织",
        "kind": kind,
        "layer": layer,
        "area": area,
        "founded": "2020-01-01",
        "from": "2020-01-01",
        **cells,
    }


def inside(code, kind, place, **cells):
    x, y = place
    told = {"code": code, "name": f"{code}号", "kind": kind, "x": x, "y": y, "frame": "EPSG:4490"}
    return {**told, "founded": "2020-01-01", "from": "2020-01-01", **cells}


def fill(house):
    registers, place = house.registers, center(0, 0)
    bodies = [
        body("S-P", "working_committee", "street", "99900101", duty_phone="000-1"),
        body("C-P", "committee", "community", WEST_COMMUNITY, members=40, post="书记×1"),
        body(
            "G-P",
            "branch",
            "grid",
            GRID,
            members=9,
            parent="C-P",
            last_meeting="2026-11-01",
            post="网格党支部书记（网格长）×1",
            duty_phone="000-3",
            is_secretary_vacant=True,
            term_end="2026-01-01",
        ),
        inside("B-P", "group", place, members=4, parent="G-P"),
    ]
    units = [
        inside("U1", "private_enterprise", place, party_organisation="B-P", mode="own"),
        inside("U2", "private_enterprise", place, full_members=3),
        inside("U3", "property_company", place, full_members=1, has_adviser=True),
    ]
    sites = [inside("F1", "service_center", place, duty_phone="000-4")]
    liaison = {"layer": "grid", "area": grid_code(1, 0), "organisation": "C-P"}
    for register, rows in {
        "party_organisation": bodies,
        "unit": units,
        "facility": sites,
        "asset": [inside("A1", "井盖", place), inside("A2", "井盖", center(1, 0))],
        "liaison": [{**liaison, "founded": "2026-03-01"}],
    }.items():
        for outcome in registers.record_many(CALLER, register, rows):
            assert isinstance(outcome, tuple), outcome


def figure(name, value, from_s=LONG_AGO_S):
    return Figure("grid", GRID, name, value, from_s, "census")


def put_references(house):
    def lay(kind, **features):
        column = np.empty(len(features), dtype=object)
        column[:] = list(features.values())
        house.figures.replace_references(CALLER, kind, names=list(features), geometries=column)

    # the southern road lies 0.0001 degrees, 11 m, below the street's southern side
    south = SOUTH - 0.0001
    lay("road_main", 南大道=shapely.LineString([(WEST - STEP, south), (WEST + 5 * STEP, south)]))
    x, y = center(0, 0)
    other, _ = center(1, 0)
    lay(
        "building",
        一号楼=shapely.box(x - 1e-4, y - 1e-4, x + 1e-4, y + 1e-4),
        # three quarters of it, and its middle, lie in the next grid
        二号楼=shapely.box(other - 0.6 * STEP, y, other + 0.2 * STEP, y + 1e-4),
    )


def filled_house(folder):
    house = open_house(folder, clock=Clock())
    publish_street(house)
    fill(house)
    put_references(house)
    house.figures.add(CALLER, [figure("residents", "2000"), figure("households", "800")])
    for number, day in enumerate(["2026-11-20", "2026-11-19", "2026-11-01", "2026-10-01"]):
        category = "出行停车" if number else None
        report(house, f"n{number}", day, center(0, 0), category_major=category)
    report(house, "next door", "2026-11-20", center(1, 0))
    report(house, "question", "2026-11-20", center(0, 0), request_type="咨询")
    return house


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Return a house that tests only look at."""
    return filled_house(tmp_path_factory.mktemp("house"))


@pytest.fixture
def living(tmp_path):
    """Return a house that a test may change."""
    return filled_house(tmp_path)


def sheet(house, code=GRID, layer="grid", **more):
    return house.area_sheets.sheet(CALLER, SheetQuery(layer, code, **more))


def test_issues_are_those_of_the_area_up_to_the_moment(house):
    issues = sheet(house).issues
    # of 7 days: 20 and 19 November; of 30 days: 1 November too; open: 1 October as well
    assert (issues.week, issues.month, issues.open) == (2, 3, 4)
    assert (issues.oldest_open_on, issues.oldest_open_days) == (date(2026, 10, 1), 51)
    assert issues.per_1000_residents == pytest.approx(3 / 2)
    assert issues.per_km2 == pytest.approx(3 / sheet(house).km2)
    assert list(issues.categories) == [("出行停车", 2), ("", 1)]
    before = sheet(house, choice=EditionChoice(as_of_s=NOW_S - 10 * DAY_S)).issues
    assert (before.week, before.month, before.open) == (0, 1, 2)
    quiet = sheet(house, grid_code(3, 1)).issues
    assert (quiet.month, quiet.oldest_open_days, quiet.per_1000_residents) == (0, None, None)
    community = sheet(house, WEST_COMMUNITY, "community").issues
    assert (community.week, community.per_1000_residents) == (3, None)


def test_the_chain_goes_from_the_area_to_the_root_with_posts_and_phones(house):
    party = sheet(house).party
    told = [(each.area.layer, [b.facts.code for b in each.bodies]) for each in party.levels]
    assert told == [
        ("grid", ["G-P"]),
        ("community", ["C-P"]),
        ("street", ["S-P"]),
        ("district", []),
    ]
    own = party.levels[0].bodies[0]
    assert (own.is_vacant, own.is_term_over) == (True, True)
    assert (own.facts.last, own.facts.duty_phone) == (date(2026, 11, 1), "000-3")
    assert AreaState(party.levels[0].state) == AreaState.OWN
    assert [(each.code, each.kind) for each in party.inside.lines] == [("B-P", "党小组")]


def test_a_liaison_is_told_by_its_organisation_and_leaves_the_area_blank(house):
    party = sheet(house, grid_code(1, 0)).party
    assert AreaState(party.levels[0].state) == AreaState.LINKED
    assert (party.liaison.code, party.liaison.since) == ("C-P", date(2026, 3, 1))
    assert sheet(house).party.liaison is None


def test_small_counts_of_members_are_not_told(living):
    assert sheet(living).party.members == 9  # the branch counts the 4 of its group among them
    for code, members, told in (("G-P", 2, 4), ("B-P", 1, "不足3人"), ("G-P", 9, 9)):
        fewer = {"code": code, "members": members}
        living.registers.record(CALLER, "party_organisation", fewer, is_whole=False)
        assert sheet(living).party.members == told


def test_units_have_cover_and_duty_with_both_counts_of_each_share(house):
    units = sheet(house).party.units
    assert units.cover == (1, 1, 1)
    assert units.duty == (1, 1, 1, 0)
    assert units.organisation_coverage.percent_text == "33.33"
    assert units.work_coverage.percent_text == "66.67"
    assert units.lines[0].code == "U2"  # what is due stands first
    assert units.kinds[0] == KindCount("property_company", "物业企业", 1)
    nobody = sheet(house, grid_code(3, 1)).party.units
    assert nobody.organisation_coverage.share is None


def test_sites_assets_figures_and_buildings_are_the_areas_own(house):
    view = sheet(house)
    assert [(each.code, each.duty_phone) for each in view.holdings.sites] == [("F1", "000-4")]
    assert view.holdings.asset_kinds == [KindCount("井盖", "井盖", 1)]
    assert view.figures["residents"].value == "2000"
    assert view.figures["residents"].since == date(2023, 11, 15)  # 1.7 thousand million seconds
    assert (view.ground.building_count, view.ground.buildings) == (1, ["一号楼"])
    assert sheet(house, grid_code(1, 0)).ground.buildings == ["二号楼"]
    assert sheet(house, WEST_COMMUNITY, "community").ground.building_count == 2


def test_the_four_sides_are_road_neighbors_and_the_outermost_border(house):
    assert (
        sheet(house).ground.bounds_text == "东与第2网格相邻，南至南大道，西至区界，北与第5网格相邻"
    )
    told = sheet(house, WEST_COMMUNITY, "community", language="en").ground.bounds_text
    assert told == (
        "east next to 东社区; south to 南大道; west to the border of the district; "
        "north to the border of the district"
    )
    assert "北至界外（无数据）" in sheet(house, "999001", "district").ground.bounds_text


def test_the_map_holds_neighbors_symbols_and_what_lies_under(house):
    shown = sheet(house).map
    assert set(shown.areas.codes) == {
        grid_code(column, row) for column in range(2) for row in range(2)
    }
    assert shown.areas.codes[shown.position] == GRID
    assert [level.areas.codes for level in shown.ancestors] == [
        (WEST_COMMUNITY,),
        ("99900101",),
        ("999001",),
    ]
    assert {each.kind for each in shown.references} == {"road_main", "building"}
    own, group = shown.organisations
    assert shapely.covers(square(0, 0), shapely.Point(own.lon, own.lat))
    assert (group.code, [each.code for each in shown.facilities]) == ("B-P", ["F1"])


def split_grids(cut: float = 0.5) -> AreaSet:
    """Return the grids with the first one cut in two, the second renamed and moved, the last gone.

    The new grid has ``1 - cut`` of the first one's width.
    """
    grids = street_boundaries()["grid"]
    x, y = WEST + cut * STEP, SOUTH
    west = shapely.box(WEST, y, x, y + STEP)
    east = shapely.box(x, y, WEST + STEP, y + STEP)
    columns = {
        code: (name, parent, shape)
        for code, name, parent, shape in zip(
            grids.codes, grids.names, grids.parents, grids.geometries, strict=True
        )
    }
    columns[GRID] = ("第1网格", WEST_COMMUNITY, west)
    columns["99900101019"] = ("新网格", WEST_COMMUNITY, east)
    second = grid_code(1, 0)
    columns[second] = ("南网格", "9990010102", columns[second][2])
    del columns[grid_code(3, 1)]
    names, parents, shapes = zip(*columns.values(), strict=True)
    return area_set(
        "grid", codes=list(columns), names=names, parents=parents, geometries=list(shapes)
    )


def put(house, grids, effective_from_s):
    boundaries = {**street_boundaries(), "grid": grids}
    publish_areas(house, boundaries, on=1, effective_from_s=effective_from_s)


def test_history_tells_what_each_edition_did_and_whose_ground_a_new_code_took(living):
    put(living, split_grids(0.25), NOW_S - 10 * DAY_S)
    changed, first = sheet(living).history
    assert (changed.edition, changed.events, first.events) == (2, ("changed",), ("new",))
    assert changed.effective_from == date(2026, 11, 11)
    assert changed.km2 == pytest.approx(first.km2 / 4, rel=1e-6)
    [new] = sheet(living, "99900101019").history
    assert new.events == ("new",)
    [(code, name, share)] = new.sources
    assert (code, name, share) == (GRID, "第1网格", pytest.approx(1.0))
    renamed = sheet(living, grid_code(1, 0)).history[0]
    assert renamed.events == ("renamed", "moved")
    assert (renamed.old_name, renamed.old_parent) == ("第2网格", WEST_COMMUNITY)
    assert (renamed.name, renamed.parent) == ("南网格", "9990010102")
    assert [each.events for each in sheet(living, grid_code(2, 1)).history] == [("new",)]


def test_what_is_gone_is_told_where_it_stood_and_came_back(living):
    put(living, split_grids(), NOW_S - 10 * DAY_S)
    gone = grid_code(3, 1)
    with pytest.raises(AreaNotFound):
        sheet(living, gone)
    then = sheet(living, gone, choice=EditionChoice(as_of_s=NOW_S - 20 * DAY_S))
    assert [(each.events, each.is_ahead, each.km2 is None) for each in then.history] == [
        (("gone",), True, True),
        (("new",), False, False),
    ]
    assert (then.stamp.edition, then.stamp.is_today) == (1, False)
    publish_street(living, prepared_on=2, effective_from_s=NOW_S - 5 * DAY_S)
    back = sheet(living, gone).history
    assert [each.events for each in back] == [("new",), ("gone",), ("new",)]
    # nobody had its ground in the edition before
    assert list(back[0].sources) == []


def test_overlays_have_sheets_too(tmp_path):
    house = open_overlaid_house(tmp_path)
    report(house, "on the lane", "2026-11-20", center(1, 0))
    report(house, "north of it", "2026-11-20", center(1, 1))
    for code, cells in {"U1": {}, "U2": {"layer": "estate", "area": "E1"}}.items():
        unit = inside(code, "private_enterprise", center(1, 0), **cells)
        house.registers.record(CALLER, "unit", unit)
    found = {
        (layer, code): sheet(house, code, layer)
        for layer, code in (("lane", "L1"), ("estate", "E1"), ("dedicated_grid", "B2"))
    }
    # the lane runs through the middle of the southern row, B2 is two grids of the northern one
    assert [view.issues.month for view in found.values()] == [1, 0, 1]
    units = [[each.code for each in view.party.units.lines] for view in found.values()]
    assert units == [["U1", "U2"], ["U2"], []]  # U2 is bound to the estate, and lies at the lane
    assert [view.ground.bounds_text == "" for view in found.values()] == [True, False, False]
    for view in found.values():
        assert view.parents == []
        assert view.party.members is None
        assert view.party.levels[0].state is None


def test_what_nobody_knew_then_is_not_told(living):
    living.workspace.now_s.now_s += DAY_S
    put(living, split_grids(), NOW_S - 10 * DAY_S)
    known = EditionChoice(known_at_s=NOW_S)
    assert [each.edition for each in sheet(living, choice=known).history] == [1]
    assert [each.edition for each in sheet(living, grid_code(3, 1), choice=known).history] == [1]


def test_unknown_areas_layers_and_moments_are_refused(house):
    with pytest.raises(AreaNotFound):
        sheet(house, "999")
    with pytest.raises(UnknownLayer):
        sheet(house, layer="moon")
    with pytest.raises(EditionNotFound):
        sheet(house, choice=EditionChoice(as_of_s=LONG_AGO_S - 1))


def test_the_page_tells_the_same_in_both_languages(house):
    for language, words in (("zh", "第1网格一页清"), ("en", "第1网格 on one sheet")):
        query = SheetQuery("grid", GRID, language=language)
        html = house.area_pages.page(CALLER, query, links=SheetLinks())
        assert words in html
        assert "000-3" in html
