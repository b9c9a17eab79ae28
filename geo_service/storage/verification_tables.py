"""What a database says of itself: its tables, its own marks of damage, and what points nowhere."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    ForeignKeyConstraint,
    Inspector,
    Table,
    UniqueConstraint,
    and_,
    exists,
    func,
    inspect,
    literal_column,
    or_,
    select,
    text,
)

from geo_service.layers.layer import Layers
from geo_service.storage.databases.postgis import outdated_views
from geo_service.storage.tables import Code, areas, metadata

_ROWS = 2_000
_FULL = 2
"""Of SQLite's numbers for ``synchronous``."""
_SRID = 4490


class Flaw(NamedTuple):
    """Something wrong with the database itself; ``kind`` names the sentence, ``facts`` fill it."""

    kind: str
    facts: dict[str, Any]


def is_postgresql(connection: Connection) -> bool:
    """Tell which of the two databases this is."""
    return connection.dialect.name == "postgresql"


def missing_parts(connection: Connection) -> Iterator[Flaw]:
    """Yield the tables, columns, keys and indexes that should be there and are not."""
    seen = inspect(connection)
    standing = set(seen.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in standing:
            yield _missing(table, "table", table.name)
            continue
        yield from _missing_columns(connection, table)
        yield from _missing_keys(seen, table)
        indexes = {tuple(each["column_names"]) for each in seen.get_indexes(table.name)}
        for index in table.indexes:
            if tuple(column.name for column in index.columns) not in indexes:
                yield _missing(table, "index", str(index.name))


def file_faults(connection: Connection, *, is_quick: bool, most: int) -> list[str]:
    """Return what SQLite's own check of its file says; ``most`` lines of it at the most."""
    pragma = "quick_check" if is_quick else "integrity_check"
    found = connection.exec_driver_sql(f"PRAGMA {pragma}({most})").scalars().all()
    return [line for line in found if line != "ok"]


def orphans(connection: Connection) -> Iterator[Flaw]:
    """Yield the rows that name a row of another table which is not there.

    Asked of the rows themselves: a database that has lost its constraint says nothing by itself.
    """
    for table in metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            [column] = key.columns
            [above] = [each.column for each in key.elements]
            is_there = exists().where(above == column)
            query = select(*table.primary_key.columns, column).where(column.is_not(None), ~is_there)
            with connection.execute(query, execution_options={"yield_per": _ROWS}) as rows:
                for row in rows:
                    yield Flaw(
                        "orphan",
                        {
                            "table": table.name,
                            "id": "/".join(map(str, row[:-1])),
                            "column": column.name,
                            "value": row[-1],
                            "other": above.table.name,
                        },
                    )


def postgresql_flaws(connection: Connection) -> Iterator[Flaw]:
    """Yield invalid indexes and constraints, sequences that lag, words in another order."""
    invalid = text(
        "SELECT t.relname, i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
        " JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace"
        " WHERE n.nspname = current_schema() AND NOT (x.indisvalid AND x.indisready) ORDER BY 1, 2"
    )
    for table, index in connection.execute(invalid):
        yield Flaw("invalid_index", {"table": table, "name": index})
    unproved = text(
        "SELECT t.relname, c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
        " JOIN pg_namespace n ON n.oid = t.relnamespace"
        " WHERE n.nspname = current_schema() AND NOT c.convalidated ORDER BY 1, 2"
    )
    for table, name in connection.execute(unproved):
        yield Flaw("unproved_constraint", {"table": table, "name": name})
    yield from _lagging_sequences(connection)
    yield from _other_collations(connection)


def is_durable(connection: Connection) -> Iterator[Flaw]:
    """Yield the settings by which a commit that was acknowledged may be lost."""
    if is_postgresql(connection):
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            value = connection.scalar(text("SELECT current_setting(:name)"), {"name": name})
            if value == "off":
                yield Flaw("not_durable", {"name": name, "value": value})
        return
    value = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    if value is not None and value < _FULL:
        yield Flaw("not_durable", {"name": "synchronous", "value": value})


def geometry_flaws(connection: Connection) -> Iterator[Flaw]:
    """Yield what keeps the areas' geometries from being their outlines; nothing where they are."""
    schema = connection.scalar(text(_POSTGIS))
    if schema is None or not _has_geometry(connection):
        yield Flaw("missing_part", {"table": "areas", "what": "column", "name": "geometry"})
        return
    if not connection.scalar(text(_GIST)):
        yield Flaw("missing_part", {"table": "areas", "what": "index", "name": "GiST geometry"})
    # some outlines may be unreadable: what the server made of them is compared, nothing is parsed
    postgis = getattr(func, schema)
    geometry: Any = literal_column("areas.geometry")
    query = select(areas.c.id, areas.c.layer, areas.c.code).where(
        or_(
            geometry.is_(None),
            postgis.ST_SRID(geometry) != _SRID,
            postgis.ST_AsBinary(geometry) != areas.c.outline,
        )
    )
    with connection.execute(query, execution_options={"yield_per": _ROWS}) as rows:
        for row_id, layer, code in rows:
            yield Flaw(
                "other_geometry", {"table": "areas", "id": row_id, "layer": layer, "code": code}
            )


def view_flaws(connection: Connection, layers: Layers) -> Iterator[Flaw]:
    """Yield the views that QGIS and the like read, where they are missing or of another version."""
    if connection.scalar(text(_POSTGIS)) is None:
        return  # geometry_flaws tells; asking further would make it
    for name, is_there in outdated_views(connection, layers).items():
        yield Flaw("other_view" if is_there else "missing_view", {"name": name})


def count_rows(connection: Connection, table: str) -> int:
    """Return how many rows a table holds."""
    return connection.scalar(select(func.count()).select_from(metadata.tables[table])) or 0


_POSTGIS = (
    "SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace"
    " WHERE extname = 'postgis'"
)
_GIST = (
    "SELECT true FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
    " JOIN pg_am m ON m.oid = i.relam"
    " JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]"
    " WHERE x.indrelid = to_regclass('areas') AND m.amname = 'gist' AND a.attname = 'geometry'"
)


def _has_geometry(connection: Connection) -> bool:
    query = text(
        "SELECT true FROM pg_attribute WHERE attrelid = to_regclass('areas')"
        " AND attname = 'geometry' AND NOT attisdropped"
    )
    return bool(connection.scalar(query))


def _missing(table: Table, what: str, name: str) -> Flaw:
    return Flaw("missing_part", {"table": table.name, "what": what, "name": name})


def _missing_columns(connection: Connection, table: Table) -> Iterator[Flaw]:
    # an inspector would warn of the geometry, a type that it does not know
    query = "SELECT name FROM pragma_table_info(:table)"
    if is_postgresql(connection):
        query = (
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = :table"
        )
    columns = set(connection.scalars(text(query), {"table": table.name}))
    for column in table.columns:
        if column.name not in columns:
            yield _missing(table, "column", column.name)


def _missing_keys(seen: Inspector, table: Table) -> Iterator[Flaw]:
    """Yield the primary key, the unique constraints and the foreign keys that are not there."""
    name = table.name
    if set(seen.get_pk_constraint(name)["constrained_columns"]) != set(
        table.primary_key.columns.keys()
    ):
        yield _missing(table, "primary key", str(table.primary_key.name))
    unique = {tuple(each["column_names"]) for each in seen.get_unique_constraints(name)}
    foreign = {
        (tuple(each["constrained_columns"]), each["referred_table"])
        for each in seen.get_foreign_keys(name)
    }
    for constraint in sorted(table.constraints, key=lambda each: str(each.name)):
        if isinstance(constraint, UniqueConstraint):
            if tuple(constraint.columns.keys()) not in unique:
                yield _missing(table, "unique constraint", str(constraint.name))
        elif isinstance(constraint, ForeignKeyConstraint):
            told = tuple(constraint.columns.keys()), constraint.referred_table.name
            if told not in foreign:
                yield _missing(table, "foreign key", str(constraint.name))


def _lagging_sequences(connection: Connection) -> Iterator[Flaw]:
    """Yield the sequences whose next number is taken already."""
    for table in metadata.sorted_tables:
        key = table.autoincrement_column
        if key is None:
            continue
        query = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = connection.scalar(query, {"table": table.name, "column": key.name})
        if sequence is None:
            yield _missing(table, "sequence", key.name)
            continue
        query = text("SELECT pg_sequence_last_value(CAST(:name AS regclass))")
        last = connection.scalar(query, {"name": sequence}) or 0
        largest = connection.scalar(select(func.max(key))) or 0
        if last < largest:
            facts = {"table": table.name, "name": sequence, "value": last, "largest": largest}
            yield Flaw("lagging_sequence", facts)


def _other_collations(connection: Connection) -> Iterator[Flaw]:
    """Yield the columns of codes that do not compare by code point."""
    query = text(
        "SELECT table_name, column_name, collation_name FROM information_schema.columns"
        " WHERE table_schema = current_schema()"
    )
    found = {(table, name): collation for table, name, collation in connection.execute(query)}
    for table in metadata.sorted_tables:
        for column in table.columns:
            collation = found.get((table.name, column.name), "C")
            if column.type is Code and collation != "C":
                facts = {"table": table.name, "name": column.name, "value": str(collation)}
                yield Flaw("other_collation", facts)


def doubled_keys(connection: Connection) -> Iterator[Flaw]:
    """Yield the keys that stand more than once though they must not, in any table."""
    for table in metadata.sorted_tables:
        keys = [tuple(table.primary_key.columns)]
        keys += [
            tuple(each.columns)
            for each in sorted(table.constraints, key=lambda each: str(each.name))
            if isinstance(each, UniqueConstraint)
        ]
        for columns in keys:
            yield from _doubled(connection, table, columns)


def _doubled(connection: Connection, table: Table, columns: tuple[Any, ...]) -> Iterator[Flaw]:
    count = func.count()
    known = and_(*(column.is_not(None) for column in columns))
    query = select(*columns, count).where(known).group_by(*columns).having(count > 1)
    with connection.execute(query, execution_options={"yield_per": _ROWS}) as rows:
        for row in rows:
            yield Flaw(
                "doubled_key",
                {
                    "table": table.name,
                    "id": "/".join(map(str, row[:-1])),
                    "name": ", ".join(column.name for column in columns),
                    "count": row[-1],
                },
            )
