"""The registers as of now, and what of them concerns the ground of a redraw."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.governance.organisations.register import Entry
from geo_service.layers.area import Floats, Geometries
from geo_service.services.coverage.picture import Picture
from geo_service.services.coverage.placement import Placement
from geo_service.services.impact.result import EntryMove
from geo_service.storage.editions import AreaKey

_LISTS = ("organisations", "units", "facilities", "liaisons")
_MOVED = (
    ("party_organisation", "placed_organisations"),
    ("unit", "placed_units"),
    ("facility", "placed_facilities"),
)


class Registers:
    """A picture of all registers that stands on no ground, and ways into its lists."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    @cached_property
    def _lists(self) -> Mapping[str, Sequence[Entry]]:
        return {name: getattr(self.picture, name) for name in _LISTS}

    @cached_property
    def _bound(self) -> Mapping[str, Mapping[AreaKey, list[int]]]:
        """Which entries are bound to each area, by the name of their list."""
        found: dict[str, dict[AreaKey, list[int]]] = {}
        for name, entries in self._lists.items():
            of_list = found.setdefault(name, {})
            for i, entry in enumerate(entries):
                for code in entry.areas:
                    of_list.setdefault((entry.layer or "", code), []).append(i)
        return found

    @cached_property
    def _trees(self) -> Mapping[str, shapely.STRtree]:
        """The places of each list, in degrees; NaN for none."""
        return {name: shapely.STRtree(_points(entries)) for name, entries in self._lists.items()}

    @cached_property
    def _above(self) -> NDArray[np.int64]:
        """The organisation above each one, -1 for none."""
        at = self.picture.organisation_at
        parents = (entry.details.get("parent") or "" for entry in self.picture.organisations)
        return np.array([at.get(parent, -1) for parent in parents], dtype=np.int64)

    @cached_property
    def _beneath(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = {}
        for i, above in enumerate(self._above.tolist()):
            if above >= 0:
                found.setdefault(above, []).append(i)
        return found

    def near(self, keys: Collection[AreaKey], boxes: Floats) -> Picture:
        """Return the entries bound to some areas, or placed in some boxes, on no ground yet.

        With all that say something of these: organisations above and beneath them, and those
        that liaisons are of. Others count nothing in these areas.
        """
        chosen = {name: self._near(name, keys, boxes) for name in _LISTS}
        liaisons = (self.picture.liaisons[i] for i in chosen["liaisons"])
        units = (self.picture.units[i] for i in chosen["units"])
        named = {each.details["organisation"] for each in liaisons}
        named |= {each.details.get("party_organisation") or "" for each in units}
        at = self.picture.organisation_at
        bodies = chosen["organisations"] | {at[code] for code in named if code in at}
        return replace(
            self.picture,
            organisations=_taken(self.picture.organisations, self._family(bodies)),
            units=_taken(self.picture.units, chosen["units"]),
            facilities=_taken(self.picture.facilities, chosen["facilities"]),
            liaisons=_taken(self.picture.liaisons, chosen["liaisons"]),
        )

    def _near(self, name: str, keys: Collection[AreaKey], boxes: Floats) -> set[int]:
        bound = self._bound[name]
        found = {i for key in keys for i in bound.get(key, ())}
        around = np.asarray(shapely.box(*boxes.T))
        return found | set(self._trees[name].query(around)[1].tolist())

    def _family(self, chosen: set[int]) -> set[int]:
        """Return organisations with all beneath them, and those above."""
        found, left = set(chosen), list(chosen)
        while left:
            beneath = [i for i in self._beneath.get(left.pop(), ()) if i not in found]
            found.update(beneath)
            left += beneath
        for i in list(found):
            above = int(self._above[i])
            while above >= 0 and above not in found:
                found.add(above)
                above = int(self._above[above])
        return found


def named_areas(picture: Picture) -> set[AreaKey]:
    """Return every area that an entry of a picture is bound to."""
    return {
        (entry.layer, code)
        for name in _LISTS
        for entry in getattr(picture, name)
        for code in entry.areas
        if entry.layer
    }


def entry_moves(before: Picture, after: Picture, layers: Collection[str]) -> Iterator[EntryMove]:
    """Yield the entries that stand in another area of a layer after; both hold the same entries."""
    for register, placed in _MOVED:
        for layer in layers:
            sides = [_codes(getattr(each, placed), each, layer) for each in (before, after)]
            entries = getattr(before, placed).entries
            for entry, old, new in zip(entries, *sides, strict=True):
                if old != new:
                    yield EntryMove(register, entry.code, entry.name, layer, old, new)


def _codes(placed: Placement, picture: Picture, layer: str) -> list[str | None]:
    positions = placed.positions(layer).tolist()
    codes = picture.locator.areas(layer).codes
    return [None if at < 0 else codes[at] for at in positions]


def _points(entries: Sequence[Entry]) -> Geometries:
    points = np.full(len(entries), None, dtype=object)
    for i, entry in enumerate(entries):
        if entry.lon is not None and entry.lat is not None:
            points[i] = shapely.Point(entry.lon, entry.lat)
    return points


def _taken(entries: Sequence[Entry], chosen: Collection[int]) -> list[Entry]:
    return [entries[i] for i in sorted(chosen)]
