"""The areas of one edition by their boxes: where to look, before any outline is read."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from geo_service.layers.area import Floats
from geo_service.storage.databases.rows import plain_rows
from geo_service.storage.editions import AreaKey, in_edition
from geo_service.storage.tables import areas


class AreaBoxes(NamedTuple):
    """The rows of an edition's areas as columns, in no order.

    ``boxes`` are west, south, east, north in degrees (EPSG:4490), ``(n, 4)``.
    """

    ids: list[int]
    keys: list[AreaKey]
    parents: list[str | None]
    area_m2: Floats
    boxes: Floats


def area_boxes(connection: Connection, number: int) -> AreaBoxes:
    """Return every area of an edition, without its outline."""
    query = select(
        areas.c.id,
        areas.c.layer,
        areas.c.code,
        areas.c.parent_code,
        areas.c.area_m2,
        areas.c.west,
        areas.c.south,
        areas.c.east,
        areas.c.north,
    ).where(in_edition(number))
    rows = list(plain_rows(connection, query))
    ids, layers, codes, parents, area_m2, *sides = zip(*rows, strict=True) if rows else [()] * 9
    boxes: NDArray[np.float64] = np.array(sides, dtype=np.float64).reshape(4, len(rows)).T
    return AreaBoxes(
        ids=list(ids),
        keys=list(zip(layers, codes, strict=True)),
        parents=list(parents),
        area_m2=np.array(area_m2, dtype=np.float64),
        boxes=boxes,
    )
