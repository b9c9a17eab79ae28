"""Whose an issue is: asked, decided by a person, or left to the place again."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.handling import IfMatch, Text, seen_event
from geo_service.api.issues import Number
from geo_service.api.parameters import JsonObject, RowNumber, VisitParameter, moment_text
from geo_service.api.problems import refused_row
from geo_service.api.queue import Acceptance
from geo_service.errors import GeoServiceError
from geo_service.governance.handling.decision import reason_title
from geo_service.services.addresses.pointing import PointedAt
from geo_service.services.handling.deciding import DecisionAsked, IssueOwner

router = APIRouter(tags=["handling"])


class DecisionBody(BaseModel):
    """The area that shall own an issue, and why; reason and role by name or the office's word."""

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Text
    code: Text
    reason: Annotated[Text, Field(description="One of checked, building, agreed, practice, ruling")]
    role: Text
    cites: Annotated[Text | None, Field(description="The clause or document it rests on.")] = None

    def asked(self) -> DecisionAsked:
        """Return the decision as the service knows it."""
        return DecisionAsked(self.layer, self.code, self.reason, self.role, self.cites)


class ManyDecisions(DecisionBody):
    """One decision for several issues."""

    issues: Annotated[list[Acceptance], Field(min_length=1, max_length=200)]


class PlaceBody(BaseModel):
    """Where an issue is, in a named frame, and in which role somebody says so."""

    model_config = ConfigDict(extra="forbid", strict=True)

    lon: Number
    lat: Number
    role: Text
    frame: Text = "EPSG:4490"


@router.get("/issues/{issue_id}/owner")
def owner(visit: VisitParameter, issue_id: RowNumber) -> JSONResponse:
    """Return whose an issue is on the ground, and what a person decided of it."""
    return _answer(visit.services.decisions.owner(visit.caller, issue_id))


@router.put("/issues/{issue_id}/owner")
def decide(
    visit: VisitParameter, issue_id: RowNumber, body: DecisionBody, if_match: IfMatch = None
) -> JSONResponse:
    """Give an open issue to an area, whatever its place says, while that area lives."""
    done = visit.services.decisions.decide(
        visit.caller, issue_id, body.asked(), newest_event=seen_event(if_match)
    )
    return _answer(done)


@router.delete("/issues/{issue_id}/owner")
def withdraw(
    visit: VisitParameter,
    issue_id: RowNumber,
    role: Annotated[str, Query(max_length=100, description="Who withdraws it.")],
    if_match: IfMatch = None,
) -> JSONResponse:
    """Let the place say again whose an open issue is."""
    done = visit.services.decisions.withdraw(
        visit.caller, issue_id, role=role, newest_event=seen_event(if_match)
    )
    return _answer(done)


@router.put("/issues/{issue_id}/place")
def point(
    visit: VisitParameter, issue_id: RowNumber, body: PlaceBody, if_match: IfMatch = None
) -> JSONResponse:
    """Put an open issue whose source told no coordinates at a place; its owner is found there."""
    told = PointedAt(body.lon, body.lat, body.frame, body.role, seen_event(if_match))
    visit.services.pointing.point(visit.caller, issue_id, told)
    return _answer(visit.services.decisions.owner(visit.caller, issue_id))


@router.post("/queue/decisions")
def decide_each(visit: VisitParameter, body: ManyDecisions) -> JsonObject:
    """Give issues to one area, in one transaction; every issue has its own result."""
    chosen = [(each.id, each.newest_event) for each in body.issues]
    results = visit.services.decisions.decide_each(visit.caller, chosen, body.asked())
    told = zip(chosen, results, strict=True)
    return {
        "results": [
            {"id": number, "outcome": "refused", "problem": refused_row(visit.request, found)}
            if isinstance(found, GeoServiceError)
            else {"id": number, "outcome": "done", "owner": _told(found)}
            for (number, _), found in told
        ]
    }


def _answer(found: IssueOwner) -> JSONResponse:
    return JSONResponse(_told(found), headers={"ETag": f'"{found.newest_event}"'})


def _told(found: IssueOwner) -> dict[str, Any]:
    return {
        "issue_id": found.issue_id,
        "family": found.family,
        "rule": found.rule,
        "chain": [area._asdict() for area in found.chain],
        "decision": _decision_json(found),
    }


def _decision_json(found: IssueOwner) -> dict[str, Any] | None:
    decision = found.decision
    if decision is None:
        return None
    names = ("layer", "code", "reason", "cites", "actor", "role", "is_questioned")
    return {
        **{name: getattr(decision, name) for name in names},
        "reason_zh": reason_title(decision.reason, "zh"),
        "reason_en": reason_title(decision.reason, "en"),
        "decided_at": moment_text(decision.decided_at_s),
        "is_standing": found.is_standing,
    }
