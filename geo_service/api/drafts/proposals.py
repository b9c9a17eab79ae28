"""What a planner is offered in a draft: parts with codes, fixes, buildings; what would change."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.drafts.answers import BESIDE, WithImpact, step_answer
from geo_service.api.drafts.operations import Code, Line
from geo_service.api.drafts.views import fix_json, pieces_json
from geo_service.api.handling import IfMatch, seen_event
from geo_service.api.impact_json import impact_json
from geo_service.api.parameters import LARGEST_NUMBER, JsonObject, RowNumber, VisitParameter
from geo_service.api.problems import reader_of
from geo_service.layers.arcs import AreaKey
from geo_service.services.drafts.offers.proposals import Chosen, FixAsked
from geo_service.services.impact.look import ImpactOptions

router = APIRouter(tags=["drafts"])

Position = Annotated[int, Field(ge=0, le=100_000)]
Revision = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]


class PiecesBody(BaseModel):
    """A line across an area."""

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Code
    code: Code
    line: Line


class FixBody(BaseModel):
    """Which fix of which finding, both by position, of the revision that was looked at.

    ``whole`` says that the finding is one of the whole check.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    finding: Position
    fix: Position
    revision: Revision
    whole: bool = False


class BuildingsBody(BaseModel):
    """Buildings of an area, by outline or by code or name, and the neighbor that gets them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Code
    code: Code
    to: Code
    outline: Line = Field(default_factory=list, max_length=1_000_000)
    buildings: Annotated[list[Code], Field(max_length=1000)] = Field(default_factory=list)


@router.post("/drafts/{draft_id}/pieces")
def pieces(visit: VisitParameter, draft_id: RowNumber, body: PiecesBody) -> JsonObject:
    """Return the parts that a line would make of an area, each with a new code; nothing is stored.

    Codes follow the scheme of the layer, or those beside, row by row from the north.
    """
    line = tuple((place[0], place[1]) for place in body.line)
    key = AreaKey(body.layer, body.code)
    found = visit.services.draft_proposals.pieces(visit.caller, draft_id, key, line)
    return pieces_json(found)


@router.get("/drafts/{draft_id}/fixes")
def fixes(
    visit: VisitParameter,
    draft_id: RowNumber,
    finding: Annotated[int, Query(ge=0, le=100_000, description="Its position in the check.")],
    revision: Annotated[int, Query(ge=0, le=LARGEST_NUMBER)],
    whole: Annotated[bool, Query(description="Of the whole check.")] = False,
) -> JsonObject:
    """Return what would put a finding right, the best first; each was tried."""
    found = visit.services.draft_proposals.fixes(
        visit.caller, draft_id, finding, seen=revision, is_whole=whole
    )
    reader = reader_of(visit.request)
    return {"fixes": [fix_json(each, reader) for each in found]}


@router.post("/drafts/{draft_id}/fixes", responses={201: {"description": "It was done"}})
def fix(
    visit: VisitParameter, draft_id: RowNumber, body: FixBody, impact: WithImpact = False
) -> JSONResponse:
    """Do a fix as one step of the draft."""
    asked = FixAsked(body.finding, body.fix, body.whole)
    done = visit.services.draft_proposals.fix(visit.caller, draft_id, asked, seen=body.revision)
    return step_answer(visit, done, status=201, with_impact=impact)


@router.post("/drafts/{draft_id}/buildings", responses={201: {"description": "It was done"}})
def move_buildings(
    visit: VisitParameter,
    draft_id: RowNumber,
    body: BuildingsBody,
    if_match: IfMatch = None,
    impact: WithImpact = False,
) -> JSONResponse:
    """Give buildings, with the ground around them, to a neighbor; building lists follow.

    `buildings` names them; without it they are those inside `outline`.
    """
    keys = AreaKey(body.layer, body.code), AreaKey(body.layer, body.to)
    outline = tuple((place[0], place[1]) for place in body.outline)
    done = visit.services.draft_proposals.move_buildings(
        visit.caller, draft_id, *keys, Chosen(outline, body.buildings), seen=seen_event(if_match)
    )
    return step_answer(visit, done, status=201, with_impact=impact)


@router.get("/drafts/{draft_id}/impact", name="draft_impact")
def draft_impact(
    visit: VisitParameter,
    draft_id: RowNumber,
    owners: Annotated[bool, Query(description="Which open issues change owner, too.")] = True,
    limit: Annotated[int, Query(ge=0, le=1000)] = 100,
) -> JsonObject:
    """Return what would change if the draft took the place of its base: people, issues, balance."""
    options = ImpactOptions(with_owners=owners, listed=limit, most_beside=BESIDE)
    return impact_json(visit.services.draft_impact.impact(visit.caller, draft_id, options))
