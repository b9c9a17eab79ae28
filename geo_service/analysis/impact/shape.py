"""How round an area is."""

import numpy as np

from geo_service.layers.area import Floats


def compactness(area_m2: Floats, perimeter_m: Floats) -> Floats:
    """Return 4πA/P²: 1 for a circle, π/4 for a square, near 0 for what is long and thin.

    Parameters
    ----------
    area_m2, perimeter_m
        Square meters and meters, ``(n,)``; the perimeter takes in the rims of holes.

    Returns
    -------
    Floats
        Shape ``(n,)``; NaN where nothing goes around anything.

    Notes
    -----
    D. Polsby and R. Popper, The Third Criterion, Yale Law & Policy Review 9 (1991).
    """
    found = np.full(len(area_m2), np.nan)
    has_rim = perimeter_m > 0.0
    found[has_rim] = 4.0 * np.pi * area_m2[has_rim] / perimeter_m[has_rim] ** 2
    return found
