"""Ways to divide ground that drafts offer: balanced parts, cuts along roads and layers, groups."""

from itertools import count

import numpy as np
import pytest
import shapely

from geo_service.errors import (
    HasChildren,
    InvalidValue,
    NoBalancedParts,
    UnfitLine,
    UnknownArea,
    UnknownLayer,
    WrongParent,
)
from geo_service.layers.arcs import AreaKey
from geo_service.layers.area import area_set
from geo_service.services.drafts.offers.divisions import CutsAsked
from geo_service.storage.references import replace_references
from tests.drafting import NOW, A, B, C, D, at, begin, content, grid, outlines
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    STREET_LAYERS,
    Clock,
    open_house,
    publish_areas,
    publish_street,
    street_boundaries,
)
from tests.replays import report
from tests.served_houses import tell

WEST, EAST = (AreaKey("community", f"999001010{i}") for i in (1, 2))
WITH_BUILDINGS = """
[[layers]]
name = "lane"
geometry = "line"
overlay = true
reach_m = 5

[[layers]]
name = "building"
overlay = true
"""


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    return house


def roads(house, kind, *lines):
    shapes = np.array([shapely.LineString([at(*spot) for spot in line]) for line in lines], object)
    with house.workspace.database.write() as connection:
        replace_references(connection, kind=kind, names=[""] * len(shapes), geometries=shapes)


def shares(offer):
    return [part.share for part in offer.parts]


def test_a_grid_is_parted_evenly_by_its_ground_with_the_next_codes_and_taken_as_one_step(house):
    draft = begin(house)
    offer = house.draft_divisions.parts(CALLER, draft, grid(A), 4)
    assert offer.measure == "area"
    assert shares(offer) == pytest.approx([0.25] * 4, abs=0.01)
    assert sum(shares(offer)) == pytest.approx(1)
    # below the western community …01, …02, …05 and …06 are given
    assert [part.code[-2:] for part in offer.parts] == ["07", "08", "09", "10"]
    # codes run row by row from the north
    assert offer.parts[0].outline.centroid.y >= offer.parts[-1].outline.centroid.y
    assert house.drafts.draft(CALLER, draft).row.revision == 0
    step = house.drafts.perform(CALLER, draft, offer.operation, seen=0)
    assert step.state.findings == []
    areas = step.areas["grid"]
    assert dict(zip(areas.codes, shapely.to_wkb(areas.geometries), strict=True)).items() >= {
        (part.code, shapely.to_wkb(part.outline)) for part in offer.parts
    }
    before = content(house, draft)
    house.drafts.undo(CALLER, draft)
    assert house.drafts.state(CALLER, draft).areas == {}
    house.drafts.redo(CALLER, draft)
    assert content(house, draft) == before
    with pytest.raises(UnknownArea):  # A is gone: it is not cut twice
        house.drafts.perform(CALLER, draft, offer.operation, seen=0)
    house.draft_publications.publish(CALLER, draft, NOW)
    found = outlines(house, "grid")
    assert {part.code for part in offer.parts} <= found.keys()
    assert A not in found


def test_parts_have_about_as_many_issues_and_the_largest_may_keep_the_code(house):
    numbers = count(1)
    # ten in the western tenth of A, ten spread over the rest: half of them lie west of x = 0.15
    spots = [(0.05 + 0.005 * i, 0.05 + 0.09 * i) for i in range(10)]
    spots += [(0.2 + 0.07 * i, 0.9 - 0.085 * i) for i in range(10)]
    for x, y in spots:
        lon, lat = at(x, y)
        report(house, next(numbers), x=lon, y=lat)
    report(house, next(numbers), day="2025-01-10", cell=(0, 0))  # not of the last year
    report(house, next(numbers), cell=(1, 0))  # not here
    draft = begin(house)
    offer = house.draft_divisions.parts(CALLER, draft, grid(A), 2, keeps_code=True)
    assert offer.measure == "issues"
    assert sum(part.counts["issues"] for part in offer.parts) == 20
    assert max(shares(offer)) <= 0.55
    kept = next(part for part in offer.parts if part.code == A)
    assert kept.area_m2 == max(part.area_m2 for part in offer.parts)
    step = house.drafts.perform(CALLER, draft, offer.operation)
    assert step.ended == []
    by_ground = house.draft_divisions.parts(CALLER, begin(house), grid(A), 2, measure="area")
    assert shares(by_ground) == pytest.approx([0.5, 0.5], abs=0.01)
    # too few issues for four parts: auto does not balance by so few
    assert house.draft_divisions.parts(CALLER, begin(house), grid(B), 4).measure == "area"


def test_households_of_buildings_come_first_and_what_is_not_known_is_told(tmp_path):
    house = house_with_buildings(tmp_path)
    draft = begin(house)
    offer = house.draft_divisions.parts(CALLER, draft, grid(A), 2)
    assert offer.measure == "households"
    # twelve houses of 10 households each, and one of which nobody knows
    assert [part.counts["households"] for part in offer.parts] == [60, 60]
    assert offer.unknown["households"] == 1
    assert offer.imbalance == 0
    assert offer.parts[0].counts["residents"] is None
    with pytest.raises(NoBalancedParts, match="residents"):
        house.draft_divisions.parts(CALLER, draft, grid(A), 2, measure="residents")
    with pytest.raises(NoBalancedParts, match="households"):
        house.draft_divisions.parts(CALLER, draft, grid(D), 2, measure="households")
    with pytest.raises(NoBalancedParts, match="12"):
        house.draft_divisions.parts(CALLER, draft, grid(A), 13, measure="households")
    house.close()


def test_workload_weighs_issues_by_their_limits(house):
    for number, (x, y) in enumerate([(0.2, 0.3), (0.8, 0.6), (0.4, 0.9)]):
        lon, lat = at(x, y)
        report(house, number, x=lon, y=lat)
    draft = begin(house)
    offer = house.draft_divisions.parts(CALLER, draft, grid(A), 2, measure="workload")
    hours = [part.counts["workload"] for part in offer.parts]
    issues = [part.counts["issues"] for part in offer.parts]
    # all are of one category, so hours go by the number
    assert hours == pytest.approx([sum(hours) / 3 * each for each in issues])


@pytest.mark.parametrize("number", [1, 0, -1, 51])
def test_a_number_of_parts_that_cannot_be_is_refused(house, number):
    with pytest.raises(InvalidValue, match="2"):
        house.draft_divisions.parts(CALLER, begin(house), grid(A), number)


def test_what_cannot_be_parted_evenly_is_refused(house):
    draft = begin(house)
    with pytest.raises(HasChildren):
        house.draft_divisions.parts(CALLER, draft, WEST, 2)
    with pytest.raises(UnknownArea):
        house.draft_divisions.parts(CALLER, draft, grid("nowhere"), 2)
    with pytest.raises(InvalidValue, match="households"):
        house.draft_divisions.parts(CALLER, draft, grid(A), 2, measure="height")
    for name in ("households", "residents", "issues", "workload"):
        with pytest.raises(NoBalancedParts):
            house.draft_divisions.parts(CALLER, draft, grid(A), 2, measure=name)


def test_all_areas_of_a_parent_that_a_road_crosses_are_cut_in_one_step(house):
    roads(house, "road_main", [(-0.5, 0.25), (1.5, 0.25)], [(0.3, -1), (0.3, -0.2)])
    draft = begin(house)
    asked = CutsAsked("grid", parent=WEST.code, references=("road_main",), keeps_code=True)
    offer = house.draft_divisions.cuts(CALLER, draft, asked)
    # through A, and into B, where it ends; C and D lie north of it
    assert {part.former for part in offer.parts} == {A}
    roads(house, "road_main", [(-0.5, 0.25), (2.5, 0.25)])
    offer = house.draft_divisions.cuts(CALLER, draft, asked)
    assert [(part.former, part.code) for part in offer.parts] == [
        (A, A),
        (A, "999001010107"),
        (B, B),
        (B, "999001010108"),
    ]
    assert shares(offer) == pytest.approx([0.75, 0.25, 0.75, 0.25], rel=1e-4)
    step = house.drafts.perform(CALLER, draft, offer.operation)
    assert [each.kind for each in step.draft.near] == ["cut-along"]
    assert step.state.findings == []
    check = house.draft_publications.check(CALLER, draft, is_whole=True)
    assert check.is_publishable
    house.drafts.undo(CALLER, draft)
    assert house.drafts.state(CALLER, draft).areas == {}


def test_a_road_beside_the_border_makes_no_strip_of_the_width_that_is_asked_for(house):
    # half a grid from the border, and 2 m from it: a grid is about 94 m wide
    roads(house, "road_side", [(0.5, -0.5), (0.5, 1.5)], [(0.02, -0.5), (0.02, 1.5)])
    draft = begin(house)
    narrow = CutsAsked("grid", codes=(A,), references=("road_side",))
    assert len(house.draft_divisions.cuts(CALLER, draft, narrow).parts) == 3
    wide = CutsAsked("grid", codes=(A,), references=("road_side",), narrowest_m=5)
    assert len(house.draft_divisions.cuts(CALLER, draft, wide).parts) == 2
    for width_m in (0.1, 1e9, -1):
        asked = CutsAsked("grid", (A,), references=("road_side",), narrowest_m=width_m)
        with pytest.raises(InvalidValue, match="narrowest_m"):
            house.draft_divisions.cuts(CALLER, draft, asked)


def test_areas_are_cut_along_lanes_of_the_edition(tmp_path):
    house = house_with_buildings(tmp_path)
    draft = begin(house)
    offer = house.draft_divisions.cuts(CALLER, draft, CutsAsked("grid", (A,), layers=("lane",)))
    assert sorted(shares(offer)) == pytest.approx([0.4, 0.6], rel=1e-3)
    # the lane runs on into C, which was not named
    assert {part.former for part in offer.parts} == {A}
    # what a place on the lane is counted with: one part, the sums stay
    assert sum(part.counts["households"] for part in offer.parts) == 120
    house.close()


def test_lines_that_do_not_cross_or_are_not_known_are_refused(house):
    roads(house, "road_main", [(0, -1), (0, 3)], [(-1, 0.5), (0, 0.5)])
    draft = begin(house)

    def cut(**asked):
        return house.draft_divisions.cuts(CALLER, draft, CutsAsked("grid", **asked))

    with pytest.raises(UnfitLine):  # along the border, and up to it
        cut(codes=(A,), references=("road_main",))
    with pytest.raises(UnfitLine):  # the layer above has no border inside
        cut(codes=(A,), layers=("community",))
    for unknown in ({"references": ("canal",)}, {}):
        with pytest.raises(InvalidValue, match="road_main"):
            cut(codes=(A,), **unknown)
    with pytest.raises(UnknownLayer):
        cut(codes=(A,), layers=("canal",))
    for unclear in ({}, {"codes": (A,), "parent": WEST.code}):
        with pytest.raises(InvalidValue, match="parent"):
            cut(references=("road_main",), **unclear)
    with pytest.raises(UnknownArea):
        cut(parent="nowhere", references=("road_main",))
    with pytest.raises(HasChildren):
        house.draft_divisions.cuts(
            CALLER, draft, CutsAsked("community", (WEST.code,), references=("road_main",))
        )


def test_groups_of_children_are_shown_with_the_next_codes(house):
    draft = begin(house)
    found = house.draft_divisions.groups(CALLER, draft, WEST, [[grid(A), grid(B)]])
    assert found.codes == ["9990010103"]
    [shape] = found.outlines
    assert shape.equals(shapely.box(*at(0, 0), *at(2, 1)))
    children = house.draft_divisions.children(CALLER, draft, WEST)
    assert {layer: areas.codes for layer, areas in children.items()} == {"grid": (A, B, C, D)}
    assert house.draft_divisions.children(CALLER, draft, grid(A)) == {}
    for groups, error in (
        ([[]], InvalidValue),
        ([[grid(A)], [grid(A)]], WrongParent),
        ([[grid("nowhere")]], UnknownArea),
    ):
        with pytest.raises(error):
            house.draft_divisions.groups(CALLER, draft, WEST, groups)


def house_with_buildings(folder):
    """Open a house with twelve houses in A of 10 households each, another one, and a lane."""
    profile = folder / "with_buildings.toml"
    profile.write_text(STREET_LAYERS + WITH_BUILDINGS, encoding="utf-8")
    house = open_house(folder, profile=str(profile), clock=Clock())
    spots = [(0.1 + 0.16 * i, y) for i in range(6) for y in (0.3, 0.7)] + [(0.5, 0.5)]
    shapes = [shapely.box(*at(x - 0.02, y - 0.02), *at(x + 0.02, y + 0.02)) for x, y in spots]
    codes = [f"H{i:02d}" for i in range(13)]
    lane = shapely.LineString([at(0.4, -0.5), at(0.4, 1.5)])
    areas = {
        **street_boundaries(),
        "building": area_set("building", codes=codes, geometries=shapes),
        "lane": area_set("lane", codes=["L1"], geometries=[lane]),
    }
    publish_areas(house, areas, on=0, effective_from_s=LONG_AGO_S)
    tell(house, "building", "households", **dict.fromkeys(codes[:12], 10))
    return house
