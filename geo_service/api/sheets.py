"""Sheets of rates: drawn, signed, and printed again as they were signed."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.pages import html_page
from geo_service.api.parameters import JsonObject, LanguageParameter, VisitParameter, moment_text
from geo_service.api.problems import problem_row
from geo_service.api.streams import MEDIA_TYPES, answers
from geo_service.errors import GeoServiceError
from geo_service.services.sheets.choices import last_whole_day
from geo_service.services.sheets.due import due_values
from geo_service.services.sheets.figures import SheetQuery
from geo_service.services.sheets.narrowing import narrowed_to

router = APIRouter(tags=["sheets"])
pages = APIRouter()

SheetKind = Literal["day", "week", "month", "quarter"]
NumberParameter = Annotated[int, Path(ge=1, le=2**31 - 1)]


class SheetAsked(BaseModel):
    """Which sheet is to be signed: the period of a kind that a day lies in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: SheetKind
    layer: str = Field(max_length=60)
    day: Annotated[date, Field(strict=False)]
    lang: Literal["zh", "en"] | None = None
    category: Annotated[str | None, Field(max_length=100, description="Of this one alone.")] = None
    source: Annotated[str | None, Field(max_length=60, description="Of this one alone.")] = None


@router.get("/sheets")
def signed_sheets(visit: VisitParameter) -> JsonObject:
    """List the signed sheets, newest first, and what the profile's cadence has due."""
    sheets = visit.services.sheets
    found = sheets.all_signed(visit.caller)
    return {
        "items": [{**_short(each), "narrowed": _narrowed(each)} for each in found],
        "cadence": due_values(sheets.due(visit.caller), visit.language),
    }


@router.post("/sheets", status_code=201)
def sign(visit: VisitParameter, asked: SheetAsked) -> JsonObject:
    """Freeze a sheet under a number; another one of its period and narrowing is a correction."""
    told = (asked.kind, asked.layer, asked.day, asked.lang or visit.language)
    query = SheetQuery(*told, asked.category or None, asked.source or None)
    return visit.services.sheets.sign(visit.caller, query)


@router.get(
    "/sheets/{number}.xlsx", response_class=Response, responses=answers(MEDIA_TYPES[".xlsx"])
)
def signed_workbook(visit: VisitParameter, number: NumberParameter) -> Response:
    """Return the workbook of a signed sheet, byte by byte as it was signed."""
    found = visit.services.sheets.signed(visit.caller, number)
    return Response(found["workbook"], media_type=MEDIA_TYPES[".xlsx"])


@router.get("/sheets/{number}")
def signed_sheet(visit: VisitParameter, number: NumberParameter) -> JsonObject:
    """Return the figures of a signed sheet as they were signed."""
    found = visit.services.sheets.signed(visit.caller, number)
    figures = json.loads(found["figures"])
    return {**_short(found), "narrowed": dict(narrowed_to(figures)), "figures": figures}


@pages.get("/desk/sheets/signed/{number}", response_class=HTMLResponse)
def signed_page(visit: VisitParameter, number: int) -> Response:
    """Show a signed sheet, byte by byte as it was signed."""
    try:
        text = bytes(visit.services.sheets.signed(visit.caller, number)["page"]).decode()
    except GeoServiceError as error:  # a person looks at this: a page, not a problem document
        return _told(visit, error, visit.language)
    return html_page(text)


@pages.get("/desk/sheets/{kind}", response_class=HTMLResponse)
def draft_page(
    visit: VisitParameter,
    kind: str,
    day: Annotated[date | None, Query()] = None,
    layer: Annotated[str | None, Query(max_length=60)] = None,
    category: Annotated[str | None, Query(max_length=100)] = None,
    source: Annotated[str | None, Query(max_length=60)] = None,
    language: LanguageParameter = None,
) -> Response:
    """Draw a sheet that is not signed; of yesterday's period unless another day is asked for."""
    spoken, workspace = language or visit.language, visit.services.workspace
    known = layer or workspace.profile.hotspots.layer
    asked = (kind, known, day or last_whole_day(workspace), spoken)
    query = SheetQuery(*asked, category or None, source or None)
    try:
        text = visit.services.sheets.page(visit.caller, query, leads_on=True)
    except GeoServiceError as error:
        return _told(visit, error, spoken)
    return html_page(text)


def _told(visit: VisitParameter, error: GeoServiceError, language: str) -> Response:
    told = visit.services.start_pages.error(error, language)
    return html_page(told, status_code=problem_row(type(error))[0])


def _narrowed(found: Mapping[str, Any]) -> JsonObject:
    names = {name: found[f"narrowed_{name}"] for name in ("category", "source")}
    return {name: value for name, value in names.items() if value is not None}


def _short(found: Mapping[str, Any]) -> JsonObject:
    return {
        "number": found["number"],
        "kind": found["kind"],
        "layer": found["layer"],
        "from": moment_text(found["from_s"]),
        "to": moment_text(found["to_s"]),
        "known_at": moment_text(found["known_at_s"]),
        "signed_by": found["signed_by"],
        "corrects": found["corrects"],
        "hash": found["hash"],
    }
