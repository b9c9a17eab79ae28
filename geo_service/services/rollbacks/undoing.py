"""One edition's changes taken out of a later content, where nothing touched them since."""

from collections.abc import Sequence

import numpy as np
import shapely

from geo_service.errors import RevertConflict
from geo_service.layers.area import Boundaries
from geo_service.layers.layer import Enclave, Layers
from geo_service.layers.topology import compare_outlines, match_nodes
from geo_service.services.boundaries.soundness import (
    areas_at_fault,
    defects_of,
    named,
    scale_of,
)
from geo_service.storage import editions
from geo_service.storage.editions import AreaKey, Content


def undone(
    number: int,
    *,
    before: Content,
    done: Content,
    now: Content,
    layers: Layers,
    enclaves: Sequence[Enclave],
) -> Boundaries:
    """Return ``now`` without what edition ``number`` changed from ``before`` to ``done``.

    An area that it changed must stand as it left it, but for nodes that came into its border or
    left it since. What is as it was before stays as it is. Areas that the edition gave or took
    nodes alone keep the border of today. Nodes are matched where any did so, and the whole is
    checked: an area elsewhere may rely on what is undone.

    Raises
    ------
    RevertConflict
        Naming the areas, as ``layer/code``, that were changed again or would not fit.
    """
    changed = sorted(editions.changed_keys(before, done))
    open_keys = [key for key in changed if now.get(key) != before.get(key)]
    other = [key for key in open_keys if now.get(key) != done.get(key)]
    noded = {key for key, same in zip(other, _are_one(other, done, now), strict=True) if same}
    touched = [key for key in other if key not in noded]
    if touched:
        raise RevertConflict(edition=number, areas=named(touched))
    candidates = sorted(noded)
    was_noded = _are_one(candidates, before, done)
    kept = {key for key, same in zip(candidates, was_noded, strict=True) if same}
    taken_back = {key: before[key] for key in open_keys if key in before and key not in kept}
    gone = {key for key in open_keys if key not in before}
    content = {**{key: row for key, row in now.items() if key not in gone}, **taken_back}
    return _fitted(number, editions.boundaries_of(content), layers, enclaves, is_noded=bool(noded))


def _are_one(keys: Sequence[AreaKey], one: Content, other: Content) -> list[bool]:
    """Return which areas are the same in two contents but for nodes on their borders."""
    both = [
        key for key in keys if key in one and key in other and _told(one, key) == _told(other, key)
    ]
    outlines = (
        shapely.from_wkb(np.array([content[key].outline for key in both], dtype=object))
        for content in (one, other)
    )
    same = {
        key
        for key, verdict in zip(both, compare_outlines(*outlines), strict=True)
        if verdict != "changed"
    }
    return [key in same for key in keys]


def _told(content: Content, key: AreaKey) -> tuple[str | None, ...]:
    """Return everything of an area but its outline."""
    told = content[key]
    return told.name, told.parent_code, told.attributes, told.buildings


def _fitted(
    number: int,
    boundaries: Boundaries,
    layers: Layers,
    enclaves: Sequence[Enclave],
    *,
    is_noded: bool,
) -> Boundaries:
    if is_noded:
        scale = scale_of(boundaries)
        boundaries = match_nodes(boundaries, layers, metres_per_unit=scale).boundaries
    defects = defects_of(boundaries, layers, enclaves)
    if defects:
        raise RevertConflict(edition=number, areas=areas_at_fault(defects))
    return boundaries
