"""Editions and their areas: edition n+1 is stored as its difference from n."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import shapely
from sqlalchemy import (
    Connection,
    FromClause,
    Select,
    String,
    and_,
    cast,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)

from geo_service.layers.area import AreaSet, Boundaries, BuildingList, Floats, Geometries, area_set
from geo_service.layers.edition import Edition, Uncorrected
from geo_service.storage.tables import CHUNK, areas, editions

AreaKey: TypeAlias = tuple[str, str]
"""(layer, code)."""


class AreaContent(NamedTuple):
    """What is stored of an area: attributes and building list as JSON, the outline as WKB."""

    name: str
    parent_code: str | None
    attributes: str
    outline: bytes
    buildings: str | None


Content: TypeAlias = dict[AreaKey, AreaContent]

_EDITION_COLUMNS = [
    editions.c.number,
    editions.c.published_at_s,
    editions.c.effective_from_s,
    editions.c.is_correction,
    editions.c.reason,
    editions.c.actor,
    editions.c.content_hash,
    editions.c.uncorrected,
]
_TOLD_APART_BY = [
    cast(column, String) + literal(" ")
    for column in (editions.c.number, editions.c.published_at_s, editions.c.effective_from_s)
]
NEWEST = (
    select(sum(_TOLD_APART_BY[1:], _TOLD_APART_BY[0]) + editions.c.content_hash)
    .order_by(editions.c.number.desc())
    .limit(1)
    .scalar_subquery()
)
"""A text that is another one whenever there is another newest edition, stored or taken back."""
_EVERY_EDITION = select(*_EDITION_COLUMNS).order_by(editions.c.number)
_CONTENT_COLUMNS = [
    areas.c.layer,
    areas.c.code,
    areas.c.name,
    areas.c.parent_code,
    areas.c.attributes,
    areas.c.outline,
    areas.c.buildings,
]


def all_editions(connection: Connection) -> list[Edition]:
    """Every edition, in the order of storage."""
    rows = connection.execute(_EVERY_EDITION)
    return [
        Edition(**{**row, "uncorrected": _uncorrected(row["uncorrected"])})
        for row in rows.mappings()
    ]


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
    query = select(*_CONTENT_COLUMNS).where(in_edition(number))
    return _boundaries(connection, query)


def read_differing(connection: Connection, number: int, *, other: int) -> Boundaries:
    """Return the areas of one edition that another one does not have as the same row.

    A row stored anew may hold the same content.
    """
    query = select(*_CONTENT_COLUMNS).where(in_edition(number), not_(in_edition(other)))
    return _boundaries(connection, query)


def read_rows(connection: Connection, ids: Sequence[int]) -> Boundaries:
    """Return stored areas by the ids of their rows, all of one edition."""
    found: list[Any] = []
    for start in range(0, len(ids), CHUNK):
        query = select(*_CONTENT_COLUMNS).where(areas.c.id.in_(ids[start : start + CHUNK]))
        found += connection.execute(query)
    return _by_layer(sorted(found, key=lambda row: (row.layer, row.code)))


def read_layer(
    connection: Connection,
    number: int,
    layer: str,
    *,
    bbox: tuple[float, float, float, float] | None = None,
) -> AreaSet:
    """Return the areas of one layer in one edition, ordered by code; perhaps none.

    With ``bbox`` (west, south, east, north in degrees) only those whose own box meets it.
    """
    query = select(*_CONTENT_COLUMNS).where(in_edition(number), areas.c.layer == layer)
    if bbox is not None:
        query = query.where(boxes_meet(bbox))
    rows = list(connection.execute(query.order_by(areas.c.code)))
    return _area_set(rows) if rows else area_set(layer, codes=[], geometries=[])


def boxes_meet(bbox: tuple[float, float, float, float]) -> Any:
    """Return the condition that an area's box meets another: west, south, east, north, degrees."""
    west, south, east, north = bbox
    return and_(
        areas.c.west <= east,
        areas.c.east >= west,
        areas.c.south <= north,
        areas.c.north >= south,
    )


def changed_boundaries(connection: Connection, before: int, after: int) -> Boundaries:
    """Return the areas of edition ``before`` that edition ``after`` does not have as the same row.

    Rows of the same content may be among them.
    """
    is_changed = and_(in_edition(before), not_(in_edition(after)))
    query = select(*_CONTENT_COLUMNS).where(is_changed).order_by(areas.c.layer, areas.c.code)
    rows = connection.execute(query).all()
    return {layer: _area_set(list(group)) for layer, group in groupby(rows, itemgetter(0))}


def in_edition(number: int, table: FromClause = areas) -> Any:
    """Return the condition that an area's row is valid in edition ``number``."""
    return and_(
        table.c.first_edition <= number,
        or_(table.c.last_edition.is_(None), table.c.last_edition >= number),
    )


def read_content(connection: Connection, number: int) -> Content:
    """Return the whole content of one edition as it is stored and compared, byte for byte."""
    return _content(connection, select(*_CONTENT_COLUMNS).where(in_edition(number)))


def content_at(connection: Connection, number: int, keys: Iterable[AreaKey]) -> Content:
    """Return some areas of an edition; keys that it does not have are left out."""
    found: Content = {}
    for layer, group in groupby(sorted(keys), key=itemgetter(0)):
        codes = [code for _, code in group]
        for start in range(0, len(codes), CHUNK):
            is_one = and_(areas.c.layer == layer, areas.c.code.in_(codes[start : start + CHUNK]))
            found |= _content(
                connection, select(*_CONTENT_COLUMNS).where(in_edition(number), is_one)
            )
    return found


def area_keys(connection: Connection, number: int) -> set[AreaKey]:
    """Return the keys of the areas in an edition."""
    query = select(areas.c.layer, areas.c.code).where(in_edition(number))
    return {(layer, code) for layer, code in connection.execute(query)}


def given_keys(connection: Connection, keys: Iterable[AreaKey]) -> set[AreaKey]:
    """Return those of some keys that any edition ever gave to an area."""
    found: set[AreaKey] = set()
    for layer, group in groupby(sorted(keys), key=itemgetter(0)):
        codes = [code for _, code in group]
        for start in range(0, len(codes), CHUNK):
            is_one = and_(areas.c.layer == layer, areas.c.code.in_(codes[start : start + CHUNK]))
            found |= {
                (layer, code) for code in connection.scalars(select(areas.c.code).where(is_one))
            }
    return found


def same_keys(connection: Connection, one: int, other: int) -> set[AreaKey]:
    """Return the keys of the areas that are the same in two editions, byte for byte."""
    here, there = areas.alias(), areas.alias()
    is_same = and_(
        here.c.name == there.c.name,
        here.c.parent_code.is_not_distinct_from(there.c.parent_code),
        here.c.attributes == there.c.attributes,
        here.c.outline == there.c.outline,
        here.c.buildings.is_not_distinct_from(there.c.buildings),
    )
    is_one_area = and_(here.c.layer == there.c.layer, here.c.code == there.c.code)
    query = (
        select(here.c.layer, here.c.code)
        .join(there, and_(is_one_area, in_edition(other, there)))
        .where(in_edition(one, here), or_(here.c.id == there.c.id, is_same))
    )
    return {(layer, code) for layer, code in connection.execute(query)}


def content_of(boundaries: Boundaries) -> Content:
    """Return the edition's content as it is stored and compared, byte for byte."""
    content: Content = {}
    for layer, found in boundaries.items():
        outlines = shapely.to_wkb(found.geometries)
        for i, code in enumerate(found.codes):
            attributes = found.attributes[i] if found.attributes else {}
            content[layer, code] = AreaContent(
                found.names[i],
                found.parents[i],
                json.dumps(dict(attributes), ensure_ascii=False, sort_keys=True),
                outlines[i],
                _list_text(found.lists[i] if found.lists else None),
            )
    return content


def boundaries_of(content: Content) -> Boundaries:
    """Return the areas of a content, layers by name, areas ordered by code."""
    return _by_layer([(*key, *content[key]) for key in sorted(content)])


def changed_keys(before: Content, after: Content) -> set[AreaKey]:
    """Return the keys of areas that are not the same in both."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def content_hash(content: Content) -> str:
    """Return the hash that two editions share exactly when every area of them is the same."""
    digest = hashlib.sha256()
    for key in sorted(content):
        name, parent, attributes, outline, buildings = content[key]
        # one without a list counts as it did before there were any
        told = [*key, name, parent, attributes, *([] if buildings is None else [buildings])]
        digest.update(json.dumps(told).encode())
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
            uncorrected=_uncorrected_text(edition.uncorrected),
        )
    )
    open_rows = select(*_CONTENT_COLUMNS).where(areas.c.last_edition.is_(None))
    before = _content(connection, open_rows)
    changed = changed_keys(before, content)
    _end_rows(connection, sorted(changed & before.keys()), last_edition=edition.number - 1)
    started = sorted(changed & content.keys())
    if started:
        rows = _area_rows(content, started, measure_m2, first_edition=edition.number)
        connection.execute(insert(areas), rows)


def _boundaries(connection: Connection, query: Select[Any]) -> Boundaries:
    return _by_layer(connection.execute(query.order_by(areas.c.layer, areas.c.code)))


def _by_layer(rows: Iterable[Any]) -> Boundaries:
    """Return the areas of rows that stand by layer and code."""
    return {layer: _area_set(list(group)) for layer, group in groupby(rows, key=itemgetter(0))}


def _content(connection: Connection, query: Select[Any]) -> Content:
    rows = connection.execute(query)
    return {(layer, code): AreaContent(*row) for layer, code, *row in rows}


def _uncorrected(text: str | None) -> tuple[Uncorrected, ...]:
    stored = json.loads(text or "[]")
    return tuple(Uncorrected(**{**values, "areas": tuple(values["areas"])}) for values in stored)


def _uncorrected_text(uncorrected: tuple[Uncorrected, ...]) -> str | None:
    if not uncorrected:
        return None
    return json.dumps([vars(each) for each in uncorrected], ensure_ascii=False)


def _end_rows(connection: Connection, keys: list[AreaKey], *, last_edition: int) -> None:
    for layer, group in groupby(keys, key=itemgetter(0)):
        codes = [code for _, code in group]
        for start in range(0, len(codes), CHUNK):
            is_ended = and_(
                areas.c.layer == layer,
                areas.c.code.in_(codes[start : start + CHUNK]),
                areas.c.last_edition.is_(None),
            )
            connection.execute(update(areas).where(is_ended).values(last_edition=last_edition))


def _area_rows(
    content: Content,
    keys: list[tuple[str, str]],
    measure_m2: Callable[[Geometries], Floats],
    *,
    first_edition: int,
) -> list[dict[str, Any]]:
    outlines = np.empty(len(keys), dtype=object)
    outlines[:] = [content[key].outline for key in keys]
    geometries = np.asarray(shapely.from_wkb(outlines))
    return [
        {
            "layer": layer,
            "code": code,
            **content[layer, code]._asdict(),
            "area_m2": m2,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "first_edition": first_edition,
        }
        for (layer, code), m2, (west, south, east, north) in zip(
            keys,
            measure_m2(geometries).tolist(),
            shapely.bounds(geometries).tolist(),
            strict=True,
        )
    ]


def _area_set(rows: list[Any]) -> AreaSet:
    _, codes, names, parents, attributes, wkbs, listed = zip(*rows, strict=True)
    outlines = np.empty(len(rows), dtype=object)
    outlines[:] = wkbs
    return AreaSet(
        codes=codes,
        names=names,
        parents=parents,
        geometries=shapely.from_wkb(outlines),
        attributes=tuple(json.loads(each) for each in attributes),
        lists=_lists(listed),
    )


def _lists(texts: Sequence[str | None]) -> tuple[BuildingList | None, ...]:
    if all(text is None for text in texts):
        return ()
    return tuple(None if text is None else tuple(json.loads(text)) for text in texts)


def _list_text(listed: BuildingList | None) -> str | None:
    return None if listed is None else json.dumps(listed, ensure_ascii=False)
