"""Numbering areas that came without codes."""

from collections.abc import Collection
from itertools import count

import numpy as np
import shapely

from geo_service.errors import InvalidValue, LimitExceeded
from geo_service.layers.area import Geometries

PLACEHOLDER = "#"


def number_areas(scheme: str, geometries: Geometries, *, taken: Collection[str] = ()) -> list[str]:
    """Return a new code for each geometry, numbered west to east, then north to south.

    Parameters
    ----------
    scheme
        A prefix and a run of ``#``, one for each digit: ``999001###`` gives 999001001, 999001002…
    geometries
        ``(n,)``, any frame; their centroids decide the order, rounded to a thousandth of the
        layer's width so that areas in one row stand in one row.
    taken
        Codes that are never given again.

    Raises
    ------
    InvalidValue
        The scheme has no run of ``#`` at its end.
    LimitExceeded
        There are more areas than the digits can number.
    """
    prefix = scheme.rstrip(PLACEHOLDER)
    digits = len(scheme) - len(prefix)
    if digits == 0 or PLACEHOLDER in prefix:
        raise InvalidValue(
            where=scheme,
            expected_zh="编码规则：前缀加若干个 #，如 999001###",
            expected_en="a prefix and a run of #, such as 999001###",
        )
    free = (code for number in count(1) if (code := f"{prefix}{number:0{digits}}") not in taken)
    codes = [""] * len(geometries)
    for position in _reading_order(geometries):
        codes[position] = next(free)
    longest = max(map(len, codes), default=len(scheme))
    if longest > len(scheme):
        raise LimitExceeded("区域数", "the number of areas", len(geometries), 10**digits - 1)
    return codes


def _reading_order(geometries: Geometries) -> list[int]:
    centers = shapely.get_coordinates(shapely.centroid(geometries))
    if len(centers) == 0:
        return []
    width = max(float(np.ptp(centers[:, 0])), 1e-12)
    columns = np.round(centers[:, 0] / width * 1000)
    return [int(i) for i in np.lexsort((-centers[:, 1], columns))]
