"""What befalls a running service: no room, no right to write, no database; and that it recovers."""

import json
import os
import resource
import shutil
import signal
import subprocess
from contextlib import closing, contextmanager

import psycopg
import pytest
from sqlalchemy import text

from geo_service.app import create_worker
from geo_service.errors import StorageUnavailable
from tests.clusters import USER, cluster
from tests.crashes import Service, kill_group, wait_for
from tests.databases import database_url
from tests.doors import publish_street_in
from tests.houses import center, publish_street
from tests.losses import halves, opened
from tests.terminals import run_process

LIMIT = 65_536
MANY = 500


def ticket(number, **texts):
    lon, lat = center(0, 0)
    place = {"lon": lon, "lat": lat, "frame": "EPSG:4490"}
    named = {"source": "complaint", "external_id": str(number)}
    return {**place, **named, "reported_at": "2026-11-20 08:00", **texts}


@contextmanager
def running(service):
    service.start()
    try:
        yield
    finally:
        service.kill()


@contextmanager
def working(service):
    work = service.spawn("work", "--interval", "0.2")
    try:
        # one that starts while nothing can be written ends, and says so
        wait_for(
            lambda: "值守" in service.said(), "the work", unless=lambda: work.poll() is not None
        )
        yield work
    finally:
        kill_group(work)


def assert_trouble(service, slug):
    """Send what must be refused, and see that the answer says what to do and when."""
    value = {"issues": [ticket(f"refused-{i}", address="示例街道") for i in range(MANY)]}
    status, problem, headers = service.ask("POST", "/issues/batch", json.dumps(value).encode())
    assert (status, problem["type"]) == (503, f"/problems#{slug}"), problem
    assert problem["detail"]
    assert headers["retry-after"] == "5"
    assert headers["content-type"] == "application/problem+json"


def assert_reads(service):
    lon, lat = center(0, 0)
    for path in ("/editions", "/issues", f"/locate?lon={lon}&lat={lat}", "/hotspots/grid"):
        status, body, _ = service.ask("GET", path)
        assert status == 200, (path, body)


def assert_writes(service, number):
    status, body = service.post("/issues", ticket(number, address="示例街道"))
    assert status == 201, body
    _, body, _ = service.ask("GET", "/issues?limit=1000")
    assert not [row for row in body["items"] if row["external_id"].startswith("refused")]


def one_line(folder, *words, url):
    """Run what must fail, and return the line that says why."""
    said = run_process(folder, *words, database_url=url)
    assert said.code == 1, said
    [line] = said.stderr.splitlines()
    return line


class Bound(Service):
    """A service that obeys permissions even where the tests run as root."""

    def spawn(self, *words):
        told = (self.folder / "told").open("a", encoding="utf-8")
        bound = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all")
        with told:
            return subprocess.Popen(
                [*(bound if os.getuid() == 0 else ()), *self.command(*words)],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=told,
                start_new_session=True,
                text=True,
            )


@pytest.mark.sqlite
def test_a_service_on_a_file_answers_in_every_trouble_and_recovers_by_itself(tmp_path):
    publish_street_in(tmp_path)
    file, away = tmp_path / "house.db", tmp_path / "away.db"
    service = Bound(tmp_path, database_url(tmp_path), work_interval_s="0.2")
    file.chmod(0o444)
    with running(service):
        assert_reads(service)
        assert_trouble(service, "database-read-only")
        for each in tmp_path.glob("house.db*"):  # SQLite makes -wal and -shm as the file is
            each.chmod(0o755 if each.is_dir() else 0o644)
        assert_writes(service, 1)

        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (LIMIT, -1))
        assert_trouble(service, "disk-full")
        assert_reads(service)
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (-1, -1))
        assert_writes(service, 2)

        file.rename(away)
        assert_trouble(service, "storage-unavailable")
        assert service.ask("GET", "/editions")[0] == 503
        assert not file.exists()  # nobody made a new, empty one
        shutil.copy(away, file)
        assert_trouble(service, "storage-unavailable")
        away.rename(file)
        assert_reads(service)
        assert_writes(service, 3)
    assert halves(service.url) == []


@pytest.mark.sqlite
def test_a_file_where_nothing_can_be_written_is_told_as_that(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    publish_street_in(home)
    home.chmod(0o555)
    service = Bound(tmp_path, database_url(home))
    for words in (("layers",), ("backup", str(tmp_path / "day.zip")), ("serve",)):
        assert service.spawn(*words).wait(60) == 1
        [line] = service.told().splitlines()[-1:]
        assert f"数据库目前只能读、不能写：{home} 不能写入" in line
    home.chmod(0o755)
    assert service.spawn("layers").wait(60) == 0


@pytest.mark.sqlite
def test_a_worker_in_the_place_of_a_dead_one_makes_no_new_database(tmp_path, monkeypatch):
    publish_street_in(tmp_path)
    file, away = tmp_path / "house.db", tmp_path / "away.db"
    monkeypatch.setenv("GEO_SERVICE_DATABASE_URL", f"sqlite:///{file}")
    file.rename(away)
    with pytest.raises(StorageUnavailable):
        create_worker()
    assert not file.exists()


@pytest.fixture(scope="module")
def server():
    with cluster(fsync="on") as running_server:
        url = f"postgresql://{USER}@/postgres?host={running_server.host}"
        with closing(opened(url)) as house:
            publish_street(house)
        yield running_server


def ask_server(server, *statements):
    with psycopg.connect(
        host=server.host, user=USER, dbname="postgres", autocommit=True
    ) as connection:
        found = [connection.execute(statement) for statement in statements]
        return found[-1].fetchone()[0] if found[-1].description else None


def fill_disk(server):
    """Let the table of texts stand where nothing can be written: the device that is always full."""
    query = "SELECT pg_relation_filepath('issue_texts')"
    path = server.folder / "data" / ask_server(server, "TRUNCATE issue_texts", query)
    path.unlink()
    path.symlink_to("/dev/full")


def free_disk(server):
    ask_server(server, "TRUNCATE issue_texts")


def put_to_rest(server):
    others = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
    others += " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ask_server(server, "ALTER DATABASE postgres SET default_transaction_read_only = on", others)


def let_write(server):
    ask_server(
        server,
        "SET default_transaction_read_only = off",
        "ALTER DATABASE postgres RESET default_transaction_read_only",
    )


@pytest.mark.postgresql
def test_a_session_begun_while_nothing_could_be_written_is_not_written_with_later(server):
    with closing(opened(f"postgresql://{USER}@/postgres?host={server.host}")) as house:
        put_to_rest(server)
        with house.workspace.database.read() as connection:
            assert connection.scalar(text("SHOW transaction_read_only")) == "on"
        let_write(server)
        with house.workspace.database.write() as connection:
            connection.execute(text("CREATE TABLE written_to ()"))
            connection.execute(text("DROP TABLE written_to"))


@pytest.mark.postgresql
def test_a_service_on_a_server_answers_in_every_trouble_and_recovers_by_itself(server, tmp_path):
    url = f"postgresql://{USER}@/postgres?host={server.host}"
    service = Service(tmp_path, url, workers=2, work_interval_s="0.2")
    with running(service), working(service) as work:
        fill_disk(server)
        assert_trouble(service, "disk-full")
        assert_reads(service)
        free_disk(server)
        assert_writes(service, 1)

        put_to_rest(server)
        assert_trouble(service, "database-read-only")
        assert_reads(service)
        let_write(server)
        assert_writes(service, 2)

        server.stop(signal.SIGINT)
        for _ in range(4):
            assert_trouble(service, "storage-unavailable")
            assert service.ask("GET", "/locate?lon=120.0001&lat=30.0001")[0] == 503
        assert "数据库" in one_line(tmp_path, "layers", url=url)
        wait_for(
            lambda: "这一轮没有做成" in service.told(),
            "the complaint of the work",
            unless=lambda: work.poll() is not None,
        )
        server.start()
        wait_for(lambda: service.ask("GET", "/editions")[0] == 200, "the service")
        assert_reads(service)
        assert_writes(service, 3)
        assert work.poll() is None  # it goes on
    assert halves(url) == []
