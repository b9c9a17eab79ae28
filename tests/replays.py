"""Issues that are handled from report to closing at once, by the workflow of a profile."""

from datetime import UTC, datetime

from geo_service.governance.event import STEP, Event, IssueState, state_from_values
from geo_service.governance.handling.dues import dues_of, runs_of
from geo_service.governance.handling.life import (
    StepTaken,
    beginning,
    from_values,
    payload_of,
)
from geo_service.governance.moment import read_moment
from geo_service.governance.rates.measures import measures_of
from geo_service.services.handling.standings import standing_row
from geo_service.services.issues.events import EventRows
from geo_service.storage import issue_queries, issues, rates, standings
from tests.houses import CALLER, center

_HOUR_S = 3600


def report(house, number, *, day="2026-11-10", cell=(0, 0), source="complaint", **cells):
    """Report an issue in the middle of a grid, and return its id."""
    lon, lat = center(*cell)
    told = {"source": source, "external_id": str(number), "reported_at": f"{day} 08:00"}
    told |= {"x": lon, "y": lat, "frame": "EPSG:4490", **cells}
    return house.issues.report(CALLER, told, is_updating=False)["id"]


def replay(house, paths):
    """Take the steps of many issues at once: issue id → (step, role, told) an hour apart.

    It is what ``take_step`` does, without a transaction for each step.
    """
    workspace = house.workspace
    workflow, rules = workspace.profile.workflow, workspace.profile.rates
    with workspace.database.write() as connection:
        states = issues.last_states(connection, list(paths))
        rows = EventRows(workspace)
        for issue_id, steps in paths.items():
            state = state_from_values(states[issue_id])
            at_s = int(read_moment(state.values["reported_at"]).timestamp())
            for step, role, told in steps:
                at_s += _HOUR_S
                event = _event(workflow, state, StepTaken(step, role, told, at_s))
                state = rows.add(CALLER, issue_id, [event], start=state)
            _keep(workspace, connection, issue_id, state)
        issues.add_events(connection, rows.rows)
        found = {
            issue_id: measures_of(issue_queries.events_of_issue(connection, issue_id), rules)
            for issue_id in paths
        }
        rates.put_measures(connection, found)


def _event(workflow, state: IssueState, taken):
    standing = from_values(state.handling) if state.handling else None
    standing = standing or beginning(workflow, status=state.status)
    payload = payload_of(workflow, standing, taken)
    return Event(STEP, datetime.fromtimestamp(taken.at_s, UTC), payload)


def _keep(workspace, connection, issue_id, state):
    runs = runs_of(state.deadlines)
    columns = dues_of(runs, workspace.deadlines.rules.main)._asdict()
    if state.closed_at:
        columns |= {"closed_at_s": int(datetime.fromisoformat(state.closed_at).timestamp())}
    issues.update_issue(connection, issue_id, columns | {"status": state.status})
    standing = from_values(state.handling)
    standings.put(connection, standing_row(issue_id, standing, runs, workspace.profile))
