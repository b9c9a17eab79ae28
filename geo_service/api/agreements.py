"""Written border agreements: whose the ground along a common border is."""

from pathlib import Path
from typing import Annotated

import shapely
from fastapi import APIRouter, Response, UploadFile
from fastapi import Path as PathParameter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.boundaries import uploaded
from geo_service.api.issues import FormText, Number, ShortText, is_csv_asked
from geo_service.api.parameters import (
    ChoiceParameter,
    JsonObject,
    VisitParameter,
    moment_text,
)
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.services.agreements.agreements import (
    ADDED,
    UNCHANGED,
    AgreementFileReport,
    ListedAgreement,
    write_rejections,
)
from geo_service.services.lists.rejections import rejections_json

router = APIRouter(tags=["agreements"])

_LARGEST_NUMBER = 2**31 - 1
_LISTED_REJECTIONS = 1000

AgreementNumber = Annotated[int, PathParameter(ge=1, le=_LARGEST_NUMBER)]


class AgreementBody(BaseModel):
    """What two neighbors agreed on; a time without a zone is Asia/Shanghai."""

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: ShortText
    first_code: ShortText
    second_code: ShortText
    owner_code: Annotated[ShortText, Field(description="One of the two codes.")]
    within_m: Annotated[Number, Field(description="Meters on each side of the common border.")]
    document: Annotated[ShortText, Field(description="依据文号, the document it rests on.")]
    wording: Annotated[str | None, Field(max_length=5_000)] = None
    effective_from: Annotated[ShortText | None, Field(description="Default: from now on.")] = None
    effective_to: Annotated[ShortText | None, Field(description="The first moment after.")] = None
    stretch: Annotated[
        str | None,
        Field(max_length=200_000, description="WKT line, EPSG:4490: that piece of border alone."),
    ] = None


@router.get("/agreements")
def list_agreements(visit: VisitParameter, choice: ChoiceParameter) -> JsonObject:
    """List the agreements known at a moment, and how each stands at another; also inert ones."""
    found = visit.services.agreements.agreements(visit.caller, choice)
    return {
        "edition": found.edition.number if found.edition else None,
        "agreements": [agreement_json(each) for each in found.agreements],
    }


@router.post("/agreements", responses={201: {"description": "The agreement is new"}})
def record_agreement(visit: VisitParameter, body: AgreementBody) -> JSONResponse:
    """Record an agreement: 201 when it is new, 200 when the same stands already.

    Open issues that it reaches get their agreed owners in the same transaction.
    """
    found, outcome = visit.services.agreements.record(visit.caller, body.model_dump())
    answer = {**agreement_json(found), "outcome": outcome}
    return JSONResponse(answer, status_code=201 if outcome == ADDED else 200)


@router.post("/agreements/import", response_model=None, responses=answers(MEDIA_TYPES[".csv"]))
def import_agreements(
    visit: VisitParameter, file: UploadFile, sheet: FormText = None
) -> JsonObject | Response:
    """Record a list as CSV, XLSX or NDJSON: every row is stored, known already, or rejected.

    The answer lists the first thousand rejections; ``Accept: text/csv`` gives all of them as a file
    instead.
    """
    with uploaded(file) as path:
        report = visit.services.agreements.import_file(visit.caller, path, sheet=sheet)
    if is_csv_asked(visit.request):
        name = f"{Path(report.file).stem}.退回.csv"
        return file_response(name, lambda path: write_rejections(path, report))
    return _report_json(report)


@router.post("/agreements/{number}/withdrawal")
def withdraw_agreement(visit: VisitParameter, number: AgreementNumber) -> JsonObject:
    """Withdraw an agreement; it stays known for what was asked as of before."""
    return agreement_json(visit.services.agreements.withdraw(visit.caller, number))


def agreement_json(listed: ListedAgreement) -> JsonObject:
    """Return an agreement as the API shows it."""
    found = listed.agreement
    return {
        "number": found.number,
        "layer": found.layer,
        "first_code": found.first_code,
        "second_code": found.second_code,
        "owner_code": found.owner_code,
        "within_m": found.within_m,
        "document": found.document,
        "wording": found.wording,
        "effective_from": moment_text(found.effective_from_s),
        "effective_to": moment_text(found.effective_to_s),
        "recorded_at": moment_text(found.recorded_at_s),
        "withdrawn_at": moment_text(found.withdrawn_at_s),
        "stretch": None
        if found.stretch is None
        else shapely.to_wkt(found.stretch, rounding_precision=-1),
        "state": listed.state,
        "inert": {"zh": listed.inert[0], "en": listed.inert[1]} if listed.inert else None,
    }


def _report_json(report: AgreementFileReport) -> JsonObject:
    return {
        "file": report.file,
        "encoding": report.encoding,
        "columns": dict(report.columns.heading_by_field),
        "rows": report.rows,
        "counts": {
            ADDED: report.added,
            UNCHANGED: report.unchanged,
            "rejected": len(report.rejections),
        },
        "inert": [agreement_json(each) for each in report.inert],
        **rejections_json(report.rejections, listed=_LISTED_REJECTIONS),
    }
