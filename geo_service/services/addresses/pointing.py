"""A person points at where an issue is whose source told no coordinates."""

from dataclasses import dataclass
from typing import Any

import orjson

from geo_service.errors import (
    InvalidValue,
)
from geo_service.governance.handling.facts import word_among
from geo_service.services.addresses.matching import BY_HAND, POINTED, PlaceMatch
from geo_service.services.addresses.waiting import place_found, store_matches
from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.issues.events import newest_of_open
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.issues.relocations import Cause, relocate_if_due
from geo_service.services.places.placing import place_point
from geo_service.services.workspaces import Workspace
from geo_service.storage import decisions, issues
from geo_service.storage.databases import Transaction

_HIGHEST_ID = 2**63 - 1


@dataclass(frozen=True)
class PointedAt:
    """Where an issue is, in a named frame (degrees or metres), and in which role somebody says so.

    ``newest_event`` is the event that was seen of it last, None where nobody looked.
    """

    x: float
    y: float
    source_frame: str
    role: str
    newest_event: int | None = None


class PointingService:
    """Places set by hand."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def point(self, caller: Caller, issue_id: int, told: PointedAt) -> None:
        """Put an open issue at a place, with its owner there and an event without the place.

        An owner that a person set stays, and is questioned.

        Raises
        ------
        IssueNotFound, StaleIssue
            There is no such issue, or something happened to it since ``newest_event``.
        IllegalTransition
            It is closed.
        InvalidValue
            Its source told coordinates, or the role is unknown.
        InvalidCoordinates, UnknownFrame
            The place lies outside its frame, or nobody knows that frame.
        """
        load_kernels()
        roles = tuple(self._workspace.profile.workflow.roles.values())
        role = word_among("role", told.role, roles)
        lon, lat = place_point(told.x, told.y, told.source_frame)
        with self._workspace.database.write() as connection:
            workspace = self._workspace.standing_still()
            relocate_if_due(workspace, connection, SCHEDULE)
            row = _pointable(connection, issue_id, told.newest_event)
            text = orjson.dumps({"text": row["address"], "frame": told.source_frame}).decode()
            match = PlaceMatch(POINTED, lon, lat, None, text)
            store_matches(workspace, connection, {issue_id: match})
            cause = Cause({"located_by": BY_HAND, "role": role}, workspace.layers.ground_family)
            place_found(
                workspace, connection, caller, {issue_id: (match, row["accuracy_m"])}, cause
            )
            decisions.question(connection, [issue_id])


def _pointable(connection: Transaction, issue_id: int, seen: int | None) -> dict[str, Any]:
    newest_of_open(connection, issue_id, seen=seen)
    row = issues.stored_reports(connection, [issue_id])[issue_id]
    if row["source_frame"] is not None:
        raise InvalidValue(
            "place",
            "来源没有报坐标的问题；这一件有坐标，请改为定归属",
            "an issue whose source told no coordinates; of this one decide the owner instead",
        )
    return row
