"""Areas of one layer as columns, ordered by code: what every other room passes around."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.errors import CodeInUse

Geometries: TypeAlias = NDArray[np.object_]
Floats: TypeAlias = NDArray[np.float64]
BuildingList: TypeAlias = tuple[str, ...]
"""The buildings that an area is defined by, as `identities` names them."""
Positions: TypeAlias = NDArray[np.int32]
"""Positions in an AreaSet; -1 means none."""


@dataclass(frozen=True, eq=False)
class AreaSet:
    """All areas of one layer in one edition; position i is the same area in every column.

    ``codes`` ascend by Unicode code point and are unique. ``parents`` holds the parent's code or
    None. ``geometries`` are shapely (Multi)Polygons, or (Multi)LineStrings of a line layer, in
    EPSG:4490 lon/lat degrees unless a docstring says otherwise. ``lists`` are the building lists,
    None where an area has none; empty where no area has one, as ``attributes`` are.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    parents: tuple[str | None, ...]
    geometries: Geometries
    attributes: tuple[Mapping[str, Any], ...] = field(default=())
    lists: tuple[BuildingList | None, ...] = ()

    def __len__(self) -> int:
        """Return the number of areas."""
        return len(self.codes)

    @cached_property
    def position_by_code(self) -> Mapping[str, int]:
        """Where each code stands."""
        return {code: position for position, code in enumerate(self.codes)}

    def take(self, positions: Sequence[int] | NDArray[np.integer[Any]]) -> "AreaSet":
        """Return the areas at ``positions`` (ascending), in the same columns."""
        return AreaSet(
            codes=tuple(self.codes[i] for i in positions),
            names=tuple(self.names[i] for i in positions),
            parents=tuple(self.parents[i] for i in positions),
            geometries=self.geometries[np.asarray(positions, dtype=np.intp)],
            attributes=tuple(self.attributes[i] for i in positions) if self.attributes else (),
            lists=tuple(self.lists[i] for i in positions) if self.lists else (),
        )

    def with_geometries(self, geometries: Geometries) -> "AreaSet":
        """Return the same areas with other outlines."""
        return replace(self, geometries=geometries)

    def with_parents(self, parents: Iterable[str | None]) -> "AreaSet":
        """Return the same areas under other parents."""
        return replace(self, parents=tuple(parents))

    @property
    def list_by_code(self) -> Mapping[str, BuildingList]:
        """The building lists of those areas that have one."""
        every = zip(self.codes, self.lists or (None,) * len(self), strict=True)
        return {code: own for code, own in every if own is not None}

    def with_lists(self, by_code: Mapping[str, BuildingList]) -> "AreaSet":
        """Return the same areas with these building lists, and no others."""
        lists = tuple(by_code.get(code) for code in self.codes)
        return replace(self, lists=lists if any(own is not None for own in lists) else ())


Boundaries: TypeAlias = Mapping[str, AreaSet]
"""The content of one edition: the areas of each layer by the layer's name."""


def area_set(
    layer: str,
    *,
    codes: Sequence[str],
    geometries: Iterable[shapely.Geometry],
    names: Sequence[str] | None = None,
    parents: Sequence[str | None] | None = None,
    attributes: Sequence[Mapping[str, Any]] | None = None,
) -> AreaSet:
    """Order areas by code and check that no code is used twice.

    Raises
    ------
    CodeInUse
        Naming every code that stands more than once.
    """
    order = sorted(range(len(codes)), key=codes.__getitem__)
    ordered = [codes[i] for i in order]
    twice = sorted({a for a, b in pairwise(ordered) if a == b})
    if twice:
        raise CodeInUse(layer=layer, codes=twice)
    shapes = np.empty(len(ordered), dtype=object)
    shapes[:] = list(geometries)
    return AreaSet(
        codes=tuple(ordered),
        names=tuple((names or codes)[i] for i in order),
        parents=tuple(parents[i] if parents else None for i in order),
        geometries=shapes[order],
        attributes=tuple(attributes[i] for i in order) if attributes else (),
    )
