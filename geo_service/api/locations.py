"""Whose is this place."""

from typing import Annotated

from fastapi import APIRouter, Query

from geo_service.api.parameters import (
    ChoiceParameter,
    JsonObject,
    VisitParameter,
)
from geo_service.layers.answer import Answer
from geo_service.services.locations import Located

router = APIRouter(tags=["locate"])

Coordinate = Annotated[float, Query(allow_inf_nan=True)]


@router.get("/locate")
def locate(
    visit: VisitParameter,
    choice: ChoiceParameter,
    lon: Coordinate,
    lat: Coordinate,
    frame: Annotated[str, Query(description="EPSG code, GCJ02 or BD09.")] = "EPSG:4490",
) -> JsonObject:
    """Return the owner of a place in every family, with the rule and the reason."""
    return located_json(
        visit.services.locations.locate(visit.caller, x=lon, y=lat, frame=frame, choice=choice)
    )


def located_json(found: Located) -> JsonObject:
    """Return a located place as the API and the command line show it."""
    return {
        "asked": {"x": found.x, "y": found.y, "frame": found.source_frame},
        "lon": found.lon,
        "lat": found.lat,
        "edition": found.edition.number,
        "families": [_answer_json(answer) for answer in found.families],
        "overlays": [vars(owner) for owner in found.overlays],
    }


def _answer_json(answer: Answer) -> JsonObject:
    return {**vars(answer), "chain": [_link_json(vars(link)) for link in answer.chain]}


def _link_json(link: JsonObject) -> JsonObject:
    return link if link["code"] is not None else {**link, "why": "no_area_in_layer"}
