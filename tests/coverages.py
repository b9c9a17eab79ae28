"""Coverages to try the exact index on, hard points on them, and who holds a point by fractions.

The oracle is plain rational arithmetic and shares nothing with the index. A mosaic is a lattice of
triangles, each given to an area or to nobody: areas come out with holes, islands, several parts,
triple points and corners that touch, and all share their vertices bit for bit.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import shapely
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo_service.layers.area import AreaSet, area_set

Points = NDArray[np.float64]
Place = Callable[[Points], Points]

OUTSIDE, BORDER, INSIDE = 0, 1, 2

TINY = 2.0**-400
"""By the index's rule a coordinate nearer to zero counts as zero."""


def side(a: Sequence[float], b: Sequence[float], p: Sequence[float]) -> int:
    """Return the sign of (a - p) x (b - p), in fractions."""
    ax, ay, bx, by, px, py = (Fraction(float(value)) for value in (*a, *b, *p))
    cross = (ax - px) * (by - py) - (ay - py) * (bx - px)
    return (cross > 0) - (cross < 0)


def edges_of(shape: shapely.Geometry) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the edges of all rings."""
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            yield from pairwise(ring.coords)


def where_in(shape: shapely.Geometry, x: float, y: float) -> int:
    """Return INSIDE, BORDER or OUTSIDE, by the parity of the edges east of the point."""
    west, south, east, north = shape.bounds
    if not (west <= x <= east and south <= y <= north):
        return OUTSIDE
    is_inside = False
    for a, b in edges_of(shape):
        low, high = min(a[1], b[1]), max(a[1], b[1])
        if not low <= y <= high or x > max(a[0], b[0]):
            continue
        of_point = side(a, b, (x, y)) if min(a[0], b[0]) <= x else None
        if of_point == 0:
            return BORDER
        if low <= y < high and (of_point is None or (of_point > 0) == (b[1] > a[1])):
            is_inside = not is_inside
    return INSIDE if is_inside else OUTSIDE


def holders(shapes: Sequence[shapely.Geometry], x: float, y: float) -> list[int]:
    """Return which shapes hold a point, their borders included."""
    if not (np.isfinite(x) and np.isfinite(y)):
        return []
    x, y = (0.0 if abs(value) < TINY else value for value in (x, y))
    return [i for i, shape in enumerate(shapes) if where_in(shape, x, y) != OUTSIDE]


def areas_in(shapes: Sequence[shapely.Geometry], layer: str = "grid") -> AreaSet:
    """Return areas whose codes ascend as the shapes stand."""
    return area_set(layer, codes=[f"999{i:04d}" for i in range(len(shapes))], geometries=shapes)


def mosaic(vertices: Points, labels: Sequence[int]) -> list[shapely.Geometry]:
    """Return one shape per label from 0 on, without those that nothing is given to.

    ``vertices`` has shape (rows + 1, columns + 1, 2); ``labels`` gives two triangles per field to
    somebody, row by row, or to nobody (-1).
    """
    triangles, given = triangles_of(vertices), np.asarray(labels)
    return [
        shapely.coverage_union_all(triangles[given == label])
        for label in range(given.max(initial=-1) + 1)
        if (given == label).any()
    ]


def triangles_of(vertices: Points) -> NDArray[np.object_]:
    """Return the two triangles of each field, row by row."""
    lower = [vertices[:-1, :-1], vertices[:-1, 1:], vertices[1:, 1:]]
    upper = [vertices[:-1, :-1], vertices[1:, 1:], vertices[1:, :-1]]
    corners = np.stack([np.stack(lower, axis=2), np.stack(upper, axis=2)], axis=2)
    return shapely.polygons(corners.reshape(-1, 3, 2))


def lattice_of(columns: int, rows: int) -> Points:
    """Return the whole numbers (column, row), shape (rows + 1, columns + 1, 2)."""
    return np.stack(np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0)), axis=-1)


def in_ulps(origin: tuple[float, float], step: int = 1) -> Place:
    """Place whole numbers ``step`` units in the last place apart, north-east of an origin.

    Within one power of two the way there is linear, so what lies on one line stays on it.
    """
    return lambda points: np.array(origin) + points * step * np.spacing(np.abs(origin))


def in_degrees(west: float, south: float, step: float, turn: float = 0.0) -> Place:
    """Place whole numbers ``step`` degrees apart and turned; every coordinate is rounded once."""
    cosine, sine = np.cos(turn), np.sin(turn)

    def place(points: Points) -> Points:
        x, y = points[..., 0], points[..., 1]
        placed = [west + step * (cosine * x - sine * y), south + step * (sine * x + cosine * y)]
        return np.stack([np.where(np.abs(each) < TINY, 0.0, each) for each in placed], axis=-1)

    return place


PLACES: st.SearchStrategy[Place] = st.one_of(
    # sides of cells are powers of two: everything lies on the lines and corners of cells
    st.builds(
        lambda west, south, power: in_degrees(west * 2.0**power, south * 2.0**power, 2.0**power),
        st.integers(-6, 2),
        st.integers(-6, 2),
        st.sampled_from([-30, -9, -3, 0, 3]),
    ),
    st.builds(
        in_degrees,
        st.floats(-120, 116.4),
        st.floats(-30, 39.9),
        st.sampled_from([1e-10, 1e-4, 0.03, 7.0]),
        st.floats(-4, 4),
    ),
    st.builds(
        in_ulps,
        st.sampled_from([(116.3, 39.9), (-116.3, -39.9), (0.1, 0.3), (64.0, 32.0)]),
        st.integers(1, 3),
    ),
)


@st.composite
def coverages(draw: st.DrawFn) -> list[shapely.Geometry]:
    """Draw valid coverages of up to 24 triangles."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    count = 2 * columns * rows
    labels = draw(st.lists(st.integers(-1, 5), min_size=count, max_size=count))
    return mosaic(draw(PLACES)(lattice_of(columns, rows)), labels)


def neighbors(points: Points) -> Points:
    """Return the points one unit in the last place away, in each of eight directions."""
    x, y = points.T
    west, east = np.nextafter(x, -np.inf), np.nextafter(x, np.inf)
    south, north = np.nextafter(y, -np.inf), np.nextafter(y, np.inf)
    return np.concatenate(
        [
            np.column_stack(pair)
            for pair in (
                *((west, south), (west, y), (west, north), (x, south)),
                *((x, north), (east, south), (east, y), (east, north)),
            )
        ]
    )


def hard_points(shapes: Sequence[shapely.Geometry], *, seed: int = 0) -> dict[str, Points]:
    """Return points where an index may err, by family."""
    random = np.random.default_rng(seed)
    edges = np.array(sorted({tuple(sorted(edge)) for shape in shapes for edge in edges_of(shape)}))
    starts, ends = edges[:, 0], edges[:, 1]
    low, high = edges.min(axis=(0, 1)), edges.max(axis=(0, 1))
    margin = 0.1 * (high - low)
    on_edges = [starts + random.random((len(edges), 1)) * (ends - starts) for _ in range(2)]
    families = {
        "vertices": np.unique(edges.reshape(-1, 2), axis=0),
        "midpoints": (starts + ends) / 2,
        "on edges": np.concatenate(on_edges),
    }
    beside = {f"beside {name}": neighbors(points) for name, points in families.items()}
    anywhere = random.uniform(low - margin, high + margin, (len(edges), 2))
    return {**families, **beside, "anywhere": anywhere}
