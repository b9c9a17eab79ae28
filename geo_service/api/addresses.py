"""Places by their names and addresses, and the lists that they come from."""

from pathlib import Path
from typing import Annotated

import orjson
from fastapi import APIRouter, Form, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.boundaries import uploaded
from geo_service.api.issues import FormText, ShortText, is_csv_asked, issue_json
from geo_service.api.locations import located_json
from geo_service.api.parameters import (
    LARGEST_NUMBER,
    JsonObject,
    RowNumber,
    VisitParameter,
    moment_text,
)
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.services.addresses.defects import KINDS, ListDefects
from geo_service.services.addresses.finding import FoundPlace, FoundPlaces
from geo_service.services.addresses.lists import (
    DEFAULT_LIST,
    PlaceFileOptions,
    PlaceFileReport,
    named_place_columns,
    write_rejections,
)
from geo_service.services.addresses.sentences import how_text, why_text
from geo_service.services.lists.rejections import rejections_json

router = APIRouter(tags=["places"])

_LISTED = 1000


class ChosenPlace(BaseModel):
    """Which candidate of a waiting issue is meant: its number from 0, and its label as shown."""

    model_config = ConfigDict(extra="forbid", strict=True)

    candidate: Annotated[int, Field(ge=0, le=100)]
    label: ShortText


Degrees = Annotated[float | None, Query(allow_inf_nan=False)]


@router.get("/places", response_class=Response, responses=answers("application/json"))
def find_places(
    visit: VisitParameter,
    q: Annotated[str, Query(description="An address, a name, or letters of their pinyin.")],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    lon: Degrees = None,
    lat: Degrees = None,
) -> Response:
    """Find places by 路/弄/号, estate, building, crossing, site, area, alias, pinyin or initials.

    Best first, each with how it was found, its point, how exact that is, and whose it is.
    `decisive` is the place that the text means: null where several fit equally, or only less than
    it says is known; `reason_zh` and `reason_en` say why. Of those found alike the nearest to `lon`
    and `lat` comes first.
    """
    near = None if lon is None or lat is None else (lon, lat)
    found = visit.services.places.find(visit.caller, q, limit=limit, near=near)
    return Response(orjson.dumps(found_json(found)), media_type="application/json")


@router.post("/places/import", response_model=None, responses=answers(MEDIA_TYPES[".csv"]))
def import_places(
    visit: VisitParameter,
    file: UploadFile,
    frame: FormText = None,
    sheet: FormText = None,
    list_name: Annotated[str, Form(max_length=60)] = DEFAULT_LIST,
    is_whole: Annotated[bool, Form(description="What the file does not hold ends.")] = False,
    column: Annotated[
        list[str] | None, Form(description="field=heading, repeated: road=路名")
    ] = None,
) -> JsonObject | Response:
    """Take a list of addresses or buildings in as CSV, XLSX or NDJSON, in one transaction.

    Every row is stored, known already, or rejected. The answer lists the first thousand
    rejections; ``Accept: text/csv`` gives all of them as a file instead. A list sent again changes
    nothing.
    """
    columns = named_place_columns(column or [], where="column")
    options = PlaceFileOptions(frame, sheet, list_name, columns, is_whole)
    with uploaded(file) as path:
        report = visit.services.place_lists.import_file(visit.caller, path, options)
    if is_csv_asked(visit.request):
        name = f"{Path(report.file).stem}.退回.csv"
        return file_response(name, lambda path: write_rejections(path, report))
    return _report_json(report)


@router.get("/places/lists")
def list_place_lists(visit: VisitParameter) -> JsonObject:
    """List the lists of addresses, each as it was imported last."""
    return {
        "lists": [
            {
                "name": each.name,
                "places": each.places,
                "file": each.file,
                "imported_at": moment_text(each.imported_at_s),
                "imported_by": each.imported_by,
            }
            for each in visit.services.place_lists.lists(visit.caller)
        ]
    }


@router.get("/places/defects")
def list_defects(
    visit: VisitParameter,
    limit: Annotated[int, Query(ge=1, le=10_000)] = _LISTED,
) -> JsonObject:
    """List where lists of addresses contradict the boundaries in force, or themselves."""
    return defects_json(visit.services.place_lists.defects(visit.caller), listed=limit)


@router.get("/places/waiting")
def list_waiting(
    visit: VisitParameter,
    after: Annotated[int, Query(ge=0, le=LARGEST_NUMBER)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> JsonObject:
    """List open issues that nobody knows the place of, by number, each with its candidates.

    `why` is null where nothing was looked up: no address came along, or no list stood then.
    """
    page = visit.services.waiting.waiting(visit.caller, after=after, limit=limit)
    return {"items": [_waiting_json(row) for row in page.rows], "next": page.next_after}


@router.post("/places/waiting")
def locate_waiting(visit: VisitParameter) -> JsonObject:
    """Look up every waiting address again, by the lists as they are now; tell how many were found.

    What means one place gets its owner, with an event that says so.
    """
    found = visit.services.waiting.locate(visit.caller)
    return {"waiting": found.waiting, "counts": dict(found.counts)}


@router.post("/places/waiting/{issue_id}")
def choose_place(visit: VisitParameter, issue_id: RowNumber, body: ChosenPlace) -> JsonObject:
    """Locate a waiting issue at one of its candidates; the event tells who decided."""
    visit.services.waiting.choose(
        visit.caller, issue_id, candidate=body.candidate, label=body.label
    )
    return issue_json(visit.services.issues.issue(visit.caller, issue_id))


def _waiting_json(row: JsonObject) -> JsonObject:
    told = {name: value for name, value in row.items() if name not in {"told", "reported_at_s"}}
    why = row["why"]
    return {
        **told,
        "reported_at": moment_text(row["reported_at_s"]),
        "reason_zh": why_text(why, "zh") if why else None,
        "reason_en": why_text(why, "en") if why else None,
    }


def found_json(found: FoundPlaces) -> JsonObject:
    """Return what was found as the API and the command line show it."""
    return {
        "text": found.text,
        "edition": found.edition.number if found.edition else None,
        "why": found.why,
        "reason_zh": why_text(found.why, "zh"),
        "reason_en": why_text(found.why, "en"),
        "decisive": place_json(found.decisive) if found.decisive else None,
        "places": [place_json(each) for each in found.places],
    }


def place_json(found: FoundPlace) -> JsonObject:
    """Return one found place."""
    hit, owner = found.hit, found.chain[-1] if found.chain else None
    return {
        "kind": hit.kind,
        "label": hit.label,
        "how": hit.how,
        "how_zh": how_text(hit.how, "zh"),
        "how_en": how_text(hit.how, "en"),
        "exactness": found.exactness,
        "addresses": hit.addresses,
        "lon": hit.lon if hit.has_point else None,
        "lat": hit.lat if hit.has_point else None,
        "listed": _listed_json(found),
        "owner": owner._asdict() if owner else None,
        "chain": [link._asdict() for link in found.chain],
        "body": found.body,
        "located": located_json(found.located) if found.located else None,
    }


def defects_json(found: ListDefects, *, listed: int) -> JsonObject:
    """Return what is wrong with lists of addresses, so many of the defects one by one."""
    return {
        "edition": found.edition,
        "places": found.places,
        "counts": dict(found.counts),
        "defects": [
            {
                "place": each.place_id,
                "row_key": each.row.row_key,
                "address": each.row.address,
                "kind": each.kind,
                "reason_zh": KINDS[each.kind][0],
                "reason_en": KINDS[each.kind][1],
                "layer": each.row.layer,
                "told": each.told,
                "found": each.found,
                "lon": each.row.lon,
                "lat": each.row.lat,
            }
            for each in found.defects[:listed]
        ],
        "left_out": len(found.defects[listed:]),
    }


def _listed_json(found: FoundPlace) -> JsonObject | None:
    row = found.details
    if row is None:
        return None
    return {
        "id": row.id,
        "list": row.list_name,
        "address": row.address,
        "title": row.title,
        "aliases": row.aliases.split("\n") if row.aliases else [],
        "kind": row.kind,
        "layer": row.layer,
        "area": row.area,
        "flaw": found.flaw,
        "recorded_at": moment_text(row.recorded_at_s),
    }


def _report_json(report: PlaceFileReport) -> JsonObject:
    return {
        "file": report.file,
        "list": report.list_name,
        "encoding": report.encoding,
        "notes": [{"zh": zh, "en": en} for zh, en in report.notes],
        "columns": dict(report.columns.heading_by_field),
        "ambiguous_columns": {k: list(v) for k, v in report.columns.ambiguous.items()},
        "dropped_columns": list(report.columns.dropped),
        "unused_columns": list(report.columns.unused),
        "rows": report.rows,
        "counts": {
            "added": report.added,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "rejected": len(report.rejections),
        },
        "ended": report.ended,
        "defects": defects_json(report.defects, listed=_LISTED),
        "frame_warnings": [
            {"zh": each.text("zh"), "en": each.text("en")} for each in report.frame_warnings
        ],
        **rejections_json(report.rejections, listed=_LISTED),
    }
