"""Which open issues publication would give other owners: the same question it asks, beforehand."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import orjson

from geo_service.layers.area import Floats
from geo_service.layers.assignment.rule import DECIDED
from geo_service.layers.locator import Locator
from geo_service.layers.reach import are_in_boxes
from geo_service.services.impact.ground import Ground
from geo_service.services.impact.issues.near import NearIssues
from geo_service.services.impact.result import OwnerChange, OwnerChanges
from geo_service.services.issues.assignments import LocatedIssue, found_places, located_issues
from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import Places


def owner_changes(
    workspace: Workspace,
    connection: Transaction,
    ground: Ground,
    issues: NearIssues,
    *,
    boxes: Floats,
    listed: int,
) -> OwnerChanges:
    """Return what publication would write of open issues; ``boxes`` hold those it can reach."""
    places = _reached(issues, boxes)
    before, after = (
        _located(workspace, connection, locator, places, issues)
        for locator in (ground.before, ground.after)
    )
    found = [
        (family, old, new)
        for family, olds in before.items()
        for old, new in zip(olds, after[family], strict=True)
    ]
    changes = [each for each in found if _told(each[1]) != _told(each[2])]
    changes.sort(key=lambda each: (each[1].issue_id, each[0]))
    decided = [each for each in found if each[1].rule == DECIDED]
    released = [each for each in decided if each[2].rule != DECIDED]
    others = {old.issue_id for _, old, new in changes if old.links[-1:] != new.links[-1:]}
    return OwnerChanges(
        total=len({old.issue_id for _, old, _ in changes}),
        other_owner=len(others),
        listed=list(_changes(connection, changes[:listed])),
        decided_kept=len(decided) - len(released),
        released=list(_changes(connection, released[:listed])),
    )


def _reached(issues: NearIssues, boxes: Floats) -> Places:
    places = issues.places
    is_reached = are_in_boxes(
        boxes, lon=places.lon, lat=places.lat, reach_m=np.nan_to_num(places.accuracy_m)
    )
    is_reached |= np.isin(places.ids, [row_id for row_id, _ in issues.decided])
    return places.take(is_reached & issues.is_open)


def _located(
    workspace: Workspace,
    connection: Transaction,
    locator: Locator,
    places: Places,
    issues: NearIssues,
) -> dict[str, list[LocatedIssue]]:
    if not len(places.ids):
        return {}
    return {
        each.family: located_issues(connection, locator, places, each, issues.decided)
        for each in found_places(workspace, locator, places)
    }


def _told(located: LocatedIssue) -> tuple[Any, ...]:
    """Return what an event would tell of an assignment."""
    overrides = orjson.loads(located.overrides) if located.overrides else None
    return located.rule, located.status, located.links, overrides, located.agreement


def _changes(
    connection: Transaction, found: Sequence[tuple[str, LocatedIssue, LocatedIssue]]
) -> Iterator[OwnerChange]:
    ids = sorted({old.issue_id for _, old, _ in found})
    rows = {row["id"]: row for row in issue_queries.issues_by_id(connection, ids)}
    for family, old, new in found:
        row = rows[old.issue_id]
        yield OwnerChange(
            issue_id=old.issue_id,
            source=row["source"],
            external_id=row["external_id"],
            family=family,
            old=old.links[-1] if old.links else None,
            new=new.links[-1] if new.links else None,
            old_rule=old.rule,
            new_rule=new.rule,
            is_decided=old.rule == DECIDED,
        )
