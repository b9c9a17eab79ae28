"""The rule behind each owner, and the sentence that gives the reason."""

import numpy as np
import pytest
import shapely

from geo_service.layers.area import area_set
from geo_service.layers.assignment.alone import assigned_and_judged
from geo_service.layers.assignment.answer import answer_at
from geo_service.layers.assignment.reason import reason
from geo_service.layers.assignment.rule import overlay_owners
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from tests.houses import SOUTH, STEP, WEST, center, grid_code, square, street_boundaries

METERS_PER_DEGREE_LAT = 110_852  # GRS80 meridian at 30° N, ± 1 m


def street_locator(*, nearest_m=50.0):
    names = ["district", "street", "community", "grid"]
    layers = Layers(
        tuple(
            Layer(name, f"{name}层", name, parent=parent, nearest_m=nearest_m)
            for name, parent in zip(names, [None, *names], strict=False)
        )
    )
    return Locator(layers, street_boundaries())


def answer(locator, lon, lat, family="grid"):
    return answer_at(locator, family, lon=lon, lat=lat)


def test_a_point_inside_is_assigned_with_its_whole_chain():
    found = answer(street_locator(), *center(2, 1))
    assert found.rule == "assigned"
    assert [link.code for link in found.chain] == [
        "999001",
        "99900101",
        "9990010102",
        grid_code(2, 1),
    ]
    assert grid_code(2, 1) in reason(found, "zh")


def test_a_point_on_a_shared_border_has_the_lowest_code_and_says_so():
    found = answer(street_locator(), WEST + STEP, SOUTH + 0.5 * STEP)
    assert found.rule == "boundary"
    assert found.chain[-1].code == grid_code(0, 0)
    assert grid_code(1, 0) in reason(found, "zh")
    assert "待裁定" in reason(found, "zh")


def test_a_point_on_the_corner_of_four_areas_has_one_owner():
    found = answer(street_locator(), WEST + STEP, SOUTH + STEP)
    assert (found.rule, found.chain[-1].code) == ("boundary", grid_code(0, 0))


def test_a_point_on_the_outer_border_is_simply_assigned():
    assert answer(street_locator(), WEST, SOUTH + 0.5 * STEP).rule == "assigned"


def test_a_point_just_outside_goes_to_the_nearest_with_its_distance():
    meters = 20.0
    lat = SOUTH - meters / METERS_PER_DEGREE_LAT
    found = answer(street_locator(), WEST + 0.5 * STEP, lat)
    assert found.rule == "nearest"
    assert found.chain[-1].code == grid_code(0, 0)
    assert found.nearest.distance_m == pytest.approx(meters, abs=0.01)
    assert found.metric_frame == "EPSG:4549"  # CGCS2000 zone of 120° E


def test_of_two_equally_near_areas_the_lowest_code_holds():
    found = answer(street_locator(), WEST + STEP, SOUTH - 10 / METERS_PER_DEGREE_LAT)
    assert (found.rule, found.chain[-1].code) == ("nearest", grid_code(0, 0))


def test_a_nearer_grid_without_a_parent_hides_no_community_that_reaches_further():
    """South of both, the orphan is 10 m away, the community 30 m; grids own within 5 m alone."""
    south = SOUTH - 20 / METERS_PER_DEGREE_LAT
    orphan = shapely.box(WEST + STEP, south, WEST + 2 * STEP, SOUTH)
    grids = area_set(
        "grid", codes=["9", "8"], parents=["1", None], geometries=[square(0, 0, 3, 1), orphan]
    )
    communities = area_set("community", codes=["1"], geometries=[square(0, 0, 3, 1)])
    layers = Layers(
        (
            Layer("community", "社区", "community", nearest_m=40.0),
            Layer("grid", "网格", "grid", parent="community", nearest_m=5.0),
        )
    )
    locator = Locator(layers, {"community": communities, "grid": grids})
    found = answer(locator, WEST + 1.5 * STEP, SOUTH - 30 / METERS_PER_DEGREE_LAT)
    assert (found.rule, found.owner.code) == ("nearest", "1")
    assert found.nearest.area.layer == "community"
    assert found.nearest.distance_m == pytest.approx(30.0, abs=0.01)
    assert "30.0" in reason(found, "en")


def test_a_point_beyond_the_tolerance_is_unassigned():
    found = answer(street_locator(nearest_m=5), WEST, SOUTH - 6 / METERS_PER_DEGREE_LAT)
    assert found.rule == "unassigned"
    assert all(link.code is None for link in found.chain)
    assert "5 米" in reason(found, "zh")


def test_what_is_nearest_but_far_is_not_told_though_another_layer_would_reach_it():
    """The one grid is 6 km away and has no parent: the community's tolerance is not its own."""
    grids = area_set("grid", codes=["8"], geometries=[square(0, 0)])
    layers = Layers(
        (
            Layer("community", "社区", "community", nearest_m=9000.0),
            Layer("grid", "网格", "grid", parent="community", nearest_m=5.0),
        )
    )
    locator = Locator(layers, {"grid": grids})
    found = answer(locator, WEST, SOUTH - 6000 / METERS_PER_DEGREE_LAT)
    assert (found.rule, found.nearest) == ("unassigned", None)


def test_without_coordinates_there_is_no_owner_and_the_reason_says_why():
    found = answer(street_locator(), np.nan, np.nan)
    assert (found.rule, reason(found, "zh")) == ("unassigned", "没有坐标，无法落格")


def test_where_the_leaf_layer_has_a_gap_the_parent_answers():
    boundaries = street_boundaries()
    grids = boundaries["grid"]
    without = grids.take([i for i, code in enumerate(grids.codes) if code != grid_code(3, 1)])
    locator = Locator(street_locator().layers, {**boundaries, "grid": without})
    found = answer(locator, *center(3, 1))
    assert found.rule == "assigned"
    assert [link.code for link in found.chain][2:] == ["9990010102", None]


def test_an_island_in_a_hole_and_a_part_far_away_each_have_their_owner():
    ring = shapely.difference(square(0, 0, 3, 2), square(1, 0, 1, 1))
    areas = area_set(
        "grid",
        codes=["a", "b"],
        geometries=[shapely.union(ring, square(10, 0)), square(1, 0)],
    )
    locator = Locator(Layers((Layer("grid", "网格", "grid"),)), {"grid": areas})
    places = {(0, 0): "a", (1, 0): "b", (10, 0): "a"}
    assert {cell: answer(locator, *center(*cell)).chain[0].code for cell in places} == places


def test_an_empty_layer_answers_that_nobody_owns_the_point():
    locator = Locator(Layers((Layer("grid", "网格", "grid"),)), {})
    assert answer(locator, *center(0, 0)).rule == "unassigned"


def overlay_locator(layer, shapes):
    areas = area_set(layer.name, codes=list(shapes), geometries=list(shapes.values()))
    return Locator(Layers((layer,)), {layer.name: areas})


def codes_at(locator, layer, lon, lat):
    found = overlay_owners(locator, layer, lon=lon, lat=lat)
    return [locator.areas(layer.name).codes[position] for position in found]


def test_all_overlapping_areas_of_an_overlay_own_the_point_ordered_by_code():
    estate = Layer("estate", "小区", "estate", is_overlay=True)
    locator = overlay_locator(estate, {"b": square(0, 0, 2, 1), "a": square(1, 0, 2, 1)})
    assert codes_at(locator, estate, *center(1, 0)) == ["a", "b"]
    assert codes_at(locator, estate, *center(0, 0)) == ["b"]
    assert codes_at(locator, estate, *center(5, 5)) == []


@pytest.mark.parametrize(("meters", "codes"), [(14.9, ["lane"]), (15.1, [])])
def test_a_point_belongs_to_a_lane_within_its_reach(meters, codes):
    lane = Layer("lane", "街巷", "lane", is_overlay=True, geometry="line", reach_m=15)
    line = shapely.LineString([(WEST, SOUTH), (WEST + STEP, SOUTH)])
    locator = overlay_locator(lane, {"lane": line})
    lat = SOUTH + meters / METERS_PER_DEGREE_LAT
    assert codes_at(locator, lane, WEST + 0.5 * STEP, lat) == codes


@pytest.mark.parametrize("meters", [5_010, 20_000])
def test_far_from_every_border_the_owner_alone_is_told(meters):
    areas = area_set("grid", codes=["a"], geometries=[shapely.box(120, 30, 121, 31)])
    locator = Locator(Layers((Layer("grid", "网格", "grid"),)), {"grid": areas})
    found = answer(locator, 120.5, 30 + meters / METERS_PER_DEGREE_LAT)
    assert found.border is None
    assert (reason(found, "zh"), reason(found, "en")) == ("点在网格a（a）之内", "inside grid a (a)")


def test_chains_are_the_same_once_what_was_kept_of_them_is_let_go(monkeypatch):
    locator = street_locator()
    first = locator.links("grid", 3, 0)
    monkeypatch.setattr("geo_service.layers.locator._LINKS_KEPT", 1)
    assert locator.links("grid", 3, 1) != first
    assert locator.links("grid", 3, 0) == first
    frames = [locator.metric_frame("grid", 3, i) for i in (0, 1, 0)]
    assert frames == [frames[0]] * 3


def test_an_overlay_of_lines_needs_no_index():
    lane = Layer("lane", "巷", "lane", is_overlay=True, geometry="line", reach_m=10)
    line = shapely.LineString([(WEST, SOUTH), (WEST + STEP, SOUTH)])
    assert overlay_locator(lane, {"a": line}).sections == {}


@pytest.mark.parametrize(
    ("undrawn", "across"),
    [((0, 1), ("community", "9990010101")), ((1, 1), ("grid", grid_code(0, 1)))],
)
def test_a_point_alone_shares_its_circle_with_who_holds_the_other_side(undrawn, across):
    """A circle of 20 m, 10 m from its chord: beyond it lies (π/3 - √3/4) / π of the circle."""
    beyond = 1 / 3 - np.sqrt(3) / (4 * np.pi)
    boundaries = street_boundaries()
    codes = boundaries["grid"].codes
    kept = [i for i, code in enumerate(codes) if code != grid_code(*undrawn)]
    drawn = {**boundaries, "grid": boundaries["grid"].take(kept)}
    found = assigned_and_judged(
        Locator(street_locator().layers, drawn),
        "grid",
        lon=np.array([WEST + 0.5 * STEP]),
        lat=np.array([SOUTH + STEP - 10 / METERS_PER_DEGREE_LAT]),
        accuracy_m=np.array([20.0]),
        certain_share=0.9,
    )
    assert found.statuses.tolist() == ["ambiguous"]
    layers, told = ["district", "street", "community", "grid"], found.candidates
    names = [layers[depth] for depth in told.depth.tolist()]
    places = zip(names, told.position.tolist(), strict=True)
    areas = [(name, drawn[name].codes[position]) for name, position in places]
    assert areas == [("grid", grid_code(0, 0)), across]
    assert told.share.tolist() == pytest.approx([1 - beyond, beyond], abs=1e-4)
