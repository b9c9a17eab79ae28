"""Possible duplicates: issues of the same category around an issue, or around a place."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from geo_service.api.parameters import JsonObject, RowNumber, VisitParameter, moment_text
from geo_service.services.handling.nearby import NearIssue, NearIssues

router = APIRouter(tags=["handling"])

Coordinate = Annotated[float, Query(allow_inf_nan=True)]
_SHOWN = ("id", "source", "external_id", "title", "address", "category_major", "category_minor")
_DISTANCE_DIGITS = 3


@router.get("/issues/nearby")
def around_place(
    visit: VisitParameter,
    lon: Coordinate,
    lat: Coordinate,
    frame: Annotated[str, Query(description="EPSG code, GCJ02 or BD09.")] = "EPSG:4490",
    category: Annotated[
        str | None,
        Query(max_length=200, description="`major` or `major/minor`; without it every one."),
    ] = None,
) -> JsonObject:
    """Return issues that a report from this place, now, may be a duplicate of."""
    found = visit.services.nearby.around_place(
        visit.caller, x=lon, y=lat, frame=frame, category=category
    )
    return near_json(found)


@router.get("/issues/{issue_id}/nearby")
def around_issue(visit: VisitParameter, issue_id: RowNumber) -> JsonObject:
    """Return issues that may report the same matter as one, the most likely first.

    How near, how long apart and what of the category must be the same is the profile's
    (`[dispatch]`). `merge` is what makes two of them one: the step that its `issue` takes, posted
    to that issue's events with `newest_event` as `If-Match`.
    """
    found = visit.services.nearby.around_issue(visit.caller, issue_id)
    return {"issue_id": issue_id, **near_json(found)}


def near_json(found: NearIssues) -> JsonObject:
    """Return issues near by as the API and the command line show them."""
    return {
        "rules": None if found.rules is None else vars(found.rules),
        "reason_zh": found.text_zh,
        "reason_en": found.text_en,
        "items": [_issue_json(each) for each in found.found],
        "left_out": found.left_out,
    }


def _issue_json(near: NearIssue) -> dict[str, Any]:
    row, likeness = near.row, near.likeness
    return {
        **{name: row[name] for name in _SHOWN},
        "reported_at": moment_text(row["reported_at_s"]),
        **{name: row[name] for name in ("status", "state", "lon", "lat")},
        "distance_m": round(likeness.distance_m, _DISTANCE_DIGITS),
        "later_s": likeness.later_s,
        "reason_zh": likeness.text("zh"),
        "reason_en": likeness.text("en"),
        "merge": None if near.merge is None else vars(near.merge),
    }
