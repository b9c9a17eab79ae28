"""Law 2 through index files: from memory, from storage, from a file, the answers are the same."""

import os
import resource
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from mmap import mmap
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
import shapely

from geo_service.app import read_profile
from geo_service.errors import UnwritableFile
from geo_service.layers.locator import Locator
from geo_service.services.places.locators import Locators
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Database
from geo_service.storage.index_files import damaged_sections, open_index
from geo_service.storage.index_turns import turn_to_build
from tests.houses import LONG_AGO_S, open_house, publish_areas
from tests.shapes import ALL_LAYERS, areas_of, grid_of, three_levels, without

ORIGIN, SIZE = (118.5, 33.6), (0.001, 0.001)


def boundaries_of(seed: int):
    """Return 64 grids less one, 40 party grids, and estates on two sheets."""
    land = without(three_levels(origin=ORIGIN, size=SIZE, seed=seed), "grid", 11)
    estates = grid_of(2, 2, origin=ORIGIN, size=(0.002, 0.002), seed=seed)
    return {
        **land,
        "party_grid": land["grid"].take(range(40)),
        "estate": areas_of("estate", [*estates, estates[0].buffer(0.0004)]),
        "lane": areas_of("lane", [shapely.LineString([ORIGIN, (118.504, 33.604)])]),
    }


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Two editions with other borders, in a database."""
    house = open_house(tmp_path_factory.mktemp("house"))
    for seed in (0, 1):
        publish_areas(house, boundaries_of(seed), on=seed, effective_from_s=LONG_AGO_S + seed)
    return house


def locators_in(folder) -> Locators:
    return Locators(ALL_LAYERS, folder)


def get(house, locators, number=1) -> Locator:
    with house.workspace.database.read() as connection:
        return locators.get(connection, house.workspace.edition_number(connection, number))


def file_of(house, locators, number=1):
    with house.workspace.database.read() as connection:
        edition = house.workspace.edition_number(connection, number)
    return locators.path(edition), locators.key(edition)


def hard_places(boundaries):
    """Return every vertex and its neighbors one ulp away, edge middles, and places anywhere."""
    nodes = shapely.get_coordinates(
        np.concatenate([boundaries[layer].geometries for layer in ("grid", "party_grid", "estate")])
    )
    around = [
        np.column_stack([np.nextafter(nodes[:, 0], x), np.nextafter(nodes[:, 1], y)])
        for x in (-np.inf, np.inf)
        for y in (-np.inf, np.inf)
    ]
    anywhere = np.random.default_rng(7).uniform(-0.001, 0.009, (5000, 2)) + ORIGIN
    return np.concatenate([nodes, (nodes[1:] + nodes[:-1]) / 2, *around, anywhere]).T


def answers(locator, lon, lat):
    """Return all that a locator says about places, as bytes and lists."""
    told, some = [], list(zip(lon[::9].tolist(), lat[::9].tolist(), strict=True))
    for family in ("grid", "party_grid"):
        owners = locator.owners(family, lon=lon, lat=lat)
        told += [owners.level.tobytes(), owners.position.tobytes(), owners.is_shared.tobytes()]
        told += [locator.chain_at(family, lon=x, lat=y) for x, y in some]
    return told + [locator.holding("estate", lon=x, lat=y) for x, y in some]


def assert_right(locator, number=1) -> None:
    boundaries = boundaries_of(number - 1)
    lon, lat = hard_places(boundaries)
    assert answers(locator, lon, lat) == answers(Locator(ALL_LAYERS, boundaries), lon, lat)


def is_mapped(locator) -> bool:
    memory = list(locator.sections.values())
    while any(isinstance(each, np.ndarray) for each in memory):
        memory = [each.base for each in memory]
    return all(isinstance(each, mmap) for each in memory)


def test_from_memory_from_storage_and_from_a_file_the_answers_are_the_same(house, tmp_path):
    built = get(house, locators_in(tmp_path))
    read = get(house, locators_in(tmp_path))
    memory = Locator(ALL_LAYERS, boundaries_of(0)).sections
    for locator in (built, read):
        assert {name: words.tobytes() for name, words in locator.sections.items()} == {
            name: words.tobytes() for name, words in memory.items()
        }
        assert is_mapped(locator)
        assert_right(locator)


def test_each_edition_has_its_own_file_and_its_own_answers(house, tmp_path):
    locators = locators_in(tmp_path)
    first, second = get(house, locators, 1), get(house, locators, 2)
    assert len(list(tmp_path.iterdir())) == 2
    assert_right(first, 1)
    assert_right(second, 2)
    assert get(house, locators, 1) is first
    locators.forget()
    assert get(house, locators, 1) is not first
    assert_right(get(house, locators_in(tmp_path), 2), 2)


def test_eight_threads_that_ask_for_a_missing_index_share_one(house, tmp_path):
    locators, start = locators_in(tmp_path), Barrier(8)

    def ask(_thread: int) -> Locator:
        start.wait()
        return get(house, locators)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert len({id(locator) for locator in found}) == 1
    assert len(list(tmp_path.iterdir())) == 1
    assert_right(found[0])


def test_a_file_that_is_there_is_used_and_not_written_again(house, tmp_path):
    get(house, locators_in(tmp_path))
    path, _ = file_of(house, locators_in(tmp_path))
    os.utime(path, (0, 0))
    before = path.stat()
    get(house, locators_in(tmp_path))
    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_mtime > before.st_mtime, "it counts as used"


def test_who_finds_another_process_building_waits_and_uses_what_it_built(house, tmp_path):
    get(house, locators_in(tmp_path / "theirs"))
    theirs, _ = file_of(house, locators_in(tmp_path / "theirs"))
    ours, _ = file_of(house, locators_in(tmp_path / "ours"))
    with ThreadPoolExecutor(1) as pool:
        with turn_to_build(ours.parent):
            waiting = pool.submit(get, house, locators_in(ours.parent))
            assert not wait([waiting], timeout=0.2).done
            os.link(theirs, ours)
        assert_right(waiting.result())
    assert ours.samefile(theirs), "it was not built a second time"


def test_who_waits_for_a_file_that_turns_out_damaged_builds_one(house, tmp_path):
    path, key = file_of(house, locators_in(tmp_path))
    with ThreadPoolExecutor(1) as pool:
        with turn_to_build(tmp_path):
            waiting = pool.submit(get, house, locators_in(tmp_path))
            assert not wait([waiting], timeout=0.2).done
            emptied(path)
        assert_right(waiting.result())
    assert damaged_sections(path, key) == []


def test_sixteen_locators_are_kept_or_as_many_as_memory_allows(house, tmp_path):
    with house.workspace.database.read() as connection:
        edition = house.workspace.edition_number(connection, 1)
        editions = [replace(edition, content_hash=str(number)) for number in range(17)]
        for kept_bytes, kept in [(2**30, 16), (1, 1)]:
            locators = Locators(ALL_LAYERS, tmp_path, kept_bytes=kept_bytes)
            first = [locators.get(connection, each) for each in editions]
            again = [locators.get(connection, each) for each in editions[: -kept - 1 : -1]]
            assert again == first[: -kept - 1 : -1]
            assert locators.get(connection, editions[0]) is not first[0]


def emptied(path):
    path.write_bytes(b"")


def cut(path):
    os.truncate(path, path.stat().st_size - 8)


def lengthened(path):
    os.truncate(path, path.stat().st_size + 4096)


def of_another_format(path):
    with path.open("r+b") as file:
        file.seek(8)
        file.write(b"\7\7\7\7")


def with_a_damaged_head(path):
    with path.open("r+b") as file:
        file.seek(40)
        file.write(b"\xff")


def of_something_else(path):
    path.write_bytes(b"SQLite format 3\0" * 1000)


@pytest.mark.parametrize(
    "damage", [emptied, cut, lengthened, of_another_format, with_a_damaged_head, of_something_else]
)
def test_a_file_that_cannot_be_used_is_built_again(house, tmp_path, damage, capsys):
    locators = locators_in(tmp_path)
    get(house, locators)
    path, key = file_of(house, locators)
    path.chmod(0o600)
    damage(path)
    assert_right(get(house, locators_in(tmp_path)))
    assert damaged_sections(path, key) == []
    [line] = capsys.readouterr().err.splitlines()
    assert "an index file cannot be used" in line


def test_a_file_of_another_edition_under_this_name_is_built_again(house, tmp_path, capsys):
    locators = locators_in(tmp_path)
    get(house, locators, 2)
    path, key = file_of(house, locators, 1)
    file_of(house, locators, 2)[0].rename(path)
    assert_right(get(house, locators_in(tmp_path), 1), 1)
    assert damaged_sections(path, key) == []
    assert "other boundaries" in capsys.readouterr().err


def test_a_file_that_may_not_be_read_is_no_error(house, tmp_path):
    get(house, locators_in(tmp_path))
    path, key = file_of(house, locators_in(tmp_path))
    path.chmod(0)  # means nothing to root: then it is simply read
    assert_right(get(house, locators_in(tmp_path)))
    path.chmod(0o600)
    assert damaged_sections(path, key) == []


def test_a_folder_in_the_place_of_a_file_leaves_the_index_in_memory(house, tmp_path, capsys):
    path, _ = file_of(house, locators_in(tmp_path))
    path.mkdir()
    locator = get(house, locators_in(tmp_path))
    assert not is_mapped(locator)
    assert_right(locator)
    assert path.is_dir()
    assert "it is a folder" in capsys.readouterr().err


def test_where_nothing_can_be_written_indexes_are_in_memory_and_it_is_told_once(
    house, tmp_path, capsys
):
    (tmp_path / "file").touch()
    locators = locators_in(tmp_path / "file" / "index")
    for number in (1, 2):
        locator = get(house, locators, number)
        assert not is_mapped(locator)
        assert_right(locator, number)
    told = capsys.readouterr().err
    assert told.count("indexes are used from memory") == 1
    with pytest.raises(UnwritableFile), house.workspace.database.read() as connection:
        locators.build(connection, house.workspace.edition_number(connection, 1))


def test_a_full_disk_leaves_the_index_in_memory_and_no_rest_behind(house, tmp_path, capsys):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        locator = get(house, locators_in(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not is_mapped(locator)
    assert_right(locator)
    assert list(tmp_path.iterdir()) == []
    assert "File too large" in capsys.readouterr().err


def test_a_damaged_section_is_mended_by_building(house, tmp_path):
    locators = locators_in(tmp_path)
    get(house, locators)
    path, key = file_of(house, locators)
    with path.open("r+b") as file:
        file.seek(-8, os.SEEK_END)
        file.write(b"\xff" * 8)
    assert open_index(path, key) is not None
    [name] = damaged_sections(path, key)
    assert name in get(house, locators).sections
    with house.workspace.database.read() as connection:
        edition = house.workspace.edition_number(connection, 1)
        assert locators.build(connection, edition)
        assert not locators.build(connection, edition)
    assert damaged_sections(path, key) == []


def test_removing_a_file_in_use_changes_no_answer(house, tmp_path):
    locator = get(house, locators_in(tmp_path))
    for path in tmp_path.iterdir():
        path.unlink()
    assert_right(locator)


def test_indexes_stand_beside_an_sqlite_file_and_under_var_for_another_database(tmp_path):
    profile = read_profile("generic")
    beside = Workspace(Database(f"sqlite:///{tmp_path / 'house.db'}"), profile)
    assert beside.locators.folder == tmp_path / "house.db.index"
    uri = f"sqlite:///file:{tmp_path}/house.db?uri=true"
    elsewhere = Workspace(Database(uri), profile)
    assert elsewhere.locators.folder == Path("var/index")
    given = Workspace(Database(uri), profile, index_folder=tmp_path)
    assert given.locators.folder == tmp_path
    for workspace in (beside, elsewhere, given):
        workspace.close()
