"""The queue of the dispatch desk: what waits, doing what is proposed, and news of it."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.handling import StepBody, step_json
from geo_service.api.parameters import (
    LARGEST_NUMBER,
    JsonObject,
    Visit,
    VisitParameter,
    moment_text,
)
from geo_service.api.problems import refused_row
from geo_service.errors import GeoServiceError, InvalidCursor
from geo_service.governance.event import IssueState
from geo_service.services.handling.queue import QueuedIssue

router = APIRouter(tags=["handling"])

_CURSOR = re.compile(r"([01])-([0-9]{1,16})-([0-9]{1,18})")
_EVENT_STREAM = "text/event-stream"

IssueNumber = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]


class Acceptance(BaseModel):
    """An issue, and the event of it that was seen last (the number in its history's ETag)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: IssueNumber
    newest_event: IssueNumber | None = None


class StepForEach(StepBody):
    """One step for several issues."""

    issues: Annotated[list[Acceptance], Field(min_length=1, max_length=200)]


class Acceptances(BaseModel):
    """The issues whose proposals are accepted."""

    model_config = ConfigDict(extra="forbid", strict=True)

    issues: Annotated[list[Acceptance], Field(min_length=1, max_length=200)]


@router.get("/queue")
def queue(
    visit: VisitParameter,
    view: Annotated[str | None, Query(max_length=20, description="Why they wait.")] = None,
    after: Annotated[str | None, Query(description="The cursor of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JsonObject:
    """Return open issues: urgent ones and those due today on top, then by what is due first."""
    found = visit.services.queue.page(
        visit.caller, view=view, after=_read_cursor(after), limit=limit
    )
    return {
        "now": moment_text(found.now_s),
        "counts": dict(found.counts),
        "items": [_issue_json(each) for each in found.issues],
        "next": "-".join(map(str, found.next_after)) if found.next_after else None,
        "revision": found.revision,
    }


@router.post("/queue/acceptances")
def accept(visit: VisitParameter, body: Acceptances) -> JsonObject:
    """Do what is proposed for issues, in one transaction; every issue has its own result."""
    asked = [(each.id, each.newest_event) for each in body.issues]
    return _results_json(visit, asked, visit.services.queue.accept(visit.caller, asked))


@router.get("/queue/steps")
def possible_steps(
    visit: VisitParameter,
    issue: Annotated[list[IssueNumber], Query(min_length=1, max_length=200)],
) -> JsonObject:
    """Return the steps that are possible for every one of these issues, and their newest events."""
    found = visit.services.handling.possible_for(visit.caller, issue)
    newest = found.newest_events.items()
    return {
        "steps": [step_json(step) for step in found.steps],
        "issues": [{"id": number, "newest_event": event} for number, event in newest],
    }


@router.post("/queue/steps")
def take_each(visit: VisitParameter, body: StepForEach) -> JsonObject:
    """Do one step for issues, in one transaction; every issue has its own result."""
    chosen = [(each.id, each.newest_event) for each in body.issues]
    results = visit.services.handling.take_each(visit.caller, chosen, body.asked(None))
    return _results_json(visit, chosen, results)


@router.get("/queue/news", include_in_schema=False)  # it never ends; OpenAPI cannot say so
async def news(
    request: Request,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=60)] = None,
) -> StreamingResponse:
    """Tell whenever an issue was reported or handled, and every minute: how many wait, and why."""
    lines = request.app.state.news.lines(last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines, media_type=_EVENT_STREAM, headers=headers)


def _issue_json(queued: QueuedIssue) -> dict[str, Any]:
    row = queued.row
    times = {name: moment_text(row[f"{name}_s"]) for name in ("due", "next_due", "reported_at")}
    plain = ("id", "source", "external_id", "title", "address", "request_type")
    place = (
        "lon",
        "lat",
        "accuracy_m",
        "category_major",
        "category_minor",
        "rule",
        "place_status",
        "is_provisional",
    )
    standing = ("state", "phase", "tier", "unit", "condition", "waited_for", "returned")
    return {
        **{name: row[name] for name in (*plain, *place)},
        **times,
        "is_pressing": row["rank"] == 0,
        "decision": queued.decision,
        "is_pointable": row["source_frame"] is None,
        "chain": [each._asdict() for each in queued.chain],
        **{name: row[name] for name in standing},
        "marks": list(queued.marks),
    }


def _results_json(
    visit: Visit,
    asked: Sequence[tuple[int, int | None]],
    results: Sequence[IssueState | GeoServiceError],
) -> JsonObject:
    told = zip(asked, results, strict=True)
    return {"results": [_result_json(visit.request, number, each) for (number, _), each in told]}


def _result_json(
    request: Request, number: int, result: IssueState | GeoServiceError
) -> dict[str, Any]:
    if isinstance(result, GeoServiceError):
        return {"id": number, "outcome": "refused", "problem": refused_row(request, result)}
    return {"id": number, "outcome": "done", "standing": result.handling}


def _read_cursor(text: str | None) -> tuple[int, int, int] | None:
    if text is None:
        return None
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise InvalidCursor(cursor=text[:60])
    return int(found[1]), int(found[2]), int(found[3])
