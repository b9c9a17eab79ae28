"""The issues that impacts are told of, kept in memory from step to step of a draft."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo_service.governance.clock.limit import DAY_S
from geo_service.layers.area import Floats
from geo_service.layers.reach import are_in_boxes, grown_boxes
from geo_service.services.impact.issues.hours import hours_of
from geo_service.services.kept import Kept
from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries, logged_events
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueColumns, IssueFilter

YEAR_DAYS = 365
_PIECE = 500
_MOST_EVENTS = 20_000
"""After more of them all issues are read anew."""


@dataclass(frozen=True, eq=False)
class IssueBook:
    """Issues that were open or of the last 365 days when they were read; columns by id, ``(n,)``.

    Longitude, latitude in degrees (EPSG:4490) and radius in meters are NaN where nobody knows.
    ``hours`` are those of each issue's limit, 0 where none fits. One takes 80 bytes at most.
    """

    ids: NDArray[np.int64]
    lon: Floats
    lat: Floats
    accuracy_m: Floats
    reported_at_s: NDArray[np.int64]
    is_open: NDArray[np.bool_]
    hours: Floats

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "IssueBook":
        """Return some of them."""
        return IssueBook(*(getattr(self, each.name)[chosen] for each in fields(self)))

    def near(self, boxes: Floats) -> NDArray[np.intp]:
        """Return the positions of those whose places or circles reach into boxes in degrees."""
        if not len(boxes):
            return np.empty(0, dtype=np.intp)
        west, south = boxes[:, :2].min(axis=0).tolist()
        east, north = boxes[:, 2:].max(axis=0).tolist()
        is_there = (
            (self.lon >= west) & (self.lon <= east) & (self.lat >= south) & (self.lat <= north)
        )
        at, circles = self._circles
        is_met = (circles[:, 0] <= east) & (circles[:, 2] >= west)
        is_met &= (circles[:, 1] <= north) & (circles[:, 3] >= south)
        is_there[at[is_met]] = True
        chosen = np.flatnonzero(is_there)
        is_near = are_in_boxes(
            boxes,
            lon=self.lon[chosen],
            lat=self.lat[chosen],
            reach_m=np.nan_to_num(self.accuracy_m[chosen]),
        )
        return chosen[is_near]

    def at(self, ids: Sequence[int]) -> NDArray[np.intp]:
        """Return the positions of those with some ids; others are left out."""
        return np.flatnonzero(np.isin(self.ids, np.array(ids, dtype=np.int64)))

    def with_issues(self, ids: Sequence[int], others: "IssueBook") -> "IssueBook":
        """Return the same where some issues are now as others tell, or not among these any more."""
        stay = self.take(~np.isin(self.ids, np.array(ids, dtype=np.int64)))
        columns = (
            np.concatenate([getattr(stay, each.name), getattr(others, each.name)])
            for each in fields(self)
        )
        found = IssueBook(*columns)
        return found.take(np.argsort(found.ids, kind="stable"))

    @cached_property
    def _circles(self) -> tuple[NDArray[np.intp], Floats]:
        """Which have a circle of accuracy, and a box around each."""
        at = np.flatnonzero((self.accuracy_m > 0.0) & np.isfinite(self.lon))
        points = np.column_stack([self.lon, self.lat, self.lon, self.lat])[at]
        return at, grown_boxes(points, reach_m=self.accuracy_m[at])


class IssueBooks:
    """The book of the newest event, read again only of issues that something happened to.

    Whatever changes an issue is recorded as an event of it.
    """

    def __init__(self) -> None:
        self._kept: Kept[IssueBook] = Kept(2)
        self._newest = 0

    def get(self, workspace: Workspace, connection: Transaction) -> IssueBook:
        """Return the issues as a transaction sees them."""
        newest = logged_events.newest_event(connection)
        found = self._kept.get(newest, lambda: self._made(workspace, connection, newest))
        self._newest = newest
        return found

    def _made(self, workspace: Workspace, connection: Transaction, newest: int) -> IssueBook:
        before = self._newest
        former = self._kept.find(before)
        if former is None or not 0 < newest - before <= _MOST_EVENTS:
            found = issue_queries.issue_columns(connection, IssueFilter())
            return _book(workspace, connection, found)
        ids = logged_events.issues_since(connection, before)
        for start in range(0, len(ids), _PIECE):
            some = tuple(ids[start : start + _PIECE])
            found = issue_queries.issue_columns(connection, IssueFilter(ids=some))
            former = former.with_issues(some, _book(workspace, connection, found))
        return former


def _book(workspace: Workspace, connection: Transaction, found: IssueColumns) -> IssueBook:
    is_of_year = found.reported_at_s >= int(workspace.now_s()) - YEAR_DAYS * DAY_S
    chosen = np.flatnonzero(found.is_open | is_of_year)
    ids = found.ids[chosen]
    return IssueBook(
        ids=ids,
        lon=found.lon[chosen],
        lat=found.lat[chosen],
        accuracy_m=found.accuracy_m[chosen],
        reported_at_s=found.reported_at_s[chosen],
        is_open=found.is_open[chosen],
        hours=hours_of(workspace, connection, ids.tolist()),
    )
