"""Households, residents and staff of areas before a redraw, and shared out after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.analysis.impact import Shared, crossings_m2, dwelling_weights, shared
from geo_service.layers.area import AreaSet, Floats, Geometries, area_set
from geo_service.layers.layer import BUILDING
from geo_service.layers.locator import Locator
from geo_service.services.coverage.reach import areas_of
from geo_service.services.impact.ground import Ground
from geo_service.services.impact.redrawing import Redrawing
from geo_service.services.impact.result import (
    BY_GROUND,
    BY_HOUSEHOLDS,
    BY_PARTS,
    ENTERED,
    TOLD,
    PersonCount,
    Sum,
)
from geo_service.services.impact.stored_areas import StoredAreas
from geo_service.storage import figures
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import AreaKey

HOUSEHOLDS, RESIDENTS, STAFF = "households", "residents", "staff"
PERSONS = (HOUSEHOLDS, RESIDENTS)
UNKNOWN = PersonCount(None, None)

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class FigureDays:
    """As of which moment figures tell the ground before, and from which on that after.

    ``entered_from_s`` is None where nobody can have told of the new ground yet: then what is
    recorded for a code that is new is of it, and nothing else.
    """

    as_of_s: float
    entered_from_s: float | None = None


class Figures:
    """The dated figures of areas on both sides of a redraw, as whole numbers."""

    def __init__(
        self,
        connection: Transaction,
        redrawing: Redrawing,
        days: FigureDays,
        drafted: Mapping[tuple[str, str, str], int] | None = None,
    ) -> None:
        self._connection = connection
        self._redrawing = redrawing
        self._days = days
        self._drafted = drafted or {}
        self._before: dict[str, dict[str, dict[tuple[str, str], int]]] = {}

    def before(self, layer: str, codes: Sequence[str]) -> Mapping[tuple[str, str], int]:
        """Return (figure, code) → the count of some areas before; of each it is read once."""
        known = self._before.setdefault(layer, {})
        unknown = [code for code in codes if code not in known]
        if unknown:
            known |= {code: {} for code in unknown}
            for key, value in self._read(layer, unknown, as_of_s=self._days.as_of_s).items():
                known[key[1]][key] = value
        return {key: value for code in codes for key, value in known[code].items()}

    def entered(self, layer: str) -> Mapping[tuple[str, str], int]:
        """Return (figure, code) → what was told of the new ground of areas."""
        difference = self._redrawing.differences[layer]
        found = self._read(layer, difference.added)
        from_s = self._days.entered_from_s
        if from_s is not None:
            codes = sorted({*difference.changed, *difference.moved})
            found = {**found, **self._read(layer, codes, from_s=from_s)}
        drafted = {(e[1], e[2]): value for e, value in self._drafted.items() if e[0] == layer}
        return {**found, **drafted}

    def _read(
        self,
        layer: str,
        codes: Sequence[str],
        *,
        from_s: float | None = None,
        as_of_s: float | None = None,
    ) -> Mapping[tuple[str, str], int]:
        told = figures.numbers_of_areas(
            self._connection,
            layer=layer,
            codes=codes,
            names=(*PERSONS, STAFF),
            from_s=from_s,
            as_of_s=as_of_s,
        )
        return whole_numbers(told)


@dataclass(frozen=True, eq=False)
class LayerPeople:
    """Who lives in the touched areas of one layer; codes of before and after with their counts.

    ``shares`` are by figure, over the areas of before in ``old`` and those of after in ``new``;
    none for overlays, whose areas may hold the same ground. ``crossings_m2`` is their ground.
    """

    old: AreaSet
    new: AreaSet
    shares: Mapping[str, Shared]
    crossings_m2: Floats
    bases: Mapping[str, Sequence[str]]
    told: Mapping[tuple[str, str], int]
    entered: Mapping[tuple[str, str], int]

    def before(self, figure: str, code: str) -> PersonCount:
        """Return the count of an area before."""
        value = self.told.get((figure, code))
        return UNKNOWN if value is None else PersonCount(value, TOLD)

    def after(self, figure: str, code: str) -> PersonCount:
        """Return the count of an area after: as it was entered, else shared out."""
        entered = self.entered.get((figure, code))
        if entered is not None:
            return PersonCount(entered, ENTERED)
        found, at = self.shares.get(figure), self.new.position_by_code[code]
        if found is None or not found.is_known[at]:
            return UNKNOWN
        basis = self._basis(figure, at) if found.is_estimated[at] else TOLD
        return PersonCount(int(found.totals[at]), basis)

    def sum(self, figure: str) -> Sum:
        """Return what the areas of before had, those of after have, and what went to nobody."""
        olds = [self.before(figure, code).value for code in self.old.codes]
        news = [self.after(figure, code).value for code in self.new.codes]
        found = self.shares.get(figure)
        is_known = found is not None and None not in olds
        return Sum(
            before=_sum(olds),
            after=_sum(news),
            to_nobody=int(found.moved[:, -1].sum()) if found is not None and is_known else None,
        )

    def _basis(self, figure: str, at: int) -> str:
        """Return the coarsest of the ways that the parts of an area were shared by."""
        bases = self.bases[figure]
        parts = np.flatnonzero(self.shares[figure].moved[:, at] > 0).tolist() or range(len(bases))
        used = {bases[i] for i in parts}
        return next(each for each in (BY_GROUND, BY_PARTS, BY_HOUSEHOLDS) if each in used)


class People:
    """Who lives where on both sides of a redraw, layer by layer, the deepest first."""

    def __init__(
        self, redrawing: Redrawing, stored: StoredAreas, ground: Ground, known: Figures
    ) -> None:
        self._redrawing = redrawing
        self._stored = stored
        self._ground = ground
        self._known = known
        self._dwellings = _dwellings(ground, known)
        self._layers: dict[str, LayerPeople] = {}

    def layer(self, name: str) -> LayerPeople:
        """Return who lives in the touched areas of a layer."""
        if name not in self._layers:
            self._layers[name] = self._made(name)
        return self._layers[name]

    def _made(self, layer: str) -> LayerPeople:
        old, new = (
            _touched(content.get(layer), layer, self._redrawing.touched.get(layer, ()))
            for content in (self._redrawing.before, self._redrawing.after)
        )
        told = self._known.before(layer, old.codes)
        if self._ground.before.layers[layer].is_overlay:
            empty = np.zeros((len(old), len(new) + 1))
            return LayerPeople(old, new, {}, empty, {}, told, self._known.entered(layer))
        ground_m2 = crossings_m2(old.geometries, new.geometries)
        households = self._household_weights(layer, old, new)
        shares, bases = {}, {}
        for figure in PERSONS:
            parts = self._part_weights(layer, figure, old, new)
            weights, bases[figure] = _weights(ground_m2, households, parts)
            counts = np.array([told.get((figure, code), -1) for code in old.codes], dtype=np.int64)
            shares[figure] = shared(counts, weights)
        return LayerPeople(old, new, shares, ground_m2, bases, told, self._known.entered(layer))

    def _household_weights(self, layer: str, old: AreaSet, new: AreaSet) -> Floats:
        """Return the households of buildings that go from each old area to each new one."""
        at_old = _among(self._ground.before, layer, self._dwellings, old)
        at_new = _among(self._ground.after, layer, self._dwellings, new)
        return dwelling_weights(
            self._dwellings.households, at_old, at_new, shape=(len(old), len(new))
        )

    def _part_weights(self, layer: str, figure: str, old: AreaSet, new: AreaSet) -> Floats:
        """Return the same of what the areas one level below tell; NaN rows where one tells none."""
        found = np.full((len(old), len(new) + 1), np.nan)
        children = [
            each for each in self._ground.before.layers.children(layer) if not each.is_overlay
        ]
        for child in children[:1]:
            for i, code in enumerate(old.codes):
                row = self._row_of_parts(child.name, figure, (layer, code), new)
                if row is not None:
                    found[i] = row
        return found

    def _row_of_parts(
        self, child: str, figure: str, parent: AreaKey, new: AreaSet
    ) -> Floats | None:
        keys = [self._stored.columns.keys[row] for row in self._stored.below.get(parent, ())]
        codes = [code for layer, code in keys if layer == child]
        known = self._known.before(child, codes)
        if not codes or any((figure, code) not in known for code in codes):
            return None
        row = np.zeros(len(new) + 1)
        touched = self.layer(child) if child in self._redrawing.touched else None
        for code in codes:
            at = touched.old.position_by_code.get(code) if touched else None
            if touched is None or at is None:
                row[new.position_by_code.get(parent[1], -1)] += known[figure, code]
                continue
            moved = touched.shares[figure].moved[at]
            for j, above in enumerate(touched.new.parents):
                row[new.position_by_code.get(above or "", -1)] += moved[j]
            row[-1] += moved[-1]
        return row


@dataclass(frozen=True, eq=False)
class _Dwellings:
    """Places of buildings (degrees) with their households."""

    lon: Floats
    lat: Floats
    households: Floats


def _dwellings(ground: Ground, known: Figures) -> _Dwellings:
    """Return a place in every building around whose households are told."""
    if BUILDING not in ground.before.layers.by_name:
        return _Dwellings(np.empty(0), np.empty(0), np.empty(0))
    buildings = ground.buildings
    told = known.before(BUILDING, buildings.codes)
    households = np.array(
        [told.get((HOUSEHOLDS, code), 0) for code in buildings.codes], dtype=float
    )
    lived_in = np.flatnonzero(households > 0.0)
    places = shapely.point_on_surface(buildings.geometries[lived_in])
    return _Dwellings(shapely.get_x(places), shapely.get_y(places), households[lived_in])


def _among(
    locator: Locator, layer: str, dwellings: _Dwellings, areas: AreaSet
) -> NDArray[np.int64]:
    """Return which of some areas of a layer each building lies in, -1 for none."""
    if not len(dwellings.lon):  # an index of the ground is made for those that are asked about
        return np.empty(0, dtype=np.int64)
    place, position = areas_of(locator, layer, lon=dwellings.lon, lat=dwellings.lat)
    codes = locator.areas(layer).codes
    found = np.full(len(dwellings.lon), -1, dtype=np.int64)
    found[place] = [areas.position_by_code.get(codes[at], -1) for at in position.tolist()]
    return found


def _weights(ground_m2: Floats, households: Floats, parts: Floats) -> tuple[Floats, list[str]]:
    """Return for each old area what it is shared by, and the name of that."""
    by_parts = np.nansum(parts, axis=1) > 0.0
    by_households = ~by_parts & (households.sum(axis=1) > 0.0)
    weights = np.where(by_households[:, None], households, ground_m2)
    weights = np.where(by_parts[:, None], np.nan_to_num(parts), weights)
    bases = [
        BY_PARTS if part else BY_HOUSEHOLDS if household else BY_GROUND
        for part, household in zip(by_parts.tolist(), by_households.tolist(), strict=True)
    ]
    return weights, bases


def _touched(areas: AreaSet | None, layer: str, codes: Sequence[str]) -> AreaSet:
    if areas is None:
        return area_set(layer, codes=[], geometries=_NOTHING)
    return areas.take(
        [areas.position_by_code[code] for code in codes if code in areas.position_by_code]
    )


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def whole_numbers(told: Mapping[AreaKey, str]) -> Mapping[AreaKey, int]:
    """Return (figure, code) → count of what figures tell; what is no number is left out."""
    return {key: round(float(value)) for key, value in told.items() if is_number(value)}


def is_number(value: str) -> bool:
    """Tell whether the value of a figure is a count."""
    return value.replace(".", "", 1).isdigit()


_NOTHING: Geometries = np.empty(0, dtype=object)
