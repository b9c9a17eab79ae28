"""Borders as they are handed out: pieces between junctions, named by where they run."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from geo_service.errors import UnknownBorder
from geo_service.layers.arcs import Arc, AreaKey, Coverage
from geo_service.layers.area import Floats

_NAME_BYTES = 10


@dataclass(frozen=True, eq=False)
class Border:
    """A piece of border with the areas on its left and on its right, one of each layer.

    ``name`` says where it runs and nothing else: the same piece has the same name in every process
    and after every restart, and another one as soon as it runs elsewhere. ``places`` is ``(n, 2)``
    in the frame of the coverage, first and last are junctions unless ``is_closed``.
    """

    name: str
    places: Floats
    left: tuple[AreaKey, ...]
    right: tuple[AreaKey, ...]
    is_closed: bool


def borders_of(coverage: Coverage, keys: Iterable[AreaKey]) -> list[Border]:
    """Return every piece of border of some areas, each once, ordered by name.

    Raises
    ------
    UnknownArea
        One of the areas does not exist.
    """
    arcs = {abs(step) for key in keys for step in coverage.area(key).chain}
    found = [_border(coverage, coverage.arc(number)) for number in arcs]
    return sorted(found, key=lambda border: border.name)


def border_named(coverage: Coverage, key: AreaKey, name: str) -> int:
    """Return the number of the arc that is an area's border of this name.

    Raises
    ------
    UnknownArea
        The area does not exist.
    UnknownBorder
        The area has no such border, or has it no more.
    """
    for step in coverage.area(key).chain:
        if border_name(coverage.arc(abs(step))) == name:
            return abs(step)
    raise UnknownBorder(border=name)


def border_name(arc: Arc) -> str:
    """Return the name of a piece of border, whichever way it is run; 20 hexadecimal digits."""
    if arc.is_closed:
        ring = arc.places[:-1]
        ring = np.roll(ring, -int(np.lexsort((ring[:, 1], ring[:, 0]))[0]), axis=0)
        forward, backward = ring.tobytes(), np.vstack([ring[:1], ring[:0:-1]]).tobytes()
    else:
        forward, backward = arc.places.tobytes(), arc.places[::-1].tobytes()
    return blake2b(min(forward, backward), digest_size=_NAME_BYTES).hexdigest()


def _border(coverage: Coverage, arc: Arc) -> Border:
    left, right = (tuple(coverage.areas[n].key for n in side) for side in (arc.left, arc.right))
    return Border(border_name(arc), arc.places, left, right, arc.is_closed)
