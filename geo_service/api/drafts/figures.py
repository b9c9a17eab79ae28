"""True values of areas in a draft: entered, taken away, and what they come to."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.drafts.answers import WithImpact, impact_around
from geo_service.api.drafts.operations import Code
from geo_service.api.drafts.views import draft_json, entered_json
from geo_service.api.parameters import JsonObject, RowNumber, Visit, VisitParameter
from geo_service.services.drafts.figures import DraftFigures, FigureAsked
from geo_service.storage.editions import AreaKey

router = APIRouter(tags=["drafts"])

FigureName = Literal["households", "residents", "staff"]


class FigureBody(BaseModel):
    """How many there are in an area as it is drawn now."""

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Code
    code: Code
    figure: FigureName
    value: Annotated[int, Field(ge=0, le=999_999_999)]


class FiguresBody(BaseModel):
    """Values that are entered together."""

    model_config = ConfigDict(extra="forbid", strict=True)

    figures: Annotated[list[FigureBody], Field(min_length=1, max_length=500)]


@router.get("/drafts/{draft_id}/figures")
def figures(visit: VisitParameter, draft_id: RowNumber) -> JSONResponse:
    """Return the values that were entered; `gone` says of an area that is another one since."""
    return _answer(visit, visit.services.draft_figures.figures(visit.caller, draft_id))


@router.put("/drafts/{draft_id}/figures")
def enter(
    visit: VisitParameter, draft_id: RowNumber, body: FiguresBody, impact: WithImpact = False
) -> JSONResponse:
    """Enter true values of areas; they stand before estimates, and are figures once published."""
    asked = [FigureAsked(e.layer, e.code, e.figure, str(e.value)) for e in body.figures]
    found = visit.services.draft_figures.enter(visit.caller, draft_id, asked)
    return _answer(visit, found, {(e.layer, e.code) for e in asked} if impact else None)


@router.delete("/drafts/{draft_id}/figures")
def remove(
    visit: VisitParameter,
    draft_id: RowNumber,
    layer: Annotated[str, Query(max_length=100)],
    code: Annotated[str, Query(max_length=100)],
    figure: FigureName,
    impact: WithImpact = False,
) -> JSONResponse:
    """Take a value away that was entered."""
    found = visit.services.draft_figures.remove(visit.caller, draft_id, layer, code, figure)
    return _answer(visit, found, {(layer, code)} if impact else None)


def _answer(visit: Visit, found: DraftFigures, about: set[AreaKey] | None = None) -> JSONResponse:
    content: JsonObject = {"draft": draft_json(found.draft), **entered_json(found.figures)}
    if about is not None:
        content["impact"] = impact_around(
            lambda options: visit.services.draft_impact.about(
                visit.caller, found.draft, about, options
            )
        )
    return JSONResponse(content, headers={"ETag": f'"{found.draft.row.revision}"'})
