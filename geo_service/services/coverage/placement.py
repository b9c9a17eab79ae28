"""Where entries of a register stand in one edition: by the codes they are bound to, or by place."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.governance.organisations.register import Entry
from geo_service.layers.area import Floats, Positions
from geo_service.layers.assignment.overlay import overlay_owners_of
from geo_service.layers.assignment.patched import family_positions, overlay_pairs
from geo_service.layers.assignment.rule import assign
from geo_service.layers.layer import Layer
from geo_service.layers.locator import Locator


class Placement:
    """The places of n entries on one edition.

    An entry bound to codes stands where they are, as long as the edition has one of them; deeper
    than that its place tells, if it lies in the area it is bound to. One without codes, or whose
    codes are all gone, stands where its place is. On a shared border the lowest code.
    """

    def __init__(self, locator: Locator, entries: Sequence[Entry]) -> None:
        self._locator = locator
        self.entries = entries
        self._located: dict[str, list[Positions]] = {}
        self._first: dict[str, tuple[NDArray[np.int64], Positions]] = {}

    @cached_property
    def lon(self) -> Floats:
        """Longitudes in degrees (EPSG:4490), NaN for none."""
        return np.array([np.nan if e.lon is None else e.lon for e in self.entries], dtype=float)

    @cached_property
    def lat(self) -> Floats:
        """Latitudes in degrees (EPSG:4490), NaN for none."""
        return np.array([np.nan if e.lat is None else e.lat for e in self.entries], dtype=float)

    @cached_property
    def bound(self) -> list[tuple[int, ...]]:
        """The positions, in each entry's own layer, of the areas it is bound to that live."""
        found: list[tuple[int, ...]] = [()] * len(self.entries)
        for layer, at in self._at_by_layer.items():
            codes = self._locator.areas(layer).position_by_code
            for i in at:
                found[i] = tuple([codes[code] for code in self.entries[i].areas if code in codes])
        return found

    @cached_property
    def of_several(self) -> Mapping[str, list[int]]:
        """The entries that are bound to several areas, by their layer."""
        found: dict[str, list[int]] = {}
        for i, bound in enumerate(self.bound):
            layer = self.entries[i].layer
            if len(bound) > 1 and layer is not None:
                found.setdefault(layer, []).append(i)
        return found

    def pairs(self, layer: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return which entry stands for which area of ``layer``: entries, then areas, ``(m,)``.

        Only entries that are told to stand for areas of this very layer.
        """
        own = self._at_by_layer.get(layer, [])
        bound = self.bound
        entries = np.repeat(own, [len(bound[i]) for i in own])
        areas = np.array([area for i in own for area in bound[i]], dtype=np.int64)
        by_place = np.array([i for i in own if not bound[i]], dtype=np.int64)
        if by_place.size:
            at = self._by_place(layer)[by_place]
            entries = np.concatenate([entries, by_place[at >= 0]])
            areas = np.concatenate([areas, at[at >= 0]])
        return entries.astype(np.int64), areas

    def positions(self, layer: str) -> Positions:
        """Return the area of ``layer`` that each entry lies in, ``(n,)``; -1 for none."""
        found = self._by_place(layer).copy()
        if self._locator.layers[layer].is_overlay:
            at, bound = self._first_bound(layer)
            found[at] = bound
            return found
        family, chain = self._family(layer)
        names = [each.name for each in chain]
        depth = names.index(layer)
        for own_depth, own in enumerate(names):
            at, bound = self._first_bound(own)
            if depth <= own_depth:
                found[at] = self._locator.ancestors(family, own_depth, bound, at=depth)
            else:
                # a place outside of what the entry is bound to tells nothing of its parts
                found[at[self._by_place(own)[at] != bound]] = -1
        return found

    def shown_places(self) -> tuple[Floats, Floats]:
        """Return where entries are drawn: their places, or inside the first area they stand for."""
        lon, lat = self.lon.copy(), self.lat.copy()
        for i in np.flatnonzero(np.isnan(lon)).tolist():
            layer, bound = self.entries[i].layer, self.bound[i]
            if bound and layer is not None:
                point = shapely.point_on_surface(self._locator.areas(layer).geometries[bound[0]])
                lon[i], lat[i] = point.x, point.y
        return lon, lat

    @cached_property
    def _at_by_layer(self) -> Mapping[str, list[int]]:
        """Which entries are told to stand for areas of each layer of the edition."""
        found: dict[str, list[int]] = {layer: [] for layer in self._locator.layers.by_name}
        for i, entry in enumerate(self.entries):
            if entry.layer in found:
                found[entry.layer].append(i)
        return found

    def _first_bound(self, layer: str) -> tuple[NDArray[np.int64], Positions]:
        """Return the entries that are bound to areas of a layer, and the first area of each."""
        if layer not in self._first:
            at = [i for i in self._at_by_layer[layer] if self.bound[i]]
            first = np.array([self.bound[i][0] for i in at], dtype=np.int32)
            self._first[layer] = np.array(at, dtype=np.int64), first
        return self._first[layer]

    def _family(self, layer: str) -> tuple[str, Sequence[Layer]]:
        families = self._locator.layers.families.items()
        return next(
            (name, chain) for name, chain in families if layer in [each.name for each in chain]
        )

    def _by_place(self, layer: str) -> Positions:
        if self._locator.layers[layer].is_overlay:
            return self._held(layer)
        family, chain = self._family(layer)
        if family not in self._located:
            self._located[family] = family_positions(
                self._locator,
                family,
                lambda locator, lon, lat, _: assign(locator, family, lon=lon, lat=lat).owners,
                lon=self.lon,
                lat=self.lat,
                accuracy_m=np.zeros(len(self.lon)),
            )
        return self._located[family][[each.name for each in chain].index(layer)]

    def _held(self, layer: str) -> Positions:
        """Return the lowest code's area of an overlay that holds each place; -1 for none."""
        known = self._locator.layers[layer]
        place, area = overlay_pairs(
            self._locator,
            layer,
            lambda locator, lon, lat: overlay_owners_of(locator, known, lon=lon, lat=lat),
            lon=self.lon,
            lat=self.lat,
        )
        found = np.full(len(self.entries), -1, dtype=np.int32)
        held, first = np.unique(place, return_index=True)
        found[held] = area[first]  # of each place the areas stand by code
        return found
