"""What QGIS and the like read of a database that was just filled, before any service opens it."""

from geo_service.errors import InvalidProfile
from geo_service.governance.profile import parse_profile
from geo_service.layers.layer_tables import layers_from_tables
from geo_service.storage.databases import Database, Transaction
from geo_service.storage.profiles import adopted_profile


def make_views(database: Database, connection: Transaction) -> None:
    """Make the views of the layers of the profile that was adopted last; on SQLite there are none.

    Where this version cannot read that profile, whoever opens the database brings another one, and
    its views with it.
    """
    adopted = adopted_profile(connection)
    if adopted is None:
        return
    _, name, text = adopted
    try:
        profile = parse_profile(text, file=f"{name}.toml")
    except InvalidProfile:
        return
    database.refresh_views(connection, layers_from_tables(profile.layers))
