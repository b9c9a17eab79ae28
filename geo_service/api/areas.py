"""Layers and areas."""

import json
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Query, Response

from geo_service.api.parameters import (
    BboxParameter,
    ChoiceParameter,
    JsonObject,
    VisitParameter,
)
from geo_service.api.streams import MEDIA_TYPES, answers, geojson_response
from geo_service.services.boundaries.editions import AreaPage

router = APIRouter(tags=["areas"])

_FEATURE = answers(MEDIA_TYPES[".geojson"])
_COLLECTION = answers(MEDIA_TYPES[".geojson"], _304="Unchanged since the ETag in If-None-Match")


@router.get("/layers")
def layers(visit: VisitParameter) -> JsonObject:
    """List the layers of the profile, parents before children."""
    return {"layers": [vars(layer) for layer in visit.services.locations.layers(visit.caller)]}


@router.get("/areas/{layer}", response_class=Response, responses=_COLLECTION)
def areas(
    visit: VisitParameter,
    layer: str,
    choice: ChoiceParameter,
    bbox: BboxParameter,
    after: Annotated[str | None, Query(description="The cursor of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
) -> Response:
    """Return a layer's areas as a GeoJSON FeatureCollection (RFC 7946), ordered by code."""
    page = visit.services.editions.areas(
        visit.caller,
        layer,
        choice=choice,
        bbox=bbox,
        after_code=after,
        limit=limit,
    )
    return geojson_response(visit.request, _collection(layer, page), tag=page.edition.content_hash)


@router.get("/areas/{layer}/{code}", response_class=Response, responses=_FEATURE)
def area(
    visit: VisitParameter,
    layer: str,
    code: str,
    choice: ChoiceParameter,
) -> Response:
    """Return one area as a GeoJSON Feature, with its dated figures."""
    edition, row, figures = visit.services.editions.area(visit.caller, layer, code, choice=choice)
    feature = _feature(layer, row)
    feature["properties"] |= {"edition": edition.number, "figures": dict(figures)}
    return geojson_response(visit.request, feature, tag=None)


def _collection(layer: str, page: AreaPage) -> JsonObject:
    return {
        "type": "FeatureCollection",
        "edition": page.edition.number,
        "next": page.next_code,
        "features": [_feature(layer, row) for row in page.rows],
    }


def _feature(layer: str, row: Any) -> JsonObject:
    return {
        "type": "Feature",
        "id": row.code,
        "geometry": shapely.geometry.mapping(shapely.from_wkb(row.outline)),
        "properties": {
            "layer": layer,
            "code": row.code,
            "name": row.name,
            "parent": row.parent_code,
            "area_m2": row.area_m2,
            "attributes": json.loads(row.attributes),
        },
    }
