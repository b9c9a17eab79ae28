"""四至: what each of the four sides of an area runs along, and how that is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries

SIDES = ("east", "south", "west", "north")
"""In the order in which 四至 are told."""

LONGEST_ZH, LONGEST_EN = 200, 400
"""How long a text that people write may be, in characters: so much has room on a sheet."""

_PIECE_M = 5.0
_MOST = 0.5
_MOST_NAMES = 3
_LEAST_ALONG = 0.5**0.5
"""The cosine of 45 degrees: what crosses a border does not run along it."""

Kind = Literal["feature", "neighbor", "border", "corner"]


@dataclass(frozen=True, eq=False)
class NamedShapes:
    """Shapes with their names, ``(n,)`` each; several may share a name."""

    names: Sequence[str]
    geometries: Geometries


@dataclass(frozen=True)
class SideBound:
    """What one side runs along, by falling length; ``share`` is how much of the side that is.

    ``feature`` is a road or water, ``neighbor`` another area; a ``border`` has nothing named beyond
    it, and where no edge faces a side there is only a ``corner``.
    """

    kind: Kind
    names: tuple[str, ...] = ()
    share: float = 0.0


def side_bounds(
    outline: shapely.Geometry,
    *,
    features: NamedShapes,
    neighbors: NamedShapes,
    tolerance_m: float = 15.0,
) -> Mapping[str, SideBound]:
    """Return what each side of an area runs along.

    The outer rings are cut into pieces of at most 5 m. A piece belongs to the side that its outward
    normal points to most; exactly between two, to the one that comes first in east, north, south,
    west. It runs along the nearest named feature within the tolerance whose line there makes
    less than 45 degrees with it, or along water it lies in. Where at most three features together
    run along half of a side or more, they bound it, as few as do; else the neighbors that touch it,
    likewise; else it is a border with nothing known beyond. Holes bound nothing.

    Parameters
    ----------
    outline
        A (multi)polygon in a plane in meters.
    features
        Lines, or polygons of water, in the same plane; those without a name are left out.
    neighbors
        Polygons in the same plane, in touch with the outline.
    tolerance_m
        How far beside the border a feature may run.

    Returns
    -------
    Mapping
        SIDES → what the side runs along.
    """
    starts, ends = _pieces(outline)
    middle, run = (starts + ends) / 2, ends - starts
    length = np.hypot(run[:, 0], run[:, 1])
    side = _sides_of(run)
    along = _nearest_along(middle, run, features, tolerance_m)
    beside = _touching(middle, neighbors)
    return {
        name: _bound(
            length[side == name], along[side == name], beside[side == name], features, neighbors
        )
        for name in SIDES
    }


def bounds_text(bounds: Mapping[str, SideBound], language: str, *, border: str) -> str:
    """Return the wording of 四至; ``border`` names the border beyond which nothing is known."""
    told = [_told(side, bounds[side], language, border) for side in SIDES]
    return "; ".join(told) if language == "en" else "，".join(told)


_ZH = {"east": "东", "south": "南", "west": "西", "north": "北"}


def _told(side: str, bound: SideBound, language: str, border: str) -> str:
    if language == "en":
        names = ", ".join(bound.names)
        said = {
            "feature": f"to {names}",
            "neighbor": f"next to {names}",
            "border": f"to {border}",
            "corner": "a corner only",
        }
        return f"{side} {said[bound.kind]}"
    names = "、".join(bound.names)
    said = {
        "feature": f"至{names}",
        "neighbor": f"与{names}相邻",
        "border": f"至{border}",
        "corner": "端为一角",
    }
    return _ZH[side] + said[bound.kind]


def _pieces(outline: shapely.Geometry) -> tuple[Floats, Floats]:
    """Return starts and ends, ``(p, 2)``, of the pieces of the outer rings, counterclockwise."""
    parts = shapely.get_parts(outline)
    rings = shapely.get_exterior_ring(shapely.orient_polygons(parts))
    vertices, ring = shapely.get_coordinates(shapely.segmentize(rings, _PIECE_M), return_index=True)
    is_edge = ring[1:] == ring[:-1]
    starts, ends = vertices[:-1][is_edge], vertices[1:][is_edge]
    has_length = (starts != ends).any(axis=1)
    return starts[has_length], ends[has_length]


def _sides_of(run: Floats) -> NDArray[np.str_]:
    """Return the side that each piece faces; outward is to the right of a counterclockwise ring."""
    outward_x, outward_y = run[:, 1], -run[:, 0]
    facing = np.stack([outward_x, outward_y, -outward_y, -outward_x])
    names = np.array(["east", "north", "south", "west"])
    return np.asarray(names[facing.argmax(axis=0)])


def _nearest_along(
    middle: Floats, run: Floats, features: NamedShapes, tolerance_m: float
) -> NDArray[np.int64]:
    """Return the feature that each piece runs along, ``(p,)``; -1 for none."""
    found = np.full(len(middle), -1, dtype=np.int64)
    starts, ends, owner = _segments(features)
    points = np.asarray(shapely.points(middle))
    lines = np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)))
    piece, segment = shapely.STRtree(lines).query(points, "dwithin", tolerance_m)
    across = ends[segment] - starts[segment]
    cosine = np.abs((run[piece] * across).sum(axis=1)) / (
        np.hypot(*run[piece].T) * np.hypot(*across.T)
    )
    is_along = cosine > _LEAST_ALONG
    piece, segment = piece[is_along], segment[is_along]
    distance = shapely.distance(points[piece], lines[segment])
    order = np.lexsort((owner[segment], distance))[::-1]  # the nearest is written last
    found[piece[order]] = owner[segment[order]]
    return np.where(found < 0, _touching(middle, _only_named_polygons(features)), found)


def _segments(features: NamedShapes) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return starts, ends ``(s, 2)`` and features of all straight pieces of named features."""
    named = np.flatnonzero([bool(name) for name in features.names])
    shapes = features.geometries[named]
    lines = np.where(shapely.get_dimensions(shapes) == 1, shapes, shapely.boundary(shapes))
    parts, owner = shapely.get_parts(lines, return_index=True)
    vertices, part = shapely.get_coordinates(parts, return_index=True)
    is_edge = (part[1:] == part[:-1]) & (vertices[1:] != vertices[:-1]).any(axis=1)
    at = named[owner[part[:-1][is_edge]]].astype(np.int64)
    return vertices[:-1][is_edge], vertices[1:][is_edge], at


def _only_named_polygons(features: NamedShapes) -> NamedShapes:
    """Return the features with everything else emptied, so that positions stay."""
    is_kept = np.array([bool(name) for name in features.names], dtype=bool)
    is_kept &= shapely.get_dimensions(features.geometries) > 1
    emptied = features.geometries.copy()
    emptied[~is_kept] = None
    return NamedShapes(features.names, emptied)


def _touching(middle: Floats, shapes: NamedShapes) -> NDArray[np.int64]:
    """Return the first shape that holds or touches each piece's middle, ``(p,)``; -1 for none.

    Half-way between two nodes a plane's rounding may part what is one border: a millimeter counts.
    """
    found = np.full(len(middle), -1, dtype=np.int64)
    tree = shapely.STRtree(shapes.geometries)
    piece, shape = tree.query(shapely.points(middle), "dwithin", 1e-3)
    order = np.argsort(shape, kind="stable")[::-1]
    found[piece[order]] = shape[order]
    return found


def _bound(
    length: Floats,
    along: NDArray[np.int64],
    beside: NDArray[np.int64],
    features: NamedShapes,
    neighbors: NamedShapes,
) -> SideBound:
    whole = float(length.sum())
    if whole == 0.0:
        return SideBound("corner")
    for kind, at, shapes in (("feature", along, features), ("neighbor", beside, neighbors)):
        lengths: dict[str, float] = {}
        for i in np.flatnonzero(at >= 0).tolist():
            name = shapes.names[at[i]]
            lengths[name] = lengths.get(name, 0.0) + float(length[i])
        names, share = _fewest(lengths, whole)
        if share >= _MOST:
            return SideBound("feature" if kind == "feature" else "neighbor", names, share)
    return SideBound("border")


def _fewest(lengths: Mapping[str, float], whole: float) -> tuple[tuple[str, ...], float]:
    """Return the fewest names, at most three, that reach half of the whole; and their share."""
    names: list[str] = []
    share = 0.0
    for name, length in sorted(lengths.items(), key=lambda pair: (-pair[1], pair[0])):
        if share >= _MOST or len(names) == _MOST_NAMES:
            break
        names.append(name)
        share += length / whole
    return tuple(names), share
