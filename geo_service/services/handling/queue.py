"""The queue of the dispatch desk: open issues, the pressing ones first, and what is offered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo_service.errors import GeoServiceError, InvalidValue
from geo_service.governance.event import IssueState
from geo_service.governance.moment import SHANGHAI, day_start
from geo_service.layers.assignment.rule import DECIDED
from geo_service.services.callers import Caller
from geo_service.services.handling.owners import OwnerArea, chain_named, locator_in_force
from geo_service.services.handling.steps import HandlingService
from geo_service.services.workspaces import Workspace
from geo_service.storage import queue, revisions
from geo_service.storage.queue import Position

VIEWS = (
    "urgent",
    "overdue",
    "today",
    "due_soon",
    "new",
    "unassigned",
    "ambiguous",
    "boundary",
    "questioned",
    "check_in",
    "returned",
    "marked",
    "suspended",
)
"""Why an issue waits; one may wait for several reasons."""

QUESTIONED = "questioned"
"""The area that a person named is no more, or the place another since."""

_MINUTE_S = 60
_SOON_S = 24 * 3600
_DAY_S = 24 * 3600


@dataclass(frozen=True)
class QueuedIssue:
    """One open issue: its columns, the areas that own it (root first), its marks by name."""

    row: Mapping[str, Any]
    chain: Sequence[OwnerArea]
    marks: Sequence[str]

    @property
    def decision(self) -> str | None:
        """Whether a person said whose it is: ``standing``, or ``questioned`` since; else None."""
        if self.row["decided"] is None:
            return None
        is_standing = self.row["rule"] == DECIDED and not self.row["is_questioned"]
        return "standing" if is_standing else QUESTIONED


@dataclass(frozen=True)
class QueuePage:
    """Some of the queue at one moment, how many each view holds, and where the next page begins."""

    now_s: int
    counts: Mapping[str, int]
    issues: Sequence[QueuedIssue]
    next_after: Position | None
    revision: str


class QueueService:
    """What waits for dispatchers."""

    def __init__(self, workspace: Workspace, handling: HandlingService) -> None:
        self._workspace = workspace
        self._handling = handling
        self._news = ("", "")

    def page(
        self,
        _caller: Caller,
        *,
        view: str | None = None,
        after: Position | None = None,
        limit: int = 100,
    ) -> QueuePage:
        """Return open issues: urgent ones and those due today on top, then by what is due first.

        Raises
        ------
        InvalidValue
            No such view.
        """
        if view is not None and view not in VIEWS:
            raise InvalidValue("view", "、".join(VIEWS) + " 之一", "one of " + ", ".join(VIEWS))
        look = look_of(self._workspace)
        with self._workspace.database.read() as connection:
            counts = queue.counts(connection, look)
            rows = queue.page(connection, look, view=view, after=after, limit=limit + 1)
            locator = locator_in_force(self._workspace, connection)
            revision = str(revisions.revision(connection).event_id)
        shown = rows[:limit]
        issues = [
            QueuedIssue(row, chain_named(locator, row["links"]), marks_of(row["marks"]))
            for row in shown
        ]
        last = shown[-1] if len(rows) > limit else None
        after = None if last is None else (last["rank"], last["due_order_s"], last["id"])
        return QueuePage(look.now_s, counts, issues, after, revision)

    def news(self) -> tuple[str, str]:
        """Return what changes with every event of an issue and every minute, and what to tell then.

        Most of the time this is one small read.
        """
        look = look_of(self._workspace)
        with self._workspace.database.read() as connection:
            event_id = revisions.revision(connection).event_id
            mark = f"{event_id}-{look.now_s // _MINUTE_S}"
            if self._news[0] != mark:
                told = {"revision": str(event_id), "counts": queue.counts(connection, look)}
                self._news = mark, json.dumps(told)
        return self._news

    def accept(
        self, caller: Caller, asked: Sequence[tuple[int, int | None]]
    ) -> list[IssueState | GeoServiceError]:
        """Do what is proposed for issues; each has its own result."""
        return self._handling.take_proposals(caller, asked)


def look_of(workspace: Workspace) -> queue.Look:
    """Return how the queue is looked at now."""
    now_s = int(workspace.now_s())
    today = day_start(datetime.fromtimestamp(now_s, SHANGHAI).date())
    conditions = workspace.profile.workflow.conditions.values()
    return queue.Look(
        now_s=now_s,
        soon_s=now_s + _SOON_S,
        day_end_s=int(today.timestamp()) + _DAY_S,
        family=workspace.layers.ground_family,
        urgent=[each.name for each in conditions if each.urgent],
        start=workspace.profile.workflow.start,
    )


def marks_of(text: str | None) -> list[str]:
    """Return the names of marks as a standing holds them."""
    return [name for name in (text or "").split(",") if name]
