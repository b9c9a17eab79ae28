"""Building lists of areas, as they are in editions."""

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from geo_service.api.parameters import (
    ChoiceParameter,
    JsonObject,
    RowNumber,
    VisitParameter,
)
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.services.building_lists.standing import AreaBuildings

router = APIRouter(tags=["areas"])

_FILES = answers(MEDIA_TYPES[".csv"], MEDIA_TYPES[".xlsx"])


@router.get("/areas/{layer}/{code}/buildings")
def area_buildings(
    visit: VisitParameter, layer: str, code: str, choice: ChoiceParameter
) -> JsonObject:
    """Return the buildings of an area: its building list, or without one what stands in it.

    `basis` says which (`list` or `ground`). Where list and ground contradict each other,
    `stands_in` is another code, and `unlisted` stand there without being on the list.
    """
    edition, found = visit.services.building_lists.of_area(visit.caller, layer, code, choice=choice)
    return {"edition": edition.number, "layer": layer, **buildings_json(found)}


@router.get("/editions/{number}/building-lists.{ending}", response_class=Response, responses=_FILES)
def export_lists(
    visit: VisitParameter,
    number: RowNumber,
    ending: Literal["csv", "xlsx"],
    layer: Annotated[str, Query(max_length=100)],
) -> Response:
    """Save the buildings of every area of a layer, a row for each; the last column says the basis.

    What the file says can be sent to `/drafts/{id}/derive` as it is.
    """

    def write(path: Path) -> int:
        return visit.services.building_lists.export(visit.caller, number, layer, path)

    return file_response(f"{layer}_{number}_楼栋清单.{ending}", write)


def buildings_json(found: AreaBuildings) -> JsonObject:
    """Return the buildings of one area."""
    return {
        "code": found.code,
        "name": found.name,
        "parent": found.parent,
        "basis": found.basis,
        "buildings": [vars(each) for each in found.buildings],
        "unlisted": [vars(each) for each in found.unlisted],
    }
