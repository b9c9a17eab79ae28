"""How long the limits of issues are, as hours of work that they stand for."""

import numpy as np

from geo_service.governance.clock.deadline import Circumstances
from geo_service.governance.clock.limit import (
    CALENDAR_DAYS,
    HOUR_S,
    WORKING_DAYS,
    WORKING_HOURS,
    Limit,
    OfficeHours,
)
from geo_service.layers.area import Floats
from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries, standings
from geo_service.storage.databases import Transaction

_HOURS_OF_A_DAY = 24.0


def limit_hours(limit: Limit, office: OfficeHours) -> float:
    """Return how long a limit is in hours: a day is 24 of them, worked or not.

    Hours of the office are told as their part of its day, so that a day of its hours is a day.
    """
    if limit.clock in {WORKING_DAYS, CALENDAR_DAYS}:
        return limit.amount * _HOURS_OF_A_DAY
    if limit.clock == WORKING_HOURS:
        open_h = sum(closes_s - opens_s for opens_s, closes_s in office.spans) / HOUR_S
        return limit.amount * _HOURS_OF_A_DAY / open_h
    return float(limit.amount)


def hours_of(workspace: Workspace, connection: Transaction, ids: list[int]) -> Floats:
    """Return the hours of the limit of the main deadline of each issue, 0 without one."""
    rules = workspace.profile.deadlines
    if rules.main is None:
        return np.zeros(len(ids))
    categories = issue_queries.categories_of(connection, ids)
    conditions = standings.conditions_of(connection, ids)
    found = np.zeros(len(ids))
    known: dict[Circumstances, float] = {}
    for i, row_id in enumerate(ids):
        major, minor = categories[row_id]
        at = Circumstances((major, minor) if major else None, conditions.get(row_id))
        if at not in known:
            limit = rules.limit(rules.main, at)
            known[at] = 0.0 if limit is None else limit_hours(limit, rules.hours)
        found[i] = known[at]
    return found
