"""Boundaries in, over HTTP."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.responses import JSONResponse

from geo_service.api.parameters import JsonObject, VisitParameter, read_time
from geo_service.api.problems import problem, reader_of
from geo_service.errors import TopologyBroken
from geo_service.layers.file_format import READABLE
from geo_service.layers.preparation import Plan
from geo_service.services.boundaries.files import BoundaryOptions, attribute_columns
from geo_service.services.boundaries.imports import EditionOptions, ImportReport
from geo_service.services.boundaries.reports import report_json
from geo_service.services.boundaries.tables import TablesAsked

router = APIRouter(tags=["boundaries"])

_LONGEST_NAME = 60

BoundaryFile = Annotated[UploadFile, File(description=f"By its ending: {READABLE}.")]
Text = Annotated[str | None, Form()]
Texts = Annotated[list[str] | None, Form(description="For all tables, or LAYER=… for one of them.")]


def _plan(
    mode: Annotated[Literal["update", "replace"], Form()] = "update",
    repair_m: Annotated[float | None, Form(gt=0, le=10)] = None,
    parents_from_children: Annotated[bool, Form()] = False,
    fit_to_parent_m: Annotated[float | None, Form(gt=0, le=1000)] = None,
) -> Plan:
    return Plan(mode == "replace", repair_m, parents_from_children, fit_to_parent_m)


def _edition_options(
    effective_from: Text = None,
    correction: Annotated[bool, Form()] = False,
    reason: Annotated[str, Form(max_length=500)] = "",
    dry_run: Annotated[bool, Form()] = False,
) -> EditionOptions:
    effective_from_s = read_time(effective_from, where="effective_from")
    return EditionOptions(
        effective_from_s=None if effective_from_s is None else int(effective_from_s),
        is_correction=correction,
        reason=reason,
        is_dry_run=dry_run,
    )


PlanParameter = Annotated[Plan, Depends(_plan)]
EditionParameter = Annotated[EditionOptions, Depends(_edition_options)]


@router.post("/boundaries/{layer}", response_model=None)
def import_boundaries(
    visit: VisitParameter,
    layer: str,
    file: BoundaryFile,
    plan: PlanParameter,
    edition_options: EditionParameter,
    frame: Text = None,
    table: Annotated[
        str | None,
        Form(description="Which table, sheet or folder; else one called as the layer."),
    ] = None,
    code: Text = None,
    name: Text = None,
    parent: Text = None,
    attributes: Annotated[
        list[str] | None,
        Form(description="Other columns to keep, repeated or separated by commas; default all."),
    ] = None,
    new_codes: Text = None,
    frame_confirmed: Annotated[bool, Form()] = False,
) -> JsonObject | JSONResponse:
    """Import a boundary file as a new edition; with defects nothing is stored, they are told."""
    named = {"code": code, "name": name, "parent": parent}
    options = BoundaryOptions(
        layer=layer,
        frame=frame,
        table=table,
        columns={field: column for field, column in named.items() if column},
        attributes=attribute_columns(attributes),
        new_codes=new_codes,
        is_frame_confirmed=frame_confirmed,
    )
    with uploaded(file) as path:
        report = visit.services.boundaries.import_file(
            visit.caller, path, options, plan=plan, edition_options=edition_options
        )
    return report_answer(visit, report)


def tables_asked(
    layer: Annotated[
        list[str] | None,
        Form(description="LAYER, or LAYER=TABLE; repeat for several."),
    ] = None,
    are_all: Annotated[
        bool, Form(alias="all", description="Also every table that is called as a layer.")
    ] = False,
    frame: Texts = None,
    code: Texts = None,
    name: Texts = None,
    parent: Texts = None,
    attributes: Texts = None,
    new_codes: Texts = None,
    frame_confirmed: Annotated[bool, Form()] = False,
) -> TablesAsked:
    """Return which tables of a file go to which layers, and how they are read."""
    return TablesAsked(
        layers=layer or (),
        are_all=are_all,
        frame=frame or (),
        code=code or (),
        name=name or (),
        parent=parent or (),
        attributes=attributes or (),
        new_codes=new_codes or (),
        is_frame_confirmed=frame_confirmed,
    )


@router.post("/boundaries", response_model=None)
def import_tables(
    visit: VisitParameter,
    file: BoundaryFile,
    asked: Annotated[TablesAsked, Depends(tables_asked)],
    plan: PlanParameter,
    edition_options: EditionParameter,
) -> JsonObject | JSONResponse:
    """Import several tables of a file as one edition: all of them together, or nothing.

    Each goes to its layer, all are matched, repaired and checked as a whole, and `layers` of the
    answer says what each of them brought. With defects nothing is stored, they are told.
    """
    with uploaded(file) as path:
        report = visit.services.boundaries.import_tables(
            visit.caller, path, asked, plan=plan, edition_options=edition_options
        )
    return report_answer(visit, report)


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


def report_answer(
    visit: VisitParameter, report: ImportReport, **more: Any
) -> JsonObject | JSONResponse:
    """Return what an import did; with defects it is a problem that carries them."""
    reader = reader_of(visit.request)
    told = report_json(report, *reader)
    if report.is_clean:
        return {**told, **more}
    error = TopologyBroken(len(report.preparation.defects), ())
    return problem(
        visit.request, 422, "topology-broken", "Not a clean coverage", reader.told(error), **told
    )
