"""The ground that border agreements reach in one edition: a corridor along each common border."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.agreement import Agreement, Standing
from geo_service.layers.area import AreaSet, Floats, Geometries, Positions
from geo_service.layers.frames import metric_frame, metric_plane
from geo_service.layers.reach import grown_boxes

Points = NDArray[np.intp]

_LONGEST_PIECE_DEG = 0.0005
"""Straight in degrees and straight in a metric plane differ by less than a millimeter so far."""
_MOST_CELLS = 2048
"""Of the table of cells, along each side."""


@dataclass(frozen=True, eq=False)
class Corridor:
    """An agreement in an edition: the line it runs along, and the areas by their positions.

    ``line`` (EPSG:4490 degrees) is the common border of the two ``areas`` at ``depth`` of the
    chain, or the agreement's stretch of it.
    """

    agreement: Agreement
    depth: int
    areas: tuple[int, int]
    owner: int
    line: shapely.Geometry


class Inert(NamedTuple):
    """An agreement that decides nothing in an edition, and why not."""

    agreement: Agreement
    reason_zh: str
    reason_en: str


class Pieces(NamedTuple):
    """Short straight pieces: their two ends, shape ``(k, 2)``, and whose they are."""

    start: Floats
    end: Floats
    of: Points


def corridors_and_inert(
    layers: Sequence[str], chain: Sequence[AreaSet], agreements: Standing
) -> tuple[list[Corridor], list[Inert]]:
    """Return what agreements reach in a chain of layers, and which of them reach nothing.

    Parameters
    ----------
    layers
        The names of a family's layers, the root first; agreements about others are left out.
    chain
        The areas of each of them.

    Returns
    -------
    tuple[list[Corridor], list[Inert]]
        Both in the order of the agreements.
    """
    found: list[Corridor] = []
    inert: list[Inert] = []
    for agreement in agreements:
        if agreement.layer in layers:
            depth = list(layers).index(agreement.layer)
            made = _corridor(agreement, depth, chain[depth])
            (found if isinstance(made, Corridor) else inert).append(made)  # type: ignore[arg-type]  # each list takes its own
    return found, inert


def _corridor(agreement: Agreement, depth: int, areas: AreaSet) -> Corridor | Inert:
    codes = agreement.first_code, agreement.second_code
    missing = [code for code in codes if code not in areas.position_by_code]
    if missing:
        names_zh, names_en = "、".join(missing), ", ".join(missing)
        return Inert(
            agreement, f"这一版没有编码 {names_zh}", f"this edition has no area {names_en}"
        )
    first, second = (areas.position_by_code[code] for code in codes)
    border = _border_between(areas, first, second)
    if shapely.is_empty(border):
        return Inert(agreement, "两个区域在这一版不相邻", "the two areas do not touch here")
    line = border
    if agreement.stretch is not None:
        line = shapely.segmentize(agreement.stretch, _LONGEST_PIECE_DEG)
        strays_m = _strays_m(line, border)
        if strays_m > agreement.within_m:
            return Inert(
                agreement,
                f"约定的线离这一版的公共边界达 {strays_m:.1f} 米，超出约定的半宽",
                f"the stretch lies up to {strays_m:.1f} m from the common border of this edition, "
                "more than the half width",
            )
    owner = first if agreement.owner_code == agreement.first_code else second
    return Corridor(agreement, depth, (first, second), owner, line)


def _border_between(areas: AreaSet, first: int, second: int) -> shapely.Geometry:
    outlines = shapely.boundary(areas.geometries[[first, second]])
    border = shapely.intersection(*outlines)
    merged = shapely.line_merge(border) if border.geom_type == "MultiLineString" else border
    return shapely.segmentize(merged, _LONGEST_PIECE_DEG)


def _strays_m(line: shapely.Geometry, border: shapely.Geometry) -> float:
    """Return how far the farthest node of a line lies from a border, in meters."""
    plane = middle_plane(line)
    nodes = shapely.points(shapely.get_coordinates(in_plane(line, plane)))
    return float(np.max(shapely.distance(nodes, in_plane(border, plane))))


def middle_plane(line: shapely.Geometry) -> str:
    """Return the metric frame of the middle of a geometry's box (EPSG:4490 degrees)."""
    west, south, east, north = shapely.bounds(line).tolist()
    return metric_frame(lon=(west + east) / 2, lat=(south + north) / 2)


def in_plane(geometry: shapely.Geometry, frame: str) -> shapely.Geometry:
    """Return a geometry (EPSG:4490 degrees) in a metric frame, vertex by vertex."""
    plane = metric_plane(frame)
    return shapely.transform(geometry, lambda points: np.column_stack(plane(*points.T)))


def pieces_of(lines: Sequence[shapely.Geometry] | Geometries) -> Pieces:
    """Return the straight pieces of lines and rings; a point is a piece that ends where it starts.

    Parameters
    ----------
    lines
        Lines, rings, points or collections of them, shape ``(n,)``.
    """
    parts, line = shapely.get_parts(np.asarray(lines, dtype=object), return_index=True)
    nested, part = shapely.get_parts(parts, return_index=True)
    vertices, path = shapely.get_coordinates(nested, return_index=True)
    start = np.flatnonzero(path[1:] == path[:-1])
    alone = np.flatnonzero(shapely.get_type_id(nested)[path] == 0)
    first, last = np.concatenate([start, alone]), np.concatenate([start + 1, alone])
    return Pieces(vertices[first], vertices[last], line[part[path[first]]])


class Corridors:
    """All corridors in one family, and which of them come near a point."""

    def __init__(self, corridors: Sequence[Corridor], inert: Sequence[Inert] = ()) -> None:
        self.corridors = corridors
        self.inert = inert
        self.within_m = np.array([each.agreement.within_m for each in corridors])
        self.number = np.array([each.agreement.number for each in corridors], dtype=np.int64)
        self.depth = np.array([each.depth for each in corridors], dtype=np.intp)
        self.areas = np.array([each.areas for each in corridors], dtype=np.int32).reshape(-1, 2)
        self.owner = np.array([each.owner for each in corridors], dtype=np.int32)
        numbers = [(-e.agreement.effective_from_s, e.agreement.number) for e in corridors]
        self.precedence = np.argsort(np.lexsort(np.array(numbers).reshape(-1, 2).T[::-1]))
        """Which of several equally near ones goes first: the later effect, the lower number."""
        self.pieces = pieces_of([each.line for each in corridors])
        ends = np.column_stack([self.pieces.start, self.pieces.end])
        low, high = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
        around = np.column_stack([low, high])
        self.boxes = grown_boxes(around, reach_m=self.within_m[self.pieces.of])
        """Around what each piece reaches: west, south, east, north in degrees, shape ``(k, 4)``."""
        boxes: Geometries = np.asarray(shapely.box(*self.boxes.T), dtype=object)
        self._tree = shapely.STRtree(boxes)
        self._table = _Cells(self.boxes) if len(self.boxes) else None

    def near(self, *, lon: Floats, lat: Floats) -> tuple[Points, Points]:
        """Return pairs of a point and a piece that may be near enough to decide it.

        Parameters
        ----------
        lon, lat
            Degrees, EPSG:4490, shape ``(n,)``; nothing is near a point that is not finite.
        """
        none = np.empty(0, dtype=np.intp)
        chosen = none if self._table is None else self._table.touched(lon, lat)
        if len(chosen) == 0:
            return none, none
        point, piece = self._tree.query(shapely.points(lon[chosen], lat[chosen]))
        return chosen[point], piece

    def beside(self, number: int) -> list[int]:
        """Return the other corridors that may reach what the one at a place reaches."""
        boxes = self.boxes[self.pieces.of == number]
        _, piece = self._tree.query(shapely.box(*boxes.T))
        return sorted(set(self.pieces.of[piece].tolist()) - {number})

    def is_near(self, *, lon: float, lat: float) -> bool:
        """Return whether some corridor may hold a point; of most points not, at once."""
        return self._table is not None and self._table.is_touched(lon, lat)


class _Cells:
    """A table of cells over some boxes: which of them a box touches."""

    def __init__(self, boxes: Floats) -> None:
        self._west, self._south = boxes[:, :2].min(axis=0).tolist()
        east, north = boxes[:, 2:].max(axis=0).tolist()
        smallest = (boxes[:, 2:] - boxes[:, :2]).min(axis=0)
        size = np.array([east - self._west, north - self._south])
        cells = np.clip(size / smallest * 2, 1, _MOST_CELLS)
        self._columns, self._rows = cells.astype(int).tolist()
        self._per_lon, self._per_lat = self._columns / size[0], self._rows / size[1]
        self._is_touched = np.zeros((self._rows, self._columns), dtype=np.bool_)
        columns = [self._column(boxes[:, side]) for side in (0, 2)]
        rows = [self._row(boxes[:, side]) for side in (1, 3)]
        corners = np.stack([*columns, *rows], axis=1)
        for left, right, low, high in corners.tolist():
            self._is_touched[low : high + 1, left : right + 1] = True

    def touched(self, lon: Floats, lat: Floats) -> Points:
        """Return which points lie in a cell that a box touches."""
        x, y = (lon - self._west) * self._per_lon, (lat - self._south) * self._per_lat
        inside = np.flatnonzero((x >= 0) & (x <= self._columns) & (y >= 0) & (y <= self._rows))
        column = np.minimum(x[inside].astype(np.int32), self._columns - 1)
        row = np.minimum(y[inside].astype(np.int32), self._rows - 1)
        found: Points = inside[self._is_touched[row, column]]
        return found

    def is_touched(self, lon: float, lat: float) -> bool:
        """Return the same for one point."""
        x, y = (lon - self._west) * self._per_lon, (lat - self._south) * self._per_lat
        if not (0 <= x <= self._columns and 0 <= y <= self._rows):
            return False
        row, column = min(int(y), self._rows - 1), min(int(x), self._columns - 1)
        return bool(self._is_touched[row, column])

    def _column(self, lon: Floats) -> Points:
        at: Points = ((lon - self._west) * self._per_lon).astype(np.intp)
        at[at == self._columns] -= 1
        return at

    def _row(self, lat: Floats) -> Points:
        at: Points = ((lat - self._south) * self._per_lat).astype(np.intp)
        at[at == self._rows] -= 1
        return at


def descendants(
    parents: Sequence[Positions], depth: int, position: int
) -> list[tuple[int, Positions]]:
    """Return an area and all below it: the depth and the positions there, the area itself first.

    Parameters
    ----------
    parents
        For each layer of the chain the position of every area's parent.
    """
    found = [(depth, np.array([position], dtype=np.int32))]
    for below in range(depth + 1, len(parents)):
        held = np.flatnonzero(np.isin(parents[below], found[-1][1]))
        found.append((below, held.astype(np.int32)))
    return found
