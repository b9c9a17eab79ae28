"""However editions and agreements follow each other, open issues have a fresh locate's owner."""

from datetime import datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.governance.moment import SHANGHAI
from geo_service.services.callers import SCHEDULE
from tests.examples import examples
from tests.houses import CALLER
from tests.property.test_relocation import (
    HOUR_S,
    PLACES,
    assert_owners_are_fresh,
    house_of_issues,
    put,
    report,
)
from tests.squares import GRIDS, NO_GRIDS, PARENTS, START, cell_changes, content_of

offsets = st.sampled_from([0, 0, -3, 1, 2])
pairs = st.sampled_from([("grid", *pair) for pair in pairwise(GRIDS)] + [("community", "x", "y")])
works = st.sampled_from(["record", "record", "withdraw", "publish", "schedule", "intake"])
rounds = st.lists(
    st.tuples(works, pairs, st.sampled_from("甲乙"), offsets, cell_changes, st.booleans()),
    min_size=3,
    max_size=7,
)


def moment(house, hours):
    at_s = house.workspace.now_s.now_s + hours * HOUR_S
    return datetime.fromtimestamp(at_s, SHANGHAI).isoformat()


def record(house, pair, owner, hours):
    layer, first, second = pair
    cells = {"layer": layer, "first_code": first, "second_code": second, "owner_code": owner}
    dates = {"effective_from": moment(house, hours), "effective_to": moment(house, hours + 3)}
    terms = {"within_m": 30.0, "document": "示例〔2026〕1号"}
    house.agreements.record(CALLER, {**cells, **terms, **dates})


@settings(max_examples=examples(20))
@given(rounds)
def test_whatever_is_agreed_and_published_every_open_issue_has_the_owner_of_a_fresh_locate(rounds):
    cells = START
    with house_of_issues() as house:
        put(house, content_of(cells, PARENTS), 0)
        for work, pair, owner, hours, changes, has_grids in rounds:
            if work == "record":
                record(house, pair, owner, hours)
            elif work == "withdraw":
                for listed in house.agreements.agreements(CALLER).agreements[:1]:
                    house.agreements.withdraw(CALLER, listed.agreement.number)
            elif work == "publish":
                cells = cells | changes
                content = content_of(cells, PARENTS)
                put(house, content if has_grids else {**content, "grid": NO_GRIDS}, hours)
            elif work == "intake":
                report(house, PLACES[1::29])
            else:
                house.schedule.apply_due_editions(SCHEDULE)
            assert_owners_are_fresh(house)
            house.workspace.now_s.now_s += max(hours, 0) * HOUR_S + 1
            house.schedule.apply_due_editions(SCHEDULE)
            assert_owners_are_fresh(house)
