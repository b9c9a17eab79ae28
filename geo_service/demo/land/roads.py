"""Roads of a demo city: which are main, how they go on across crossings, addresses along them."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.demo.land.arcs import Arcs
from geo_service.demo.land.blocks import Blocks
from geo_service.demo.land.columns import Integers, ranges, ranks
from geo_service.demo.land.naming import road_names
from geo_service.layers.area import Floats, Geometries

_OUTER = 4
_RIVER_ROAD = 4
"""The first cut: it crosses the whole land, and roads go on over it at bridges."""
KINDS = ("main", "side", "river")
_SETBACK_M = {"main": 17.0, "side": 8.0, "river": 32.0}
_BANK_M = 22.0
_FORK = 3
_CALM = {"main": (0.7, 0.95), "side": (0.0, 0.8), "river": (0.0, 0.1)}
_NUMBER_STEP = 3


@dataclass(frozen=True, eq=False)
class Roads:
    """Roads as lines for the map's background; the river is one of them.

    ``kinds`` are main, side or river; ``geometries`` LineStrings in EPSG:4490. A road that goes
    on across a crossing is two lines of one name.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    geometries: Geometries


NO_ROADS = Roads((), (), np.empty(0, dtype=object))


@dataclass(frozen=True, eq=False)
class Network:
    """Kind, name and drawing hints of every road of the blocks, by road number."""

    river: int | None
    kinds: NDArray[np.str_]
    names: NDArray[np.str_]
    calmness: Floats
    setback_m: Floats

    def is_barrier(self, road: Integers) -> NDArray[np.bool_]:
        """Tell which roads part neighborhoods: main roads and the river."""
        return np.asarray(self.kinds[road] != "side")


def network(blocks: Blocks, *, main_m2: float, rng: np.random.Generator) -> Network:
    """Choose kind and name of every road: large cuts are main roads, one is the river."""
    kinds = np.where(blocks.road_cut_m2 > main_m2, "main", "side").astype("<U5")
    river = _RIVER_ROAD if len(kinds) > _RIVER_ROAD else None
    if river is not None:
        kinds[river] = "river"
    one_road = _joined(blocks, kinds)
    # A name for each joined road, under the kind of its first part.
    own, of_road = np.unique(one_road, return_inverse=True)
    names = np.array(road_names(kinds[own].tolist(), rng=rng))[of_road]
    lowest, highest = np.array([_CALM[kind] for kind in kinds.tolist()]).T
    return Network(
        river=river,
        kinds=kinds,
        names=names,
        calmness=rng.uniform(lowest, highest),
        setback_m=np.array([_SETBACK_M[kind] for kind in kinds.tolist()]),
    )


def _joined(blocks: Blocks, kinds: NDArray[np.str_]) -> Integers:
    """Return for each road the lowest number among the roads it goes on as.

    Two roads are one where both end at the same crossing, from both sides of a third.
    """
    ends = blocks.road_nodes[_OUTER:].ravel()
    road = np.repeat(np.arange(_OUTER, len(blocks.road_nodes)), 2)
    order = np.argsort(ends, kind="stable")
    ends, road = ends[order], road[order]
    meets = np.flatnonzero(ends[1:] == ends[:-1])
    a, b = road[meets], road[meets + 1]
    fits = (kinds[a] != "river") & (kinds[b] != "river")
    a, b = a[fits], b[fits]
    lowest = np.arange(len(kinds))
    while not np.array_equal(lowest[a], lowest[b]):
        np.minimum.at(lowest, a, lowest[b])
        np.minimum.at(lowest, b, lowest[a])
    return lowest


def drawn(blocks: Blocks, arcs: Arcs, net: Network) -> Roads:
    """Return the roads as lines through all their junctions, where blocks lie beside them.

    A road that does not go on over the river ends on its bank.
    """
    road = blocks.edge_road
    is_last = np.append((road[1:] != road[:-1]) | _is_broken(blocks), True)
    size = arcs.count + 1 + is_last
    step, edge = ranges(np.zeros(len(size), dtype=np.int64), size)
    point = arcs.first[edge] + step - 1
    point[step == 0] = arcs.nodes[:, 0]
    is_end = step == arcs.count[edge] + 1
    point[is_end] = arcs.nodes[edge[is_end], 1]
    line = (np.cumsum(is_last) - is_last)[edge]
    is_dry = _is_dry(blocks, arcs, net, point, line)
    ends = np.cumsum(np.bincount(line[is_dry]))
    coordinates = arcs.lonlat[point[is_dry]]
    lines = shapely.from_ragged_array(
        shapely.GeometryType.LINESTRING, coordinates, (np.concatenate([[0], ends]),)
    )
    return Roads(
        names=tuple(net.names[road[is_last]].tolist()),
        kinds=tuple(net.kinds[road[is_last]].tolist()),
        geometries=np.asarray(lines),
    )


def _is_dry(
    blocks: Blocks, arcs: Arcs, net: Network, point: Integers, line: Integers
) -> NDArray[np.bool_]:
    """Tell which points of roads are not in the river before a bank where they end."""
    is_dry = np.ones(len(point), dtype=np.bool_)
    if net.river is None:
        return is_dry
    is_bank = np.zeros(len(arcs.xy), dtype=np.bool_)
    is_bank[blocks.edge_nodes[blocks.edge_road == net.river]] = True
    # Where only three pieces meet, the road does not go on across.
    is_bank &= np.bincount(blocks.edge_nodes.ravel(), minlength=len(is_bank)) == _FORK
    is_bank[blocks.road_nodes[net.river]] = False
    is_first = np.concatenate([[True], line[1:] != line[:-1]])
    is_last = np.concatenate([is_first[1:], [True]])
    for is_end in (is_first, is_last):
        end = point[is_end]
        off = arcs.xy[point] - arcs.xy[end][line]
        is_dry &= ~(is_bank[end][line] & (np.hypot(off[:, 0], off[:, 1]) < _BANK_M))
    return is_dry


def _is_broken(blocks: Blocks) -> NDArray[np.bool_]:
    """Tell after which edges a road has a part with no block beside it."""
    return np.asarray(blocks.edge_nodes[:-1, 1] != blocks.edge_nodes[1:, 0])


def addresses(blocks: Blocks, net: Network, *, rng: np.random.Generator) -> list[str]:
    """Return the lane each block is reached by, such as 桂香路88弄 without 弄: all different.

    Numbers rise along the road, odd on its left and even on its right.
    """
    is_river = net.kinds[blocks.corner_roads] == "river"
    is_main = net.kinds[blocks.corner_roads] == "main"
    wish = rng.random(blocks.corner_roads.shape) + 0.5 * is_main - 2.0 * is_river
    side = np.argmax(wish, axis=1)
    block = np.arange(len(side))
    road = blocks.corner_roads[block, side]
    origin = blocks.node_xy[blocks.road_nodes[road, 0]]
    chord = blocks.node_xy[blocks.road_nodes[road, 1]] - origin
    to_middle = blocks.node_xy[blocks.corners].mean(axis=1) - origin
    along = np.einsum("bk,bk->b", chord, to_middle)
    is_right = chord[:, 0] * to_middle[:, 1] - chord[:, 1] * to_middle[:, 0] < 0
    name, of_block = np.unique(net.names[road], return_inverse=True)
    order = np.lexsort((along, road, is_right, of_block))
    number = np.empty(len(order), dtype=np.int64)
    rank = ranks((2 * of_block + is_right)[order])
    number[order] = 2 * _NUMBER_STEP * rank - 1 + is_right[order]
    numbers = zip(of_block.tolist(), number.tolist(), strict=True)
    return [f"{name[i]}{n}" for i, n in numbers]
