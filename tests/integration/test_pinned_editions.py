"""Every question pins one edition, and a new one is noticed by the next: without a query."""

import sqlite3

import pytest
from sqlalchemy import event

from geo_service.errors import StorageUnavailable
from geo_service.storage.databases.sqlite import ChangeMark, DatabaseFile
from tests.houses import CALLER, center, open_house, publish_street


@pytest.fixture
def house(tmp_path):
    services = open_house(tmp_path)
    publish_street(services)
    yield services
    services.close()


def edition_at(services):
    lon, lat = center(0, 0)
    return services.locations.locate(CALLER, x=lon, y=lat, frame="EPSG:4490").edition.number


def statements_of(services, ask):
    """Return the SQL that the service's own connections ran meanwhile."""
    seen = []
    engine = services.workspace.database._engine

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    ask()
    event.remove(engine, "before_cursor_execute", note)
    return seen


def test_while_nothing_is_committed_a_place_is_located_without_a_query(house):
    edition_at(house)
    assert statements_of(house, lambda: edition_at(house)) == []


def test_an_edition_that_another_process_published_answers_the_next_question(house, tmp_path):
    assert edition_at(house) == 1
    other = open_house(tmp_path)
    publish_street(other, prepared_on=1)
    other.close()
    assert edition_at(house) == 2


def test_the_mark_changes_with_every_commit_of_others_and_not_without_one(tmp_path):
    file = tmp_path / "marked.db"
    with sqlite3.connect(file) as writer:
        writer.execute("CREATE TABLE kept (value)")
    mark = ChangeMark(DatabaseFile(file))
    first = mark.read()
    assert mark.read() == first
    with sqlite3.connect(file) as writer:
        writer.execute("INSERT INTO kept VALUES (1)")
    assert mark.read() != first
    mark.close()
    assert isinstance(mark.read(), int)  # opened again where it is asked again
    mark.close()


def test_a_file_that_cannot_be_read_is_told_as_such(tmp_path):
    with pytest.raises(StorageUnavailable):
        ChangeMark(DatabaseFile(tmp_path / "nowhere" / "gone.db")).read()
