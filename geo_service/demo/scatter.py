"""Where demo issues lie: near buildings and roads, in hotspots, and where nobody expects them."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.demo.city import City
from geo_service.demo.land.columns import Integers
from geo_service.layers.area import AreaSet, Floats

DECIMALS = 6
"""An office's coordinates: about a decimetre."""
_DEGREE_M = 111_320.0
_AROUND = 0.65
"""Half widths of the place around a building, in its own lengths: a little more than itself."""
_TEMPER = 0.4
"""Spread of the logarithm of issues per household between grids."""
_APART_M = 450.0
_INNER_M = 250.0
_ROADSIDE_M = 4.0
_EMPTY_WEIGHT = 6.0
"""What a building without homes weighs beside one with so many households."""


def near_buildings(city: City, count: int, *, rng: np.random.Generator) -> tuple[Integers, Floats]:
    """Return ``count`` buildings drawn by their households, and a place (n, 2) beside each.

    Some grids complain more than others, by chance.
    """
    _, grid = np.unique(city.buildings.grids, return_inverse=True)
    temper = np.exp(_TEMPER * rng.standard_normal(grid.max() + 1))
    weight = (city.buildings.households + _EMPTY_WEIGHT) * temper[grid]
    building = rng.choice(len(weight), size=count, p=weight / weight.sum())
    corner = _corners(city)[building]
    middle = corner.mean(axis=1)
    u, v = rng.uniform(-_AROUND, _AROUND, (2, count, 1))
    return building, middle + u * (corner[:, 1] - corner[:, 0]) + v * (corner[:, 3] - corner[:, 0])


def _corners(city: City) -> Floats:
    rings = shapely.get_coordinates(city.buildings.geometries)
    return np.asarray(rings.reshape(len(city.buildings.ids), -1, 2)[:, :4])


def beside_roads(city: City, places: Floats, *, rng: np.random.Generator) -> Floats:
    """Return places at random roads; where one would lie outside the city, that of ``places``."""
    is_road = np.array([kind != "river" for kind in city.roads.kinds])
    points = shapely.get_coordinates(city.roads.geometries[is_road])
    chosen = points[rng.integers(len(points), size=len(places))]
    chosen = chosen + meters(rng.normal(0, _ROADSIDE_M, (len(places), 2)), at=places)
    # Rounded before it is tested: rounding may carry a place over the outline.
    chosen = np.round(chosen, DECIMALS)
    return np.where(is_inside(city, chosen)[:, None], chosen, places)


def meters(off_m: Floats, *, at: Floats) -> Floats:
    """Return offsets east and north in degrees."""
    east = _DEGREE_M * np.cos(np.radians(at[..., 1]))
    return np.stack([off_m[..., 0] / east, off_m[..., 1] / _DEGREE_M], axis=-1)


def _whole(city: City) -> shapely.Geometry:
    """Return the outline of all areas of the root layer."""
    return shapely.coverage_union_all(next(iter(city.boundaries.values())).geometries)


def is_inside(city: City, places: Floats) -> NDArray[np.bool_]:
    """Tell which places lie in the city, its outline included."""
    whole = _whole(city)
    shapely.prepare(whole)
    return np.asarray(shapely.intersects_xy(whole, places[:, 0], places[:, 1]))


def outside(city: City, count: int, *, rng: np.random.Generator) -> Floats:
    """Return places outside: from a few metres to a kilometre beyond the outline."""
    outline = shapely.get_coordinates(shapely.boundary(_whole(city)))
    found = np.empty((0, 2))
    while len(found) < count:
        at = outline[rng.integers(len(outline), size=2 * count + 8)]
        toward = rng.uniform(0, 2 * np.pi, len(at))
        away_m = np.exp(rng.normal(np.log(110), 0.9, len(at)))
        off_m = away_m[:, None] * np.stack([np.cos(toward), np.sin(toward)], axis=1)
        places = np.round(at + meters(off_m, at=at), DECIMALS)
        found = np.concatenate([found, places[~is_inside(city, places)]])
    return found[:count]


def on_borders(areas: AreaSet, count: int, *, rng: np.random.Generator) -> Floats:
    """Return places exactly on borders, bit for bit: half on points of them, half between two.

    The middle of two points is on the straight line between them only where no rounding happens.
    """
    points, ring = shapely.get_coordinates(areas.geometries, return_index=True)
    a, b = points[:-1], points[1:]
    middle = (a + b) / 2
    is_exact = ((middle - a) == (b - middle)).all(axis=1) & (ring[:-1] == ring[1:])
    between = middle[is_exact]
    halves = (
        points[rng.integers(len(points), size=count - count // 2)],
        between[rng.integers(len(between), size=count // 2)],
    )
    return rng.permutation(np.concatenate(halves))


def apart(city: City, count: int, *, rng: np.random.Generator) -> Integers:
    """Return up to ``count`` buildings with homes, well inside the city and well apart."""
    middle = _corners(city).mean(axis=1)
    inner = shapely.buffer(_whole(city), -_INNER_M / _DEGREE_M)
    fits = shapely.intersects_xy(inner, middle[:, 0], middle[:, 1])
    fits &= city.buildings.households > 0
    chosen: list[int] = []
    for building in rng.permutation(np.flatnonzero(fits)).tolist():
        off = (middle[chosen] - middle[building]) * _DEGREE_M
        if (np.hypot(off[:, 0], off[:, 1]) > _APART_M).all():
            chosen.append(building)
        if len(chosen) == count:
            break
    return np.array(chosen, dtype=np.int64)
