"""Whatever is decided and published, an issue is where a person said, else where it lies."""

from pathlib import Path
from tempfile import TemporaryDirectory

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.houses import (
    CALLER,
    SOUTH,
    STEP,
    WEST,
    grid_code,
    open_house,
    publish_street,
    square,
    street_boundaries,
)
from tests.integration.test_decisions import counts, decide, is_sound, kept, put, report, without

GRIDS = [grid_code(column, row) for row in range(2) for column in range(4)]
ISSUES = st.integers(0, 3)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("report"), ISSUES, st.tuples(st.floats(0, 4), st.floats(0, 2))),
        st.tuples(st.just("decide"), ISSUES, st.sampled_from(GRIDS)),
        st.tuples(st.just("withdraw"), ISSUES, st.none()),
        st.tuples(st.just("publish"), st.just(0), st.sampled_from([None, 0, 2])),
    ),
    min_size=4,
    max_size=12,
)


class Street:
    """A house, and beside it what was said and where things lie, for shapely to judge."""

    def __init__(self, folder):
        self.house = open_house(folder)
        publish_street(self.house)
        self.boundaries, self.edition = street_boundaries(), 1
        self.ids, self.said, self.place = {}, {}, {}

    def publish(self, _number, column):
        """Publish the street as it was, or with the two grids of a column as one."""
        self.boundaries = street_boundaries()
        if column is not None:
            gone, keep = grid_code(column, 1), grid_code(column, 0)
            shape = square(column, 0, 1, 2)
            self.boundaries = without(self.boundaries, gone, keep=keep, shape=shape)
        put(self.house, self.boundaries, self.edition)
        self.edition += 1

    def report(self, number, at):
        self.place[number] = (WEST + at[0] * STEP, SOUTH + at[1] * STEP)
        self.ids[number] = report(self.house, str(number), at=self.place[number])

    def decide(self, number, code):
        if number in self.ids and code in self.boundaries["grid"].codes:
            decide(self.house, self.ids[number], code)
            self.said[number] = code

    def withdraw(self, number, _):
        if number in self.ids:
            issue = self.ids[number]
            self.house.decisions.withdraw(CALLER, issue, role="dispatcher", newest_event=None)
            self.said.pop(number, None)

    def owner(self, number):
        grids = self.boundaries["grid"]
        if self.said.get(number) in grids.codes:
            return self.said[number]
        holds = shapely.intersects_xy(grids.geometries, *self.place[number])
        return min(code for code, is_in in zip(grids.codes, holds, strict=True) if is_in)


@settings(max_examples=examples(25))
@given(ACTS)
def test_every_open_issue_is_where_a_person_said_or_else_where_it_lies(acts):
    with TemporaryDirectory() as folder:
        street = Street(Path(folder))
        for kind, number, what in acts:
            getattr(street, kind)(number, what)
        owners = {issue: street.owner(number) for number, issue in street.ids.items()}
        assert {issue: kept(street.house, issue)[1] for issue in owners} == owners
        found = list(owners.values())
        assert counts(street.house) == {code: found.count(code) for code in found}
        assert is_sound(street.house)
        street.house.close()
