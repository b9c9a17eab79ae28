"""Issues that tell an address and no coordinates: which place each means, or why none."""

from collections.abc import Mapping
from math import isnan, nan
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from geo_service.governance.issue import IssueReport
from geo_service.layers.addresses.hit import ADDRESS, ONE, Hit
from geo_service.services.addresses.deciding import Judgement, judged
from geo_service.services.addresses.knowledge import KnownPlaces
from geo_service.storage.databases import Transaction
from geo_service.storage.place_matches import MatchRow

if TYPE_CHECKING:
    from geo_service.services.workspaces import Workspace

BY_PLACE, BY_COORDINATES, BY_HAND = "place", "coordinates", "hand"
"""How an issue was located."""

CHOSEN = "chosen"
"""A person decided which of several places was meant."""
POINTED = "pointed"
"""A person pointed at the place."""
LOCATING = frozenset({ONE, CHOSEN, POINTED})

_MOST_CANDIDATES = 8
"""A dispatcher chooses among a few; the search shows the rest."""


class PlaceMatch(NamedTuple):
    """What an address means: a point (degrees, EPSG:4490; NaN for none), or ``why`` none.

    ``told`` is JSON: ``text`` as it was reported, the place that it means, or the ``candidates``.
    """

    why: str
    lon: float
    lat: float
    place_id: int | None
    told: str

    @property
    def is_located(self) -> bool:
        """Whether the address means one place."""
        return self.why == ONE

    def row(self, issue_id: int, *, at_s: int) -> MatchRow:
        """Return what is stored of it."""
        return MatchRow(issue_id, self.why, self.place_id, self.told, at_s)


def addresses_asked(reports: Mapping[int, IssueReport]) -> dict[int, str]:
    """Return the addresses of those reports that tell one and no coordinates."""
    return {
        key: report.address
        for key, report in reports.items()
        if report.x is None and report.address is not None
    }


def look_up(
    workspace: "Workspace", connection: Transaction, asked: Mapping[int, str]
) -> dict[int, PlaceMatch]:
    """Return what addresses mean, by the keys they are asked under.

    Nothing is looked up where no list of addresses was ever imported: then no place is known to be
    the only one.
    """
    if not asked:
        return {}
    known = workspace.knowledge.get(workspace, connection)
    if known is None:
        return {}
    return {key: _match(known, text, judged(known, text)) for key, text in asked.items()}


def _match(known: KnownPlaces, text: str, judgement: Judgement) -> PlaceMatch:
    hit = judgement.hit
    if hit is not None:
        place_id = _place_id(known, hit)
        return PlaceMatch(ONE, hit.lon, hit.lat, place_id, _json({"text": text, **_told(hit)}))
    candidates = [
        {
            **_told(each),
            "place": _place_id(known, each),
            "lon": _number(each.lon),
            "lat": _number(each.lat),
        }
        for each in judgement.hits[:_MOST_CANDIDATES]
    ]
    return PlaceMatch(
        judgement.why, nan, nan, None, _json({"text": text, "candidates": candidates})
    )


def _told(hit: Hit) -> dict[str, Any]:
    return {"how": hit.how, "kind": hit.kind, "label": hit.label}


def _place_id(known: KnownPlaces, hit: Hit) -> int | None:
    return int(known.gazetteer.book.ids[hit.number]) if hit.kind == ADDRESS else None


def _number(degrees: float) -> float | None:
    return None if isnan(degrees) else degrees


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()
