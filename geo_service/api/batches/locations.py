"""Whose are these places: a batch comes back in the form that it was sent in."""

import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from geo_service.api.batches.located_json import columns_body, read_places, rows_body
from geo_service.api.parameters import ChoiceParameter, VisitParameter
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.errors import InvalidValue
from geo_service.services.places.files import PointFileOptions, PointFileReport

router = APIRouter(tags=["locate"])

_JSON = "application/json"
_ENDINGS = {MEDIA_TYPES[ending].partition(";")[0]: ending for ending in (".csv", ".ndjson")}
_ARROW = MEDIA_TYPES[".arrows"]
_KNOWN = (_JSON, *_ENDINGS, _ARROW)

_NUMBERS = {"type": "array", "maxItems": 1_000_000, "items": {"type": ["number", "null"]}}
_COLUMNS_SCHEMA = {
    "type": "object",
    "required": ["lon", "lat"],
    "properties": {"lon": _NUMBERS, "lat": _NUMBERS, "accuracy_m": _NUMBERS},
    "additionalProperties": False,
}
_ROWS_SCHEMA = {
    "type": "object",
    "required": ["points"],
    "properties": {
        "points": {
            "type": "array",
            "maxItems": 1_000_000,
            "items": {
                "type": "object",
                "required": ["lon", "lat"],
                "properties": {
                    "id": {},
                    "lon": {"type": "number"},
                    "lat": {"type": "number"},
                    "accuracy_m": {"type": ["number", "null"]},
                },
                "additionalProperties": False,
            },
        }
    },
    "additionalProperties": False,
}
_TEXT = {"schema": {"type": "string"}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            _JSON: {"schema": {"oneOf": [_COLUMNS_SCHEMA, _ROWS_SCHEMA]}},
            **dict.fromkeys(_ENDINGS, _TEXT),
            _ARROW: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@dataclass(frozen=True)
class _Sent:
    """The body of a request: in memory, or where it may be large and is read in pieces, a file."""

    media_type: str
    body: bytes
    path: Path | None


async def sent(request: Request) -> AsyncIterator[_Sent]:
    """Yield what was sent; raises InvalidValue for a form nobody reads."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _KNOWN:
        raise InvalidValue("Content-Type", " 或 ".join(_KNOWN), " or ".join(_KNOWN))
    if media_type not in _ENDINGS:
        yield _Sent(media_type, await request.body(), None)
        return
    with tempfile.TemporaryDirectory(prefix="geo_service_") as folder:
        path = Path(folder) / f"points{_ENDINGS[media_type]}"
        with path.open("wb") as file:
            async for piece in request.stream():
                file.write(piece)
        yield _Sent(media_type, b"", path)


async def point_options(  # async: a plain one would cost a change of threads
    choice: ChoiceParameter,
    frame: Annotated[str, Query(description="EPSG code, GCJ02 or BD09.")] = "EPSG:4490",
    explain: Annotated[
        bool, Query(description="Distances, neighbors and candidates; takes longer.")
    ] = False,
    lon_column: Annotated[str | None, Query(description="Of CSV, NDJSON and Arrow.")] = None,
    lat_column: str | None = None,
    accuracy_column: str | None = None,
) -> PointFileOptions:
    """Return how places are to be read."""
    return PointFileOptions(
        frame=frame,
        lon=lon_column,
        lat=lat_column,
        accuracy=accuracy_column,
        is_explaining=explain,
        choice=choice,
        option="{}_column",
    )


SentParameter = Annotated[_Sent, Depends(sent)]
OptionsParameter = Annotated[PointFileOptions, Depends(point_options)]


@router.post(
    "/locate/batch",
    response_class=Response,
    responses=answers(*_KNOWN),
    openapi_extra=_BODY,
)
def locate_batch(visit: VisitParameter, body: SentParameter, options: OptionsParameter) -> Response:
    """Return the owners of many places, each with its rule, in the order they came.

    JSON in columns (`lon`, `lat`, `accuracy_m`) gives columns: of each layer, of rules and of
    statuses a table `codes` and every row's `position` in it, -1 for none; of each overlay a table
    of codes and pairs of `row` and `position`. JSON in rows (`points`) gives rows with the `id`
    that came along, and of each overlay the list
    `LAYER_codes`. CSV, NDJSON and an Arrow stream come back with columns added; the header
    `Geo-Service-Report` counts. A row that is no place is `invalid`, says why and spoils no other.
    One edition answers all rows. `warnings`, or `notes` in the header, ask whether the axes are
    exchanged or another frame was meant; nothing is corrected.
    """
    if body.media_type == _JSON:
        return _json_answer(visit, body.body, options)
    if body.media_type == _ARROW:
        return _arrow_answer(visit, body.body, options)
    return _file_answer(visit, body, options)


def _json_answer(visit: VisitParameter, body: bytes, options: PointFileOptions) -> Response:
    asked = read_places(body)
    found = visit.services.locations.locate_batch(
        visit.caller,
        asked.places,
        frame=options.frame,
        choice=options.choice,
        is_explaining=options.is_explaining,
    )
    told = columns_body(found) if asked.ids is None else rows_body(found, asked.ids)
    return Response(told, media_type=_JSON)


def _arrow_answer(visit: VisitParameter, body: bytes, options: PointFileOptions) -> Response:
    found, report = visit.services.locations.locate_arrow(visit.caller, body, options)
    return Response(found, media_type=_ARROW, headers=_report_header(report))


def _file_answer(visit: VisitParameter, body: _Sent, options: PointFileOptions) -> Response:
    source = body.path or Path()
    reports: list[PointFileReport] = []

    def write(path: Path) -> None:
        service = visit.services.locations
        reports.append(service.locate_file(visit.caller, source, path, options))

    answer = file_response(f"落格结果{source.suffix}", write)
    answer.headers.update(_report_header(reports[0]))
    return answer


def _report_header(report: PointFileReport) -> dict[str, str]:
    """Return what became of the rows, as JSON in ASCII: a header holds nothing else."""
    told: dict[str, Any] = {
        "edition": report.edition.number,
        "frame": report.source_frame,
        "rows": report.tally.rows,
        "counts": report.tally.counts,
        "ambiguous": report.tally.ambiguous,
        "problems": report.tally.problems,
        "notes": [en for _, en in report.notes],
    }
    return {"Geo-Service-Report": json.dumps(told)}
