"""Dated figures of areas (residents, households, community type), outside the editions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np
from sqlalchemy import Connection, func, insert, select

from geo_service.layers.area import Floats
from geo_service.storage.tables import CHUNK, areas, figures


@dataclass(frozen=True)
class Figure:
    """One value of one area, valid from a moment until the next one."""

    layer: str
    code: str
    figure: str
    value: str
    from_s: int
    source: str


def add_figures(connection: Connection, rows: Iterable[Figure], *, recorded_at_s: int) -> int:
    """Store figures whose latest value is another or none; return how many were new.

    Nothing is replaced: a correction stands after what it corrects. What is given twice counts as
    it was given last, so that the same rows again are nothing new.
    """
    known = _latest_values(connection)
    last = {_key(row): row for row in rows}
    new = [row for key, row in last.items() if known.get(key) != (row.value, row.source)]
    if new:
        connection.execute(
            insert(figures), [{**vars(row), "recorded_at_s": recorded_at_s} for row in new]
        )
    return len(new)


def is_told(connection: Connection, row: Figure) -> bool:
    """Tell whether a value was ever told of an area from a moment on, whoever told it."""
    names = ("layer", "code", "figure", "value", "from_s")
    query = select(figures.c.id).where(*(figures.c[name] == getattr(row, name) for name in names))
    return connection.execute(query.limit(1)).first() is not None


def latest_figure_id(connection: Connection) -> int:
    """Return a number that changes whenever a figure is told: the cheap read."""
    return connection.scalar(select(func.coalesce(func.max(figures.c.id), 0))) or 0


def figures_as_of(
    connection: Connection, *, layer: str, figure: str, as_of_s: float
) -> Mapping[str, str]:
    """Return code → value as of a moment: the latest start, then what was recorded last."""
    query = (
        select(figures.c.code, figures.c.value)
        .where(
            figures.c.layer == layer, figures.c.figure == figure, figures.c.from_s <= floor(as_of_s)
        )
        .order_by(figures.c.from_s, figures.c.id)
    )
    return dict(connection.execute(query).all())


def figure_column(
    connection: Connection, *, layer: str, figure: str, codes: Iterable[str], as_of_s: float
) -> Floats:
    """Return the numbers of some areas as of a moment, in their order; NaN where nobody knows."""
    known = figures_as_of(connection, layer=layer, figure=figure, as_of_s=as_of_s)
    return np.array([float(known.get(code, "nan")) for code in codes], dtype=np.float64)


def numbers_of_areas(
    connection: Connection,
    *,
    layer: str,
    codes: Sequence[str],
    names: Sequence[str],
    from_s: float | None = None,
    as_of_s: float | None = None,
) -> dict[tuple[str, str], str]:
    """Return (figure, code) → value of some areas: the latest start, then what was recorded last.

    Of those that begin from ``from_s`` on, and by ``as_of_s``; None leaves an end open.
    """
    conditions = [figures.c.layer == layer, figures.c.figure.in_(names)]
    if from_s is not None:
        conditions.append(figures.c.from_s >= floor(from_s))
    if as_of_s is not None:
        conditions.append(figures.c.from_s <= floor(as_of_s))
    query = select(figures.c.figure, figures.c.code, figures.c.value).where(*conditions)
    query = query.order_by(figures.c.from_s, figures.c.id)
    found: dict[tuple[str, str], str] = {}
    for start in range(0, len(codes), CHUNK):
        rows = connection.execute(query.where(figures.c.code.in_(codes[start : start + CHUNK])))
        found |= {(figure, code): value for figure, code, value in rows}
    return found


def figures_of_area(
    connection: Connection, *, layer: str, code: str, as_of_s: float
) -> Mapping[str, str]:
    """Return figure → value of one area as of a moment."""
    query = (
        select(figures.c.figure, figures.c.value)
        .where(figures.c.layer == layer, figures.c.code == code, figures.c.from_s <= floor(as_of_s))
        .order_by(figures.c.from_s, figures.c.id)
    )
    return dict(connection.execute(query).all())


def dated_figures(
    connection: Connection, *, layer: str, code: str, as_of_s: float
) -> Mapping[str, tuple[str, int, str]]:
    """Return figure → (value, since when it holds, source) of one area as of a moment."""
    query = (
        select(figures.c.figure, figures.c.value, figures.c.from_s, figures.c.source)
        .where(figures.c.layer == layer, figures.c.code == code, figures.c.from_s <= floor(as_of_s))
        .order_by(figures.c.from_s, figures.c.id)
    )
    rows = connection.execute(query)
    return {name: (value, since_s, source) for name, value, since_s, source in rows}


def known_areas(connection: Connection, layers: Iterable[str]) -> set[tuple[str, str]]:
    """Return (layer, code) of every area of these layers that any edition has or had."""
    query = select(areas.c.layer, areas.c.code).where(areas.c.layer.in_(list(layers))).distinct()
    return {(layer, code) for layer, code in connection.execute(query)}


def _key(row: Figure) -> tuple[str, str, str, int]:
    return row.layer, row.code, row.figure, row.from_s


def _latest_values(
    connection: Connection,
) -> dict[tuple[str, str, str, int], tuple[str, str]]:
    query = select(
        figures.c.layer,
        figures.c.code,
        figures.c.figure,
        figures.c.from_s,
        figures.c.value,
        figures.c.source,
    ).order_by(figures.c.id)
    return {
        (layer, code, figure, from_s): (value, source)
        for layer, code, figure, from_s, value, source in connection.execute(query)
    }
