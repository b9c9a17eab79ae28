"""The coverage page: one view in, one HTML text out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any
from urllib.parse import urlencode

from geo_service.governance.organisations.coverage import AreaState, Life, UnitDuty
from geo_service.governance.organisations.ratio import Ratio
from geo_service.maps.assets import Assets
from geo_service.maps.coverage.coverage_map import coverage_map, map_data
from geo_service.maps.coverage.fills import GAP, HATCHES, Coloring, Hatch, coloring
from geo_service.maps.coverage.view import LIST_ROWS, MODES, CoverageView, NoticeFacts
from geo_service.maps.drawings import Drawing, draw, legend_lines
from geo_service.maps.offline import render_checked
from geo_service.maps.pages import json_inside_html, page_head, page_modules, template
from geo_service.maps.view import Option
from geo_service.maps.wording import Words, html_language, words

STYLES = ("app/page.css", "app/hotspots.css", "app/coverage.css", "app/print.css")
MODULES = ("geometry", "layers", "symbols", "coverage")

TABLE_ROWS = 2000
"""Browsers get slow with longer tables; the exported table holds all."""

_CORNER = 8
"""The class of high demand and no body."""


@dataclass(frozen=True)
class RowText:
    """One area as the table writes it."""

    index: int
    code: str
    name: str
    parent: str
    state: str
    life: str
    ground: str
    residents: str
    units: int
    built: int
    due: int
    members: int | str
    issues: int

    @property
    def least_members(self) -> int | str:
        """What the table is sorted by: the least that there can be, nothing where nobody knows."""
        if isinstance(self.members, int):
            return self.members
        if self.members.startswith(("<", "不足")):
            return 0
        found = re.search(r"[0-9]+", self.members)
        return int(found[0]) if found else ""


def render_coverage(
    view: CoverageView,
    *,
    standalone: bool,
    assets: Assets | None = None,
    drawing: Drawing | None = None,
) -> str:
    """Return the coverage page; the same view gives the same bytes.

    Parameters
    ----------
    standalone
        One file with everything inside that opens without the service; what needs the service
        (exports, recording, other conditions) is left out.
    drawing
        What ``drawing_of(view)`` returned for the same areas; drawn now when it is left out.

    Raises
    ------
    MissingAssets
        When the browser assets were not built.
    ExternalReference
        When the page would load anything from outside.
    """
    page_assets, w = assets or Assets(), words(view.language)
    found = coloring(view, w)
    title = _title(view, w)
    page_map = coverage_map(
        view, assets=page_assets, title=title, words=w, is_standalone=standalone
    ).parts()
    data = map_data(
        view, drawing or drawing_of(view), found=found, summaries=summaries(view, w), words=w
    )
    html = template("coverage.html.j2").render(
        view=view,
        w=w,
        html_language=html_language(view.language),
        title=title,
        map=page_map,
        data=json_inside_html(data | ({"activities_url": ""} if standalone else {})),
        head=page_head(page_assets, STYLES, is_standalone=standalone),
        modules=page_modules(page_assets, MODULES, is_standalone=standalone),
        is_standalone=standalone,
        **_facts(view, found, w),
    )
    return render_checked(html, is_standalone=standalone)


def _title(view: CoverageView, words: Words) -> str:
    told = words["cov_title_of"].format(
        place=view.place, layer=view.layer.title(view.language), what=words[f"cov_mode_{view.mode}"]
    )
    kinds = [each.title for each in view.site_kinds if each.is_selected and view.mode == "reach"]
    return " · ".join([told, *kinds])


def drawing_of(view: CoverageView) -> Drawing:
    """Return what stays the same while areas and reference layers do, to be kept."""
    return draw(view.layer, view.areas, ancestors=view.ancestors, references=view.references)


def percent_text(found: Ratio) -> str:
    """Return a share in per cent; a dash where there is nothing to divide by."""
    return "—" if found.percent_text is None else f"{found.percent_text}%"


def summaries(view: CoverageView, words: Words) -> list[str]:
    """Return what the map says of each area in one line."""
    states, units = _states(words), view.unit_cover.sum(axis=1)
    ground, residents = _shares(view)
    return [
        words["cov_summary"].format(
            state=states[int(view.states[i])],
            units=int(units[i]),
            built=int(view.unit_duty[i, UnitDuty.BUILT]),
            due=int(view.unit_duty[i, UnitDuty.DUE]),
            members=view.members[i],
            issues=int(view.issues[i]),
            days=view.issue_days,
        )
        + _reach_summary(ground[i], residents[i], words)
        for i in range(len(view.areas))
    ]


def _shares(view: CoverageView) -> tuple[list[float | None], list[float | None]]:
    """Return the shares of each area's ground and residents within reach; None: not asked for."""
    if view.reach is None:
        nothing: list[float | None] = [None] * len(view.areas)
        return nothing, nothing
    return view.reach.ground_share.tolist(), view.reach.residents.tolist()


def _share_text(share: float | None) -> str:
    return "—" if share is None or isnan(share) else f"{100 * share:.1f}%"


def _reach_summary(ground: float | None, residents: float | None, words: Words) -> str:
    if ground is None:
        return ""
    return words["cov_reach_summary"].format(
        ground=_share_text(ground), residents=_share_text(residents)
    )


def _facts(view: CoverageView, found: Coloring, w: Words) -> dict[str, Any]:
    rows = _rows(view, w)
    day = view.day.isoformat()
    return {
        "layer": view.layer.title(view.language),
        "edition": w["edition"].format(number=view.edition, date=view.effective_from.isoformat()),
        "day": day,
        "classes": found.classes,
        "nothing": found.nothing,
        "hatches": HATCHES,
        "is_hatch": lambda fill: isinstance(fill, Hatch),
        "percent": percent_text,
        "states": _states(w),
        "rows": rows,
        "is_cut": len(view.areas) > len(rows),
        "due": view.due,
        "blank": view.blank,
        "corner": _corner(view, found),
        "list_rows": LIST_ROWS,
        "legend_lines": legend_lines(
            [view.layer, *(level.layer for level in view.ancestors)], view.language
        ),
        "reach": _reach_text(view, w),
        "gap": GAP,
        "with_gaps": _areas_with_gaps(view),
        "is_all_reached": _is_all_reached(view),
        "notice": lambda facts: _notice_text(facts, w),
        "choices": _choices(view, w),
        "definitions": {key: w[f"define_cov_{key}"] for key in _DEFINED},
        "other_language": page_address(
            view, language="en" if view.language == "zh" else "zh", mode=view.mode
        ),
    }


_DEFINED = ("areas", "active", "units", "duty", "reach", "demand", "members")


def _reach_text(view: CoverageView, words: Words) -> str:
    if view.reach is None:
        return ""
    whole, residents = map(_share_text, (view.reach.whole_share, view.reach.residents_share))
    return words["cov_reach_facts"].format(
        n=view.reach.facilities, whole=whole, residents=residents, left_out=view.reach.left_out
    )


def _areas_with_gaps(view: CoverageView) -> int:
    return 0 if view.reach is None else sum(gap is not None for gap in view.reach.gaps)


def _is_all_reached(view: CoverageView) -> bool:
    """Tell whether sites of all kinds together leave nothing open, which hides every gap."""
    is_narrowed = any(each.is_selected for each in view.site_kinds)
    return view.reach is not None and not is_narrowed and not _areas_with_gaps(view)


def _notice_text(facts: NoticeFacts, words: Words) -> str:
    parts = [facts.others, facts.day.isoformat() if facts.day else ""]
    if facts.days_left is not None:
        key = "cov_days_left" if facts.days_left > 0 else "cov_days_over"
        parts.append(words[key].format(n=abs(facts.days_left)))
    return " · ".join(part for part in parts if part)


def page_address(view: CoverageView, *, language: str, mode: str) -> str:
    """Return the address of the same page in another language or colored by something else."""
    asked = [("layer", view.layer.name), ("view", mode), ("lang", language)]
    asked += [("kind", each.value) for each in view.site_kinds if each.is_selected]
    if not view.is_today:
        asked.append(("as_of", view.day.isoformat()))
    if view.compared is not None:
        asked.append(("before", view.compared.day.isoformat()))
    return f"{view.links.page}?{urlencode(asked)}"


def _rows(view: CoverageView, words: Words) -> list[RowText]:
    states, lives = _states(words), _lives(words)
    units = view.unit_cover.sum(axis=1)
    ground, residents = _shares(view)
    return [
        RowText(
            index=i,
            code=view.areas.codes[i],
            name=view.areas.names[i],
            parent=view.parent_names[i],
            state=states[int(view.states[i])],
            life=lives.get(int(view.lives[i]), "—"),
            ground=_share_text(ground[i]),
            residents=_share_text(residents[i]),
            units=int(units[i]),
            built=int(view.unit_duty[i, UnitDuty.BUILT]),
            due=int(view.unit_duty[i, UnitDuty.DUE]),
            members=view.members[i],
            issues=int(view.issues[i]),
        )
        for i in range(min(len(view.areas), TABLE_ROWS))
    ]


def _corner(view: CoverageView, found: Coloring) -> Sequence[int]:
    """Return the areas with high demand and no body, those with most issues first."""
    if view.mode != "demand":
        return ()
    at = [i for i, position in enumerate(found.positions.tolist()) if position == _CORNER]
    return sorted(at, key=lambda i: (-int(view.issues[i]), view.areas.codes[i]))[:LIST_ROWS]


def _choices(view: CoverageView, words: Words) -> Mapping[str, Sequence[Option]]:
    return {
        "layer": view.layers,
        "kind": [Option("", words["cov_all_kinds"], is_selected=False), *view.site_kinds],
        "view": [Option(mode, words[f"cov_mode_{mode}"], mode == view.mode) for mode in MODES],
    }


def _states(words: Words) -> dict[int, str]:
    return {-1: "—", **{int(s): words[f"cov_state_{s.name.lower()}"] for s in AreaState}}


def _lives(words: Words) -> dict[int, str]:
    return {int(life): words[f"cov_life_short_{life.name.lower()}"] for life in Life}
