"""Owners where an edition is drawn anew in a few places: there anew, elsewhere as it stands."""

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Boundaries, Floats, Positions
from geo_service.layers.layer import Layers
from geo_service.layers.locator import Box, Locator, Owners, Sections
from geo_service.layers.reach import are_in_boxes

FindOwners = Callable[[Locator, Floats, Floats, Floats], Owners]
"""Owners of points: longitudes, latitudes, and the radii of their circles in meters."""
Pairs = tuple[NDArray[np.intp], Positions]
"""Points, and beside each a position in the layer."""
FindPairs = Callable[[Locator, Floats, Floats], Pairs]


class PatchedLocator(Locator):
    """Some areas of an edition after a redraw, with an index of no more than what differs.

    Its own owners, and what stands below, are true in ``patches`` alone. Elsewhere they are those
    of ``whole``, the locator of the edition: `family_positions` and `overlay_pairs` ask the one or
    the other.
    """

    def __init__(
        self,
        layers: Layers,
        boundaries: Boundaries,
        sections: Sections,
        *,
        boxes: Mapping[tuple[str, str], Box],
        whole: Locator,
        patches: Floats,
    ) -> None:
        """Take what `Locator` takes, and boxes in degrees, ``(k, 4)``.

        They hold every place whose owner can be another one than that of ``whole``, and a circle
        whose owner can be reaches one of them.
        """
        super().__init__(layers, boundaries, sections, boxes=boxes)
        self.whole = whole
        self._patches = patches

    def are_patched(self, *, lon: Floats, lat: Floats, reach_m: Floats) -> NDArray[np.bool_]:
        """Return which points, degrees, lie in a patch or so many meters from one."""
        return are_in_boxes(self._patches, lon=lon, lat=lat, reach_m=reach_m)

    @cached_property
    def position_here(self) -> Mapping[str, Positions]:
        """The position that each area of ``whole`` has here, by layer; -1 for those left out."""
        found = {}
        for layer in self.layers:
            theirs, own = self.whole.areas(layer.name), self.areas(layer.name)
            here = np.full(len(theirs) + 1, -1, dtype=np.int32)  # the last stands for no area
            for position, code in enumerate(own.codes):
                here[theirs.position_by_code.get(code, -1)] = position
            here[-1] = -1
            found[layer.name] = here
        return found


def family_positions(
    locator: Locator,
    family: str,
    find: FindOwners,
    *,
    lon: Floats,
    lat: Floats,
    accuracy_m: Floats,
) -> list[Positions]:
    """Return which area of each layer of a family each point is in.

    Parameters
    ----------
    find
        How owners are found on a locator's own index.
    lon, lat
        Degrees, EPSG:4490, shape ``(n,)``; NaN for a place nobody knows.
    accuracy_m
        Radii in meters, ``(n,)``; NaN or 0 for exactly there.

    Returns
    -------
    list
        Of each layer of the chain, the root first, positions ``(n,)`` in the areas of ``locator``;
        -1 for none. A `PatchedLocator` also holds -1 for areas that it leaves out.
    """
    if not isinstance(locator, PatchedLocator):
        return locator.positions_at(family, find(locator, lon, lat, accuracy_m))
    is_own = locator.are_patched(lon=lon, lat=lat, reach_m=np.nan_to_num(accuracy_m))
    chain = locator.layers.families[family]
    found = [np.full(len(lon), -1, dtype=np.int32) for _ in chain]
    for side, asked in ((locator, is_own), (locator.whole, ~is_own)):
        owners = find(side, lon[asked], lat[asked], accuracy_m[asked])
        for layer, column, at in zip(chain, found, side.positions_at(family, owners), strict=True):
            column[asked] = at if side is locator else locator.position_here[layer.name][at]
    return found


def overlay_pairs(
    locator: Locator, layer: str, find: FindPairs, *, lon: Floats, lat: Floats
) -> Pairs:
    """Return every area of an overlay that each point, degrees ``(n,)``, belongs to.

    By point, then ascending by code; ``find`` tells the same on a locator's own index, in order.
    """
    if not isinstance(locator, PatchedLocator):
        return find(locator, lon, lat)
    is_own = locator.are_patched(lon=lon, lat=lat, reach_m=np.zeros(len(lon)))
    own, rest = np.flatnonzero(is_own), np.flatnonzero(~is_own)
    point, position = find(locator, lon[own], lat[own])
    other, there = find(locator.whole, lon[rest], lat[rest])
    here = locator.position_here[layer][there]
    points = np.concatenate([own[point], rest[other[here >= 0]]])
    positions = np.concatenate([position, here[here >= 0]])
    order = np.lexsort((positions, points))
    return points[order], positions[order]
