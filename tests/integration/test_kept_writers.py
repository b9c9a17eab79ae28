"""The connection of SQLite that stays open between two transactions that write."""

import pytest
from sqlalchemy.exc import OperationalError

from tests.houses import open_house


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
