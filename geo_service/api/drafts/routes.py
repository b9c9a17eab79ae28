"""The addresses of drafts."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.drafts.answers import WithImpact, step_answer
from geo_service.api.drafts.operations import OperationBody
from geo_service.api.drafts.views import (
    borders_json,
    check_json,
    draft_json,
    operations_json,
    row_json,
)
from geo_service.api.editions import ApprovalBody, edition_json
from geo_service.api.handling import IfMatch, seen_event
from geo_service.api.parameters import (
    LARGEST_NUMBER,
    JsonObject,
    RowNumber,
    VisitParameter,
    read_time,
)
from geo_service.api.problems import reader_of
from geo_service.layers.arcs import AreaKey
from geo_service.services.drafts.draft import Draft
from geo_service.services.drafts.drafts import LONGEST_CONSULTED, LONGEST_NAME, DraftNote
from geo_service.services.drafts.publishing import PublicationAsked

router = APIRouter(tags=["drafts"])

Text = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Moment = Annotated[str, Field(max_length=40)]


class DraftBody(BaseModel):
    """What a draft is called, and on which day's boundaries it stands; today's by default."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Text
    as_of: Moment | None = None


class NoteBody(BaseModel):
    """Another name, why the draft is made, who was asked; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Text | None = None
    reason: Annotated[str | None, Field(max_length=LONGEST_NAME)] = None
    consulted: Annotated[str | None, Field(max_length=LONGEST_CONSULTED)] = None

    def asked(self) -> DraftNote:
        """Return the note as the service knows it."""
        return DraftNote(self.name, self.reason, self.consulted)


class RebaseBody(BaseModel):
    """The day whose boundaries the draft shall stand on; today's by default."""

    model_config = ConfigDict(extra="forbid", strict=True)

    as_of: Moment | None = None


class PublicationBody(BaseModel):
    """From when the draft shall be in force, at once by default; why, and who was asked.

    What is left out of the last two is as the draft says.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: Text | None = None
    effective_from: Moment | None = None
    is_correction: bool = False
    consulted: Annotated[str | None, Field(max_length=LONGEST_CONSULTED)] = None
    approval: ApprovalBody | None = None

    def asked(self) -> PublicationAsked:
        """Return the publication as the service knows it."""
        moment_s = read_time(self.effective_from, where="effective_from")
        return PublicationAsked(
            self.reason,
            None if moment_s is None else int(moment_s),
            self.is_correction,
            self.consulted,
            None if self.approval is None else self.approval.model_dump(),
        )


@router.get("/drafts")
def drafts(
    visit: VisitParameter,
    status: Annotated[Literal["open", "published", "discarded"] | None, Query()] = None,
) -> JsonObject:
    """List drafts, the one changed last first."""
    found = visit.services.drafts.drafts(visit.caller, status=status)
    return {"drafts": [row_json(row) for row in found]}


@router.post("/drafts", responses={201: {"description": "The draft was begun"}})
def begin(visit: VisitParameter, body: DraftBody) -> JSONResponse:
    """Begin a draft."""
    as_of_s = read_time(body.as_of, where="as_of")
    return _draft(visit.services.drafts.begin(visit.caller, body.name, as_of_s=as_of_s), 201)


@router.get("/drafts/{draft_id}")
def draft(visit: VisitParameter, draft_id: RowNumber) -> JSONResponse:
    """Return a draft and the operations around where it stands; the ETag is its revision.

    These are the last 20 done and the first 20 undone; `GET …/operations` returns all.
    """
    return _draft(visit.services.drafts.draft(visit.caller, draft_id))


@router.patch("/drafts/{draft_id}")
def note(
    visit: VisitParameter, draft_id: RowNumber, body: NoteBody, if_match: IfMatch = None
) -> JSONResponse:
    """Give an open draft another name, or note why it is made and who was asked.

    An empty text takes a note away. Both notes stand on the change order, and are what publishing
    takes where it is told nothing else.
    """
    seen = seen_event(if_match)
    return _draft(visit.services.drafts.note(visit.caller, draft_id, body.asked(), seen=seen))


@router.delete("/drafts/{draft_id}")
def discard(visit: VisitParameter, draft_id: RowNumber) -> JSONResponse:
    """Put an open draft aside; it stays to be read."""
    return _draft(visit.services.drafts.discard(visit.caller, draft_id))


@router.get("/drafts/{draft_id}/operations")
def operations(
    visit: VisitParameter,
    draft_id: RowNumber,
    after: Annotated[int, Query(ge=0, le=LARGEST_NUMBER, description="`next` of before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JsonObject:
    """Return everything that was ever done in a draft, in order, with what was asked; by pages."""
    found = visit.services.drafts.operations(visit.caller, draft_id, after=after, limit=limit)
    return operations_json(found)


@router.post(
    "/drafts/{draft_id}/operations", responses={201: {"description": "The operation was done"}}
)
def perform(
    visit: VisitParameter,
    draft_id: RowNumber,
    body: OperationBody,
    if_match: IfMatch = None,
    impact: WithImpact = False,
) -> JSONResponse:
    """Do an operation. With ``If-Match`` it is refused (412) where others changed the same areas.

    The answer holds the areas that are other than before, and everything to look at. With
    ``impact`` it tells what would change around them, too.
    """
    done = visit.services.drafts.perform(
        visit.caller, draft_id, body.asked(), seen=seen_event(if_match)
    )
    return step_answer(visit, done, status=201, with_impact=impact)


@router.post("/drafts/{draft_id}/undo")
def undo(
    visit: VisitParameter, draft_id: RowNumber, if_match: IfMatch = None, impact: WithImpact = False
) -> JSONResponse:
    """Undo the last operation that is done."""
    done = visit.services.drafts.undo(visit.caller, draft_id, seen=seen_event(if_match))
    return step_answer(visit, done, with_impact=impact)


@router.post("/drafts/{draft_id}/redo")
def redo(
    visit: VisitParameter, draft_id: RowNumber, if_match: IfMatch = None, impact: WithImpact = False
) -> JSONResponse:
    """Do the operation again that was undone last."""
    done = visit.services.drafts.redo(visit.caller, draft_id, seen=seen_event(if_match))
    return step_answer(visit, done, with_impact=impact)


@router.get("/drafts/{draft_id}/areas")
def areas(visit: VisitParameter, draft_id: RowNumber) -> JSONResponse:
    """Return all areas that are not as in the base of the draft, and those no more."""
    return step_answer(visit, visit.services.drafts.state(visit.caller, draft_id))


@router.get("/drafts/{draft_id}/borders")
def borders(
    visit: VisitParameter,
    draft_id: RowNumber,
    layer: Annotated[str, Query(max_length=100)],
    code: Annotated[list[str], Query(min_length=1, max_length=200, description="Repeat it.")],
) -> JsonObject:
    """Return the borders of areas as a FeatureCollection, with the areas on both sides.

    Names say where a border runs: one that was moved has another name.
    """
    keys = [AreaKey(layer, each) for each in code]
    return borders_json(visit.services.drafts.borders(visit.caller, draft_id, keys))


@router.get("/drafts/{draft_id}/check")
def check(
    visit: VisitParameter,
    draft_id: RowNumber,
    whole: Annotated[bool, Query(description="Judge every area anew, as publishing does.")] = False,
) -> JsonObject:
    """Return what stands in the way of publishing, what to look at, and what would change."""
    found = visit.services.draft_publications.check(visit.caller, draft_id, is_whole=whole)
    return check_json(found, reader_of(visit.request))


@router.post("/drafts/{draft_id}/rebase")
def rebase(visit: VisitParameter, draft_id: RowNumber, body: RebaseBody) -> JSONResponse:
    """Put a draft on the edition that is in force now, or on a day."""
    as_of_s = read_time(body.as_of, where="as_of")
    done = visit.services.draft_publications.rebase(visit.caller, draft_id, as_of_s=as_of_s)
    return _draft(done)


@router.post(
    "/drafts/{draft_id}/publication", responses={201: {"description": "The edition is published"}}
)
def publish(visit: VisitParameter, draft_id: RowNumber, body: PublicationBody) -> JSONResponse:
    """Publish a draft as the next edition; again, it is the same edition."""
    edition = visit.services.draft_publications.publish(visit.caller, draft_id, body.asked())
    return JSONResponse(edition_json(edition), status_code=201)


def _draft(found: Draft, status: int = 200) -> JSONResponse:
    headers = {"ETag": f'"{found.row.revision}"'}
    return JSONResponse(draft_json(found), status_code=status, headers=headers)
