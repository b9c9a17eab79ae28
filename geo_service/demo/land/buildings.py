"""What stands on the blocks: a use for each, and buildings in rows behind the building line."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_service.demo.land.arcs import Arcs
from geo_service.demo.land.blocks import Blocks
from geo_service.demo.land.columns import Integers, ranges
from geo_service.layers.area import Floats

COMMUNITY_TYPES = ("老旧", "单位型", "商品房", "产业型", "城中村")
"""In this order from the old middle to the edge; blocks take them in stretches."""
_TYPE_SHARES = (0.32, 0.13, 0.37, 0.08, 0.10)
_COMMERCE, _SCHOOL, _PARK = 5, 6, 7
_OTHER_USES = ((_COMMERCE, 0.07), (_SCHOOL, 0.05), (_PARK, 0.05))
_WAVE_M = 1500.0
_KEPT = 0.96
_ALONG = 1e-3
"""A side less steep than this, against a row, closes it or leaves it open as a whole."""


@dataclass(frozen=True)
class _Form:
    """How one use is built; ``dwelling_m`` is the frontage of a dwelling, infinite for none."""

    length_m: float
    depth_m: float
    row_gap_m: float
    gap_m: float
    floors: tuple[int, int]
    dwelling_m: float
    unevenness: float = 0.08


_NONE = float("inf")
_FORMS = (
    _Form(44, 11, 14, 7, (5, 6), 8.0),
    _Form(38, 12, 15, 8, (4, 7), 8.5),
    _Form(28, 15, 25, 13, (9, 22), 7.5),
    _Form(54, 28, 13, 12, (1, 4), 90.0, 0.2),
    _Form(13, 10, 4, 3, (2, 4), 9.0, 0.25),
    _Form(48, 30, 12, 13, (3, 12), _NONE, 0.2),
    _Form(50, 15, 26, 16, (3, 5), _NONE),
    _Form(12, 9, 70, 60, (1, 1), _NONE, 0.3),
)


@dataclass(frozen=True, eq=False)
class Footprints:
    """Buildings, block by block: corners (n, 4, 2) in metres, counterclockwise."""

    block: Integers
    corner_xy: Floats
    floors: Integers
    households: Integers


def block_types(blocks: Blocks, *, rng: np.random.Generator) -> Integers:
    """Return the position in ``COMMUNITY_TYPES`` of each block, (b,): in stretches."""
    middle = blocks.node_xy[blocks.corners].mean(axis=1)
    value = 0.25 * rng.standard_normal(len(middle))
    for _ in range(4):
        toward, phase = rng.uniform(0, 2 * np.pi, 2)
        wave = 2 * np.pi / _WAVE_M * np.array([np.cos(toward), np.sin(toward)])
        value += np.sin(middle @ wave + phase)
    rank = np.empty(len(value))
    rank[np.argsort(value, kind="stable")] = (np.arange(len(value)) + 0.5) / len(value)
    return np.asarray(np.searchsorted(np.cumsum(_TYPE_SHARES)[:-1], rank))


def block_uses(types: Integers, *, rng: np.random.Generator) -> Integers:
    """Return the use of each block: its community type, or commerce, a school, a park."""
    uses = types.copy()
    draw = rng.random(len(types))
    for use, share in _OTHER_USES:
        uses[(draw >= 0) & (draw < share)] = use
        draw -= share
    return uses


def expected_households(uses: Integers, area_m2: Floats) -> Floats:
    """Return about how many households a block holds, where no buildings are drawn."""
    per_m2 = [
        np.mean(f.floors)
        * f.length_m
        / f.dwelling_m
        / ((f.length_m + f.gap_m) * (f.depth_m + f.row_gap_m))
        for f in _FORMS
    ]
    return np.asarray(0.55 * np.array(per_m2)[uses] * area_m2)


def build(
    blocks: Blocks,
    arcs: Arcs,
    uses: Integers,
    *,
    setback_m: Floats,
    rng: np.random.Generator,
) -> Footprints:
    """Set buildings in rows on every block, each wholly inside it.

    Parameters
    ----------
    uses
        (b,) as from ``block_uses``.
    setback_m
        (r,) how far buildings keep from the middle of each road.
    """
    form = np.array([[f.length_m, f.depth_m, f.row_gap_m, f.gap_m] for f in _FORMS])[uses]
    normal, off = _building_lines(blocks, arcs, setback_m)
    axis, normal = _aligned(arcs.xy[blocks.corners], normal)
    middle = arcs.xy[blocks.corners].mean(axis=1)
    lowest, highest = _row_span(normal, off)
    depth, pitch = form[:, 1], form[:, 1] + form[:, 2]
    rows = np.floor((highest - lowest + form[:, 2]) / pitch)
    rows = np.where(np.isfinite(rows), np.clip(rows, 0, 200), 0).astype(np.int64)
    number, block = ranges(np.zeros(len(rows), dtype=np.int64), rows)
    spare = (highest - lowest + form[:, 2] - rows * pitch) / 2
    bottom = lowest[block] + spare[block] + number * pitch[block]
    left, right = _row_ends(normal[block], off[block], bottom, bottom + depth[block])
    row, start, length = _filled(left, right, form[block], uses[block], rng)
    block, bottom = block[row], bottom[row]
    local = _rectangles(start, length, bottom, depth[block])
    across = np.stack([-axis[:, 1], axis[:, 0]], axis=1)
    corner_xy = (
        middle[block, None]
        + local[..., :1] * axis[block, None]
        + local[..., 1:] * across[block, None]
    )
    floors, households = _dwellings(uses[block], length, rng)
    return Footprints(block, corner_xy, floors, households)


def _building_lines(blocks: Blocks, arcs: Arcs, setback_m: Floats) -> tuple[Floats, Floats]:
    """Return for each side of each block its inward normal and its offset from the middle.

    A place ``p`` from the block's middle is behind the line where ``normal · p >= off``:
    ``setback_m`` inside of the innermost point of the bent road.
    """
    corner = arcs.xy[blocks.corners]
    middle = corner.mean(axis=1, keepdims=True)
    side = np.roll(corner, -1, axis=1) - corner
    normal = np.stack([-side[..., 1], side[..., 0]], axis=-1)
    normal /= np.hypot(side[..., 0], side[..., 1])[..., None]
    inmost = np.einsum("bsk,bsk->bs", normal, corner - middle)
    point, arc = ranges(arcs.first, arcs.count)
    for beside in (0, 1):
        block = blocks.edge_sides[arc, beside]
        there = block >= 0
        block, of_arc, xy = block[there], arc[there], arcs.xy[point[there]]
        on = np.argmax(blocks.corner_roads[block] == blocks.edge_road[of_arc, None], axis=1)
        depth = np.einsum("nk,nk->n", normal[block, on], xy - middle[block, 0])
        np.maximum.at(inmost, (block, on), depth)
        for node in arcs.nodes.T:
            _keep_behind(inmost, normal, middle, blocks, arcs.xy[node], beside)
    return normal, inmost + setback_m[blocks.corner_roads]


def _keep_behind(
    inmost: Floats, normal: Floats, middle: Floats, blocks: Blocks, xy: Floats, beside: int
) -> None:
    """Count junctions among the points of the sides they stand on."""
    block = blocks.edge_sides[:, beside]
    there = block >= 0
    block, road = block[there], blocks.edge_road[there]
    on = np.argmax(blocks.corner_roads[block] == road[:, None], axis=1)
    depth = np.einsum("nk,nk->n", normal[block, on], xy[there] - middle[block, 0])
    np.maximum.at(inmost, (block, on), depth)


def _aligned(corner_xy: Floats, normal: Floats) -> tuple[Floats, Floats]:
    """Return the direction of rows, nearest to east, and the normals in row coordinates."""
    first = corner_xy[:, 1] - corner_xy[:, 0] + corner_xy[:, 2] - corner_xy[:, 3]
    second = corner_xy[:, 2] - corner_xy[:, 1] + corner_xy[:, 3] - corner_xy[:, 0]
    steep = [np.abs(v[:, 0]) / np.hypot(v[:, 0], v[:, 1]) for v in (first, second)]
    axis = np.where((steep[0] >= steep[1])[:, None], first, second)
    axis = axis * np.where(axis[:, :1] < 0, -1, 1)
    axis = axis / np.hypot(axis[:, 0], axis[:, 1])[:, None]
    across = np.stack([-axis[:, 1], axis[:, 0]], axis=1)
    turned = [np.einsum("bsk,bk->bs", normal, direction) for direction in (axis, across)]
    return axis, np.stack(turned, axis=-1)


def _row_span(normal: Floats, off: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and highest place across the rows between the building lines."""
    before, off_before = np.roll(normal, 1, axis=1), np.roll(off, 1, axis=1)
    determinant = before[..., 0] * normal[..., 1] - before[..., 1] * normal[..., 0]
    v = (before[..., 0] * off - normal[..., 0] * off_before) / determinant
    return v.min(axis=1), v.max(axis=1)


def _row_ends(normal: Floats, off: Floats, bottom: Floats, top: Floats) -> tuple[Floats, Floats]:
    """Return from where to where along the row all four building lines leave room."""
    u, v = normal[..., 0], normal[..., 1]
    need = off - np.minimum(v * bottom[:, None], v * top[:, None])
    is_steep = np.abs(u) > _ALONG
    at = need / np.where(is_steep, u, 1.0)
    left = np.where(is_steep & (u > 0), at, -np.inf).max(axis=1)
    right = np.where(is_steep & (u < 0), at, np.inf).min(axis=1)
    is_closed = (~is_steep & (need > 0)).any(axis=1)
    return left, np.where(is_closed, left - 1, right)


def _filled(
    left: Floats, right: Floats, form: Floats, uses: Integers, rng: np.random.Generator
) -> tuple[Integers, Floats, Floats]:
    """Fill rows with buildings: the row of each, where it starts and how long it is."""
    length, gap = form[:, 0], form[:, 3]
    room = np.nan_to_num(right - left, nan=0.0, posinf=0.0, neginf=0.0)
    count = np.floor((room + gap) / (length + gap)).astype(np.int64)
    count = np.where((count < 1) & (room > 0.6 * length), 1, np.maximum(count, 0))
    slot = (room + gap) / np.maximum(count, 1)
    number, row = ranges(np.zeros(len(count), dtype=np.int64), count)
    kept = rng.random(len(row)) < _KEPT
    number, row = number[kept], row[kept]
    unevenness = np.array([f.unevenness for f in _FORMS])[uses[row]]
    wish = length[row] * np.exp(unevenness * rng.standard_normal(len(row)))
    longest = (slot - gap)[row]
    fits = np.minimum(np.maximum(wish, 0.8 * longest), longest)
    fits = np.minimum(fits, 1.3 * length[row])
    start = left[row] + number * slot[row] + (longest - fits) * rng.random(len(row))
    return row, start, fits


def _rectangles(start: Floats, length: Floats, bottom: Floats, depth: Floats) -> Floats:
    u = np.stack([start, start + length, start + length, start], axis=1)
    v = np.stack([bottom, bottom, bottom + depth, bottom + depth], axis=1)
    return np.stack([u, v], axis=-1)


def _dwellings(
    uses: Integers, length: Floats, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Return floors and households of each building."""
    lowest, highest = np.array([f.floors for f in _FORMS])[uses].T
    floors = rng.integers(lowest, highest + 1)
    frontage = np.array([f.dwelling_m for f in _FORMS])[uses]
    per_floor = np.rint(length / frontage).astype(np.int64)
    is_home = np.isfinite(frontage) & (frontage < length)
    return floors, np.where(is_home, floors * np.maximum(per_floor, 1), 0)


def has_homes(uses: Integers) -> NDArray[np.bool_]:
    """Tell which blocks are homes (a lane of houses) and which are premises."""
    return np.asarray(uses < _COMMERCE)
