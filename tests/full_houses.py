"""A house with something in nearly every table, and all that a database holds, wherever it is."""

from sqlalchemy import create_engine, select

from geo_service.app import create_services
from geo_service.settings import Settings
from geo_service.storage import references
from geo_service.storage.tables import metadata
from tests.houses import CALLER, center, publish_street, street_boundaries


def ticket(number, **cells):
    """Return a ticket in one of the southern grids."""
    lon, lat = center(number % 4, 0)
    place = {"x": lon, "y": lat, "frame": "EPSG:4490"}
    named = {"source": "complaint", "external_id": str(number)}
    return {**place, **named, "reported_at": "2026-11-20 08:00", **cells}


def furnish(house):
    """Put something into nearly every table: texts of every kind, no values, signs of zero."""
    publish_street(house)
    publish_street(house, prepared_on=1)
    texts = {"title": "路灯\t“不亮”\\n", "description": "两行\n𠮷 'a' \\N", "address": "示例街道"}
    for number in range(30):
        house.issues.report(CALLER, ticket(number, **texts), is_updating=False)
    house.issues.report(CALLER, ticket(30, x=None, y=None, frame=None), is_updating=False)
    outlines = street_boundaries()["grid"].geometries[:2]
    with house.workspace.database.write() as connection:
        references.replace_references(
            connection, kind="water", names=["", "河"], geometries=outlines
        )


def content(url):
    """Return every row of every table, in an order that both databases share."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            name: sorted(map(repr, connection.execute(select(table))))
            for name, table in metadata.tables.items()
        }
    engine.dispose()
    return found


def open_house_in(url, folder):
    """Open a house by the address of its database, with its indexes in a folder."""
    given = {"database_url": url, "index_folder": str(folder / "index"), "profile": "generic"}
    return create_services(Settings(_env_file=None, **given))
