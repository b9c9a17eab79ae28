"""What a shift leaves to the next, counted by hand from one night and compared with the queue."""

import re

import pytest

from geo_service.errors import InvalidValue
from geo_service.governance.delivery.lane import Waiting
from geo_service.governance.moment import local_text
from geo_service.services.handling.deciding import DecisionAsked
from geo_service.services.handover.handover import HandoverQuery
from geo_service.storage import handovers, webhooks
from geo_service.storage.issue_queries import IssueFilter
from tests.databases import change
from tests.houses import CALLER, Clock, center, grid_code, open_house, publish_street
from tests.shifts import NEXT, NOW, SINCE, Night, eventful_night, moment_s


def new_night(folder, profile="generic"):
    clock = Clock()
    return Night(open_house(folder, profile=profile, clock=clock), clock)


@pytest.fixture
def night(tmp_path):
    return eventful_night(new_night(tmp_path))


def handed_over(night, **asked):
    return night.house.handovers.handover(CALLER, HandoverQuery(**asked))


def page(night, **asked):
    return night.house.handover_pages.page(CALLER, HandoverQuery(**asked))


def test_what_happened_in_a_shift_is_counted(night):
    found = handed_over(night)
    assert [local_text(each) for each in found.turn] == [SINCE, "2026-11-19 08:30", NEXT]
    figures = found.figures
    # urged, done, double, night, urgent, border, nowhere; written down later: paper, closed paper
    assert (figures.received, figures.received_before) == (7, 2)
    assert figures.accepted == 2  # urged and urgent
    assert (figures.closed, figures.merged, figures.closed_before) == (2, 1, 1)
    assert figures.returned == 1  # disputed, for the second time; the first was before the shift
    assert figures.became_overdue == 1  # late, since 18:00
    taken = {each.title: each.count for each in figures.steps}
    assert taken == {"受理": 2, "再次退单": 1, "催办": 1, "并案": 1}
    assert figures.events == {"reported": 9, "closed": 2}


def test_every_figure_is_that_of_the_queue_and_of_the_list_at_the_same_moment(night):
    found = handed_over(night)
    queued = night.house.queue.page(CALLER, limit=500)
    assert found.now_s == queued.now_s == moment_s(NOW)
    assert {name: found.counts[name] for name in queued.counts} == queued.counts
    listed = night.house.issues.issues(
        CALLER, IssueFilter(reported_from_s=moment_s(SINCE)), after=None, limit=500
    )
    assert found.figures.received == len(listed.rows)
    until_s = moment_s(NEXT)
    due = [each.row["next_due_s"] for each in queued.issues]
    assert found.counts["due_next"] == sum(
        each is not None and found.now_s <= each < until_s for each in due
    )
    assert found.counts["due_next"] == 5  # paper, night, border, nowhere, urged


def test_what_presses_is_listed_one_by_one_most_urgent_first(night):
    found = handed_over(night)
    assert [each.external_id for each in found.issues] == [
        "urgent",
        "before",
        "late",
        "paper",
        "night",
        "border",
        "nowhere",
        "urged",
    ]
    assert found.counts["listed"] == 8
    told = [
        (each.state, each.deadline, local_text(each.due_s)[5:], list(each.marks), each.rule)
        for each in found.issues
    ]
    assert told[0] == ("待分流", "办结时限", "11-19 20:00", [], "assigned")
    assert told[2] == ("待受理", "受理时限", "11-18 18:00", [], "assigned")
    assert told[5] == ("待受理", "受理时限", "11-19 11:00", [], "boundary")
    assert told[7] == ("待分流", "催办", "11-19 13:35", ["催办"], "assigned")
    assert [each.owners[-1:] for each in found.issues[5:7]] == [["第1网格"], []]
    assert [each.external_id for each in handed_over(night, limit=2).issues] == ["urgent", "before"]


def test_why_the_others_wait_is_told_with_their_numbers(night):
    groups = {each.name: each for each in handed_over(night).groups}
    told = {
        name: (each.count, {p.name: p.count for p in each.parts}) for name, each in groups.items()
    }
    assert told == {
        "new": (6, {}),
        "without_owner": (2, {"unassigned": 1, "boundary": 1}),
        "returned": (1, {"ruling": 1}),
        "marked": (1, {"urging": 1}),
        # one pause ends this midnight, the other at the end of the month
        "suspended": (2, {"pause_ends": 1}),
    }
    assert groups["returned"].numbers == ["disputed"]
    assert groups["suspended"].numbers == ["suspended"]
    assert groups["new"].numbers == ["before", "late", "paper"]


def test_whose_owner_a_person_has_to_look_at_again_is_told(night):
    decided = DecisionAsked("grid", grid_code(1, 0), "现场核实", "派单员")
    night.house.decisions.decide(CALLER, night.ids["late"], decided, newest_event=None)
    assert [each.is_questioned for each in handed_over(night).issues] == [False] * 8
    lon, lat = center(3, 0)
    night.report("late", "19 08:19", reported="18 16:00", x=lon, y=lat)  # its place is another
    night.at("19 08:20")
    found = handed_over(night)
    [group] = [each for each in found.groups if each.name == "without_owner"]
    assert {each.name: each.count for each in group.parts} == {
        "unassigned": 1,
        "boundary": 1,
        "questioned": 1,
    }
    assert [each.external_id for each in found.issues if each.is_questioned] == ["late"]
    assert "归属须复核" in page(night)


def test_departments_that_were_called_and_deadlines_of_a_year_to_come_are_told(tmp_path):
    night = new_night(tmp_path, "red-property")
    night.report("called", "16 09:00")
    night.take("called", "16 09:10", "受理", "社区书记", triage="小事")
    night.take("called", "16 09:20", "派工", "社区书记", tier="街道", unit="示例街道")
    night.take("called", "16 09:30", "街道吹哨", "街道派单员", departments=["公安", "城管"])
    night.clock.now_s = moment_s("2026-12-29 10:00")
    night.house.issues.report(
        CALLER,
        {"source": "12345", "external_id": "new year", "reported_at": "2026-12-29 09:00"},
        is_updating=False,
    )
    found = handed_over(night)
    # handling is due after working days of 2027, which nobody has announced yet
    assert found.counts["provisional"] == 1
    assert [(each.name, each.numbers) for each in found.groups[2:]] == [
        ("check_in", ["called"]),
        ("provisional", ["new year"]),
    ]
    called = next(each for each in found.issues if each.external_id == "called")
    assert (called.waited_for, called.unit) == (2, "示例街道")
    assert "待 2 个部门报到" in page(night)


def test_the_shift_is_the_one_that_ends_until_an_hour_after_the_next_began(night):
    night.at("19 09:29")
    assert [local_text(each) for each in handed_over(night).turn][:2] == [SINCE, "2026-11-19 08:30"]
    night.at("19 09:30")
    turn = [local_text(each) for each in handed_over(night).turn]
    assert turn == ["2026-11-19 08:30", NEXT, "2026-11-20 08:30"]
    since_s = moment_s("2026-11-16 00:00")
    longer = handed_over(night, since_s=since_s)
    assert longer.turn.from_s == since_s
    # all but what was entered late was reported since, and nothing was entered late
    assert (longer.figures.received, longer.figures.received_before) == (15, 0)
    assert longer.figures.returned == 1
    for wrong in (moment_s("2026-11-20 00:00"), moment_s("2026-10-01 00:00")):
        with pytest.raises(InvalidValue, match="since"):
            handed_over(night, since_s=wrong)


def test_an_edition_that_takes_effect_before_the_next_handover_is_told(night):
    assert handed_over(night).editions == []
    publish_street(night.house, effective_from_s=moment_s("2026-11-19 12:00"), prepared_on=1)
    [news] = handed_over(night).editions
    assert (news.number, news.is_ahead) == (2, True)
    assert "第 2 版网格将于 2026-11-19 12:00 生效" in page(night)


def test_troubles_of_webhooks_and_broken_lists_are_told(night, tmp_path):
    assert "推送、清单导入没有发现问题" in page(night)
    house = night.house
    with house.workspace.database.write() as connection:
        hook = webhooks.add_webhook(
            connection,
            name="平台",
            url="http://localhost/",
            secret="whsec_none",  # noqa: S106  # nothing is sent
            selection={},
            created_at_s=0,
        )
        dead = Waiting(1, night.ids["contacted"])
        webhooks.put_waiting(connection, hook, [dead], is_dead=True)
    at_s = moment_s("2026-11-18 18:05")
    change(
        tmp_path,
        f"INSERT INTO list_imports VALUES ('h', 'r', {at_s}, {at_s}, 2000, 2001, '{{}}', '{{}}')",
    )
    told = {each.name: each.text_zh for each in handed_over(night).troubles}
    assert told == {
        "webhook_dead": "推送“平台”有 1 条未能送达，须人工重发",
        "list_broken_off": "清单导入中断：2026-11-18 18:05 开始，停在第 2000 行；"
        "请再次导入同一文件",
    }
    with house.workspace.database.write() as connection:
        webhooks.change_webhook(connection, hook, pause_reason="paused")
    paused, dead, _ = handed_over(night, language="en").troubles
    assert paused.text("en") == "webhook '平台' is paused: no event goes out"
    night.at("18 18:10")
    assert handed_over(night).troubles[-1].name == "list_under_way"


def test_the_page_says_it_in_words_and_leads_nowhere_outside(night):
    told = page(night)
    for words in ("超期 14小时20分", "超期 1天20小时", "剩 1小时30分", "紧急 公共安全"):
        assert words in told
    assert "数据截至 11-19 08:20:00" in told
    assert "示例区交接班单" in told
    assert not re.search(r"https?://", told)
    assert "1 d 20 h late" in page(night, language="en")


def test_a_house_without_anything_has_an_empty_sheet(tmp_path):
    night = new_night(tmp_path)
    found = handed_over(night)
    assert (found.counts["all"], found.groups, found.issues) == (0, [], [])
    assert "没有紧急、超期或下次交班前到期的问题" in page(night)


def test_the_log_is_walked_back_as_far_as_the_shift_goes(night, monkeypatch):
    monkeypatch.setattr(handovers, "_WALKED", 2)
    assert handed_over(night).figures.events == {"reported": 9, "closed": 2}
