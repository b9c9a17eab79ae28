"""Whose is this place."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response

from geo_service.api.parameters import (
    ChoiceParameter,
    JsonObject,
    VisitParameter,
)
from geo_service.api.streams import answers
from geo_service.layers.assignment.agreed import Cited
from geo_service.layers.assignment.answer import Answer, Border, Nearby, Share
from geo_service.layers.assignment.reason import reason
from geo_service.layers.assignment.responsible import (
    Responsibility,
    ResponsibleOwner,
    responsible_reason,
)
from geo_service.layers.locator import ChainLink
from geo_service.services.places.locations import Located

router = APIRouter(tags=["locate"])

Coordinate = Annotated[float, Query(allow_inf_nan=True)]


@router.get("/locate", response_class=Response, responses=answers("application/json"))
def locate(
    visit: VisitParameter,
    choice: ChoiceParameter,
    lon: Coordinate,
    lat: Coordinate,
    frame: Annotated[str, Query(description="EPSG code, GCJ02 or BD09.")] = "EPSG:4490",
    accuracy_m: Annotated[
        float | None, Query(description="The true place lies within so many meters.")
    ] = None,
    category: Annotated[
        str | None,
        Query(
            max_length=200,
            description="`major` or `major/minor` of the profile: tells who is responsible for it.",
        ),
    ] = None,
) -> Response:
    """Return the owner of a place in every family, with the rule and the reason.

    `responsible` is the owner of the ground, or the area of an overlay that takes the category;
    `overrides` lists all that compete for it, and without a category whatever overlays take here.
    """
    found = visit.services.locations.locate(
        visit.caller,
        x=lon,
        y=lat,
        frame=frame,
        accuracy_m=accuracy_m,
        category=category,
        choice=choice,
    )
    return Response(orjson.dumps(located_json(found)), media_type="application/json")


def located_json(found: Located) -> JsonObject:
    """Return a located place as the API and the command line show it."""
    told: JsonObject = {
        "asked": {"x": found.x, "y": found.y, "frame": found.source_frame},
        "lon": found.lon,
        "lat": found.lat,
        "edition": found.edition.number,
        "families": [_answer_json(answer) for answer in found.families],
        "overlays": [vars(owner) for owner in found.overlays],
        **_responsibility_json(found.responsibility),
    }
    if found.is_swapped:
        told["hint_zh"] = "这里没有区域；把经度和纬度对调后落在区域内：两个数是否写反了？"
        told["hint_en"] = "no area is here; with longitude and latitude exchanged there is one"
    return told


def _responsibility_json(found: Responsibility) -> JsonObject:
    owner = found.responsible
    return {
        "category": found.category,
        "responsible": {**_owner_json(owner), "because": owner.because} if owner else None,
        "overrides": [_owner_json(each) for each in found.overrides],
        "responsible_reason_zh": responsible_reason(found, "zh"),
        "responsible_reason_en": responsible_reason(found, "en"),
    }


def _owner_json(owner: ResponsibleOwner) -> JsonObject:
    return {**owner._asdict(), "layer": owner.layer.name}


def _answer_json(answer: Answer) -> JsonObject:
    return {
        "family": answer.family,
        "rule": answer.rule,
        "status": answer.status,
        "chain": [_link_json(link) for link in answer.chain],
        "border": _border_json(answer.border),
        "agreement": _cited_json(answer.agreement),
        "nearest": _nearby_json(answer.nearest),
        "meeting": [_link_json(link) for link in answer.meeting],
        "accuracy_m": answer.accuracy_m,
        "candidates": [_share_json(share) for share in answer.candidates],
        "certain_share": answer.certain_share,
        "metric_frame": answer.metric_frame,
        "reason_zh": reason(answer, "zh"),
        "reason_en": reason(answer, "en"),
    }


def _link_json(link: ChainLink) -> JsonObject:
    told: dict[str, Any] = link._asdict()
    return told if link.code is not None else {**told, "why": "no_area_in_layer"}


def _border_json(border: Border | None) -> JsonObject | None:
    if border is None:
        return None
    neighbor = _link_json(border.neighbor) if border.neighbor else None
    return {"distance_m": border.distance_m, "neighbor": neighbor}


def _cited_json(cited: Cited | None) -> JsonObject | None:
    if cited is None:
        return None
    agreement = cited.agreement
    names = ("number", "layer", "first_code", "second_code", "owner_code", "within_m")
    told = {name: getattr(agreement, name) for name in (*names, "document", "wording")}
    return {**told, "distance_m": cited.distance_m}


def _nearby_json(nearest: Nearby | None) -> JsonObject | None:
    if nearest is None:
        return None
    return {**_link_json(nearest.area), "distance_m": nearest.distance_m}


def _share_json(share: Share) -> JsonObject:
    area = share.area or ChainLink("", None, None)
    return {
        "layer": area.layer or None,
        "code": area.code,
        "name": area.name,
        "share": share.share,
    }
