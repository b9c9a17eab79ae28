"""Entries bound by codes to areas that were redrawn since: for a person to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.governance.organisations.register import Entry
from geo_service.layers.area import AreaSet
from geo_service.layers.topology import compare_outlines
from geo_service.services.coverage.picture import Picture
from geo_service.storage import area_versions
from geo_service.storage.databases import Transaction

_PROPOSED = 5
_LEAST_SHARE = 0.01
"""An area that took less of the old one's ground is not proposed."""


@dataclass(frozen=True)
class OldBinding:
    """An entry bound to codes of another edition whose areas are not the same any more.

    ``gone`` are codes that the edition lacks: the entry stands for nothing there, unless by its
    place. ``changed`` maps codes to the share of their old ground that they kept. ``proposals`` are
    the areas that the old ground lies in now, by share.
    """

    entry: Entry
    gone: tuple[str, ...]
    changed: Mapping[str, float]
    proposals: Sequence[tuple[str, float]]

    @property
    def follows_by_place(self) -> bool:
        """Whether no code is left and its place tells where it stands."""
        return self.entry.lon is not None and len(self.gone) == len(self.entry.areas)


def old_bindings(connection: Transaction, picture: Picture) -> list[OldBinding]:
    """Return entries whose areas are other than those of the edition they were bound on."""
    groups: dict[tuple[str, int], list[Entry]] = {}
    for entries in (picture.organisations, picture.units, picture.facilities, picture.liaisons):
        for entry in entries:
            if entry.layer and entry.edition not in {None, picture.edition.number}:
                groups.setdefault((entry.layer, entry.edition or 0), []).append(entry)
    return [
        binding
        for (layer, number), bound in groups.items()
        for binding in _old_bindings(connection, picture, layer, number, bound)
    ]


def _old_bindings(
    connection: Transaction, picture: Picture, layer: str, number: int, bound: Sequence[Entry]
) -> list[OldBinding]:
    """Return which entries bound on one edition stand for other ground on the picture's."""
    codes = {code for entry in bound for code in entry.areas}
    moved = area_versions.moved_outlines(
        connection, layer=layer, before=number, after=picture.edition.number, codes=codes
    )
    areas = picture.locator.areas(layer)
    if not moved:
        return []
    old = {code: shapely.from_wkb(outline) for code, outline in moved.items()}
    tree = shapely.STRtree(areas.geometries)
    shares = {code: _shares(outline, areas, tree) for code, outline in old.items()}
    changed = {
        code
        for code, outline in old.items()
        if code not in areas.position_by_code or _is_other(outline, areas, code)
    }
    return [
        _old_binding(entry, areas, changed, shares) for entry in bound if changed & set(entry.areas)
    ]


def _old_binding(
    entry: Entry,
    areas: AreaSet,
    changed: set[str],
    shares: Mapping[str, Mapping[str, float]],
) -> OldBinding:
    gone = tuple(code for code in entry.areas if code not in areas.position_by_code)
    kept = {
        code: shares[code].get(code, 0.0)
        for code in entry.areas
        if code in changed and code not in gone
    }
    taken: dict[str, float] = {}
    for code in gone:
        for successor, share in shares.get(code, {}).items():
            taken[successor] = max(share, taken.get(successor, 0.0))
    best = sorted(taken.items(), key=lambda pair: (-pair[1], pair[0]))[:_PROPOSED]
    return OldBinding(entry, gone, kept, best)


def _is_other(outline: shapely.Geometry, areas: AreaSet, code: str) -> bool:
    now = areas.geometries[areas.position_by_code[code]]
    [kind] = compare_outlines(np.array([outline]), np.array([now]))
    return bool(kind == "changed")


def _shares(outline: shapely.Geometry, areas: AreaSet, tree: shapely.STRtree) -> dict[str, float]:
    """Return the share of an old area that lies in each area of today."""
    near = tree.query(outline, "intersects")
    parts = shapely.area(shapely.intersection(outline, areas.geometries[near]))
    whole = float(shapely.area(outline))
    pairs = zip(near.tolist(), (parts / whole).tolist(), strict=True)
    return {areas.codes[at]: share for at, share in pairs if share >= _LEAST_SHARE}
