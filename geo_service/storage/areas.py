"""Areas as they stand in one edition: pages of a layer, and one area by its code."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from sqlalchemy import Connection, not_, select

from geo_service.layers.area import Floats
from geo_service.storage.editions import boxes_meet, in_edition
from geo_service.storage.tables import areas

AreaRow: TypeAlias = Any
"""code, name, parent_code, attributes and buildings (JSON), outline (WKB), area_m2."""

_COLUMNS = [
    areas.c.code,
    areas.c.name,
    areas.c.parent_code,
    areas.c.attributes,
    areas.c.buildings,
    areas.c.outline,
    areas.c.area_m2,
]


def areas_page(
    connection: Connection,
    *,
    edition: int,
    layer: str,
    after_code: str | None,
    limit: int,
    bbox: tuple[float, float, float, float] | None = None,
) -> Sequence[AreaRow]:
    """Return up to ``limit`` areas after ``after_code`` whose box meets ``bbox`` (degrees)."""
    query = select(*_COLUMNS).where(areas.c.layer == layer, in_edition(edition))
    if after_code is not None:
        query = query.where(areas.c.code > after_code)
    if bbox is not None:
        query = query.where(boxes_meet(bbox))
    return connection.execute(query.order_by(areas.c.code).limit(limit)).all()


def area_row(connection: Connection, *, edition: int, layer: str, code: str) -> AreaRow | None:
    """Return one area, or None."""
    query = select(*_COLUMNS).where(
        areas.c.layer == layer, areas.c.code == code, in_edition(edition)
    )
    return connection.execute(query).first()


def areas_km2(connection: Connection, *, edition: int, layer: str) -> Floats:
    """Return the stored ellipsoidal areas of a layer, ordered by code (square kilometres)."""
    query = select(areas.c.area_m2).where(areas.c.layer == layer, in_edition(edition))
    areas_m2 = [value or 0.0 for value in connection.scalars(query.order_by(areas.c.code))]
    return np.array(areas_m2, dtype=np.float64) / 1e6


def changed_outlines(
    connection: Connection, *, before: int, after: int
) -> list[tuple[str, bytes | None, bytes | None]]:
    """Return (layer, outline before, outline after) of areas stored anew between two editions.

    None where the area is not there. One that went to another parent is two: it left the one and
    came to the other. Rows of the same content, and those with another name alone, may be among
    them.
    """
    old = _outlines_without(connection, before, without=after)
    new = _outlines_without(connection, after, without=before)
    return [
        (key[0], old.get(key), new.get(key)) for key in sorted(old.keys() | new.keys(), key=str)
    ]


def _outlines_without(
    connection: Connection, number: int, *, without: int
) -> dict[tuple[str, str, str | None], bytes]:
    """Return (layer, code, parent) → outline of the rows valid in one edition and not another."""
    query = select(areas.c.layer, areas.c.code, areas.c.parent_code, areas.c.outline)
    rows = connection.execute(query.where(in_edition(number), not_(in_edition(without))))
    return {(layer, code, parent): outline for layer, code, parent, outline in rows}
