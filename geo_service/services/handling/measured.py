"""What the events of issues add up to for rates, kept as they happen."""

from collections.abc import Mapping, Sequence
from typing import Any

from geo_service.governance.rates.measures import ANSWER, RESPONSE, measures_of
from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries, rates
from geo_service.storage.databases import Transaction


def keep_measures(workspace: Workspace, connection: Transaction, issue_id: int) -> None:
    """Keep what the events of an issue add up to after a step; who owns it has the credit."""
    *before, last = issue_queries.events_of_issue(connection, issue_id)
    rules = workspace.profile.rates
    old, new = measures_of(before, rules), measures_of([*before, last], rules)
    if new is None:
        return
    happened = {RESPONSE: new.responded_s, ANSWER: new.answered_s}
    known = {} if old is None else {RESPONSE: old.responded_s, ANSWER: old.answered_s}
    rates.put_measures(connection, {issue_id: new})
    rates.credit_now(
        connection,
        issue_id,
        [
            event
            for event, at_s in happened.items()
            if at_s is not None and at_s != known.get(event)
        ],
    )


def keep_told_measures(
    workspace: Workspace, connection: Transaction, events: Mapping[int, Sequence[Mapping[str, Any]]]
) -> None:
    """Keep the same of issues whose list told of a follow-up; who owns them now has the credit.

    ``events`` are all events of each issue, in their order.
    """
    rules = workspace.profile.rates
    found = {issue_id: measures_of(own, rules) for issue_id, own in events.items()}
    told = {issue_id: each for issue_id, each in found.items() if each is not None}
    known = rates.told_moments(connection, list(told))
    rates.put_measures(connection, told)
    credited = {}
    for event, place in ((RESPONSE, 0), (ANSWER, 1)):
        happened = {
            row_id: (own.responded_s, own.answered_s)[place] for row_id, own in told.items()
        }
        credited[event] = [
            row_id
            for row_id, at_s in happened.items()
            if at_s is not None and at_s != known.get(row_id, (None, None))[place]
        ]
    rates.credit_each(connection, credited)


def keep_known_measures(workspace: Workspace, connection: Transaction, ids: Sequence[int]) -> None:
    """Keep the same of issues that their source closed or reopened, where somebody handled them."""
    found = {
        issue_id: measures_of(
            issue_queries.events_of_issue(connection, issue_id), workspace.profile.rates
        )
        for issue_id in rates.measured_ids(connection, ids)
    }
    known = {issue_id: each for issue_id, each in found.items() if each is not None}
    rates.put_measures(connection, known)
