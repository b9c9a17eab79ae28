"""Who answers for one area: its bodies and those above, its liaison, what else sits in it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import numpy as np

from geo_service.governance.moment import SHANGHAI
from geo_service.governance.organisations.coverage import AreaState
from geo_service.governance.organisations.register import Entry
from geo_service.governance.word import Word
from geo_service.layers.layer import Layer
from geo_service.maps.area_sheet.view import (
    BodyFacts,
    EntryLine,
    Inside,
    KindCount,
    LevelFacts,
    LiaisonFacts,
)
from geo_service.maps.coverage.view import OrganisationFacts
from geo_service.services.areas.asked import AskedArea

LISTED = 20
"""So many entries of a list are told; the registers hold all."""


def levels(asked: AskedArea) -> list[LevelFacts]:
    """Return the bodies of the area, then those of each area above it."""
    return [_level(asked, layer, position) for layer, position in asked.chain]


def bodies_of(asked: AskedArea, layer: Layer, position: int) -> list[int]:
    """Return the organisations that stand for an area, those that count most first."""
    organisations, areas = asked.picture.placed_organisations.pairs(layer.name)
    own: list[int] = organisations[areas == position].tolist()
    if layer.name not in asked.picture.rules.bodies:
        return own
    state = _states(asked, layer, position)
    return sorted(own, key=lambda each: (state[each], each))


def _states(asked: AskedArea, layer: Layer, position: int) -> dict[int, int]:
    bindings = asked.picture.bindings(layer.name)
    own = np.flatnonzero(bindings.area == position)
    return dict(zip(bindings.organisation[own].tolist(), bindings.state[own].tolist(), strict=True))


def _level(asked: AskedArea, layer: Layer, position: int) -> LevelFacts:
    state = None
    if layer.name in asked.picture.rules.bodies:
        states = list(_states(asked, layer, position).values())
        if position in asked.picture.linked(layer.name):
            states.append(int(AreaState.LINKED))
        state = min(states, default=int(AreaState.NONE))
    bodies = [_body(asked, each) for each in bodies_of(asked, layer, position)]
    return LevelFacts(asked.name_of(layer, position), state, bodies)


def _body(asked: AskedArea, organisation: int) -> BodyFacts:
    details = asked.picture.organisations[organisation].details
    term_end = details.get("term_end")
    return BodyFacts(
        organisation_facts(asked, [organisation])[0],
        is_vacant=bool(details.get("is_secretary_vacant")),
        is_term_over=term_end is not None and term_end <= asked.picture.as_of_s,
    )


def organisation_facts(asked: AskedArea, chosen: Sequence[int]) -> list[OrganisationFacts]:
    """Return organisations as cards and symbols tell of them; without a place, none is made up."""
    picture = asked.picture
    kinds = {kind.name: kind for kind in picture.rules.party_kinds}
    found = []
    for i in chosen:
        entry = picture.organisations[i]
        kind = kinds.get(entry.kind)
        found.append(
            OrganisationFacts(
                code=entry.code,
                name=entry.name,
                kind=kind.title(asked.language) if kind else entry.kind,
                symbol=kind.symbol if kind else entry.kind[:1],
                mode=entry.details.get("mode", "own"),
                life=int(picture.life[i]),
                last=_day_of(picture.last_meetings_s[i]),
                post=entry.details.get("post") or "",
                duty_phone=entry.details.get("duty_phone") or "",
                lon=entry.lon,
                lat=entry.lat,
            )
        )
    return found


def organisations_inside(asked: AskedArea) -> tuple[Inside, list[int]]:
    """Return organisations that sit in the area and do not stand for it; and their positions."""
    own = set(bodies_of(asked, asked.layer, asked.position))
    others = [i for i in asked.inside(asked.picture.placed_organisations) if i not in own]
    kinds = asked.picture.rules.party_kinds
    entries = by_kind([asked.picture.organisations[i] for i in others], kinds)
    return inside(entries, kinds, asked.language), others


def inside(entries: Sequence[Entry], kinds: Sequence[Word], language: str) -> Inside:
    """Return how many entries there are of each kind, and the first of them."""
    counts = kind_counts(entries, kinds, language)
    titles = {each.kind: each.title for each in counts}
    lines = [EntryLine(e.code, e.name, titles[e.kind]) for e in entries[:LISTED]]
    return Inside(counts, lines)


def by_kind(entries: Sequence[Entry], kinds: Sequence[Word]) -> list[Entry]:
    """Return entries in the profile's order of kinds, and by code."""
    order = {kind.name: place for place, kind in enumerate(kinds)}
    return sorted(entries, key=lambda entry: (order.get(entry.kind, len(order)), entry.code))


def kind_counts(entries: Iterable[Entry], kinds: Sequence[Word], language: str) -> list[KindCount]:
    """Return how many entries there are of each kind, in the profile's order."""
    counts = Counter(entry.kind for entry in entries)
    titles = {kind.name: kind.title(language) for kind in kinds}
    ordered = [*titles, *sorted(counts.keys() - titles.keys())]
    return [
        KindCount(kind, titles.get(kind, kind), counts[kind]) for kind in ordered if counts[kind]
    ]


def liaison(asked: AskedArea) -> LiaisonFacts | None:
    """Return whose liaison is named for the area; who it is, nobody wrote down."""
    picture = asked.picture
    for entry in picture.liaisons:
        at = picture.organisation_at.get(entry.details["organisation"])
        if entry.layer == asked.layer.name and entry.areas[0] == asked.code and at is not None:
            parent = picture.organisations[at]
            return LiaisonFacts(parent.code, parent.name, _day_of(entry.founded_s))
    return None


def day(moment_s: float) -> date:
    """Return the day in Asia/Shanghai of a moment."""
    return datetime.fromtimestamp(moment_s, SHANGHAI).date()


def _day_of(moment_s: float | None) -> date | None:
    return None if moment_s is None or np.isnan(moment_s) else day(moment_s)
