"""Verifying finds what a database or a file does not keep together, and says what it left out."""

import sqlite3
from contextlib import closing

import pytest

from geo_service.errors import DatabaseUnfit
from geo_service.services.verification.verifications import VerificationOptions
from geo_service.storage import verification_rows
from geo_service.storage.databases import Database
from tests.databases import change, database_url, is_postgresql, rows
from tests.houses import CALLER, open_house
from tests.overlays import profile_file
from tests.verified_houses import found, put_furnished, verified


@pytest.fixture
def folder(tmp_path):
    return put_furnished(tmp_path)


def test_rows_that_point_nowhere_are_found_whatever_the_constraints_say(folder):
    untied = ["SET LOCAL session_replication_role = replica"] if is_postgresql() else []
    change(
        folder,
        *untied,
        "DELETE FROM issues WHERE id = 5",
        "DELETE FROM editions WHERE number = 2",
        "UPDATE editions SET profile_hash = 'x' WHERE number = 5",
        "DELETE FROM chains WHERE id = 8",
    )
    told = found(folder)
    assert told >= {
        ("database", "orphan", "issue_events 5"),
        ("database", "orphan", "issue_events 26"),
        ("database", "orphan", "issue_texts 5"),
        ("database", "orphan", "assignments 5/grid"),
        ("database", "orphan", "areas 19"),
        ("database", "orphan", "relocations 3"),
        ("database", "orphan", "editions 5"),
        ("database", "orphan", "assignments 14/grid"),
        ("database", "orphan", "chain_areas 8/grid"),
        ("editions", "edition_gap", "editions 3"),
        ("editions", "unknown_profile", "editions 5"),
    }


def test_keys_that_stand_twice_and_what_should_have_kept_them_apart_are_found(folder):
    change(
        folder,
        "ALTER TABLE idempotency_keys RENAME TO old_keys",
        "CREATE TABLE idempotency_keys AS SELECT * FROM old_keys",
        "DROP TABLE old_keys",
        "INSERT INTO idempotency_keys SELECT * FROM idempotency_keys WHERE key = 'k-2'",
        "DROP INDEX ix_issues_closed_at_s",
    )
    caller = CALLER.name
    assert found(folder) == {
        ("database", "missing_part", "idempotency_keys"),
        ("database", "missing_part", "issues"),
        ("database", "doubled_key", f"idempotency_keys {caller}/POST /issues/k-2"),
    }


def test_tables_of_another_version_are_told_and_left_as_they_are(folder):
    change(folder, "UPDATE alembic_version SET version_num = '0001'")
    assert found(folder) == {("database", "other_revision", "")}
    assert rows(folder, "SELECT version_num FROM alembic_version") == [("0001",)]
    checks = verified(folder).checks
    assert all(check.left_out for check in checks if check.name != "database")


def test_only_so_many_findings_are_listed_and_the_rest_counted(folder):
    change(folder, "UPDATE issues SET title = 'x'")
    result = verified(folder, VerificationOptions(listed=3))
    [keys] = [check for check in result.checks if check.name == "keys"]
    assert (len(keys.findings), keys.found) == (3, 26)


def test_a_damaged_index_file_is_found(folder):
    house = open_house(folder, profile=profile_file(folder))
    house.indexes.build(CALLER, 4)
    [index] = [each for each in house.indexes.verify(CALLER, 4) if each.stored]
    house.close()
    content = bytearray(index.path.read_bytes())
    content[-1] ^= 1
    index.path.write_bytes(content)
    assert ("indexes", "damaged_index", "4") in found(folder)
    assert index.path.read_bytes() == content


@pytest.mark.sqlite
def test_a_damaged_file_is_told_before_anything_else_is_read(folder):
    file = folder / "house.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [page] = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_issues_status'"
        ).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(file.read_bytes())
    content[page * size - 20 : page * size - 10] = b"\0" * 10
    file.write_bytes(content)
    assert {each[:2] for each in found(folder)} == {("database", "file_fault")}


@pytest.mark.sqlite
def test_a_file_that_is_not_there_is_refused_and_not_made(tmp_path):
    with pytest.raises(DatabaseUnfit):
        verified(tmp_path)
    assert not (tmp_path / "house.db").exists()


@pytest.mark.postgresql
def test_what_postgresql_keeps_beside_the_rows_is_verified(folder):
    assert is_postgresql()
    change(
        folder,
        "ALTER TABLE areas ALTER COLUMN geometry DROP EXPRESSION",
        "UPDATE areas SET geometry = ST_Translate(geometry, 1, 0) WHERE id = 16",
        "UPDATE areas SET geometry = NULL WHERE id = 17",
        "DROP INDEX ix_areas_geometry",
        "DROP VIEW gis.open_issues",
        "COMMENT ON VIEW gis.current_grid IS 'geo-service old'",
        "SELECT setval('issue_events_id_seq', 3)",
        "UPDATE pg_index SET indisvalid = false"
        " WHERE indexrelid = CAST('ix_issues_status' AS regclass)",
        "ALTER TABLE issue_texts DROP CONSTRAINT fk_issue_texts_issue_id",
        "ALTER TABLE issue_texts ADD CONSTRAINT fk_issue_texts_issue_id"
        " FOREIGN KEY (issue_id) REFERENCES issues (id) NOT VALID",
    )
    assert {each for each in found(folder) if each[0] == "database"} == {
        ("database", "other_geometry", "areas 16 grid 999001010208"),
        ("database", "other_geometry", "areas 17 lane L1"),
        ("database", "missing_part", "areas"),
        ("database", "missing_view", ""),
        ("database", "lagging_sequence", "issue_events"),
        ("database", "invalid_index", "issues"),
        ("database", "unproved_constraint", "issue_texts"),
    }
    change(
        folder,
        "UPDATE pg_attribute SET attcollation = CAST('\"und-x-icu\"' AS regcollation)"
        " WHERE attrelid = CAST('areas' AS regclass) AND attname = 'code'",
    )
    assert ("database", "other_collation", "areas") in found(folder)
    checks = verified(folder).checks
    assert all(check.left_out for check in checks if check.name != "database")


def test_between_two_open_issues_no_closed_one_is_read(folder):
    """Of years of issues few are open: what lies between them never fits into memory."""
    change(folder, "UPDATE issues SET status = 'closed' WHERE id NOT IN (9, 12)")
    database = Database(database_url(folder))
    with database.read() as connection:
        [piece] = list(verification_rows.issue_pieces(connection, is_open=True))
    database.close()
    assert [row.id for row in piece.issues] == [9, 12]
    assert {row.issue_id for row in piece.assignments} == {9, 12}
