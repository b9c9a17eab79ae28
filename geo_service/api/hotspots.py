"""The hotspot desk's numbers as JSON, CSV and XLSX."""

from dataclasses import asdict
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from geo_service.api.parameters import (
    BasisName,
    CategoryName,
    FirstDay,
    JsonObject,
    LanguageParameter,
    LastDay,
    SourceName,
    VisitParameter,
    moment_text,
)
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.services.hotspots.counts import HotspotQuery, Hotspots
from geo_service.services.hotspots.pages import Look

router = APIRouter(tags=["hotspots"])


def hotspot_query(
    first: FirstDay = None,
    last: LastDay = None,
    category: CategoryName = None,
    source: SourceName = None,
    basis: BasisName = "recounted",
) -> HotspotQuery:
    """Return what is asked, without its layer; an empty choice is none."""
    return HotspotQuery(None, first, last, category or None, source or None, basis)


QueryParameter = Annotated[HotspotQuery, Depends(hotspot_query)]


@router.get(
    "/hotspots/{layer}.{ending}",
    response_class=Response,
    responses=answers(MEDIA_TYPES[".csv"], MEDIA_TYPES[".xlsx"]),
)
def export_hotspots(
    visit: VisitParameter,
    layer: str,
    ending: Literal["csv", "xlsx"],
    query: QueryParameter,
    language: LanguageParameter = None,
) -> Response:
    """Save the numbers of a layer as CSV or XLSX."""
    look = Look(language=language or visit.language)
    write = partial(visit.services.hotspot_pages.write_table, visit.caller, query.of(layer), look)
    return file_response(f"问题热点.{ending}", write)


@router.get("/hotspots/{layer}")
def hotspots(visit: VisitParameter, layer: str, query: QueryParameter) -> JsonObject:
    """Count the issues of a period and of as many days before, area by area."""
    found = visit.services.hotspots.hotspots(visit.caller, query.of(layer))
    return hotspots_json(found)


def hotspots_json(found: Hotspots) -> JsonObject:
    """Return the numbers as the API shows them."""
    return {
        "layer": found.query.layer,
        "edition": found.edition.number,
        "basis": found.query.basis,
        "from": moment_text(found.period.start_s),
        "to": moment_text(found.period.end_s),
        "before_from": moment_text(found.period.before().start_s),
        "data_until": moment_text(found.data_until.timestamp() if found.data_until else None),
        "total": found.table.total,
        "total_before": found.table.total_before,
        "unassigned": found.table.unassigned,
        "unassigned_before": found.table.unassigned_before,
        "rows": [asdict(row) for row in found.table.rows],
    }
