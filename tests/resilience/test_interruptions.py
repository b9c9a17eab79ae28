"""Long work that is killed in the middle leaves what was there, and is done when repeated."""

import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, text

from geo_service.services.databases.copies import copy_database
from geo_service.storage.databases import Database
from geo_service.storage.migrations import FOLDER
from tests.databases import blank_database, database_url, everything, is_postgresql
from tests.houses import CALLER, LONG_AGO_S, center, grid_code, open_house, publish_street

SPAWN = get_context("spawn")
FIRST = "0001"
EVERY = 4
"""Of the statements of a migration so many are done between two deaths."""
TABLES = ("areas", "editions", "issues")


def in_new_process(work: Callable, *given):
    """Run what forks and kills, in a process without threads and open databases."""
    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        return pool.submit(work, *given).result()


def ending_of(work: Callable[[], object]) -> int:
    """Return the signal that ends a child doing the work, 0 where it comes to its end."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def migrate(url: str, *, deadly: int | None = None) -> None:
    """Bring a database up to date, or die before so many statements of it are done."""
    numbers = count(1)

    def look(connection: Connection, *_rest: object) -> None:
        is_writing = connection.get_execution_options().get("is_writing", False)
        if is_writing and next(numbers) == deadly:
            die()

    if deadly is not None:
        event.listen(Engine, "before_cursor_execute", look)
        event.listen(Engine, "commit", look)
    database = Database(url)
    database.migrate()
    database.close()


def shape(url: str) -> tuple[object, ...]:
    """Return the tables with their columns and indexes, the version, and a row that was there."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        seen = inspect(connection)
        tables = [
            (
                name,
                tuple(column["name"] for column in seen.get_columns(name)),
                tuple(sorted(str(index["name"]) for index in seen.get_indexes(name))),
            )
            for name in sorted(seen.get_table_names())
        ]
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        names = connection.execute(text("SELECT name FROM profiles")).scalars()
        return (*tables, version, *names)


def killed_migrations(url: str) -> tuple[int, int]:
    """Kill a migration ever later, until one comes to its end; how often, how often all stayed."""
    before, kept = shape(url), 0
    for kills in count():
        deadly = 1 + kills * EVERY
        if ending_of(partial(migrate, url, deadly=deadly)) == 0:
            return kills, kept
        kept += shape(url) == before
    raise AssertionError


def old_database(folder: Path) -> str:
    """Return the address of a database of the first tables, with a row."""
    url = blank_database(folder) if is_postgresql() else database_url(folder)
    engine = create_engine(url, poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, FIRST)
        connection.execute(
            text("INSERT INTO profiles (hash, name, text, adopted_at_s) VALUES ('h', 'n', 't', 1)")
        )
    return url


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_a_migration_that_is_killed_leaves_the_old_version_whole_and_the_next_completes_it(
    tmp_path,
):
    url = old_database(tmp_path)
    kills, kept = in_new_process(killed_migrations, url)
    assert kills > 2
    assert kept == kills
    database = Database(url)
    assert database.is_newest()
    database.close()
    assert shape(url)[-1] == "n"
    house = open_house(tmp_path)
    publish_street(house)
    house.close()


def migrate_twice(url: str) -> list[int]:
    """Let two processes migrate at once; how each of them ends."""
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                migrate(url)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_two_processes_migrate_an_old_database_at_once_and_it_is_done_once(tmp_path):
    url = old_database(tmp_path)
    assert in_new_process(migrate_twice, url) == [0, 0]
    assert shape(url)[-1] == "n"
    database = Database(url)
    assert database.is_newest()
    database.close()


def killed_copies(source: str, target: str) -> list[int]:
    """Copy, and die when the first rows of a table are written; how each copy ends."""

    def copy(deadly: str) -> None:
        copy_database(
            CALLER,
            source_url=source,
            target_url=target,
            on_progress=lambda table, _rows: die() if table == deadly else None,
        )

    return [ending_of(partial(copy, table)) for table in TABLES]


def ticket(number: int) -> dict[str, object]:
    lon, lat = center(0, 0)
    named = {"source": "complaint", "external_id": str(number), "reported_at": "2026-11-20 08:00"}
    return {**named, "x": lon, "y": lat, "frame": "EPSG:4490", "title": "路灯"}


def test_a_copy_that_is_killed_leaves_the_target_empty_and_is_done_when_repeated(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    house.issues.batch(CALLER, [ticket(number) for number in range(50)], is_updating=False)
    house.close()
    other = tmp_path / "other"
    other.mkdir()
    urls = {"source_url": database_url(tmp_path), "target_url": database_url(other)}
    endings = in_new_process(killed_copies, *urls.values())
    assert endings == [signal.SIGKILL] * len(TABLES)
    assert not any(everything(other).values())
    copy_database(CALLER, **urls)
    assert everything(other) == everything(tmp_path)


def killed_builds(folder: str, sizes: list[int]) -> list[int]:
    """Build the index of a house, and die at so many bytes of its file; how each build ends."""

    def build(size: int) -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        locate(folder)

    return [ending_of(partial(build, size)) for size in sizes]


def locate(folder: str | Path) -> str:
    house = open_house(Path(folder))
    lon, lat = center(0, 0)
    found = house.locations.locate(CALLER, x=lon, y=lat, frame="EPSG:4490")
    house.close()
    return found.families[0].chain[-1].code


@pytest.mark.sqlite
def test_an_index_whose_building_is_killed_is_never_trusted_and_built_again(tmp_path):
    house = open_house(tmp_path)
    publish_street(house, effective_from_s=LONG_AGO_S)
    house.close()
    # the first death is before the head is there, the others between and in the sections
    endings = in_new_process(killed_builds, str(tmp_path), [0, 4096, 10_000])
    assert endings == [signal.SIGXFSZ] * 3
    assert not list((tmp_path / "house.db.index").glob("[!.]*.index"))
    assert locate(tmp_path) == grid_code(0, 0)
    assert len(list((tmp_path / "house.db.index").glob("[!.]*.index"))) == 1
