"""The registers as the browser takes them: columns, and words that repeat told once."""

from collections.abc import Iterable, Sequence
from typing import Any

from geo_service.maps.coverage.view import FacilityFacts, OrganisationFacts, RegisterFacts
from geo_service.maps.outlines import STEPS_PER_DEGREE
from geo_service.maps.pages import json_text
from geo_service.maps.wording import Words


def registers_text(facts: RegisterFacts, words: Words) -> str:
    """Return the registers as JSON, for a page that they did not go with."""
    return json_text(register_columns(facts, words)).text


def register_columns(facts: RegisterFacts, words: Words) -> dict[str, Any]:
    """Return what static/app/registers.js reads."""
    return {
        "edition": facts.edition,
        "organisations": organisation_columns(facts.organisations),
        "facilities": facility_columns(facts.facilities, words),
        "bodies": [list(each) for each in facts.bodies],
        "below": [
            {
                "title": level.title or words["cov_building_groups"],
                "bodies": [list(each) for each in level.bodies],
            }
            for level in facts.below
        ],
        "above": [[list(each) for each in level] for level in facts.above],
    }


def organisation_columns(found: Sequence[OrganisationFacts]) -> dict[str, Any]:
    """Return organisations by column."""
    return {
        **_places(found),
        "codes": [each.code for each in found],
        "names": [each.name for each in found],
        "lives": [each.life for each in found],
        "phones": [each.duty_phone for each in found],
        "stands_for": _coded(each.stands_for for each in found),
        "symbols": _coded(each.symbol for each in found),
        "modes": _coded(each.mode for each in found),
        "last": _coded("" if each.last is None else each.last.isoformat() for each in found),
        "posts": _coded(each.post for each in found),
        "kinds": _coded(each.kind for each in found),
    }


def facility_columns(found: Sequence[FacilityFacts], words: Words) -> dict[str, Any]:
    """Return sites by column."""
    return {
        **_places(found),
        "names": [each.name for each in found],
        "symbols": _coded(words["cov_facility_symbol"] for _ in found),
        "kinds": _coded(each.kind for each in found),
    }


def _places(found: Sequence[OrganisationFacts] | Sequence[FacilityFacts]) -> dict[str, Any]:
    """Return steps from the south-west corner of all, None for who has no place."""
    placed = [(each.lon, each.lat) for each in found if each.lon is not None]
    west, south = (min((place[axis] or 0.0 for place in placed), default=0.0) for axis in (0, 1))
    return {
        "origin": [_steps(west), _steps(south)],
        "x": [None if e.lon is None else _steps(e.lon) - _steps(west) for e in found],
        "y": [None if e.lat is None else _steps(e.lat) - _steps(south) for e in found],
    }


def _steps(degrees: float) -> int:
    return round(degrees * STEPS_PER_DEGREE)


def _coded(texts: Iterable[str]) -> dict[str, Any]:
    """Return texts as positions in a table of all different ones."""
    table: dict[str, int] = {}
    at = [table.setdefault(text, len(table)) for text in texts]
    return {"table": list(table), "at": at}
