"""What became of areas between editions, and taking editions back."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.editions import ApprovalBody, edition_json
from geo_service.api.parameters import (
    LARGEST_NUMBER,
    JsonObject,
    LanguageParameter,
    RowNumber,
    VisitParameter,
    moment_text,
    read_time,
)
from geo_service.api.problems import language_of
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.layers.lineage import LineageRow
from geo_service.services.lineages.crosswalks import CarriedCounts, CarryAsked, Crosswalk
from geo_service.services.lineages.tables import crosswalk_table
from geo_service.services.organisations.register_tables import write_table
from geo_service.services.rollbacks.rollbacks import Rollback, RollbackOptions

router = APIRouter(tags=["editions"])

OtherEdition = Annotated[
    int, Query(ge=0, le=LARGEST_NUMBER, description="The other edition; it may be an older one.")
]
LayerName = Annotated[str, Query(max_length=200)]
Code = Annotated[str, Field(min_length=1, max_length=200)]
Count = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]


class CountsBody(BaseModel):
    """Counts by the codes of the edition they were made on, and how to share them out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    values: Annotated[dict[Code, Count], Field(max_length=200_000)]
    by: Literal["residents", "area"] = "residents"
    whole: Annotated[bool, Field(description="Give whole numbers that sum to the same.")] = False


class RollbackBody(BaseModel):
    """Why a publication is taken back, and from when; ``dry_run`` only tells what would be."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    effective_from: Annotated[str | None, Field(max_length=40)] = None
    dry_run: bool = False
    approval: ApprovalBody | None = None

    def options(self) -> RollbackOptions:
        """Return what is asked as the service knows it."""
        moment = read_time(self.effective_from, where="effective_from")
        approval = None if self.approval is None else self.approval.model_dump()
        return RollbackOptions(
            self.reason, None if moment is None else int(moment), self.dry_run, approval
        )


@router.get("/editions/{number}/lineage")
def lineage(visit: VisitParameter, number: RowNumber, layer: LayerName | None = None) -> JsonObject:
    """Return where the ground of areas went with an edition; null is nobody."""
    found = visit.services.crosswalks.lineage(visit.caller, number, layer=layer)
    return {
        "edition": number,
        "before": found.before.number if found.before else None,
        "rows": [_row_json(row, language_of(visit.request)) for row in found.rows],
    }


@router.get("/editions/{number}/crosswalk")
def crosswalk(
    visit: VisitParameter,
    number: RowNumber,
    to: OtherEdition,
    layer: LayerName,
    changes: Annotated[bool, Query(description="Leave out what stayed as it was.")] = False,
) -> JsonObject:
    """Return where every area of a layer went from one edition to another, or back."""
    found = visit.services.crosswalks.crosswalk(visit.caller, number, to, layer)
    rows = found.changes if changes else found.rows
    return {
        **_between(found),
        "unchanged": len(found.rows) - len(found.changes),
        "rows": [_row_json(row, language_of(visit.request)) for row in rows],
    }


@router.get(
    "/editions/{number}/crosswalk.{ending}",
    response_class=Response,
    responses=answers(MEDIA_TYPES[".csv"], MEDIA_TYPES[".xlsx"]),
)
def export_crosswalk(
    visit: VisitParameter,
    number: RowNumber,
    ending: Annotated[str, Path(pattern="^(csv|xlsx)$")],
    to: OtherEdition,
    layer: LayerName,
    language: LanguageParameter = None,
) -> Response:
    """Save a crosswalk with every area of a layer."""
    found = visit.services.crosswalks.crosswalk(visit.caller, number, to, layer)
    table = crosswalk_table(found, language or visit.language)
    name = f"新旧对照_{found.layer}_{number}_{to}.{ending}"
    return file_response(name, partial(write_table, table=table))


@router.post("/editions/{number}/carried")
def carry(
    visit: VisitParameter, number: RowNumber, to: OtherEdition, layer: LayerName, body: CountsBody
) -> JsonObject:
    """Stand counts of one edition's areas on those of another; nothing is stored."""
    asked = CarryAsked(number, to, layer, body.by, body.whole)
    return _carried_json(visit.services.crosswalks.carry(visit.caller, asked, body.values))


@router.post("/editions/{number}/restore")
def restore(visit: VisitParameter, number: RowNumber, body: RollbackBody) -> JsonObject:
    """Publish all of an edition again as a new one; where it stands so, nothing is published."""
    done = visit.services.rollbacks.restore(visit.caller, number, body.options())
    return _rollback_json(done)


@router.post("/editions/{number}/revert")
def revert(visit: VisitParameter, number: RowNumber, body: RollbackBody) -> JsonObject:
    """Publish the newest content without what one edition changed, if nothing touched it since."""
    done = visit.services.rollbacks.revert(visit.caller, number, body.options())
    return _rollback_json(done)


def _between(found: Crosswalk) -> JsonObject:
    return {"layer": found.layer, "from": found.before.number, "to": found.after.number}


def _row_json(row: LineageRow, language: str) -> JsonObject:
    return {**vars(row), "title": row.title(language)}


def _carried_json(found: CarriedCounts) -> JsonObject:
    return {
        **_between(found.crosswalk),
        "by": found.asked.basis,
        "total": found.total,
        "without_value": list(found.unknown),
        "to_nobody": [{"code": code, "value": value} for code, value in found.carried.to_nobody],
        "values": [
            {
                **vars(each),
                "sources": [{"code": code, "value": value} for code, value in each.sources],
            }
            for each in found.carried.values
        ],
    }


def _rollback_json(done: Rollback) -> JsonObject:
    issues = done.issues
    return {
        "kind": done.kind,
        "number": done.number,
        "governing": done.governing,
        "is_needed": done.is_needed,
        "is_dry_run": done.is_dry_run,
        "edition": edition_json(done.edition) if done.edition else None,
        "differences": [vars(each) for each in done.differences],
        "carried": list(done.carried),
        "issues": {
            "reassigned": issues.reassigned,
            "returned": issues.returned,
            "touched": [{**vars(each), "at": moment_text(each.at_s)} for each in issues.touched],
        },
    }
