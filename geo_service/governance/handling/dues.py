"""What events mean for the deadlines of an issue; each tells what it changes of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from geo_service.errors import InvalidValue
from geo_service.governance.clock.deadline import REOPENED, REPORT, Circumstances
from geo_service.governance.clock.limit import Pause
from geo_service.governance.clock.run import (
    DeadlineClock,
    Passage,
    Run,
    Runs,
    run_of,
    run_values,
)
from geo_service.governance.event import CLOSED_EVENT, STEP, UPDATED, Event, IssueState
from geo_service.governance.event import REOPENED as REOPENED_EVENT
from geo_service.governance.handling.life import Handling, after_step, from_values
from geo_service.governance.handling.workflow import CLOSED, WAITING
from geo_service.governance.moment import epoch_s, local_text

_JUDGED = frozenset({"reported_at", "category_major", "category_minor"})
"""What limits hang on from the beginning, as a report tells it."""


class Dues(NamedTuple):
    """What lists, counts and queues ask of the deadlines of an issue; seconds since 1970 UTC.

    ``due_s`` is that of the main deadline, ended or not; None while it is paused. ``next_due_s`` is
    the first of all that are running, ``is_provisional`` whether one of them may move when another
    year is announced. ``is_late``: the main deadline was missed, now or in an earlier run.
    """

    due_s: int | None = None
    next_due_s: int | None = None
    is_provisional: bool = False
    is_late: bool = False


NO_DUES = Dues()


def dues_of(runs: Runs, main: str | None) -> Dues:
    """Return what is asked of runs; ``main`` is the deadline that tells whether it is overdue."""
    next_s, is_provisional = None, False
    for run in runs.values():
        if run.ended_s is None:
            is_provisional = is_provisional or run.is_provisional
            if not run.is_paused and run.due_s is not None:
                next_s = run.due_s if next_s is None else min(next_s, run.due_s)
    found = runs.get(main or "")
    if found is None:
        return Dues(None, next_s, is_provisional)
    due_s = None if found.is_paused else found.due_s
    return Dues(due_s, next_s, is_provisional, found.ended_late or found.late_before > 0)


def runs_of(values: Mapping[str, Any]) -> dict[str, Run]:
    """Return the runs that a state keeps."""
    return {name: run_of(each) for name, each in values.items()}


def values_of(runs: Runs) -> dict[str, Any]:
    """Return runs as plain values for JSON."""
    return {name: run_values(run) for name, run in runs.items()}


def at_report(clock: DeadlineClock, told: Circumstances, at_s: int) -> dict[str, Run]:
    """Return the runs that a new report starts; ``at_s`` is when it came."""
    return clock.started(REPORT, told, at_s=at_s)


def closed_at_report(
    clock: DeadlineClock, told: Circumstances, at_s: int, closed_s: int
) -> dict[str, Run]:
    """Return the runs of a report that comes in closed: the main deadline alone, as it ended."""
    return clock.ended(clock.begun(clock.starting_in_closed(told), at_s=at_s), at_s=closed_s)


def at_step(
    clock: DeadlineClock,
    runs: Runs,
    before: Handling | None,
    payload: Mapping[str, Any],
    told: Circumstances,
) -> dict[str, Run]:
    """Return the runs that a step changes; ``told`` is what the source of the issue says."""
    after = after_step(before, payload, condition=told.condition)
    until = payload.get("until")
    return clock.passed(
        runs,
        Passage(
            step=payload["step"],
            at_s=payload["at_s"],
            circumstances=_circumstances(told, after),
            before=_circumstances(told, before),
            # a duplicate that turns out to be none goes on where its deadlines stand
            is_closing=after.phase == CLOSED and after.duplicate_of is None,
            was_waiting=before is not None and before.phase == WAITING,
            is_waiting=after.phase == WAITING,
            pauses=[Pause(*pause) for pause in after.pauses],
            until_s=None if until is None else _seconds(until),
        ),
    )


def too_late(runs: Runs, *, at_s: int) -> dict[str, int]:
    """Return the deadlines that are over at a moment, and since when."""
    dues = {name: run.next_due_s for name, run in runs.items()}
    return {name: due_s for name, due_s in dues.items() if due_s is not None and due_s < at_s}


def check_until(
    clock: DeadlineClock,
    runs: Runs,
    payload: Mapping[str, Any],
    values: Mapping[str, Any],
    standing: Handling,
) -> None:
    """Refuse an end that is told earlier than its step, or later than a limit allows.

    Raises
    ------
    InvalidValue
        Names the last moment that is possible.
    """
    if "until" not in payload:
        return
    at_s, until_s = payload["at_s"], _seconds(payload["until"])
    if until_s <= at_s:
        raise InvalidValue("until", "晚于办理时间的期限", "an end after the step itself")
    circumstances = _circumstances(told_by(values), standing)
    for deadline in clock.rules.deadlines.values():
        latest = None
        if deadline.is_told and payload["step"] in deadline.starts:
            latest = clock.latest(deadline.name, circumstances, from_s=at_s)
        elif payload["step"] in deadline.extended_by and (run := runs.get(deadline.name)):
            latest = clock.latest_extension(deadline.name, circumstances, due_s=run.due_s or at_s)
        if latest is not None and latest.at_s is not None and until_s > latest.at_s:
            last = local_text(latest.at_s)
            raise InvalidValue("until", f"不晚于 {last} 的期限", f"an end no later than {last}")


def with_deadlines(event: Event, state: IssueState | None, clock: DeadlineClock) -> Event:
    """Return an event that follows a state, with what it changes of the deadlines told in it."""
    runs = {} if state is None else runs_of(state.deadlines)
    changed = _changed(event, state, runs, clock)
    if not changed:
        return event
    return event._replace(payload={**event.payload, "deadlines": values_of(changed)})


def _changed(
    event: Event, state: IssueState | None, runs: Runs, clock: DeadlineClock
) -> dict[str, Run]:
    kind, told, at_s = event.kind, event.payload, epoch_s(event.at)
    if state is None:
        return at_report(clock, told_by(told), at_s)
    if kind == STEP:
        before = from_values(state.handling) if state.handling else None
        return at_step(clock, runs, before, told, told_by(state.values))
    if kind == CLOSED_EVENT:
        return clock.ended(runs, at_s=at_s if told["closed_at"] else None)
    if kind == REOPENED_EVENT:
        return clock.started(REOPENED, told_by(state.values), at_s=at_s, runs=runs)
    if kind == UPDATED:
        return _told_otherwise(event, state, runs, clock)
    return {}


def _told_otherwise(
    event: Event, state: IssueState, runs: Runs, clock: DeadlineClock
) -> dict[str, Run]:
    """Return what a report that is told otherwise changes, as long as nobody has handled it.

    How pressing it is counts at any time.
    """
    told = event.payload
    values = {**state.values, **told}
    at_s = _seconds(values["reported_at"])
    if told.get("closed_at"):
        closed_s = _seconds(told["closed_at"])
        if not runs:
            return closed_at_report(clock, told_by(values), at_s, closed_s)
        return {
            name: run._replace(ended_s=max(closed_s, run.from_s))
            for name, run in runs.items()
            if state.closed_at is None or run.ended_s == _seconds(state.closed_at)
        }
    if state.handling is None and not _JUDGED.isdisjoint(told):
        return clock.judged_again(runs, told_by(values), at_s=at_s)
    if "condition" in told:
        return _pressed_otherwise(event, state, runs, clock)
    return {}


def _pressed_otherwise(
    event: Event, state: IssueState, runs: Runs, clock: DeadlineClock
) -> dict[str, Run]:
    """Return the runs that have another limit since the issue is more pressing, or less."""
    standing = from_values(state.handling) if state.handling else None
    before = _circumstances(told_by(state.values), standing)
    is_waiting = standing is not None and standing.phase == WAITING
    return clock.passed(
        runs,
        Passage(
            step="",
            at_s=epoch_s(event.at),
            circumstances=before._replace(condition=event.payload["condition"]),
            before=before,
            was_waiting=is_waiting,
            is_waiting=is_waiting,
            pauses=[Pause(*pause) for pause in standing.pauses] if standing else [],
        ),
    )


def told_by(values: Mapping[str, Any]) -> Circumstances:
    """Return what limits hang on as a source tells it."""
    major, minor = values["category_major"], values["category_minor"]
    return Circumstances(None if major is None else (major, minor), values.get("condition"))


def _seconds(text: str) -> int:
    return epoch_s(datetime.fromisoformat(text))


def _circumstances(told: Circumstances, standing: Handling | None) -> Circumstances:
    """Return what limits hang on where an issue stands; what its source told where nobody did."""
    if standing is None:
        return told
    return told._replace(condition=standing.answers.get("condition"), tier=standing.tier)
