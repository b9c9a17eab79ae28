"""How even areas are before anything is drawn, against counts made by hand."""

import pytest

from geo_service.errors import EditionNotFound, UnknownLayer
from geo_service.layers.redraw.asked.operation import Merge
from geo_service.services.impact.look import ImpactOptions
from geo_service.services.impact.result import MEASURES
from tests.drafting import NOW, A, B, C, D, begin, grid
from tests.houses import CALLER, Clock, open_house, publish_street
from tests.impacts import report
from tests.served_houses import tell

WEST_COMMUNITY, EAST_COMMUNITY = "9990010101", "9990010102"


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    yield house
    house.close()


def measured(found, parent, measure):
    [told] = [each for each in found.parents if each.parent == parent]
    [one] = [each for each in told.measures if each.measure == measure]
    return one


def test_each_parent_tells_its_least_and_its_most(house):
    tell(house, "grid", "households", **{A: 30, B: 10, C: 20})
    found = house.evenness.evenness(CALLER, 1, "grid")
    assert (found.edition, [each.parent for each in found.parents]) == (
        1,
        [WEST_COMMUNITY, EAST_COMMUNITY],
    )
    assert [(each.name, each.areas) for each in found.parents] == [("西社区", 4), ("东社区", 4)]
    west = measured(found, WEST_COMMUNITY, "households")
    # three of four are known: 10 to 30 is three times as many
    told = west.balance
    assert (told.count, told.unknown, told.least, told.most) == (3, 1, 10, 30)
    assert (told.ratio, west.least_code, west.most_code) == (3.0, B, A)
    nobody = measured(found, EAST_COMMUNITY, "households")
    assert (nobody.balance.count, nobody.least_code, nobody.most_code) == (0, None, None)
    assert [each.measure for each in found.whole.measures] == list(MEASURES)
    assert found.whole.areas == 8


def test_issues_are_counted_with_their_owner_and_areas_by_square_meters(house):
    report(house, (0.5, 0.5), (0.5, 0.6), (1.5, 0.5))
    found = house.evenness.evenness(CALLER, 1, "grid")
    west = measured(found, WEST_COMMUNITY, "open_issues")
    assert (west.balance.least, west.balance.most, west.most_code) == (0, 2, A)
    # the same square everywhere, but for what a degree of longitude is shorter farther north
    ground = measured(found, WEST_COMMUNITY, "area_m2").balance
    assert ground.ratio == pytest.approx(1.0, abs=1e-4)


def test_an_issue_more_and_another_figure_are_told_at_once(house):
    first = house.evenness.evenness(CALLER, 1, "grid")
    assert house.evenness.evenness(CALLER, 1, "grid") is first
    report(house, (0.5, 0.5))
    second = house.evenness.evenness(CALLER, 1, "grid")
    assert measured(second, WEST_COMMUNITY, "open_issues").balance.most == 1
    tell(house, "grid", "households", **{A: 30})
    third = house.evenness.evenness(CALLER, 1, "grid")
    assert measured(third, WEST_COMMUNITY, "households").balance.most == 30


def test_it_is_what_the_impact_of_a_draft_tells_before_and_after_publication(house):
    tell(house, "grid", "households", **{A: 30, B: 10, C: 20, D: 5})
    report(house, (0.5, 0.5))
    draft = begin(house)
    house.drafts.perform(CALLER, draft, Merge((grid(A), grid(B)), A))
    [grids] = house.draft_impact.impact(CALLER, draft, ImpactOptions()).layers
    told = {each.measure: each for each in grids.balances if each.parent == WEST_COMMUNITY}
    assert told.keys() == set(MEASURES)
    house.draft_publications.publish(CALLER, draft, NOW)
    for number, side in ((1, "before"), (2, "after")):
        found = house.evenness.evenness(CALLER, number, "grid")
        for measure in {*MEASURES} - {"households", "residents", "staff"}:
            is_told, stood = getattr(told[measure], side), measured(found, WEST_COMMUNITY, measure)
            assert vars(stood.balance) == pytest.approx(vars(is_told), rel=1e-9), measure
    before = measured(house.evenness.evenness(CALLER, 1, "grid"), WEST_COMMUNITY, "households")
    assert before.balance == told["households"].before


def test_a_layer_without_parents_is_told_as_one_and_what_is_not_there_is_refused(house):
    found = house.evenness.evenness(CALLER, 1, "district")
    assert [(each.parent, each.areas) for each in found.parents] == [(None, 1)]
    with pytest.raises(EditionNotFound):
        house.evenness.evenness(CALLER, 9, "grid")
    with pytest.raises(UnknownLayer):
        house.evenness.evenness(CALLER, 1, "moon")
