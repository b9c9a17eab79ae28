"""Who is told that issues have another owner: each open one once, with the old and the new owner.

What goes out is read from the log of events (decision 19); a receiver hears it over a connection.
"""

from dataclasses import replace

import pytest

from geo_service.layers.redraw.asked.operation import Merge, Rename
from geo_service.services.callers import SCHEDULE
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.services.rollbacks.rollbacks import RollbackOptions
from tests.drafting import NOW, A, B, C, D, begin, grid
from tests.hooked_houses import hook
from tests.houses import CALLER, NOW_S
from tests.integration.test_decisions import decide
from tests.receivers import receiving

DAY_S = 86_400
LATER = PublicationAsked("下周一起", effective_from_s=NOW_S + DAY_S)
PAST = PublicationAsked("当时就错了", effective_from_s=NOW_S - DAY_S, is_correction=True)
WHY = RollbackOptions("画错了")


class Listening:
    """A house with an open and a closed issue in A, one in C, and what a receiver heard of them."""

    def __init__(self, hooked, receiver):
        self.hooked, self.house, self.receiver = hooked, hooked.house, receiver
        self.issue = hooked.report("open", place=(0, 0))
        hooked.report("elsewhere", place=(0, 1))
        hooked.report("closed", place=(0, 0))
        hooked.report("closed", place=(0, 0), status="closed")
        hooked.add(receiver)

    def publish(self, asked, *steps):
        draft = begin(self.house)
        for step in steps:
            self.house.drafts.perform(CALLER, draft, step)
        return self.house.draft_publications.publish(CALLER, draft, asked)

    def news(self, wait_s=1):
        """Return issue, old grid, new grid and edition of each move heard since the last time."""
        before = len(self.receiver.taken())
        self.hooked.wait(wait_s)
        self.house.schedule.apply_due_editions(SCHEDULE)
        self.hooked.wait(0)
        self.hooked.wait(0)
        heard = [each["data"] for each in self.receiver.taken()[before:]]
        assert {each["kind"] for each in heard} <= {"reassigned"}
        return [
            (
                each["issue"]["id"],
                each["moved"]["before"][-1]["code"],
                each["moved"]["after"][-1]["code"],
                each["moved"]["edition"],
            )
            for each in heard
        ]


@pytest.fixture
def listening(tmp_path):
    with receiving(tmp_path) as receiver:
        hooked = hook(tmp_path, receiver)
        yield Listening(hooked, receiver)
        hooked.house.close()


def taken_by(keep, gone):
    return Merge((grid(keep), grid(gone)), keep)


def test_a_draft_that_is_published_at_once_tells_the_new_owner_once(listening):
    assert listening.publish(NOW, taken_by(B, A)).number == 2
    assert listening.news() == [(listening.issue, A, B, 2)]
    listening.publish(NOW, Rename(grid(D), name="改名"))
    assert listening.news() == []


def test_a_scheduled_draft_tells_the_new_owner_at_its_moment(listening):
    listening.publish(LATER, taken_by(B, A))
    assert listening.news() == []
    assert listening.news(DAY_S) == [(listening.issue, A, B, 2)]
    assert listening.news(DAY_S) == []


def test_a_scheduled_draft_that_is_published_again_on_another_one_tells_it_once(listening):
    listening.publish(LATER, taken_by(B, A))
    listening.publish(NOW, taken_by(D, C))
    [(moved, *owners)] = listening.news()
    assert (moved, owners) == (listening.issue + 1, [C, D, 3])
    assert listening.news(DAY_S) == [(listening.issue, A, B, 4)]


def test_a_correction_that_is_in_force_today_tells_the_new_owner_once(listening):
    listening.publish(PAST, taken_by(B, A))
    assert listening.news() == [(listening.issue, A, B, 2)]


def test_a_correction_of_what_is_past_moves_nobody_of_today(listening):
    draft = begin(listening.house)
    listening.house.drafts.perform(CALLER, draft, taken_by(B, A))
    listening.publish(NOW, Rename(grid(D), name="改名"))
    past = replace(PAST, effective_from_s=NOW_S - DAY_S)
    assert listening.house.draft_publications.publish(CALLER, draft, past).uncorrected
    assert listening.news() == []


@pytest.mark.parametrize("way", ["restore", "revert"])
def test_what_is_taken_back_tells_the_former_owner_once(listening, way):
    listening.publish(NOW, taken_by(B, A))
    assert listening.news() == [(listening.issue, A, B, 2)]
    rollbacks = listening.house.rollbacks
    act = {"restore": rollbacks.restore, "revert": rollbacks.revert}[way]
    act(CALLER, {"restore": 1, "revert": 2}[way], WHY)
    assert listening.news() == [(listening.issue, B, A, 3)]
    act(CALLER, {"restore": 1, "revert": 2}[way], WHY)
    assert listening.news() == []


def test_a_scheduled_draft_that_is_taken_back_before_its_moment_tells_nothing(listening):
    listening.publish(LATER, taken_by(B, A))
    listening.house.rollbacks.revert(CALLER, 2, WHY)
    assert listening.news(DAY_S) == []


def test_an_owner_that_a_person_named_is_told_when_that_area_ends_and_not_before(listening):
    decide(listening.house, listening.issue, C)
    assert [each[1:3] for each in listening.news()] == [(A, C)]
    listening.publish(NOW, taken_by(B, A))
    assert listening.news() == []
    listening.publish(NOW, taken_by(D, C))
    assert {(each[0], *each[1:3]) for each in listening.news()} == {
        (listening.issue, C, B),
        (listening.issue + 1, C, D),
    }
