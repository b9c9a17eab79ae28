"""What waits when a shift ends: the issues that press, and why the others do."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from geo_service.governance.handling.dues import runs_of
from geo_service.governance.handling.workflow import RETURN, WAITING, Workflow
from geo_service.maps.handover.view import NamedCount, WaitingGroup, WaitingIssue
from geo_service.services.handling.owners import chain_named, locator_in_force
from geo_service.services.handling.queue import QUESTIONED, QueuedIssue, look_of, marks_of
from geo_service.services.workspaces import Workspace
from geo_service.storage import handovers, issues, queue
from geo_service.storage.databases import Transaction
from geo_service.storage.handovers import Pressing, mark_key

GROUPS = (
    "new",
    "without_owner",
    "check_in",
    "returned",
    "marked",
    "suspended",
    "provisional",
)
"""Why issues wait, in the order of the sheet."""

_PARTS = {
    "without_owner": handovers.OWNERLESS,
    "returned": ("ruling", "given_back"),
    "suspended": ("pause_ends",),
}
"""What a group is made of; of some of them the numbers that are named come first."""

_NUMBERS = 3


class Waiting:
    """What waits in one transaction, of which ``next_s`` is when the next shift hands over."""

    def __init__(
        self,
        workspace: Workspace,
        connection: Transaction,
        *,
        from_s: int,
        next_s: int,
        language: str,
    ) -> None:
        self._workspace, self._connection, self._language = workspace, connection, language
        self._look = look_of(workspace)
        self._marks = {
            name: each.title(language)
            for name, each in workspace.profile.deadlines.deadlines.items()
            if each.is_mark
        }
        flow = workspace.profile.workflow
        self._conditions = handovers.conditions(
            self._look,
            Pressing(
                due_before_s=next_s,
                overdue_since_s=from_s,
                ruling_states=_ruling_states(flow),
                returned_states=_returned_states(flow) - _ruling_states(flow),
                marks=list(self._marks),
            ),
        )

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many open issues there are, and for how many each condition holds."""
        found = queue.counts_of(self._connection, self._look, self._conditions)
        return found | {"pause_ends": len(self._pauses_ending)}

    def issues(self, limit: int) -> list[WaitingIssue]:
        """Return the first of the issues that press, most urgent first."""
        condition = self._conditions["listed"]
        rows = queue.chosen(self._connection, self._look, condition, limit=limit)
        states = issues.last_states(self._connection, [row["id"] for row in rows])
        locator = locator_in_force(self._workspace, self._connection)
        return [
            self._issue(
                QueuedIssue(row, chain_named(locator, row["links"]), marks_of(row["marks"])),
                deadline=_next_deadline(states[row["id"]]),
            )
            for row in rows
        ]

    def groups(self) -> list[WaitingGroup]:
        """Return why issues wait, with the first of each group by their numbers."""
        return [self._group(name) for name in GROUPS if self.counts[name]]

    def _group(self, name: str) -> WaitingGroup:
        counts = self.counts
        parts = [NamedCount(each, "", counts[each]) for each in _PARTS.get(name, ())]
        if name == "marked":
            marks = self._marks.items()
            parts = [NamedCount(mark, title, counts[mark_key(mark)]) for mark, title in marks]
        return WaitingGroup(
            name, counts[name], self._numbers(name), [each for each in parts if each.count]
        )

    def _numbers(self, name: str) -> list[str]:
        """Return the numbers of the issues of a group that somebody has to look at first."""
        if name == "suspended" and self._pauses_ending:
            rows: Sequence[Mapping[str, Any]] = self._pauses_ending[:_NUMBERS]
        else:
            reasons = [each for each in ("ruling", "given_back") if name == "returned"]
            first = next((each for each in reasons if self.counts[each]), name)
            rows = queue.chosen(
                self._connection, self._look, self._conditions[first], limit=_NUMBERS
            )
        return [row["external_id"] for row in rows]

    def _issue(self, queued: QueuedIssue, *, deadline: str | None) -> WaitingIssue:
        profile, language, row = self._workspace.profile, self._language, queued.row
        state = profile.workflow.states.get(row["state"] or profile.workflow.start)
        due = profile.deadlines.deadlines.get(deadline or "")
        plain = ("id", "source", "external_id", "category_major", "category_minor", "unit")
        place = ("place_status", "rule", "is_urgent", "is_provisional")
        return WaitingIssue(
            **{name: row[name] for name in (*plain, *place)},
            owners=[each.name for each in queued.chain],
            state=row["state"] if state is None else state.title(language),
            waited_for=row["waited_for"] or 0,
            marks=[self._marks.get(name, name) for name in queued.marks],
            is_questioned=queued.decision == QUESTIONED,
            deadline=deadline if due is None else due.title(language),
            due_s=row["next_due_s"],
        )

    @cached_property
    def _pause_deadlines(self) -> set[str]:
        """The deadlines that tell when a pause ends: told with a step that makes it wait."""
        profile = self._workspace.profile
        flow = profile.workflow
        waiting = {name for name, state in flow.states.items() if state.phase == WAITING}
        pausing = {step.name for step in flow.steps.values() if step.target in waiting}
        rules = profile.deadlines.deadlines.values()
        return {each.name for each in rules if each.is_told and pausing.intersection(each.starts)}

    @cached_property
    def _pauses_ending(self) -> list[dict[str, Any]]:
        """Return the suspended issues whose pause is over soon, or is over."""
        condition = self._conditions["pause_ends"]
        rows = queue.chosen(self._connection, self._look, condition, limit=None)
        states = issues.last_states(self._connection, [row["id"] for row in rows])
        return [row for row in rows if self._pause_ends_soon(states[row["id"]])]

    def _pause_ends_soon(self, state: Mapping[str, Any]) -> bool:
        runs = runs_of(state.get("deadlines", {}))
        ends = [runs[name].next_due_s for name in self._pause_deadlines if name in runs]
        return any(each is not None and each < self._look.soon_s for each in ends)


def _returned_states(flow: Workflow) -> set[str]:
    """Return the states in which issues stand that were given back."""
    targets = {step.target for step in flow.steps.values() if step.effect == RETURN}
    return {name for name in targets if name is not None}


def _ruling_states(flow: Workflow) -> set[str]:
    """Return those of them that a ruling ends: a step that cites a rule and leads elsewhere."""
    rulings = [step for step in flow.steps.values() if "rule" in step.needs and step.target]
    return _returned_states(flow) & {source for step in rulings for source in step.sources}


def _next_deadline(state: Mapping[str, Any]) -> str | None:
    """Return the name of the deadline that has to be met first."""
    dues = {name: run.next_due_s for name, run in runs_of(state.get("deadlines", {})).items()}
    known = {name: due_s for name, due_s in dues.items() if due_s is not None}
    return min(known, key=lambda name: (known[name], name), default=None)
