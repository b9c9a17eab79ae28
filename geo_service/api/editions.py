"""Editions: which exist and what changed between two."""

from fastapi import APIRouter

from geo_service.api.parameters import (
    JsonObject,
    RowNumber,
    VisitParameter,
    moment_text,
)
from geo_service.layers.edition import Edition

router = APIRouter(tags=["editions"])


@router.get("/editions")
def editions(visit: VisitParameter) -> JsonObject:
    """List every edition, in the order of storage."""
    return {
        "editions": [edition_json(each) for each in visit.services.editions.editions(visit.caller)]
    }


@router.get("/editions/{number}")
def edition(visit: VisitParameter, number: RowNumber) -> JsonObject:
    """Return one edition with the number of areas in each layer."""
    found, counts = visit.services.editions.edition(visit.caller, number)
    return {**edition_json(found), "areas": counts}


@router.get("/editions/{before}/diff/{after}")
def difference(visit: VisitParameter, before: RowNumber, after: RowNumber) -> JsonObject:
    """Return what changed from one edition to another; layers that are equal are left out."""
    found = visit.services.editions.difference(visit.caller, before, after)
    return {"before": before, "after": after, "layers": [vars(layer) for layer in found]}


def edition_json(edition: Edition) -> JsonObject:
    """Return an edition as the API shows it."""
    return {
        **vars(edition),
        "uncorrected": [vars(each) for each in edition.uncorrected],
        "published_at": moment_text(edition.published_at_s),
        "effective_from": moment_text(edition.effective_from_s),
    }
