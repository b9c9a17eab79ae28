"""Deadlines of stored issues: told at intake, kept by events, moved when a year is announced."""

from datetime import UTC, datetime

import pytest

from geo_service.errors import InvalidProfile, InvalidValue
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.handling.steps import StepAsked
from geo_service.services.verification.verifications import (
    VerificationOptions,
    VerificationService,
)
from tests.databases import change
from tests.houses import CALLER, Clock, center, open_house, publish_street

NEW_YEAR = """
year = 2027
workdays = [2027-01-03]

[[holidays]]
name = "元旦"
from = 2027-01-01
to = 2027-01-01
"""


def moment_s(text):
    return datetime.fromisoformat(f"{text}+08:00").timestamp()


def report(house, external_id, at, **told):
    lon, lat = center(0, 0)
    place = {"source": "12345", "lon": lon, "lat": lat, "frame": "EPSG:4490"}
    told = {**place, "external_id": external_id, "reported_at": at, **told}
    return house.issues.report(CALLER, told, is_updating=True)["id"]


def take(house, issue_id, step, role, **told):
    return house.handling.take_step(CALLER, issue_id, StepAsked(step, role, told))


def findings(house):
    found = VerificationService(house.workspace).verify(LOCAL_ADMINISTRATOR, VerificationOptions())
    every = [each for check in found.checks for each in check.findings]
    return [each.text("en") for each in every if not each.is_warning]


def due(house, issue_id, name="handling"):
    at_s = house.handling.history(CALLER, issue_id).deadlines[name].due_s
    return datetime.fromtimestamp(at_s + 8 * 3600, UTC).strftime("%Y-%m-%d %H:%M")


def test_a_deadline_in_a_year_to_come_moves_when_the_year_is_announced(tmp_path):
    clock = Clock(moment_s("2026-12-30T10:00"))
    house = open_house(tmp_path, clock=clock)
    publish_street(house)
    first = report(house, "1", "2026-12-29 10:00")
    paused = report(house, "2", "2026-12-29 10:00")
    report(house, "3", "2026-12-29 10:00", status="办结", closed_at="2026-12-30 09:00")
    take(house, paused, "受理", "派单员", triage="小事")
    take(house, paused, "分流", "派单员", tier="网格", unit="示例网格")
    take(house, paused, "挂账", "网格员", reason="等待配件", until="2027-01-31")
    assert due(house, first) == "2027-01-06 00:00"  # 30, 31, 1, 4, 5: weekends alone are off
    assert house.handling.history(CALLER, paused).deadlines["handling"].is_paused
    assert house.schedule.recompute_deadlines(CALLER) == 0

    with pytest.raises(InvalidProfile, match=r"2027\.toml, line 1"):
        house.deadlines.load_year(CALLER, "\nyear = '2027'", file="2027.toml")
    # the third of January is worked: 30, 31, 3, 4, 5
    assert house.deadlines.load_year(CALLER, NEW_YEAR, file="2027.toml") == (2027, 1)
    assert due(house, first) == "2027-01-06 00:00"
    history = house.handling.history(CALLER, first)
    assert [event["kind"] for event in history.events] == ["reported", "recomputed"]
    assert not history.deadlines["handling"].is_provisional
    clock.now_s = moment_s("2027-01-05T10:00")
    take(house, paused, "销号恢复", "网格员")
    assert due(house, paused) == "2027-01-12 00:00"
    assert findings(house) == []

    again = open_house(tmp_path, clock=clock)
    late = report(again, "4", "2026-12-29 10:00")
    assert not again.handling.history(CALLER, late).deadlines["handling"].is_provisional
    assert again.deadlines.load_year(CALLER, NEW_YEAR, file="2027.toml") == (2027, 0)


def test_a_duplicate_belongs_to_an_issue_that_is_none_itself(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    original, double, third = (report(house, str(i), "2025-06-10 08:00") for i in range(3))
    with pytest.raises(InvalidValue, match="another issue"):
        take(house, double, "并案", "派单员", issue=double)
    with pytest.raises(InvalidValue, match="another issue"):
        take(house, double, "并案", "派单员", issue=999)
    assert take(house, double, "并案", "派单员", issue=original).status == "closed"
    with pytest.raises(InvalidValue, match=f"is one of {original}"):
        take(house, third, "并案", "派单员", issue=double)
    assert take(house, double, "解除并案", "值班长", reason="不是同一处").status == "open"
    assert findings(house) == []


def test_columns_that_say_otherwise_than_the_events_are_found(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    report(house, "1", "2025-06-10 08:00")
    house.close()
    change(tmp_path, "UPDATE issues SET next_due_s = 5")
    assert "next_due_s" in " ".join(findings(open_house(tmp_path)))
