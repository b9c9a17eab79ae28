"""Whose is this point: exact owners of points in one edition."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import AreaSet, Boundaries, Floats, Positions, area_set
from geo_service.layers.layer import Layer, Layers


@dataclass(frozen=True, eq=False)
class Owners:
    """The owner of each of n points in one family.

    ``level`` is the deciding layer's place in the family's chain (0 is the root), ``position`` the
    area's place in that layer; both are -1 where no area covers the point. ``is_shared`` tells the
    points that lie exactly on a border of two or more areas of the deciding layer.
    """

    level: NDArray[np.int8]
    position: Positions
    is_shared: NDArray[np.bool_]


class Locator:
    """Exact owners in one edition: build once, ask any number of points from any thread.

    The deepest layer of a family with an area that covers the point decides; a point on a shared
    border belongs to the area with the lowest code (Unicode code point).
    """

    def __init__(self, layers: Layers, boundaries: Boundaries) -> None:
        self.layers = layers
        self._areas: Mapping[str, AreaSet] = {
            layer.name: boundaries.get(layer.name) or area_set(layer.name, codes=[], geometries=[])
            for layer in layers
        }
        self._trees = {
            name: shapely.STRtree(areas.geometries) for name, areas in self._areas.items()
        }
        self._parents = {layer.name: self._parent_positions(layer) for layer in layers}

    def areas(self, layer: str) -> AreaSet:
        """Return the areas of one layer, in the order that positions speak of."""
        return self._areas[self.layers[layer].name]

    def owners(self, family: str, *, lon: Floats, lat: Floats) -> Owners:
        """Return the owner of each point.

        Parameters
        ----------
        family
            A key of ``layers.families``.
        lon, lat
            Degrees, EPSG:4490, shape ``(n,)``; a point that is not finite has no owner.

        Returns
        -------
        Owners
            ``(n,)`` columns. On a shared border the area with the lowest code.
        """
        level = np.full(len(lon), -1, dtype=np.int8)
        position = np.full(len(lon), -1, dtype=np.int32)
        is_shared = np.zeros(len(lon), dtype=bool)
        waiting = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        chain = self.layers.families[family]
        for depth in range(len(chain) - 1, -1, -1):
            owner, shared = self._lowest(chain[depth].name, lon=lon[waiting], lat=lat[waiting])
            is_found = owner >= 0
            found = waiting[is_found]
            level[found], position[found], is_shared[found] = (
                depth,
                owner[is_found],
                shared[is_found],
            )
            waiting = waiting[~is_found]
        return Owners(level, position, is_shared)

    def covering(
        self, layer: str, *, lon: Floats, lat: Floats
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return every (point, area) pair where the area covers the point, borders included."""
        points = shapely.points(lon, lat)
        point_positions, area_positions = self._trees[layer].query(points, predicate="intersects")
        order = np.lexsort((area_positions, point_positions))
        return point_positions[order], area_positions[order]

    def near(
        self, layer: str, *, west: float, south: float, east: float, north: float
    ) -> NDArray[np.intp]:
        """Return the areas whose box meets the box (degrees), ascending."""
        return np.sort(self._trees[layer].query(shapely.box(west, south, east, north)))

    def positions_at(self, family: str, owners: Owners) -> list[Positions]:
        """Return, for each layer of the chain from the root, who owns each point there.

        Ancestors follow by link, never by geometry; layers deeper than the deciding one hold -1.
        """
        chain = self.layers.families[family]
        at = [np.full(len(owners.level), -1, dtype=np.int32) for _ in chain]
        for depth in range(len(chain) - 1, -1, -1):
            decided = owners.level == depth
            at[depth][decided] = owners.position[decided]
            if depth > 0:
                known = at[depth] >= 0
                at[depth - 1][known] = self._parents[chain[depth].name][at[depth][known]]
        return at

    def _lowest(
        self, layer: str, *, lon: Floats, lat: Floats
    ) -> tuple[Positions, NDArray[np.bool_]]:
        points, areas = self.covering(layer, lon=lon, lat=lat)
        lowest = np.full(len(lon), -1, dtype=np.int32)
        first = np.unique(points, return_index=True)[1]  # pairs are ordered, areas ascend by code
        lowest[points[first]] = areas[first]
        return lowest, np.bincount(points, minlength=len(lon)) > 1

    def _parent_positions(self, layer: Layer) -> Positions:
        parents = self._areas[layer.parent].position_by_code if layer.parent else {}
        codes = self._areas[layer.name].parents
        return np.array([parents.get(code or "", -1) for code in codes], dtype=np.int32)
