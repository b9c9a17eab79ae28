"""Border agreements: recorded once, withdrawn perhaps, never changed or removed."""

from collections.abc import Sequence
from typing import Any

import shapely
from sqlalchemy import Connection, func, insert, select, update

from geo_service.layers.agreement import Agreement
from geo_service.storage.tables import agreements

Revision = tuple[int, int]
"""How many are recorded, and how many of them withdrawn: another one after every change."""

REVISION = (
    select(func.count()).select_from(agreements).scalar_subquery(),
    select(func.count(agreements.c.withdrawn_at_s)).scalar_subquery(),
)
_COLUMNS = [agreements.c[name] for name in Agreement.__dataclass_fields__ if name in agreements.c]


def revision(connection: Connection) -> Revision:
    """Return what changes with every change: the cheap read."""
    recorded, withdrawn = connection.execute(select(*REVISION)).one()
    return recorded, withdrawn


def all_agreements(connection: Connection) -> list[Agreement]:
    """Return every agreement ever recorded, by number."""
    rows = connection.execute(select(*_COLUMNS).order_by(agreements.c.number)).mappings()
    return [
        Agreement(**{**row, "stretch": row["stretch"] and shapely.from_wkb(row["stretch"])})
        for row in rows
    ]


def latest_number(connection: Connection) -> int:
    """Return the highest number, 0 where there is none."""
    return connection.scalar(select(func.coalesce(func.max(agreements.c.number), 0))) or 0


def add_agreements(connection: Connection, found: Sequence[Agreement], *, actor: str) -> None:
    """Store agreements whose numbers are the next ones."""
    if found:
        connection.execute(insert(agreements), [_row(each, actor) for each in found])


def withdraw(connection: Connection, number: int, *, at_s: int, actor: str) -> None:
    """Note that an agreement is withdrawn."""
    connection.execute(
        update(agreements)
        .where(agreements.c.number == number)
        .values(withdrawn_at_s=at_s, withdrawn_by=actor)
    )


def _row(agreement: Agreement, actor: str) -> dict[str, Any]:
    stretch = None if agreement.stretch is None else shapely.to_wkb(agreement.stretch)
    return {**vars(agreement), "stretch": stretch, "recorded_by": actor}
