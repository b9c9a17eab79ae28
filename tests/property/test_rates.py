"""Counting in columns equals counting one issue after another."""

import statistics
from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.analysis.periods import Period
from geo_service.analysis.rates import (
    RatedIssues,
    RateShape,
    grouped_medians,
    ranks,
    rate_counts,
    shares,
    tier_hours,
)
from tests.examples import examples

_PERIOD = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
_FROM_S, _TO_S = _PERIOD.start_s, _PERIOD.end_s
_NOW_S = _TO_S + 3600
_AREAS, _GROUPS, _TIERS = 3, 2, 2
_WEIGHTS = (1000, 800, 0, -1, -1)

_MOMENT = st.one_of(st.just(-1), st.integers(_FROM_S - 9000, _TO_S + 9000))
_OWNER = st.integers(-1, _AREAS - 1)
_ISSUE = st.fixed_dictionaries(
    {
        "owners": _OWNER,
        "response_owners": _OWNER,
        "answer_owners": _OWNER,
        "groups": st.integers(0, _GROUPS - 1),
        "reported_s": st.integers(_FROM_S - 9000, _TO_S + 9000),
        "closed_s": _MOMENT,
        "due_s": st.one_of(st.just(-1), st.integers(_NOW_S - 9000, _NOW_S + 30 * 3600)),
        "accepted_s": _MOMENT,
        "responded_s": _MOMENT,
        "response_due_s": _MOMENT,
        "answered_s": _MOMENT,
        "resolved": st.integers(-1, 1),
        "satisfaction": st.integers(-1, len(_WEIGHTS) - 1),
        "tier": st.integers(-1, _TIERS - 1),
        "is_open": st.booleans(),
        "is_late": st.booleans(),
        "is_excluded": st.booleans(),
        "is_exempted": st.booleans(),
        "is_duplicate": st.booleans(),
        "is_patrol": st.booleans(),
    }
)


def columns(issues):
    def column(name):
        kind = bool if name.startswith("is_") else np.int64
        return np.array([issue[name] for issue in issues], dtype=kind)

    return RatedIssues(**{name: column(name) for name in RatedIssues.__dataclass_fields__})


class Oracle:
    """Counts of one area and group, an issue after another."""

    def __init__(self, issues, area, group, *, is_by_event):
        self.issues = [i for i in issues if i["groups"] == group]
        self.area, self.is_by_event = area, is_by_event

    def count(self, is_wanted, *, owner="owners"):
        return sum(is_wanted(i) for i in self.issues if i[owner] == self.area)

    def happened(self, issue, name):
        if issue["is_duplicate"]:
            return False
        when = name if self.is_by_event else "reported_s"
        return issue[name] >= 0 and _FROM_S <= issue[when] < _TO_S

    def is_reported(self, issue):
        return _FROM_S <= issue["reported_s"] < _TO_S and not issue["is_duplicate"]

    def is_open(self, issue):
        is_there = issue["reported_s"] < _TO_S if self.is_by_event else self.is_reported(issue)
        return issue["is_open"] and is_there and not issue["is_duplicate"]

    def is_closed(self, issue):
        if issue["is_open"]:
            return False
        if issue["closed_s"] < 0:
            return not self.is_by_event and self.is_reported(issue)
        return self.happened(issue, "closed_s")

    def has_due(self, issue):
        return self.is_closed(issue) and issue["closed_s"] >= 0 and issue["due_s"] >= 0

    def is_responded(self, issue):
        if not self.happened(issue, "accepted_s") or issue["responded_s"] < 0:
            return False
        return issue["response_due_s"] < 0 or issue["responded_s"] <= issue["response_due_s"]

    def weight(self, issue):
        if not self.happened(issue, "answered_s") or issue["satisfaction"] < 0:
            return -1
        return _WEIGHTS[issue["satisfaction"]]

    def expected(self):
        def asked(issue):
            return self.happened(issue, "answered_s") and issue["resolved"] >= 0

        def late(issue):
            return self.has_due(issue) and issue["is_late"]

        def kept(issue):
            return not issue["is_excluded"]

        soon_s = 24 * 3600
        answered = {"owner": "answer_owners"}
        response = {"owner": "response_owners"}
        return {
            "received": self.count(self.is_reported),
            "from_patrol": self.count(lambda i: self.is_reported(i) and i["is_patrol"]),
            "duplicates": self.count(
                lambda i: _FROM_S <= i["reported_s"] < _TO_S and i["is_duplicate"]
            ),
            "open": self.count(self.is_open),
            "overdue": self.count(lambda i: self.is_open(i) and 0 <= i["due_s"] < _NOW_S),
            "due_soon": self.count(
                lambda i: self.is_open(i) and 0 <= i["due_s"] - _NOW_S <= soon_s
            ),
            "closed": self.count(self.is_closed),
            "closed_late": self.count(late),
            "closed_on_time_appraised": self.count(
                lambda i: self.has_due(i) and kept(i) and (not i["is_late"] or i["is_exempted"])
            ),
            "accepted": self.count(lambda i: self.happened(i, "accepted_s"), **response),
            "responded": self.count(self.is_responded, **response),
            "responded_appraised": self.count(
                lambda i: self.is_responded(i) and kept(i), **response
            ),
            "followed_up": self.count(asked, **answered),
            "resolved": self.count(lambda i: asked(i) and i["resolved"] == 1, **answered),
            "answered": self.count(lambda i: self.weight(i) >= 0, **answered),
            "satisfied": self.count(lambda i: max(self.weight(i), 0), **answered),
        }

    def hours(self):
        own = [i for i in self.issues if i["owners"] == self.area]
        spent = [
            (i["closed_s"] - i["reported_s"]) / 3600
            for i in own
            if self.is_closed(i) and i["closed_s"] >= 0
        ]
        return statistics.median(spent) if spent else None


@settings(max_examples=examples(60), deadline=None)
@given(issues=st.lists(_ISSUE, max_size=25), is_by_event=st.booleans())
def test_counts_are_those_of_counting_one_by_one(issues, is_by_event):
    shape = RateShape(_AREAS, _GROUPS, _TIERS, _WEIGHTS)
    found = rate_counts(columns(issues), shape, _PERIOD, now_s=_NOW_S, is_by_event=is_by_event)
    for area in (*range(_AREAS), -1):
        for group in range(_GROUPS):
            oracle = Oracle(issues, area, group, is_by_event=is_by_event)
            told = {name: int(found[name][area, group]) for name in oracle.expected()}
            assert told == oracle.expected()
            median = found.times["median_handling_hours"][area, group]
            assert (None if np.isnan(median) else float(median)) == oracle.hours()
    assert found["settled"].sum() == found.summed("closed")
    assert (found["answers"].sum(axis=2) >= found["answered"]).all()


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.one_of(st.none(), st.sampled_from([0.0, 0.5, 1.0])), max_size=12))
def test_ties_share_a_rank_and_a_null_has_none(values):
    found = ranks(np.array([np.nan if v is None else v for v in values], dtype=float)).tolist()
    for value, rank in zip(values, found, strict=True):
        above = sum(v is not None and value is not None and v > value for v in values)
        assert rank == (0 if value is None else above + 1)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-50, 50)), max_size=30))
def test_grouped_medians_are_those_of_each_group(pairs):
    keys = np.array([key for key, _ in pairs], dtype=np.int64)
    values = np.array([value for _, value in pairs], dtype=float)
    for key, median in enumerate(grouped_medians(keys, values, size=4).tolist()):
        own = [value for each, value in pairs if each == key]
        assert median == statistics.median(own) if own else np.isnan(median)


def test_a_share_is_null_exactly_without_a_denominator():
    found = shares(np.array([0, 1, 2]), np.array([0, 2, 2]))
    assert np.isnan(found[0])
    assert found[1:].tolist() == [0.5, 1.0]


def test_hours_of_a_tier_end_with_the_closing_or_now():
    one = dict.fromkeys(RatedIssues.__dataclass_fields__, -1)
    flags = {name: False for name in one if name.startswith("is_")}
    open_one = one | flags | {"owners": 0, "groups": 0, "is_open": True}
    closed = open_one | {"is_open": False, "closed_s": _NOW_S - 3600}
    nobody = open_one | {"owners": -1}
    spells = tuple(
        np.array(each)
        for each in (
            [0, 0, 1, 2, 2],
            [0, 1, 1, 0, -1],
            [3600, 0, 0, 7200, 999],
            [-1, _NOW_S - 7200, _NOW_S - 7200, -1, -1],
        )
    )
    shape = RateShape(1, 1, 2, _WEIGHTS)
    issues, hours = tier_hours(columns([open_one, closed, nobody]), shape, spells, now_s=_NOW_S)
    assert issues.tolist() == [[1, 2], [1, 0]]
    assert hours.tolist() == [[1.0, 3.0], [2.0, 0.0]]
