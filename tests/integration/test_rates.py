"""Rates from the store: three denominators, credit, duplicates, exclusion, printed figures."""

from datetime import date

import pytest

from geo_service.errors import InvalidPeriod, InvalidValue
from geo_service.services.handling.steps import StepAsked
from geo_service.services.rates.counts import RateQuery
from geo_service.services.rates.rows import rate_rows, total_row, unassigned_rows
from tests.houses import CALLER, Clock, grid_code, open_house, publish_street
from tests.replays import replay, report

DAY_S = 86_400
NOVEMBER = RateQuery("grid", date(2026, 11, 1), date(2026, 11, 20))


def asked(found, code):
    return next(row for row in rate_rows(found) if row.code == code)


def take(house, issue_id, step, role, **told):
    at = told.pop("at", None)
    return house.handling.take_step(CALLER, issue_id, StepAsked(step, role, told, at))


def rated(resolved, satisfaction, *, contact=True):
    """Return the steps of a grid issue from acceptance to the caller's answer."""
    return [
        ("受理", "坐席", {"triage": "小事"}),
        ("派单", "派单员", {"tier": "网格", "unit": "示例网格"}),
        *([("先行联系", "承办人", {})] if contact else []),
        ("处置", "承办人", {}),
        ("反馈", "承办人", {}),
        ("评价", "派单员", {"resolved": resolved, "satisfaction": satisfaction}),
    ]


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    return house


def test_three_rates_have_three_denominators_and_nothing_is_null_but_what_has_none(house):
    cell = {"cell": (0, 0)}
    numbers = [report(house, i, **cell) for i in range(6)]
    report(house, "closed elsewhere", status="办结", closed_at="2026-11-10 10:00", **cell)
    report(house, "question", request_type="咨询", **cell)
    report(house, "patrol", source="patrol", **cell)
    report(house, "nowhere", cell=(900, 0))
    replay(
        house,
        {
            numbers[0]: rated("已解决", "满意"),
            numbers[1]: rated("未解决", "满意", contact=False),
            numbers[2]: rated("已解决", "拒评"),
            numbers[3]: rated("未解决", "不满意")[:2],
            numbers[4]: [("不予受理", "坐席", {"reason": "私事"})],
        },
    )
    take(house, numbers[5], "并案", "派单员", issue=numbers[0])
    take(house, numbers[2], "考核剔除", "值班长", reason="不属本辖区", rule="考核办法第九条")
    found = house.rates.rates(CALLER, NOVEMBER)
    row, total = asked(found, grid_code(0, 0)), total_row(found)
    assert (row.counts["received"], row.counts["duplicates"], row.counts["excluded"]) == (7, 1, 1)
    assert (row.counts["open"], row.counts["closed"], row.counts["not_handled"]) == (2, 5, 3)
    assert (row.counts["overdue"], row.counts["due_soon"]) == (2, 0)
    told = {name: (rate.numerator_text, rate.denominator) for name, rate in row.rates.items()}
    assert told["response_rate"] == ("2", 4)
    assert told["response_rate_appraised"] == ("1", 3)
    assert told["resolution_rate"] == ("2", 3)
    assert told["resolution_rate_appraised"] == ("1", 2)
    # more satisfied than resolved, and who refuses to say is in no denominator
    assert told["satisfaction_rate"] == told["satisfaction_rate_appraised"] == ("2", 2)
    assert told["discovery_rate"] == ("1", 7)
    assert row.answers["refused"] == 1
    assert (row.settled["grid"], row.settled[None]) == (3, 2)
    empty = asked(found, grid_code(3, 1))
    assert {rate.share for rate in empty.rates.values()} == {None}
    assert {empty.ranks[name] for name in empty.ranks if name != "received"} == {None}
    assert (row.ranks["received"], empty.ranks["received"]) == (1, 2)
    [nobody] = unassigned_rows(found)
    assert total.counts["received"] == sum(r.counts["received"] for r in rate_rows(found)) + 1
    assert nobody.counts["received"] == 1
    everything = RateQuery("grid", NOVEMBER.first, NOVEMBER.last, with_all_types=True)
    assert total_row(house.rates.rates(CALLER, everything)).counts["received"] == 9


def test_a_reopened_issue_counts_its_last_answer_and_its_first_response(house):
    number = report(house, 1)
    replay(house, {number: rated("未解决", "不满意")})
    take(house, number, "重办", "值班长", reason="来电人称未解决", at="2026-11-12 09:00")
    between = total_row(house.rates.rates(CALLER, NOVEMBER))
    assert between.rates["resolution_rate"].share == 0.0
    assert (between.counts["open"], between.counts["closed"]) == (1, 0)
    for step, role, told in rated("已解决", "基本满意", contact=False)[1:]:
        take(house, number, step, role, at="2026-11-13 09:00", **told)
    row = total_row(house.rates.rates(CALLER, NOVEMBER))
    assert row.rates["response_rate"].share == 1.0
    assert (row.rates["resolution_rate"].share, row.rates["satisfaction_rate"].share) == (1.0, 1.0)
    by_event = RateQuery("grid", date(2026, 11, 13), date(2026, 11, 13), by="event")
    then = total_row(house.rates.rates(CALLER, by_event))
    assert (then.counts["received"], then.counts["closed"]) == (0, 1)
    assert (then.rates["resolution_rate"].denominator, then.counts["accepted"]) == (1, 0)


def test_what_a_list_says_later_takes_neither_answers_nor_tiers_away(house):
    cells = {"status": "办结", "closed_at": "2026-11-12 08:00"}
    number = report(house, 1)
    replay(house, {number: rated("已解决", "满意")[:3]})
    report_again = {"source": "complaint", "external_id": "1", "reported_at": "2026-11-10 08:00"}
    place = {"x": 120 + 0.5 / 1024, "y": 30 + 0.5 / 1024, "frame": "EPSG:4490"}
    house.issues.report(CALLER, {**report_again, **place, **cells}, is_updating=True)
    spent = RateQuery("grid", NOVEMBER.first, NOVEMBER.last, with_tier_hours=True)
    row = total_row(house.rates.rates(CALLER, spent))
    assert (row.counts["accepted"], row.rates["response_rate"].share) == (1, 1.0)
    assert row.settled["grid"] == 1
    # from the assignment at 10:00 to the closing two days after the report
    assert row.tier_hours["grid"] == (1, 46.0)
    reopened = {**report_again, **place, "status": "在办"}
    house.issues.report(CALLER, reopened, is_updating=True)
    again = total_row(house.rates.rates(CALLER, spent))
    assert (again.counts["open"], again.tier_hours["grid"]) == (1, (1, 46.0))
    assert again.rates["response_rate"].share == 1.0


def test_groups_add_up_to_the_areas_and_both_bases_to_the_same_total(house):
    minors = ["小区停车", "供水", None]
    numbers = [report(house, i, cell=(i % 4, 0), category_minor=minors[i % 3]) for i in range(12)]
    replay(house, {number: rated("已解决", "满意") for number in numbers[:5]})
    plain = house.rates.rates(CALLER, NOVEMBER)
    for group in ("category", "source", "category_source"):
        query = RateQuery("grid", NOVEMBER.first, NOVEMBER.last, group=group)
        parts = rate_rows(house.rates.rates(CALLER, query))
        for row in rate_rows(plain):
            own = [part for part in parts if part.code == row.code]
            assert sum(part.counts["closed"] for part in own) == row.counts["closed"]
            assert sum(part.counts["received"] for part in own) == row.counts["received"]
    kept = RateQuery("grid", NOVEMBER.first, NOVEMBER.last, basis="kept")
    assert [r.rates for r in rate_rows(house.rates.rates(CALLER, kept))] == [
        r.rates for r in rate_rows(plain)
    ]
    [only] = rate_rows(
        house.rates.rates(
            CALLER, RateQuery("street", NOVEMBER.first, NOVEMBER.last, category="出行停车")
        )
    )
    assert only.counts["received"] == 4


def test_the_owner_at_the_answer_has_the_credit_under_the_kept_basis(house):
    """The issue moves to another grid after its caller answered and it was reopened."""
    number = report(house, 1, cell=(0, 0))
    for step, role, told in rated("已解决", "满意"):
        take(house, number, step, role, at="2026-11-11 09:00", **told)
    take(house, number, "重办", "值班长", reason="位置有误", at="2026-11-12 09:00")
    told = {"source": "complaint", "external_id": "1", "reported_at": "2026-11-10 08:00"}
    place = {"x": 120 + 3.5 / 1024, "y": 30 + 0.5 / 1024, "frame": "EPSG:4490"}
    house.issues.report(CALLER, {**told, **place}, is_updating=True)
    kept = house.rates.rates(CALLER, RateQuery("grid", NOVEMBER.first, NOVEMBER.last, basis="kept"))
    old, new = asked(kept, grid_code(0, 0)), asked(kept, grid_code(3, 0))
    assert (old.counts["received"], new.counts["received"]) == (0, 1)
    assert (old.rates["resolution_rate"].denominator, new.rates["resolution_rate"].denominator) == (
        1,
        0,
    )
    recounted = house.rates.rates(CALLER, NOVEMBER)
    assert asked(recounted, grid_code(3, 0)).rates["resolution_rate"].denominator == 1


def test_what_makes_no_sense_is_refused(house):
    with pytest.raises(InvalidPeriod):
        house.rates.rates(CALLER, RateQuery("grid", date(2026, 11, 2), date(2026, 11, 1)))
    with pytest.raises(InvalidPeriod):
        house.rates.rates(CALLER, RateQuery("grid", date(1800, 1, 1)))
    with pytest.raises(InvalidValue):
        house.rates.rates(CALLER, RateQuery("grid", by="month"))
    assert total_row(house.rates.rates(CALLER, RateQuery())).counts["received"] == 0


def test_who_takes_over_contacts_too_and_only_the_first_contact_is_the_response(house):
    """The clock of a contact that was not made goes on; one that was made begins anew."""
    unmet, met = (report(house, i, cell=(0, 0), reported_at="2026-11-16 09:00") for i in range(2))

    def contact_due_s(issue_id):
        return house.handling.history(CALLER, issue_id).deadlines["contact"].due_s

    for number, issue_id in enumerate((unmet, met)):
        take(house, issue_id, "受理", "坐席", triage="小事", at="2026-11-16 09:30")
        given = {"tier": "网格", "unit": "示例网格"}
        take(house, issue_id, "分流", "派单员", at="2026-11-16 10:00", **given)
        first = contact_due_s(issue_id)
        if number:
            take(house, issue_id, "先行联系", "承办人", at="2026-11-16 11:00")
        take(house, issue_id, "上报上级", "承办人", reason="超出权限", at="2026-11-17 10:00")
        given = {"tier": "社区", "unit": "示例社区"}
        take(house, issue_id, "分流", "派单员", at="2026-11-17 11:00", **given)
        # handing over gains no time: one working day after the first assignment, else the second
        assert contact_due_s(issue_id) == first + DAY_S * number
    assert (
        total_row(house.rates.rates(CALLER, NOVEMBER)).rates["response_rate"].numerator_text == "1"
    )
    take(house, met, "先行联系", "承办人", at="2026-11-20 16:00")
    history = house.handling.history(CALLER, met)
    assert history.deadlines["contact"].ended_late
    # late as the second contact was, the caller had heard from the office in time
    rate = total_row(house.rates.rates(CALLER, NOVEMBER)).rates["response_rate"]
    assert (rate.numerator_text, rate.denominator) == ("1", 2)
