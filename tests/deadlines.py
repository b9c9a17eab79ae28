"""A small profile with every kind of deadline, and an issue that is handled by it."""

from geo_service.governance.clock.calendar import shipped_calendar
from geo_service.governance.clock.limit import Clock
from geo_service.governance.clock.run import DeadlineClock
from geo_service.governance.event import Event, fold, state_from_values, state_to_values
from geo_service.governance.handling.dues import (
    check_until,
    dues_of,
    runs_of,
    too_late,
    with_deadlines,
)
from geo_service.governance.handling.life import StepTaken, beginning, from_values, payload_of
from geo_service.governance.moment import iso_text, local_text, read_moment
from geo_service.governance.profile import parse_profile

PROFILE = """
[[layers]]
name = "street"

[handling]
start = "new"
deadline = "handling"

[office]
hours = ["09:00-12:00", "13:00-18:00"]
days_end = "closing"

[[conditions]]
name = "urgent"
title_zh = "紧急"
urgent = true

[[deadlines]]
name = "handling"
from = ["report", "reopened", "reopen"]
until = ["end"]
extended_by = ["extend"]

[[deadlines]]
name = "level"
from = ["start", "lift"]
until = ["end"]
each_tier = true

[[deadlines]]
name = "pause"
from = ["wait"]
until = ["go_on"]
told = true
runs_on = true

[[deadlines]]
name = "free"
from = ["start"]
mark = true

[[limits]]
deadline = "handling"
category = "公共危机"
condition = "urgent"
hours = 2

[[limits]]
deadline = "handling"
condition = "urgent"
working_hours = 4

[[limits]]
deadline = "handling"
working_days = 5

[[limits]]
deadline = "handling"
extension = true
calendar_days = 10

[[limits]]
deadline = "level"
tier = "desk"
working_hours = 8

[[limits]]
deadline = "pause"
calendar_days = 30

[[roles]]
name = "clerk"

[[tiers]]
name = "desk"
upper = "office"
of_residents = true

[[tiers]]
name = "office"

[[states]]
name = "new"

[[states]]
name = "at_work"

[[states]]
name = "waiting"
phase = "waiting"

[[states]]
name = "done"
phase = "closed"

[[states]]
name = "merged"
phase = "closed"

[[steps]]
name = "start"
from = ["new"]
to = "at_work"
tier = "up"
may = ["condition"]

[[steps]]
name = "lift"
from = ["at_work"]
tier = "up"

[[steps]]
name = "say"
from_phases = ["open"]
needs = ["condition"]

[[steps]]
name = "extend"
from = ["at_work"]
needs = ["until"]

[[steps]]
name = "give_back"
from = ["at_work"]
to = "new"
within = "level"

[[steps]]
name = "wait"
from = ["at_work"]
to = "waiting"
needs = ["until"]

[[steps]]
name = "go_on"
from = ["waiting"]
to = "at_work"

[[steps]]
name = "end"
from = ["at_work", "waiting"]
to = "done"

[[steps]]
name = "reopen"
from = ["done"]
to = "at_work"

[[steps]]
name = "merge"
from = ["at_work"]
to = "merged"
needs = ["issue"]
effect = "merge"

[[steps]]
name = "unmerge"
from = ["merged"]
to = "at_work"
effect = "unmerge"

[[steps]]
name = "forgive"
from_phases = ["open", "closed"]
needs = ["reason"]
effect = "exempt"

[[steps]]
name = "leave_out"
from_phases = ["closed"]
needs = ["reason"]
effect = "exclude"

[[steps]]
name = "take_in"
from_phases = ["closed"]
effect = "include"
"""
MONDAY = "2026-11-16 10:00"


class Issue:
    """An issue of a profile whose events are told with what they change of the deadlines."""

    def __init__(self, at=MONDAY, *, major="养老", minor=None, profile=None, years=()):
        self.profile = profile or parse_profile(PROFILE, file="small.toml")
        rules = self.profile.deadlines
        self.clock = DeadlineClock(rules, Clock(shipped_calendar().with_years(years), rules.hours))
        told = {"reported_at": iso_text(read_moment(at)), "private": []}
        told |= {"category_major": major, "category_minor": minor}
        self.state = None
        self.happen("reported", at, told)

    def happen(self, kind, at, told):
        event = with_deadlines(Event(kind, read_moment(at), told), self.state, self.clock)
        self.state = fold([event], start=self.state)
        assert state_from_values(state_to_values(self.state)) == self.state
        return event.payload

    def take(self, step, at, *, role=None, **told):
        at_s = int(read_moment(at).timestamp())
        kept = self.state.handling
        standing = (
            from_values(kept)
            if kept
            else beginning(self.profile.workflow, status=self.state.status)
        )
        values = self.state.values
        payload = payload_of(
            self.profile.workflow,
            standing,
            StepTaken(step, role or self._anybody, told, at_s),
            too_late=too_late(self.runs, at_s=at_s),
            duty=self.profile.category(values["category_major"], values["category_minor"]),
        )
        check_until(self.clock, self.runs, payload, values, standing)
        return self.happen("step", at, payload)

    @property
    def _anybody(self):
        return "clerk" if "clerk" in self.profile.workflow.roles else "值班长"

    @property
    def standing(self):
        return from_values(self.state.handling)

    @property
    def runs(self):
        return runs_of(self.state.deadlines)

    @property
    def dues(self):
        return dues_of(self.runs, self.clock.rules.main)

    def told_due(self, name):
        """Tell when a deadline was due, also after it has ended."""
        at_s = self.runs[name].due_s
        return None if at_s is None else local_text(at_s)

    def due(self, name="handling"):
        at_s = self.runs[name].next_due_s
        return None if at_s is None else local_text(at_s)
