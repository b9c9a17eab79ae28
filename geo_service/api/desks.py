"""The pages."""

import tempfile
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from geo_service.api.hotspots import QueryParameter
from geo_service.api.parameters import VisitParameter
from geo_service.api.problems import language_of
from geo_service.api.streams import file_response
from geo_service.maps.view import Links
from geo_service.services.hotspots.counts import Hotspots
from geo_service.services.hotspots.pages import Look

router = APIRouter()

LayerName = Annotated[str | None, Query(max_length=60)]
Measure = Literal["count", "per_km2", "per_1000_residents"]
Classification = Literal["quantile", "equal", "natural"]
Language = Annotated[Literal["zh", "en"] | None, Query(alias="lang")]


@router.get("/")
def start() -> RedirectResponse:
    """Open the one desk there is."""
    return RedirectResponse("/desk/hotspots")


@router.get("/desk/hotspots", response_class=HTMLResponse)
def hotspots(
    visit: VisitParameter,
    query: QueryParameter,
    layer: LayerName = None,
    measure: Measure = "count",
    classification: Classification = "quantile",
    classes: Annotated[int, Query(ge=2, le=9)] = 5,
    language: Language = None,
) -> HTMLResponse:
    """Draw the hotspot desk."""
    look = Look(language or language_of(visit.request), measure, classification, classes)
    found = visit.services.hotspots.hotspots(visit.caller, query.of(layer or None))
    links = _links(visit, found)
    html = visit.services.hotspot_pages.page(visit.caller, found.query, look, links=links)
    return HTMLResponse(html)


@router.get("/desk/hotspots.html", response_class=Response)
def standalone(
    visit: VisitParameter,
    query: QueryParameter,
    layer: LayerName = None,
    measure: Measure = "count",
    classification: Classification = "quantile",
    classes: Annotated[int, Query(ge=2, le=9)] = 5,
    language: Language = None,
) -> Response:
    """Save the hotspot map as one file that needs nothing else."""
    look = Look(language or language_of(visit.request), measure, classification, classes)
    path = Path(tempfile.mkstemp(suffix=".html", prefix="hotspots-")[1])
    visit.services.hotspot_pages.draw(visit.caller, query.of(layer or None), look, path)
    return file_response(path, "问题热点图.html")


def _links(visit: VisitParameter, found: Hotspots) -> Links:
    """Return where the page's controls lead; they carry on what was asked."""
    asked = visit.request.url.query
    query = f"?{asked}" if asked else ""
    days = found.period.text.split("/")
    listed = [
        ("basis", found.query.basis),
        ("reported_from", days[0]),
        ("reported_to", days[1]),
        ("category_major", found.query.category),
        ("source", found.query.source),
        *(("exclude_request_type", name) for name in found.excluded_request_types),
        ("limit", "200"),
    ]
    narrowed = urlencode([(name, value) for name, value in listed if value])
    return Links(
        page="/desk/hotspots",
        home="/",
        issues=f"/api/v1/issues?area={found.query.layer}:{{code}}&{narrowed}",
        csv=f"/api/v1/hotspots/{found.query.layer}.csv{query}",
        xlsx=f"/api/v1/hotspots/{found.query.layer}.xlsx{query}",
        standalone=f"/desk/hotspots.html{query}",
    )
