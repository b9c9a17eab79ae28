"""What planners look at before they redraw: both sides of a change, and how even areas are."""

import json
from dataclasses import asdict
from typing import Annotated

import shapely
from fastapi import APIRouter, Query

from geo_service.api.parameters import (
    LARGEST_NUMBER,
    JsonObject,
    RowNumber,
    VisitParameter,
    moment_text,
)
from geo_service.layers.area import AreaSet
from geo_service.services.drafts.desk.comparisons import (
    ComparedLayer,
    Comparison,
    ComparisonAsked,
)
from geo_service.services.drafts.desk.evenness import MeasuredBalance, ParentEvenness

router = APIRouter(tags=["editions"])

LayerName = Annotated[str, Query(max_length=200, description="Those above it are told, too.")]
Shown = Annotated[
    int | None,
    Query(ge=0, le=LARGEST_NUMBER, description="The edition drawn already; else that before."),
]
Before = Annotated[
    int | None,
    Query(ge=0, le=LARGEST_NUMBER, description="The edition before; else the draft's base."),
]


@router.get("/editions/{before}/comparison/{after}")
def comparison(
    visit: VisitParameter,
    before: RowNumber,
    after: RowNumber,
    layer: LayerName,
    shown: Shown = None,
) -> JsonObject:
    """Return the areas that differ between two editions, with their outlines on both sides.

    Outlines are for looking at: WGS 84, rounded to 1e-7 degrees. Areas that are the same on both
    sides, without kinds, are those that the edition ``shown`` has otherwise. ``kinds`` are some of
    ``added``, ``removed``, ``changed`` (other ground), ``moved`` (another parent), ``renamed`` and
    ``relisted`` (another building list).
    """
    asked = ComparisonAsked(layer, before=before, after=after, shown=shown)
    return _comparison_json(visit.services.comparisons.comparison(visit.caller, asked))


@router.get("/drafts/{draft_id}/comparison", tags=["drafts"])
def draft_comparison(
    visit: VisitParameter,
    draft_id: RowNumber,
    layer: LayerName,
    before: Before = None,
    shown: Shown = None,
) -> JsonObject:
    """Return the same of a draft, against the edition it stands on or another one."""
    asked = ComparisonAsked(layer, before=before, draft=draft_id, shown=shown)
    return _comparison_json(visit.services.comparisons.comparison(visit.caller, asked))


@router.get("/editions/{number}/balance")
def balance(visit: VisitParameter, number: RowNumber, layer: LayerName) -> JsonObject:
    """Return how even areas are under each parent, by the figures and issues of now."""
    found = visit.services.evenness.evenness(visit.caller, number, layer)
    return {
        "edition": found.edition,
        "layer": found.layer,
        "as_of": moment_text(found.as_of_s),
        "parents": [_parent_json(each) for each in found.parents],
        "whole": _parent_json(found.whole),
    }


def _parent_json(found: ParentEvenness) -> JsonObject:
    return {
        "parent": found.parent,
        "name": found.name,
        "areas": found.areas,
        "measures": {each.measure: _measured_json(each) for each in found.measures},
    }


def _measured_json(found: MeasuredBalance) -> JsonObject:
    told = found.balance
    ends = {"least_code": found.least_code, "most_code": found.most_code}
    return {**asdict(told), "spread": told.spread, "ratio": told.ratio, **ends}


def _comparison_json(found: Comparison) -> JsonObject:
    return {
        "before": found.before,
        "after": found.after,
        "draft": found.draft,
        "areas": [area for layer in found.layers for area in _areas_json(layer)],
    }


def _areas_json(layer: ComparedLayer) -> list[JsonObject]:
    before, after = _sides_json(layer.before), _sides_json(layer.after)
    return [
        {
            "layer": layer.layer,
            "code": code,
            "kinds": list(layer.kinds.get(code, ())),
            "before": before.get(code),
            "after": after.get(code),
        }
        for code in sorted(before.keys() | after.keys())
    ]


def _sides_json(areas: AreaSet) -> dict[str, JsonObject]:
    """Return each area's side: name, a place inside it for a mark, and its outline."""
    places = shapely.get_coordinates(shapely.point_on_surface(areas.geometries)).tolist()
    outlines = shapely.to_geojson(areas.geometries)
    rows = zip(areas.codes, areas.names, places, outlines, strict=True)
    return {
        code: {"name": name, "place": place, "geometry": json.loads(outline)}
        for code, name, place, outline in rows
    }
