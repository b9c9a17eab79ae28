"""Arcs, pieces of border between two junctions; and chains, sums of arcs that close."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from geo_service.layers.area import Floats

Place: TypeAlias = tuple[float, float]
"""x and y of a node; equal bits are one node."""

Chain: TypeAlias = tuple[int, ...]
"""Arcs that together close: the number of each as often as it is run forward, negative where it
runs backward. Ground lies on the left. Ascending by number."""


class Arc(NamedTuple):
    """A piece of border, from its tail to its head.

    ``places`` is ``(n, 2)``, not writeable; ``left`` and ``right`` are the areas, by number, that
    have the arc in their outline and lie on that side: at most one of each layer. Where both sides
    of an arc belong to one area of a layer, this area is not among them. A closed arc has its tail
    for head.
    """

    places: Floats
    tail: Place
    head: Place
    left: tuple[int, ...] = ()
    right: tuple[int, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Whether the arc ends where it begins."""
        return self.tail == self.head

    def owners(self) -> tuple[int, ...]:
        """Return the areas on both sides."""
        return self.left + self.right


def arc_of(places: Floats, left: tuple[int, ...] = (), right: tuple[int, ...] = ()) -> Arc:
    """Return an arc along places, shape ``(n, 2)``, which must not be changed any more."""
    places.flags.writeable = False
    (tail_x, tail_y), (head_x, head_y) = places[0].tolist(), places[-1].tolist()
    return Arc(places, (tail_x, tail_y), (head_x, head_y), left, right)


def chain_of(terms: Mapping[int, int]) -> Chain:
    """Return the chain of arcs with their signs, zero for those that cancel."""
    return tuple(arc * sign for arc, sign in sorted(terms.items()) if sign)


def terms_of(chain: Iterable[int]) -> dict[int, int]:
    """Return the sign of each arc."""
    return {abs(step): 1 if step > 0 else -1 for step in chain}


def sum_of(added: Iterable[Chain], taken: Iterable[Chain] = ()) -> Chain:
    """Return the outline of ground put together, less the ground that is taken away."""
    terms: dict[int, int] = {}
    for sign, chains in ((1, added), (-1, taken)):
        for chain in chains:
            for step in chain:
                arc, way = (step, sign) if step > 0 else (-step, -sign)
                terms[arc] = terms.get(arc, 0) + way
    return chain_of(terms)
