"""Enclaves: ground that root layers leave out on purpose."""

from typing import Annotated, Literal

import shapely
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.drafts.operations import Line, Point
from geo_service.api.issues import ShortText
from geo_service.api.parameters import (
    LARGEST_NUMBER,
    JsonObject,
    RowNumber,
    VisitParameter,
    moment_text,
)
from geo_service.layers.layer import Enclave
from geo_service.services.enclaves import LONGEST_WORDING, EnclaveAsked

router = APIRouter(tags=["enclaves"])


class EnclaveBody(BaseModel):
    """Ground around which an outline is drawn, or the hole that a place lies in; EPSG:4490."""

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Annotated[ShortText, Field(description="A root layer.")]
    wording: Annotated[str, Field(max_length=LONGEST_WORDING, description="What ground it is.")]
    outline: Annotated[Line | None, Field(description="An outline around it.")] = None
    place: Annotated[Point | None, Field(description="A place in the hole.")] = None
    draft: Annotated[
        int | None,
        Field(ge=1, le=LARGEST_NUMBER, description="Whose hole; else the edition in force."),
    ] = None


@router.get("/enclaves")
def list_enclaves(visit: VisitParameter) -> JsonObject:
    """List every enclave ever declared, those that were withdrawn too."""
    found = visit.services.enclaves.enclaves(visit.caller)
    return {"enclaves": [enclave_json(each) for each in found]}


@router.post("/enclaves", responses={201: {"description": "The enclave is new"}})
def declare_enclave(visit: VisitParameter, body: EnclaveBody) -> JSONResponse:
    """Declare that a hole is meant: 201 when it is new, 200 when the same stands already.

    A hole of the layer inside it is no defect from then on; no area changes.
    """
    asked = EnclaveAsked(
        body.layer,
        body.wording,
        tuple((lon, lat) for lon, lat in body.outline or ()),
        None if body.place is None else (body.place[0], body.place[1]),
        body.draft,
    )
    found, is_new = visit.services.enclaves.declare(visit.caller, asked)
    return JSONResponse(enclave_json(found), status_code=201 if is_new else 200)


@router.post("/enclaves/{number}/withdrawal")
def withdraw_enclave(visit: VisitParameter, number: RowNumber) -> JsonObject:
    """Withdraw an enclave: the next publication has to fill the hole."""
    return enclave_json(visit.services.enclaves.withdraw(visit.caller, number))


def enclave_json(found: Enclave) -> JsonObject:
    """Return an enclave as the API shows it."""
    state: Literal["standing", "withdrawn"]
    state = "standing" if found.withdrawn_at_s is None else "withdrawn"
    return {
        "id": found.id,
        "layer": found.layer,
        "wording": found.wording,
        "outline": shapely.get_coordinates(found.outline.exterior).tolist(),
        "recorded_at": moment_text(found.recorded_at_s),
        "recorded_by": found.recorded_by,
        "withdrawn_at": moment_text(found.withdrawn_at_s),
        "state": state,
    }
