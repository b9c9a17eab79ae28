"""Reference features (roads, water, buildings): what is drawn under the areas for orientation."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import shapely
from sqlalchemy import Connection, and_, delete, func, insert, select

from geo_service.layers.area import Geometries
from geo_service.storage.tables import references

BUILDING = "building"
"""The kind of features that are buildings."""


def replace_references(
    connection: Connection,
    *,
    kind: str,
    names: Sequence[str],
    geometries: Geometries,
    codes: Sequence[str | None] | None = None,
) -> None:
    """Put these features in the place of all that were stored under ``kind``."""
    last = latest_reference_id(connection)
    rows = [
        {"kind": kind, "code": code or None, "name": name, "outline": outline}
        for code, name, outline in zip(
            codes or [None] * len(names), names, shapely.to_wkb(geometries), strict=True
        )
    ]
    if rows:
        connection.execute(insert(references), rows)
    # after the insert: SQLite gives the highest id again once its row is gone
    is_old = and_(references.c.kind == kind, references.c.id <= last)
    connection.execute(delete(references).where(is_old))


def read_references(
    connection: Connection, kinds: Collection[str] | None = None
) -> Mapping[str, tuple[list[str], Geometries]]:
    """Return kind → (names, geometries in EPSG:4490), of all kinds or of some."""
    by_kind: dict[str, tuple[list[str], list[bytes]]] = {}
    query = select(references.c.kind, references.c.name, references.c.outline)
    if kinds is not None:
        query = query.where(references.c.kind.in_(list(kinds)))
    for kind, name, outline in connection.execute(query.order_by(references.c.id)):
        names, outlines = by_kind.setdefault(kind, ([], []))
        names.append(name)
        outlines.append(outline)
    return {kind: (names, _geometries(outlines)) for kind, (names, outlines) in by_kind.items()}


def read_buildings(connection: Connection) -> list[tuple[str, str, shapely.Geometry]]:
    """Return code, name and ground of all buildings, in the order in which they were loaded.

    A building without a code has an empty one.
    """
    columns = (references.c.code, references.c.name, references.c.outline)
    query = select(*columns).where(references.c.kind == BUILDING).order_by(references.c.id)
    rows = connection.execute(query).all()
    codes, names = [row.code or "" for row in rows], [row.name for row in rows]
    return list(zip(codes, names, _geometries([row.outline for row in rows]), strict=True))


def read_kinds(connection: Connection) -> set[str]:
    """Return the kinds that have features."""
    return set(connection.scalars(select(references.c.kind).distinct()))


def latest_reference_id(connection: Connection) -> int:
    """Return a number that changes whenever references are replaced: the cheap read."""
    return connection.scalar(select(func.coalesce(func.max(references.c.id), 0))) or 0


def _geometries(outlines: list[bytes]) -> Geometries:
    shapes = np.empty(len(outlines), dtype=object)
    shapes[:] = outlines
    return np.asarray(shapely.from_wkb(shapes))
