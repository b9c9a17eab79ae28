"""A stored history is sound, or it is said at which event or column it is not."""

from datetime import UTC, datetime

import pytest

from geo_service.governance.event import Event, fold, state_to_values
from geo_service.governance.history import (
    ILLEGAL,
    ODD_TIME,
    OTHER_COLUMN,
    OTHER_STATE,
    OTHER_TIME,
    Fault,
    StoredEvent,
    faults,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
TOLD = [
    ("reported", {"category_major": "环境", "private": ["title"]}),
    ("updated", {"category_major": "市容", "private": []}),
    ("closed", {"closed_at": NOW.isoformat()}),
    ("reopened", {}),
]
COLUMNS = {"category_major": "市容", "status": "open", "closed_at": None, "title": "路灯"}


def history(told=TOLD):
    events, state = [], None
    for number, (kind, payload) in enumerate(told, start=1):
        state = fold([Event(kind, NOW, payload)], start=state)
        values = state_to_values(state)
        events.append(StoredEvent(number, kind, NOW_S, NOW_S, payload, values))
    return events


def changed(events, position, **fields):
    events[position] = StoredEvent(**{**vars(events[position]), **fields})
    return events


def test_a_sound_history_has_no_fault():
    assert list(faults(history(), COLUMNS)) == []


def test_a_state_that_is_not_the_fold_is_named_by_its_event():
    state = {**history()[1].state, "category_major": "环境"}
    assert list(faults(changed(history(), 1, state=state), COLUMNS)) == [Fault(OTHER_STATE, 2)]


def test_after_an_event_that_cannot_follow_nothing_more_is_said():
    assert list(faults(changed(history(), 2, kind="reopened"), {})) == [Fault(ILLEGAL, 3)]
    assert list(faults(history()[1:], COLUMNS)) == [Fault(ILLEGAL, 2)]


@pytest.mark.parametrize("at_s", [0, NOW_S + 86_401])
def test_a_time_before_1992_or_a_day_after_it_was_recorded_is_odd(at_s):
    assert list(faults(changed(history(), 0, at_s=at_s), COLUMNS)) == [Fault(ODD_TIME, 1)]


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("closed", {"closed_at": "2026-11-20T23:59:59+00:00"}),
        ("step", {"at_s": NOW_S - 1}),
        ("reported", {"reported_at": "2026-11-21T00:00:01+00:00"}),
    ],
)
def test_a_time_that_is_not_the_one_its_payload_tells_is_named(kind, payload):
    event = StoredEvent(1, kind, NOW_S, NOW_S, payload, {})
    assert next(faults([event], {})) == Fault(OTHER_TIME, 1)
    for told in ({"closed_at": None}, {"reported_at": "some day"}, {"at_s": "now"}, {}):
        event = StoredEvent(1, kind, NOW_S, NOW_S, told, {})
        assert OTHER_TIME not in [fault.kind for fault in faults([event], {})]


def test_a_column_that_the_last_state_contradicts_is_named_and_private_ones_are_not():
    told = list(faults(history(), {**COLUMNS, "status": "closed", "title": "别的"}))
    assert told == [Fault(OTHER_COLUMN, column="status")]
