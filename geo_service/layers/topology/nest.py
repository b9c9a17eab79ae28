"""A root layer with every layer nested below it, as one flat list of areas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from geo_service.layers.area import AreaSet, Boundaries, Geometries
from geo_service.layers.layer import Layers

NO_PARENT = -1
MISSING_PARENT = -2

_NOTHING = shapely.Polygon()


@dataclass(frozen=True, eq=False)
class Nest:
    """Areas of several layers, parents before children, each layer in the order of its codes.

    The position in this list is also the priority where two places become one: the ancestor's
    before the descendant's, the lowest code's before the others'. ``layer_of`` and ``parent_of``
    have shape ``(areas,)``; ``parent_of`` is a position, NO_PARENT in the root layer, or
    MISSING_PARENT. ``above`` is each layer's parent layer as a position in ``layers``, or
    NO_PARENT. ``geometries`` may differ from those of ``boundaries``.
    """

    layers: tuple[str, ...]
    above: tuple[int, ...]
    codes: tuple[str, ...]
    layer_of: NDArray[np.int64]
    parent_of: NDArray[np.int64]
    geometries: Geometries

    def __len__(self) -> int:
        """Return the number of areas."""
        return len(self.codes)

    @cached_property
    def has_children_in(self) -> NDArray[np.bool_]:
        """Which areas have a child in which layer, shape ``(areas, layers)``."""
        has = np.zeros((len(self), len(self.layers)), dtype=bool)
        child = self.parent_of >= 0
        has[self.parent_of[child], self.layer_of[child]] = True
        return has

    def members(self, layer: int) -> NDArray[np.int64]:
        """Return the positions of a layer's areas."""
        return np.flatnonzero(self.layer_of == layer)

    def ancestors(self, layer: int) -> list[int]:
        """Return the layers above a layer, the nearest first."""
        above = self.above[layer]
        return [] if above == NO_PARENT else [above, *self.ancestors(above)]

    def with_geometries(self, geometries: Geometries) -> "Nest":
        """Return the same areas with other outlines."""
        return Nest(self.layers, self.above, self.codes, self.layer_of, self.parent_of, geometries)

    def area_sets(self, boundaries: Boundaries) -> dict[str, AreaSet]:
        """Return the nest's layers of ``boundaries`` with the nest's outlines."""
        return {
            name: boundaries[name].with_geometries(self.geometries[self.layer_of == i])
            for i, name in enumerate(self.layers)
        }


def nests(boundaries: Boundaries, layers: Layers) -> list[Nest]:
    """Return one nest per root layer that holds areas; overlay and line layers are in none.

    A layer whose parent layer is absent or empty is a root until its parents arrive.
    """
    present = [
        layer
        for layer in layers
        if not layer.is_overlay
        and layer.geometry == "polygon"
        and len(boundaries.get(layer.name, ()))
    ]
    names = {layer.name for layer in present}
    trees: dict[str, list[str]] = {}
    root_of: dict[str, str] = {}
    for layer in present:
        is_nested = layer.parent in names
        root_of[layer.name] = root_of[layer.parent] if is_nested and layer.parent else layer.name
        trees.setdefault(root_of[layer.name], []).append(layer.name)
    return [_nest(boundaries, layers, tree) for tree in trees.values()]


def _nest(boundaries: Boundaries, layers: Layers, names: Sequence[str]) -> Nest:
    index = {name: i for i, name in enumerate(names)}
    starts = np.cumsum([0, *(len(boundaries[name]) for name in names)])
    above = tuple(index.get(layers[name].parent or "", NO_PARENT) for name in names)
    parents = [
        _parents(boundaries[name], None if up < 0 else boundaries[names[up]], int(starts[up]))
        for name, up in zip(names, above, strict=True)
    ]
    return Nest(
        layers=tuple(names),
        above=above,
        codes=tuple(code for name in names for code in boundaries[name].codes),
        layer_of=np.repeat(np.arange(len(names)), np.diff(starts)),
        parent_of=np.array([p for some in parents for p in some], dtype=np.int64),
        geometries=np.concatenate([boundaries[name].geometries for name in names]),
    )


def _parents(areas: AreaSet, above: AreaSet | None, start: int) -> list[int]:
    if above is None:
        return [NO_PARENT] * len(areas)
    known: Mapping[str, int] = above.position_by_code
    return [
        MISSING_PARENT if code is None or code not in known else start + known[code]
        for code in areas.parents
    ]


def usable(geometries: Geometries) -> Geometries:
    """Return polygons to analyze: invalid ones made valid, hopeless ones empty, others as given.

    Hopeless are geometries that are None or empty, hold a coordinate that is not finite, or are
    neither polygon nor multipolygon.
    """
    result = sound(geometries)
    is_bent = np.flatnonzero(
        shapely.is_empty(result) & is_polygonal(geometries) & has_finite_coordinates(geometries)
    )
    result[is_bent] = made_valid(geometries[is_bent])
    return result


def sound(geometries: Geometries) -> Geometries:
    """Return the valid polygons as given, and everything else empty."""
    result = geometries.copy()
    result[~(is_polygonal(geometries) & has_finite_coordinates(geometries))] = _NOTHING
    result[~shapely.is_valid(result)] = _NOTHING
    return result


def made_valid(geometries: Geometries) -> Geometries:
    """Return valid polygons: holes that lie outside are dropped, crossing rings are resolved."""
    valid = shapely.make_valid(geometries, method="structure", keep_collapsed=False)
    result = np.empty(len(valid), dtype=object)
    for i, geometry in enumerate(valid):
        parts = [p for p in shapely.get_parts(geometry).tolist() if p.geom_type == "Polygon"]
        result[i] = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return result


def is_polygonal(geometries: Geometries) -> NDArray[np.bool_]:
    """Return which geometries are polygons or multipolygons that are not empty."""
    kinds = shapely.get_type_id(geometries)
    polygonal = np.isin(kinds, [GeometryType.POLYGON, GeometryType.MULTIPOLYGON])
    return polygonal & ~shapely.is_empty(geometries)


def has_finite_coordinates(geometries: Geometries) -> NDArray[np.bool_]:
    """Return which geometries have only finite coordinates (an empty one has)."""
    places, owners = shapely.get_coordinates(geometries, return_index=True)
    finite = np.ones(len(geometries), dtype=bool)
    finite[owners[~np.isfinite(places).all(axis=1)]] = False
    return finite
