"""What QGIS and the like read on PostgreSQL: areas as they are now, issues with their owners."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    extract,
    func,
    literal_column,
    or_,
    select,
)

from geo_service.governance.issue import OPEN
from geo_service.layers.layer import Layers
from geo_service.storage.tables import areas, assignments, chains, editions, issues


def view_queries(connection: Connection, layers: Layers, *, postgis: str) -> Mapping[str, str]:
    """Return name → query of every view that these layers ask for.

    ``postgis`` is the schema of the extension, quoted. The views hold nothing that anybody typed
    about an issue.
    """
    queries = {f"current_{layer.name}": _areas_now(layer.name) for layer in layers}
    all_issues = _issues(layers, postgis)
    queries |= {"issues": all_issues, "open_issues": all_issues.where(issues.c.status == OPEN)}
    return {name: _written(connection, query) for name, query in queries.items()}


def _areas_now(layer: str) -> Select[Any]:
    # as layers.edition.governing_edition chooses, by the server's clock
    now_s = extract("epoch", func.now())
    is_in_force = and_(editions.c.published_at_s <= now_s, editions.c.effective_from_s <= now_s)
    order = (editions.c.effective_from_s.desc(), editions.c.number.desc())
    columns = (editions.c.number, editions.c.effective_from_s)
    now = select(*columns).where(is_in_force).order_by(*order).limit(1).subquery("now")
    return (
        select(
            areas.c.id,
            areas.c.code,
            areas.c.name,
            areas.c.parent_code,
            areas.c.area_m2,
            now.c.number.label("edition"),
            func.to_timestamp(now.c.effective_from_s).label("effective_from"),
            literal_column("areas.geometry"),
        )
        .join(now, areas.c.first_edition <= now.c.number)
        .where(
            areas.c.layer == layer,
            or_(areas.c.last_edition.is_(None), areas.c.last_edition >= now.c.number),
        )
    )


def _issues(layers: Layers, postgis: str) -> Select[Any]:
    point = f"{postgis}.ST_SetSRID({postgis}.ST_MakePoint(issues.lon, issues.lat), 4490)"
    columns: list[Any] = [
        issues.c.id,
        issues.c.source,
        issues.c.status,
        issues.c.request_type,
        issues.c.category_major,
        issues.c.category_minor,
        func.to_timestamp(issues.c.reported_at_s).label("reported_at"),
        func.to_timestamp(issues.c.closed_at_s).label("closed_at"),
        literal_column(f"CAST({point} AS {postgis}.geometry(Point, 4490))").label("geometry"),
    ]
    rows: Any = issues
    for family in layers.families:
        assigned, chain = assignments.alias(f"a_{family}"), chains.alias(f"c_{family}")
        is_its = and_(assigned.c.issue_id == issues.c.id, assigned.c.family == family)
        rows = rows.outerjoin(assigned, is_its).outerjoin(chain, chain.c.id == assigned.c.chain_id)
        for position, what in enumerate(("layer", "code")):
            deepest: Any = literal_column(f"CAST(c_{family}.links AS json) -> -1 ->> {position}")
            columns.append(deepest.label(f"{family}_owner_{what}"))
    return select(*columns).select_from(rows)


def _written(connection: Connection, query: Select[Any]) -> str:
    options = {"literal_binds": True}
    return str(query.compile(dialect=connection.dialect, compile_kwargs=options))
