"""What is told of a redraw beforehand is what publication does, and nobody is lost on the way."""

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geo_service.analysis.impact import shared, transfers
from geo_service.services.handling.deciding import DecisionAsked
from geo_service.services.impact.look import ImpactOptions
from geo_service.services.issues.recounts import recounted_positions
from geo_service.storage import issue_queries
from geo_service.storage.figures import Figure
from geo_service.storage.issue_queries import IssueFilter
from tests.databases import kept_copy, put_copy
from tests.examples import examples
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    SOUTH,
    STEP,
    WEST,
    Clock,
    open_house,
    publish_areas,
)
from tests.impacts import both_ways
from tests.squares import NO_GRIDS, PARENTS, START, cell_changes, content_of, parent_changes

A_HOUSE_EACH = settings(max_examples=examples(25))
PLACES = [(x / 4, y / 4) for x in range(-4, 21) for y in range(-4, 13)][::3]
RADII_M = [None, 5.0, 40.0, None, 150.0, 1200.0]
DECIDED = {3: "a", 30: "b", 60: "d", 90: "b"}
"""Issues by their number, and the grid that a person gave each to; some lie far from it."""
PEOPLE = {"a": (101, 240), "b": (7, 20), "c": (0, 1), "d": (58, 149), "x": (108, 260)}

counts = arrays.arrays(np.int64, st.integers(1, 6), elements=st.integers(-1, 10_000))


@st.composite
def counts_and_weights(draw):
    found = draw(counts)
    weights = st.one_of(st.just(0.0), st.floats(1e-6, 1e9))
    shape = (len(found), draw(st.integers(1, 6)))
    return found, draw(arrays.arrays(np.float64, shape, elements=weights))


@given(counts_and_weights())
def test_every_row_shares_out_all_it_has_and_no_one_gets_more_than_a_person_too_many(drawn):
    found, weights = np.maximum(drawn[0], 0), drawn[1]
    moved = transfers(found, weights)
    assert (moved.sum(axis=1) == found).all()
    assert (moved >= 0).all()
    totals = weights.sum(axis=1, keepdims=True)
    has_weight = totals[:, 0] > 0
    assert (moved[has_weight][weights[has_weight] == 0] == 0).all()
    assert (moved[~has_weight, :-1] == 0).all()
    quotas = found[has_weight, None] * weights[has_weight] / totals[has_weight]
    assert (np.abs(moved[has_weight] - quotas) < 1 + 1e-9).all()


@given(counts_and_weights())
def test_what_new_areas_and_nobody_have_is_what_known_old_areas_had(drawn):
    found = shared(*drawn)
    assert found.totals.sum() + found.moved[:, -1].sum() == drawn[0][drawn[0] > 0].sum()
    assert not (found.is_known & (drawn[1][drawn[0] < 0, :-1] > 0).any(axis=0)).any()


@cache
def house_with_issues():
    with TemporaryDirectory() as folder:
        house = open_house(Path(folder), clock=Clock())
        publish_areas(house, content_of(START, PARENTS), on=0)
        rows = [
            {
                "source": "complaint",
                "external_id": str(number),
                "reported_at": "2026-11-20 08:00",
                "status": "closed" if number % 7 == 0 else "open",
                "frame": "EPSG:4490",
                "x": WEST + x * STEP,
                "y": SOUTH + y * STEP,
                "accuracy_m": RADII_M[number % len(RADII_M)],
            }
            for number, (x, y) in enumerate(PLACES)
        ]
        house.issues.batch(CALLER, rows, is_updating=False)
        stored = house.issues.issues(CALLER, IssueFilter(), limit=10_000).rows
        ids = {int(row["external_id"]): row["id"] for row in stored}
        for number, code in DECIDED.items():
            asked = DecisionAsked("grid", code, "现场核实", "派单员", None)
            house.decisions.decide(CALLER, ids[number], asked, newest_event=None)
        figures = [
            Figure("community" if code == "x" else "grid", code, name, str(value), LONG_AGO_S, "")
            for code, values in PEOPLE.items()
            for name, value in zip(("households", "residents"), values, strict=True)
        ]
        house.figures.add(CALLER, figures)
        house.close()
        return kept_copy(Path(folder))


@contextmanager
def opened():
    with TemporaryDirectory() as folder:
        put_copy(house_with_issues(), Path(folder))
        house = open_house(Path(folder), clock=Clock())
        yield house
        house.close()


def owners(house):
    rows = house.issues.issues(CALLER, IssueFilter(status="open"), limit=10_000).rows
    return {row["id"]: tuple(map(tuple, row["assignments"][0]["links"])) for row in rows}


def told_again(house, after_id):
    with house.workspace.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT id, issue_id, kind FROM issue_events").all()
    return {row.issue_id for row in rows if row.kind == "reassigned" and row.id > after_id}


def last_event(house):
    with house.workspace.database.read() as connection:
        return connection.exec_driver_sql("SELECT max(id) FROM issue_events").scalar()


def assert_counts_are_those_of_a_recount(house, impact):
    workspace = house.workspace
    with workspace.database.read() as connection:
        edition = workspace.edition(connection)
        found = issue_queries.issue_columns(connection, IssueFilter())
        for layer in impact.layers:
            at = recounted_positions(workspace, connection, edition, layer.layer, found)
            codes = workspace.locator(connection, edition).areas(layer.layer).position_by_code
            for area in layer.areas:
                if area.after is not None:
                    is_own = at == codes[area.code]
                    told = (area.after.open_issues, area.after.year_issues)
                    assert told == ((is_own & found.is_open).sum(), is_own.sum())


def agree(house, layer, first, second):
    terms = {"within_m": 30.0, "document": "示例〔2026〕1号", "effective_from": "2020-01-01"}
    codes = {"layer": layer, "first_code": first, "second_code": second, "owner_code": second}
    house.agreements.record(CALLER, {**codes, **terms})


@A_HOUSE_EACH
@given(
    cell_changes,
    parent_changes,
    st.sampled_from([True, True, True, False]),
    st.sampled_from([None, None, ("grid", "b", "c"), ("community", "x", "y")]),
)
def test_publication_relocates_what_was_told_beforehand_and_counts_what_was_counted(
    cells, parents, has_grids, agreed
):
    content = content_of(START | cells, PARENTS | parents)
    content = content if has_grids else {**content, "grid": NO_GRIDS}
    with opened() as house:
        if agreed is not None:
            agree(house, *agreed)
        with house.workspace.database.read() as connection:
            base = house.workspace.edition(connection)
            old = content_of(START, PARENTS)
            options = ImpactOptions(listed=10_000)
            told = both_ways(house, connection, base, (old, content), options)
        before, newest = owners(house), last_event(house)
        publish_areas(house, content, on=1)
        after = owners(house)
        changes = {each.issue_id: each for each in told.owners.listed}
        assert changes.keys() == told_again(house, newest)
        assert told.owners.total == len(changes)
        for row_id, change in changes.items():
            assert change.old == (before[row_id][-1] if before[row_id] else None)
            assert change.new == (after[row_id][-1] if after[row_id] else None)
        moved = {each for each in before if before[each][-1:] != after[each][-1:]}
        assert {each.issue_id for each in changes.values() if each.is_other_owner} == moved
        assert_counts_are_those_of_a_recount(house, told)
        again = house.impact.between_editions(CALLER, 1, 2, options)
        assert [each.layer for each in again.layers] == [each.layer for each in told.layers]
        assert again.owners == told.owners
    for layer in told.layers:
        for total in layer.sums.values():
            if None not in (total.before, total.after, total.to_nobody):
                assert total.before == total.after + total.to_nobody
