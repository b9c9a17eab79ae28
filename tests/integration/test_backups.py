"""One file holds one moment of a database of either kind, and brings it back into either kind."""

import json
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from geo_service.errors import (
    DamagedBackup,
    DatabaseNotEmpty,
    DatabaseUnfit,
    NewerBackup,
    UnreadableFile,
    UnwritableFile,
)
from geo_service.services.databases.backups import back_up, check_backup, restore
from geo_service.storage.databases import Database
from tests.databases import database_url, is_postgresql
from tests.full_houses import content, furnish, open_house_in, ticket
from tests.houses import CALLER, NOW_S, center, open_house
from tests.old_databases import old_database, without_deadlines
from tests.terminals import environment, refusal, run
from tests.troubles import full_disk

_DIGITS = 64


@pytest.fixture
def house(tmp_path):
    """Return a house that holds something, on the database of this run."""
    services = open_house(tmp_path)
    furnish(services)
    yield services
    services.close()


@pytest.fixture(scope="module")
def file_url(tmp_path_factory):
    """Return the address of a furnished database in a file, to be read alone."""
    folder = tmp_path_factory.mktemp("furnished")
    url = f"sqlite:///{folder / 'house.db'}"
    services = open_house_in(url, folder)
    furnish(services)
    services.close()
    return url


@pytest.fixture(scope="module")
def good(file_url, tmp_path_factory):
    """Return the bytes of its backup."""
    path = tmp_path_factory.mktemp("good") / "good.zip"
    back_up(CALLER, source_url=file_url, path=path)
    return path.read_bytes()


def empty(folder, name="new"):
    """Return the address of a database of this run's kind that holds nothing."""
    (folder / name).mkdir()
    return database_url(folder / name)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def rewritten(data, path, *, manifest=lambda _found: None, database=lambda found: found):
    """Write a backup with other content that is sealed as ours are."""
    path.write_bytes(data)
    with zipfile.ZipFile(path) as old:
        members = {each: old.read(each) for each in old.namelist()}
        comment = old.comment[:-_DIGITS] + b"0" * _DIGITS
    found = json.loads(members["manifest.json"])
    manifest(found)
    members["manifest.json"] = json.dumps(found).encode()
    members["database.sqlite"] = database(members["database.sqlite"])
    with zipfile.ZipFile(path, "w") as new:
        for name, member in members.items():
            new.writestr(name, member)
        new.comment = comment
    written = path.read_bytes()[:-_DIGITS]
    path.write_bytes(written + sha256(written).hexdigest().encode())
    return path


def test_a_backup_comes_back_into_either_database_bit_for_bit(house, tmp_path):
    source, path = house.workspace.database.url, tmp_path / "b" / "day.zip"
    path.parent.mkdir()
    made = back_up(CALLER, source_url=source, path=path, now_s=lambda: NOW_S)
    assert names(path.parent) == ["day.zip"]
    assert path.stat().st_mode & 0o077 == 0
    assert made.sha256 == sha256(path.read_bytes()).hexdigest()
    assert check_backup(CALLER, path=path) == made
    before, file = content(source), f"sqlite:///{tmp_path / 'far' / 'away.db'}"
    assert {each.name: each.rows for each in made.manifest.tables} == {
        name: len(rows) for name, rows in before.items()
    }
    assert made.manifest.made_at_s == NOW_S
    for target in (empty(tmp_path), file):
        assert restore(CALLER, path=path, target_url=target) == made
        assert content(target) == before
    assert names(tmp_path / "far") == ["away.db"]


def test_a_restored_house_goes_on_where_the_old_one_stopped(house, tmp_path):
    path, new = tmp_path / "day.zip", empty(tmp_path)
    back_up(CALLER, source_url=house.workspace.database.url, path=path)
    restore(CALLER, path=path, target_url=new)
    moved = open_house(tmp_path / "new")
    place = dict(zip("xy", center(2, 1), strict=True), frame="EPSG:4490")
    for each in (house, moved):
        each.issues.report(CALLER, ticket(99), is_updating=False)
    assert moved.editions.editions(CALLER) == house.editions.editions(CALLER)
    for number in (1, 31, 32):
        assert moved.issues.issue(CALLER, number) == house.issues.issue(CALLER, number)
    assert moved.locations.locate(CALLER, **place) == house.locations.locate(CALLER, **place)
    moved.close()


@pytest.mark.sqlite
def test_what_was_deleted_is_not_in_the_backup_of_a_file(file_url, tmp_path):
    old, path = tmp_path / "old.db", tmp_path / "day.zip"
    old.write_bytes(Path(file_url.removeprefix("sqlite:///")).read_bytes())
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM issue_texts")
        connection.commit()
    back_up(CALLER, source_url=f"sqlite:///{old}", path=path)
    with zipfile.ZipFile(path) as packed:
        assert "两行".encode() not in packed.read("database.sqlite")
    assert "两行".encode() in old.read_bytes()


def test_a_backup_of_an_older_version_is_brought_up_to_this_one(file_url, tmp_path):
    path, plain = tmp_path / "old.zip", without_deadlines(file_url, tmp_path)
    made = back_up(CALLER, source_url=old_database(plain, tmp_path, "0004"), path=path)
    assert made.manifest.revision == "0004"
    before = content(plain)
    for target in (empty(tmp_path), f"sqlite:///{tmp_path / 'file.db'}"):
        restore(CALLER, path=path, target_url=target)
        assert content(target) == before


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("write", "kind", "words"),
    [
        (lambda _: b"hello", UnreadableFile, "no backup of this service"),
        (lambda _: b"", UnreadableFile, "no backup of this service"),
        (lambda good: good[:-1], DamagedBackup, "its end is missing"),
        (lambda good: good[: len(good) // 2], DamagedBackup, "its end is missing"),
        (lambda good: good + b"\0", DamagedBackup, "its end is missing"),
        (lambda good: flipped(good, len(good) // 2), DamagedBackup, "not what was written"),
        (lambda good: flipped(good, 11), DamagedBackup, "not what was written"),
        (lambda good: flipped(good, -1), DamagedBackup, "not what was written"),
    ],
)
def test_a_file_that_is_no_whole_backup_is_named_as_what_it_is(good, tmp_path, write, kind, words):
    path, target = tmp_path / "bad.zip", f"sqlite:///{tmp_path / 'new.db'}"
    path.write_bytes(write(good))
    with pytest.raises(kind, match=words):
        check_backup(CALLER, path=path)
    with pytest.raises(kind, match=words):
        restore(CALLER, path=path, target_url=target)
    assert names(tmp_path) == ["bad.zip"]


def flipped(data, position):
    changed = bytearray(data)
    changed[position] ^= 0x10
    return bytes(changed)


@pytest.mark.sqlite
def test_no_flipped_byte_passes_wherever_it_is(good, tmp_path):
    path = tmp_path / "bad.zip"
    for position in range(0, len(good), len(good) // 150):
        path.write_bytes(flipped(good, position))
        with pytest.raises((DamagedBackup, UnreadableFile)):
            check_backup(CALLER, path=path)


@pytest.mark.sqlite
def test_other_archives_missing_files_and_folders_are_no_backups(tmp_path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a.txt", "a")
    with pytest.raises(UnreadableFile, match="it is a ZIP, but no backup"):
        check_backup(CALLER, path=tmp_path / "other.zip")
    with pytest.raises(UnreadableFile, match="No such file"):
        check_backup(CALLER, path=tmp_path / "missing.zip")
    with pytest.raises(UnreadableFile, match="directory"):
        check_backup(CALLER, path=tmp_path)


@pytest.mark.sqlite
def test_a_newer_format_or_newer_tables_ask_for_the_newer_version(good, tmp_path):
    for change in ({"format": 3, "tables": "?"}, {"schema_revision": "9999"}):
        newer = partial(dict.update, **change, geo_service="7.1.0")
        path = rewritten(good, tmp_path / "new.zip", manifest=newer)
        with pytest.raises(NewerBackup, match=r"newer version, 7\.1\.0: upgrade"):
            restore(CALLER, path=path, target_url=f"sqlite:///{tmp_path / 'new.db'}")
    assert names(tmp_path) == ["new.zip"]


def test_what_the_manifest_does_not_vouch_for_is_not_restored(good, tmp_path):
    target = empty(tmp_path)
    blank = content(target) if is_postgresql() else None

    def other_rows(found):
        [issues] = [each for each in found["tables"] if each["name"] == "issues"]
        issues["content_hash"] = "0" * _DIGITS

    bad = [
        rewritten(good, tmp_path / "rows.zip", manifest=other_rows),
        rewritten(good, tmp_path / "bytes.zip", database=lambda found: flipped(found, 5000)),
        rewritten(good, tmp_path / "none.zip", manifest=lambda found: found.pop("members")),
    ]
    for path in bad:
        with pytest.raises(DamagedBackup, match=r"(rows|bytes|none)\.zip .*not what was written"):
            restore(CALLER, path=path, target_url=target)
    if is_postgresql():
        assert content(target) == blank
    else:
        assert names(tmp_path / "new") == []


def test_a_database_that_holds_anything_is_not_restored_over(house, good, tmp_path):
    path, target = tmp_path / "good.zip", house.workspace.database.url
    path.write_bytes(good)
    before = content(target)
    with pytest.raises(DatabaseNotEmpty) as caught:
        restore(CALLER, path=path, target_url=target)
    assert before[caught.value.table]
    assert content(target) == before


@pytest.mark.sqlite
def test_a_file_in_use_or_with_rests_of_another_beside_it_is_left_alone(good, tmp_path):
    path, target = tmp_path / "good.zip", tmp_path / "new.db"
    path.write_bytes(good)
    with closing(Database(f"sqlite:///{target}")) as database:
        database.migrate()
    with closing(sqlite3.connect(target)) as other:
        other.execute("SELECT count(*) FROM issues").fetchone()
        with pytest.raises(DatabaseUnfit, match="another program is using it"):
            restore(CALLER, path=path, target_url=f"sqlite:///{target}")
    assert sum(map(len, content(f"sqlite:///{target}").values())) == 0
    target.rename(tmp_path / "good.db")
    (tmp_path / "new.db-wal").write_bytes(b"old")
    with pytest.raises(DatabaseUnfit, match=r"new\.db-wal of an older database"):
        restore(CALLER, path=path, target_url=f"sqlite:///{target}")
    restore(CALLER, path=path, target_url=f"sqlite:///{tmp_path / 'good.db'}")
    assert content(f"sqlite:///{tmp_path / 'good.db'}")["issues"]
    assert names(tmp_path) == ["good.db", "good.zip", "new.db-wal"]


def test_a_full_disk_leaves_nothing_behind(house, good, tmp_path):
    (tmp_path / "b").mkdir()
    path = tmp_path / "b" / "day.zip"
    with (
        full_disk(40_000),
        pytest.raises(UnwritableFile, match=r"the disk takes no more of .*day\.zip: "),
    ):
        back_up(CALLER, source_url=house.workspace.database.url, path=path)
    assert names(path.parent) == []
    path.write_bytes(good)
    with full_disk(40_000), pytest.raises(UnwritableFile, match="the disk takes no more of"):
        restore(CALLER, path=path, target_url=f"sqlite:///{tmp_path / 'b' / 'new.db'}")
    assert names(path.parent) == ["day.zip"]


@pytest.mark.sqlite
def test_where_a_backup_may_not_stand_nothing_changes(file_url, tmp_path):
    url, path = file_url, tmp_path / "day.zip"
    path.write_text("kept")
    with pytest.raises(UnwritableFile, match="add --replace"):
        back_up(CALLER, source_url=url, path=path)
    with pytest.raises(UnwritableFile, match="disk for backups mounted"):
        back_up(CALLER, source_url=url, path=tmp_path / "usb" / "day.zip")
    with pytest.raises(UnwritableFile, match="it is a folder"):
        back_up(CALLER, source_url=url, path=tmp_path, is_replacing=True)
    with pytest.raises(DatabaseUnfit, match="there is no file"):
        back_up(CALLER, source_url=f"sqlite:///{tmp_path / 'typo.db'}", path=tmp_path / "no.zip")
    assert path.read_text() == "kept"
    assert not (tmp_path / "typo.db").exists()
    back_up(CALLER, source_url=url, path=path, is_replacing=True)
    assert check_backup(CALLER, path=path)


_KILLED = """
import os, signal, sys
from pathlib import Path
from geo_service.services.databases.backups import back_up, restore
from geo_service.services.callers import LOCAL_ADMINISTRATOR
what, url, path, last = sys.argv[1:]
def die(step, done, whole):
    if step == last:
        os.kill(os.getpid(), signal.SIGKILL)
given = {"path": Path(path), "on_step": die}
if what == "backup":
    back_up(LOCAL_ADMINISTRATOR, source_url=url, **given)
else:
    restore(LOCAL_ADMINISTRATOR, target_url=url, **given)
"""


def kill_at(folder, what, url, path, step):
    script = [sys.executable, "-c", _KILLED, what, url, str(path), step]
    done = subprocess.run(script, check=False, env=environment(folder, {}), timeout=120)
    assert done.returncode == -signal.SIGKILL


def test_who_is_killed_leaves_nothing_that_looks_whole_and_the_next_cleans_up(file_url, tmp_path):
    url, place = file_url, tmp_path / "b"
    place.mkdir()
    kill_at(tmp_path, "backup", url, place / "day.zip", "verify")
    [left] = names(place)
    assert left.startswith(".geo-service-aside-")
    back_up(CALLER, source_url=url, path=place / "day.zip")
    assert names(place) == ["day.zip"]
    target = empty(tmp_path)
    step = "restore" if is_postgresql() else "rows"
    kill_at(tmp_path, "restore", target, place / "day.zip", step)
    restore(CALLER, path=place / "day.zip", target_url=target)
    assert content(target) == content(url)
    if not is_postgresql():
        assert names(tmp_path / "new") == ["house.db"]


def test_the_commands_say_what_was_done_and_how_to_go_back(house, tmp_path):
    assert house.issues.issue(CALLER, 1)
    told = run(tmp_path, "backup", "day.zip", language="en")
    assert sha256((tmp_path / "day.zip").read_bytes()).hexdigest() in told
    assert "geo-service restore day.zip" in told
    assert "profile generic" in told
    assert "--replace" in refusal(tmp_path, "backup", "day.zip")
    assert "备份完好" in run(tmp_path, "restore", "day.zip", "--check")
    about = json.loads(run(tmp_path, "restore", "day.zip", "--check", "--json"))
    assert about["manifest"]["format"] == 1
    assert about["bytes"] == (tmp_path / "day.zip").stat().st_size
    target = empty(tmp_path)
    assert "逐表核对一致" in run(tmp_path, "restore", "day.zip", database_url=target)
    again = json.loads(run(tmp_path, "backup", "again.zip", "--json", database_url=target))
    assert again["manifest"]["tables"] == about["manifest"]["tables"]
    assert "什么都没有写入" in refusal(tmp_path, "restore", "day.zip", database_url=target)
