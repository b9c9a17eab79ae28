"""What became of the issues that the editions taken back had given to others."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import orjson

from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries, reassignments
from geo_service.storage.databases import Transaction
from geo_service.storage.reassignments import Reassignment


@dataclass(frozen=True)
class TouchedIssue:
    """An issue that a person did something with after it got another owner.

    ``what`` is the step, ``decided`` or ``attached``; ``owner`` is (layer, code) by now.
    """

    issue_id: int
    source: str
    external_id: str
    what: str
    at_s: int
    owner: tuple[str, str] | None


@dataclass(frozen=True)
class IssuesTakenBack:
    """Open issues that the editions taken back had given others.

    ``returned`` of them are with whom they were before; None where nothing was located yet.
    Everyone in ``touched`` was handled since, and is to be looked at by a person.
    """

    reassigned: int
    returned: int | None
    touched: Sequence[TouchedIssue]


def issues_taken_back(
    workspace: Workspace,
    connection: Transaction,
    numbers: Collection[int],
    *,
    is_located: bool,
) -> IssuesTakenBack:
    """Return them for some editions; ``is_located`` tells that they follow the new one already."""
    found = reassignments.reassignments(connection, numbers) if numbers else []
    reached = {each.issue_id for each in found}
    elsewhere = reassignments.still_elsewhere(connection, found) if is_located else set()
    return IssuesTakenBack(
        reassigned=len(reached),
        returned=len(reached - elsewhere) if is_located else None,
        touched=_touched(workspace, connection, found),
    )


def _touched(
    workspace: Workspace, connection: Transaction, found: Sequence[Reassignment]
) -> list[TouchedIssue]:
    acts = reassignments.acts_since(connection, found)
    kept = issue_queries.assignments_of(connection, [act.issue_id for act in acts])
    ground = workspace.layers.ground_family
    owners: dict[int, tuple[str, str] | None] = {}
    for issue_id, rows in kept.items():
        links = next((row["links"] for row in rows if row["family"] == ground), None)
        owners[issue_id] = tuple(orjson.loads(links)[-1]) if links else None
    return [TouchedIssue(*act, owner=owners.get(act.issue_id)) for act in acts]
