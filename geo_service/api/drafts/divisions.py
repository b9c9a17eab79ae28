"""Ways to divide ground, offered whole before they are taken as an operation."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.drafts.operations import Code, Codes
from geo_service.api.drafts.views import features, offer_json, pieces_json
from geo_service.api.issues import Number
from geo_service.api.parameters import LARGEST_NUMBER, JsonObject, RowNumber, VisitParameter
from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw.review import SLIVER_M
from geo_service.services.drafts.offers.divisions import CutsAsked

router = APIRouter(tags=["drafts"])

Measure = Literal["auto", "households", "residents", "issues", "workload", "area"]
Names = Annotated[list[Code], Field(max_length=100)]


class PartsBody(BaseModel):
    """An area, how many parts it is to have, and of what they are to have about the same."""

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Code
    code: Code
    count: Annotated[int, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
    measure: Measure = "auto"
    keeps_code: bool = False


class CutsBody(BaseModel):
    """Areas, or all below a parent, and the lines to cut them along.

    `references` are kinds of reference features, such as `road_main`; `layers` are those whose
    borders, or lanes, are the lines. Pieces that hold no circle of `narrowest_m` are not made.
    With `siblings` all areas are cut that have a parent with one of `codes`.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Code
    codes: Codes = Field(default_factory=list)
    siblings: bool = False
    parent: Code | None = None
    references: Names = Field(default_factory=list)
    layers: Names = Field(default_factory=list)
    narrowest_m: Number = SLIVER_M
    keeps_code: bool = False

    def asked(self) -> CutsAsked:
        """Return the question as the service knows it."""
        return CutsAsked(
            self.layer,
            tuple(self.codes),
            self.parent,
            tuple(self.references),
            tuple(self.layers),
            self.siblings,
            self.narrowest_m,
            self.keeps_code,
        )


class GroupsBody(BaseModel):
    """Which children of an area would go together, each group as a new area."""

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Code
    code: Code
    child_layer: Code
    groups: Annotated[list[Codes], Field(min_length=1, max_length=500)]


@router.post("/drafts/{draft_id}/parts")
def parts(visit: VisitParameter, draft_id: RowNumber, body: PartsBody) -> JsonObject:
    """Return an area in parts that have about the same; nothing is stored.

    `auto` takes the first of households, residents and issues of the last year that is told of
    five places for each part, else the ground. `operation` is what takes it, as one step.
    """
    key = AreaKey(body.layer, body.code)
    found = visit.services.draft_divisions.parts(
        visit.caller,
        draft_id,
        key,
        body.count,
        measure=body.measure,
        keeps_code=body.keeps_code,
    )
    return offer_json(found)


@router.post("/drafts/{draft_id}/cuts")
def cuts(visit: VisitParameter, draft_id: RowNumber, body: CutsBody) -> JsonObject:
    """Return areas cut along roads, water or other layers; nothing is stored.

    Areas that no line parts are left out. `operation` is what takes it, as one step.
    """
    return offer_json(visit.services.draft_divisions.cuts(visit.caller, draft_id, body.asked()))


@router.post("/drafts/{draft_id}/groups")
def groups(visit: VisitParameter, draft_id: RowNumber, body: GroupsBody) -> JsonObject:
    """Return the areas that groups of children would make, with new codes; nothing is stored.

    The operation `split-by-children` takes them.
    """
    key = AreaKey(body.layer, body.code)
    grouped = [[AreaKey(body.child_layer, code) for code in group] for group in body.groups]
    return pieces_json(visit.services.draft_divisions.groups(visit.caller, draft_id, key, grouped))


@router.get("/drafts/{draft_id}/children")
def children(
    visit: VisitParameter,
    draft_id: RowNumber,
    layer: Annotated[str, Query(max_length=100)],
    code: Annotated[str, Query(max_length=100)],
) -> JsonObject:
    """Return the areas directly below one, as they are in the draft."""
    found = visit.services.draft_divisions.children(visit.caller, draft_id, AreaKey(layer, code))
    return {"type": "FeatureCollection", "features": features(found)}
