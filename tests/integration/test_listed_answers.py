"""Hotline lists that tell of urgency and follow-ups: recorded once, counted, undone by nothing."""

from datetime import date

import pytest

from geo_service.services.handling.steps import StepAsked
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.rates.counts import RateQuery
from geo_service.services.rates.rows import total_row
from tests.databases import everything
from tests.houses import CALLER, Clock, center, open_house, publish_street
from tests.verified_houses import found as faults_of

NOVEMBER = RateQuery("grid", date(2026, 11, 1), date(2026, 11, 20))
OPTIONS = IssueFileOptions(source="complaint", frame="EPSG:4490")
HEADING = "工单号,受理时间,经度,纬度,状态,办结时间,是否响应,是否解决,办理结果满意度,紧急程度"
CLOSED = "办结,2026-11-12 18:00"
OPEN = "在办,"


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    return house


def write(folder, *rows, heading=HEADING):
    path = folder / "12345.csv"
    lon, lat = center(0, 0)
    lines = [f"{number},2026-11-10 08:00,{lon},{lat},{rest}" for number, rest in rows]
    path.write_text("\n".join([heading, *lines]), encoding="gbk")
    return path


def take_in(house, folder, *rows, **options):
    return house.issues.import_file(CALLER, write(folder, *rows, **options), OPTIONS)


def events(house, issue_id=1):
    return [
        (each["kind"], {k: v for k, v in each["payload"].items() if k in WORDS})
        for each in house.handling.history(CALLER, issue_id).events
    ]


WORDS = ("condition", "responded", "resolved", "satisfaction")


def rates(house, query=NOVEMBER):
    row = total_row(house.rates.rates(CALLER, query))
    names = ("response_rate", "resolution_rate", "satisfaction_rate")
    return {name: (row.rates[name].numerator_text, row.rates[name].denominator) for name in names}


def test_what_a_list_says_of_follow_ups_counts_in_the_three_rates(house, tmp_path):
    report = take_in(
        house,
        tmp_path,
        ("1", f"{CLOSED},是,已解决,满意,一般"),
        ("2", f"{CLOSED},是,未解决,基本满意,一般"),
        ("3", f"{CLOSED},否,是,未接通,"),
        ("4", f"{OPEN},是,,,紧急"),
        ("5", f"{CLOSED},,,,"),
    )
    assert (report.added, len(report.rejections)) == (5, 0)
    told = {(each.field, each.word.name): each.rows for each in report.told}
    assert (told["responded", "yes"], told["condition", "urgent"]) == (3, 1)
    # responded: 3 of the 4 of which the list tells; resolved: 2 of 3 asked; satisfied: 满意 counts
    # 1, 基本满意 what the profile says, 未接通 is in no denominator
    weight = house.workspace.profile.rates.weights["mostly_satisfied"] / 1000
    assert rates(house) == {
        "response_rate": ("3", 4),
        "resolution_rate": ("2", 3),
        "satisfaction_rate": (f"{1 + weight:g}", 2),
    }
    # by event they count on the day of the closing, the only one that the list tells
    then = RateQuery("grid", date(2026, 11, 12), date(2026, 11, 12), by="event")
    assert rates(house, then)["resolution_rate"] == ("2", 3)
    assert events(house) == [
        ("reported", {"condition": "normal"}),
        ("answered", {"responded": "yes", "resolved": "yes", "satisfaction": "satisfied"}),
        ("closed", {}),
    ]
    assert faults_of(tmp_path) == set()


def test_the_same_list_adds_nothing_and_a_changed_answer_is_one_event(house, tmp_path):
    rows = [("1", f"{CLOSED},是,未解决,不满意,一般"), ("2", f"{OPEN},是,,,紧急")]
    take_in(house, tmp_path, *rows)
    stored = everything(tmp_path)
    again = take_in(house, tmp_path, *rows)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)
    assert everything(tmp_path) == stored
    changed = take_in(house, tmp_path, ("1", f"{CLOSED},是,未解决,满意,一般"), rows[1])
    assert (changed.updated, changed.unchanged) == (1, 1)
    assert events(house)[-1] == ("answered", {"satisfaction": "satisfied"})
    assert len(events(house)) == 4
    assert rates(house)["satisfaction_rate"] == ("1", 1)
    assert rates(house)["resolution_rate"] == ("0", 1)
    assert faults_of(tmp_path) == set()


def test_a_list_without_the_columns_takes_no_answer_back(house, tmp_path):
    take_in(house, tmp_path, ("1", f"{CLOSED},是,已解决,满意,紧急"))
    before = rates(house)
    plain = "工单号,受理时间,经度,纬度,状态,办结时间,标题"
    told = take_in(house, tmp_path, ("1", f"{CLOSED},路灯不亮"), heading=plain)
    assert (told.updated, told.unchanged) == (1, 0)
    assert events(house)[-1] == ("updated", {})
    assert rates(house) == before
    assert take_in(house, tmp_path, ("1", f"{CLOSED},路灯不亮"), heading=plain).unchanged == 1
    assert faults_of(tmp_path) == set()


def test_an_unknown_word_rejects_its_row_alone_and_says_what_is_understood(house, tmp_path):
    report = take_in(
        house,
        tmp_path,
        ("1", f"{CLOSED},是,已解决,五星,一般"),
        ("2", f"{CLOSED},是,已解决,满意,红色"),
        ("3", f"{CLOSED},是,已解决,满意,一般"),
    )
    assert report.added == 1
    assert [(each.row, each.field) for each in report.rejections] == [
        (2, "satisfaction"),
        (3, "condition"),
    ]
    assert "“满意度”一列写的是“五星”" in report.rejections[0].reason_zh
    assert "满意、基本满意、不满意、未接通、拒评" in report.rejections[0].reason_zh


def test_an_urgent_ticket_of_a_list_is_on_top_with_the_urgent_limit_and_still_new(house, tmp_path):
    take_in(house, tmp_path, ("1", f"{OPEN},,,,一般"), ("2", f"{OPEN},,,,紧急"))
    page = house.queue.page(CALLER)
    assert [each.row["id"] for each in page.issues] == [2, 1]
    assert [each.row["condition"] for each in page.issues] == ["urgent", "normal"]
    assert (page.counts["urgent"], page.counts["new"]) == (1, 2)
    due = {i: house.handling.history(CALLER, i).deadlines["handling"].due_s for i in (1, 2)}
    reported_s = house.handling.history(CALLER, 2).events[0]["at_s"]
    assert due[2] == reported_s + 24 * 3600  # 紧急: 24 hours by the profile
    assert due[1] > due[2]
    # it stays urgent for whoever takes it up, and the list that repeats it writes nothing
    taken = StepAsked("受理", "坐席", {"triage": "大事"})
    assert house.handling.take_step(CALLER, 2, taken).standing.answers["condition"] == "urgent"
    assert house.queue.page(CALLER).counts["new"] == 1
    assert faults_of(tmp_path) == set()


def test_urgency_that_a_list_raises_later_moves_the_deadline_of_an_issue_in_hand(house, tmp_path):
    take_in(house, tmp_path, ("1", f"{OPEN},,,,一般"))
    house.handling.take_step(CALLER, 1, StepAsked("受理", "坐席", {"triage": "大事"}))
    before = house.handling.history(CALLER, 1).deadlines["handling"].due_s
    take_in(house, tmp_path, ("1", f"{OPEN},,,,紧急"))
    after = house.handling.history(CALLER, 1)
    assert after.deadlines["handling"].due_s < before
    assert after.standing.state == "accepted"
    assert house.queue.page(CALLER, view="urgent").issues[0].row["id"] == 1
    # closed by the hotline nobody handles it; open again it is as urgent as it was
    take_in(house, tmp_path, ("1", f"{CLOSED},,,,紧急"))
    assert house.queue.page(CALLER).counts["all"] == 0
    take_in(house, tmp_path, ("1", f"{OPEN},,,,紧急"))
    assert house.queue.page(CALLER).counts["urgent"] == 1
    assert faults_of(tmp_path) == set()


def test_a_step_here_and_a_list_stand_side_by_side(house, tmp_path):
    """The own record of the response stays, the last answer of the caller counts."""
    take_in(house, tmp_path, ("1", f"{OPEN},,,,"))
    for step, role, told in (
        ("受理", "坐席", {"triage": "大事"}),
        ("派单", "派单员", {"tier": "网格", "unit": "示例网格"}),
    ):
        house.handling.take_step(CALLER, 1, StepAsked(step, role, told))
    take_in(house, tmp_path, ("1", f"{OPEN},否,未解决,不满意,"))
    assert rates(house)["response_rate"] == ("0", 1)
    for step, role, told in (
        ("先行联系", "承办人", {}),
        ("处置", "承办人", {}),
        ("反馈", "承办人", {}),
        ("评价", "派单员", {"resolved": "是", "satisfaction": "满意"}),
    ):
        house.handling.take_step(CALLER, 1, StepAsked(step, role, told))
    found = rates(house)
    assert (found["response_rate"], found["resolution_rate"]) == (("1", 1), ("1", 1))
    take_in(house, tmp_path, ("1", f"{OPEN},否,未解决,不满意,"))  # as before: it tells no news
    assert rates(house) == found
    assert faults_of(tmp_path) == set()


def test_a_preview_tells_the_words_and_stores_nothing(house, tmp_path):
    path = write(tmp_path, ("1", f"{CLOSED},是,已解决,满意,紧急"), ("2", f"{OPEN},是,,很好,"))
    stored = everything(tmp_path)
    found = house.issues.preview_file(CALLER, path, OPTIONS)
    assert [(each.field, each.word.name, each.rows) for each in found.report.told] == [
        ("condition", "urgent", 1),
        ("responded", "yes", 1),
        ("resolved", "yes", 1),
        ("satisfaction", "satisfied", 1),
    ]
    assert found.report.rejections[0].field == "satisfaction"
    assert everything(tmp_path) == stored
    house.issues.import_file(CALLER, path, OPTIONS)
    path = write(tmp_path, ("1", f"{CLOSED},是,已解决,不满意,紧急"))
    assert house.issues.preview_file(CALLER, path, OPTIONS).report.updated == 1
    path = write(tmp_path, ("1", f"{CLOSED},是,已解决,满意,紧急"))
    assert house.issues.preview_file(CALLER, path, OPTIONS).report.unchanged == 1


def test_a_ticket_that_stands_twice_in_a_list_has_each_answer_once(house, tmp_path):
    rows = [("1", f"{OPEN},是,,,紧急"), ("1", f"{CLOSED},,未解决,不满意,")]
    report = take_in(house, tmp_path, *rows)
    assert (report.added, report.updated) == (1, 1)
    assert [kind for kind, _ in events(house)] == ["reported", "answered", "answered", "closed"]
    assert rates(house)["response_rate"] == ("1", 1)
    assert faults_of(tmp_path) == set()


def test_erasing_leaves_the_answers_and_the_same_list_writes_nothing(house, tmp_path):
    row = ("1", f"{CLOSED},是,已解决,满意,紧急")
    take_in(house, tmp_path, row)
    house.erasures.erase(CALLER, 1, "本人要求")
    assert rates(house)["satisfaction_rate"] == ("1", 1)
    assert take_in(house, tmp_path, row).unchanged == 1
    assert faults_of(tmp_path) == set()
