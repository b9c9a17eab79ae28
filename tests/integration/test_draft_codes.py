"""A code stands for one place for ever, whoever publishes it while others draw."""

import pytest

from geo_service.errors import CodeRetired
from geo_service.layers.redraw.asked.operation import Rename
from geo_service.services.rollbacks.rollbacks import RollbackOptions
from tests.drafting import NOW, C, D, across, begin, grid
from tests.houses import CALLER, open_house, publish_street


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    yield house
    house.close()


def test_a_code_that_another_draft_published_meanwhile_is_not_given_in_this_one(house):
    first, second = begin(house), begin(house)
    house.drafts.perform(CALLER, first, Rename(grid(D), name="看过一眼"))  # it is in memory now
    house.drafts.perform(CALLER, second, across())
    house.draft_publications.publish(CALLER, second, NOW)
    with pytest.raises(CodeRetired):
        house.drafts.perform(CALLER, first, Rename(grid(C), code="N1"))
    house.drafts.perform(CALLER, first, Rename(grid(C), code="N7"))


def test_a_draft_whose_code_was_published_and_taken_back_for_other_ground_is_refused(house):
    first, second = begin(house), begin(house)
    house.drafts.perform(CALLER, first, across(D, codes=("N1", "N5"), x=1.5, y=1))
    house.drafts.perform(CALLER, second, across())
    taken = house.draft_publications.publish(CALLER, second, NOW)
    house.rollbacks.revert(CALLER, taken.number, RollbackOptions("画错了"))
    house.draft_publications.rebase(CALLER, first)  # what stands is as it was
    with pytest.raises(CodeRetired, match="N1"):
        house.draft_publications.publish(CALLER, first, NOW)
    assert len(house.editions.editions(CALLER)) == 3
    house.drafts.perform(CALLER, first, Rename(grid("N1"), code="N6"))
    assert house.draft_publications.publish(CALLER, first, NOW).number == 4
