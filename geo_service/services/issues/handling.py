"""Handling an issue step by step: what may be done now, and doing it once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from geo_service.errors import InvalidValue, IssueNotFound, StaleIssue
from geo_service.governance.event import STEP, Event, IssueState, state_from_values
from geo_service.governance.handling.life import (
    Handling,
    beginning,
    from_values,
    legal_steps,
    payload_of,
)
from geo_service.governance.handling.workflow import Step
from geo_service.governance.moment import epoch_s, read_moment
from geo_service.services.callers import Caller
from geo_service.services.issues.events import EventRows
from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries, issues
from geo_service.storage.databases import Transaction

_HIGHEST_ID = 2**63 - 1


@dataclass(frozen=True)
class StepAsked:
    """A step as it is asked for: names or words of the office.

    ``at`` is when it was done, None for now; ``newest_event`` is the event that the one who decides
    has seen last, None where nobody looked.
    """

    step: str
    role: str
    told: Mapping[str, Any]
    at: str | None = None
    newest_event: int | None = None


@dataclass(frozen=True)
class IssueHistory:
    """The events of an issue, where it stands, and what may be done now."""

    issue_id: int
    newest_event: int
    status: str
    standing: Handling
    steps: list[Step]
    events: list[dict[str, Any]]


class HandlingService:
    """Issues between report and closing."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def history(self, _caller: Caller, issue_id: int) -> IssueHistory:
        """Return the events of an issue and what may be done now; raises IssueNotFound."""
        with self._workspace.database.read() as connection:
            _, state = self._read(connection, issue_id)
            return self._history(connection, issue_id, state)

    def take_step(self, caller: Caller, issue_id: int, asked: StepAsked) -> IssueHistory:
        """Do a step, and return the history that it leads to; of two at once one is first.

        Raises
        ------
        IssueNotFound
            There is no such issue.
        StaleIssue
            Something happened to it since ``newest_event``; nothing was written.
        IllegalTransition, MissingFacts, DepartmentsMissing
            It cannot be done now, or more must be told.
        InvalidValue
            A step, role, tier or fact nobody knows; a moment before the report or to come.
        """
        workflow = self._workspace.profile.workflow
        with self._workspace.database.write() as connection:
            newest_event, state = self._read(connection, issue_id)
            if asked.newest_event not in (None, newest_event):
                raise StaleIssue(issue=issue_id, newest_event=newest_event)
            at = self._moment(asked.at, state)
            payload = payload_of(
                workflow,
                self._standing(state),
                asked.step,
                asked.told,
                role=asked.role,
                at_s=epoch_s(at),
            )
            rows = EventRows(self._workspace)
            after = rows.add(caller, issue_id, [Event(STEP, at, payload)], start=state) or state
            issues.add_events(connection, rows.rows)
            if after.status != state.status:
                closed_at_s = epoch_s(at) if after.closed_at else None
                issues.update_life(
                    connection, issue_id, status=after.status, closed_at_s=closed_at_s
                )
            return self._history(connection, issue_id, after)

    def _read(self, connection: Transaction, issue_id: int) -> tuple[int, IssueState]:
        found = issues.last_event(connection, issue_id) if 0 < issue_id <= _HIGHEST_ID else None
        if found is None:
            raise IssueNotFound(id=str(issue_id))
        newest_event, values = found
        return newest_event, state_from_values(values)

    def _standing(self, state: IssueState) -> Handling:
        """Return where an issue stands; at the start if the profile has lost its state or tier."""
        workflow = self._workspace.profile.workflow
        if state.handling is not None:
            standing = from_values(state.handling)
            if standing.state in workflow.states and standing.tier in (None, *workflow.tiers):
                return standing
        return beginning(workflow, status=state.status)

    def _moment(self, text: str | None, state: IssueState) -> datetime:
        now = datetime.fromtimestamp(int(self._workspace.now_s()), UTC)
        if text is None:
            return now
        try:
            at = read_moment(text)
        except ValueError as error:
            raise InvalidValue(
                "at", "时间，如 2026-11-20 08:00", "a time such as 2026-11-20 08:00"
            ) from error
        reported_at = datetime.fromisoformat(state.values["reported_at"])
        if not reported_at <= at <= now:
            raise InvalidValue(
                "at",
                f"不早于上报时间 {state.values['reported_at']}、也不晚于现在的时间",
                f"no earlier than the report ({state.values['reported_at']}) and not to come",
            )
        return at

    def _history(self, connection: Transaction, issue_id: int, state: IssueState) -> IssueHistory:
        standing = self._standing(state)
        events = issue_queries.events_of_issue(connection, issue_id)
        return IssueHistory(
            issue_id=issue_id,
            newest_event=events[-1]["id"],
            status=state.status,
            standing=standing,
            steps=legal_steps(self._workspace.profile.workflow, standing),
            events=events,
        )
