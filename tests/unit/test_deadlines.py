"""Deadlines of one issue: begun, chosen, paused, extended, met and missed, as its events tell."""

import json
from datetime import UTC, datetime

import pytest

from geo_service.errors import InvalidProfile, InvalidValue, NotAdmitted, StepTooLate
from geo_service.governance.clock.calendar import CalendarYear, shipped_calendar
from geo_service.governance.clock.limit import WORKING_HOURS, Clock, Limit, Pause
from geo_service.governance.clock.run import DeadlineClock
from geo_service.governance.handling.life import from_values
from geo_service.governance.issue import IssueReport
from geo_service.governance.moment import iso_text, local_text, read_moment
from geo_service.governance.profile import parse_profile, shipped_profile
from geo_service.services.issues.prepared import prepared
from tests.deadlines import PROFILE, Issue
from tests.profiles import refusal_of


def test_the_narrowest_limit_applies_from_the_report_on():
    issue = Issue()
    assert issue.due() == "2026-11-23 18:00"  # five working days after Monday, when offices close
    issue.take("start", "2026-11-16 11:00", condition="紧急")
    assert issue.due() == "2026-11-16 15:00"  # four working hours of 10 to 12 and 13 to 15
    crisis = Issue(major="公共危机", minor="公共卫生(涉疫)")
    assert crisis.due() == "2026-11-23 18:00"
    crisis.take("say", "2026-11-16 10:30", condition="urgent")
    assert crisis.due() == "2026-11-16 12:00"
    assert Issue(major=None).due() == "2026-11-23 18:00"


def test_a_deadline_does_not_move_when_an_issue_is_given_back():
    issue = Issue()
    issue.take("start", "2026-11-16 11:00")
    assert issue.due("level") == "2026-11-17 11:00"
    assert issue.due("free") is None
    payload = issue.take("give_back", "2026-11-16 17:00")
    assert "deadlines" not in payload
    issue.take("start", "2026-11-16 17:30")
    assert (issue.due(), issue.due("level")) == (
        "2026-11-23 18:00",
        None,
    )  # the office has no limit
    again = Issue()
    again.take("start", "2026-11-16 11:00")
    with pytest.raises(StepTooLate, match="over on 2026-11-17 11:00"):
        again.take("give_back", "2026-11-17 11:01")


def test_another_tier_has_a_limit_of_its_own():
    issue = Issue()
    issue.take("start", "2026-11-16 11:00")
    issue.take("lift", "2026-11-16 12:00")
    assert issue.runs["level"].limit is None


def test_a_pause_moves_a_deadline_and_has_its_own():
    issue = Issue()
    issue.take("start", "2026-11-16 11:00")
    with pytest.raises(InvalidValue, match="no later than 2026-12-17 18:00"):
        issue.take("wait", "2026-11-17 10:00", until="2026-12-18")
    with pytest.raises(InvalidValue, match="after the step itself"):
        issue.take("wait", "2026-11-17 10:00", until="2026-11-16")
    issue.take("wait", "2026-11-17 10:00", until="2026-11-20")
    assert (issue.due(), issue.due("pause")) == (None, "2026-11-21 00:00")
    assert issue.dues.due_s is None
    issue.take("go_on", "2026-11-20 10:00")
    # ten hours of Tuesday and fourteen of Friday are the first day
    assert issue.due() == "2026-11-26 18:00"
    assert not issue.runs["pause"].ended_late
    issue.take("wait", "2026-11-23 10:00", until="2026-11-23 12:00")
    issue.take("end", "2026-11-23 14:00")
    assert issue.runs["pause"].ended_late
    assert not issue.runs["handling"].ended_late
    assert issue.dues.next_due_s is None


def test_what_was_due_before_a_pause_stays_missed():
    issue = Issue()
    issue.take("start", "2026-11-16 11:00")
    issue.take("wait", "2026-11-24 10:00", until="2026-11-30")
    assert issue.due() == "2026-11-23 18:00"
    issue.take("go_on", "2026-11-25 10:00")
    issue.take("end", "2026-11-25 11:00")
    assert issue.dues.is_late


def test_an_extension_has_its_limit_and_a_later_pause_is_added():
    issue = Issue()
    issue.take("start", "2026-11-16 11:00")
    with pytest.raises(InvalidValue, match="no later than 2026-12-03 18:00"):
        issue.take("extend", "2026-11-20 10:00", until="2026-12-05")
    issue.take("extend", "2026-11-20 10:00", until="2026-12-01 18:00")
    assert issue.due() == "2026-12-01 18:00"
    issue.take("say", "2026-11-20 11:00", condition="urgent")
    assert issue.due() == "2026-12-01 18:00"
    issue.take("wait", "2026-11-23 10:00", until="2026-11-27")
    issue.take("go_on", "2026-11-25 10:00")
    assert issue.due() == "2026-12-03 18:00"


def test_a_missed_deadline_stays_a_fact_when_the_issue_is_opened_again():
    issue = Issue()
    issue.take("start", "2026-11-16 11:00")
    issue.take("end", "2026-11-23 18:01")
    assert issue.dues.is_late
    issue.take("reopen", "2026-11-24 09:00")
    assert issue.due() == "2026-12-01 18:00"
    issue.take("end", "2026-11-24 10:00")
    assert (issue.runs["handling"].late_before, issue.dues.is_late) == (1, True)


def test_exempting_and_leaving_out_are_facts_of_their_own():
    issue = Issue()
    issue.take("start", "2026-11-16 11:00")
    issue.take("end", "2026-11-23 18:01")
    issue.take("forgive", "2026-11-24 09:00", reason="台风")
    issue.take("leave_out", "2026-11-24 09:00", reason="上级通知")
    standing = from_values(issue.state.handling)
    assert (standing.is_exempted, standing.is_excluded, issue.dues.is_late) == (True, True, True)
    issue.take("take_in", "2026-11-24 10:00")
    assert from_values(issue.state.handling).is_excluded is False


def test_a_duplicate_that_is_none_goes_on_where_its_deadline_stands():
    issue = Issue()
    issue.take("start", "2026-11-16 11:00")
    with pytest.raises(InvalidValue, match="the number of an issue"):
        issue.take("merge", "2026-11-16 12:00", issue="第 7 号")
    issue.take("merge", "2026-11-16 12:00", issue="7")
    assert (issue.state.status, from_values(issue.state.handling).duplicate_of) == ("closed", 7)
    issue.take("unmerge", "2026-11-17 12:00")
    assert (issue.state.status, issue.due()) == ("open", "2026-11-23 18:00")
    assert from_values(issue.state.handling).duplicate_of is None


def test_a_source_closes_and_reopens_with_deadlines():
    issue = Issue()
    closed_at = iso_text(read_moment("2026-11-24 09:00"))
    issue.happen("closed", "2026-11-24 09:00", {"closed_at": closed_at})
    assert issue.dues.is_late
    earlier = iso_text(read_moment("2026-11-20 09:00"))
    issue.happen("updated", "2026-11-24 10:00", {"closed_at": earlier, "private": []})
    assert not issue.dues.is_late
    issue.happen("reopened", "2026-11-24 11:00", {})
    assert issue.due() == "2026-12-01 18:00"
    issue.happen("closed", "2026-11-25 10:00", {"closed_at": None})
    assert issue.dues == (None, None, False, False)
    issue.happen("updated", "2026-11-26 10:00", {"closed_at": closed_at, "private": []})
    assert issue.dues.due_s is None


def test_a_report_that_is_told_otherwise_is_judged_again_until_somebody_handles_it():
    issue = Issue()
    told = {"reported_at": iso_text(read_moment("2026-11-13 10:00")), "private": []}
    payload = issue.happen("updated", "2026-11-16 12:00", told)
    assert local_text(payload["deadlines"]["handling"]["due_s"]) == "2026-11-20 18:00"
    assert "deadlines" not in issue.happen("updated", "2026-11-16 13:00", {"private": ["title"]})
    issue.take("start", "2026-11-16 14:00")
    later = {"reported_at": iso_text(read_moment("2026-11-16 10:00")), "private": []}
    assert "deadlines" not in issue.happen("updated", "2026-11-16 15:00", later)
    assert "deadlines" not in issue.happen("reassigned", "2026-11-16 16:00", {})


def test_a_year_that_is_announced_later_moves_what_was_provisional():
    issue = Issue("2026-12-30 10:00")
    assert issue.due() == "2027-01-06 18:00"  # weekends alone
    assert issue.dues.is_provisional
    new_year = CalendarYear(2027, {datetime(2027, 1, 1, tzinfo=UTC).date(): "元旦"}, frozenset())
    known = Issue("2026-12-30 10:00", years=[new_year])
    assert known.due() == "2027-01-07 18:00"
    assert known.clock.recomputed(issue.runs, ()) == known.runs
    assert known.clock.recomputed(known.runs, ()) == {}
    assert not known.dues.is_provisional


def test_a_duty_of_a_department_is_not_handed_to_residents():
    text = (
        PROFILE.replace("公共危机", "供水")
        + '[[categories]]\nname = "供水"\nstatutory = true\ndepartment = "水务局"\n'
    )
    issue = Issue(major="供水", profile=parse_profile(text, file="small.toml"))
    with pytest.raises(NotAdmitted, match="水务局"):
        issue.take("start", "2026-11-16 11:00")


def test_what_a_profile_has_lost_ends_when_the_issue_closes():
    issue = Issue()
    issue.take("start", "2026-11-16 11:00")
    issue.clock = DeadlineClock(shipped_profile("x-street").deadlines, Clock(shipped_calendar()))
    issue.take("lift", "2026-11-16 12:00")
    assert issue.runs["level"].is_running
    issue.take("end", "2026-11-16 13:00")
    assert not issue.runs["level"].is_running


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('hours = ["09:00-12:00", "13:00-18:00"]', "hours = []", "应为办公时段列表"),
        ('"13:00-18:00"', '"11:00-18:00"', "“11:00-18:00”须在前一段之后"),
        ('"13:00-18:00"', '"18:00-13:00"', "须在前一段之后，结束晚于开始"),
        ('"13:00-18:00"', '"25:00-26:00"', "应为办公时段列表"),
        ("days_end", "shift_starts = []\ndays_end", "应为班次开始的时刻列表"),
        ("days_end", 'shift_starts = ["8:30"]\ndays_end', "应为班次开始的时刻列表"),
        (
            "days_end",
            'shift_starts = ["17:30", "08:30"]\ndays_end',
            "“08:30”须晚于前一个班次的开始",
        ),
        ('from = ["start", "lift"]', "from = []", "要写明由什么开始"),
        ('from = ["start", "lift"]', 'from = ["begin"]', "没有“begin”"),
        ('until = ["go_on"]', 'until = ["goon"]', "没有“goon”"),
        ('extended_by = ["extend"]', 'extended_by = ["lift"]', "步骤“lift”要告知期限"),
        ("told = true", "each_tier = true", "told"),
        ('tier = "desk"\nworking', 'tier = "desks"\nworking', "没有“desks”"),
        ('category = "公共危机"', 'category = "天气"', "没有类别“天气”"),
        ("hours = 2\n", "hours = 2\nworking_hours = 2\n", "要且只要一项时限"),
        ("hours = 2\n", "hours = 0\n", "应为大于 0"),
        ("working_days = 5", "working_days = 5.5", "应为1 到 366 之间的天数"),
        ('condition = "urgent"\nworking_hours = 4\n', "working_hours = 4\n", "永远用不上"),
        ('deadline = "handling"\n\n[office]', 'deadline = "x"\n\n[office]', "没有“x”"),
        ('within = "level"', 'within = "levels"', "没有“levels”"),
        ('from_phases = ["open"]\nneeds', 'from_phases = ["opened"]\nneeds', "没有“opened”"),
        ('from_phases = ["open"]\nneeds', "needs", "要写明从哪些状态"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(old, new, said):
    assert old in PROFILE
    text = PROFILE.replace(old, new)
    if said == "told":  # a told deadline needs the end with the step that starts it
        text = PROFILE.replace('to = "waiting"\nneeds = ["until"]', 'to = "waiting"')
        said = "步骤“wait”要告知期限"
    assert said in refusal_of(text).text("zh")


def test_a_condition_needs_conditions():
    text = PROFILE.replace(
        '[[conditions]]\nname = "urgent"\ntitle_zh = "紧急"\nurgent = true\n', ""
    )
    text = text.replace('condition = "urgent"\n', "")
    with pytest.raises(InvalidProfile, match=r"no \[\[conditions\]\]"):
        parse_profile(text, file="small.toml")


def test_one_that_came_in_closed_is_judged_when_its_closing_is_told():
    issue = Issue()
    issue.state = issue.state._replace(status="closed", deadlines={})  # as such a report is stored
    closed_at = iso_text(read_moment("2026-11-24 09:00"))
    issue.happen("updated", "2026-11-26 10:00", {"closed_at": closed_at, "private": []})
    assert issue.dues.is_late


def test_working_hours_that_were_paused_count_from_the_afternoon_they_began_in():
    clock = Clock(shipped_calendar())  # 9 to 12 and 13 to 18
    from_s, *edges = (
        int(read_moment(f"2026-11-16 {hour}:00").timestamp()) for hour in (14, 15, 16)
    )
    due = clock.due(Limit(WORKING_HOURS, 2), from_s=from_s, pauses=[Pause(*edges)])
    # one hour until 15:00, and the second from 16:00 on
    assert local_text(due.at_s) == "2026-11-16 17:00"


def test_many_reports_to_which_no_limit_applies_are_told_when_their_deadline_began():
    unlimited = PROFILE.replace('deadline = "handling"\nworking_days = 5', "", 1)
    profile = parse_profile(unlimited.replace("[[limits]]\n\n", "", 1), file="small.toml")
    rules = profile.deadlines
    clock = DeadlineClock(rules, Clock(shipped_calendar(), rules.hours))
    reported_at = read_moment("2026-11-16 10:00")
    report = IssueReport("complaint", "GD1", reported_at, condition=None)
    [made] = prepared([report], now=reported_at, deadlines=clock)
    told = json.loads(made.events[0][2])["deadlines"]
    assert told == {"handling": {"from_s": int(reported_at.timestamp())}}
    assert made.dues.due_s is None
