"""Handovers of shifts: the sheet, and what stands on it as JSON."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from geo_service.api.pages import html_page
from geo_service.api.parameters import (
    JsonObject,
    LanguageParameter,
    VisitParameter,
    moment_text,
    read_time,
)
from geo_service.api.problems import problem_row
from geo_service.errors import GeoServiceError
from geo_service.maps.handover.view import HandoverView, WaitingIssue
from geo_service.services.handover.handover import HandoverQuery

router = APIRouter(tags=["handling"])
pages = APIRouter()

SinceParameter = Annotated[
    str | None, Query(max_length=40, description="Since when; default the beginning of the shift.")
]


@router.get("/handover")
def handover(
    visit: VisitParameter,
    since: SinceParameter = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    language: LanguageParameter = None,
) -> JsonObject:
    """Tell what the shift on duty leaves to the next: what happened, presses and waits."""
    query = HandoverQuery(language or visit.language, _since_s(since), limit)
    return handover_json(visit.services.handovers.handover(visit.caller, query))


@pages.get("/desk/handover", response_class=HTMLResponse)
def handover_sheet(
    visit: VisitParameter, since: str | None = None, language: LanguageParameter = None
) -> Response:
    """Draw the sheet of a handover, one A4."""
    spoken = language or visit.language
    try:
        query = HandoverQuery(spoken, _since_s(since or None))
        text = visit.services.handover_pages.page(visit.caller, query)
    except GeoServiceError as error:  # a person looks at this: a page, not a problem document
        told = visit.services.start_pages.error(error, spoken)
        return html_page(told, status_code=problem_row(type(error))[0])
    return html_page(text, request=visit.request)


def handover_json(view: HandoverView) -> JsonObject:
    """Return a handover as the API shows it."""
    return {
        "now": moment_text(view.now_s),
        "since": moment_text(view.turn.from_s),
        "at": moment_text(view.turn.at_s),
        "next": moment_text(view.turn.next_s),
        "edition": view.edition,
        "shift": asdict(view.figures),
        "editions": [
            {"number": each.number, "effective_from": moment_text(each.effective_from_s)}
            for each in view.editions
        ],
        "counts": dict(view.counts),
        "groups": [
            {
                "name": each.name,
                "count": each.count,
                "parts": {part.name: part.count for part in each.parts},
                "numbers": list(each.numbers),
            }
            for each in view.groups
        ],
        "items": [_issue_json(each) for each in view.issues],
        "more": view.counts["listed"] - len(view.issues),
        "troubles": [
            {"name": each.name, "text": each.text(view.language)} for each in view.troubles
        ],
    }


def _issue_json(issue: WaitingIssue) -> dict[str, Any]:
    told = asdict(issue)
    due_s = told.pop("due_s")
    return {**told, "due": moment_text(due_s)}


def _since_s(text: str | None) -> int | None:
    since_s = read_time(text, where="since")
    return None if since_s is None else int(since_s)
