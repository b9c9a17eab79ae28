"""Registers: party organisations, units, facilities, assets, liaisons; and activities."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geo_service.api.boundaries import uploaded
from geo_service.api.issues import FormText, Number, ShortText, is_csv_asked, read_area
from geo_service.api.parameters import (
    ChoiceParameter,
    JsonObject,
    LanguageParameter,
    VisitParameter,
    moment_text,
)
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.errors import RefusedValue
from geo_service.governance.issue import RowError
from geo_service.governance.organisations.register import REGISTERS, Activity, Entry
from geo_service.services.organisations.cells import day_text, shown_cells
from geo_service.services.organisations.files import (
    RegisterFileOptions,
    register_overrides,
    report_json,
    write_rejections,
)
from geo_service.services.organisations.register_tables import register_table, write_table
from geo_service.services.organisations.registers import EntryFilter
from geo_service.services.organisations.taking import ADDED, Outcome
from geo_service.storage.registers import Version

router = APIRouter(tags=["registers"])

RegisterName = Literal["party_organisation", "unit", "facility", "asset", "liaison"]
Count = (
    Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
    | Annotated[str, Field(pattern="^<[0-9]{1,3}$", description="As known: too small to tell.")]
)
Flag = Annotated[bool, Field(strict=True)]
Columns = Annotated[list[str] | None, Form(description="field=heading, repeated: code=党组织编号")]
_LISTED_REJECTIONS = 1000
_JSON_NAMES = {"area": "areas", "x": "lon", "y": "lat"}


class EntryBody(BaseModel):
    """One entry; fields that its register has not are refused. Days are texts: 2026-11-21.

    ``areas`` are codes in ``layer``, or names that only one area has; ``from`` is since when these
    facts apply.
    """

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    name: ShortText | None = None
    kind: ShortText | None = None
    mode: ShortText | None = None
    layer: ShortText | None = None
    areas: Annotated[list[ShortText] | None, Field(max_length=200)] = None
    lon: Number | None = None
    lat: Number | None = None
    frame: ShortText | None = None
    from_day: Annotated[ShortText | None, Field(alias="from")] = None
    founded: ShortText | None = None
    dissolved: ShortText | None = None
    domain: ShortText | None = None
    parent: ShortText | None = None
    members: Count | None = None
    term_end: ShortText | None = None
    last_meeting: ShortText | None = None
    post: ShortText | None = None
    duty_phone: ShortText | None = None
    premises: ShortText | None = None
    is_secretary_vacant: Flag | None = None
    party_organisation: ShortText | None = None
    full_members: Count | None = None
    has_adviser: Flag | None = None
    adviser_since: ShortText | None = None
    is_reached_by_mass_organisation: Flag | None = None
    address: ShortText | None = None
    organisation: ShortText | None = None
    radius_m: Number | None = None
    staff: Count | None = None
    staff_members: Count | None = None
    has_member_leader: Flag | None = None
    registered_units: Count | None = None
    registered_members: Count | None = None

    def cells(self, register: str) -> dict[str, Any]:
        """Return what was told, by the register's fields; raises RefusedValue."""
        told = self.model_dump(exclude_unset=True, by_alias=True)
        cells = {_FIELDS.get(name, name): value for name, value in told.items()}
        known = {"name", "kind", "layer", "area", "x", "y", "frame", "from", "founded"}
        known |= {"dissolved", "code", *REGISTERS[register].details}
        for name in cells:
            if name not in known:
                title = REGISTERS[register].title_zh
                raise RefusedValue(name, f"{title}台账没有这一项", f"{register} has no such field")
        return cells


_FIELDS = {json_name: field for field, json_name in _JSON_NAMES.items()}


class CodedEntryBody(EntryBody):
    """One entry of many, with its code; a liaison has none, its area is its key."""

    code: ShortText | None = None


class EntriesBody(BaseModel):
    """Up to ten thousand entries; each reports its own result."""

    model_config = ConfigDict(extra="forbid", strict=True)

    entries: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)]


class ActivityBody(BaseModel):
    """What an organisation held on a day; without a kind it is one that proves it active."""

    model_config = ConfigDict(extra="forbid", strict=True)

    organisation: ShortText
    held_on: ShortText
    kind: ShortText | None = None


@router.get(
    "/registers/{register}.{ending}",
    response_class=Response,
    responses=answers(*(MEDIA_TYPES[ending] for ending in (".csv", ".xlsx", ".geojson"))),
)
def export_register(
    visit: VisitParameter,
    register: RegisterName,
    ending: Literal["csv", "xlsx", "geojson"],
    choice: ChoiceParameter,
    language: LanguageParameter = None,
) -> Response:
    """Save a register as it was on a day; the file can be imported again."""
    found = visit.services.registers.entries(visit.caller, register, choice)
    rules = visit.services.workspace.profile.organisations
    table = register_table(register, found, rules, language or visit.language)
    name = f"{REGISTERS[register].title_zh}.{ending}"
    return file_response(name, partial(write_table, table=table))


@router.get("/registers/{register}")
def list_entries(
    visit: VisitParameter,
    register: RegisterName,
    choice: ChoiceParameter,
    kind: ShortText | None = None,
    area: Annotated[str | None, Query(description="layer:code it is bound to")] = None,
    name: Annotated[str | None, Query(description="A part of the name.")] = None,
    after: Annotated[str | None, Query(description="The code the page before ended with.")] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
) -> JsonObject:
    """List the entries that exist on a day, ordered by code."""
    wanted = EntryFilter(kind, read_area(area), name)
    found = visit.services.registers.entries(
        visit.caller, register, choice, wanted, after=after, limit=limit + 1
    )
    return {
        "items": [_entry_json(visit, entry) for entry in found[:limit]],
        "next": found[limit - 1].code if len(found) > limit else None,
    }


@router.post("/registers/{register}/batch")
def record_entries(visit: VisitParameter, register: RegisterName, body: EntriesBody) -> JsonObject:
    """Record many entries in one transaction; the counts add up to the rows.

    A field that a row does not tell stays as it is known; a code that came before is that entry.
    """
    rows = [_read_row(row, register) for row in body.entries]
    outcomes = visit.services.registers.record_many(visit.caller, register, rows)
    return _outcomes_json(outcomes)


@router.post(
    "/registers/{register}/import", response_model=None, responses=answers(MEDIA_TYPES[".csv"])
)
def import_register(
    visit: VisitParameter,
    register: Literal["party_organisation", "unit", "facility", "asset", "liaison", "activity"],
    file: UploadFile,
    frame: FormText = None,
    sheet: FormText = None,
    layer: Annotated[str | None, Form(description="For rows that name none.")] = None,
    from_day: Annotated[
        str | None, Form(alias="from", description="Since when, for rows that do not say.")
    ] = None,
    column: Columns = None,
) -> JsonObject | Response:
    """Take a list in as CSV, XLSX, NDJSON or GeoJSON: every row is stored or rejected.

    Columns about persons are never read; the answer names them. It lists the first thousand
    rejections; ``Accept: text/csv`` gives all of them as a file instead.
    """
    columns = register_overrides(column or [], register, where="column")
    options = RegisterFileOptions(frame, sheet, layer, from_day, columns)
    with uploaded(file) as path:
        report = visit.services.register_files.import_file(visit.caller, register, path, options)
    if is_csv_asked(visit.request):
        name = f"{Path(report.file).stem}.退回.csv"
        return file_response(name, lambda path: write_rejections(path, report))
    return report_json(report, listed=_LISTED_REJECTIONS)


@router.post("/registers/{register}/confirmation")
def confirm_entry(
    visit: VisitParameter, register: RegisterName, code: Annotated[str, Query(max_length=200)]
) -> JsonObject:
    """Decide that an entry stands for the areas of its codes as they are drawn now."""
    return _entry_json(visit, visit.services.registers.confirm(visit.caller, register, code))


@router.get("/registers/{register}/{code:path}")
def entry(
    visit: VisitParameter, register: RegisterName, code: str, choice: ChoiceParameter
) -> JsonObject:
    """Return one entry with every version of it, and an organisation's activities."""
    found = visit.services.registers.entry(visit.caller, register, code, choice)
    return {
        **_entry_json(visit, found.entry),
        "versions": [_version_json(visit, each) for each in found.versions],
        "activities": [_activity_json(each) for each in found.activities],
    }


@router.put(
    "/registers/{register}/{code:path}", responses={201: {"description": "The entry is new"}}
)
def put_entry(
    visit: VisitParameter, register: RegisterName, code: str, body: EntryBody
) -> JSONResponse:
    """Record an entry as a whole: 201 when it is new; what is not told is empty."""
    cells = {**body.cells(register), "code": code}
    return _recorded(visit, visit.services.registers.record(visit.caller, register, cells))


@router.patch("/registers/{register}/{code:path}")
def change_entry(
    visit: VisitParameter, register: RegisterName, code: str, body: EntryBody
) -> JSONResponse:
    """Change what is told of an entry; the other fields stay. Before that stays known."""
    cells = {**body.cells(register), "code": code}
    found = visit.services.registers.record(visit.caller, register, cells, is_whole=False)
    return _recorded(visit, found)


@router.delete("/registers/{register}/{code:path}")
def withdraw_entry(visit: VisitParameter, register: RegisterName, code: str) -> JsonObject:
    """Take an entry back that was recorded in error; one that ended has ``dissolved`` instead."""
    return _entry_json(visit, visit.services.registers.withdraw(visit.caller, register, code))


@router.get("/activities")
def list_activities(
    visit: VisitParameter,
    organisation: Annotated[str, Query(max_length=200)],
    choice: ChoiceParameter,
) -> JsonObject:
    """List what an organisation held by a day."""
    found = visit.services.activities.activities(visit.caller, organisation, choice)
    return {"items": [_activity_json(each) for each in found]}


@router.post("/activities", responses={201: {"description": "The activity is new"}})
def record_activity(visit: VisitParameter, body: ActivityBody) -> JSONResponse:
    """Record what an organisation held: 201 when it is new, 200 when it was known."""
    outcome, found = visit.services.activities.record(visit.caller, body.model_dump())
    answer = {**_activity_json(found), "outcome": outcome}
    return JSONResponse(answer, status_code=201 if outcome == ADDED else 200)


@router.post("/activities/withdrawal")
def withdraw_activity(visit: VisitParameter, body: ActivityBody) -> JsonObject:
    """Take an activity back that was recorded in error."""
    found = visit.services.activities.withdraw(visit.caller, body.model_dump())
    return _activity_json(found)


def entry_json(entry: Entry, shown: JsonObject) -> JsonObject:
    """Return an entry as the API shows it; a count too small to be told is a text such as <3."""
    told = {_JSON_NAMES.get(field, field): value for field, value in shown.items()}
    asked = {"x": told.pop("lon"), "y": told.pop("lat"), "frame": told.pop("frame")}
    return {
        **told,
        "from": day_text(entry.from_s),
        "edition": entry.edition,
        "lon": entry.lon,
        "lat": entry.lat,
        "asked": asked,
    }


def _entry_json(visit: VisitParameter, entry: Entry) -> JsonObject:
    limits = visit.services.workspace.profile.organisations.limits
    return entry_json(entry, shown_cells(entry, limits))


def _version_json(visit: VisitParameter, version: Version) -> JsonObject:
    return {
        **_entry_json(visit, version.entry),
        "is_withdrawal": version.is_withdrawal,
        "recorded_at": moment_text(version.recorded_at_s),
        "recorded_by": version.recorded_by,
    }


def _activity_json(activity: Activity) -> JsonObject:
    return {
        "organisation": activity.organisation,
        "kind": activity.kind,
        "held_on": day_text(activity.held_on_s),
    }


def _recorded(visit: VisitParameter, found: Outcome) -> JSONResponse:
    answer = {**_entry_json(visit, found.entry), "outcome": found.kind}
    return JSONResponse(answer, status_code=201 if found.kind == ADDED else 200)


def _read_row(row: dict[str, Any], register: str) -> dict[str, Any] | RowError:
    try:
        return CodedEntryBody.model_validate(row).cells(register)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        return RowError(field, "不符合接口约定：类型不对、过长、缺失或多余", first["msg"])
    except RefusedValue as error:
        return RowError(error.where, error.reason_zh, error.reason_en)


def _outcomes_json(outcomes: list[Outcome | RowError]) -> JsonObject:
    kinds = ["rejected" if isinstance(each, RowError) else each.kind for each in outcomes]
    return {
        "rows": len(outcomes),
        "counts": {
            kind: kinds.count(kind) for kind in ("added", "updated", "unchanged", "rejected")
        },
        "results": [
            {
                "outcome": "rejected",
                "field": each.field,
                "reason": {"zh": each.reason_zh, "en": each.reason_en},
            }
            if isinstance(each, RowError)
            else {"outcome": each.kind, "code": each.entry.code}
            for each in outcomes
        ],
    }
