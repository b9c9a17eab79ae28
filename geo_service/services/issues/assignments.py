"""Keeping assignments: the owner of an issue with the edition it was found on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from geo_service.governance.event import REASSIGNED, Event
from geo_service.layers.area import Floats
from geo_service.layers.assignment import Assignments, assign
from geo_service.layers.edition import Edition
from geo_service.layers.locator import Locator
from geo_service.services.callers import Caller
from geo_service.services.issues.events import event_rows
from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries, issues
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueFilter
from geo_service.storage.issues import Link


def assignment_rows(
    connection: Transaction,
    locator: Locator,
    edition: Edition,
    *,
    ids: Sequence[int],
    lon: Floats,
    lat: Floats,
) -> list[dict[str, Any]]:
    """Return one row per issue and family that has areas, ready to be stored."""
    rows: list[dict[str, Any]] = []
    for family in locator.layers.families:
        assigned = assign(locator, family, lon=lon, lat=lat)
        links = chain_links(locator, assigned)
        known = issues.chain_ids(connection, family, {chain for chain in links if chain})
        rows.extend(
            {
                "issue_id": row_id,
                "family": family,
                "edition": edition.number,
                "rule": rule,
                "distance_m": None if np.isnan(distance_m) else distance_m,
                "chain_id": known[chain] if chain else None,
            }
            for row_id, rule, distance_m, chain in zip(
                ids, assigned.rules.tolist(), assigned.distance_m.tolist(), links, strict=True
            )
        )
    return rows


def unassigned_rows(locator_families: Sequence[str], ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return rows for issues that no edition governs: unassigned in every family."""
    return [
        {
            "issue_id": row_id,
            "family": family,
            "edition": None,
            "rule": "unassigned",
            "distance_m": None,
            "chain_id": None,
        }
        for family in locator_families
        for row_id in ids
    ]


def chain_links(locator: Locator, assigned: Assignments) -> list[tuple[Link, ...]]:
    """Return each point's chain of (layer, code) from the root; empty where there is no owner."""
    chain = locator.layers.families[assigned.family]
    positions = np.stack(locator.positions_at(assigned.family, assigned.owners))
    distinct, inverse = np.unique(positions, axis=1, return_inverse=True)
    known = [
        tuple(
            (layer.name, locator.areas(layer.name).codes[position])
            for layer, position in zip(chain, column, strict=True)
            if position >= 0
        )
        for column in distinct.T.tolist()
    ]
    return [known[i] for i in inverse.ravel().tolist()]


def relocate_open_issues(workspace: Workspace, connection: Transaction, caller: Caller) -> int:
    """Locate every open issue on the edition in force; write old → new where they differ."""
    edition = workspace.governing(connection)
    if edition is None:
        return 0
    found = issue_queries.open_places(connection)
    if len(found.ids) == 0:
        return 0
    locator = workspace.locator(connection, edition)
    rows = assignment_rows(
        connection, locator, edition, ids=found.ids.tolist(), lon=found.lon, lat=found.lat
    )
    kept = issue_queries.kept_chains(connection, IssueFilter(status="open"))
    different = [
        row
        for row in rows
        if kept.get((row["issue_id"], row["family"])) != (row["rule"], row["chain_id"])
    ]
    issues.replace_assignments(connection, different)
    states = issues.last_states(connection, sorted({row["issue_id"] for row in different}))
    issues.add_events(
        connection,
        [
            event
            for row in different
            for event in event_rows(
                workspace,
                caller,
                row["issue_id"],
                [_reassigned(workspace, kept, row)],
                start=states[row["issue_id"]],
            )
        ],
    )
    return len(different)


def _reassigned(
    workspace: Workspace,
    kept: Mapping[tuple[int, str], tuple[str, int | None]],
    row: Mapping[str, Any],
) -> Event:
    rule, chain_id = kept.get((row["issue_id"], row["family"]), (None, None))
    payload = {
        "family": row["family"],
        "edition": row["edition"],
        "before": {"rule": rule, "chain_id": chain_id},
        "after": {"rule": row["rule"], "chain_id": row["chain_id"]},
    }
    return Event(REASSIGNED, datetime.fromtimestamp(int(workspace.now_s()), UTC), payload)
