"""The deadlines of one issue as they run: begun, paused, moved, ended; and what they add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import orjson

from geo_service.governance.clock.deadline import REPORT, Circumstances, Deadline, DeadlineRules
from geo_service.governance.clock.limit import (
    Clock,
    Due,
    Limit,
    Pause,
)


class Run(NamedTuple):
    """A deadline that began at ``from_s`` and is due at ``due_s``; seconds since 1970 UTC.

    ``due_s`` is None where no limit applies. While it ``is_paused``, ``due_s`` is what it was when
    the pause began. ``is_told``: somebody named the end, so no limit gives it. ``ended_s`` is when
    it was met or the issue closed. ``late_before`` counts earlier runs that ended late.
    """

    from_s: int
    due_s: int | None = None
    limit: Limit | None = None
    is_told: bool = False
    is_provisional: bool = False
    is_paused: bool = False
    ended_s: int | None = None
    late_before: int = 0

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.ended_s is None

    @property
    def ended_late(self) -> bool:
        """Whether it ended after it was due."""
        return self.ended_s is not None and self.due_s is not None and self.ended_s > self.due_s

    @property
    def next_due_s(self) -> int | None:
        """When it has to be met; None after it was, while it is paused, and without a limit."""
        return self.due_s if self.is_running and not self.is_paused else None


Runs = Mapping[str, Run]
"""Deadline → its run."""
Starting: TypeAlias = Sequence[tuple[Deadline, Limit | None]]
"""Deadlines that something starts, each with the limit that applies; None where none does."""


class Passage(NamedTuple):
    """What a step means for deadlines: when and in what circumstances it was done.

    ``pauses`` are those of the issue after it, the last one without its end while it waits.
    ``until_s`` is an end that was told with it.
    """

    step: str
    at_s: int
    circumstances: Circumstances
    before: Circumstances
    is_closing: bool = False
    was_waiting: bool = False
    is_waiting: bool = False
    pauses: Sequence[Pause] = ()
    until_s: int | None = None


@dataclass(frozen=True, eq=False)
class DeadlineClock:
    """The deadlines of a profile on a clock that knows which days are worked."""

    rules: DeadlineRules
    clock: Clock

    def started(
        self, trigger: str, circumstances: Circumstances, *, at_s: int, runs: Runs | None = None
    ) -> dict[str, Run]:
        """Return the runs that a report, or its source reopening it, starts.

        ``runs`` are those of before; what still runs is not started again.
        """
        starting = self.starting(trigger, circumstances)
        if not runs:
            return self.begun(starting, at_s=at_s)
        return {
            deadline.name: self._begun(deadline, limit, at_s, runs.get(deadline.name))
            for deadline, limit in starting
            if not (deadline.name in runs and runs[deadline.name].is_running)
        }

    def starting(self, trigger: str, circumstances: Circumstances) -> Starting:
        """Return the deadlines that something starts, each with the limit that applies."""
        return _starting(self, trigger, circumstances)

    def starting_in_closed(self, circumstances: Circumstances) -> Starting:
        """Return what starts with a report that comes in closed: the main deadline alone."""
        starting = self.starting(REPORT, circumstances)
        return [each for each in starting if each[0].name == self.rules.main]

    def begun(self, starting: Starting, *, at_s: int, ended_s: int | None = None) -> dict[str, Run]:
        """Return the runs of deadlines that never ran before, ended at ``ended_s`` if that is."""
        if ended_s is not None:
            ended_s = max(ended_s, at_s)
        return {
            each.name: self._begun(each, limit, at_s, ended_s=ended_s) for each, limit in starting
        }

    def judged_again(
        self, runs: Runs, circumstances: Circumstances, *, at_s: int
    ) -> dict[str, Run]:
        """Return the runs that began with a report which was told otherwise, begun at ``at_s``."""
        begun = self.started(REPORT, circumstances, at_s=at_s)
        return {name: run for name, run in begun.items() if run != runs.get(name)}

    def passed(self, runs: Runs, passage: Passage) -> dict[str, Run]:
        """Return the runs that a step changes: ended, moved, begun."""
        after = {
            name: self._moved(self.rules.deadlines.get(name), run, passage)
            if run.is_running
            else run
            for name, run in runs.items()
        }
        is_elsewhere = passage.circumstances.tier != passage.before.tier
        for deadline in self.rules.started_by(passage.step):
            old = after.get(deadline.name)
            if old is None or not old.is_running or (deadline.each_tier and is_elsewhere):
                limit = self.rules.limit(deadline.name, passage.circumstances)
                after[deadline.name] = self._begun(
                    deadline, limit, passage.at_s, old, until_s=passage.until_s
                )
        return {name: run for name, run in after.items() if run != runs.get(name)}

    def ended(self, runs: Runs, *, at_s: int | None) -> dict[str, Run]:
        """Return the running ones as they end; with an unknown end nothing can be said of them."""
        return {
            name: Run(*run[:5], False, max(at_s, run.from_s), run.late_before)
            if at_s is not None
            else Run(run.from_s, ended_s=run.from_s, late_before=run.late_before)
            for name, run in runs.items()
            if run.is_running
        }

    def recomputed(self, runs: Runs, pauses: Sequence[Pause]) -> dict[str, Run]:
        """Return the provisional runs that are due otherwise, or for certain, by now."""
        after = {
            name: self._limited(run, pauses)
            for name, run in runs.items()
            if run.is_provisional and run.limit is not None
        }
        return {name: run for name, run in after.items() if run != runs[name]}

    def latest(self, deadline: str, circumstances: Circumstances, *, from_s: int) -> Due | None:
        """Return how late the end of a told deadline may be; None where nothing limits it."""
        limit = self.rules.limit(deadline, circumstances)
        return None if limit is None else self.clock.due(limit, from_s=from_s)

    def latest_extension(
        self, deadline: str, circumstances: Circumstances, *, due_s: int
    ) -> Due | None:
        """Return how late a deadline may be put by an extension; None where nothing limits it."""
        limit = self.rules.longest_extension(deadline, circumstances)
        return None if limit is None else self.clock.due(limit, from_s=due_s)

    def _begun(
        self,
        deadline: Deadline,
        limit: Limit | None,
        at_s: int,
        old: Run | None = None,
        *,
        until_s: int | None = None,
        ended_s: int | None = None,
    ) -> Run:
        late_before = 0 if old is None else old.late_before + old.ended_late
        if deadline.is_told:
            return Run(at_s, until_s, is_told=True, ended_s=ended_s, late_before=late_before)
        if limit is None:
            return Run(at_s, ended_s=ended_s, late_before=late_before)
        due_s, is_provisional = self.clock.due(limit, from_s=at_s)
        return Run(at_s, due_s, limit, False, is_provisional, False, ended_s, late_before)

    def _moved(self, deadline: Deadline | None, run: Run, passage: Passage) -> Run:
        ends = deadline is not None and passage.step in deadline.ends
        if passage.is_closing or ends:
            settled = self._resumed(run, passage) if run.is_paused else run
            return settled._replace(is_paused=False, ended_s=max(passage.at_s, run.from_s))
        if run.is_paused and not passage.is_waiting:
            run = self._resumed(run, passage)
        if deadline is None:
            return run
        if passage.step in deadline.extended_by and passage.until_s is not None:
            return run._replace(
                due_s=passage.until_s, is_told=True, limit=None, is_provisional=False
            )
        if passage.circumstances.condition != passage.before.condition and not run.is_told:
            limit = self.rules.limit(deadline.name, passage.circumstances)
            run = self._limited(run._replace(limit=limit), passage.pauses)
        if passage.is_waiting and not passage.was_waiting and not deadline.runs_on:
            return self._paused(run, passage)
        return run

    def _paused(self, run: Run, passage: Passage) -> Run:
        if run.due_s is None or run.due_s <= passage.at_s:
            return run
        return run._replace(is_paused=True)

    def _resumed(self, run: Run, passage: Passage) -> Run:
        """Return a run after the pause that ends with a step, or in the midst of which it ends."""
        *before, last = passage.pauses
        until_s = passage.at_s if last.to_s is None else last.to_s
        resumed = run._replace(is_paused=False)
        if run.limit is not None:
            return self._limited(resumed, [*before, Pause(last.from_s, until_s)])
        # somebody told the end: the time that the issue stood still is added to it
        return resumed._replace(due_s=(run.due_s or 0) + until_s - last.from_s)

    def _limited(self, run: Run, pauses: Sequence[Pause]) -> Run:
        if run.limit is None:
            return run._replace(due_s=None, is_provisional=False)
        due = self.clock.due(run.limit, from_s=run.from_s, pauses=pauses)
        if due.at_s is None:
            return run
        return run._replace(due_s=due.at_s, is_provisional=due.is_provisional)


@lru_cache(maxsize=4_096)
def _starting(clock: DeadlineClock, trigger: str, circumstances: Circumstances) -> Starting:
    rules = clock.rules
    return [(each, rules.limit(each.name, circumstances)) for each in rules.started_by(trigger)]


def run_values(run: Run) -> dict[str, Any]:
    """Return a run as plain values for JSON, without what is empty."""
    told = {name: value for name, value in zip(Run._fields, run, strict=True) if value}
    return told if run.limit is None else {**told, "limit": list(run.limit)}


def runs_text(runs: Runs) -> str:
    """Return the JSON of each run's ``run_values`` by name, in a third of the time."""
    told = [f"{_json(name)}:{_run_text(run)}" for name, run in runs.items()]
    return f"{{{','.join(told)}}}"


def _run_text(run: Run) -> str:
    from_s, due_s, limit, is_told, is_provisional, is_paused, ended_s, late_before = run
    if limit is None or not (from_s and due_s) or is_told or is_paused or late_before:
        return orjson.dumps(run_values(run)).decode()
    provisional = ',"is_provisional":true' if is_provisional else ""
    ended = f',"ended_s":{ended_s}' if ended_s else ""
    counted = _limit_text(*limit)
    return f'{{"from_s":{from_s},"due_s":{due_s},"limit":{counted}{provisional}{ended}}}'


@lru_cache(maxsize=1_024)
def _json(name: str) -> str:
    return orjson.dumps(name).decode()


@lru_cache(maxsize=1_024, typed=True)
def _limit_text(clock: str, amount: float) -> str:
    return orjson.dumps([clock, amount]).decode()


def run_of(values: Mapping[str, Any]) -> Run:
    """Return the run that ``run_values`` wrote down."""
    limit = values.get("limit")
    return Run(**{**values, "limit": None if limit is None else Limit(*limit)})
