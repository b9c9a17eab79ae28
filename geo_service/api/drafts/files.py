"""Drafts to and from desktop tools, such as QGIS."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from geo_service.api.boundaries import (
    BoundaryFile,
    PlanParameter,
    report_answer,
    tables_asked,
    uploaded,
)
from geo_service.api.drafts.views import step_json
from geo_service.api.editions import Ending, export_response
from geo_service.api.handling import IfMatch, seen_event
from geo_service.api.parameters import JsonObject, RowNumber, VisitParameter
from geo_service.api.problems import reader_of
from geo_service.api.streams import answers
from geo_service.layers.file_format import media_types
from geo_service.services.boundaries.tables import TablesAsked

router = APIRouter(tags=["drafts"])


@router.get(
    "/drafts/{draft_id}/boundaries.{ending}",
    response_class=Response,
    responses=answers(*media_types().values()),
)
def export(
    visit: VisitParameter,
    draft_id: RowNumber,
    ending: Ending,
    layer: Annotated[list[str], Query(min_length=1, description="Repeat for several in one file.")],
) -> Response:
    """Save layers of a draft; the header `Geo-Service-Report` says what the format lacks."""
    return export_response(
        visit,
        f"{'_'.join(layer)}_draft_{draft_id}.{ending}",
        lambda path: visit.services.draft_files.export(visit.caller, draft_id, layer, path),
    )


@router.post("/drafts/{draft_id}/boundaries", response_model=None)
def import_tables(
    visit: VisitParameter,
    draft_id: RowNumber,
    file: BoundaryFile,
    asked: Annotated[TablesAsked, Depends(tables_asked)],
    plan: PlanParameter,
    if_match: IfMatch = None,
) -> JsonObject | JSONResponse:
    """Read edited layers of a file into a draft as one step; with defects nothing is stored.

    The report says what changed, as imports do. `step` is null where nothing did.
    """
    with uploaded(file) as path:
        found = visit.services.draft_files.import_tables(
            visit.caller, draft_id, path, asked, plan=plan, seen=seen_event(if_match)
        )
    step = None if found.step is None else step_json(found.step, reader_of(visit.request))
    return report_answer(visit, found.report, step=step)
