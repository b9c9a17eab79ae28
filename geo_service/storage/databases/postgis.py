"""PostGIS: seeing that it is there, and the views by which QGIS and the like read what applies now.

The views stand in a schema of their own and are the only thing that the reading role may read.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from geo_service.errors import DatabaseUnfit
from geo_service.layers.layer import Layers
from geo_service.storage.databases.views import view_queries

SCHEMA = "gis"
READER = "geo_service_reader"
"""A role without a login: who may log in is made a member of it."""

_NOT_ALLOWED = "42501"
_MADE_MEANWHILE = ("42710", "23505")
"""Roles belong to the whole server: a service on another database may make it at the same time."""


def extension_schema(connection: Connection, name: str) -> str:
    """Return the schema that an extension stands in; it is made where it is not.

    Raises
    ------
    DatabaseUnfit
        The server does not have it, or this user may not make it.
    """
    where = text(
        "SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace"
        " WHERE extname = :name"
    )
    found = connection.scalar(where, {"name": name})
    if found is None:
        _make_extension(connection, name)
        found = connection.scalar(where, {"name": name})
    return str(found)


def _make_extension(connection: Connection, name: str) -> None:
    is_there = text("SELECT true FROM pg_available_extensions WHERE name = :name")
    if not connection.scalar(is_there, {"name": name}):
        raise DatabaseUnfit(
            f"服务器没有安装 {name}：请安装系统软件包，如 apt-get install postgresql-15-postgis-3",
            f"the server has no {name}: install its package, such as"
            " apt-get install postgresql-15-postgis-3",
        )
    quoted = connection.dialect.identifier_preparer.quote(name)
    try:
        connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {quoted}")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_ALLOWED:
            raise
        database = connection.engine.url.database
        raise DatabaseUnfit(
            f"这个用户不能启用 {name}：请由管理员运行一次"
            f" sudo -u postgres psql {database} -c 'CREATE EXTENSION {name}'",
            f"this user may not enable {name}: let an administrator run once"
            f" sudo -u postgres psql {database} -c 'CREATE EXTENSION {name}'",
        ) from error


def refresh_views(connection: Connection, layers: Layers) -> None:
    """Bring the views to what the layers ask for; those that are right are left alone.

    Nothing is locked while nothing has to change: somebody may be reading.

    Raises
    ------
    DatabaseUnfit
        A view that must change is used by another one, or is not ours.
    """
    postgis = connection.dialect.identifier_preparer.quote(extension_schema(connection, "postgis"))
    wanted = view_queries(connection, layers, postgis=postgis)
    _make_schema(connection)
    marks = {name: _mark(query) for name, query in wanted.items()}
    standing = _standing_views(connection)
    if standing != marks:
        try:
            _replace_views(connection, wanted, marks, standing)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in {"2BP01", "42P07"}:
                raise
            reason = " ".join(str(error.orig).split())
            raise DatabaseUnfit(
                f"模式 {SCHEMA} 里的视图要随图层更新，但被别的对象占用：{reason}",
                f"the views in schema {SCHEMA} must follow the layers, but {reason}",
            ) from error
    _let_read(connection, list(wanted))


def outdated_views(connection: Connection, layers: Layers) -> dict[str, bool]:
    """Return the views that the layers ask for and that are not right, and whether each stands.

    Nothing is made or changed.
    """
    quote = connection.dialect.identifier_preparer.quote
    postgis = quote(extension_schema(connection, "postgis"))
    wanted = view_queries(connection, layers, postgis=postgis)
    standing = _standing_views(connection)
    return {
        name: name in standing
        for name, query in wanted.items()
        if standing.get(name) != _mark(query)
    }


def _make_schema(connection: Connection) -> None:
    is_there = text("SELECT true FROM pg_namespace WHERE nspname = :name")
    if not connection.scalar(is_there, {"name": SCHEMA}):
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")


def _standing_views(connection: Connection) -> dict[str, str]:
    """Return the views that carry our mark, by name."""
    query = text(
        "SELECT relname, obj_description(c.oid, 'pg_class') FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = :schema AND relkind = 'v'"
        " AND obj_description(c.oid, 'pg_class') LIKE 'geo-service %'"
    )
    return dict(connection.execute(query, {"schema": SCHEMA}).all())


def _mark(query: str) -> str:
    return f"geo-service {sha256(query.encode()).hexdigest()}"


def _replace_views(
    connection: Connection,
    wanted: Mapping[str, str],
    marks: Mapping[str, str],
    standing: Mapping[str, str],
) -> None:
    quote = connection.dialect.identifier_preparer.quote
    outdated = [name for name, mark in standing.items() if marks.get(name) != mark]
    if outdated:
        names = ", ".join(f"{SCHEMA}.{quote(name)}" for name in outdated)
        connection.exec_driver_sql(f"DROP VIEW {names}")
    for name, query in wanted.items():
        if standing.get(name) != marks[name]:
            connection.exec_driver_sql(f"CREATE VIEW {SCHEMA}.{quote(name)} AS {query}")
            connection.exec_driver_sql(f"COMMENT ON VIEW {SCHEMA}.{quote(name)} IS '{marks[name]}'")


def _let_read(connection: Connection, names: Sequence[str]) -> None:
    """Let the reading role read the views; where it is missing and may not be made, nobody can."""
    if not _has_reader(connection):
        return
    quote = connection.dialect.identifier_preparer.quote
    may_read = text(
        "SELECT count(*) FROM unnest(CAST(:views AS text[])) view"
        " WHERE NOT has_table_privilege(:reader, view, 'SELECT')"
    )
    views = [f"{SCHEMA}.{quote(name)}" for name in names]
    may_enter = text("SELECT has_schema_privilege(:reader, :schema, 'USAGE')")
    if not connection.scalar(may_enter, {"reader": READER, "schema": SCHEMA}):
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {READER}")
    if connection.scalar(may_read, {"reader": READER, "views": views}):
        connection.exec_driver_sql(f"GRANT SELECT ON {', '.join(views)} TO {READER}")


def _has_reader(connection: Connection) -> bool:
    """Tell whether the reading role is there; it is made where this user may make roles."""
    is_there = text("SELECT true FROM pg_roles WHERE rolname = :name")
    may_make = text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    if connection.scalar(is_there, {"name": READER}):
        return True
    if not connection.scalar(may_make):
        return False
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"CREATE ROLE {READER} NOLOGIN")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _MADE_MEANWHILE:
            raise
    return True
