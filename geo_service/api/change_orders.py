"""变更单: what a draft or an edition changes, for paper and signatures."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse

from geo_service.api.pages import html_page
from geo_service.api.parameters import LanguageParameter, VisitParameter
from geo_service.api.problems import problem_row
from geo_service.errors import GeoServiceError
from geo_service.services.change_orders.pages import OrderQuery

pages = APIRouter()

_HIGHEST = 2**31 - 1
NumberParameter = Annotated[int, Path(ge=1, le=_HIGHEST)]


@pages.get("/desk/planner/drafts/{number}/order", response_class=HTMLResponse)
def draft_order(
    visit: VisitParameter, number: NumberParameter, language: LanguageParameter = None
) -> Response:
    """Draw what a draft would change; one that was published is told as its edition."""
    return _page(visit, OrderQuery(draft=number, language=language or visit.language))


@pages.get("/desk/planner/editions/{number}/order", response_class=HTMLResponse)
def edition_order(
    visit: VisitParameter, number: NumberParameter, language: LanguageParameter = None
) -> Response:
    """Draw what an edition changed of the one whose place it took."""
    return _page(visit, OrderQuery(edition=number, language=language or visit.language))


def _page(visit: VisitParameter, query: OrderQuery) -> Response:
    try:
        text = visit.services.change_orders.page(visit.caller, query)
    except GeoServiceError as error:  # a person looks at this: a page, not a problem document
        told = visit.services.start_pages.error(error, query.language)
        return html_page(told, status_code=problem_row(type(error))[0])
    return html_page(text, request=visit.request)
