"""Codes for new areas: by the scheme of their layer, else as those beside them are called."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import shapely

from geo_service.errors import CodesExhausted, InvalidValue
from geo_service.layers.arcs import AreaKey, Coverage

_NUMBERED = re.compile(r"(.*?)([0-9]+)", re.DOTALL)
_USUAL_DIGITS = 3
"""Of the running number where nobody beside says otherwise."""


def next_codes(
    scheme: Sequence[int],
    parent_code: str,
    taken: Collection[str],
    places: Sequence[shapely.Geometry],
) -> list[str]:
    """Return a new code for each place, by a scheme of a layer.

    Parameters
    ----------
    scheme
        Widths of the parts of a code, as ``(6, 3, 3, 3)``: the last is the running number below
        the parent, what stands before it is the parent's code.
    taken
        Every code of the layer that is or ever was in use; of other parents too, if need be.
    places
        Outlines, or points, of the new areas, in any frame with north up.

    Returns
    -------
    list
        Codes in the order of ``places``. Numbers run in reading order (`reading_order`): from 1
        where nobody has a number below the parent; else after the highest one that was ever
        given; and where the digits end there, those are taken that never were.

    Raises
    ------
    InvalidValue
        The parent's code is not as long as the scheme says.
    CodesExhausted
        There are not enough numbers left below the parent.

    References
    ----------
    A unit grid has 15 digits: 6 of the district, 3 of the street, 3 of the community, 3 of its
    number (CJ/T 213, taken over by GB/T 30428.1), numbered from the left to the right and from the
    top to the bottom (CJ/T 349-2010, 5.7), from west to east and from north to south in local
    standards of the same form. That rows come first is our reading of it.
    """
    *above, digits = scheme
    if len(parent_code) != sum(above):
        raise InvalidValue(
            where=parent_code,
            expected_zh=f"上级编码应有 {sum(above)} 位（编码规则 {'+'.join(map(str, scheme))}）",
            expected_en=f"a parent's code of {sum(above)} characters"
            f" (code scheme {'+'.join(map(str, scheme))})",
        )
    return _numbered(parent_code, digits, taken, places)


def codes_like(
    siblings: Collection[str],
    parent_code: str,
    taken: Collection[str],
    places: Sequence[shapely.Geometry],
) -> list[str]:
    """Return a new code for each place, like those of areas below the same parent.

    The number is what digits the codes end with, after the parent's code where they begin with
    it; the form that most of them have is taken, of equally many the lowest. Without siblings it
    is three digits after the parent's code.

    Parameters
    ----------
    siblings
        Codes of areas below the same parent.
    taken
        Every code of the layer that is or ever was in use.
    places
        As for `next_codes`, which tells how numbers run too.

    Raises
    ------
    CodesExhausted
        There are not enough numbers left in this form.
    """
    below = bool(siblings) and all(code.startswith(parent_code) for code in siblings)
    start = parent_code if below or not siblings else ""
    forms: Counter[tuple[str, int]] = Counter()
    for code in siblings:
        found = _NUMBERED.fullmatch(code.removeprefix(start))
        if found:
            forms[start + found[1], len(found[2])] += 1
    usual = start or parent_code, _USUAL_DIGITS
    prefix, digits = min(forms, key=lambda form: (-forms[form], form), default=usual)
    return _numbered(prefix, digits, {*siblings, *taken}, places)


def codes_for(
    coverage: Coverage,
    layer: str,
    parent: AreaKey | None,
    places: Sequence[shapely.Geometry],
    *,
    scheme: Sequence[int] = (),
    taken: Collection[str] = (),
) -> list[str]:
    """Return a new code for each place below a parent, None in the root layer.

    Parameters
    ----------
    scheme
        That of the layer; without one, or in the root layer, codes are like those beside.
    taken
        Codes that were in use once, beside those that the coverage knows as retired.

    Raises
    ------
    UnknownArea
        There is no such parent.
    InvalidValue, CodesExhausted
        See `next_codes`.
    """
    every = {key.code for key in coverage.numbers if key.layer == layer}
    used = {*every, *taken, *(key.code for key in coverage.retired if key.layer == layer)}
    if parent is None:
        return codes_like(every, "", used, places)
    if scheme:
        return next_codes(scheme, parent.code, used, places)
    below = coverage.children_in(coverage.number_of(parent), layer)
    siblings = [coverage.areas[number].key.code for number in below]
    return codes_like(siblings, parent.code, used, places)


def reading_order(places: Sequence[shapely.Geometry]) -> list[int]:
    """Return positions row by row from the north, each row from the west.

    The northernmost place that has no row yet begins one; in it is whatever lies no further south
    than half the usual (median) height of the places. A place lies where its point on surface
    does. Places of one point keep their order.
    """
    if not len(places):
        return []
    shapes = np.array(list(places), dtype=object)
    x, y = shapely.get_coordinates(shapely.point_on_surface(shapes)).T
    _, south, _, north = shapely.bounds(shapes).T
    reach = float(np.median(north - south)) / 2
    waiting = [int(i) for i in np.lexsort((x, -y))]
    order: list[int] = []
    while waiting:
        row = [i for i in waiting if y[i] >= y[waiting[0]] - reach]
        order += sorted(row, key=lambda i: (x[i], -y[i], i))
        waiting = waiting[len(row) :]
    return order


def _numbered(
    prefix: str, digits: int, taken: Collection[str], places: Sequence[shapely.Geometry]
) -> list[str]:
    free = _free(prefix, digits, taken)
    order = reading_order(places)
    codes = [""] * len(order)
    for done, position in enumerate(order):
        code = next(free, None)
        if code is None:
            raise CodesExhausted(prefix=prefix, digits=digits, needed=len(order) - done)
        codes[position] = code
    return codes


def _free(prefix: str, digits: int, taken: Collection[str]) -> Iterator[str]:
    """Yield codes after the highest that was given, then those below it that never were."""
    form = re.compile(re.escape(prefix) + rf"([0-9]{{{digits}}})")
    numbers = {int(found[1]) for code in taken if (found := form.fullmatch(code))}
    highest = max(numbers, default=0)
    for number in (*range(highest + 1, 10**digits), *range(1, highest)):
        if number not in numbers:
            yield f"{prefix}{number:0{digits}}"
