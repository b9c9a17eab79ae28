"""Databases as earlier versions of the service left them."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from geo_service.storage.backups.snapshots import opened
from geo_service.storage.databases import Database
from geo_service.storage.databases.copies import copy_tables, stored_tables
from geo_service.storage.migrations import upgrade
from tests.databases import blank_database, is_postgresql

TO_BEFORE_GEOMETRIES = (
    "DROP TABLE enclaves",
    "DROP TABLE draft_figures",
    "DROP TABLE bounds_texts",
    "ALTER TABLE areas DROP COLUMN buildings",
    "ALTER TABLE reference_features DROP COLUMN code",
    "DROP TABLE draft_areas",
    "DROP TABLE draft_operations",
    "DROP TABLE drafts",
    "DROP TABLE lineage",
    "DROP TABLE signed_sheets",
    "DROP TABLE issue_credits",
    "DROP TABLE issue_spells",
    "DROP TABLE issue_measures",
    "DROP INDEX ix_issues_without_place",
    "DROP TABLE place_matches",
    "DROP TABLE place_lists",
    "DROP TABLE places",
    "DROP TABLE attachments",
    "ALTER TABLE issues DROP COLUMN erased_at_s",
    "DROP TABLE webhook_events",
    "DROP TABLE webhooks",
    "DROP TABLE issue_standings",
    "DROP TABLE decisions",
    "DROP TABLE calendars",
    "DROP INDEX ix_issues_next_due_s",
    "DROP INDEX ix_issues_is_provisional",
    *(
        f"ALTER TABLE issues DROP COLUMN {name}"
        for name in ("due_s", "next_due_s", "is_provisional", "is_late")
    ),
    "DROP TABLE activities",
    "DROP TABLE register_entries",
    "DROP TABLE list_import_rejections",
    "DROP TABLE list_imports",
    "DROP INDEX ix_issues_source",
)
"""What takes the tables and columns of all versions after 0005 away, but for the geometries."""

TO_THE_FIRST_TABLES = (
    *TO_BEFORE_GEOMETRIES,
    "DROP INDEX ix_issues_category_major",
    "ALTER TABLE assignments DROP COLUMN status",
    "ALTER TABLE assignments DROP COLUMN candidates",
    "DROP TABLE relocations",
    "ALTER TABLE assignments DROP COLUMN overrides",
    "DROP TABLE agreements",
    "ALTER TABLE assignments DROP COLUMN agreement",
    "ALTER TABLE editions DROP COLUMN uncorrected",
    "UPDATE alembic_version SET version_num = '0001'",
)
"""What takes all later tables and columns away again."""


def old_database(new, folder, revision):
    """Return the address of a database of an older version, with all that it had a place for."""
    old = folder / "old.db"
    upgrade(lambda: opened(old), lambda: opened(old), revision)
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("ATTACH ? AS newest", (new.removeprefix("sqlite:///"),))
        columns = "SELECT group_concat(name) FROM pragma_table_info(?)"
        query = "SELECT name FROM main.sqlite_schema WHERE type = 'table'"
        for (table,) in connection.execute(query).fetchall():
            if table != "alembic_version":
                (shared,) = connection.execute(columns, (table,)).fetchone()
                connection.execute(
                    f"INSERT INTO main.{table} ({shared}) SELECT {shared} FROM newest.{table}"
                )
        connection.commit()
    if not is_postgresql():
        return f"sqlite:///{old}"
    url = blank_database(folder)
    with closing(Database(url)) as server:
        upgrade(server.read, server.write, revision)
        with opened(old) as source, server.write() as target:
            tables = stored_tables(source)
            copy_tables(source, target, tables=tables, on_progress=lambda _table, _rows: None)
    return url


def without_deadlines(file_url, folder):
    """Return the address of the same as a version left it that knew no deadlines."""
    plain = Path(shutil.copy(file_url.removeprefix("sqlite:///"), folder / "plain.db"))
    with closing(sqlite3.connect(plain)) as connection, connection:
        connection.execute("UPDATE issues SET due_s = NULL, next_due_s = NULL")
        for name in ("payload", "state"):
            without = f"json_remove({name}, '$.deadlines')"
            connection.execute(f"UPDATE issue_events SET {name} = {without}")
    return f"sqlite:///{plain}"
