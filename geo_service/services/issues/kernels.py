"""Compiling before a lock is taken: the first locate of a machine may take a minute."""

from functools import cache

import numpy as np
import shapely

from geo_service.layers.area import area_set
from geo_service.layers.assignment.alone import assigned_and_judged
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator


@cache
def load_kernels() -> None:
    """Locate in two made-up squares, once in a process, so that no writer waits for a compiler.

    Inside one, on their border, beside them, and with a circle of accuracy: as issues are located.
    """
    layer = Layer("square", "方块", "square")
    squares = [shapely.box(column, 0.0, column + 1.0, 1.0) for column in (0.0, 1.0)]
    codes = ["99900001", "99900002"]
    areas = area_set(layer.name, codes=codes, geometries=squares)
    locator = Locator(Layers((layer,)), {layer.name: areas})
    lon, lat = np.array([0.5, 1.0, 2.0001, 9.0, 1.0001]), np.full(5, 0.5)
    accuracy_m = np.array([np.nan, np.nan, np.nan, np.nan, 50.0])
    for points in (slice(None), slice(4, None)):  # many, and one alone
        assigned_and_judged(
            locator,
            layer.name,
            lon=lon[points],
            lat=lat[points],
            accuracy_m=accuracy_m[points],
            certain_share=0.8,
        )
