"""What facilities reach of a layer as JSON, and the gaps as GeoJSON."""

import json
from collections.abc import Sequence
from math import isnan
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from geo_service.api.parameters import ChoiceParameter, JsonObject, VisitParameter, moment_text
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.governance.organisations.register import Entry
from geo_service.services.coverage.reach import LayerGaps, LayerReach, ReachQuery

router = APIRouter(tags=["reach"])


def reach_query(
    layer: str,
    choice: ChoiceParameter,
    kind: Annotated[
        list[str] | None,
        Query(description="Kinds of facilities; repeat for several, leave out for all."),
    ] = None,
) -> ReachQuery:
    """Return what is asked."""
    return ReachQuery(layer, choice, tuple(kind) if kind else None)


QueryParameter = Annotated[ReachQuery, Depends(reach_query)]


@router.get(
    "/reach/{layer}.geojson",
    response_class=Response,
    responses=answers(MEDIA_TYPES[".geojson"]),
)
def export_gaps(visit: VisitParameter, query: QueryParameter) -> Response:
    """Save what no facility reaches, area by area (RFC 7946).

    The header `Geo-Service-Report` says how many parts were too small to be told.
    """
    found: list[LayerGaps] = []
    answer = file_response(
        f"服务盲区_{query.layer}.geojson",
        lambda path: found.append(visit.services.reach.write_gaps(visit.caller, query, path)),
    )
    left = found[0].gaps
    told = {"slivers": left.slivers, "sliver_m2": round(left.sliver_m2, 2)}
    answer.headers["Geo-Service-Report"] = json.dumps(told)
    return answer


@router.get("/reach/{layer}")
def reach(visit: VisitParameter, query: QueryParameter) -> JsonObject:
    """Tell which share of the ground and of the residents of each area a facility serves.

    A facility serves in a straight line, as far as its own radius or that of its kind. `basis` says
    what a share of residents rests on: `households` of buildings within reach, or `areal`, that
    residents live evenly on the ground; `mixed` is for all areas together.
    """
    return reach_json(visit.services.reach.reach(visit.caller, query))


def reach_json(found: LayerReach) -> JsonObject:
    """Return the reach as the API shows it."""
    measured = found.reach
    return {
        "layer": found.layer,
        "kinds": found.kinds,
        "edition": found.picture.edition.number,
        "as_of": moment_text(found.picture.as_of_s),
        "known_at": moment_text(found.picture.known_at_s),
        "ground_share": measured.whole_ground_share,
        "residents_share": measured.whole_residents_share,
        "basis": measured.whole_basis,
        "areas_counted_for_residents": int(measured.is_counted.sum()),
        "facilities": {
            "counted": len(found.facilities.entries),
            "by_kind": found.facilities.count_by_kind,
            "without_place": _codes(found.facilities.without_place),
            "without_radius": _codes(found.facilities.without_radius),
        },
        "items": [_item(found, position) for position in range(len(found.areas))],
    }


def _item(found: LayerReach, position: int) -> JsonObject:
    measured = found.reach
    return {
        "code": found.areas.codes[position],
        "name": found.areas.names[position],
        "ground_share": float(measured.ground_share[position]),
        "residents_share": _known(measured.residents_share[position]),
        "basis": measured.basis(position),
        "residents": _known(measured.residents[position]),
        "households": float(measured.households[position]),
        "households_reached": float(measured.households_reached[position]),
    }


def _codes(entries: Sequence[Entry]) -> list[str]:
    return [entry.code for entry in entries]


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)
