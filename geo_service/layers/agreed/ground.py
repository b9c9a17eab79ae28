"""The ground that border agreements move from one area to another, as outlines."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.agreed.corridor import Corridors, descendants, in_plane, middle_plane
from geo_service.layers.agreed.side import AgreedSides
from geo_service.layers.area import AreaSet, Floats, Geometries, Positions
from geo_service.layers.flat_outline import FlatOutlines
from geo_service.layers.frames import to_storage
from geo_service.layers.reach import grown_boxes

_ROUND = 32
"""Pieces of a quarter of a circle; what they leave out is less than a thousandth."""
_STEPS, _LEAST_STEP_M, _MOST_STEP_M = 4_000, 0.25, 2.0
"""Lines are points so far apart where ground goes to the nearest of several: so many around it."""
_SAME_POINT_DIGITS = 4
_ONE_LINE_M = 1e-3
"""Lines less apart are one: a straight edge is bent by less in a metric plane."""
_LEAST_M2 = 1e-3
_POLYGON = 3

_Area = tuple[int, int]
"""Depth and position."""


class Moved(NamedTuple):
    """Ground (EPSG:4490 degrees) that lies in one area and is another's by agreement."""

    outline: shapely.Geometry
    taken: _Area
    given: _Area


class MovedGround:
    """All ground that a family's corridors move; no place lies in two pieces of it."""

    def __init__(
        self,
        corridors: Corridors,
        sides: AgreedSides,
        chain: Sequence[AreaSet],
        parents: Sequence[Positions],
    ) -> None:
        self._corridors = corridors
        self._sides = sides
        self._chain = chain
        self._parents = parents
        self._widest_m = float(corridors.within_m.max(initial=0.0))
        moved = [each for at in range(len(corridors.corridors)) for each in self._moved(at)]
        outlines: Geometries = np.array([each.outline for each in moved], dtype=object)
        self.flat_outlines = FlatOutlines(outlines)
        self.taken = np.array([each.taken for each in moved], dtype=np.int32).reshape(-1, 2)
        self.given = np.array([each.given for each in moved], dtype=np.int32).reshape(-1, 2)
        """Depth and position of the areas, shape ``(k, 2)``."""
        self.tree = shapely.STRtree(outlines)

    def _moved(self, at: int) -> Iterator[Moved]:
        corridor = self._corridors.corridors[at]
        frame = middle_plane(corridor.line)
        other = next(each for each in corridor.areas if each != corridor.owner)
        held = self._near(at, [(corridor.depth, other)], frame)
        ground = self._won(at, shapely.intersection(held, self._reach(at, frame)), frame)
        for taken, part in self._by_owner(at, other, ground, frame):
            for given, piece in self._by_nearest(at, part, frame):
                yield Moved(_in_degrees(piece, frame), taken, given)

    def _near(self, at: int, areas: Sequence[_Area], frame: str) -> shapely.Geometry:
        """Return what areas hold around a corridor, in a plane."""
        outlines = [self._chain[depth].geometries[position] for depth, position in areas]
        near = shapely.intersection(outlines, self._box(at))
        return shapely.union_all([in_plane(each, frame) for each in near.tolist()])

    def _box(self, at: int) -> shapely.Geometry:
        corridor = self._corridors.corridors[at]
        reach_m = 2.0 * corridor.agreement.within_m
        west, south, east, north = grown_boxes(
            shapely.bounds(corridor.line)[None], reach_m=reach_m
        )[0].tolist()
        return shapely.Polygon.from_bounds(west, south, east, north)

    def _reach(self, at: int, frame: str) -> shapely.Geometry:
        corridor = self._corridors.corridors[at]
        line = in_plane(corridor.line, frame)
        return shapely.buffer(line, corridor.agreement.within_m, quad_segs=_ROUND)

    def _won(self, at: int, ground: shapely.Geometry, frame: str) -> shapely.Geometry:
        """Return the ground that no other corridor wins."""
        corridors, rank = self._corridors.corridors, self._corridors.precedence.tolist()
        for rival in self._corridors.beside(at):
            areas = [(corridors[rival].depth, each) for each in corridors[rival].areas]
            holding = self._near(rival, areas, frame), self._reach(rival, frame)
            zone = shapely.intersection_all([ground, *holding])
            if shapely.area(zone) > _LEAST_M2:
                both = {rank[each]: in_plane(corridors[each].line, frame) for each in (at, rival)}
                lost = dict(_nearest_parts(zone, both, self._widest_m)).get(rank[rival])
                ground = ground if lost is None else shapely.difference(ground, lost)
        return ground

    def _by_owner(
        self, at: int, other: int, ground: shapely.Geometry, frame: str
    ) -> Iterator[tuple[_Area, shapely.Geometry]]:
        """Cut ground by who owns it by the drawn borders, the deepest layer first."""
        depth = self._corridors.corridors[at].depth
        for below, positions in descendants(self._parents, depth, other)[::-1]:
            outlines = self._chain[below].geometries[positions]
            near = positions[shapely.intersects(outlines, self._box(at))].tolist()
            for position in near:
                area = self._near(at, [(below, position)], frame)
                yield (below, position), shapely.intersection(ground, area)
            held = self._near(at, [(below, position) for position in near], frame)
            ground = shapely.difference(ground, held)

    def _by_nearest(
        self, at: int, ground: shapely.Geometry, frame: str
    ) -> Iterator[tuple[_Area, shapely.Geometry]]:
        """Cut ground by the nearest area of the agreed side."""
        if shapely.area(ground) <= _LEAST_M2:
            return
        side = self._sides.side(at)
        pieces = np.stack([side.pieces.start, side.pieces.end], axis=1)
        lines = {
            rank: in_plane(shapely.multilinestrings(list(pieces[side.pieces.of == rank])), frame)
            for rank in np.unique(side.pieces.of).tolist()
        }
        for rank, part in _nearest_parts(ground, lines, self._widest_m):
            yield (int(side.level[rank]), int(side.position[rank])), part


def _nearest_parts(
    ground: shapely.Geometry, lines: dict[int, shapely.Geometry], reach_m: float
) -> list[tuple[int, shapely.Geometry]]:
    """Cut ground by the nearest of some lines; of equally near ones the lowest rank goes first.

    No place is further than twice the reach from what it is nearest to.
    """
    step_m = float(np.clip(shapely.length(ground) / _STEPS, _LEAST_STEP_M, _MOST_STEP_M))
    west, south, east, north = shapely.bounds(ground) + 2.0 * reach_m * np.array([-1, -1, 1, 1])
    around = shapely.box(west, south, east, north)
    place, of = _sources(
        {rank: shapely.intersection(e, around) for rank, e in lines.items()}, step_m
    )
    *others, last = np.unique(of).tolist()
    if not others:
        return [(last, ground)]
    points = shapely.multipoints(place.tolist())
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=ground, ordered=True))
    parts = []
    for rank in others:
        nearest = shapely.union_all(cells[of == rank])
        parts.append((rank, shapely.intersection(ground, nearest)))
        ground = shapely.difference(ground, nearest)
    return [*parts, (last, ground)]


def _sources(
    lines: dict[int, shapely.Geometry], step_m: float
) -> tuple[Geometries, NDArray[np.intp]]:
    """Return points along lines, each place once, and the rank of each point's line."""
    places: list[Geometries] = []
    ranks: list[int] = []
    before: shapely.Geometry = shapely.LineString()
    for rank, line in sorted(lines.items()):
        found = shapely.get_coordinates(shapely.segmentize(line, step_m))
        _, first = np.unique(np.round(found, _SAME_POINT_DIGITS), axis=0, return_index=True)
        points = np.asarray(shapely.points(found[first]), dtype=object).reshape(-1)
        # where two lines run as one, the first goes first: its points alone stand there
        own = points[~shapely.dwithin(points, before, _ONE_LINE_M)]
        places.append(own)
        ranks += [rank] * len(own)
        before = shapely.union(before, line)
    return np.concatenate(places), np.array(ranks, dtype=np.intp)


def _in_degrees(ground: shapely.Geometry, frame: str) -> shapely.Geometry:
    parts = shapely.get_parts(ground)
    polygons = shapely.multipolygons(parts[shapely.get_type_id(parts) == _POLYGON])

    def back(points: Floats) -> Floats:
        return np.column_stack(to_storage(x=points[:, 0], y=points[:, 1], source_frame=frame))

    found: shapely.Geometry = shapely.transform(polygons, back)
    return found
