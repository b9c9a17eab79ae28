"""What is to be done: blank areas and units that shall form an organisation, with who is near."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.analysis.nearest import Nearest, nearest
from geo_service.governance.organisations.coverage import AreaState, UnitCover, UnitDuty
from geo_service.governance.organisations.register import Entry
from geo_service.layers.area import AreaSet, Floats
from geo_service.services.coverage.layer_coverage import LayerCoverage
from geo_service.services.coverage.picture import Picture


@dataclass(frozen=True)
class Near:
    """An entry, and how far away it is in meters."""

    entry: Entry
    distance_m: float


@dataclass(frozen=True)
class BlankSpot:
    """An area without a body that counts: what it has instead, and who is nearest.

    ``organisation`` is the body of the nearest covered area, of the same parent where there is
    one: a candidate for a joint organisation.
    """

    position: int
    state: AreaState
    organisation: Near | None
    facility: Near | None


@dataclass(frozen=True)
class DueUnit:
    """A unit that shall form an organisation (应建未建), and who is nearest.

    ``partner`` is the nearest unit to form a joint organisation with: one that is in a joint
    organisation already, or one with full members and no organisation.
    """

    unit: Entry
    area: int
    partner: Near | None
    facility: Near | None


def blank_spots(found: LayerCoverage) -> list[BlankSpot]:
    """Return the areas without a body that counts, in the order of codes."""
    blank = np.flatnonzero(~found.area_coverage.is_covered)
    lon, lat = inner_places(found.areas)
    bodies = _nearest_bodies(found, blank, lon=lon, lat=lat)
    sites = nearest_facilities(found.picture, lon=lon[blank], lat=lat[blank])
    return [
        BlankSpot(int(position), AreaState(int(found.area_coverage.state[position])), body, site)
        for position, body, site in zip(blank, bodies, sites, strict=True)
    ]


def due_units(found: LayerCoverage) -> list[DueUnit]:
    """Return the units that shall form an organisation, in the order of codes."""
    picture = found.picture
    cover, duty, _ = picture.unit_states
    due = np.flatnonzero(duty == UnitDuty.DUE)
    lon, lat = unit_places(found)
    can_join = np.array(
        [_is_partner(picture, unit, int(cover[i])) for i, unit in enumerate(picture.units)],
        dtype=bool,
    )
    to_lon, to_lat = np.where(can_join, lon, np.nan), np.where(can_join, lat, np.nan)
    near = nearest(lon=lon, lat=lat, to_lon=to_lon, to_lat=to_lat, without_itself=True)
    partners = _near(picture.units, Nearest(near.position[due], near.distance_m[due]))
    sites = nearest_facilities(picture, lon=lon[due], lat=lat[due])
    return [
        DueUnit(picture.units[i], int(found.unit_area[i]), partner, site)
        for i, partner, site in zip(due.tolist(), partners, sites, strict=True)
    ]


def inner_places(areas: AreaSet) -> tuple[Floats, Floats]:
    """Return a point inside of each area (EPSG:4490 degrees), for what has no place of its own."""
    points = shapely.point_on_surface(areas.geometries)
    return shapely.get_x(points), shapely.get_y(points)


def unit_places(found: LayerCoverage) -> tuple[Floats, Floats]:
    """Return where units are; one without coordinates is inside of its area, if it has one."""
    placed = found.picture.placed_units
    lon, lat = placed.lon.copy(), placed.lat.copy()
    lost = np.flatnonzero(np.isnan(lon) & (found.unit_area >= 0))
    if len(lost):
        inner_lon, inner_lat = inner_places(found.areas)
        lon[lost], lat[lost] = inner_lon[found.unit_area[lost]], inner_lat[found.unit_area[lost]]
    return lon, lat


def nearest_facilities(picture: Picture, *, lon: Floats, lat: Floats) -> list[Near | None]:
    """Return the nearest site to each place."""
    placed = picture.placed_facilities
    near = nearest(lon=lon, lat=lat, to_lon=placed.lon, to_lat=placed.lat)
    return _near(picture.facilities, near)


def _nearest_bodies(
    found: LayerCoverage, blank: NDArray[np.intp], *, lon: Floats, lat: Floats
) -> list[Near | None]:
    covered = found.area_coverage.is_covered
    body = _bodies(found)
    parents = np.array([parent or "" for parent in found.areas.parents], dtype=object)
    bodies: dict[int, Near | None] = {}
    for parent in sorted(set(parents[blank])):
        own = parents == parent
        at = blank[own[blank]]
        candidates = covered & own if (covered & own).any() else covered
        near = nearest(
            lon=lon[at],
            lat=lat[at],
            to_lon=np.where(candidates, lon, np.nan),
            to_lat=np.where(candidates, lat, np.nan),
        )
        entries = [found.picture.organisations[body[p]] if p >= 0 else None for p in near.position]
        for position, entry, distance_m in zip(at, entries, near.distance_m, strict=True):
            bodies[int(position)] = entry and Near(entry, float(distance_m))
    return [bodies[int(position)] for position in blank]


def _bodies(found: LayerCoverage) -> NDArray[np.int64]:
    """Return the organisation that covers each area, the strongest one; 0 where none does."""
    bindings = found.bindings
    body = np.zeros(len(found.areas), dtype=np.int64)
    order = np.argsort(-bindings.state.astype(np.int64), kind="stable")
    body[bindings.area[order]] = bindings.organisation[order]
    return body


def _is_partner(picture: Picture, unit: Entry, cover: int) -> bool:
    if cover != UnitCover.ORG:
        # one told as <3 that is passed over has nobody, which identifies nobody; else 1 or 2
        return bool((unit.details.get("full_members") or 0) > 0)
    at = picture.organisation_at.get(unit.details.get("party_organisation", ""))
    told = unit.details.get("mode") if at is None else picture.organisations[at].details.get("mode")
    return told == "joint"


def _near(entries: Sequence[Entry], found: Nearest) -> list[Near | None]:
    pairs = zip(found.position.tolist(), found.distance_m.tolist(), strict=True)
    return [None if at < 0 else Near(entries[at], distance_m) for at, distance_m in pairs]
