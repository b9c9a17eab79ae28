"""What lies beside the levels of a demo place: overlays, and further families on its borders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.demo.land.arcs import Arcs, outlines
from geo_service.demo.land.blocks import Blocks
from geo_service.demo.land.groups import nest
from geo_service.demo.land.naming import place_stems
from geo_service.demo.land.roads import Roads
from geo_service.layers.area import AreaSet, Floats, area_set

_WITH_ROOM = 1.25
"""So many times as many pieces are cut as become estates: those where most people live."""


@dataclass(frozen=True)
class Overlay:
    """``count`` areas of a layer that does not nest; lines along roads if ``is_line``.

    Names end in ``title``. A code is ``mark`` and three digits; a city puts the code of its first
    root area before the marks of its plan.
    """

    layer: str
    count: int
    title: str
    mark: str
    is_line: bool = False


@dataclass(frozen=True)
class Twin:
    """A layer of another family, on the borders that the level ``of`` has (多网合一).

    ``parent`` is the layer above it and ``parent_of`` the level whose borders that one has; names
    end in ``title`` where those of the level end in ``title_of``. A code is that of the area of
    the level with ``mark``; ``parent_mark`` is the same of the layer above.
    """

    layer: str
    of: str
    title: str
    title_of: str
    mark: str
    parent: str | None = None
    parent_of: str | None = None
    parent_mark: str = ""


def estates(
    blocks: Blocks,
    arcs: Arcs,
    households: Floats,
    overlay: Overlay,
    *,
    is_barrier: NDArray[np.bool_],
    rng: np.random.Generator,
) -> AreaSet:
    """Return whole blocks gathered anew, so that they cross the borders of levels.

    ``households`` (b,) by block; ``is_barrier`` (e,) edges they rather do not cross. Where fewest
    people live on a block there is none: estates leave room between them. On very little land
    there are fewer than ``count``.
    """
    wanted = min(round(_WITH_ROOM * overlay.count), len(households))
    groups = nest(
        blocks,
        sizes=households + 1,
        counts=[wanted],
        is_barrier=is_barrier,
        rng=rng,
    ).of_block[-1]
    lived_in = np.bincount(groups, households) / np.bincount(groups)
    kept = np.sort(np.argsort(-lived_in, kind="stable")[: overlay.count])
    stems = place_stems(len(kept), rng=rng)
    return area_set(
        overlay.layer,
        codes=_codes(overlay, len(kept)),
        names=[stem + overlay.title for stem in stems],
        geometries=outlines(blocks, arcs, groups, arcs.lonlat)[kept],
    )


def lanes(roads: Roads, overlay: Overlay) -> AreaSet:
    """Return the longest side roads as lines, one for each name, in the order of their names."""
    length = shapely.length(roads.geometries)
    longest: dict[str, int] = {}
    for i in np.argsort(-length, kind="stable").tolist():
        if roads.kinds[i] == "side" and len(longest) < overlay.count:
            longest.setdefault(roads.names[i], i)
    names = sorted(longest)
    return area_set(
        overlay.layer,
        codes=_codes(overlay, len(names)),
        names=names,
        geometries=[roads.geometries[longest[name]] for name in names],
    )


def twin(levels: Mapping[str, AreaSet], wanted: Twin) -> AreaSet:
    """Return a layer of another family on the borders of a level, bit for bit.

    ``levels`` are the areas by level, root first.
    """
    base = levels[wanted.of]
    parents = None
    if wanted.parent_of is not None:
        above = _ancestors(levels, wanted.of, wanted.parent_of)
        parents = [code + wanted.parent_mark for code in above]
    return area_set(
        wanted.layer,
        codes=[code + wanted.mark for code in base.codes],
        names=[name.removesuffix(wanted.title_of) + wanted.title for name in base.names],
        parents=parents,
        geometries=base.geometries,
    )


def _ancestors(levels: Mapping[str, AreaSet], layer: str, above: str) -> Sequence[str]:
    """Return the code of the area of the level ``above`` that each area lies in, or is."""
    names = list(levels)
    codes: Sequence[str] = levels[layer].codes
    for lower in reversed(names[names.index(above) + 1 : names.index(layer) + 1]):
        areas = levels[lower]
        codes = [str(areas.parents[areas.position_by_code[code]]) for code in codes]
    return codes


def _codes(overlay: Overlay, count: int) -> list[str]:
    return [f"{overlay.mark}{number:03d}" for number in range(1, count + 1)]
