"""However an issue is handled under a shipped profile, it folds and can always be closed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import DepartmentsMissing, StepTooLate
from geo_service.governance.clock.calendar import shipped_calendar
from geo_service.governance.clock.limit import Clock
from geo_service.governance.clock.run import DeadlineClock
from geo_service.governance.event import STEP, Event, fold, state_from_values, state_to_values
from geo_service.governance.handling.dues import runs_of, too_late, with_deadlines
from geo_service.governance.handling.life import (
    StepTaken,
    after_step,
    beginning,
    from_values,
    legal_steps,
    payload_of,
)
from geo_service.governance.handling.workflow import (
    CHECK_IN,
    CLOSED,
    NAMED,
    OPEN,
    RELEASE,
    reachable,
)
from geo_service.governance.moment import iso_text
from geo_service.governance.profile import shipped_profile, shipped_profiles
from tests.examples import examples

PROFILES = {name: shipped_profile(name) for name in shipped_profiles()}
STARTS = datetime(2026, 11, 16, 2, tzinfo=UTC)
TOLD = {
    "reason": "理由",
    "rule": "第 3 条",
    "unit": "示例单位",
    "until": "2026-12-31",
    "condition": "urgent",
    "issue": 7,
    "departments": ["城管", "公安"],
    "resolved": "是",
    "satisfaction": "满意",
    "triage": "大事",
}


class Walk:
    """An issue that is handled by whatever step is legal."""

    def __init__(self, profile):
        self.profile, self.at = profile, STARTS
        rules = profile.deadlines
        self.clock = DeadlineClock(rules, Clock(shipped_calendar(), rules.hours))
        told = {"reported_at": iso_text(self.at), "private": []}
        told |= {"category_major": None, "category_minor": None}
        self.events = [with_deadlines(Event("reported", self.at, told), None, self.clock)]
        self.state = fold(self.events)

    @property
    def standing(self):
        kept = self.state.handling
        return from_values(kept) if kept else beginning(self.profile.workflow, status="open")

    @property
    def possible(self):
        """The steps that may be taken now; a department has to be there to come or to be sent."""
        waits = "summoned" in self.standing.departments.values()
        late = too_late(runs_of(self.state.deadlines), at_s=int(self.at.timestamp()))
        steps = legal_steps(self.profile.workflow, self.standing, too_late=late)
        return [step for step in steps if waits or step.effect not in {CHECK_IN, RELEASE}]

    def take(self, step, pick):
        flow, standing = self.profile.workflow, self.standing
        told = {name: TOLD[name] for name in step.needs if name in TOLD}
        if step.reasons:
            told["reason"] = pick(step.reasons).name
        if "department" in step.needs:
            became = standing.departments.items()
            told["department"] = pick([name for name, is_ in became if is_ == "summoned"])
        if step.tier == NAMED:
            told["tier"] = pick(list(flow.tiers))
        role = pick(step.roles or list(flow.roles))
        self.at += timedelta(minutes=pick([1, 90, 3000]))
        at_s = int(self.at.timestamp())
        late = too_late(runs_of(self.state.deadlines), at_s=at_s)
        taken = StepTaken(step.name, role, told, at_s)
        payload = payload_of(flow, standing, taken, too_late=late)
        event = with_deadlines(Event(STEP, self.at, payload), self.state, self.clock)
        self.events.append(event)
        self.state = fold([event], start=self.state)
        assert self.standing == after_step(standing, payload)


@pytest.mark.parametrize("name", PROFILES)
@settings(max_examples=examples(25), deadline=None)
@given(choices=st.lists(st.integers(0, 10_000), min_size=1, max_size=12))
def test_every_legal_walk_folds_and_leads_to_an_end(name, choices):
    walk = Walk(PROFILES[name])
    for number in choices:

        def pick(among, number=number):
            return among[number % len(among)]

        try:
            walk.take(pick(walk.possible), pick)
        except (DepartmentsMissing, StepTooLate):
            continue
        # all of its history at once says what step after step said, also when it was stored
        assert fold(walk.events) == walk.state
        assert state_from_values(state_to_values(walk.state)) == walk.state
        assert _ends(walk)
        if "summoned" in walk.standing.departments.values() and walk.standing.phase == OPEN:
            assert {CHECK_IN, RELEASE} <= {step.effect for step in walk.possible}


def _ends(walk):
    """Tell whether steps lead to a closed state from where a walk stands, as often as they may."""
    flow, standing = walk.profile.workflow, walk.standing
    taken = standing.taken
    ways = [
        (step.sources, step.target)
        for step in flow.steps.values()
        if step.target
        and step.effect != "merge"
        and (step.at_most is None or taken.get(step.name, 0) < step.at_most)
        and all(taken.get(other, 0) >= count for other, count in (step.after or {}).items())
    ]
    closed = {state.name for state in flow.states.values() if state.phase == CLOSED}
    return bool(reachable(ways, {standing.state}) & closed)
