"""What changes whenever anything does that has a name, in one question."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from geo_service.storage.databases.statements import rows_of
from geo_service.storage.tables import place_lists, references, register_entries


class PlaceState(NamedTuple):
    """Another one after every import of addresses or reference features, or entry of a register.

    ``places`` is 0 before the first list of addresses.
    """

    places: int
    references: int
    entries: int


_LATEST = (place_lists.c.revision, references.c.id, register_entries.c.id)
_QUERY = select(*(select(func.coalesce(func.max(each), 0)).scalar_subquery() for each in _LATEST))


def state(connection: Connection) -> PlaceState:
    """Return how far everything has come: the cheap read."""
    [found] = rows_of(connection, _QUERY)
    return PlaceState(*found)
