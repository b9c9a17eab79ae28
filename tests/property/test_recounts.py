"""A list recounted near its area holds what a recount of everything would give it."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import AreaNotFound
from geo_service.services.issues.recounts import recounted_ids, recounted_positions
from geo_service.storage import issue_queries
from geo_service.storage.issue_queries import IssueFilter
from tests.examples import examples
from tests.houses import CALLER, SOUTH, STEP, WEST, open_house, publish_street, street_boundaries

# every quarter of a square, 24 or 27 m: corners, borders, insides, near ones, far ones, and nowhere
PLACES = [(x / 4, y / 4) for x in range(-4, 21) for y in range(-4, 13)]

areas = st.sampled_from(
    [(layer, code) for layer, found in street_boundaries().items() for code in found.codes]
)
steps_from_corner = st.integers(-2, 6).map(float)
bboxes = st.none() | st.tuples(*[steps_from_corner] * 4).map(
    lambda s: (WEST + s[0] * STEP, SOUTH + s[1] * STEP, WEST + s[2] * STEP, SOUTH + s[3] * STEP)
)
positions_after = st.none() | st.integers(0, len(PLACES))


@cache
def street_with_issues():
    """Return a house with an issue at every place, and some without one; it is only read."""
    folder = TemporaryDirectory()
    house = open_house(Path(folder.name))
    publish_street(house)
    rows = [
        {
            "source": "complaint",
            "external_id": str(number),
            "reported_at": f"2026-11-{1 + number % 20:02d} 08:00",
            **({"x": x, "y": y, "frame": "EPSG:4490"} if number % 50 else {}),
            # a circle may reach the area from far off: the place is provisionally the area's
            "accuracy_m": [None, 20.0, 70.0, 400.0][number % 4],
        }
        for number, (x, y) in enumerate((WEST + x * STEP, SOUTH + y * STEP) for x, y in PLACES)
    ]
    house.issues.batch(CALLER, rows, is_updating=False)
    return house, folder


def recounted_everywhere(house, connection, wanted, after):
    """Return what the filter lets through and the area owns, from all issues one by one."""
    layer, code = wanted.area
    workspace = house.workspace
    edition = workspace.edition(connection)
    found = issue_queries.issue_columns(connection, IssueFilter(bbox=wanted.bbox))
    owners = recounted_positions(workspace, connection, edition, layer, found)
    position = workspace.locator(connection, edition).areas(layer).position_by_code[code]
    is_owned = owners == position
    at_s, ids = found.reported_at_s[is_owned].tolist(), found.ids[is_owned].tolist()
    newest_first = sorted(zip(at_s, ids, strict=True), reverse=True)
    return [key[1] for key in newest_first if after is None or key < after]


@settings(max_examples=examples(60))
@given(areas, bboxes, positions_after)
def test_the_issues_of_an_area_are_those_of_a_recount_of_all(area, bbox, after_id):
    house, _ = street_with_issues()
    wanted = IssueFilter(area=area, bbox=bbox)
    with house.workspace.database.read() as connection:
        after = None
        if after_id:
            [row] = issue_queries.issues_by_id(connection, [after_id])
            after = (row["reported_at_s"], after_id)
        found = recounted_ids(house.workspace, connection, wanted, after=after)
        assert found == recounted_everywhere(house, connection, wanted, after)


def test_issues_outside_but_nearest_to_an_area_are_in_its_list():
    house, _ = street_with_issues()
    with house.workspace.database.read() as connection:
        found = recounted_ids(
            house.workspace, connection, IssueFilter(area=("district", "999001")), after=None
        )
        rows = issue_queries.issues_by_id(connection, found)
    lon = np.array([row["lon"] for row in rows])
    known = [row["accuracy_m"] is None for row in rows]
    assert lon[known].min() == WEST - STEP / 2  # 47 m: near; the next ones to the west are not
    assert lon[known].max() == WEST + 4.5 * STEP
    assert lon.min() == WEST - STEP


def test_a_list_of_an_area_that_is_not_there_is_refused():
    house, _ = street_with_issues()
    with pytest.raises(AreaNotFound):
        house.issues.issues(CALLER, IssueFilter(area=("grid", "999")))
