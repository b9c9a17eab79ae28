"""Indicators beside their targets, and the cadence: what is due, and what was signed."""

import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from geo_service.errors import SheetUnchanged
from geo_service.services.rates.counts import RateQuery
from geo_service.services.rates.indicators import indicator_values
from geo_service.services.rates.tables import target_notes
from geo_service.services.sheets.due import due_values
from geo_service.services.sheets.figures import SheetQuery
from tests.houses import CALLER, STREET_LAYERS, Clock, grid_code, open_house, publish_street
from tests.replays import replay, report

NOVEMBER = RateQuery("grid", date(2026, 11, 1), date(2026, 11, 20))
DAY_S = 86_400
PROFILE = (
    STREET_LAYERS
    + """
[[indicators]]
name = "resolution"
title_zh = "实际解决率"
title_en = "really resolved"
numerator = "resolved"
denominator = "asked_resolved"
target = 99
target_by_year = { "2026" = 50 }

[[indicators]]
name = "response"
title_zh = "先行联系率"
title_en = "contacted in time"
numerator = "responded_in_time"
denominator = "accepted"
target = 90
reported_zh = "文献所载 100%"
reported_en = "as printed 100 %"

[[indicators]]
name = "time"
title_zh = "平均处置时长"
title_en = "mean handling time"
numerator = "handling_hours"
denominator = "closed"
unit = "hours"
better = "lower"
target = 5

[[indicators]]
name = "self"
title_zh = "自治解决率"
title_en = "settled by residents"
numerator = "settled_by_residents"
denominator = "reported"

[[indicators]]
name = "reach"
title_zh = "服务覆盖人口占比"
title_en = "residents within reach"
numerator = "residents_in_reach"
denominator = "residents"
target = 80

[[cadence]]
name = "week"
title_zh = "周例会"
title_en = "weekly meeting"
period = "week"

[[cadence]]
name = "month"
title_zh = "月点评"
title_en = "monthly review"
period = "month"

[[cadence]]
name = "year"
title_zh = "年度考核"
title_en = "yearly appraisal"
period = "year"
"""
)


def steps(resolved, *, contact=True):
    told = {"tier": "网格", "unit": "示例网格"}
    return [
        ("受理", "坐席", {"triage": "小事"}),
        ("派单", "派单员", told),
        *([("先行联系", "承办人", {})] if contact else []),
        ("处置", "承办人", {}),
        ("反馈", "承办人", {}),
        ("评价", "派单员", {"resolved": resolved, "satisfaction": "满意"}),
    ]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(tmp_path, clock):
    (tmp_path / "own.toml").write_text(PROFILE, encoding="utf-8")
    house = open_house(tmp_path, profile=str(tmp_path / "own.toml"), clock=clock)
    publish_street(house)
    numbers = [report(house, i, cell=(i // 2, 0)) for i in range(4)]
    # two areas: one resolves both of its issues, the other none; one was never contacted
    replay(
        house,
        {
            numbers[0]: steps("已解决"),
            numbers[1]: steps("已解决", contact=False),
            numbers[2]: steps("未解决"),
            numbers[3]: steps("未解决"),
        },
    )
    return house


def test_a_target_of_the_year_stands_beside_what_was_reached(house):
    found = {
        each["name"]: each for each in indicator_values(house.rates.rates(CALLER, NOVEMBER), "zh")
    }
    resolution, response = found["resolution"], found["response"]
    # 2 of 4 resolved meets the 50 % of 2026, not the lasting 99 %
    assert (resolution["value"], resolution["target"], resolution["met"]) == ("50.00", 50.0, True)
    assert resolution["definition"].startswith("来电人称已解决数 ÷ 回访到“是否解决”的件数；")
    # 3 of 4 contacted in time
    assert (response["value"], response["target_text"], response["verdict"]) == (
        "75.00",
        "≥ 90%",
        "未达到",
    )
    assert response["definition"].endswith("文献所载 100%")
    # six steps an hour apart, or five: (3 × 6 + 5) / 4 hours from report to closing
    assert (found["time"]["value_text"], found["time"]["met"]) == ("5.75 小时", False)
    assert (found["self"]["value"], found["self"]["met"]) == ("0.00", None)
    reach = found["reach"]
    assert (reach["is_counted"], reach["value"], reach["met"]) == (False, None, None)
    notes = target_notes(house.rates.rates(CALLER, NOVEMBER), "zh")
    assert notes[0].startswith("指标 实际解决率：50.00%，目标 ≥ 50%，是否达到 达到（")
    assert notes[-1].startswith("指标 服务覆盖人口占比：此处不统计，目标 ≥ 80%，是否达到 —（")


def test_a_sheet_shows_targets_on_paper_and_in_its_workbook(house):
    query = SheetQuery("month", "grid", date(2026, 11, 10))
    page = house.sheets.page(CALLER, query)
    assert (
        '<th class="text" scope="row">实际解决率</th><td>50.00</td><td>2/4</td>'
        "<td>≥ 50%</td><td>达到</td>" in page
    )
    assert '<th class="text" scope="row">先行联系率</th><td class="missed">75.00</td>' in page
    assert "平均处置时长" in page
    assert "带下划线的数字未达到目标" in page
    drawn = house.sheets.draw(CALLER, query)
    lines = {line["code"]: line["missed"] for line in drawn["rows"]}
    # the second area resolved none of its two; the first one was once contacted of two
    assert lines[grid_code(0, 0)] == ["response_rate"]
    assert lines[grid_code(1, 0)] == ["resolution_rate"]
    assert lines[grid_code(3, 1)] == []
    cells = openpyxl.load_workbook(io.BytesIO(house.sheets.workbook(CALLER, query))).active
    texts = [str(row[0].value) for row in cells.iter_rows(max_col=1)]
    assert any(text.startswith("指标 先行联系率：75.00%，目标 ≥ 90%") for text in texts)


def test_the_cadence_says_what_is_due_since_when_and_what_was_signed(house, clock):
    """It is Saturday 2026-11-21: the week to the 15th and October are over."""

    def told():
        return {each["name"]: each for each in due_values(house.sheets.due(CALLER), "zh")}

    first = told()
    assert list(first) == ["week", "month", "year"]
    assert (first["week"]["from"], first["week"]["to"]) == ("2026-11-09", "2026-11-15")
    assert first["month"]["text"] == (
        "2026-10-01 – 2026-10-31；2026-11-01 起应签发，尚未签发；从未签发"
    )
    assert (first["year"]["state"], first["year"]["kind"]) == ("no_sheet", None)
    assert "本系统不出此表" in first["year"]["text"]

    week = SheetQuery("week", "community", date(2026, 11, 10))
    # a sheet of one source is not the sheet of the week
    source = house.workspace.profile.sources[0].name
    house.sheets.sign(CALLER, replace(week, source=source))
    assert told()["week"]["state"] == "due"
    house.sheets.sign(CALLER, week)
    week = told()["week"]
    assert (week["state"], week["signed"]) == ("signed", 2)
    assert week["text"] == "2026-11-09 – 2026-11-15；已签发第 2 号（2026-11-21 00:00）"
    start = house.start_pages.start(CALLER, "zh")
    assert "已签发第 2 号" in start
    assert 'href="/desk/sheets/month?day=2026-10-31&amp;lang=zh"' in start

    clock.now_s += 7 * DAY_S
    week = told()["week"]
    assert (week["from"], week["state"], week["signed"], week["latest"]) == (
        "2026-11-16",
        "due",
        None,
        2,
    )
    assert week["text"].endswith("上次签发的是第 2 号，2026-11-09 起的一期")
    english = due_values(house.sheets.due(CALLER), "en")[0]["text"]
    assert "due since 2026-11-23, not signed; last signed was No. 2" in english


def test_another_target_is_no_other_figure(house, tmp_path):
    """What was signed was judged by the target of its day; a new one corrects nothing."""
    query = SheetQuery("month", "grid", date(2026, 11, 10))
    signed = house.sheets.sign(CALLER, query)
    assert signed["indicators"][1]["met"] is False
    house.close()
    (tmp_path / "own.toml").write_text(PROFILE.replace("target = 90", "target = 70"), "utf-8")
    again = open_house(tmp_path, profile=str(tmp_path / "own.toml"))
    assert again.sheets.draw(CALLER, query)["indicators"][1]["met"] is True
    with pytest.raises(SheetUnchanged):
        again.sheets.sign(CALLER, query)
    again.close()
