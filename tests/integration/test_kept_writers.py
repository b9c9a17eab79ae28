"""The connection of SQLite that stays open between two transactions that write."""

import gc
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.houses import CALLER, open_house, publish_street


@pytest.mark.sqlite
def test_writers_go_on_with_one_connection_until_any_connection_is_of_no_use(tmp_path):
    database = open_house(tmp_path).workspace.database

    def written_with():
        with database.write() as connection:
            return connection.connection.dbapi_connection

    first = written_with()
    with database.read():
        assert written_with() is first
    with database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        with pytest.raises(OperationalError, match="readonly"):
            connection.exec_driver_sql("DELETE FROM chains")
    assert written_with() is not first
    assert written_with() is written_with()


@pytest.mark.sqlite
def test_a_house_that_nobody_closed_is_given_up_with_its_files(tmp_path):
    def opened():
        files = (each.resolve() for each in Path("/proc/self/fd").iterdir())
        return [each for each in files if each.is_relative_to(tmp_path)]

    house = open_house(tmp_path)
    publish_street(house)
    assert house.editions.editions(CALLER)
    assert opened()
    del house
    gc.collect()
    assert opened() == []
