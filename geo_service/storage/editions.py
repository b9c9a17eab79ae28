"""Editions and their areas: edition n+1 is stored as its difference from n."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import shapely
from sqlalchemy import Connection, and_, func, insert, or_, select, update

from geo_service.layers.area import AreaSet, Boundaries, Floats, Geometries
from geo_service.layers.edition import Edition
from geo_service.storage.tables import CHUNK, areas, editions

Content: TypeAlias = dict[tuple[str, str], tuple[str, str | None, str, bytes]]
"""(layer, code) → (name, parent code, attributes as JSON, outline as WKB)."""

_EDITION_COLUMNS = [
    editions.c.number,
    editions.c.published_at_s,
    editions.c.effective_from_s,
    editions.c.is_correction,
    editions.c.reason,
    editions.c.actor,
    editions.c.content_hash,
]


def all_editions(connection: Connection) -> list[Edition]:
    """Every edition, in the order of storage."""
    rows = connection.execute(select(*_EDITION_COLUMNS).order_by(editions.c.number))
    return [Edition(*row) for row in rows]


def latest_number(connection: Connection) -> int:
    """Return the highest edition number, 0 when nothing was published yet: the cheap read."""
    return connection.scalar(select(func.coalesce(func.max(editions.c.number), 0))) or 0


def layers_in(connection: Connection, number: int) -> list[str]:
    """Return the names of the layers that have areas in an edition."""
    return list(connection.scalars(select(areas.c.layer).where(in_edition(number)).distinct()))


def counts_by_layer(connection: Connection, number: int) -> dict[str, int]:
    """Return layer → number of areas in an edition."""
    query = select(areas.c.layer, func.count()).where(in_edition(number)).group_by(areas.c.layer)
    return dict(connection.execute(query).all())


def read_boundaries(connection: Connection, number: int) -> Boundaries:
    """Return the whole content of one edition, layers by name, areas ordered by code."""
    columns = select(
        areas.c.layer,
        areas.c.code,
        areas.c.name,
        areas.c.parent_code,
        areas.c.attributes,
        areas.c.outline,
    )
    rows = connection.execute(
        columns.where(in_edition(number)).order_by(areas.c.layer, areas.c.code)
    ).all()
    by_layer: dict[str, list[Any]] = {}
    for row in rows:
        by_layer.setdefault(row.layer, []).append(row)
    return {layer: _area_set(rows) for layer, rows in by_layer.items()}


def in_edition(number: int) -> Any:
    """Return the condition that an area's row is valid in edition ``number``."""
    return and_(
        areas.c.first_edition <= number,
        or_(areas.c.last_edition.is_(None), areas.c.last_edition >= number),
    )


def content_of(boundaries: Boundaries) -> Content:
    """Return the edition's content as it is stored and compared, byte for byte."""
    content: Content = {}
    for layer, area_set in boundaries.items():
        outlines = shapely.to_wkb(area_set.geometries)
        for i, code in enumerate(area_set.codes):
            attributes = area_set.attributes[i] if area_set.attributes else {}
            content[layer, code] = (
                area_set.names[i],
                area_set.parents[i],
                json.dumps(dict(attributes), ensure_ascii=False, sort_keys=True),
                outlines[i],
            )
    return content


def content_hash(content: Content) -> str:
    """Return the hash that two editions share exactly when every area of them is the same."""
    digest = hashlib.sha256()
    for key in sorted(content):
        name, parent, attributes, outline = content[key]
        digest.update(json.dumps([*key, name, parent, attributes]).encode())
        digest.update(outline)
    return digest.hexdigest()


def add_edition(
    connection: Connection,
    edition: Edition,
    content: Content,
    *,
    measure_m2: Callable[[Geometries], Floats],
    profile_hash: str,
) -> None:
    """Store an edition whose number is the next one; rows that did not change stay as they are."""
    connection.execute(
        insert(editions).values(
            number=edition.number,
            published_at_s=edition.published_at_s,
            effective_from_s=edition.effective_from_s,
            is_correction=edition.is_correction,
            reason=edition.reason,
            actor=edition.actor,
            content_hash=edition.content_hash,
            profile_hash=profile_hash,
        )
    )
    open_rows = _open_rows(connection)
    ended = [row_id for key, (row_id, row) in open_rows.items() if content.get(key) != row]
    started = [
        key for key, row in content.items() if key not in open_rows or open_rows[key][1] != row
    ]
    _end_rows(connection, ended, last_edition=edition.number - 1)
    if started:
        rows = _area_rows(content, started, measure_m2, first_edition=edition.number)
        connection.execute(insert(areas), rows)


def _open_rows(
    connection: Connection,
) -> dict[tuple[str, str], tuple[int, tuple[str, str | None, str, bytes]]]:
    rows = connection.execute(
        select(
            areas.c.id,
            areas.c.layer,
            areas.c.code,
            areas.c.name,
            areas.c.parent_code,
            areas.c.attributes,
            areas.c.outline,
        ).where(areas.c.last_edition.is_(None))
    )
    return {
        (layer, code): (row_id, (name, parent, attributes, outline))
        for row_id, layer, code, name, parent, attributes, outline in rows
    }


def _end_rows(connection: Connection, row_ids: list[int], *, last_edition: int) -> None:
    for start in range(0, len(row_ids), CHUNK):
        connection.execute(
            update(areas)
            .where(areas.c.id.in_(row_ids[start : start + CHUNK]))
            .values(last_edition=last_edition)
        )


def _area_rows(
    content: Content,
    keys: list[tuple[str, str]],
    measure_m2: Callable[[Geometries], Floats],
    *,
    first_edition: int,
) -> list[dict[str, Any]]:
    outlines = np.empty(len(keys), dtype=object)
    outlines[:] = [content[key][3] for key in keys]
    geometries = np.asarray(shapely.from_wkb(outlines))
    return [
        {
            "layer": layer,
            "code": code,
            "name": content[layer, code][0],
            "parent_code": content[layer, code][1],
            "attributes": content[layer, code][2],
            "outline": outline,
            "area_m2": m2,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "first_edition": first_edition,
        }
        for (layer, code), outline, m2, (west, south, east, north) in zip(
            keys,
            outlines,
            measure_m2(geometries).tolist(),
            shapely.bounds(geometries).tolist(),
            strict=True,
        )
    ]


def _area_set(rows: list[Any]) -> AreaSet:
    outlines = np.empty(len(rows), dtype=object)
    outlines[:] = [row.outline for row in rows]
    return AreaSet(
        codes=tuple(row.code for row in rows),
        names=tuple(row.name for row in rows),
        parents=tuple(row.parent_code for row in rows),
        geometries=shapely.from_wkb(outlines),
        attributes=tuple(json.loads(row.attributes) for row in rows),
    )
