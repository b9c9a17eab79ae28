"""Areas as they stand in one edition: pages of a layer, and one area by its code."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, and_, select

from geo_service.storage.editions import in_edition
from geo_service.storage.tables import areas

AreaRow: TypeAlias = Any
"""code, name, parent_code, attributes (JSON), outline (WKB), area_m2."""

_COLUMNS = [
    areas.c.code,
    areas.c.name,
    areas.c.parent_code,
    areas.c.attributes,
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
        west, south, east, north = bbox
        query = query.where(
            and_(
                areas.c.west <= east,
                areas.c.east >= west,
                areas.c.south <= north,
                areas.c.north >= south,
            )
        )
    return connection.execute(query.order_by(areas.c.code).limit(limit)).all()


def area_row(connection: Connection, *, edition: int, layer: str, code: str) -> AreaRow | None:
    """Return one area, or None."""
    query = select(*_COLUMNS).where(
        areas.c.layer == layer, areas.c.code == code, in_edition(edition)
    )
    return connection.execute(query).first()


def areas_m2(connection: Connection, *, edition: int, layer: str) -> list[float]:
    """Return the stored ellipsoidal areas of a layer, ordered by code (square metres)."""
    query = select(areas.c.area_m2).where(areas.c.layer == layer, in_edition(edition))
    return [value or 0.0 for value in connection.scalars(query.order_by(areas.c.code))]
