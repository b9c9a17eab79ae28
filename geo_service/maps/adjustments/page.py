"""The pack on paper: one view in, HTML out; tables on A3 landscape, sheets on A4 portrait."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.governance.moment import local_text
from geo_service.maps.adjustments.layout import Chunk, notice_layout, table_pages
from geo_service.maps.adjustments.notice_map import WIDTH_MM, NoticeDrawing, draw_notice
from geo_service.maps.adjustments.notice_text import (
    bodies_text,
    facts_text,
    house_texts,
    houses_heading,
)
from geo_service.maps.adjustments.tables_text import paper_tables
from geo_service.maps.adjustments.text import day
from geo_service.maps.adjustments.view import Notice, PackView
from geo_service.maps.assets import Assets
from geo_service.maps.drawings import LegendLine, legend_lines
from geo_service.maps.offline import render_checked
from geo_service.maps.pages import page_head, template
from geo_service.maps.wording import Words, html_language, words

STYLES = ("app/page.css", "app/paper.css", "app/adjustments.css")


@dataclass(frozen=True)
class NoticeSheet:
    """One sheet with everything that its pages hold."""

    notice: Notice
    title: str
    line: Sequence[str]
    drawing: NoticeDrawing
    legend: Sequence[LegendLine]
    facts: Sequence[tuple[str, str]]
    bodies: Sequence[Sequence[str]]
    houses_heading: str
    pages: Sequence[Sequence[str]]
    foot: Sequence[str]


def render_pack(
    view: PackView, *, assets: Assets | None = None, is_standalone: bool = False
) -> str:
    """Return cover, tables and all sheets; without a change and without sheets it says so.

    Raises
    ------
    MissingAssets
        When the style sheets are not there.
    ExternalReference
        When the page would load anything from outside.
    """
    names = [] if view.is_without_sheets else view.names
    sheets = [_sheet(view, view.notice(each.code)) for each in names]
    return _rendered(view, _tables(view), sheets, assets, is_standalone=is_standalone)


def render_tables(view: PackView, *, assets: Assets | None = None) -> str:
    """Return cover and tables as a file of their own; raises as `render_pack`."""
    return _rendered(view, _tables(view), [], assets, is_standalone=True)


def render_notice(view: PackView, notice: Notice, *, assets: Assets | None = None) -> str:
    """Return one sheet as a file of its own; raises as `render_pack`."""
    return _rendered(view, [], [_sheet(view, notice)], assets, is_standalone=True)


def _rendered(
    view: PackView,
    pages: Sequence[Sequence[Chunk]],
    sheets: Sequence[NoticeSheet],
    assets: Assets | None,
    *,
    is_standalone: bool,
) -> str:
    w = words(view.language)
    html = template("adjustments.html.j2").render(
        view=view,
        w=w,
        title=_title(view, w),
        html_language=html_language(view.language),
        head=page_head(assets or Assets(), STYLES, is_standalone=is_standalone),
        is_standalone=is_standalone,
        stamp=stamp(view, w),
        nothing=_nothing(view, w),
        too_many=w["adj_too_many"].format(n=len(view.names)) if view.is_without_sheets else "",
        passing=w["adj_passing"].format(n=view.passing) if view.passing else "",
        pages=pages,
        sheets=sheets,
        foot=_foot(view, w),
        map_width_mm=WIDTH_MM,
    )
    return render_checked(html, is_standalone=is_standalone)


def stamp(view: PackView, w: Words) -> list[str]:
    """Return what is compared."""
    period = view.period
    told = [w["adj_days"].format(first=period.first, last=period.last)] if period.first else []
    told.append(
        w["adj_editions"].format(
            before=period.before.number,
            before_day=day(period.before),
            after=period.after.number,
            after_day=day(period.after),
        )
    )
    if period.after.is_ahead:
        told.append(w["adj_ahead"].format(number=period.after.number))
    return told


def _tables(view: PackView) -> list[list[Chunk]]:
    return table_pages(paper_tables(view), _foot(view, words(view.language)))


def _sheet(view: PackView, notice: Notice) -> NoticeSheet:
    w = words(view.language)
    facts, bodies = facts_text(notice, view.period, w), bodies_text(notice)
    foot = _foot(view, w)
    houses = house_texts(notice, w)
    found = notice_layout(notice.name, facts, bodies, houses, [*foot, _FRAME])
    drawing = draw_notice(notice.map, notice.layer, height_mm=found.map_height_mm)
    shown = [level.layer for level in notice.map.ancestors]
    line = [" › ".join(each.name for each in notice.parents)] if notice.parents else []
    return NoticeSheet(
        notice=notice,
        title=w["adj_notice"].format(layer=notice.layer.title(view.language)),
        line=[*line, w["adj_code"].format(code=notice.code)],
        drawing=drawing,
        legend=legend_lines([notice.layer, *shown], view.language),
        facts=facts,
        bodies=bodies,
        houses_heading=houses_heading(notice, w),
        pages=found.pages,
        foot=[w["ord_frame"].format(frame=drawing.frame), *foot],
    )


_FRAME = "坐标系：CGCS2000（EPSG:4490），按 EPSG:0000 投影"
"""As long as what is told of the frame, which is known once the map has its height."""


def _title(view: PackView, w: Words) -> str:
    return w["adj_title"].format(place=view.place)


def _nothing(view: PackView, w: Words) -> str:
    if view.rows:
        return ""
    numbers: dict[str, Any] = {
        "before": view.period.before.number,
        "after": view.period.after.number,
    }
    return w["adj_nothing"].format(**numbers)


def _foot(view: PackView, w: Words) -> list[str]:
    foot, after = view.foot, view.period.after
    review = w["internal_use"]
    if foot.review_number:
        review = w["review_number"].format(number=foot.review_number)
    return [
        w["edition"].format(number=after.number, date=day(after)),
        w["ord_data_until"].format(at=local_text(int(foot.data_until_s))),
        *([w["map_unit"].format(unit=foot.map_unit)] if foot.map_unit else []),
        review,
        *foot.notices,
        *([w["fictional"]] if foot.is_fictional else []),
    ]
