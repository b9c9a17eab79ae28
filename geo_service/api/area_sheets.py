"""The sheet of one area, as data and as a page."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from geo_service.api.coverage import ratio_json
from geo_service.api.pages import html_page
from geo_service.api.parameters import (
    ChoiceParameter,
    JsonObject,
    LanguageParameter,
    VisitParameter,
    read_time,
)
from geo_service.api.problems import problem_row
from geo_service.errors import GeoServiceError
from geo_service.governance.organisations.coverage import AreaState, Life, UnitCover, UnitDuty
from geo_service.layers.edition import EditionChoice
from geo_service.maps.area_sheet.view import AreaSheetView, LevelFacts, SheetLinks
from geo_service.services.areas.sheet import SheetQuery

router = APIRouter(tags=["areas"])
pages = APIRouter()


@router.get("/areas/{layer}/{code}/sheet")
def sheet(
    visit: VisitParameter,
    layer: str,
    code: str,
    choice: ChoiceParameter,
    language: LanguageParameter = None,
) -> JsonObject:
    """Tell everything known of one area: issues, organisations, sites, borders and history."""
    query = SheetQuery(layer, code, choice, language or visit.language)
    return sheet_json(visit.services.area_sheets.sheet(visit.caller, query))


@pages.get("/areas/{layer}/{code}", response_class=HTMLResponse)
def page(
    visit: VisitParameter,
    layer: str,
    code: str,
    as_of: Annotated[str | None, Query()] = None,
    known_at: Annotated[str | None, Query()] = None,
    language: LanguageParameter = None,
) -> Response:
    """Draw the page of one area."""
    spoken = language or visit.language
    try:
        query = _query(layer, code, as_of, known_at, spoken)
        text = visit.services.area_pages.page(visit.caller, query, links=_links(visit, query))
    except GeoServiceError as error:  # a person looks at this: a page, not a problem document
        told = visit.services.start_pages.error(error, spoken)
        return html_page(told, status_code=problem_row(type(error))[0])
    return html_page(text)


def _query(
    layer: str, code: str, as_of: str | None, known_at: str | None, language: str
) -> SheetQuery:
    """Return what is asked; what is left empty is today."""
    choice = EditionChoice(
        read_time(as_of or None, where="as_of"), read_time(known_at or None, where="known_at")
    )
    return SheetQuery(layer, code, choice, language)


def _links(visit: VisitParameter, query: SheetQuery) -> SheetLinks:
    """Return where the page leads; the desks and other areas carry on the moment asked."""
    workspace, asked = visit.services.workspace, visit.request.query_params
    moment = urlencode([(n, asked[n]) for n in ("as_of", "known_at") if asked.get(n)])
    after = f"&{moment}" if moment else ""
    layer, code = workspace.layers[query.layer], quote(query.code, safe="")
    has_ladder = layer.name in workspace.profile.organisations.bodies
    name, spoken = quote(layer.name, safe=""), f"lang={query.language}"
    shown = f"layer={name}&{spoken}"
    area = quote(f"{layer.name}:{query.code}", safe="")
    return SheetLinks(
        query=moment,
        coverage=f"/desk/coverage?{shown}{after}#{code}" if has_ladder else "",
        hotspots="" if layer.is_overlay else f"/desk/hotspots?{shown}#{code}",
        issues="" if layer.is_overlay else f"/api/v1/issues?area={area}&basis=recounted",
        json=f"/api/v1/areas/{name}/{code}/sheet?{spoken}{after}",
    )


def sheet_json(view: AreaSheetView) -> JsonObject:
    """Return the facts of a sheet."""
    return {
        "layer": view.layer.name,
        "code": view.code,
        "name": view.name,
        "parents": _all(view.parents),
        "km2": view.km2,
        "edition": view.stamp.edition,
        "effective_from": view.stamp.effective_from.isoformat(),
        "as_of": view.stamp.day.isoformat(),
        "neighbors": [
            {"code": code, "name": name}
            for code, name in zip(view.map.areas.codes, view.map.areas.names, strict=True)
            if code != view.code
        ],
        "issues": asdict(view.issues)
        | {"categories": [{"name": n or None, "count": c} for n, c in view.issues.categories]},
        "figures": {name: asdict(figure) for name, figure in view.figures.items()},
        **_party_json(view),
        "facilities": {"kinds": _all(view.holdings.site_kinds), "items": _all(view.holdings.sites)},
        "assets": {"kinds": _all(view.holdings.asset_kinds)},
        "buildings": {
            "count": view.ground.building_count,
            "names": list(view.ground.buildings),
            "basis": "list" if view.ground.is_listed else "ground",
        },
        "bounds_text": view.ground.bounds_text,
        "bounds_entered": asdict(view.ground.entered) if view.ground.entered else None,
        "bounds_earlier": asdict(view.ground.earlier) if view.ground.earlier else None,
        "bounds": {side: asdict(bound) for side, bound in view.ground.bounds.items()},
        "history": [
            asdict(each)
            | {"sources": [{"code": c, "name": n, "share": s} for c, n, s in each.sources]}
            for each in view.history
        ],
    }


def _party_json(view: AreaSheetView) -> JsonObject:
    party, units = view.party, view.party.units
    own = party.levels[0]
    return {
        "state": None if own.state is None else AreaState(own.state).name.lower(),
        "members": party.members,
        "liaison": asdict(party.liaison) if party.liaison else None,
        "chain": [_level_json(level) for level in party.levels],
        "posts": [
            {
                "organisation": body.facts.code,
                "post": body.facts.post or None,
                "duty_phone": body.facts.duty_phone or None,
                "is_vacant": body.is_vacant,
            }
            for body in own.bodies
        ],
        "organisations_inside": {
            "total": party.inside.total,
            "kinds": _all(party.inside.kinds),
            "items": _all(party.inside.lines),
        },
        "units": {
            "total": sum(units.cover),
            "kinds": _all(units.kinds),
            **{cover.name: units.cover[cover] for cover in UnitCover},
            **{duty.name.lower(): units.duty[duty] for duty in UnitDuty},
            "organisation_coverage": ratio_json(units.organisation_coverage),
            "work_coverage": ratio_json(units.work_coverage),
            "items": [
                asdict(each)
                | {
                    "cover": UnitCover(each.cover).name,
                    "duty": UnitDuty(each.duty).name.lower(),
                }
                for each in units.lines
            ],
        },
    }


def _level_json(level: LevelFacts) -> JsonObject:
    return asdict(level.area) | {
        "state": None if level.state is None else AreaState(level.state).name.lower(),
        "bodies": [
            {
                "code": body.facts.code,
                "name": body.facts.name,
                "kind": body.facts.kind,
                "mode": body.facts.mode,
                "activity": Life(body.facts.life).name.lower(),
                "last_activity": body.facts.last.isoformat() if body.facts.last else None,
                "post": body.facts.post or None,
                "duty_phone": body.facts.duty_phone or None,
                "is_vacant": body.is_vacant,
                "is_term_over": body.is_term_over,
            }
            for body in level.bodies
        ],
    }


def _all(found: Sequence[Any]) -> list[JsonObject]:
    return [asdict(each) for each in found]
