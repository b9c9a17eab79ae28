"""Whether contents that were put together are clean, and which areas are to be named if not."""

from collections.abc import Iterable, Sequence

import numpy as np

from geo_service.layers.area import Boundaries
from geo_service.layers.layer import Enclave, Layers
from geo_service.layers.topology import Defect, Scale, check, local_scale
from geo_service.storage.editions import AreaKey


def defects_of(boundaries: Boundaries, layers: Layers, enclaves: Sequence[Enclave]) -> list[Defect]:
    """Return what the whole check finds in a content, EPSG:4490, with holes but declared ones."""
    if not any(map(len, boundaries.values())):
        return []
    scale = scale_of(boundaries)
    return check(boundaries, layers, metres_per_unit=scale, enclaves=enclaves)


def scale_of(boundaries: Boundaries) -> Scale:
    """Return the scale that a content, EPSG:4490, is checked and matched at."""
    shapes = [areas.geometries for areas in boundaries.values()]
    return local_scale(np.concatenate(shapes), is_degrees=True)


def areas_at_fault(defects: Iterable[Defect]) -> list[str]:
    """Return the areas of defects as ``layer/code``, ordered."""
    return named({(defect.layer, code) for defect in defects for code in defect.codes})


def named(keys: Iterable[AreaKey]) -> list[str]:
    """Return areas as ``layer/code``, ordered."""
    return [f"{layer}/{code}" for layer, code in sorted(keys)]
