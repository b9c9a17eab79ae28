"""Everything of one database into another: there, and from PostgreSQL back into a file."""

import sqlite3

import pytest

from geo_service.errors import DatabaseNotEmpty, DatabaseUnfit, InvalidValue, NaturalKeyConflict
from geo_service.services.databases.copies import copy_database
from geo_service.storage.databases import Database
from tests.databases import (
    change,
    database_url,
    everything,
    is_postgresql,
    rows,
)
from tests.full_houses import content, furnish, open_house_in, ticket
from tests.houses import CALLER, open_house, publish_street
from tests.terminals import refusal, run


@pytest.fixture
def house(tmp_path):
    """Return a house in a file, whatever this run is on."""
    services = open_house_in(f"sqlite:///{tmp_path / 'old.db'}", tmp_path)
    furnish(services)
    yield services
    services.close()


def test_a_copy_there_and_back_holds_every_row_bit_for_bit(house, tmp_path):
    old, new, again = (
        house.workspace.database.url,
        empty(tmp_path),
        f"sqlite:///{tmp_path / 'again.db'}",
    )
    before = content(old)
    there = copy_database(CALLER, source_url=old, target_url=new)
    back = copy_database(CALLER, source_url=new, target_url=again)
    assert content(new) == before
    assert content(again) == before
    assert there == back
    assert {each.name: each.rows for each in there} == {k: len(v) for k, v in before.items()}
    assert sum(each.rows > 0 for each in there) >= 9


def empty(folder):
    """Return the address of a database of this run's kind that holds nothing."""
    (folder / "new").mkdir()
    return database_url(folder / "new")


def test_a_copied_house_goes_on_where_the_old_one_stopped(house, tmp_path):
    old, new = house.workspace.database.url, empty(tmp_path)
    copy_database(CALLER, source_url=old, target_url=new)
    moved = open_house(tmp_path / "new")
    assert moved.issues.issue(CALLER, 5) == house.issues.issue(CALLER, 5)
    with pytest.raises(NaturalKeyConflict):
        moved.issues.report(CALLER, ticket(0), is_updating=False)
    added = moved.issues.report(CALLER, ticket(99), is_updating=False)
    assert added["id"] == 32
    publish_street(moved, prepared_on=2)
    assert moved.editions.editions(CALLER)[-1].number == 3
    moved.close()


def test_an_empty_house_is_copied_and_its_ids_begin_at_one(tmp_path):
    open_house_in(f"sqlite:///{tmp_path / 'old.db'}", tmp_path).close()
    new = empty(tmp_path)
    copy_database(CALLER, source_url=f"sqlite:///{tmp_path / 'old.db'}", target_url=new)
    moved = open_house(tmp_path / "new")
    assert moved.issues.report(CALLER, ticket(1), is_updating=False)["id"] == 1
    moved.close()


def test_a_database_that_holds_anything_is_refused_and_left_as_it_is(house, tmp_path):
    new = empty(tmp_path)
    open_house(tmp_path / "new").close()
    before = everything(tmp_path / "new")
    with pytest.raises(DatabaseNotEmpty) as caught:
        copy_database(CALLER, source_url=house.workspace.database.url, target_url=new)
    assert caught.value.table == "profiles"
    assert everything(tmp_path / "new") == before


def test_a_copy_that_is_cut_off_leaves_nothing(house, tmp_path):
    def stop(table, _rows):
        if table == "issues":
            raise KeyboardInterrupt

    old, new = house.workspace.database.url, empty(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        copy_database(CALLER, source_url=old, target_url=new, on_progress=stop)
    assert not any(everything(tmp_path / "new").values())
    assert copy_database(CALLER, source_url=old, target_url=new)


@pytest.mark.sqlite
def test_what_reads_back_differently_is_not_kept(house, tmp_path):
    new = tmp_path / "new.db"
    Database(f"sqlite:///{new}").migrate()
    with sqlite3.connect(new) as connection:
        connection.execute(
            "CREATE TRIGGER spoil AFTER INSERT ON reference_features BEGIN"
            " UPDATE reference_features SET name = 'x' WHERE id = NEW.id; END"
        )
    old = house.workspace.database.url
    with pytest.raises(DatabaseUnfit, match=r"reference_features: 2 rows .* 2 were read back"):
        copy_database(CALLER, source_url=old, target_url=f"sqlite:///{new}")
    assert not any(content(f"sqlite:///{new}").values())


def test_a_source_without_this_versions_tables_is_refused_and_no_file_is_made(tmp_path):
    missing = tmp_path / "typo.db"
    with pytest.raises(DatabaseUnfit, match=r"no such file.*typo"):
        copy_database(CALLER, source_url=f"sqlite:///{missing}", target_url=empty(tmp_path))
    assert not missing.exists()
    change(tmp_path / "new", "CREATE TABLE IF NOT EXISTS mine (id int)")
    with pytest.raises(InvalidValue):
        copy_database(CALLER, source_url="nothing", target_url="nothing")


def test_while_it_is_copied_the_old_house_goes_on_and_the_copy_is_of_one_moment(house, tmp_path):
    old, new = house.workspace.database.url, empty(tmp_path)
    told = []

    def disturb(table, _rows):
        if not told:
            told.append(table)
            house.issues.report(CALLER, ticket(77), is_updating=False)

    before = content(old)
    copy_database(CALLER, source_url=old, target_url=new, on_progress=disturb)
    assert content(new) == before
    assert content(old) != before


def test_the_command_counts_what_it_copied_and_refuses_a_second_time(house, tmp_path):
    words = ("copy", "--from", house.workspace.database.url, "--to", empty(tmp_path))
    told = run(tmp_path, *words, language="en")
    assert "each reads back the same" in told
    assert "issue_events" in told
    assert "什么都没有写入" in refusal(tmp_path, *words)


def test_an_address_that_is_none_is_named_by_its_option(house, tmp_path):
    url = house.workspace.database.url
    assert "--from" in refusal(tmp_path, "copy", "--from", "nonsense", "--to", url)
    assert "--to" in refusal(tmp_path, "copy", "--from", url, "--to", "foo://x")


@pytest.mark.postgresql
def test_copied_areas_have_their_geometries(house, tmp_path):
    assert is_postgresql()
    copy_database(CALLER, source_url=house.workspace.database.url, target_url=empty(tmp_path))
    query = "SELECT count(*) FROM areas WHERE ST_AsBinary(geometry) = outline"
    assert rows(tmp_path / "new", query) == [(12,)]
