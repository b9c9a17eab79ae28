"""Laws of intake over any sequence of reports: counts add up, state is the fold of events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from geo_service.governance.event import Event, fold, state_to_values
from geo_service.layers.assignment.ambiguity import judged
from geo_service.layers.assignment.rule import assign
from geo_service.services.issues.assignments import chain_links
from geo_service.services.service_set import ServiceSet
from geo_service.storage.issue_queries import IssueFilter
from tests.databases import KeptCopy, is_postgresql, kept_copy, put_copy
from tests.examples import examples
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    SOUTH,
    STEP,
    WEST,
    Clock,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    street_boundaries,
    swapped_street,
)

A_HOUSE_EACH = settings(max_examples=examples(25))

# On the borders, in the middle of grids, and outside near and far; 9 is text that is no number.
ordinates = st.sampled_from([-0.2, 0, 0.5, 1, 1.5, 2, 30, 9])
kinds = st.sampled_from(["open", "closed"])


@st.composite
def tickets(draw):
    cells = {
        "source": draw(st.sampled_from(["complaint", "nobody"]) | st.just("complaint")),
        "external_id": draw(st.sampled_from("ABC")),
        "reported_at": draw(st.sampled_from(["2026-11-01 08:00", "2020-01-01"])),
        "title": draw(st.sampled_from([None, "井盖", "-0.0"])),
        "status": draw(kinds),
    }
    if cells["status"] == "closed":
        cells["closed_at"] = draw(st.sampled_from([None, "2026-11-02 08:00", "2019-01-01"]))
    if draw(st.booleans()):
        x, y = draw(ordinates), draw(ordinates)
        place = {"x": "十" if x == 9 else WEST + x * STEP, "y": SOUTH + y * STEP}
        cells |= {**place, "frame": draw(st.sampled_from(["EPSG:4490", "GCJ02", "EPSG:99"]))}
        cells["accuracy_m"] = draw(st.sampled_from([None, 0.0, 30.0, 500.0]))
    return cells


PUBLISH = "publish"
steps = st.lists(st.lists(tickets(), min_size=1, max_size=6) | st.just(PUBLISH), max_size=6)


@cache
def new_street() -> KeptCopy:
    """Return the database of a house with a street: faster to copy than to make."""
    with TemporaryDirectory() as folder:
        house = open_house(Path(folder))
        publish_street(house)
        house.close()
        return kept_copy(Path(folder))


@contextmanager
def house_with_street() -> Iterator[ServiceSet]:
    with TemporaryDirectory() as folder:
        put_copy(new_street(), Path(folder))
        house = open_house(Path(folder), clock=Clock())
        yield house
        house.close()


def publish_swapped(house, number: int) -> None:
    """Publish the street with two grids in each other's place, and back again."""
    content = swapped_street() if number % 2 else street_boundaries()
    publish_areas(house, content, on=number, effective_from_s=LONG_AGO_S + number)


def play(house, steps, *, is_updating=True):
    """Take every step and return the answers to the batches."""
    answers, published = [], 1
    for step in steps:
        house.workspace.now_s.now_s += 60
        if step == PUBLISH:
            publish_swapped(house, published)
            published += 1
        else:
            answers.append(house.issues.batch(CALLER, step, is_updating=is_updating))
    return answers


def rows_of(house):
    return house.issues.issues(CALLER, IssueFilter(), limit=1000).rows


def events_of(house, issue_id):
    query = text(
        "SELECT kind, at_s, payload, state FROM issue_events WHERE issue_id = :id ORDER BY id"
    )
    with house.workspace.database.read() as connection:
        return connection.execute(query, {"id": issue_id}).all()


def without_traces(row):
    """Return what a row says, apart from the order in which it came."""
    kept = [{**each, "issue_id": None} for each in row["assignments"]]
    return {**row, "id": None, "assignments": kept}


@A_HOUSE_EACH
@given(steps, st.booleans())
def test_every_row_has_one_result_and_the_counts_add_up(steps, is_updating):
    with house_with_street() as house:
        answers = play(house, steps, is_updating=is_updating)
        batches = [step for step in steps if step != PUBLISH]
        for batch, answer in zip(batches, answers, strict=True):
            assert [result["row"] for result in answer["results"]] == list(range(1, len(batch) + 1))
            assert sum(answer["counts"].values()) == len(batch)
            assert is_updating or answer["counts"]["updated"] == 0
        added = sum(answer["counts"]["added"] for answer in answers)
        assert len(rows_of(house)) == added


@A_HOUSE_EACH
@given(steps)
def test_the_state_of_an_issue_is_the_fold_of_its_events(steps):
    with house_with_street() as house:
        play(house, steps)
        for row in rows_of(house):
            events = []
            for kind, at_s, payload, state in events_of(house, row["id"]):
                events.append(Event(kind, datetime.fromtimestamp(at_s, UTC), json.loads(payload)))
                assert state_to_values(fold(events)) == json.loads(state)
            final = fold(events)
            assert final.status == row["status"]
            assert (final.closed_at is None) == (row["closed_at_s"] is None)
            for name in ("source", "external_id", "source_frame", "category_major"):
                assert final.values[name] == row[name]


@A_HOUSE_EACH
@given(steps)
def test_what_is_stored_is_what_was_told_last(steps):
    with house_with_street() as house:
        answers = play(house, steps)
        last = {}
        batches = [step for step in steps if step != PUBLISH]
        for batch, answer in zip(batches, answers, strict=True):
            for cells, result in zip(batch, answer["results"], strict=True):
                if result["outcome"] != "rejected":
                    last[cells["external_id"]] = cells
        stored = {row["external_id"]: row for row in rows_of(house)}
        assert stored.keys() == last.keys()
        for key, cells in last.items():
            assert stored[key]["status"] == cells["status"]
            assert stored[key]["title"] == cells["title"]
            assert (stored[key]["x"], stored[key]["y"]) == (cells.get("x"), cells.get("y"))
        again = [batch for batch in [list(last.values())] if batch]
        for answer in play(house, again):
            assert answer["counts"]["unchanged"] == len(last)


@A_HOUSE_EACH
@given(st.lists(tickets(), max_size=6), st.integers(0, 6), st.booleans())
def test_where_a_list_is_cut_makes_no_difference(rows, cut, is_updating):
    found = []
    for batches in ([rows], [rows[:cut], rows[cut:]], [[row] for row in rows]):
        with house_with_street() as house:
            counts = [house.issues.batch(CALLER, each, is_updating=is_updating) for each in batches]
            told = [
                (r["outcome"], r.get("changed_fields"))
                for answer in counts
                for r in answer["results"]
            ]
            stored = [(without_traces(row), events_of(house, row["id"])) for row in rows_of(house)]
            found.append((told, stored))
    assert found[0][0] == found[1][0] == found[2][0]
    for _, stored in found[1:]:
        assert sorted(map(repr, stored)) == sorted(map(repr, found[0][1]))


@A_HOUSE_EACH
@given(
    st.lists(tickets(), max_size=3, unique_by=lambda t: (t["source"], t["external_id"])), st.data()
)
def test_the_order_of_different_tickets_makes_no_difference(rows, data):
    found = []
    for order in (rows, data.draw(st.permutations(rows))):
        with house_with_street() as house:
            house.issues.batch(CALLER, order, is_updating=True)
            found.append(sorted(repr(without_traces(row)) for row in rows_of(house)))
    assert found[0] == found[1]


@A_HOUSE_EACH
@given(steps)
def test_every_open_issue_has_the_owner_of_a_fresh_locate(steps):
    with house_with_street() as house:
        play(house, steps)
        rows = [row for row in rows_of(house) if row["status"] == "open"]
        names = ("lon", "lat", "accuracy_m")
        lon, lat, accuracy_m = (np.array([r[n] for r in rows], dtype=np.float64) for n in names)
        workspace = house.workspace
        with workspace.database.read() as connection:
            locator = workspace.locator(connection, workspace.edition(connection))
        for family in workspace.layers.families if rows else ():
            fresh = judged(
                locator,
                assign(locator, family, lon=lon, lat=lat),
                lon=lon,
                lat=lat,
                accuracy_m=accuracy_m,
                certain_share=workspace.profile.certain_share,
            )
            links = chain_links(locator, fresh.assignments)
            for i, row in enumerate(rows):
                [kept] = [each for each in row["assignments"] if each["family"] == family]
                assert (kept["rule"], kept["status"]) == (
                    fresh.assignments.rules[i],
                    fresh.statuses[i],
                )
                assert kept["links"] == [list(link) for link in links[i]]


def test_an_issue_that_is_open_again_gets_the_owner_of_the_boundaries_in_force():
    lon, lat = WEST + STEP / 2, SOUTH + STEP / 2
    place = {"x": lon, "y": lat, "frame": "EPSG:4490"}
    cells = {"source": "complaint", "external_id": "A", "reported_at": "2026-11-01", **place}
    with house_with_street() as house:
        play(house, [[{**cells, "status": "closed"}], PUBLISH])
        [before] = rows_of(house)
        play(house, [[{**cells, "status": "open"}]])
        [after] = rows_of(house)
    assert [each["links"][-1][1] for each in before["assignments"]] == [grid_code(0, 0)]
    assert [each["links"][-1][1] for each in after["assignments"]] == [grid_code(1, 0)]
    assert [each["edition"] for each in after["assignments"]] == [2]


def test_the_same_place_written_with_another_zero_is_unchanged():
    cells = {"source": "complaint", "external_id": "A", "reported_at": "2026-11-01"}
    place = {"y": SOUTH, "frame": "EPSG:4490"}
    with house_with_street() as house:
        answers = play(house, [[{**cells, **place, "x": x}] for x in (0.0, -0.0)])
        assert [answer["results"][0]["outcome"] for answer in answers] == ["added", "unchanged"]
        assert len(events_of(house, 1)) == 1


def test_a_key_that_stands_a_thousand_times_takes_no_more_statements_than_one_that_stands_twice():
    many, few = (statements_of_one_key(times=times) for times in (1000, 2))
    if is_postgresql():  # COPY, for the many, passes by who watches statements
        assert len(many) <= len(few)
    else:
        assert many == few


def statements_of_one_key(*, times: int) -> list[str]:
    cells = {"source": "complaint", "external_id": "A", "reported_at": "2026-11-01"}
    statements = []
    with house_with_street() as house:
        event.listen(
            house.workspace.database._engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, *_: statements.append(statement),
        )
        [answer] = play(house, [[{**cells, "title": f"{i % 2}"} for i in range(times)]])
        assert answer["counts"]["updated"] == times - 1
        assert len(events_of(house, 1)) == times
    assert statements
    return statements
