"""The page of one area: one view in, one HTML text out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from geo_service.governance.organisations.coverage import AreaState, Life, UnitCover, UnitDuty
from geo_service.governance.organisations.ratio import Ratio
from geo_service.governance.organisations.register import MODES
from geo_service.maps.area_sheet.page_map import fill_of, map_data, sheet_map
from geo_service.maps.area_sheet.view import AreaName, AreaSheetView, BodyFacts, HistoryFacts
from geo_service.maps.assets import Assets
from geo_service.maps.coverage.fills import HATCHES, Hatch
from geo_service.maps.coverage.page import percent_text
from geo_service.maps.drawings import legend_lines
from geo_service.maps.offline import render_checked
from geo_service.maps.pages import json_inside_html, page_head, page_modules, template
from geo_service.maps.wording import Words, html_language, words

STYLES = ("app/page.css", "app/hotspots.css", "app/coverage.css", "app/area_sheet.css")
MODULES = ("geometry", "layers", "symbols", "area_sheet")

PRINTED_BODIES = 5
PRINTED_SITES = 5
PRINTED_HISTORY = 3
"""So many lines have room on one sheet; the rest is counted there, and told on the screen."""

_ROOMY_LINES = 8
"""With more lines in both tables the sheet is printed smaller."""

_CELL_CHARACTERS = {"area": 13, "body": 20, "post": 13, "happened": 44}
"""What has room in one line of a printed cell."""

_FIGURES = ("residents", "households", "community_type")


@dataclass(frozen=True)
class BodyRow:
    """One line of the chain; the first of a level carries the level's name and state."""

    area: AreaName | None
    state: str
    body: BodyFacts | None
    life: str
    remarks: str
    is_printed: bool


def render_area_sheet(view: AreaSheetView, *, assets: Assets | None = None) -> str:
    """Return the page of an area; the same view gives the same bytes.

    Raises
    ------
    MissingAssets
        When the browser assets were not built.
    ExternalReference
        When the page would load anything from outside.
    """
    page_assets, w = assets or Assets(), words(view.language)
    title = w["sheet_title"].format(name=view.name)
    data = map_data(view, pages=[address_of(view, n) for n in _on_map(view)], words=w)
    html = template("area_sheet.html.j2").render(
        view=view,
        w=w,
        html_language=html_language(view.language),
        title=title,
        map=sheet_map(view, assets=page_assets, title=title, words=w).parts(),
        data=json_inside_html(data),
        head=page_head(page_assets, STYLES, is_standalone=False),
        modules=page_modules(page_assets, MODULES),
        **_facts(view, w),
    )
    return render_checked(html)


def address_of(view: AreaSheetView, area: AreaName, *, language: str = "") -> str:
    """Return the address of an area's page at the same moment."""
    path = f"/areas/{quote(area.layer, safe='')}/{quote(area.code, safe='')}"
    asked = f"&{view.links.query}" if view.links.query else ""
    return f"{path}?lang={language or view.language}{asked}"


def _on_map(view: AreaSheetView) -> list[AreaName]:
    title = view.layer.title(view.language)
    areas = view.map.areas
    return [
        AreaName(view.layer.name, title, code, name)
        for code, name in zip(areas.codes, areas.names, strict=True)
    ]


def _facts(view: AreaSheetView, w: Words) -> dict[str, Any]:
    own = view.party.levels[0]
    rows, names = _rows(view, w), _on_map(view)
    return {
        "layer": view.layer.title(view.language),
        "edition": w["edition"].format(
            number=view.stamp.edition, date=view.stamp.effective_from.isoformat()
        ),
        "day": view.stamp.day.isoformat(),
        "state": _states(w)[own.state] if own.state is not None else w["sheet_no_ladder"],
        "fill": fill_of(view),
        "hatches": HATCHES,
        "is_hatch": lambda fill: isinstance(fill, Hatch),
        "percent": percent_text,
        "share": lambda found: _share(found, w),
        "number": lambda value: "—" if value is None else f"{value:,.1f}",
        "rows": rows,
        "rows_unprinted": sum(not row.is_printed for row in rows),
        "is_dense": _printed_lines(view, rows, w) > _ROOMY_LINES,
        "printed": {"sites": PRINTED_SITES, "history": PRINTED_HISTORY},
        "neighbors": [each for i, each in enumerate(names) if i != view.map.position],
        "address": lambda area: address_of(view, area),
        "figures": [(w[f"sheet_figure_{key}"], view.figures.get(key)) for key in _FIGURES],
        "covers": {int(each): w[f"sheet_cover_{each.name.lower()}"] for each in UnitCover},
        "duties": {int(each): w[f"sheet_duty_{each.name.lower()}"] for each in UnitDuty},
        "happened": lambda facts: _happened(facts, w),
        "legend_lines": legend_lines(
            [view.layer, *(level.layer for level in view.map.ancestors)], view.language
        ),
        "other_language": address_of(
            view,
            AreaName(view.layer.name, "", view.code, ""),
            language="en" if view.language == "zh" else "zh",
        ),
    }


def _printed_lines(view: AreaSheetView, rows: Sequence[BodyRow], w: Words) -> int:
    """Return how many lines both tables take on paper, about."""
    room = _CELL_CHARACTERS
    lines = 0
    for row in (row for row in rows if row.is_printed):
        area, facts = row.area, row.body.facts if row.body else None
        is_long = area is not None and len(area.name) + len(area.layer_title) > room["area"]
        if facts is not None:
            is_long |= len(facts.name) + len(row.remarks) > room["body"]
            is_long |= len(facts.post) > room["post"]
        lines += 1 + is_long
    history = [_happened(each, w) for each in view.history[:PRINTED_HISTORY]]
    return lines + sum(1 + (len(text) > room["happened"]) for text in history)


def _share(found: Ratio, w: Words) -> str:
    """Return a share with both of its counts; a dash where there is nothing to divide by."""
    counts = f"{found.numerator.value}/{found.denominator.value}"
    return w["sheet_share"].format(percent=percent_text(found), counts=counts)


def _rows(view: AreaSheetView, w: Words) -> list[BodyRow]:
    states, lives = _states(w), _lives(w)
    modes = {mode.name: mode.title(view.language) for mode in MODES}
    rows: list[BodyRow] = []
    for level in view.party.levels:
        state = "" if level.state is None else states[level.state]
        bodies: Sequence[BodyFacts | None] = level.bodies or [None]
        for i, body in enumerate(bodies):
            mode = modes.get(body.facts.mode, body.facts.mode) if body else ""
            rows.append(
                BodyRow(
                    area=level.area if i == 0 else None,
                    state=state if i == 0 else "",
                    body=body,
                    life=lives[body.facts.life] if body else "",
                    remarks=_remarks(body, mode, w) if body else "",
                    is_printed=len(rows) < PRINTED_BODIES,
                )
            )
    return rows


def _remarks(body: BodyFacts, mode: str, w: Words) -> str:
    said = [
        "" if body.facts.mode == "own" else mode,
        w["sheet_vacant"] if body.is_vacant else "",
        w["sheet_term_over"] if body.is_term_over else "",
    ]
    return w["sheet_comma"].join(each for each in said if each)


def _happened(facts: HistoryFacts, w: Words) -> str:
    told = {"new": facts.name, "renamed": facts.old_name, "moved": facts.old_parent}
    said = [
        w[f"sheet_event_{event}"].format(before=told.get(event, "") or "—")
        for event in facts.events
    ]
    if facts.sources:
        taken = w["sheet_comma"].join(
            w["sheet_source"].format(name=name, code=code, percent=f"{100 * share:.0f}")
            for code, name, share in facts.sources
        )
        said.append(w["sheet_sources"].format(taken=taken))
    return w["sheet_semicolon"].join(said)


def _states(w: Words) -> Mapping[int, str]:
    return {int(state): w[f"cov_state_{state.name.lower()}"] for state in AreaState}


def _lives(w: Words) -> Mapping[int, str]:
    return {int(life): w[f"cov_life_short_{life.name.lower()}"] for life in Life}
