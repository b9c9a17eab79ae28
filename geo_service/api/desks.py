"""The pages."""

import html
import re
from functools import partial
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from geo_service.api.hotspots import QueryParameter
from geo_service.api.pages import html_page, json_text
from geo_service.api.parameters import LanguageParameter, VisitParameter, read_time
from geo_service.api.problems import problem_row
from geo_service.api.streams import file_response
from geo_service.errors import GeoServiceError
from geo_service.layers.edition import EditionChoice
from geo_service.maps.coverage.view import CoverageLinks
from geo_service.maps.view import Days, Links
from geo_service.services.coverage.desk.pages import CoverageLook
from geo_service.services.coverage.layer_coverage import CoverageQuery
from geo_service.services.hotspots.counts import HotspotQuery, Hotspots
from geo_service.services.hotspots.pages import Look

router = APIRouter()

_ROOM = Path(__file__).resolve().parent
_SECTION = re.compile(r"^## `([\w-]+)`$", re.MULTILINE)


@router.get("/", response_class=HTMLResponse)
def start(visit: VisitParameter, language: LanguageParameter = None) -> Response:
    """Show what is loaded and the way to the desks."""
    return html_page(visit.services.start_pages.start(visit.caller, language or visit.language))


def hotspot_look(
    visit: VisitParameter,
    measure: Literal[
        "count",
        "per_km2",
        "per_1000_residents",
        "open_count",
        "overdue_count",
        "due_soon_count",
    ] = "count",
    classification: Literal["quantile", "equal", "natural"] = "quantile",
    classes: Annotated[int, Query(ge=2, le=9)] = 5,
    language: LanguageParameter = None,
) -> Look:
    """Return how the numbers shall be shown."""
    return Look(language or visit.language, measure, classification, classes)


def desk_query(
    query: QueryParameter, layer: Annotated[str | None, Query(max_length=60)] = None
) -> HotspotQuery:
    """Return what is asked; an empty choice of a layer is the profile's."""
    return query.of(layer or None)


LookParameter = Annotated[Look, Depends(hotspot_look)]
DeskQueryParameter = Annotated[HotspotQuery, Depends(desk_query)]


@router.get("/desk/hotspots", response_class=HTMLResponse)
def hotspots(visit: VisitParameter, query: DeskQueryParameter, look: LookParameter) -> Response:
    """Draw the hotspot desk."""
    try:
        found = visit.services.hotspots.hotspots(visit.caller, query)
        links = _links(visit, found, look.language)
        text = visit.services.hotspot_pages.page(visit.caller, found.query, look, links=links)
    except GeoServiceError as error:  # a person looks at this: a page, not a problem document
        told = visit.services.start_pages.error(error, look.language)
        return html_page(told, status_code=problem_row(type(error))[0])
    return html_page(text, request=visit.request)


@router.get("/desk/dispatch", response_class=HTMLResponse)
def dispatch(visit: VisitParameter, language: LanguageParameter = None) -> Response:
    """Draw the dispatch desk; the page asks for the queue itself."""
    spoken = language or visit.language
    try:
        text = visit.services.desk_pages.page(visit.caller, spoken)
    except GeoServiceError as error:  # as above
        told = visit.services.start_pages.error(error, spoken)
        return html_page(told, status_code=problem_row(type(error))[0])
    return html_page(text, request=visit.request)


@router.get("/desk/planner", response_class=HTMLResponse)
def planner(
    visit: VisitParameter,
    layer: Annotated[str | None, Query(max_length=60)] = None,
    language: LanguageParameter = None,
) -> Response:
    """Draw the planner desk; the page asks for drafts itself."""
    spoken = language or visit.language
    try:
        text = visit.services.planner_pages.page(visit.caller, layer or None, spoken)
    except GeoServiceError as error:  # as above
        told = visit.services.start_pages.error(error, spoken)
        return html_page(told, status_code=problem_row(type(error))[0])
    return html_page(text, request=visit.request)


@router.get("/desk/hotspots.html", response_class=Response)
def standalone(visit: VisitParameter, query: DeskQueryParameter, look: LookParameter) -> Response:
    """Save the hotspot map as one file that needs nothing else."""
    write = partial(visit.services.hotspot_pages.draw, visit.caller, query, look)
    return file_response("问题热点图.html", write)


def coverage_look(
    visit: VisitParameter,
    view: Annotated[Literal["state", "active", "units", "reach", "demand"], Query()] = "state",
    before: Annotated[str | None, Query(description="The day to compare with.")] = None,
    kind: Annotated[str | None, Query(max_length=60, description="The kind of sites.")] = None,
    language: LanguageParameter = None,
) -> CoverageLook:
    """Return how coverage shall be shown; an empty day or kind is none."""
    before_s = read_time(before or None, where="before")
    return CoverageLook(language or visit.language, view, before_s, kind or None)


def desk_coverage(
    visit: VisitParameter,
    layer: Annotated[str | None, Query(max_length=60)] = None,
    as_of: Annotated[str | None, Query()] = None,
    known_at: Annotated[str | None, Query()] = None,
) -> CoverageQuery:
    """Return what is asked; what is left empty is the profile's layer, and today."""
    choice = EditionChoice(
        read_time(as_of or None, where="as_of"), read_time(known_at or None, where="known_at")
    )
    return CoverageQuery(layer or visit.services.coverage_pages.default_layer(), choice)


CoverageLookParameter = Annotated[CoverageLook, Depends(coverage_look)]


@router.get("/desk/coverage", response_class=HTMLResponse)
def coverage(visit: VisitParameter, look: CoverageLookParameter) -> Response:
    """Draw the coverage desk."""
    asked = visit.request.query_params
    try:
        query = desk_coverage(visit, asked.get("layer"), asked.get("as_of"), asked.get("known_at"))
        links = _coverage_links(visit, query)
        text = visit.services.coverage_pages.page(visit.caller, query, look, links=links)
    except GeoServiceError as error:  # a person looks at this: a page, not a problem document
        told = visit.services.start_pages.error(error, look.language)
        return html_page(told, status_code=problem_row(type(error))[0])
    return html_page(text, request=visit.request)


@router.get("/desk/coverage/registers.json", response_class=Response)
def coverage_registers(
    visit: VisitParameter,
    query: Annotated[CoverageQuery, Depends(desk_coverage)],
    look: CoverageLookParameter,
) -> Response:
    """Tell whom cards and symbols tell of, where they are too many to go with the page."""
    text = visit.services.coverage_pages.registers(visit.caller, query, look)
    return json_text(text, request=visit.request)


@router.get("/desk/coverage.html", response_class=Response)
def standalone_coverage(
    visit: VisitParameter,
    query: Annotated[CoverageQuery, Depends(desk_coverage)],
    look: CoverageLookParameter,
) -> Response:
    """Save the coverage map as one file that needs nothing else."""
    write = partial(visit.services.coverage_pages.draw, visit.caller, query, look)
    return file_response("党建覆盖图.html", write)


@router.get("/problems", response_class=HTMLResponse)
def problem_list() -> HTMLResponse:
    """Show what each problem type means and what to do about it."""
    start, *sections = _SECTION.split(problems_file().read_text(encoding="utf-8"))
    told = "".join(
        f'<h2 id="{slug}">{slug}</h2>{_paragraphs(text)}'
        for slug, text in zip(sections[::2], sections[1::2], strict=True)
    )
    title = "错误一览 · Problems"
    icon = '<link rel="icon" href="data:,">'
    head = f'<meta charset="utf-8">{icon}<title>{title}</title><h1>{title}</h1>'
    body = _paragraphs(start.partition("\n")[2])
    return HTMLResponse(f'<!doctype html><html lang="zh">{head}{body}{told}</html>')


def problems_file(room: Path = _ROOM) -> Path:
    """Return problems.md: a wheel carries it beside this module, a checkout in docs/."""
    installed = room / "problems.md"
    return installed if installed.is_file() else room.parents[1] / "docs" / "problems.md"


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part)}</p>" for part in text.strip().split("\n\n") if part)


def _links(visit: VisitParameter, found: Hotspots, language: str) -> Links:
    """Return where the page's controls lead; they carry on what was asked."""
    asked = visit.request.url.query
    query = f"?{asked}" if asked else ""
    days = found.period.text.split("/")
    listed = [
        ("basis", found.query.basis),
        ("reported_from", days[0]),
        ("reported_to", days[1]),
        ("category_major", found.query.category),
        ("source", found.query.source),
        *(("exclude_request_type", name) for name in found.excluded_request_types),
        ("limit", "200"),
    ]
    narrowed = urlencode([(name, value) for name, value in listed if value])
    return Links(
        page="/desk/hotspots",
        home="/",
        issues=f"/api/v1/issues?area={found.query.layer}:{{code}}&{narrowed}",
        area=f"/areas/{found.query.layer}/{{code}}?lang={language}",
        csv=f"/api/v1/hotspots/{found.query.layer}.csv{query}",
        xlsx=f"/api/v1/hotspots/{found.query.layer}.xlsx{query}",
        standalone=f"/desk/hotspots.html{query}",
        **_rate_links(found, language),
    )


def _rate_links(found: Hotspots, language: str) -> dict[str, str]:
    """Return the query of the sheets that the shown period ends in, and its table of rates."""
    query, days = found.query, Days.between(found.period.start, found.period.end)
    sheet = [("layer", query.layer), ("day", days.last), ("lang", language)]
    rates = [("from", days.first), ("to", days.last), ("category", query.category)]
    rates += [("source", query.source), ("basis", query.basis), ("lang", language)]
    told = [urlencode([(k, v) for k, v in asked if v]) for asked in (sheet, rates)]
    return {"sheets": f"?{told[0]}", "rates": f"/api/v1/rates/{query.layer}.xlsx?{told[1]}"}


def _coverage_links(visit: VisitParameter, query: CoverageQuery) -> CoverageLinks:
    """Return where the page's controls lead; they carry on the day that was asked."""
    asked = visit.request.query_params
    moments = [(name, asked.get(name)) for name in ("as_of", "known_at", "lang")]
    told = urlencode([(name, value) for name, value in moments if value])
    after, layer = f"?{told}" if told else "", f"/api/v1/coverage/{query.layer}"
    all_asked = f"?{visit.request.url.query}" if visit.request.url.query else ""
    return CoverageLinks(
        page="/desk/coverage",
        home="/",
        csv=f"{layer}.csv{after}",
        xlsx=f"{layer}.xlsx{after}",
        due_xlsx=f"{layer}/due-units.xlsx{after}",
        blank_xlsx=f"{layer}/blank-spots.xlsx{after}",
        standalone=f"/desk/coverage.html{all_asked}",
        registers=f"/desk/coverage/registers.json{all_asked}",
        activities="/api/v1/activities",
        area=f"/areas/{query.layer}/{{code}}{after}",
    )
