"""What changes whenever anything does that counts rest on, in one question."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from geo_service.storage import agreements
from geo_service.storage.tables import figures, issue_events, references


class Revision(NamedTuple):
    """Another one after every event of an issue, figure, change of references, and agreement."""

    event_id: int
    figure_id: int
    reference_id: int
    agreements: agreements.Revision


_LATEST = [
    select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery()
    for table in (issue_events, figures, references)
]
_QUERY = select(*_LATEST, *agreements.REVISION)


def revision(connection: Connection) -> Revision:
    """Return how far everything has come: the cheap read."""
    found = connection.execute(_QUERY).one()
    return Revision(*found[:3], agreements=(found[3], found[4]))
