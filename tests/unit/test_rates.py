"""Rules, measures and shares of rates; the printed figures of two streets come out of replays."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest

from geo_service.analysis.periods import Period
from geo_service.analysis.rates import RatedIssues, RateShape, rate_counts
from geo_service.errors import InvalidValue
from geo_service.governance.event import STEP
from geo_service.governance.handling.facts import SATISFACTION
from geo_service.governance.handling.life import StepTaken, after_step, beginning, payload_of
from geo_service.governance.profile import parse_profile, shipped_profile
from geo_service.governance.rates.measures import TierSpell, measures_of
from geo_service.governance.rates.rate import Rate, printed_figure
from tests.profiles import refusal_of

_LAYERS = '[[layers]]\nname = "street"\n'
_ANSWERS = [word.name for word in SATISFACTION]
_PERIOD = Period(datetime(2017, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC))
_START_S = _PERIOD.start_s


def event(at_s, kind=STEP, **payload):
    return {"kind": kind, "at_s": at_s, "payload": {"at_s": at_s, "phase": "open", **payload}}


def replayed(profile, steps, *, from_s=_START_S):
    """Return the measures of an issue that takes steps an hour apart, and when it closed."""
    workflow = profile.workflow
    standing, events, at_s = beginning(workflow, status="open"), [], from_s
    for step, role, told in steps:
        at_s += 3600
        payload = payload_of(workflow, standing, StepTaken(step, role, told, at_s))
        standing = after_step(standing, payload)
        events.append({"kind": STEP, "at_s": at_s, "payload": payload})
    closed_s = at_s if standing.phase == "closed" else -1
    return measures_of(events, profile.rates), closed_s


def columns(found, tiers):
    """Return the columns of issues given as (measures or None, closed_s); one area owns all."""
    size = len(found)
    rows = [measures for measures, _ in found]

    def number(name):
        values = [None if row is None else getattr(row, name) for row in rows]
        return np.array([-1 if value is None else value for value in values], dtype=np.int64)

    def place(name, words):
        return np.array([-1 if r is None else words.get(getattr(r, name), -1) for r in rows])

    def flag(name):
        return np.array([row is not None and bool(getattr(row, name)) for row in rows])

    owners, closed_s = np.zeros(size, dtype=np.int32), np.array([closed for _, closed in found])
    return RatedIssues(
        owners=owners,
        response_owners=owners,
        answer_owners=owners,
        groups=np.zeros(size, dtype=np.int64),
        reported_s=np.full(size, _START_S),
        closed_s=closed_s,
        due_s=np.full(size, -1),
        accepted_s=number("accepted_s"),
        responded_s=number("responded_s"),
        response_due_s=number("response_due_s"),
        answered_s=number("answered_s"),
        resolved=place("resolved", {"no": 0, "yes": 1}),
        satisfaction=place("satisfaction", {name: i for i, name in enumerate(_ANSWERS)}),
        tier=place("tier", {name: i for i, name in enumerate(tiers)}),
        is_open=closed_s < 0,
        is_late=np.zeros(size, dtype=bool),
        is_excluded=flag("is_excluded"),
        is_exempted=flag("is_exempted"),
        is_duplicate=flag("duplicate_of"),
        is_patrol=np.zeros(size, dtype=bool),
    )


def counted(profile, found):
    tiers = list(profile.workflow.tiers)
    weights = tuple(profile.rates.weights.get(name, -1) for name in _ANSWERS)
    shape = RateShape(areas=1, groups=1, tiers=len(tiers), weights=weights)
    return rate_counts(columns(found, tiers), shape, _PERIOD, now_s=_PERIOD.end_s)


def test_n_street_2017_settles_a_third_itself_and_two_matters_are_unaccounted():
    """4,616 received, 1,604 + 2,657 + 353 settled: printed 34.5 %, computed 34.75 %."""
    profile = shipped_profile("n-street")
    told = {"resolved": "已解决", "satisfaction": "满意"}
    register = ("登记", "互助站站长", {"triage": "小事"})
    end = [("议定解决", "网格长", {}), ("反馈评价", "网格长", told)]
    up = ("流转共议", "互助站站长", {"reason": "需多方商量"})
    further = ("流转商议", "网格长", {"reason": "需部门参加"})
    paths = {"station": [register, *end], "grid": [register, up, *end]}
    paths["street"] = [register, up, further, *end]
    printed = {"station": 1604, "grid": 2657, "street": 353}
    found = [
        replayed(profile, paths[tier], from_s=_START_S + i)
        for tier, number in printed.items()
        for i in range(number)
    ]
    # two that came in closed from a list: nobody knows who settled them
    found += [(None, _START_S + 60)] * 2
    counts = counted(profile, found)
    settled = counts["settled"][0, 0].tolist()
    assert (counts.summed("received"), settled) == (4616, [1604, 2657, 353, 2])
    rate = Rate.of(settled[0], int(counts.summed("closed")))
    assert rate.percent_text == "34.75"
    assert Rate.of(settled[0], sum(settled[:-1])).percent_text == "34.76"
    assert printed_figure("34.5", rate).agrees is False
    assert printed_figure("34.7", rate).agrees is True
    # the profile's response is the registration, which everything that was handled had
    assert counts.summed("responded") == 4614


@pytest.mark.parametrize(
    ("resolved", "satisfied", "printed"),
    [(403, 583, ("40.3", "58.3")), (748, 861, ("74.8", "86.1"))],
)
def test_fengtai_satisfaction_may_exceed_resolution(resolved, satisfied, printed):
    """January and December 2019, response 100 %, as a thousand synthetic answers each."""
    profile = shipped_profile("generic")
    found = []
    for i in range(1000):
        told = {
            "resolved": "已解决" if i < resolved else "未解决",
            "satisfaction": "满意" if i >= 1000 - satisfied else "不满意",
        }
        steps = [
            ("受理", "坐席", {"triage": "大事"}),
            ("派单", "派单员", {"tier": "街道", "unit": "示例街道"}),
            ("先行联系", "承办人", {}),
            ("处置", "承办人", {}),
            ("反馈", "承办人", {}),
            ("评价", "派单员", told),
        ]
        found.append(replayed(profile, steps))
    counts = counted(profile, found)
    names = (("resolved", "followed_up"), ("satisfied", "answered"))
    above = [int(counts.summed(name)) for name, _ in names]
    below = [int(counts.summed(name)) for _, name in names]
    rates = [Rate.of(above[0], below[0]), Rate(above[1], below[1])]
    assert [printed_figure(*each).agrees for each in zip(printed, rates, strict=True)] == [True] * 2
    assert rates[1].exact > rates[0].exact
    assert counts.summed("responded") == counts.summed("accepted") == 1000


def test_the_first_response_counts_with_the_deadline_of_then_and_the_last_answer():
    rules = shipped_profile("generic").rates
    due = {"contact": {"from_s": 0, "due_s": 50}}
    found = measures_of(
        [
            {"kind": "reported", "at_s": 0, "payload": {}},
            event(10, step="accept"),
            event(20, step="assign", tier="grid"),
            event(30, step="contact", deadlines=due),
            event(40, step="transfer_up", tier="street"),
            event(45, step="exclude", is_excluded=True),
            event(50, step="merge", phase="closed", duplicate_of=7),
            event(60, step="unmerge", duplicate_of=None),
            event(90, step="contact"),
            event(100, step="rate", phase="closed", resolved="no", satisfaction="refused"),
            event(120, step="reopen"),
            event(130, step="rate", phase="closed", resolved="yes"),
        ],
        rules,
    )
    assert (found.accepted_s, found.responded_s, found.response_due_s) == (10, 30, 50)
    assert (found.answered_s, found.resolved, found.satisfaction) == (130, "yes", "refused")
    assert (found.is_excluded, found.duplicate_of, found.tier) == (True, None, "street")
    # 20 to 40 with the grid; with the street 40 to 50, 60 to 100, 120 to 130
    assert set(found.spells) == {TierSpell("grid", 20, None), TierSpell("street", 60, None)}
    assert measures_of([{"kind": "reported", "at_s": 0, "payload": {}}], rules) is None


def test_what_a_list_answers_counts_from_the_report_as_it_was_told_last():
    rules = shipped_profile("generic").rates
    told = [
        {"kind": "reported", "at_s": 10, "payload": {}},
        {"kind": "answered", "at_s": 90, "payload": {"responded": "yes", "resolved": "no"}},
        {"kind": "updated", "at_s": 95, "payload": {"reported_at": "1970-01-01T00:00:05+00:00"}},
        {"kind": "updated", "at_s": 96, "payload": {"title": "另一个标题"}},
    ]
    found = measures_of(told, rules)
    # a list tells no moment of taking up: the report counts, which was moved to second 5
    assert (found.accepted_s, found.responded_s, found.answered_s) == (5, 90, 90)
    assert (found.resolved, found.satisfaction) == ("no", None)


def test_a_source_that_closes_or_reopens_ends_a_spell_and_keeps_the_answers():
    rules = shipped_profile("generic").rates
    told = [event(10, step="assign", tier="grid"), event(20, step="x", resolved="yes")]
    assert measures_of(told, rules).spells == (TierSpell("grid", 0, 10),)
    closed = measures_of([*told, event(40, kind="closed")], rules)
    assert (closed.tier, closed.spells) == ("grid", (TierSpell("grid", 30, None),))
    reopened = measures_of([*told, event(40, kind="closed"), event(50, kind="reopened")], rules)
    assert (reopened.tier, reopened.resolved, reopened.spells) == (
        None,
        "yes",
        (TierSpell("grid", 30, None),),
    )
    backwards = measures_of([*told, event(5, step="y", phase="closed")], rules)
    assert backwards.spells == (TierSpell("grid", 0, None),)


def test_a_rate_without_a_denominator_is_null_and_others_keep_what_they_are_made_of():
    null = Rate.of(0, 0)
    assert (null.share, null.percent_text) == (None, None)
    assert printed_figure("10", null).agrees is None
    partly = Rate(1500, 3)
    assert (partly.numerator_text, partly.share, partly.percent_text) == ("1.5", 0.5, "50.00")
    assert partly.exact == Fraction(1, 2)
    for text in ("", "x", "NaN", "101", "-1"):
        with pytest.raises(InvalidValue):
            printed_figure(text, partly)


def test_a_profile_names_steps_weights_and_the_day_its_months_begin_on():
    rates = """
[rates]
accepted_by = ["assign"]
responded_by = ["deal_with"]
patrol = ["sensor"]
weights = { satisfied = 1, mostly_satisfied = 0.8, not_reached = 0 }
month_from_day = 19
repeat_m = 200
repeat_least = 5
"""
    rules = parse_profile(_LAYERS + rates, file="own.toml").rates
    assert (rules.accepting, rules.responding, rules.patrol) == (
        ("assign",),
        ("deal_with",),
        ("sensor",),
    )
    assert rules.weights == {"satisfied": 1000, "mostly_satisfied": 800, "not_reached": 0}
    assert (rules.month_from_day, rules.repeat_m, rules.repeat_least) == (19, 200.0, 5)
    default = parse_profile(_LAYERS, file="own.toml").rates
    assert replace(rules, accepting=("accept",)).accepting == default.accepting
    assert default.weights == {"satisfied": 1000, "mostly_satisfied": 1000, "dissatisfied": 0}


@pytest.mark.parametrize(
    "line",
    [
        'accepted_by = ["nothing"]',
        'patrol = ["nobody"]',
        "weights = { glad = 1 }",
        "weights = { satisfied = 1.2 }",
        "weights = { satisfied = true }",
        "weights = { satisfied = 0.1234 }",
        "month_from_day = 29",
        "repeat_least = 2",
        "repeat_m = -1",
        "percent = 1",
    ],
)
def test_what_a_profile_cannot_say_about_rates_is_refused_with_its_line(line):
    assert "rates" in refusal_of(f"{_LAYERS}[rates]\n{line}\n").text("zh")
