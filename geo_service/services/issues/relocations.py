"""Open issues follow the edition in force: located afresh where its areas differ."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.governance.event import REASSIGNED, Event
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.edition import Edition
from geo_service.layers.frames import metric_frames
from geo_service.layers.reach import are_in_boxes, changed_boxes, grown_boxes
from geo_service.services.callers import Caller
from geo_service.services.issues.assignments import assignment_rows
from geo_service.services.issues.events import event_rows
from geo_service.services.workspaces import Workspace
from geo_service.storage import areas, issue_queries, issues, relocations
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueFilter, KeptAssignment, Places
from geo_service.storage.relocations import Relocation


class _Change(NamedTuple):
    """An assignment to store, and what was kept before it."""

    row: dict[str, Any]
    before: KeptAssignment | None


def is_relocation_due(workspace: Workspace, connection: Transaction) -> bool:
    """Return whether open issues do not follow the edition in force yet."""
    return relocations.is_due(
        connection, profile_hash=workspace.profile.hash, now_s=workspace.now_s()
    )


def relocate_if_due(
    workspace: Workspace, connection: Transaction, caller: Caller
) -> Relocation | None:
    """Give open issues their owners on the edition in force; write old → new where they differ.

    Every transaction that writes issues or editions begins with this, and one that publishes ends
    with it. So each open issue has the owner that one edition gives it, the last that was followed
    here, and only what lies where that edition and the one in force differ is located again.
    """
    if not is_relocation_due(workspace, connection):
        return None
    edition = workspace.edition(connection)
    followed = relocations.followed_edition(connection, profile_hash=workspace.profile.hash)
    places = _reached_places(workspace, connection, followed, edition.number)
    reassigned = _reassign(workspace, connection, caller, edition, places)
    relocation = Relocation(edition.number, len(places.ids), reassigned)
    relocations.add_relocation(
        connection,
        relocation,
        profile_hash=workspace.profile.hash,
        at_s=int(workspace.now_s()),
        actor=caller.name,
    )
    return relocation


def _reached_places(
    workspace: Workspace, connection: Transaction, followed: int | None, number: int
) -> Places:
    """Return the open issues that can have another owner on ``number`` than on ``followed``."""
    everywhere = IssueFilter(status="open")
    if followed is None:
        return issue_queries.issue_places(connection, everywhere)
    boxes = _reached_boxes(workspace, connection, followed, number)
    if len(boxes) == 0:
        return Places.none()
    bbox = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    near = issue_queries.issue_places(connection, IssueFilter(status="open", reached_bbox=bbox))
    reach_m = np.nan_to_num(near.accuracy_m)
    return near.take(are_in_boxes(boxes, lon=near.lon, lat=near.lat, reach_m=reach_m))


def _reached_boxes(
    workspace: Workspace, connection: Transaction, before: int, after: int
) -> Floats:
    """Return boxes that hold every place whose owner can differ between two editions.

    A circle whose candidates can differ reaches one of them. Overlays own nothing. What hangs below
    an area lies inside it, so where an area came, went or got another parent, its own box holds all
    whose chain is another; and where its middle moved to another zone, all that is measured there.
    """
    rows = areas.changed_outlines(connection, before=before, after=after)
    nested = {layer.name: layer for layer in workspace.layers if not layer.is_overlay}
    found = [np.empty((0, 4))]
    for name, group in groupby(rows, key=itemgetter(0)):
        if name in nested:
            old, new = (shapely.from_wkb(list(each)) for each in list(zip(*group, strict=True))[1:])
            boxes = changed_boxes(old, new)
            moved = _are_in_other_zones(old, new)
            boxes[moved] = shapely.bounds(shapely.union(shapely.box(*boxes[moved].T), new[moved]))
            is_other = ~np.isnan(boxes[:, 0])
            found.append(grown_boxes(boxes[is_other], reach_m=nested[name].nearest_m))
    return np.concatenate(found)


def _are_in_other_zones(old: Geometries, new: Geometries) -> NDArray[np.intp]:
    """Return which of some areas that stayed have their middle in another metric frame now."""
    stayed = np.flatnonzero(~(shapely.is_missing(old) | shapely.is_missing(new)))
    before, after = (_frames(shapely.bounds(each[stayed])) for each in (old, new))
    is_other: NDArray[np.bool_] = before != after
    return stayed[is_other]


def _frames(boxes: Floats) -> NDArray[np.object_]:
    west, south, east, north = boxes.T
    return metric_frames(lon=(west + east) / 2, lat=(south + north) / 2)


def _reassign(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    edition: Edition,
    places: Places,
) -> int:
    """Locate issues on an edition, keep what differs, and return how many have another owner.

    Or another rule or status; candidates and distances alone are no event.
    """
    ids = places.ids.tolist()
    if not ids:
        return 0
    kept = issue_queries.kept_assignments(connection, ids)
    changes = [
        _Change(row, before)
        for row in assignment_rows(workspace, connection, edition, places)
        for before in [kept.get((row["issue_id"], row["family"]))]
        if before != _as_kept(row)
    ]
    issues.replace_assignments(connection, [change.row for change in changes])
    told = [change for change in changes if _told(change.before) != _told(_as_kept(change.row))]
    _add_events(workspace, connection, caller, told)
    return len({change.row["issue_id"] for change in told})


def _as_kept(row: Mapping[str, Any]) -> KeptAssignment:
    return KeptAssignment(*(row[name] for name in KeptAssignment._fields))


def _told(kept: KeptAssignment | None) -> dict[str, Any]:
    """Return what an event tells of an assignment."""
    names = ("rule", "status", "chain_id")
    return {name: getattr(kept, name) if kept else None for name in names}


def _add_events(
    workspace: Workspace, connection: Transaction, caller: Caller, changes: Sequence[_Change]
) -> None:
    states = issues.last_states(connection, sorted({each.row["issue_id"] for each in changes}))
    issues.add_events(
        connection,
        [
            event
            for change in changes
            for row_id in [change.row["issue_id"]]
            for event in event_rows(
                workspace, caller, row_id, [_reassigned(workspace, change)], start=states[row_id]
            )
        ],
    )


def _reassigned(workspace: Workspace, change: _Change) -> Event:
    payload = {
        "family": change.row["family"],
        "edition": change.row["edition"],
        "before": _told(change.before),
        "after": _told(_as_kept(change.row)),
    }
    return Event(REASSIGNED, datetime.fromtimestamp(int(workspace.now_s()), UTC), payload)
