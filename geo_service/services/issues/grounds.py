"""On which edition's ground reports lie, and what is found there before they have their ids."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geo_service.governance.issue import OPEN, IssueReport
from geo_service.governance.moment import epoch_s
from geo_service.layers.area import Floats
from geo_service.layers.edition import Edition, EditionChoice, governing_numbers
from geo_service.layers.locator import Locator
from geo_service.services.issues.assignments import (
    NOTHING_DECIDED,
    Decided,
    FoundPlaces,
    found_places,
    found_rows,
    unassigned_rows,
)
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import Places
from geo_service.storage.issues import AssignmentRow


class Ground(NamedTuple):
    """Places that one edition governs, and its locator; neither where there was none yet.

    In the place of ids the positions of their reports stand.
    """

    places: Places
    edition: Edition | None
    locator: Locator | None

    def found(self, workspace: Workspace) -> list[FoundPlaces]:
        """Return what is said of them in each family; the database is not asked."""
        return found_places(workspace, self.locator, self.places) if self.locator else []


def grounds_of(
    workspace: Workspace,
    connection: Transaction,
    reports: Sequence[IssueReport],
    *,
    lon: Floats,
    lat: Floats,
) -> list[Ground]:
    """Return where open issues lie, on the edition in force, and closed ones on their report's."""
    if not reports:
        return []
    now_s = workspace.now_s()
    known = workspace.editions(connection)
    moments_s = np.array(
        [now_s if each.status == OPEN else epoch_s(each.reported_at) for each in reports],
        dtype=np.int64,
    )
    accuracy_m = np.array([each.accuracy_m for each in reports], dtype=np.float64)
    numbers = governing_numbers(known, moments_s, now_s=now_s)
    periods = workspace.agreements(connection).periods(moments_s)
    everywhere = Places(np.arange(len(reports)), lon, lat, accuracy_m)
    kinds = sorted(set(zip(numbers.tolist(), periods.tolist(), strict=True)))
    grounds = []
    for number, period in kinds:
        places = everywhere
        if len(kinds) > 1:
            places = everywhere.take((numbers == number) & (periods == period))
        at = places.ids
        edition = next((each for each in known if each.number == number), None)
        then = EditionChoice(as_of_s=int(moments_s[at[0]]))
        locator = workspace.locator(connection, edition, then) if edition else None
        grounds.append(Ground(places, edition, locator))
    return grounds


def assignment_rows_of(
    workspace: Workspace,
    connection: Transaction,
    ids: Sequence[int],
    grounds: Sequence[Ground],
    found: Sequence[Sequence[FoundPlaces]],
    decided: Decided = NOTHING_DECIDED,
) -> list[AssignmentRow]:
    """Return the rows of reports whose places were found, now that they have their ids."""
    keys = np.array(ids, dtype=np.int64)
    rows: list[AssignmentRow] = []
    for (positions, edition, locator), columns in zip(grounds, found, strict=True):
        places = replace(positions, ids=keys[positions.ids])
        if edition is None or locator is None:
            rows += unassigned_rows(list(workspace.layers.families), places.ids.tolist())
        else:
            rows += found_rows(connection, edition, locator, places, columns, decided)
    return rows
