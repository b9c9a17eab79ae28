"""Reach of a layer: which facilities count, what residents are told by, and the gaps as a file."""

from math import pi

import numpy as np
import pytest

from geo_service.errors import EditionNotFound, InvalidValue, UnknownLayer
from geo_service.layers.edition import EditionChoice
from geo_service.layers.files import read_features
from geo_service.layers.frames import area_m2, metric_frame
from geo_service.services.coverage.reach import ReachQuery
from tests.houses import CALLER, SOUTH, WEST, grid_code, open_house
from tests.served_houses import KIND_M, OWN_M, serve, served_profile, tell

FAR = 1e-4
"""Metric frame and ellipsoid differ by less where the street lies, on a central meridian."""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A house without residents that nobody changes."""
    folder = tmp_path_factory.mktemp("served")
    house = open_house(folder, profile=served_profile(folder))
    serve(house)
    yield house
    house.close()


@pytest.fixture
def own_house(tmp_path):
    """One to change."""
    house = open_house(tmp_path, profile=served_profile(tmp_path))
    serve(house)
    yield house
    house.close()


def ask(house, layer="grid", *, as_of_s=None, kinds=None):
    return house.reach.reach(CALLER, ReachQuery(layer, EditionChoice(as_of_s), kinds))


def by_code(found, column):
    return dict(zip(found.areas.codes, getattr(found.reach, column).tolist(), strict=True))


def test_each_level_is_reached_by_the_circles_of_facilities_with_place_and_radius(house):
    assert metric_frame(lon=WEST, lat=SOUTH) == "EPSG:4549"
    found = ask(house)
    grid_m2 = area_m2(found.areas.geometries)[0]
    shares = by_code(found, "ground_share")
    assert shares.pop(grid_code(0, 0)) == pytest.approx(pi * OWN_M**2 / grid_m2, rel=FAR)
    assert shares.pop(grid_code(3, 1)) == pytest.approx(pi * KIND_M**2 / grid_m2, rel=FAR)
    assert set(shares.values()) == {0.0}
    assert found.facilities.count_by_kind == {"service_center": 2}
    assert [each.code for each in found.facilities.without_place] == ["F4"]
    assert [each.code for each in found.facilities.without_radius] == ["F3", "F5"]
    both_m2 = pi * (OWN_M**2 + KIND_M**2)
    for layer in ("grid", "community", "street", "district"):
        whole = ask(house, layer).reach.whole_ground_share
        assert whole == pytest.approx(both_m2 / (8 * grid_m2), rel=1e-3)
    # overlays need no ladder, and their areas may lie over each other
    overlay = by_code(ask(house, "dedicated_grid"), "ground_share")
    assert overlay["B1"] == pytest.approx(pi * OWN_M**2 / (2 * grid_m2), rel=1e-3)
    assert [overlay[code] for code in ("A1", "B2", "Z9")] == [0.0, 0.0, 0.0]


def test_kinds_are_asked_for_by_any_of_their_words(house):
    assert ask(house, kinds=("党群中心", "service_center")).kinds == ("service_center",)
    alone = ask(house, kinds=("党建阵地",))
    assert (len(alone.facilities.entries), alone.facilities.without_place) == (0, [])
    assert alone.reach.whole_ground_share == 0.0
    with pytest.raises(InvalidValue, match="service_center, party_post, closed_post"):
        ask(house, kinds=("party_post", "咖啡馆"))


def test_only_layers_of_polygons_have_a_reach(house):
    for name in ("lane", "地铁"):
        with pytest.raises(UnknownLayer) as caught:
            ask(house, name)
        assert "lane" not in caught.value.known
    with pytest.raises(EditionNotFound):
        ask(house, as_of_s=0.0)


def test_the_past_has_the_facilities_that_stood_then(house):
    first_of_may_s, before_s = 1_777_564_800, 1_767_000_000
    may = ask(house, as_of_s=first_of_may_s)
    assert [each.code for each in may.facilities.entries] == ["F1"]
    assert by_code(may, "ground_share")[grid_code(3, 1)] == 0.0
    assert ask(house, as_of_s=before_s).facilities.entries == []


def test_residents_are_told_by_households_where_houses_are_known_and_by_ground_elsewhere(own_house):
    assert ask(own_house).reach.whole_residents_share is None
    tell(own_house, "grid", "residents", **{grid_code(0, 0): 300, grid_code(3, 1): 100})
    areal = ask(own_house)
    grid_m2 = area_m2(areal.areas.geometries)[0]
    shares = pi * np.array([OWN_M, KIND_M]) ** 2 / grid_m2
    told = by_code(areal, "residents_share")
    assert [told[grid_code(0, 0)], told[grid_code(3, 1)]] == pytest.approx(shares, rel=FAR)
    assert np.isnan(told[grid_code(1, 1)])
    assert areal.reach.whole_basis == "areal"
    assert areal.reach.whole_residents_share == pytest.approx((shares * (3, 1)).sum() / 4, rel=FAR)
    tell(own_house, "building", "households", H1=30, H2=10, H3=5)
    found = ask(own_house)
    at = {code: i for i, code in enumerate(found.areas.codes)}
    assert found.reach.basis(at[grid_code(0, 0)]) == "households"
    assert found.reach.basis(at[grid_code(1, 0)]) == "households"  # though nobody told residents
    assert found.reach.basis(at[grid_code(3, 1)]) == "areal"
    assert found.reach.basis(at[grid_code(1, 1)]) is None
    share = found.reach.residents_share
    assert [share[at[grid_code(0, 0)]], share[at[grid_code(1, 0)]]] == [0.75, 0.0]
    assert found.reach.whole_basis == "mixed"
    whole = (300 * 0.75 + 100 * shares[1]) / 400
    assert found.reach.whole_residents_share == pytest.approx(whole, rel=FAR)
    # of two overlays that lie over each other a house stands in both
    overlay = ask(own_house, "dedicated_grid")
    assert by_code(overlay, "households") == {"A1": 5.0, "B1": 45.0, "B2": 0.0, "Z9": 0.0}
    assert by_code(overlay, "households_reached")["B1"] == 30.0
    assert by_code(ask(own_house, "building"), "residents_share") == {
        "H1": 1.0,
        "H2": 0.0,
        "H3": 0.0,
    }


def test_an_answer_is_kept_until_a_figure_or_an_entry_changes(own_house):
    found = ask(own_house)
    assert ask(own_house) is found
    tell(own_house, "grid", "residents", **{grid_code(0, 0): 300})
    told = ask(own_house)
    assert told is not found
    own_house.registers.withdraw(CALLER, "facility", "F2")
    assert [each.code for each in ask(own_house).facilities.entries] == ["F1"]


def test_gaps_go_out_as_polygons_of_the_areas_that_have_any(house, tmp_path):
    found = house.reach.write_gaps(CALLER, ReachQuery("grid"), tmp_path / "gaps.gpkg")
    table = read_features(tmp_path / "gaps.gpkg")
    codes = table.columns["code"]
    assert codes == list(found.found.areas.codes)
    hole, whole = codes.index(grid_code(0, 0)), codes.index(grid_code(1, 1))
    assert len(table.geometries[hole].interiors) == 1
    assert table.geometries[whole].equals_exact(found.found.areas.geometries[whole])
    left = np.array(table.columns["gap_m2"]) / area_m2(found.found.areas.geometries)
    assert left == pytest.approx(1 - np.array(table.columns["ground_share"]), abs=2e-3)
    served = house.reach.write_gaps(CALLER, ReachQuery("building"), tmp_path / "gaps.geojson")
    assert read_features(tmp_path / "gaps.geojson").columns["code"] == ["H2", "H3"]
    assert served.gaps.geometries[0] is None
