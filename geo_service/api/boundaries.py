"""Boundaries in, over HTTP."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import JSONResponse

from geo_service.api.parameters import JsonObject, VisitParameter, read_time
from geo_service.api.problems import language_of, problem
from geo_service.errors import TopologyBroken
from geo_service.layers.file_format import READABLE
from geo_service.layers.preparation import Plan
from geo_service.services.boundaries.files import BoundaryOptions, attribute_columns
from geo_service.services.boundaries.imports import EditionOptions, ImportReport
from geo_service.services.boundaries.reports import report_json

router = APIRouter(tags=["boundaries"])

_LONGEST_NAME = 60

Column = Annotated[str | None, Form()]


@router.post("/boundaries/{layer}", response_model=None)
def import_boundaries(
    visit: VisitParameter,
    layer: str,
    file: Annotated[UploadFile, File(description=f"By its ending: {READABLE}.")],
    frame: Column = None,
    table: Annotated[
        str | None,
        Form(description="Which table, sheet or folder; else one called as the layer."),
    ] = None,
    code: Column = None,
    name: Column = None,
    parent: Column = None,
    attributes: Annotated[
        list[str] | None,
        Form(description="Other columns to keep, repeated or separated by commas; default all."),
    ] = None,
    new_codes: Column = None,
    effective_from: Column = None,
    mode: Annotated[Literal["update", "replace"], Form()] = "update",
    repair_m: Annotated[float | None, Form(gt=0, le=10)] = None,
    parents_from_children: Annotated[bool, Form()] = False,
    fit_to_parent_m: Annotated[float | None, Form(gt=0, le=1000)] = None,
    correction: Annotated[bool, Form()] = False,
    reason: Annotated[str, Form(max_length=500)] = "",
    frame_confirmed: Annotated[bool, Form()] = False,
    dry_run: Annotated[bool, Form()] = False,
) -> JsonObject | JSONResponse:
    """Import a boundary file as a new edition; with defects nothing is stored, they are told."""
    named = {"code": code, "name": name, "parent": parent}
    effective_from_s = read_time(effective_from, where="effective_from")
    with uploaded(file) as path:
        report = visit.services.boundaries.import_file(
            visit.caller,
            path,
            BoundaryOptions(
                layer=layer,
                frame=frame,
                table=table,
                columns={field: column for field, column in named.items() if column},
                attributes=attribute_columns(attributes),
                new_codes=new_codes,
                is_frame_confirmed=frame_confirmed,
            ),
            plan=Plan(mode == "replace", repair_m, parents_from_children, fit_to_parent_m),
            edition_options=EditionOptions(
                effective_from_s=None if effective_from_s is None else int(effective_from_s),
                is_correction=correction,
                reason=reason,
                is_dry_run=dry_run,
            ),
        )
    return _answer(visit, report)


@contextmanager
def uploaded(file: UploadFile) -> Iterator[Path]:
    """Yield the file on disk under the name its client gave; it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="geo_service_") as folder:
        path = Path(folder) / _file_name(file.filename or "")
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target)
        yield path


def _file_name(given: str) -> str:
    """Return the last part of a client's file name, as any disk takes it."""
    name = "".join(each for each in Path(given).name if each.isprintable())[-_LONGEST_NAME:]
    return name if name.strip(".") else "upload"


def _answer(visit: VisitParameter, report: ImportReport) -> JsonObject | JSONResponse:
    language = language_of(visit.request)
    told = report_json(report, language)
    if report.is_clean:
        return told
    error = TopologyBroken(len(report.preparation.defects), ())
    return problem(
        visit.request, 422, "topology-broken", "Not a clean coverage", error.text(language), **told
    )
