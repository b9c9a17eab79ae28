"""Which place an address means, beside what boundaries and the text itself say against it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from geo_service.layers.addresses.hit import ADDRESS, ONE, SEVERAL, Decision, Hit, decided
from geo_service.layers.addresses.reading import names_above, read_addresses
from geo_service.layers.addresses.searching import named_places
from geo_service.services.addresses.knowledge import KnownPlaces

CONTRADICTED, ELSEWHERE = "contradicted", "elsewhere"
"""CONTRADICTED: the list tells another area than the one its point lies in; ELSEWHERE: the text
names a district, street or community that the place does not lie in."""


class Judgement(NamedTuple):
    """What a text names, best first; ``hit`` is the place it means where ``why`` is ONE.

    Else ``why`` is a word of ``layers.addresses.hit``, CONTRADICTED or ELSEWHERE.
    """

    why: str
    hit: Hit | None
    hits: Sequence[Hit]


def judged(known: KnownPlaces, text: str) -> Judgement:
    """Return which one place an address means, or why none can be told."""
    readings = read_addresses(text)
    hits = named_places(known.gazetteer, readings)
    found = decided(hits)
    above = [each.address.above for each in readings.outside if each.address.above]
    if above and found.why in (ONE, SEVERAL):
        found, hits = _by_what_stands_above(known, above, hits, found)
    if found.hit is not None and _is_disputed(known, found.hit):
        return Judgement(CONTRADICTED, None, hits)
    return Judgement(found.why, found.hit, hits)


def _is_disputed(known: KnownPlaces, hit: Hit) -> bool:
    return hit.kind == ADDRESS and hit.number in known.disputed


def flaw_of(known: KnownPlaces, hit: Hit) -> str | None:
    """Return what is wrong with the place of a hit, None for nothing."""
    return known.flaws.get(hit.number) if hit.kind == ADDRESS else None


def _by_what_stands_above(
    known: KnownPlaces, above: Sequence[str], hits: list[Hit], found: Decision
) -> tuple[Decision, list[Hit]]:
    """Leave out places that lie elsewhere than the text says: 示例街道桂香路88弄3号."""
    named = [area for each in above for area in _areas_named(known, each)]
    if not named:
        return found, hits
    fitting = [hit for hit in hits if not (hit.is_meant and hit.has_point)]
    fitting += [hit for hit in hits if hit not in fitting and _lies_in(known, hit, named)]
    if found.why == ONE:
        return (found if found.hit in fitting else Decision(ELSEWHERE)), hits
    again = decided(fitting)
    return (again, sorted(fitting, key=hits.index)) if again.why == ONE else (found, hits)


def _areas_named(known: KnownPlaces, above: str) -> Iterator[tuple[str, str]]:
    """Yield layer and name of the known areas that stand in front of an address."""
    for name in names_above(above):
        for meaning in known.gazetteer.words.meanings(name):
            if meaning.kind == "area":
                yield known.areas[meaning.number][0], name


def _lies_in(known: KnownPlaces, hit: Hit, named: Sequence[tuple[str, str]]) -> bool:
    """Tell whether a place lies in areas of these names, layer by layer as far as it has one."""
    if known.locator is None:
        return True
    found: dict[str, str] = {}
    for family in known.locator.layers.families:
        depth, position, _ = known.locator.families[family].owner(lon=hit.lon, lat=hit.lat)
        for link in known.locator.links(family, depth, position):
            if link.name is not None:
                found[link.layer] = link.name
    wanted: dict[str, set[str]] = {}
    for layer, name in named:
        wanted.setdefault(layer, set()).add(name)
    return all(found[layer] in names for layer, names in wanted.items() if layer in found)
