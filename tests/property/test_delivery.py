"""Whatever fails, and whenever what is on its way is lost: in order for each issue, at least once.

The receiver, the log and the process that is killed are played here; what is asked is the plan of
each round and what remains after it.
"""

from hypothesis import given
from hypothesis import strategies as st

from geo_service.governance.delivery.lane import (
    MOST_WAITING,
    OUTAGE_LANES,
    Refusal,
    Waiting,
    due_lanes,
    failing_lanes,
    headed,
    is_out,
    may_begin,
    settled,
    with_new,
)
from geo_service.governance.delivery.retry import RetryRules

PIECE = 5
FAILED, UNSENT = Refusal("status 500"), Refusal("the round was over before it was its turn")


class House:
    """The log, what one receiver was given, and the rows that a database would keep."""

    def __init__(self, log, rules):
        self.log, self.rules = log, rules
        self.cursor, self.taken, self.now_s = 0, 0, 0
        self.waiting, self.dead, self.received = [], [], []

    def round(self, draw_answer, *, is_killed=False):
        due = due_lanes(self.waiting, taken=self.taken, now_s=self.now_s)
        new = []
        if may_begin(self.waiting, taken=self.taken):
            piece = list(enumerate(self.log, 1))[self.cursor : self.cursor + PIECE]
            new = [Waiting(number, issue) for number, issue in piece]
        answers = {}
        for lane in with_new(due, self.waiting, new):
            assert len({self.log[number - 1] for number in lane.event_ids}) == 1
            for number in lane.event_ids:
                answer = draw_answer(lane.issue_id, number)
                if answer is not UNSENT:
                    answers[number] = answer
                if answer is not None:
                    break
                self.received.append(number)
        if is_killed:
            return
        after = settled(
            [*self.waiting, *new],
            answers,
            rules=self.rules,
            taken=self.taken,
            now_s=self.now_s,
            draws=dict.fromkeys(answers, 0.5),
        )
        self.cursor += len(new)
        self.taken += after.taken
        self.waiting = list(after.waiting)
        self.dead += after.dead

    def first_times(self, issue):
        """Events of an issue in the order in which the receiver took each for the first time."""
        return [n for n in dict.fromkeys(self.received) if self.log[n - 1] == issue]

    def is_over(self):
        return self.cursor == len(self.log) and not self.waiting


LOGS = st.lists(st.integers(1, 6), min_size=1, max_size=30)
NEVER_DEAD = RetryRules(1, 8, dead_after_s=10**9, dead_after_tries=10**9)


@given(LOGS, st.data())
def test_every_event_arrives_in_the_order_of_its_issue_whatever_fails_and_is_killed(log, data):
    house = House(log, NEVER_DEAD)
    for _ in range(data.draw(st.integers(0, 25))):
        house.round(
            lambda *_: data.draw(st.sampled_from([None, FAILED, UNSENT])),
            is_killed=data.draw(st.booleans()),
        )
        house.now_s += data.draw(st.integers(0, 5))
        heads = [each for each in house.waiting if each.next_try_s is not None]
        assert len({each.issue_id for each in house.waiting}) == len(heads)
        assert house.waiting == headed(house.waiting, house.now_s)
    for _ in range(300):  # the receiver is well again
        house.now_s += 9
        house.round(lambda *_: None)
    assert house.is_over()
    for issue in set(log):
        assert house.first_times(issue) == [n for n, each in enumerate(log, 1) if each == issue]


@given(LOGS, st.sets(st.integers(1, 6), max_size=OUTAGE_LANES - 1), st.integers(1, 4))
def test_issues_that_always_fail_hold_up_no_other_and_end_as_dead_letters(log, bad, tries):
    house = House(log, NEVER_DEAD._replace(dead_after_tries=tries))
    good = [n for n, issue in enumerate(log, 1) if issue not in bad]
    rounds = -(-len(log) // PIECE)
    for _ in range(rounds):  # no time passes: nothing is tried again, and nothing waits for that
        house.round(lambda issue, _: Refusal("status 400") if issue in bad else None)
    assert sorted(house.received) == good
    for _ in range(len(log) * tries):
        house.now_s += 9
        house.round(lambda issue, _: Refusal("status 400") if issue in bad else None)
    assert house.is_over()
    assert sorted(each.event_id for each in house.dead) == sorted(
        set(range(1, len(log) + 1)) - set(good)
    )
    assert all(each.tries == tries and each.failure == "status 400" for each in house.dead)
    for issue in bad:  # a dead letter lets the next one of its issue go
        numbers = [each.event_id for each in house.dead if log[each.event_id - 1] == issue]
        assert numbers == sorted(numbers)


def test_a_receiver_that_is_out_gets_one_probe_at_a_time_and_everything_at_once_when_it_is_back():
    log = [*range(1, 21)]
    house = House(log, NEVER_DEAD)
    house.round(lambda _, number: Refusal("timeout 10") if number < PIECE else UNSENT)
    assert is_out(failing_lanes(house.waiting, taken=0))
    assert (house.cursor, len(house.waiting)) == (PIECE, PIECE)
    for _ in range(50):
        house.now_s += 9
        tried = []
        house.round(lambda issue, _, tried=tried: tried.append(issue) or Refusal("timeout 10"))
        assert len(tried) == 1
        assert (house.cursor, len(house.waiting)) == (PIECE, PIECE)
    house.now_s += 9
    house.round(lambda *_: None)
    assert house.taken == 1
    assert [each.next_try_s for each in house.waiting] == [house.now_s] * (PIECE - 1)
    for _ in range(5):
        house.round(lambda *_: None)
    assert house.is_over()


def test_what_waits_is_bounded_and_the_log_holds_the_rest():
    rows = [Waiting(n, n, tries=1, next_try_s=99) for n in range(1, MOST_WAITING)]
    assert may_begin(rows, taken=1)
    assert not may_begin([*rows, Waiting(5000, 5000, next_try_s=99)], taken=1)
