"""On PostgreSQL, what the outlines hold as geometries of PostGIS, with an index."""

from alembic import op

from geo_service.storage.databases.postgis import extension_schema

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column, which the server fills by itself; SQLite has no such thing."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    schema = connection.dialect.identifier_preparer.quote(extension_schema(connection, "postgis"))
    op.execute(
        f"ALTER TABLE areas ADD COLUMN geometry {schema}.geometry(Geometry, 4490)"
        f" GENERATED ALWAYS AS ({schema}.ST_GeomFromWKB(outline, 4490)) STORED"
    )
    op.execute(
        "CREATE INDEX ix_areas_geometry ON areas"
        f" USING gist (geometry {schema}.gist_geometry_ops_2d)"
    )
