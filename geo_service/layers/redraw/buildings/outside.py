"""Buildings that stand elsewhere than their list says."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.redraw.buildings.cells import Building, places_of
from geo_service.layers.topology import Defect


def buildings_outside(
    coverage: Coverage, layer: str, lists: Mapping[str, Sequence[Building]]
) -> list[Defect]:
    """Return a finding for each building that does not stand in the area that lists it.

    Parameters
    ----------
    lists
        Buildings, in the frame of the coverage, by the code of the area that lists them; a code
        that the layer has not holds none of them. To stand on a border is to stand inside.

    Returns
    -------
    list
        Of kind ``building_outside``, by listed code, then in the order of the list. The second
        code is that of the area where the building stands, the lowest of several on a border.

    Raises
    ------
    InvalidValue
        A building is neither a point nor a valid polygon.
    """
    found: list[Defect] = []
    for code, buildings in sorted(lists.items()):
        listed = coverage.numbers.get(AreaKey(layer, code))
        for building, place in zip(buildings, places_of(buildings), strict=True):
            owners = _owners(coverage, layer, place)
            if listed in owners:
                continue
            x, y = shapely.get_coordinates(place)[0].tolist()
            standing = sorted(coverage.areas[owner].key.code for owner in owners)[:1]
            codes = code, *standing
            found.append(Defect("building_outside", layer, codes, x, y, reason=building.name))
    return found


def _owners(coverage: Coverage, layer: str, place: shapely.Geometry) -> set[int]:
    index = coverage.parts[layer]
    parts, owners = index.meeting(np.array([shapely.bounds(place)]))
    return set(owners[shapely.intersects(parts, place)].tolist())
