"""Issues in and out."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from fastapi import APIRouter, Depends, Form, Header, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geo_service.api.boundaries import uploaded
from geo_service.api.parameters import (
    LARGEST_NUMBER,
    BboxParameter,
    JsonObject,
    RowNumber,
    VisitParameter,
    moment_text,
    read_time,
)
from geo_service.api.problems import language_of
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.errors import InvalidCursor, InvalidValue
from geo_service.governance.issue import RowError
from geo_service.layers.files import write_csv, write_features, write_xlsx
from geo_service.services.issues.files.options import IssueFileOptions, named_columns
from geo_service.services.issues.files.preview import preview_json
from geo_service.services.issues.files.report import (
    IssueFileReport,
    report_json,
    write_rejections,
)
from geo_service.storage.issue_queries import IssueFilter

router = APIRouter(tags=["issues"])

Text = Annotated[str, Field(max_length=20_000)]
ShortText = Annotated[str, Field(max_length=500)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
OnChange = Annotated[
    Literal["refuse", "update"], Query(description="What to do where the key has other content.")
]
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", max_length=200, pattern="^[ -~]+$")
]
FormText = Annotated[str | None, Form()]

Rule = Annotated[
    Literal["assigned", "boundary", "agreement", "nearest", "decided", "unassigned", "ambiguous"]
    | None,
    Query(
        description="What the point alone gave. `ambiguous` asks for the status instead: the owner "
        "holds too little of the circle of accuracy, or is provisional."
    ),
]

_CURSOR = re.compile(r"(-?[0-9]{1,20})-([0-9]{1,20})")
_LISTED_REJECTIONS = 1000


class IssueBody(BaseModel):
    """One issue as its source tells it; a time without a zone is Asia/Shanghai."""

    model_config = ConfigDict(extra="forbid", strict=True)

    source: ShortText
    external_id: ShortText
    reported_at: ShortText
    lon: Number | None = None
    lat: Number | None = None
    frame: ShortText | None = None
    accuracy_m: Number | None = None
    request_type: ShortText | None = None
    category_major: ShortText | None = None
    category_minor: ShortText | None = None
    status: ShortText | None = None
    closed_at: ShortText | None = None
    title: ShortText | None = None
    description: Text | None = None
    address: ShortText | None = None
    condition: Annotated[ShortText | None, Field(description="How pressing it is, as 紧急.")] = None
    responded: Annotated[ShortText | None, Field(description="是 or 否, or `yes` or `no`.")] = None
    resolved: Annotated[ShortText | None, Field(description="As the caller said; the same.")] = None
    satisfaction: Annotated[ShortText | None, Field(description="满意, 基本满意 and so on.")] = None

    def cells(self) -> dict[str, Any]:
        """Return the fields as the intake knows them."""
        given = self.model_dump(exclude_none=True)
        return {{"lon": "x", "lat": "y"}.get(name, name): value for name, value in given.items()}


class BatchBody(BaseModel):
    """Up to ten thousand issues; each row reports its own result."""

    model_config = ConfigDict(extra="forbid", strict=True)

    issues: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)]


def issue_filter(
    bbox: BboxParameter,
    area: Annotated[str | None, Query(description="layer:code")] = None,
    reported_from: str | None = None,
    reported_to: Annotated[str | None, Query(description="not included")] = None,
    category_major: str | None = None,
    category_minor: str | None = None,
    source: str | None = None,
    request_type: str | None = None,
    status: Literal["open", "closed"] | None = None,
    rule: Rule = None,
    exclude_request_type: Annotated[list[str] | None, Query(max_length=20)] = None,
) -> IssueFilter:
    """Return which issues are asked for."""
    return IssueFilter(
        reported_from_s=read_time(reported_from, where="reported_from"),
        reported_to_s=read_time(reported_to, where="reported_to"),
        area=read_area(area),
        category_major=category_major,
        category_minor=category_minor,
        source=source,
        request_type=request_type,
        status=status,
        rule=rule,
        without_request_types=tuple(exclude_request_type or ()),
        bbox=bbox,
    )


FilterParameter = Annotated[IssueFilter, Depends(issue_filter)]
Basis = Annotated[
    Literal["recounted", "kept"],
    Query(description="Whether an area means where issues lie today, or whose they were."),
]


@router.post("/issues", responses={201: {"description": "The issue is new"}})
def report_issue(
    visit: VisitParameter,
    body: IssueBody,
    on_change: OnChange = "refuse",
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take one issue in: 201 when it is new, 200 when it was known or updated."""
    answer = visit.services.issues.report(
        visit.caller,
        body.cells(),
        is_updating=on_change == "update",
        idempotency_key=idempotency_key,
    )
    is_new = answer["outcome"] == "added" and not answer["replayed"]
    return JSONResponse(answer, status_code=201 if is_new else 200)


@router.post("/issues/batch")
def report_issues(
    visit: VisitParameter,
    body: BatchBody,
    on_change: OnChange = "refuse",
    idempotency_key: IdempotencyKey = None,
) -> JsonObject:
    """Take many issues in, in one transaction; the counts add up to the rows."""
    return visit.services.issues.batch(
        visit.caller,
        [_read_row(row) for row in body.issues],
        is_updating=on_change == "update",
        idempotency_key=idempotency_key,
    )


def list_options(
    source: FormText = None,
    frame: FormText = None,
    sheet: FormText = None,
    column: Annotated[
        list[str] | None, Form(description="field=heading, repeated: external_id=工单号")
    ] = None,
    on_change: Annotated[Literal["update", "refuse"], Form()] = "update",
) -> IssueFileOptions:
    """Return how a list is to be read."""
    columns = named_columns(column or [], where="column")
    return IssueFileOptions(source, frame, sheet, columns, on_change == "update")


OptionsParameter = Annotated[IssueFileOptions, Depends(list_options)]


@router.post("/issues/import", response_model=None, responses=answers(MEDIA_TYPES[".csv"]))
def import_issues(
    visit: VisitParameter, file: UploadFile, options: OptionsParameter
) -> JsonObject | Response:
    """Take a list in as CSV, XLSX or NDJSON; ``source`` and ``frame`` are for rows without one.

    Every row is stored or rejected: the counts add up to the rows. The answer lists the first
    thousand rejections; ``Accept: text/csv`` gives all of them as a file instead. The same list
    sent again is unchanged.
    """
    with uploaded(file) as path:
        report = visit.services.issues.import_file(visit.caller, path, options)
    if is_csv_asked(visit.request):
        return _rejections_file(report)
    return report_json(report, language_of(visit.request), listed=_LISTED_REJECTIONS)


@router.post("/issues/import/preview", response_model=None, responses=answers(MEDIA_TYPES[".csv"]))
def preview_issues(
    visit: VisitParameter, file: UploadFile, options: OptionsParameter
) -> JsonObject | Response:
    """Tell what taking a list in would make of it; nothing is stored, and nobody waits for it.

    The answer is that of `/issues/import`, and besides: `owners`, rows by the area that they would
    be in; `results`, rows by the rule of their assignment; `shown`, columns of up to 4,000 rows
    with their points, those that need a look before those assigned without doubt.
    """
    with uploaded(file) as path:
        found = visit.services.issues.preview_file(visit.caller, path, options)
    if is_csv_asked(visit.request):
        return _rejections_file(found.report)
    return preview_json(found, language_of(visit.request), listed=_LISTED_REJECTIONS)


@router.get("/issues")
def list_issues(
    visit: VisitParameter,
    wanted: FilterParameter,
    basis: Basis = "recounted",
    after: Annotated[str | None, Query(description="The cursor of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> JsonObject:
    """List issues, newest first."""
    page = visit.services.issues.issues(
        visit.caller, wanted, basis=basis, after=_read_cursor(after), limit=limit
    )
    return {
        "items": [issue_json(row) for row in page.rows],
        "next": f"{page.next_after[0]}-{page.next_after[1]}" if page.next_after else None,
    }


@router.get(
    "/issues.{ending}",
    response_class=Response,
    responses=answers(*(MEDIA_TYPES[ending] for ending in (".csv", ".xlsx", ".geojson"))),
)
def export_issues(
    visit: VisitParameter,
    wanted: FilterParameter,
    ending: Literal["csv", "xlsx", "geojson"],
    basis: Basis = "recounted",
) -> Response:
    """Save every issue of the filter as CSV, XLSX or GeoJSON."""
    rows = visit.services.issues.every_issue(visit.caller, wanted, basis=basis)
    return file_response(f"问题清单.{ending}", lambda path: _write(path, rows))


@router.get("/issues/{issue_id}")
def issue(visit: VisitParameter, issue_id: RowNumber) -> JsonObject:
    """Return one issue with its assignments and events."""
    found = visit.services.issues.issue(visit.caller, issue_id)
    return {**issue_json(found), "events": found["events"]}


def issue_json(row: Mapping[str, Any]) -> JsonObject:
    """Return an issue as the API shows it."""
    first = row["assignments"][0] if row["assignments"] else None
    return {
        "id": row["id"],
        "source": row["source"],
        "external_id": row["external_id"],
        "reported_at": moment_text(row["reported_at_s"]),
        "closed_at": moment_text(row["closed_at_s"]),
        "status": row["status"],
        "request_type": row["request_type"],
        "category_major": row["category_major"],
        "category_minor": row["category_minor"],
        "title": row["title"],
        "lon": row["lon"],
        "lat": row["lat"],
        "asked": {"x": row["x"], "y": row["y"], "frame": row["source_frame"]},
        "accuracy_m": row["accuracy_m"],
        "erased_at": moment_text(row["erased_at_s"]),
        "located_by": row["located_by"],
        "place": row["place"],
        "rule": first["rule"] if first else None,
        "assignment_status": first["status"] if first else None,
        "ground": row["ground"],
        "responsible": row["responsible"],
        "assignments": row["assignments"],
    }


def _rejections_file(report: IssueFileReport) -> Response:
    name = f"{Path(report.file).stem}.退回.csv"
    return file_response(name, lambda path: write_rejections(path, report))


def _read_row(row: Mapping[str, Any]) -> dict[str, Any] | RowError:
    """Return a row's cells; a row is read as strictly as an issue that comes alone."""
    try:
        return IssueBody.model_validate(row).cells()
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        return RowError(field, "不符合接口约定：类型不对、过长、缺失或多余", first["msg"])


def is_csv_asked(request: Request) -> bool:
    """Tell whether a request wants the rejections of a list as a file."""
    first = request.headers.get("accept", "").partition(",")[0]
    return first.partition(";")[0].strip().lower() == "text/csv"


def read_area(text: str | None) -> tuple[str, str] | None:
    """Return layer and code of ``layer:code``."""
    if text is None:
        return None
    layer, colon, code = text.partition(":")
    if not (layer and colon and code):
        raise InvalidValue("area", "图层:编码，如 grid:999001", "layer:code, such as grid:999001")
    return layer, code


def _read_cursor(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = _CURSOR.fullmatch(text)
    after = (int(found[1]), int(found[2])) if found else (LARGEST_NUMBER + 1, 0)
    if max(map(abs, after)) > LARGEST_NUMBER:
        raise InvalidCursor(cursor=text[:60])
    return after


_HEADINGS = (
    "id",
    "source",
    "external_id",
    "reported_at",
    "closed_at",
    "status",
    "request_type",
    "category_major",
    "category_minor",
    "title",
    "lon",
    "lat",
    "rule",
    "assignment_status",
)


def _write(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    if path.suffix == ".geojson":
        _write_geojson(path, rows)
        return
    cells = ([issue_json(row)[name] for name in _HEADINGS] for row in rows)
    if path.suffix == ".csv":
        write_csv(path, headings=_HEADINGS, rows=cells)
    else:
        write_xlsx(
            path,
            title="问题清单",
            notes=[],
            headings=_HEADINGS,
            rows=cells,
            text_columns=("external_id",),
        )


def _write_geojson(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    found = [issue_json(row) for row in rows]
    points = np.empty(len(found), dtype=object)
    points[:] = [
        None if row["lon"] is None else shapely.Point(row["lon"], row["lat"]) for row in found
    ]
    write_features(
        path,
        columns={name: [row[name] for row in found] for name in _HEADINGS},
        geometries=points,
        layer_name="issues",
    )
