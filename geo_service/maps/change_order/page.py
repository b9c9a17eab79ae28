"""The sheet of a change order: one view in, one HTML text out, A3 landscape on paper."""

from geo_service.governance.moment import local_text
from geo_service.maps.assets import Assets
from geo_service.maps.change_order.drawing import draw_order, frame_of
from geo_service.maps.change_order.layout import layout_of
from geo_service.maps.change_order.view import Count, OrderHead, OrderView
from geo_service.maps.drawings import LegendLine, legend_lines
from geo_service.maps.offline import render_checked
from geo_service.maps.pages import page_head, template
from geo_service.maps.wording import Words, html_language, words

STYLES = ("app/page.css", "app/paper.css", "app/change_order.css")
_APPROVED_BY = ("authority", "document", "date")
_DAY = len("2026-11-22")


def render_order(
    view: OrderView, *, assets: Assets | None = None, is_standalone: bool = False
) -> str:
    """Return the sheet; the same view gives the same bytes.

    Raises
    ------
    MissingAssets
        When the style sheets are not there.
    ExternalReference
        When the page would load anything from outside.
    """
    w = words(view.language)
    facts = _facts(view.head, w)
    frame = frame_of(view.maps)
    foot = [w["ord_definition"], *_imprint(view, frame, w)]
    layout = layout_of(view, [text for _, text in facts], foot)
    numbers = {row.code: row.number for row in view.rows if row.layer == view.maps.layer}
    html = template("change_order.html.j2").render(
        view=view,
        w=w,
        title=w["ord_title"].format(place=view.place),
        html_language=html_language(view.language),
        head=page_head(assets or Assets(), STYLES, is_standalone=is_standalone),
        is_standalone=is_standalone,
        stamp=_stamp(view.head, w),
        facts=facts,
        owners=_owners(view, w),
        drawing=draw_order(view.maps, numbers, height_mm=layout.map_height_mm),
        legend=_legend(view),
        pages=layout.pages,
        foot=foot,
        number=_number,
        count=lambda each: _count(each, w),
    )
    return render_checked(html, is_standalone=is_standalone)


def _stamp(head: OrderHead, w: Words) -> list[str]:
    if head.edition is None:
        told = [w["ord_draft"].format(number=head.draft, name=head.draft_name)]
    else:
        told = [w["ord_edition"].format(number=head.edition)]
        if head.draft is not None:
            told.append(w["ord_from_draft"].format(number=head.draft, name=head.draft_name))
    told.append(w["ord_base"].format(number=head.base))
    if head.is_correction:
        told.append(w["ord_correction"])
    if head.edition is None and head.in_force != head.base:
        told.append(w["ord_overtaken"].format(number=head.in_force))
    return told


def _facts(head: OrderHead, w: Words) -> list[tuple[str, str]]:
    """Return what is signed, title and text; empty where there is to be room to write it in."""
    approval = ""
    if head.approval:
        told = {name: head.approval.get(name) or w["ord_not_told"] for name in _APPROVED_BY}
        approval = w["ord_approval_facts"].format(**told)
    effective = "" if head.effective_from_s is None else local_text(head.effective_from_s)
    untold = "" if head.edition is None else w["ord_not_told"]
    return [
        (w["ord_reason"], head.reason or untold),
        (w["ord_effective"], effective),
        (w["ord_consulted"], head.consulted or untold),
        (w["ord_approval"], approval or untold),
    ]


def _owners(view: OrderView, w: Words) -> str:
    counts = view.owners
    return w["ord_owners"].format(
        other=counts.other_owner,
        total=counts.total,
        kept=counts.decided_kept,
        released=counts.released,
    )


def _legend(view: OrderView) -> list[LegendLine]:
    shown = [level.layer for level in view.maps.after.ancestors]
    return legend_lines([view.maps.layer, *shown], view.language)


def _imprint(view: OrderView, frame: str, w: Words) -> list[str]:
    head, foot = view.head, view.foot
    edition = w["ord_no_date"]
    if head.effective_from_s is not None:
        day = local_text(head.effective_from_s)[:_DAY]
        edition = w["edition"].format(number=head.edition, date=day)
    review = w["internal_use"]
    if foot.review_number:
        review = w["review_number"].format(number=foot.review_number)
    return [
        w["ord_frame"].format(frame=frame),
        edition,
        w["ord_data_until"].format(at=local_text(int(foot.data_until_s))),
        *([w["map_unit"].format(unit=foot.map_unit)] if foot.map_unit else []),
        review,
        *foot.notices,
        *([w["fictional"]] if foot.is_fictional else []),
    ]


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def _count(count: Count, w: Words) -> str:
    told = _number(count.value)
    return f"{told} {w['ord_estimated']}" if count.is_estimated else told
