"""Moving borders: an arc laid along other places, a junction with all its arcs."""

import numpy as np

from geo_service.errors import BordersCross, InvalidCoordinates, UnfitLine, UnknownBorder
from geo_service.layers.arcs import AreaKey, Coverage, Place
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.area import Floats
from geo_service.layers.redraw.drawing.drawn import drawn_line
from geo_service.layers.redraw.soundness import Redrawn, finished

_ARCS_OF_A_JUNCTION = 3


def reshape(coverage: Coverage, arc: int, places: Floats) -> Redrawn:
    """Lay an arc along other places; all areas on both sides follow, on every level.

    Parameters
    ----------
    arc
        By number.
    places
        ``(n, 2)`` in the frame of the coverage. The ends stay where they are, bit for bit: a
        junction is moved by `move_junction`. A closed arc may go anywhere, and must stay closed.

    Raises
    ------
    UnknownBorder
        There is no such arc.
    UnfitLine
        It would end elsewhere.
    BordersCross
        It would cross or touch itself or another border.
    InvalidCoordinates, LimitExceeded
        See `drawn_line`.
    """
    before = coverage.arc(arc)
    line = drawn_line(places, AreaKey("", str(arc)))
    ends = [(float(x), float(y)) for x, y in line[[0, -1]]]
    is_free = before.is_closed and len(coverage.arcs_at[before.tail]) < _ARCS_OF_A_JUNCTION
    if ends != [before.tail, before.head] and not (is_free and ends[0] == ends[1]):
        x, y = ends[0] if ends[0] != before.tail else ends[1]
        raise UnfitLine(
            f"#{arc}",
            "两端须停在原来的交会点上",
            "it must end in the junctions where it ended",
            x,
            y,
        )
    edit = Edit(coverage)
    edit.set_places(arc, line)
    return finished(edit)


def move_junction(coverage: Coverage, place: Place, to: Place) -> Redrawn:
    """Move a junction with the ends of all arcs that meet there.

    Raises
    ------
    UnknownBorder
        No arcs meet at the place.
    InvalidCoordinates
        The new place is not finite.
    BordersCross
        Borders would cross or touch; two junctions do not become one.
    """
    if not coverage.arcs_at.get(place):
        raise UnknownBorder(border=f"{place[0]}, {place[1]}")
    if not np.isfinite(to).all():
        raise InvalidCoordinates("to", *to, "不是有限的数", "they are not finite")
    if to in coverage.arcs_at and to != place:
        _refuse_occupied(coverage, to)
    edit = Edit(coverage)
    for number in sorted(set(coverage.arcs_at[place])):
        arc = coverage.arcs[number]
        places = arc.places.copy()
        for end, at in ((0, arc.tail), (-1, arc.head)):
            if at == place:
                places[end] = to
        edit.set_places(number, places)
    return finished(edit)


def _refuse_occupied(coverage: Coverage, place: Place) -> None:
    owners = {
        owner for number in coverage.arcs_at[place] for owner in coverage.arcs[number].owners()
    }
    keys = sorted(coverage.areas[owner].key for owner in owners)
    raise BordersCross(keys[-1].layer, [key.code for key in keys], *place)
