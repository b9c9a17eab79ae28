"""Areas of drafts derived from building lists, and the lists as they are there."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.boundaries import uploaded
from geo_service.api.building_lists import buildings_json
from geo_service.api.drafts.answers import WithImpact, step_answer
from geo_service.api.drafts.operations import Code
from geo_service.api.handling import IfMatch, seen_event
from geo_service.api.parameters import JsonObject, RowNumber, VisitParameter
from geo_service.services.building_lists.plans import DeriveOptions
from geo_service.services.building_lists.rows import ListFileOptions, ListRow

router = APIRouter(tags=["drafts"])

_MOST_BUILDINGS = 100_000

Others = Literal["refuse", "nearest"]
Along = Literal["road"]


class AreaListBody(BaseModel):
    """The building list of one area; name and parent are told of a new one."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Code
    name: Code | None = None
    parent: Code | None = None
    buildings: Annotated[list[Code], Field(min_length=1, max_length=_MOST_BUILDINGS)]


class DeriveBody(BaseModel):
    """The building lists of all areas of one layer below one or several parents.

    `others` says what becomes of buildings on no list, `retires` lets areas go that have none, and
    `along` lays borders rather along roads.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Code
    lists: Annotated[list[AreaListBody], Field(min_length=1, max_length=10_000)]
    others: Others = "refuse"
    retires: bool = False
    along: Along | None = None

    def rows(self) -> list[ListRow]:
        """Return the buildings as rows; they have no numbers."""
        return [
            ListRow(0, each.code, building, name=each.name, parent=each.parent)
            for each in self.lists
            for building in each.buildings
        ]


@router.post("/drafts/{draft_id}/derive", responses={201: {"description": "It was done"}})
def derive(
    visit: VisitParameter,
    draft_id: RowNumber,
    body: DeriveBody,
    if_match: IfMatch = None,
    impact: WithImpact = False,
) -> JSONResponse:
    """Derive all areas of a layer below their parents from building lists, as one step.

    Each building lies in the area that lists it, and the areas are exactly the parent.
    """
    done = visit.services.draft_derivations.derive(
        visit.caller,
        draft_id,
        body.rows(),
        DeriveOptions(body.layer, body.others, body.retires, along=body.along),
        seen=seen_event(if_match),
    )
    return step_answer(visit, done, status=201, with_impact=impact)


@router.post("/drafts/{draft_id}/derive-file", responses={201: {"description": "It was done"}})
def derive_file(
    visit: VisitParameter,
    draft_id: RowNumber,
    file: UploadFile,
    layer: Annotated[str, Form(max_length=100)],
    parent: Annotated[str | None, Form(max_length=100)] = None,
    sheet: Annotated[str | None, Form(max_length=100)] = None,
    others: Annotated[Others, Form()] = "refuse",
    retires: Annotated[bool, Form()] = False,
    along: Annotated[Along | None, Form()] = None,
    if_match: IfMatch = None,
    impact: WithImpact = False,
) -> JSONResponse:
    """Derive areas from a list as CSV, XLSX or NDJSON: a row for each building, or for several.

    Columns are recognized as elsewhere: 网格编码 or 网格名称, 楼栋, and for new areas the parent.
    """
    with uploaded(file) as path:
        done = visit.services.draft_derivations.derive_file(
            visit.caller,
            draft_id,
            path,
            DeriveOptions(layer, others, retires, parent, along),
            file=ListFileOptions(sheet),
            seen=seen_event(if_match),
        )
    return step_answer(visit, done, status=201, with_impact=impact)


@router.get("/drafts/{draft_id}/building-lists")
def lists(
    visit: VisitParameter,
    draft_id: RowNumber,
    layer: Annotated[str, Query(max_length=100)],
    code: Annotated[str | None, Query(max_length=100, description="One area alone.")] = None,
) -> JsonObject:
    """Return the building lists of a draft; of one area also what stands in it without a list."""
    found = visit.services.building_lists.of_draft(visit.caller, draft_id, layer, code)
    return {"layer": layer, "areas": [buildings_json(each) for each in found]}
