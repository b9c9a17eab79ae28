"""Declared enclaves: recorded, withdrawn perhaps, never removed."""

import shapely
from sqlalchemy import Connection, insert, select, update

from geo_service.layers.layer import Enclave
from geo_service.storage.tables import enclaves

_COLUMNS = [enclaves.c[name] for name in Enclave.__dataclass_fields__]


def all_enclaves(connection: Connection) -> list[Enclave]:
    """Return every enclave ever declared, by number."""
    rows = connection.execute(select(*_COLUMNS).order_by(enclaves.c.id)).mappings()
    return [Enclave(**{**row, "outline": shapely.from_wkb(row["outline"])}) for row in rows]


def add_enclave(connection: Connection, found: Enclave) -> int:
    """Store an enclave and return its number; the one that it has does not count."""
    values = {**vars(found), "outline": shapely.to_wkb(found.outline)}
    del values["id"]
    number: int = connection.scalar(insert(enclaves).values(values).returning(enclaves.c.id)) or 0
    return number


def withdraw(connection: Connection, number: int, *, at_s: int, actor: str) -> None:
    """Note that an enclave is one no more."""
    statement = update(enclaves).where(enclaves.c.id == number)
    connection.execute(statement.values(withdrawn_at_s=at_s, withdrawn_by=actor))
