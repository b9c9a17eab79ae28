"""What PostgreSQL alone does: durable connections, turns of writers, news, servers that go away."""

import re
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from geo_service.app import read_profile
from geo_service.errors import (
    DatabaseUnfit,
    InvalidValue,
    OutcomeUnknown,
    StorageUnavailable,
)
from geo_service.layers.area import area_set
from geo_service.layers.edition import IN_FORCE
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.page_facts import PageFacts
from geo_service.services.service_set import service_set
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Database
from geo_service.storage.databases.rows import insert_rows
from geo_service.storage.tables import references
from tests.clusters import USER, cluster
from tests.databases import blank_database, change, configure, database_url, rows
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    Clock,
    center,
    open_house,
    publish_areas,
    publish_street,
    street_boundaries,
)

pytestmark = pytest.mark.postgresql

LISTENERS = (
    "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query LIKE '%snapshot()%'"
)
GIVE_UP_S = 60


def ticket(number, **cells):
    lon, lat = center(0, 0)
    place = {"x": lon, "y": lat, "frame": "EPSG:4490"}
    named = {"source": "complaint", "external_id": str(number)}
    return {**place, **named, "reported_at": "2026-11-20 08:00", **cells}


def report(house, number):
    return house.issues.report(CALLER, ticket(number), is_updating=False)["outcome"]


def edition_at(house):
    lon, lat = center(0, 0)
    return house.locations.locate(CALLER, x=lon, y=lat, frame="EPSG:4490").edition.number


def wait_for(is_true):
    give_up_at = time.monotonic() + GIVE_UP_S
    while not is_true():
        assert time.monotonic() < give_up_at, "it did not come"
        time.sleep(0.01)


@pytest.fixture
def house(tmp_path):
    services = open_house(tmp_path)
    publish_street(services)
    yield services
    services.close()


def settings_of(connection, *names):
    query = ", ".join(f"current_setting('{name}')" for name in names)
    return list(connection.exec_driver_sql(f"SELECT {query}").one())


def test_every_connection_is_durable_whatever_the_server_says(tmp_path):
    database_url(tmp_path)
    configure(tmp_path, "synchronous_commit = off")
    configure(tmp_path, "default_transaction_isolation = 'serializable'")
    database = Database(database_url(tmp_path))
    names = ("synchronous_commit", "lock_timeout", "transaction_isolation", "transaction_read_only")
    with database.read() as connection:
        assert settings_of(connection, *names) == ["on", "1min", "repeatable read", "on"]
    with database.write() as connection:
        assert settings_of(connection, *names) == ["on", "1min", "read committed", "off"]


def test_a_role_that_waits_for_no_disk_is_overruled_and_a_server_that_does_not_is_named(tmp_path):
    url = database_url(tmp_path)
    change(tmp_path, f"ALTER ROLE {USER} SET synchronous_commit = off")
    try:
        with Database(url).write() as connection:
            assert settings_of(connection, "synchronous_commit") == ["on"]
    finally:
        change(tmp_path, f"ALTER ROLE {USER} RESET synchronous_commit")
    doubt = Database(url).durability_doubt()  # the tests' server spares the disk
    assert doubt is not None
    assert all("fsync" in text and "full_page_writes" in text for text in doubt)


def test_a_server_that_goes_away_while_committing_leaves_an_open_question(house, tmp_path):
    change(
        tmp_path,
        "CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER leave AFTER INSERT ON issues DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION leave()",
    )
    with pytest.raises(OutcomeUnknown):
        report(house, 1)
    change(tmp_path, "DROP FUNCTION leave CASCADE")
    assert report(house, 1) == "added"


def test_a_stronger_promise_of_the_server_is_kept(tmp_path):
    database_url(tmp_path)
    configure(tmp_path, "synchronous_commit = remote_apply")
    with Database(database_url(tmp_path)).write() as connection:
        assert settings_of(connection, "synchronous_commit") == ["remote_apply"]


def test_codes_stand_in_the_order_of_code_points_whatever_the_order_of_the_server(tmp_path):
    codes = ["b", "A", "一", "丁", "阿", "Z", "é", "9"]
    house = open_house(tmp_path)
    boundaries = street_boundaries()
    grids = boundaries["grid"]
    named = area_set(
        "grid",
        codes=codes,
        names=codes,
        parents=list(grids.parents),
        geometries=grids.geometries,
    )
    publish_areas(house, {**boundaries, "grid": named}, on=0, effective_from_s=LONG_AGO_S)
    told = house.editions.areas(CALLER, "grid").rows
    assert [row.code for row in told] == sorted(codes)
    after = house.editions.areas(CALLER, "grid", after_code="Z", limit=2).rows
    assert [row.code for row in after] == ["b", "é"]
    by_name = rows(tmp_path, "SELECT name FROM areas WHERE layer = 'grid' ORDER BY name")
    assert [name for (name,) in by_name] != sorted(codes)  # else this server would prove nothing


def test_several_make_the_tables_of_a_new_database_at_once(tmp_path):
    url = blank_database(tmp_path)
    start = Barrier(4)

    def make(_number):
        database = Database(url)
        start.wait()
        database.migrate()
        database.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, range(4)))
    assert len(rows(tmp_path, "SELECT * FROM alembic_version")) == 1


def test_a_database_in_another_encoding_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(DatabaseUnfit, match="SQL_ASCII, not UTF8"):
        Database(blank_database(tmp_path, "SQL_ASCII")).migrate()


def test_a_short_address_reaches_it_and_other_kinds_of_database_are_refused(tmp_path):
    short = database_url(tmp_path).replace("postgresql+psycopg:", "postgresql:")
    Database(short).migrate()
    for url in ("mysql://a@b/c", "mssql+nothing://"):
        with pytest.raises(InvalidValue, match="GEO_SERVICE_DATABASE_URL"):
            Database(url)


def test_without_its_driver_the_address_is_refused_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidValue, match=r"pip install 'geo-service\[postgis\]'"):
        Database("postgresql://a@b/c")


def test_a_server_or_database_that_is_not_there_is_told_in_one_line(tmp_path):
    absent = re.sub("house_[0-9a-f]+", "nobody", database_url(tmp_path))
    for url in ("postgresql://tester@127.0.0.1:1/x", absent):
        with pytest.raises(StorageUnavailable) as caught:
            Database(url).migrate()
        assert "\n" not in caught.value.reason


@pytest.fixture
def reader(tmp_path):
    """Return the address of the house's database for a user who may only read it."""
    url = database_url(tmp_path)
    change(
        tmp_path,
        "CREATE ROLE reader LOGIN",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    )
    yield url.replace(f"{USER}@", "reader@")
    change(tmp_path, "DROP OWNED BY reader", "DROP ROLE reader")


def test_a_user_who_may_only_read_gets_answers_and_writes_nothing(house, reader):
    resting = open_without_adopting(reader)
    assert edition_at(resting) == 1
    with pytest.raises(StorageUnavailable, match="permission denied"):
        report(resting, 1)
    resting.close()
    assert report(house, 1) == "added"


def open_without_adopting(url):
    workspace = Workspace(Database(url), read_profile("generic"), now_s=Clock())
    return service_set(workspace, PageFacts())


def test_the_mark_changes_with_every_write_of_others_and_not_without_one(tmp_path):
    here, there = (Database(database_url(tmp_path)) for _ in range(2))
    first = here.change_mark()
    assert here.change_mark() == first
    with there.write():
        pass
    wait_for(lambda: here.change_mark() != first)
    own = here.change_mark()
    with here.write():
        pass
    assert here.change_mark() != own  # one's own at once
    for each in (here, there):
        each.close()
    assert isinstance(here.change_mark(), int)  # opened again where it is asked again
    here.close()


def test_a_write_from_outside_the_service_is_seen_within_moments(house, tmp_path):
    assert edition_at(house) == 1
    change(
        tmp_path,
        "INSERT INTO editions SELECT 2, published_at_s, effective_from_s, is_correction, reason,"
        " actor, content_hash, profile_hash FROM editions",
    )
    wait_for(lambda: edition_at(house) == 2)


def test_what_was_published_while_the_news_were_cut_off_is_answered_next(house, tmp_path):
    assert edition_at(house) == 1
    pids = [pid for (pid,) in rows(tmp_path, LISTENERS)]
    other = open_house(tmp_path)
    publish_street(other, prepared_on=1)
    other.close()
    assert pids
    for pid in pids:
        change(tmp_path, f"SELECT pg_terminate_backend({pid}, 10000)")
    assert edition_at(house) == 2


@pytest.mark.parametrize("kind", [signal.SIGQUIT, signal.SIGINT])
def test_a_server_that_goes_away_is_told_and_found_again_without_a_restart(kind):
    with cluster() as server:
        url = f"postgresql://{USER}@/postgres?host={server.host}"
        database = Database(url)
        database.migrate()
        house = open_without_adopting(url)
        house.workspace.open()
        publish_street(house)
        assert (edition_at(house), report(house, 1)) == (1, "added")
        server.stop(kind)
        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                edition_at(house)
            with pytest.raises(StorageUnavailable):
                report(house, 2)
        server.start()
        assert (report(house, 2), report(house, 1), edition_at(house)) == (
            "added",
            "unchanged",
            1,
        )
        with house.workspace.database.read() as connection:
            assert house.workspace.edition(connection, IN_FORCE).number == 1
        house.close()
        database.close()


def test_of_a_write_that_is_cut_off_nothing_is_left(house, tmp_path):
    database = house.workspace.database
    query = "SELECT pg_backend_pid()"
    with pytest.raises(StorageUnavailable), database.write() as connection:  # noqa: PT012  # the cut comes in the middle
        publish(
            house.workspace,
            connection,
            CALLER,
            Publication(street_boundaries(), 1, LONG_AGO_S, False, "cut off"),
        )
        pid = connection.exec_driver_sql(query).scalar()
        change(tmp_path, f"SELECT pg_terminate_backend({pid}, 10000)")
        connection.exec_driver_sql(query)
    assert edition_at(house) == 1
    publish_street(house, prepared_on=1)
    assert edition_at(house) == 2


def test_many_rows_that_are_cut_off_leave_none_and_are_told(house, tmp_path):
    database = house.workspace.database
    many = [{"kind": "water", "name": str(i), "outline": b""} for i in range(100)]
    with pytest.raises(StorageUnavailable), database.write() as connection:  # noqa: PT012  # the cut comes in the middle
        insert_rows(connection, references, many)
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        change(tmp_path, f"SELECT pg_terminate_backend({pid}, 10000)")
        insert_rows(connection, references, many)
    assert rows(tmp_path, "SELECT * FROM reference_features") == []
    assert report(house, 1) == "added"
