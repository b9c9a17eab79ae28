"""Reach of a layer on one day: what service circles hold of its ground and of its residents."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.analysis.reach.gaps import OpenGround
from geo_service.analysis.reach.planes import Facilities, Ground
from geo_service.analysis.reach.shares import Dwellings, Reach, gaps, reach
from geo_service.errors import InvalidValue, UnknownLayer
from geo_service.governance.organisations.register import Entry
from geo_service.governance.organisations.rules import OrganisationRules
from geo_service.layers.area import AreaSet, Floats, Geometries
from geo_service.layers.assignment.overlay import overlay_owners_of
from geo_service.layers.assignment.patched import family_positions, overlay_pairs
from geo_service.layers.edition import IN_FORCE, EditionChoice
from geo_service.layers.files import write_features
from geo_service.layers.frames import metric_frames
from geo_service.layers.layer import BUILDING
from geo_service.layers.locator import Locator
from geo_service.services.callers import Caller
from geo_service.services.coverage.layer_coverage import CoverageService
from geo_service.services.coverage.picture import Picture
from geo_service.services.kept import Kept
from geo_service.services.workspaces import Workspace
from geo_service.storage import figures, revisions
from geo_service.storage.databases import Transaction

_KEPT = 8


@dataclass(frozen=True)
class ReachQuery:
    """What is asked: a layer, the moment, and kinds of facilities by any word; None for all."""

    layer: str
    choice: EditionChoice = IN_FORCE
    kinds: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class CountedFacilities:
    """The facilities of the kinds asked for.

    ``entries`` have a place and a radius, in the order of ``columns``; those without a place, and
    those without a radius of their own or of their kind, reach nothing that could be told.
    """

    entries: Sequence[Entry]
    columns: Facilities
    without_place: Sequence[Entry]
    without_radius: Sequence[Entry]

    @property
    def count_by_kind(self) -> Mapping[str, int]:
        """How many facilities of each kind were counted with."""
        return Counter(entry.kind for entry in self.entries)


@dataclass(frozen=True, eq=False)
class LayerReach:
    """Everything about the reach in one layer; columns of ``reach`` are in the order of areas."""

    layer: str
    kinds: tuple[str, ...] | None
    picture: Picture
    areas: AreaSet
    ground: Ground
    facilities: CountedFacilities
    reach: Reach


@dataclass(frozen=True, eq=False)
class LayerGaps:
    """The same with what no facility reaches; an area that is reached as a whole has no gap."""

    found: LayerReach
    gaps: OpenGround


class ReachService:
    """Who has a facility near, and where there is none."""

    def __init__(self, workspace: Workspace, coverage: CoverageService) -> None:
        self._workspace = workspace
        self._coverage = coverage
        self._kept = Kept[LayerReach](_KEPT)

    def reach(self, _caller: Caller, query: ReachQuery) -> LayerReach:
        """Return what the facilities of some kinds reach of each area of a layer.

        Residents are those of the figures of the moment. Where households of buildings are known
        they tell the share of residents within reach, else the ground does.

        Raises
        ------
        UnknownLayer
            There is no such layer of polygons.
        InvalidValue
            There is no such kind of facility.
        EditionNotFound
            Nothing was published for that moment.
        """
        workspace = self._workspace.standing_still()
        layer = self._layer(query.layer)
        kinds = None if query.kinds is None else self.kinds(query.kinds)
        with workspace.database.read() as connection:
            picture = self._coverage.picture(connection, query.choice, workspace)
            # the picture is kept with the answer, so that no other one gets its id
            key = (id(picture), revisions.revision(connection).figure_id, layer, kinds)
            return self._kept.get(key, lambda: _measured(connection, picture, layer, kinds))

    def gaps(self, caller: Caller, query: ReachQuery) -> LayerGaps:
        """Return the same with what no facility reaches; raises as ``reach`` does."""
        found = self.reach(caller, query)
        return LayerGaps(found, gaps(found.ground, found.facilities.columns, found.reach))

    def write_gaps(self, caller: Caller, query: ReachQuery, path: Path) -> LayerGaps:
        """Write the gaps to a file, one feature for each area that has any.

        Raises
        ------
        UnwritableFile
            The ending of the file is of no format that outlines go out in.
        """
        found = self.gaps(caller, query)
        at = [i for i, each in enumerate(found.gaps.geometries) if each is not None]
        areas, measured = found.found.areas, found.found.reach
        write_features(
            path,
            columns={
                "code": [areas.codes[i] for i in at],
                "name": [areas.names[i] for i in at],
                "ground_share": measured.ground_share[at].tolist(),
                "residents_share": measured.residents_share[at].tolist(),
                "basis": [measured.basis(i) for i in at],
                "gap_m2": found.gaps.area_m2[at].tolist(),
            },
            geometries=found.gaps.geometries[at],
            layer_name=f"{found.found.layer}_gaps",
        )
        return found

    def _layer(self, name: str) -> str:
        polygons = [each.name for each in self._workspace.layers if each.geometry != "line"]
        if name not in polygons:
            raise UnknownLayer(layer=name, known=polygons)
        return name

    def kinds(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the names of kinds of facilities by any word; raises InvalidValue for others."""
        rules = self._workspace.profile.organisations
        found = [rules.kind_of("facility", word) for word in words]
        if None in found:
            known = [kind.name for kind in rules.facility_kinds]
            raise InvalidValue("kind", f"{'、'.join(known)} 之一", f"one of {', '.join(known)}")
        return tuple(sorted({kind for kind in found if kind is not None}))


def _measured(
    connection: Transaction, picture: Picture, layer: str, kinds: tuple[str, ...] | None
) -> LayerReach:
    areas = picture.locator.areas(layer)
    facilities = _facilities(picture, kinds)
    ground = Ground(areas.geometries, _frames(picture.locator, layer))
    measured = reach(
        ground,
        facilities.columns,
        residents=_figures(connection, picture, layer, "residents"),
        dwellings=_dwellings(connection, picture, layer),
    )
    return LayerReach(layer, kinds, picture, areas, ground, facilities, measured)


def _facilities(picture: Picture, kinds: tuple[str, ...] | None) -> CountedFacilities:
    placed = picture.placed_facilities
    asked = [i for i, e in enumerate(placed.entries) if kinds is None or e.kind in kinds]
    radius_m = {i: _radius_m(picture.rules, placed.entries[i]) for i in asked}
    counted = [i for i in asked if radius_m[i] > 0.0 and not np.isnan(placed.lon[i])]
    return CountedFacilities(
        entries=[placed.entries[i] for i in counted],
        columns=Facilities(
            lon=placed.lon[counted],
            lat=placed.lat[counted],
            radius_m=np.array([radius_m[i] for i in counted], dtype=np.float64),
        ),
        without_place=[placed.entries[i] for i in asked if np.isnan(placed.lon[i])],
        without_radius=[placed.entries[i] for i in asked if not radius_m[i]],
    )


def _radius_m(rules: OrganisationRules, facility: Entry) -> float:
    """Return a facility's own radius, else that of its kind; 0 where neither is told."""
    own_m = facility.details.get("radius_m")
    if own_m is not None:
        return float(own_m)
    kinds_m = (kind.radius_m for kind in rules.facility_kinds if kind.name == facility.kind)
    return float(next(kinds_m, None) or 0.0)


def _frames(locator: Locator, layer: str) -> Geometries:
    """Return the frame that each area is measured in: its root's, of an overlay its own."""
    areas = locator.areas(layer)
    if layer in locator.overlays:
        west, south, east, north = shapely.bounds(areas.geometries).T
        return metric_frames(lon=(west + east) / 2.0, lat=(south + north) / 2.0)
    family, depth = _place_in_family(locator, layer)
    found = [locator.metric_frame(family, depth, position) for position in range(len(areas))]
    return np.array(found, dtype=object)


def _place_in_family(locator: Locator, layer: str) -> tuple[str, int]:
    return next(
        (family, depth)
        for family, chain in locator.layers.families.items()
        for depth, each in enumerate(chain)
        if each.name == layer
    )


def _figures(connection: Transaction, picture: Picture, layer: str, figure: str) -> Floats:
    """Return a figure of each area as of the picture's moment, NaN for unknown."""
    codes, as_of_s = picture.locator.areas(layer).codes, picture.as_of_s
    return figures.figure_column(
        connection, layer=layer, figure=figure, codes=codes, as_of_s=as_of_s
    )


def _dwellings(connection: Transaction, picture: Picture, layer: str) -> Dwellings | None:
    """Return a place in each building with its households, and the areas it lies in."""
    locator = picture.locator
    if BUILDING not in locator.layers.by_name:
        return None
    households = _figures(connection, picture, BUILDING, "households")
    lived_in = np.flatnonzero(households > 0.0)
    if not len(lived_in):
        return None
    places = shapely.point_on_surface(locator.areas(BUILDING).geometries[lived_in])
    lon, lat = shapely.get_coordinates(places).T
    building, area = areas_of(locator, layer, lon=lon, lat=lat)
    return Dwellings(lon[building], lat[building], households[lived_in][building], area)


def areas_of(
    locator: Locator, layer: str, *, lon: Floats, lat: Floats
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return places, degrees, and the area of a layer each is in; of an overlay perhaps several."""
    if layer in locator.overlays:
        known = locator.layers[layer]
        place, area = overlay_pairs(
            locator,
            layer,
            lambda side, lon, lat: overlay_owners_of(side, known, lon=lon, lat=lat),
            lon=lon,
            lat=lat,
        )
        return place, area.astype(np.intp)
    family, depth = _place_in_family(locator, layer)
    area = family_positions(
        locator,
        family,
        lambda side, lon, lat, _: side.owners(family, lon=lon, lat=lat),
        lon=lon,
        lat=lat,
        accuracy_m=np.zeros(len(lon)),
    )[depth]
    place = np.flatnonzero(area >= 0)
    return place, area[place].astype(np.intp)
