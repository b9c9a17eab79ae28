"""网格调整 of a period: a page to print, a workbook, and lists."""

from datetime import date
from functools import partial
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from geo_service.api.pages import html_page
from geo_service.api.parameters import (
    LARGEST_NUMBER,
    FirstDay,
    LanguageParameter,
    LastDay,
    VisitParameter,
)
from geo_service.api.problems import problem_row
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.errors import GeoServiceError
from geo_service.maps.adjustments.view import PackChoice
from geo_service.services.adjustments.adjustments import write_tables
from geo_service.services.adjustments.pack import PackQuery
from geo_service.services.adjustments.period import PeriodAsked
from geo_service.services.organisations.register_tables import write_table

router = APIRouter(tags=["editions"])
pages = APIRouter()

TableName = Literal["changes", "codes", "buildings", "sums"]
_Edition = Annotated[int | None, Query(ge=0, le=LARGEST_NUMBER)]
_Name = Annotated[str | None, Query(max_length=200)]


async def period_asked(
    year: Annotated[int | None, Query(ge=0, le=LARGEST_NUMBER, description="A whole year.")] = None,
    first: FirstDay = None,
    last: LastDay = None,
    before: _Edition = None,
    after: _Edition = None,
) -> PeriodAsked:
    """Return the period that is asked for: a year, days, or two editions; else the year to date."""
    return PeriodAsked(year, first, last, before, after)


PeriodParameter = Annotated[PeriodAsked, Depends(period_asked)]


@router.get("/adjustments.xlsx", response_class=Response, responses=answers(MEDIA_TYPES[".xlsx"]))
def adjustments_workbook(
    visit: VisitParameter,
    asked: PeriodParameter,
    layer: _Name = None,
    language: LanguageParameter = None,
) -> Response:
    """Save what a period changed: areas, old and new codes, buildings of a layer, sums."""
    query = PackQuery(asked, layer=layer, language=language or visit.language)
    tables = visit.services.adjustments.tables(visit.caller, query)
    return file_response("网格调整.xlsx", partial(write_tables, tables=tables))


@router.get(
    "/adjustments/{table}.csv", response_class=Response, responses=answers(MEDIA_TYPES[".csv"])
)
def adjustments_list(
    visit: VisitParameter,
    table: TableName,
    asked: PeriodParameter,
    layer: _Name = None,
    language: LanguageParameter = None,
) -> Response:
    """Save one of the workbook's tables as a list."""
    query = PackQuery(asked, layer=layer, language=language or visit.language)
    found = visit.services.adjustments.tables(visit.caller, query)[table]
    return file_response(f"{found.title}.csv", partial(write_table, table=found))


@pages.get("/desk/planner/adjustments", response_class=HTMLResponse)
def adjustments_page(
    visit: VisitParameter,
    asked: PeriodParameter,
    layer: _Name = None,
    parent: _Name = None,
    is_every: Annotated[bool, Query(alias="all")] = False,
    language: LanguageParameter = None,
) -> Response:
    """Draw cover, tables and a sheet for each area that changed, or with ``all`` for every one."""
    spoken = language or visit.language
    query = PackQuery(asked, layer or None, (parent or "").strip() or None, is_every, spoken)
    service = visit.services.adjustments
    try:
        text = service.page(visit.caller, query, _choice(query, service.layer_choices(spoken)))
    except GeoServiceError as error:  # a person looks at this: a page, not a problem document
        told = visit.services.start_pages.error(error, spoken)
        return html_page(told, status_code=problem_row(type(error))[0])
    return html_page(text, request=visit.request)


def _choice(query: PackQuery, layers: list[tuple[str, str]]) -> PackChoice:
    asked = query.asked
    given: dict[str, int | date | str | None] = {
        "year": asked.year,
        "from": asked.first,
        "to": asked.last,
        "before": asked.before,
        "after": asked.after,
        "layer": query.layer,
        "parent": query.parent,
        "all": "true" if query.is_every else None,
    }
    told = {name: str(value) for name, value in given.items() if value is not None}
    return PackChoice(
        before=told.get("before", ""),
        after=told.get("after", ""),
        parent=told.get("parent", ""),
        is_every=query.is_every,
        layers=layers,
        query=urlencode(told),
    )
