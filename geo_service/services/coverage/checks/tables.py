"""What is due, who runs sites, old bindings and changes as tables to take away."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from geo_service.governance.organisations.coverage import AreaState
from geo_service.governance.organisations.ratio import Ratio
from geo_service.governance.organisations.register import REGISTERS
from geo_service.services.coverage.bindings import OldBinding
from geo_service.services.coverage.changes import CoverageChanges
from geo_service.services.coverage.checks.reminders import Reminder
from geo_service.services.coverage.checks.stations import StationIndicators
from geo_service.services.coverage.layer_coverage import LayerCoverage
from geo_service.services.coverage.picture import Picture
from geo_service.services.coverage.tables import STATES_EN, STATES_ZH, ratio_text
from geo_service.services.organisations.cells import day_text
from geo_service.services.organisations.register_tables import Table, points_of

_REMINDERS = {
    "term_ended": ("届满待换届", "term ended"),
    "term_ends": ("换届到期", "term ends"),
    "activity_overdue": ("超期未登记活动", "activity overdue"),
    "activity_unknown": ("未登记过活动", "no activity recorded"),
    "secretary_vacant": ("书记空缺", "secretary's post vacant"),
}
_UNTOLD = {
    "leaders": ("站长", "leaders"),
    "staff": ("站员", "staff"),
    "registered_units": ("报到单位", "registered units"),
    "registered_members": ("报到党员", "registered members"),
}


def reminder_table(picture: Picture, found: Sequence[Reminder], language: str) -> Table:
    """Return what is due, the most urgent first; days left are negative when it is past."""
    is_english = language == "en"
    headings = (
        ("reminder", "code", "organisation", "day", "days left", "post", "duty phone")
        if is_english
        else ("提醒事项", "党组织编码", "党组织名称", "日期", "剩余天数", "责任岗位", "值班电话")
    )
    rows = [
        [
            _reminder(each, is_english=is_english),
            each.organisation.code,
            each.organisation.name,
            day_text(each.day_s),
            each.days_left,
            each.organisation.details.get("post"),
            each.organisation.details.get("duty_phone"),
        ]
        for each in found
    ]
    return Table(
        title="Reminders" if is_english else "到期提醒清单",
        notes=_notes(picture, is_english=is_english),
        headings=headings,
        rows=rows,
        text_columns=(headings[1], headings[6]),
        places=points_of([each.organisation for each in found]),
    )


def station_table(picture: Picture, found: Sequence[StationIndicators], language: str) -> Table:
    """Return who runs the sites of each kind, and who registered at them."""
    is_english = language == "en"
    headings = (
        (
            *("kind", "sites", "leaders who are members", "members among staff"),
            *("registered units", "registered members", "sites that do not tell"),
        )
        if is_english
        else (
            *("阵地类别", "处数", "站长为党员", "站员中党员"),
            *("报到单位数", "报到党员数", "未填报的处数"),
        )
    )
    titles = {kind.name: kind.title(language) for kind in picture.rules.facility_kinds}
    rows = [
        [
            titles.get(each.kind, each.kind),
            each.count,
            _share(each.member_leaders),
            "*" if each.staff_members is None else _share(each.staff_members),
            each.registered_units,
            each.registered_members,
            _untold(each, is_english=is_english),
        ]
        for each in found
    ]
    return Table(
        title="Sites" if is_english else "站点指标",
        notes=_notes(picture, is_english=is_english),
        headings=headings,
        rows=rows,
        text_columns=(),
    )


def binding_table(picture: Picture, found: Sequence[OldBinding], language: str) -> Table:
    """Return entries bound to areas redrawn since, with the areas their ground lies in now."""
    is_english = language == "en"
    headings = (
        (
            *("register", "code", "name", "layer", "bound on edition", "codes gone"),
            *("codes redrawn (ground kept)", "proposed areas (share)", "follows by place"),
        )
        if is_english
        else (
            *("台账", "编码", "名称", "图层", "绑定时的边界版本", "已不存在的编码"),
            *("边界有变的编码（保留比例）", "建议区域（占原范围）", "随坐标归属"),
        )
    )
    rows = [
        [
            REGISTERS[each.entry.register].title(language),
            each.entry.code,
            each.entry.name,
            each.entry.layer,
            each.entry.edition,
            "、".join(each.gone) or None,
            _shares(each.changed.items()),
            _shares(each.proposals),
            ("yes" if is_english else "是") if each.follows_by_place else None,
        ]
        for each in found
    ]
    return Table(
        title="Bindings to be decided" if is_english else "待重新确认的绑定",
        notes=_notes(picture, is_english=is_english),
        headings=headings,
        rows=rows,
        text_columns=(headings[1], headings[5], headings[6], headings[7]),
        places=points_of([each.entry for each in found]),
    )


def change_table(found: CoverageChanges, language: str) -> Table:
    """Return the areas whose state changed between two days, with both days' shares above."""
    is_english = language == "en"
    states = STATES_EN if is_english else STATES_ZH
    first, second = found.before.picture.day, found.after.picture.day
    headings = (
        ("code", "name", f"state {first}", f"state {second}", "members more or fewer")
        if is_english
        else ("编码", "名称", f"{first} 状态", f"{second} 状态", "党员数增减")
    )
    rows = [
        [
            each.code,
            each.name,
            None if each.before is None else states[AreaState(each.before)],
            None if each.after is None else states[AreaState(each.after)],
            each.members_difference,
        ]
        for each in found.changes
    ]
    places = [_outline(found, each.code) for each in found.changes]
    outlines = np.empty(len(places), dtype=object)
    outlines[:] = places
    return Table(
        title="Coverage of two days" if is_english else "两日覆盖对比",
        notes=[_day_note(each, is_english=is_english) for each in (found.before, found.after)],
        headings=headings,
        rows=rows,
        text_columns=(headings[0],),
        places=outlines,
    )


def _reminder(reminder: Reminder, *, is_english: bool) -> str:
    text = _REMINDERS[reminder.kind][is_english]
    if reminder.within_days is None:
        return text
    days = reminder.within_days
    return f"{text} within {days} days" if is_english else f"{text}（{days} 天内）"


def _untold(found: StationIndicators, *, is_english: bool) -> str | None:
    silent = [(name, count) for name, count in found.untold.items() if count]
    return "、".join(f"{_UNTOLD[name][is_english]} {count}" for name, count in silent) or None


def _share(found: Ratio) -> str | None:
    return ratio_text(found) if found.denominator.value else None


def _shares(pairs: Iterable[tuple[str, float]]) -> str | None:
    return "、".join(f"{code}（{100 * share:.1f}%）" for code, share in pairs) or None


def _outline(found: CoverageChanges, code: str) -> shapely.Geometry:
    """Return an area as it is on the later day, else as it was."""
    after, before = found.after.areas, found.before.areas
    areas = after if code in after.position_by_code else before
    outline: shapely.Geometry = areas.geometries[areas.position_by_code[code]]
    return outline


def _day_note(found: LayerCoverage, *, is_english: bool) -> str:
    day, edition, share = found.picture.day, found.picture.edition.number, ratio_text(found.nominal)
    if is_english:
        return f"{day}, edition {edition}: {share} of areas covered"
    return f"{day}，边界第 {edition} 版：区域组织覆盖率 {share}"


def _notes(picture: Picture, *, is_english: bool) -> list[str]:
    day, edition = picture.day, picture.edition.number
    return [
        f"As of {day}, edition {edition}" if is_english else f"数据截至 {day}，边界第 {edition} 版"
    ]
