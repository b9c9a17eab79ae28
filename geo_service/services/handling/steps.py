"""Handling an issue step by step: what may be done now, and doing it once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from geo_service.errors import GeoServiceError, InvalidValue, IssueNotFound, StaleIssue, Unavailable
from geo_service.governance.clock.run import Run
from geo_service.governance.event import STEP, Event, IssueState, state_from_values
from geo_service.governance.handling.attachment import check_attached
from geo_service.governance.handling.dues import check_until, dues_of, runs_of, too_late
from geo_service.governance.handling.life import (
    Handling,
    StepTaken,
    check_told,
    legal_steps,
    payload_of,
)
from geo_service.governance.handling.proposal import proposed_steps
from geo_service.governance.handling.workflow import Step
from geo_service.governance.moment import epoch_s, read_moment
from geo_service.services.callers import Caller
from geo_service.services.handling.measured import keep_measures
from geo_service.services.handling.owners import owner_of
from geo_service.services.handling.standings import standing_in, standing_row
from geo_service.services.issues.events import EventRows
from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries, issues, standings
from geo_service.storage.databases import Transaction

HIGHEST_ID = 2**63 - 1


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
    """The events of an issue, where it stands, what is due, what may be done now or is offered.

    ``attached`` are the kinds of photos that count for the next step.
    """

    issue_id: int
    newest_event: int
    status: str
    standing: Handling
    deadlines: Mapping[str, Run]
    attached: tuple[str, ...]
    steps: list[Step]
    proposal: list[StepTaken]
    events: list[dict[str, Any]]


@dataclass(frozen=True)
class PossibleSteps:
    """What may be done with every one of some issues, and the newest event of each by number."""

    steps: list[Step]
    newest_events: Mapping[int, int]


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
        IllegalTransition, StepTooLate, NotAdmitted, MissingFacts, DepartmentsMissing,
        AttachmentsMissing
            It cannot be done now, or more must be told.
        InvalidValue
            A step, role, tier or fact nobody knows; a moment before the report or to come, an end
            that is told later than the profile allows.
        """
        with self._workspace.database.write() as connection:
            after = self._take(connection, caller, issue_id, [asked])
            return self._history(connection, issue_id, after)

    def take_proposals(
        self, caller: Caller, asked: Sequence[tuple[int, int | None]]
    ) -> list[IssueState | GeoServiceError]:
        """Do what is proposed for issues, in one transaction; each has its own result.

        ``asked`` holds the number of each issue and the event that was seen of it last, if any.
        """
        return self._each(caller, asked, self._proposed)

    def take_each(
        self, caller: Caller, chosen: Sequence[tuple[int, int | None]], asked: StepAsked
    ) -> list[IssueState | GeoServiceError]:
        """Do one step for several issues, in one transaction; each has its own result.

        ``chosen`` holds the number of each issue and the event that was seen of it last, if any.

        Raises
        ------
        InvalidValue, MissingFacts
            What can be done with no issue at all.
        """
        taken = StepTaken(asked.step, asked.role, asked.told, int(self._workspace.now_s()))
        check_told(self._workspace.profile.workflow, taken)

        def same(_connection: Transaction, _id: int, newest_event: int | None) -> list[StepAsked]:
            return [replace(asked, newest_event=newest_event)]

        return self._each(caller, chosen, same)

    def possible_for(self, _caller: Caller, issue_ids: Sequence[int]) -> PossibleSteps:
        """Return what may be done with every one of some issues now; raises IssueNotFound."""
        workflow, now_s = self._workspace.profile.workflow, int(self._workspace.now_s())
        steps, newest = list(workflow.steps.values()), {}
        with self._workspace.database.read() as connection:
            for issue_id in issue_ids:
                newest[issue_id], state = self._read(connection, issue_id)
                late = too_late(runs_of(state.deadlines), at_s=now_s)
                legal = legal_steps(workflow, self._standing(state), too_late=late)
                steps = [step for step in steps if step in legal]
        return PossibleSteps(steps, newest)

    def _each(
        self,
        caller: Caller,
        chosen: Sequence[tuple[int, int | None]],
        steps_of: Callable[[Transaction, int, int | None], Sequence[StepAsked]],
    ) -> list[IssueState | GeoServiceError]:
        results: list[IssueState | GeoServiceError] = []
        with self._workspace.database.write() as connection:
            for issue_id, newest_event in chosen:
                try:
                    steps = steps_of(connection, issue_id, newest_event)
                    results.append(self._take(connection, caller, issue_id, steps))
                except Unavailable:
                    raise
                except GeoServiceError as error:  # found before anything of this issue is written
                    results.append(error)
        return results

    def _proposal(
        self, connection: Transaction, issue_id: int, standing: Handling
    ) -> list[StepTaken]:
        """Return the steps that a dispatcher is offered for an issue."""
        return proposed_steps(
            self._workspace.profile.workflow,
            self._workspace.profile.dispatch,
            standing,
            owner_of(self._workspace, connection, issue_id),
            at_s=int(self._workspace.now_s()),
        )

    def _proposed(
        self, connection: Transaction, issue_id: int, newest_event: int | None
    ) -> list[StepAsked]:
        _, state = self._read(connection, issue_id)
        steps = self._proposal(connection, issue_id, self._standing(state))
        if not steps:
            raise InvalidValue(
                f"issues[{issue_id}]",
                "有归属、尚未派出的问题；这一件须逐项办理",
                "an issue with an owner that was not sent out yet; this one needs steps of its own",
            )
        return [StepAsked(each.step, each.role, each.told, None, newest_event) for each in steps]

    def _take(
        self,
        connection: Transaction,
        caller: Caller,
        issue_id: int,
        steps: Sequence[StepAsked],
    ) -> IssueState:
        """Do steps one after another; nothing is written unless all of them can be done."""
        newest_event, before = self._read(connection, issue_id)
        rows, state = EventRows(self._workspace), before
        for asked in steps:
            if asked.newest_event not in (None, newest_event):
                raise StaleIssue(issue=issue_id, newest_event=newest_event)
            payload = self._payload(connection, issue_id, state, asked)
            at = datetime.fromtimestamp(payload["at_s"], UTC)
            state = rows.add(caller, issue_id, [Event(STEP, at, payload)], start=state)
        issues.add_events(connection, rows.rows)
        self._keep(connection, issue_id, before, state)
        keep_measures(self._workspace, connection, issue_id)
        return state

    def _payload(
        self, connection: Transaction, issue_id: int, state: IssueState, asked: StepAsked
    ) -> dict[str, Any]:
        profile, standing = self._workspace.profile, self._standing(state)
        at_s = epoch_s(self._moment(asked.at, state))
        values, runs = state.values, runs_of(state.deadlines)
        payload = payload_of(
            profile.workflow,
            standing,
            StepTaken(asked.step, asked.role, asked.told, at_s),
            too_late=too_late(runs, at_s=at_s),
            duty=profile.category(values["category_major"], values["category_minor"]),
        )
        check_attached(profile.workflow.steps[payload["step"]], state.attached)
        check_until(self._workspace.deadlines, runs, payload, values, standing)
        if payload.get("duplicate_of"):
            self._check_original(connection, issue_id, payload["duplicate_of"])
        return payload

    def _check_original(self, connection: Transaction, issue_id: int, original: int) -> None:
        """Refuse what a duplicate cannot be one of: itself, nothing, or another duplicate."""
        found = issues.last_event(connection, original) if original <= HIGHEST_ID else None
        if original == issue_id or found is None:
            raise InvalidValue("issue", "另一个已有问题的编号", "the number of another issue")
        its_original = (state_from_values(found[1]).handling or {}).get("duplicate_of")
        if its_original is not None:
            raise InvalidValue(
                "issue",
                f"不是重复件的问题（{original} 已并入 {its_original}）",
                f"an issue that is no duplicate itself ({original} is one of {its_original})",
            )

    def _keep(
        self, connection: Transaction, issue_id: int, before: IssueState, after: IssueState
    ) -> None:
        """Put the columns of an issue where its newest event has led to."""
        rules = self._workspace.deadlines.rules
        runs = runs_of(after.deadlines)
        columns: dict[str, Any] = dues_of(runs, rules.main)._asdict()
        if after.status != before.status:
            closed_at = after.closed_at and epoch_s(datetime.fromisoformat(after.closed_at))
            columns |= {"status": after.status, "closed_at_s": closed_at}
        issues.update_issue(connection, issue_id, columns)
        standing = self._standing(after)
        standings.put(connection, standing_row(issue_id, standing, runs, self._workspace.profile))

    def _read(self, connection: Transaction, issue_id: int) -> tuple[int, IssueState]:
        found = issues.last_event(connection, issue_id) if 0 < issue_id <= HIGHEST_ID else None
        if found is None:
            raise IssueNotFound(id=str(issue_id))
        newest_event, values = found
        return newest_event, state_from_values(values)

    def _standing(self, state: IssueState) -> Handling:
        return standing_in(self._workspace.profile.workflow, state)

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
        standing, runs = self._standing(state), runs_of(state.deadlines)
        events = issue_queries.events_of_issue(connection, issue_id)
        return IssueHistory(
            issue_id=issue_id,
            newest_event=events[-1]["id"],
            status=state.status,
            standing=standing,
            deadlines=runs,
            attached=state.attached,
            steps=legal_steps(
                self._workspace.profile.workflow,
                standing,
                too_late=too_late(runs, at_s=int(self._workspace.now_s())),
            ),
            proposal=self._proposal(connection, issue_id, standing),
            events=events,
        )
