"""Counts of persons by area: each person once, told as far as the registers tell them."""

import numpy as np
from numpy.typing import NDArray

from geo_service.governance.organisations.membership import ToldMembership
from geo_service.governance.organisations.suppression import ToldTotals, told_totals
from geo_service.layers.locator import Locator
from geo_service.services.coverage.picture import Picture
from geo_service.services.coverage.placement import Placement
from geo_service.services.organisations.cells import small_counts

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def members_by_area(picture: Picture, layer: str) -> ToldTotals:
    """Return how many members are registered with each area's organisations, each of them once.

    Temporary and functional organisations count nobody: their members are registered elsewhere. The
    members of a joint one stand where all of its areas lie, and in none of them. An area is partial
    where an organisation tells no count, or only one for several areas together.
    """
    found = picture.membership
    standing = _Standing(picture.locator, layer, picture.placed_organisations, found)
    is_unknown = found.low.is_unknown & picture.is_counted
    return found.totals(
        standing.at, len(standing.partial), is_partial=standing.partial_with(is_unknown)
    )


def registered_by_area(picture: Picture, layer: str) -> ToldTotals:
    """Return how many members registered with each area's sites (双报到).

    A site that tells nothing is unknown where another of its kind tells a count.
    """
    sites, size = picture.facilities, len(picture.locator.areas(layer))
    told = np.array([entry.details.get("registered_members", -1) for entry in sites], dtype=int)
    asked = {entry.kind for entry, count in zip(sites, told.tolist(), strict=True) if count >= 0}
    is_asked = np.array([entry.kind in asked for entry in sites], dtype=bool)
    at = picture.placed_facilities.positions(layer)
    partial = np.zeros(size, dtype=bool)
    partial[at[is_asked & (told < 0) & (at >= 0)]] = True
    small = small_counts("registered_members", picture.rules.limits)
    return told_totals(told, at, size, small=small, is_partial=partial)


class _Standing:
    """Where the members of organisations stand in one layer, -1 for nowhere.

    ``partial`` are the areas that lack a part of those who stand for several.
    """

    def __init__(
        self, locator: Locator, layer: str, placed: Placement, members: ToldMembership
    ) -> None:
        self.at: Integers = placed.positions(layer).astype(np.int64)
        self.partial = np.zeros(len(locator.areas(layer)), dtype=bool)
        self._members = members
        names = _chain(locator, layer)
        depth = names.index(layer)
        for i in np.flatnonzero(members.low.is_above).tolist():
            own = placed.entries[i].layer
            if placed.bound[i] and own in names[:depth]:
                self.at[i] = -1
        for own, entries in placed.of_several.items():
            if own not in names:
                continue
            if names.index(own) < depth:
                self.at[entries] = -1
            else:
                self._stand_together(locator, (own, layer), placed, entries)

    def partial_with(self, is_unknown: Flags) -> Flags:
        """Return the areas that lack a part, those that hold an unknown count among them."""
        counted_by = self._members.low.counted_by
        # a count above that takes it in, in the same area, leaves nothing unknown
        above = np.where(counted_by < 0, -2, self.at[counted_by])
        lacks = is_unknown & (self.at >= 0) & (above != self.at)
        found = self.partial.copy()
        found[self.at[lacks]] = True
        return found

    def _stand_together(
        self, locator: Locator, layers: tuple[str, str], placed: Placement, entries: list[int]
    ) -> None:
        """Let entries stand where all of their areas lie; where these differ, each lacks a part."""
        own, layer = layers
        sizes = [len(placed.bound[i]) for i in entries]
        starts = np.cumsum([0, *sizes[:-1]])
        areas = np.array([area for i in entries for area in placed.bound[i]], dtype=np.int32)
        above = _ancestors(locator, own, areas, layer)
        least, most = np.minimum.reduceat(above, starts), np.maximum.reduceat(above, starts)
        is_split = least != most
        self.at[entries] = np.where(is_split, -1, least)
        tells = (self._members.high.own[entries] > 0) | self._members.low.is_unknown[entries]
        lacks = np.repeat(is_split & tells, sizes) & (above >= 0)
        self.partial[above[lacks]] = True


def _chain(locator: Locator, layer: str) -> list[str]:
    """Return the names of the layers that one nests in and that nest in it; an overlay's alone."""
    for chain in locator.layers.families.values():
        names = [each.name for each in chain]
        if layer in names:
            return names
    return [layer]


def _ancestors(locator: Locator, own: str, areas: NDArray[np.int32], layer: str) -> Integers:
    """Return the area of ``layer`` that each area of ``own`` lies in, -1 for none."""
    if own == layer:
        return areas.astype(np.int64)
    for family, chain in locator.layers.families.items():
        names = [each.name for each in chain]
        if own in names and layer in names:
            depth = names.index(layer)
            found = locator.ancestors(family, names.index(own), areas, at=depth)
            return found.astype(np.int64)
    raise KeyError(layer)
