"""Coordinate frames: names, conversion to and from the storage frame, checks and measures.

The only place that knows pyproj. PROJ is loaded when a frame first needs it: GCJ02, BD09 and the
identity between EPSG:4490 and EPSG:4326 do not.
"""

from geo_service.layers.frames.conversion import (
    from_storage,
    geometries_from_storage,
    geometries_to_storage,
    is_stored_as_told,
    place_to_storage,
    to_storage,
)
from geo_service.layers.frames.coordinate import (
    are_inside,
    check_coordinates,
    is_degrees,
    is_in_degrees,
    looks_swapped,
)
from geo_service.layers.frames.edge import densify
from geo_service.layers.frames.measure import area_m2, distance_m, length_m
from geo_service.layers.frames.metric import (
    meters_per_degree,
    metric_frame,
    metric_frames,
    metric_plane,
    points_to_metric,
    to_metric,
)
from geo_service.layers.frames.name import (
    STORAGE_FRAME,
    frame_of_crs,
    frame_projjson,
    parse_frame,
)

__all__ = [
    "STORAGE_FRAME",
    "are_inside",
    "area_m2",
    "check_coordinates",
    "densify",
    "distance_m",
    "frame_of_crs",
    "frame_projjson",
    "from_storage",
    "geometries_from_storage",
    "geometries_to_storage",
    "is_degrees",
    "is_in_degrees",
    "is_stored_as_told",
    "length_m",
    "looks_swapped",
    "meters_per_degree",
    "metric_frame",
    "metric_frames",
    "metric_plane",
    "parse_frame",
    "place_to_storage",
    "points_to_metric",
    "to_metric",
    "to_storage",
]
