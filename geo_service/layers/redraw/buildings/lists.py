"""Where building lists of areas go when areas change, or give buildings away."""

from collections.abc import Iterable, Iterator, Sequence

import shapely

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.area import BuildingList
from geo_service.layers.redraw.buildings.deriving import with_lists
from geo_service.layers.redraw.buildings.known import KnownBuildings
from geo_service.layers.redraw.buildings.listing import listed, scope_of
from geo_service.layers.redraw.soundness import Redrawn


def handed_over(
    redrawn: Redrawn, key: AreaKey, to: AreaKey, moved: Sequence[int], known: KnownBuildings
) -> Redrawn:
    """Return the same after the lists followed buildings that went to a neighbor.

    Nobody lists them any more but the neighbor, if it has a list. One without a list has what
    stands on it.

    Parameters
    ----------
    key, to
        The area that they left, and the neighbor, both below a parent or both of the root layer.
    moved
        Their positions in ``known``, which are all buildings.
    """
    coverage = redrawn.coverage
    lists: dict[AreaKey, BuildingList | None] = {}
    gone = set(moved)
    for other in _around(coverage, (key, to)):
        area = coverage.area(other)
        if area.buildings is not None:
            at, scope = scope_of(coverage, coverage.number_of(other), known)
            kept = [
                word
                for word, i in listed(area.buildings, scope, area.outline)
                if i is None or at[i] not in gone
            ]
            lists[other] = tuple(kept)
    if to in lists:
        at, scope = scope_of(coverage, coverage.number_of(to), known)
        here = [i for i, position in enumerate(at) if position in gone and scope.is_named(i)]
        lists[to] = (*(lists[to] or ()), *(scope.identities[i] for i in here))
    return with_lists(redrawn, lists)


def followed(before: Coverage, redrawn: Redrawn, known: KnownBuildings) -> Redrawn:
    """Return the same after lists followed areas that were merged, split or retired.

    A building of an area that was split goes to the part where it stands, else to the nearest one;
    those of a merged area go to the one that got its ground, if that has a list, and are then on
    it even where the area itself had none. Areas whose border alone moved keep their lists, and so
    does everything where the operation set lists itself.

    Parameters
    ----------
    known
        All buildings.
    """
    after, change = redrawn
    if change.listed:
        return redrawn
    copies = {id(after.areas[n].buildings) for n in change.entered if _has_list(after, n)}
    split = [n for n in change.touched if n in before.areas and _is_copied(before, n, copies)]
    parted = [n for n in change.left if _is_copied(before, n, copies)]
    joined = [n for n in change.left if n not in parted and _heirs(before, n, redrawn)]
    if not copies and not joined:
        return redrawn
    lists: dict[int, list[str]] = {n: [] for n in (*change.entered, *split) if _has_list(after, n)}
    heirs = {n: _heirs(before, n, redrawn) for n in (*split, *parted, *joined)}
    for origin, own_heirs in ((n, found) for n, found in heirs.items() if found):
        for number, words in _dealt_out(before, origin, redrawn, own_heirs, known):
            own = after.areas[number].buildings or ()
            lists.setdefault(number, list(own)).extend(words)
    told = {after.areas[n].key: tuple(dict.fromkeys(words)) for n, words in lists.items()}
    return with_lists(redrawn, told)


def _dealt_out(
    before: Coverage, origin: int, redrawn: Redrawn, heirs: list[int], known: KnownBuildings
) -> Iterator[tuple[int, list[str]]]:
    """Yield the areas that got ground of another one, each with the words of its list for it."""
    area = before.areas[origin]
    outlines = redrawn.coverage.outlines(heirs)
    shares = shapely.area(shapely.intersection(outlines, area.outline))
    _, scope = scope_of(before, origin, known)
    words = area.buildings
    if words is None:
        words = tuple(scope.identities[i] for i in scope.at(area.outline) if scope.is_named(i))
    by_heir: dict[int, list[str]] = {}
    for word, at in listed(words, scope, area.outline):
        away = -shares if at is None else shapely.distance(outlines, scope.middles[at])
        by_heir.setdefault(heirs[int(away.argmin())], []).append(word)
    yield from by_heir.items()


def _heirs(before: Coverage, origin: int, redrawn: Redrawn) -> list[int]:
    """Return the areas with a list that have ground of an area now, by number."""
    after, change = redrawn
    area = before.areas[origin]
    return [
        n
        for n in change.touched
        if after.areas[n].key.layer == area.key.layer
        and _has_list(after, n)
        and shapely.area(shapely.intersection(after.areas[n].outline, area.outline)) > 0
    ]


def _has_list(coverage: Coverage, number: int) -> bool:
    return coverage.areas[number].buildings is not None


def _is_copied(before: Coverage, number: int, copies: set[int]) -> bool:
    """Return whether parts of an area came out of an operation with its list as it was."""
    return _has_list(before, number) and id(before.areas[number].buildings) in copies


def _around(coverage: Coverage, keys: Iterable[AreaKey]) -> list[AreaKey]:
    """Return areas with their siblings."""
    found: dict[AreaKey, None] = {}
    for key in keys:
        parent = coverage.area(key).parent
        below = () if parent is None else coverage.children_in(parent, key.layer)
        found |= dict.fromkeys([key, *(coverage.areas[n].key for n in below)])
    return list(found)
