"""Small named shapes and synthetic coverages that tests share; all fictional, codes start 999.

Plain shapes are in metres unless a name says otherwise. `grid_of` makes coverages of any size whose
borders are shared bit for bit; `three_levels` nests them as street, community and grid.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon, box

from geo_service.layers.area import AreaSet, Boundaries, area_set
from geo_service.layers.layer import Layer, Layers

METRES = (1.0, 1.0)

STREET = Layer("street", "街道", "street", authority="statutory")
COMMUNITY = Layer("community", "社区", "community", parent="street")
GRID = Layer("grid", "网格", "grid", parent="community")
PARTY_GRID = Layer("party_grid", "党建网格", "party grid", parent="community")
PLACE = Layer("place", "片区", "place")
ESTATE = Layer("estate", "小区", "estate", is_overlay=True)
LANE = Layer("lane", "街巷", "lane", is_overlay=True, geometry="line", reach_m=10.0)

ONE_LAYER = Layers((STREET,))
TWO_LAYERS = Layers((STREET, COMMUNITY))
THREE_LAYERS = Layers((STREET, COMMUNITY, GRID))
ALL_LAYERS = Layers((STREET, COMMUNITY, GRID, PARTY_GRID, ESTATE, LANE))

SQUARE = box(0, 0, 10, 10)
RIGHT_SQUARE = box(10, 0, 20, 10)
RING = Polygon(SQUARE.exterior, [box(4, 4, 6, 6).exterior.coords[::-1]])
ISLAND = box(4, 4, 6, 6)
U_SHAPE = Polygon([(0, 0), (10, 0), (10, 10), (7, 10), (7, 3), (3, 3), (3, 10), (0, 10)])
BOW_TIE = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
HOLE_OUTSIDE = Polygon(SQUARE.exterior, [box(20, 20, 22, 22).exterior])
FAR_PARTS = MultiPolygon([SQUARE, box(100_000, 50_000, 100_010, 50_010)])

TRIPLE_POINT = (
    Polygon([(0, 0), (10, 0), (5, 5)]),
    Polygon([(10, 0), (5, 12), (5, 5)]),
    Polygon([(5, 12), (0, 0), (5, 5)]),
)
"""Three areas around (5, 5), which together are one triangle."""

CORNER_TOUCH = (SQUARE, box(10, 10, 20, 20))
"""Two squares that share one node and no edge."""

T_JUNCTION = (
    box(0, 0, 20, 10),
    Polygon([(0, 10), (8, 10), (8, 20), (0, 20)]),
    Polygon([(8, 10), (20, 10), (20, 20), (8, 20)]),
)
"""The lower area runs straight past (8, 10), where the upper two meet: it lacks that node."""

SLIVER_GAP = (SQUARE, Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10.2, 5)]))
"""Between them a triangle of 0.5 * 10 * 0.2 = 1 m² is open; all other nodes are shared."""

SLIVER_OVERLAP = (SQUARE, Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (9.8, 5)]))
"""They overlap in a triangle of 0.5 * 10 * 0.2 = 1 m²."""


def areas_of(
    layer: str,
    geometries: Sequence[shapely.Geometry | None] | NDArray[np.object_],
    *,
    parents: Sequence[str | None] | None = None,
    codes: Sequence[str] | None = None,
) -> AreaSet:
    """Return areas with the codes 999001, 999002, … in the order given."""
    codes = codes or [f"999{i + 1:03d}" for i in range(len(geometries))]
    return area_set(layer, codes=codes, geometries=list(geometries), parents=parents)


def one_layer(*geometries: shapely.Geometry | None) -> Boundaries:
    """Return boundaries of one root layer, ``street``."""
    return {"street": areas_of("street", geometries)}


def grid_of(
    columns: int,
    rows: int,
    *,
    nodes_per_side: int = 3,
    seed: int = 0,
    size: tuple[float, float] = (100.0, 100.0),
    origin: tuple[float, float] = (500_000.0, 4_400_000.0),
) -> NDArray[np.object_]:
    """Return a coverage of wiggly quadrilaterals, row by row, borders shared bit for bit.

    ``size`` is that of one cell, in the units of ``origin``. Corners are off the regular grid by
    up to a fifth of a cell, sides bend by less than a twentieth, and less near their ends, so that
    sides never cross.
    """
    random = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1) * 1.0
    corners = (corners + random.uniform(-0.2, 0.2, corners.shape)) * size + origin
    across = _wiggly(corners[:, :-1], corners[:, 1:], nodes_per_side, random)
    up = _wiggly(corners[:-1], corners[1:], nodes_per_side, random)
    cells = np.empty(columns * rows, dtype=object)
    for row in range(rows):
        for column in range(columns):
            sides = (
                corners[row, column, None],
                across[row, column],
                corners[row, column + 1, None],
                up[row, column + 1],
                corners[row + 1, column + 1, None],
                across[row + 1, column][::-1],
                corners[row + 1, column, None],
                up[row, column][::-1],
            )
            cells[row * columns + column] = Polygon(np.concatenate(sides))
    return cells


def _wiggly(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    count: int,
    random: np.random.Generator,
) -> NDArray[np.float64]:
    share = (np.arange(1, count + 1) / (count + 1))[:, None]
    way = (ends - starts)[..., None, :]
    normal = np.stack([-way[..., 1], way[..., 0]], axis=-1)
    bend = random.uniform(-0.09, 0.09, (*starts.shape[:-1], count, 1)) * np.minimum(
        share, 1 - share
    )
    return starts[..., None, :] + share * way + bend * normal


def three_levels(
    streets: int = 2, communities: int = 2, grids: int = 2, **how: object
) -> Boundaries:
    """Return nested boundaries, so many in each direction: 2, 2, 2 makes 64 grids.

    Outlines of the upper levels are GEOS's union of their grids, so all nodes are shared.
    """
    side = streets * communities * grids
    cells = grid_of(side, side, **how)
    row, column = np.divmod(np.arange(side * side), side)
    in_community = row // grids * streets * communities + column // grids
    step = communities * grids
    in_street = row // step * streets + column // step
    street_codes = [f"999{i:02d}" for i in range(streets**2)]
    community_codes = [f"999C{i:04d}" for i in range((streets * communities) ** 2)]
    community_street = dict(zip(in_community.tolist(), in_street.tolist(), strict=True))
    return {
        "street": area_set("street", codes=street_codes, geometries=_unions(cells, in_street)),
        "community": area_set(
            "community",
            codes=community_codes,
            geometries=_unions(cells, in_community),
            parents=[street_codes[community_street[i]] for i in range(len(community_codes))],
        ),
        "grid": area_set(
            "grid",
            codes=[f"999G{i:05d}" for i in range(len(cells))],
            geometries=cells,
            parents=[community_codes[i] for i in in_community],
        ),
    }


def _unions(cells: NDArray[np.object_], owners: NDArray[np.int64]) -> list[shapely.Geometry]:
    return [shapely.coverage_union_all(cells[owners == i]) for i in range(int(owners.max()) + 1)]


def with_geometry(
    boundaries: Boundaries, layer: str, position: int, geometry: shapely.Geometry
) -> dict[str, AreaSet]:
    """Return boundaries in which one area has another outline."""
    geometries = boundaries[layer].geometries.copy()
    geometries[position] = geometry
    return {**boundaries, layer: boundaries[layer].with_geometries(geometries)}


def without(boundaries: Boundaries, layer: str, position: int) -> dict[str, AreaSet]:
    """Return boundaries in which one area is missing."""
    rest = [i for i in range(len(boundaries[layer])) if i != position]
    return {**boundaries, layer: boundaries[layer].take(rest)}
