"""Ground that nobody has in a layer: gaps of a parent, holes and surroundings of the root layer."""

import numpy as np
import shapely

from geo_service.layers.arcs import Chain, Coverage, Place
from geo_service.layers.arcs.arc import sum_of
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.arcs.rings import Face, faces_of
from geo_service.layers.area import Floats

_MARGIN = 0.1


def gaps(coverage: Coverage, parent: int, layer: str) -> list[Face]:
    """Return the ground of an area that no child in a layer has; all of it without children."""
    children = coverage.children_in(parent, layer)
    chains = [coverage.areas[number].chain for number in (parent, *children)]
    arcs = sorted({abs(step) for chain in chains for step in chain})
    faces = faces_of((way for arc in arcs for way in (arc, -arc)), coverage.arcs.__getitem__)
    # A child beyond its parent may border on a gap: only a place inside tells which is which.
    polygons = np.array([face.polygon for face in faces], dtype=object)
    inside = shapely.point_on_surface(polygons)
    is_free = shapely.intersects(coverage.areas[parent].outline, inside)
    for child in children:
        is_free &= ~shapely.intersects(coverage.areas[child].outline, inside)
    free = sum_of(face.chain for face, is_gap in zip(faces, is_free, strict=True) if is_gap)
    return faces_of(free, coverage.arcs.__getitem__)


def holes(coverage: Coverage) -> list[Face]:
    """Return the ground that the root layer encloses and does not have."""
    return faces_of(outside(coverage), coverage.arcs.__getitem__)


def outside(coverage: Coverage) -> Chain:
    """Return the chain with all ground outside the root layer on its left."""
    root = coverage.root_layer
    return tuple(
        -number
        if any(coverage.areas[owner].key.layer == root for owner in coverage.arcs[number].left)
        else number
        for number in sorted(coverage.rim)
    )


def framed_outside(edit: Edit, places: Floats) -> Chain:
    """Return the chain of all ground outside the root layer, bounded by a frame around places.

    The frame is an arc of its own, which borders on nobody and so goes when the edit is finished.
    """
    coverage = edit.base
    rim = [coverage.arcs[number].places for number in sorted(coverage.rim)]
    every = np.concatenate([places, *rim])
    low, high = every.min(axis=0), every.max(axis=0)
    low, high = low - _MARGIN * (high - low), high + _MARGIN * (high - low)
    (west, south), (east, north) = low, high
    frame = shapely.get_coordinates(shapely.box(west, south, east, north, ccw=True))
    return (edit.add_arc(frame), *outside(coverage))


def at(faces: list[Face], place: Place) -> Face | None:
    """Return the face that a place lies in, its border included; the first of several."""
    return next((face for face in faces if shapely.intersects_xy(face.polygon, *place)), None)
