"""Editions: which exist, what changed between two, and their layers as files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.impact_json import impact_json
from geo_service.api.parameters import (
    LARGEST_NUMBER,
    JsonObject,
    RowNumber,
    VisitParameter,
    moment_text,
)
from geo_service.api.problems import language_of
from geo_service.api.streams import answers, file_response
from geo_service.layers.edition import Edition
from geo_service.layers.file_format import WRITTEN_ENDINGS, media_types
from geo_service.services.boundaries.editions import ExportReport
from geo_service.services.impact.look import LISTED, ImpactOptions
from geo_service.services.lineages.histories import ToldEdition

router = APIRouter(tags=["editions"])

Ending = Annotated[
    str, PathParameter(pattern=f"^({'|'.join(ending[1:] for ending in WRITTEN_ENDINGS)})$")
]

"""The formats that boundaries go out in, by the endings of their files."""


class ApprovalBody(BaseModel):
    """Who approved statutory borders, by which document, and when."""

    model_config = ConfigDict(extra="forbid", strict=True)

    authority: Annotated[str, Field(min_length=1, max_length=500)]
    document: Annotated[str, Field(min_length=1, max_length=500)]
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


@router.get("/editions")
def editions(visit: VisitParameter) -> JsonObject:
    """List every edition, in the order of storage.

    ``state`` is in_force, pending, past, or replaced where a later one begins at the same moment;
    ``changes`` counts what became of areas, by layer and kind of lineage.
    """
    found = visit.services.edition_histories.history(visit.caller)
    return {"editions": [_told_json(each) for each in found]}


@router.get("/editions/{number}")
def edition(visit: VisitParameter, number: RowNumber) -> JsonObject:
    """Return one edition with the number of areas in each layer."""
    found, counts = visit.services.editions.edition(visit.caller, number)
    return {**edition_json(found), "areas": counts}


@router.get(
    "/editions/{number}/boundaries.{ending}",
    response_class=Response,
    responses=answers(*media_types().values()),
)
def export(
    visit: VisitParameter,
    number: RowNumber,
    ending: Ending,
    layer: Annotated[list[str], Query(min_length=1, description="Repeat for several in one file.")],
) -> Response:
    """Save layers of an edition; the header `Geo-Service-Report` says what the format lacks."""
    return export_response(
        visit,
        f"{'_'.join(layer)}_{number}.{ending}",
        lambda path: visit.services.editions.export(visit.caller, number, layer, path),
    )


@router.get("/editions/{before}/diff/{after}")
def difference(visit: VisitParameter, before: RowNumber, after: RowNumber) -> JsonObject:
    """Return what changed from one edition to another; layers that are equal are left out."""
    found = visit.services.editions.difference(visit.caller, before, after)
    return {"before": before, "after": after, "layers": [vars(layer) for layer in found]}


@router.get("/editions/{number}/impact")
def impact(
    visit: VisitParameter,
    number: RowNumber,
    to: Annotated[int, Query(ge=0, le=LARGEST_NUMBER, description="The edition after it.")],
    limit: Annotated[int, Query(ge=0, le=1000, description="Issues and entries named.")] = LISTED,
) -> JsonObject:
    """Return what the way to another edition changes, as issues and registers stand now."""
    options = ImpactOptions(listed=limit)
    found = visit.services.impact.between_editions(visit.caller, number, to, options)
    return {**impact_json(found), "to": to}


def _told_json(told: ToldEdition) -> JsonObject:
    return {
        **edition_json(told.edition),
        "state": told.state,
        "until": None if told.until_s is None else moment_text(told.until_s),
        "before": told.before,
        "draft": told.draft,
        "changes": [
            {"layer": layer, "kind": kind, "count": count}
            for (layer, kind), count in told.changes.items()
        ],
    }


def export_response(
    visit: VisitParameter, name: str, write: Callable[[Path], ExportReport]
) -> Response:
    """Return a file of boundaries under a name, with a header that says what the format lacks."""
    reports: list[ExportReport] = []
    answer = file_response(name, lambda path: reports.append(write(path)))
    position = 1 if language_of(visit.request) == "en" else 0
    told = {"areas": reports[0].areas, "notes": [note[position] for note in reports[0].notes]}
    answer.headers["Geo-Service-Report"] = json.dumps(told)
    return answer


def edition_json(edition: Edition) -> JsonObject:
    """Return an edition as the API shows it."""
    return {
        **vars(edition),
        "uncorrected": [vars(each) for each in edition.uncorrected],
        "published_at": moment_text(edition.published_at_s),
        "effective_from": moment_text(edition.effective_from_s),
    }
