"""Fixes for what the check asks about building lists: words without a building, and the reverse."""

from collections.abc import Iterator, Sequence

import shapely

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.redraw.asked.lists import ChangeWords
from geo_service.layers.redraw.buildings.known import KnownBuildings
from geo_service.layers.redraw.buildings.listing import scope_of
from geo_service.layers.redraw.proposals.fix import Fix, Known
from geo_service.layers.topology import Defect

MOST_OTHERS = 3
"""So many buildings are offered in the place of one that nobody knows."""


def of_unlisted(coverage: Coverage, defect: Defect, known: Known) -> Iterator[Fix]:
    """Yield the lists that a building may go on, that of the area where it stands first.

    The others are those of areas that its ground reaches. Last come all such buildings below the
    same parent, each to the list of the area where it stands.
    """
    here, (word,) = AreaKey(defect.layer, defect.codes[0]), defect.buildings
    if here not in coverage.numbers:
        return
    _, scope = scope_of(coverage, coverage.number_of(here), known.every)
    for to in [here, *_reached(coverage, here, scope, word)]:
        put_on = ChangeWords(here, put={to.code: (word,)})
        yield Fix("enlist", (put_on,), (to,), buildings=(word,))
    every = _alike(defect, known)
    if len(every) > 1:
        yield _all("enlist_all", ChangeWords(here, put=_words(every)), every)


def of_unknown(coverage: Coverage, defect: Defect, known: Known) -> Iterator[Fix]:
    """Yield what may stand on a list instead of a word that means no building, or several.

    Those that may be meant and are on no list stand first; then the word is taken off, or one of
    the buildings in the area that are on no list takes its place: it may have another name now.
    Last all such words below the same parent are taken off.
    """
    key, (word,) = AreaKey(defect.layer, defect.codes[0]), defect.buildings
    if key not in coverage.numbers:
        return
    _, scope = scope_of(coverage, coverage.number_of(key), known.every)
    unlisted = {
        name: each.codes[0]
        for each in known.beside
        if each.kind == "building_unlisted"
        for name in each.buildings
    }
    meant = [scope.identities[i] for i in scope.meant(word)]
    for name in (each for each in meant if each in unlisted):
        yield _instead(key, word, name)
    yield Fix("strike", (ChangeWords(key, struck={key.code: (word,)}),), (key,), buildings=(word,))
    others = [name for name, code in unlisted.items() if code == key.code and name not in meant]
    for name in others[:MOST_OTHERS] if not meant else ():
        yield _instead(key, word, name)
    every = _alike(defect, known)
    if len(every) > 1:
        yield _all("strike_all", ChangeWords(key, struck=_words(every)), every)


def _instead(key: AreaKey, word: str, name: str) -> Fix:
    step = ChangeWords(key, put={key.code: (name,)}, struck={key.code: (word,)})
    return Fix("name_instead", (step,), (key,), buildings=(name,))


def _reached(
    coverage: Coverage, here: AreaKey, scope: KnownBuildings, word: str
) -> Iterator[AreaKey]:
    """Yield the siblings with a list that the ground of a building reaches."""
    at, parent = scope.position_by_identity.get(word), coverage.area(here).parent
    if at is None or parent is None:
        return
    for number in coverage.children_in(parent, here.layer):
        area = coverage.areas[number]
        is_other = area.key != here and area.buildings is not None
        if is_other and shapely.intersects(area.outline, scope.grounds[at]):
            yield area.key


def _alike(defect: Defect, known: Known) -> list[Defect]:
    return [each for each in known.beside if each.kind == defect.kind]


def _words(found: Sequence[Defect]) -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for each in found:
        code = each.codes[0]
        words[code] = (*words.get(code, ()), *each.buildings)
    return words


def _all(kind: str, step: ChangeWords, found: Sequence[Defect]) -> Fix:
    buildings = tuple(name for each in found for name in each.buildings)
    areas = tuple(AreaKey(step.key.layer, code) for code in _words(found))
    return Fix(kind, (step,), areas, buildings=buildings)
