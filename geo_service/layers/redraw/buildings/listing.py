"""Who lists a building: the building lists of areas first, then address lists and attributes."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import shapely

from geo_service.layers.arcs import Area, AreaKey, Coverage
from geo_service.layers.arcs.persistent import PersistentMap
from geo_service.layers.redraw.buildings.known import KnownBuildings
from geo_service.layers.topology import Defect


class Listed(NamedTuple):
    """A building as a list names it, and its position among those that are known; None of none."""

    word: str
    position: int | None


def listed(words: Iterable[str], known: KnownBuildings, outline: shapely.Geometry) -> list[Listed]:
    """Return the building that each word of an area's list means.

    Where several have the name, it is the one that stands in the area or on its border.

    Parameters
    ----------
    known
        The buildings of the area's parent, in the frame of the outline.
    """
    found = []
    for word in words:
        meant = known.meant(word)
        if len(meant) > 1:
            meant = [i for i in meant if shapely.intersects(outline, known.middles[i])]
        found.append(Listed(word, meant[0] if len(meant) == 1 else None))
    return found


@dataclass(frozen=True, eq=False)
class Lists:
    """What the building lists of a coverage's areas mean.

    ``meant`` are the buildings on the list of an area, by number, as far as they are known;
    ``listing`` the areas by the position of a building.
    """

    meant: PersistentMap[int, tuple[int, ...]] = field(default_factory=lambda: PersistentMap({}))
    listing: PersistentMap[int, tuple[int, ...]] = field(default_factory=lambda: PersistentMap({}))

    def areas_of(
        self, coverage: Coverage, known: KnownBuildings, position: int
    ) -> tuple[AreaKey, ...]:
        """Return the areas that list a building.

        An area with a building list lists what that means, whatever address lists or attributes
        tell; and these are heard only where no building list of the layer has the building.
        """
        own = [coverage.areas[n].key for n in self.listing.get(position, ())]
        layers = {key.layer for key in own}
        told = (
            key
            for key in known.told.get(position, ())
            if key.layer not in layers
            and key in coverage.numbers
            and coverage.area(key).buildings is None
        )
        return (*own, *told)

    def with_meant(self, meant: dict[int, tuple[int, ...]]) -> "Lists":
        """Return the same after the lists of some areas mean other buildings, or nothing."""
        listing: dict[int, tuple[int, ...] | None] = {}
        for number, after in meant.items():
            before = self.meant.get(number, ())
            for position in {*before} ^ {*after}:
                told = listing.get(position, self.listing.get(position)) or ()
                others = {n for n in told if n != number}
                others |= {number} if position in after else set()
                listing[position] = tuple(sorted(others)) or None
        own = {number: after or None for number, after in meant.items()}
        return Lists(self.meant.with_changes(own), self.listing.with_changes(listing))


def lists_of(coverage: Coverage, known: KnownBuildings) -> Lists:
    """Return what all building lists of a coverage mean."""
    own = [n for n in coverage.areas if coverage.areas[n].buildings is not None]
    return Lists().with_meant(_meant(coverage, known, own)) if own else Lists()


def lists_after(
    former: Lists,
    before: Coverage,
    after: Coverage,
    known: KnownBuildings,
    numbers: Collection[int],
) -> tuple[Lists, set[int]]:
    """Return what lists mean after some areas changed, and the buildings that others list now.

    A word may mean another building where its area, or which buildings stand in the parent, is not
    as before.
    """
    again = {n for n in numbers if n in former.meant}
    again |= {n for n in numbers if n in after.areas and after.areas[n].buildings is not None}
    again |= {n for number in numbers for n in _stirred_below(before, after, known, number)}
    if not again:
        return former, set()
    meant: dict[int, tuple[int, ...]] = dict.fromkeys(again, ())
    meant |= _meant(after, known, [n for n in again if n in after.areas])
    others = {i for n, own in meant.items() for i in {*own} ^ {*former.meant.get(n, ())}}
    return former.with_meant(meant), others


def list_findings(
    coverage: Coverage, known: KnownBuildings, lists: Lists, among: Collection[AreaKey] | None
) -> list[Defect]:
    """Return what to ask about building lists below the parents of some areas, of all for None.

    Returns
    -------
    list
        By layer and codes: ``building_unknown`` where a word of a list means no building, or
        several, at a place in the area; ``building_unlisted`` for a building that stands in an area
        with a list, and that no area of the layer lists.
    """
    found: list[Defect] = []
    for number in sorted(_with_lists_below(coverage, among)):
        parent = coverage.areas[number]
        at = known.at(parent.outline)
        scope = known.take(at)
        told: set[int] = set()
        own = [n for n in coverage.children[number] if coverage.areas[n].buildings is not None]
        for child in sorted(own, key=lambda n: coverage.areas[n].key):
            area = coverage.areas[child]
            words = listed(area.buildings or (), scope, area.outline)
            found += [_asked_of_word(area, word) for word, i in words if i is None]
            for i in scope.at(area.outline):
                layers = {key.layer for key in lists.areas_of(coverage, known, at[i])}
                if i not in told and scope.is_named(i) and area.key.layer not in layers:
                    told.add(i)
                    found.append(_asked_of_place(area.key, scope, i))
    return sorted(found, key=lambda each: (each.layer, each.codes, each.kind))


def scope_of(
    coverage: Coverage, number: int, known: KnownBuildings
) -> tuple[list[int], KnownBuildings]:
    """Return the buildings among which those of an area have a name, its parent's, by position."""
    area = coverage.areas[number]
    around = area.outline if area.parent is None else coverage.areas[area.parent].outline
    at = known.at(around)
    return at, known.take(at)


def _meant(
    coverage: Coverage, known: KnownBuildings, numbers: Iterable[int]
) -> dict[int, tuple[int, ...]]:
    by_parent: dict[int, list[int]] = {}
    for number in numbers:
        parent = coverage.areas[number].parent
        by_parent.setdefault(number if parent is None else parent, []).append(number)
    found: dict[int, tuple[int, ...]] = {}
    for some in by_parent.values():
        at, scope = scope_of(coverage, some[0], known)
        for number in some:
            area = coverage.areas[number]
            words = listed(area.buildings or (), scope, area.outline)
            found[number] = tuple(at[i] for _, i in words if i is not None)
    return found


def _stirred_below(
    before: Coverage, after: Coverage, known: KnownBuildings, number: int
) -> Iterator[int]:
    """Yield the areas with lists below one where other buildings stand now."""
    if number not in before.areas or number not in after.areas:
        return
    below = [n for n in after.children.get(number, ()) if after.areas[n].buildings is not None]
    if below and known.at(before.areas[number].outline) != known.at(after.areas[number].outline):
        yield from below


def _with_lists_below(coverage: Coverage, among: Collection[AreaKey] | None) -> set[int]:
    """Return the parents of some areas, or these themselves, that have lists below them."""
    if among is None:
        numbers = set(coverage.children)
    else:
        own = {coverage.numbers[key] for key in among if key in coverage.numbers}
        numbers = own | {n for own_n in own if (n := coverage.areas[own_n].parent) is not None}
    return {
        number
        for number in numbers
        if any(coverage.areas[n].buildings is not None for n in coverage.children.get(number, ()))
    }


def _asked_of_word(area: Area, word: str) -> Defect:
    x, y = shapely.get_coordinates(shapely.point_on_surface(area.outline))[0].tolist()
    layer, code = area.key
    return Defect("building_unknown", layer, (code,), x, y, reason=word, buildings=(word,))


def _asked_of_place(key: AreaKey, scope: KnownBuildings, position: int) -> Defect:
    x, y = scope.places[position].tolist()
    word = scope.identities[position]
    return Defect("building_unlisted", key.layer, (key.code,), x, y, buildings=(word,))
