"""The registers as the desk's cards and symbols tell of them: who stands for what, and where."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import isnan

import numpy as np

from geo_service.governance.moment import SHANGHAI
from geo_service.governance.organisations.register import Entry
from geo_service.layers.layer import BUILDING, Layer
from geo_service.layers.locator import Locator
from geo_service.maps.coverage.view import (
    BelowFacts,
    FacilityFacts,
    OrganisationFacts,
    RegisterFacts,
)
from geo_service.services.coverage.layer_coverage import LayerCoverage
from geo_service.services.coverage.picture import Picture
from geo_service.services.coverage.placement import Placement
from geo_service.services.coverage.reach import areas_of
from geo_service.services.coverage.tables import organisations_by_area

_HOUSES = ("building_group", BUILDING)
"""Overlay layers whose areas lie within one area of any other layer."""


def register_facts(
    found: LayerCoverage, above: Sequence[str], *, kind: str | None, language: str
) -> RegisterFacts:
    """Return everybody that cards and symbols may tell of; ``above`` are layers, the nearest first.

    ``kind`` narrows the sites.
    """
    picture = found.picture
    bodies = organisations_by_area(found)
    return RegisterFacts(
        edition=picture.edition.number,
        organisations=_organisations(picture, language),
        facilities=_facilities(picture, kind, language),
        bodies=[bodies.get(i, ()) for i in range(len(found.areas))],
        below=_below(found, language),
        above=[_bodies_of(picture, layer) for layer in above],
    )


def _bodies_of(picture: Picture, layer: str) -> list[list[int]]:
    organisations, areas = picture.placed_organisations.pairs(layer)
    bodies: list[list[int]] = [[] for _ in picture.locator.areas(layer).codes]
    for organisation, area in zip(organisations.tolist(), areas.tolist(), strict=True):
        bodies[area].append(organisation)
    return bodies


def _below(found: LayerCoverage, language: str) -> list[BelowFacts]:
    """Return the bodies of what is smaller than an area, the lowest first, empty levels left out.

    Party groups of buildings stand for no area of the ladder: they have a place, or a building.
    Organisations of units are no part of it.
    """
    picture, layer = found.picture, found.query.layer
    levels = [("", _in_houses(picture, layer))]
    if layer not in picture.locator.overlays:
        at = picture.placed_organisations.positions(layer)
        for deeper in _deeper(picture.locator, layer):
            inside = [
                (i, int(at[i]))
                for i, entry in enumerate(picture.organisations)
                if entry.layer == deeper.name and at[i] >= 0
            ]
            levels.append((deeper.title(language), inside))
    return [BelowFacts(title, _by_area(each, len(found.areas))) for title, each in levels if each]


def _deeper(locator: Locator, layer: str) -> list[Layer]:
    """Return the layers below one in its family, the deepest first."""
    chains = ([each.name for each in chain] for chain in locator.layers.families.values())
    names = next(names for names in chains if layer in names)
    return [locator.layers[name] for name in reversed(names[names.index(layer) + 1 :])]


def _in_houses(picture: Picture, layer: str) -> list[tuple[int, int]]:
    """Return (organisation, area) of those that stand for houses: by their place."""
    of_units = {unit.details.get("party_organisation") for unit in picture.units}
    chosen = [
        i
        for i, entry in enumerate(picture.organisations)
        if (entry.layer is None or entry.layer in _HOUSES) and entry.code not in of_units
    ]
    houses = Placement(picture.locator, [picture.organisations[i] for i in chosen])
    lon, lat = houses.shown_places()
    placed = np.flatnonzero(~np.isnan(lon))
    place, area = areas_of(picture.locator, layer, lon=lon[placed], lat=lat[placed])
    at = placed[place].tolist()
    return [(chosen[i], each) for i, each in zip(at, area.tolist(), strict=True)]


def _by_area(pairs: Sequence[tuple[int, int]], count: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(count)]
    for organisation, area in pairs:
        found[area].append(organisation)
    return found


def _organisations(picture: Picture, language: str) -> list[OrganisationFacts]:
    kinds = {kind.name: kind for kind in picture.rules.party_kinds}
    titles = {name: kind.title(language) for name, kind in kinds.items()}
    placed = picture.placed_organisations
    lon, lat = (np.round(each, 6).tolist() for each in placed.shown_places())
    days = _days(picture)
    names = _area_names(picture)
    return [
        OrganisationFacts(
            code=entry.code,
            name=entry.name,
            kind=titles.get(entry.kind, entry.kind),
            symbol=kinds[entry.kind].symbol if entry.kind in kinds else entry.kind[:1],
            mode=entry.details.get("mode", "own"),
            life=life,
            last=days[i],
            post=entry.details.get("post") or "",
            duty_phone=entry.details.get("duty_phone") or "",
            stands_for=_stands_for(entry, placed.bound[i], names),
            lon=None if isnan(lon[i]) else lon[i],
            lat=None if isnan(lat[i]) else lat[i],
        )
        for i, (entry, life) in enumerate(
            zip(picture.organisations, picture.life.tolist(), strict=True)
        )
    ]


def _days(picture: Picture) -> list[date | None]:
    """Return when each organisation last proved life; thousands of them share a day."""
    days: dict[float, date] = {}
    all_s = picture.last_meetings_s.tolist()
    for last_s in set(all_s):
        if not isnan(last_s):
            days[last_s] = datetime.fromtimestamp(last_s, SHANGHAI).date()
    return [days.get(last_s) for last_s in all_s]


def _area_names(picture: Picture) -> Mapping[str, Sequence[str]]:
    layers = {entry.layer for entry in picture.organisations if entry.layer is not None}
    known = picture.locator.layers.by_name
    return {layer: picture.locator.areas(layer).names for layer in layers if layer in known}


def _stands_for(entry: Entry, bound: Sequence[int], names: Mapping[str, Sequence[str]]) -> str:
    """Return what an organisation stands for, where its level does not say it."""
    if entry.layer is None:
        told = (entry.details.get("domain"), entry.details.get("premises"))
        return " ".join(each for each in told if each)
    if len(bound) > 1 or entry.layer in _HOUSES:
        return "、".join(names[entry.layer][each] for each in bound)
    return ""


def _facilities(picture: Picture, kind: str | None, language: str) -> list[FacilityFacts]:
    titles = {each.name: each.title(language) for each in picture.rules.facility_kinds}
    return [
        FacilityFacts(
            entry.code,
            entry.name,
            titles.get(entry.kind, entry.kind),
            round(entry.lon, 6),
            round(entry.lat, 6),
        )
        for entry in picture.facilities
        if entry.lon is not None and entry.lat is not None and kind in {None, entry.kind}
    ]
