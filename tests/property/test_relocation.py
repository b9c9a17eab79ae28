"""However editions follow each other, every open issue has the owner of a fresh locate."""

import json
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import PendingConflict
from geo_service.layers.assignment.ambiguity import judged
from geo_service.layers.assignment.rule import assign
from geo_service.services.callers import SCHEDULE
from geo_service.services.issues.assignments import candidate_texts, chain_links
from geo_service.storage.issue_queries import IssueFilter
from tests.databases import kept_copy, put_copy
from tests.examples import examples
from tests.houses import CALLER, SOUTH, STEP, WEST, Clock, open_house, publish_areas
from tests.squares import (
    NO_GRIDS,
    PARENTS,
    START,
    cell_changes,
    content_of,
    parent_changes,
)

HOUR_S = 3600
A_HOUSE_EACH = settings(max_examples=examples(25))

hours = st.sampled_from([0, 0, 0, -2, -1, 1, 2])
works = st.sampled_from(["nobody", "schedule", "intake"])
rounds = st.lists(
    st.tuples(cell_changes, parent_changes, st.booleans(), hours, hours, works),
    min_size=2,
    max_size=5,
)

# every quarter of a square, 24 or 27 m: corners, borders, insides, near ones and far ones
PLACES = [(x / 4, y / 4) for x in range(-4, 21) for y in range(-4, 13)]
# within a grid, over its borders, over half the street, and far over all of it
RADII_M = [None, 5.0, 40.0, None, 150.0, 1200.0]


@cache
def empty_house():
    with TemporaryDirectory() as folder:
        open_house(Path(folder)).close()
        return kept_copy(Path(folder))


@contextmanager
def house_of_issues():
    with TemporaryDirectory() as folder:
        put_copy(empty_house(), Path(folder))
        house = open_house(Path(folder), clock=Clock())
        report(house, PLACES[::3])
        yield house
        house.close()


def report(house, places):
    now_s = house.workspace.now_s.now_s
    rows = [
        {
            "source": "complaint",
            "external_id": f"{now_s}-{number}",
            "reported_at": "2026-11-20 08:00",
            "frame": "EPSG:4490",
            "x": WEST + x * STEP,
            "y": SOUTH + y * STEP,
            "accuracy_m": RADII_M[number % len(RADII_M)],
        }
        for number, (x, y) in enumerate(places)
    ]
    house.issues.batch(CALLER, rows, is_updating=False)


def put(house, content, hours):
    """Publish what takes effect hours ago, now, or in hours; what is in the way stays out."""
    effective_from_s = house.workspace.now_s.now_s + hours * HOUR_S
    number = len(house.editions.editions(CALLER))
    with suppress(PendingConflict):
        publish_areas(
            house, content, on=number, effective_from_s=effective_from_s, is_correction=True
        )


def assert_owners_are_fresh(house):
    workspace = house.workspace
    rows = house.issues.issues(CALLER, IssueFilter(status="open"), limit=10_000).rows
    names = ("lon", "lat", "accuracy_m")
    lon, lat, accuracy_m = (np.array([row[n] for row in rows], dtype=np.float64) for n in names)
    with workspace.database.read() as connection:
        edition = workspace.governing(connection)
        if edition is None:
            assert {each["status"] for row in rows for each in row["assignments"]} == {"unassigned"}
            return
        locator = workspace.locator(connection, edition)
    for family in workspace.layers.families:
        fresh = judged(
            locator,
            assign(locator, family, lon=lon, lat=lat),
            lon=lon,
            lat=lat,
            accuracy_m=accuracy_m,
            certain_share=workspace.profile.certain_share,
        )
        links = chain_links(locator, fresh.assignments)
        texts = candidate_texts(locator, family, fresh.candidates, len(rows))
        kept = [e for row in rows for e in row["assignments"] if e["family"] == family]
        for i, each in enumerate(kept):
            assert (each["rule"], each["status"], each["links"], each["candidates"]) == (
                fresh.assignments.rules[i],
                fresh.statuses[i],
                [list(link) for link in links[i]],
                json.loads(texts[i] or "null"),
            )


@A_HOUSE_EACH
@given(rounds)
def test_whatever_is_published_every_open_issue_has_the_owner_of_a_fresh_locate(rounds):
    cells, parents = START, PARENTS
    with house_of_issues() as house:
        for cell_changes, parent_changes, has_grids, hours, waited_hours, works in rounds:
            cells, parents = cells | cell_changes, parents | parent_changes
            content = content_of(cells, parents)
            put(house, content if has_grids else {**content, "grid": NO_GRIDS}, hours)
            assert_owners_are_fresh(house)
            house.workspace.now_s.now_s += max(waited_hours, 0) * HOUR_S + 1
            if works == "schedule":
                house.schedule.apply_due_editions(SCHEDULE)
                assert_owners_are_fresh(house)
            elif works == "intake":
                report(house, PLACES[1::29])
                assert_owners_are_fresh(house)
