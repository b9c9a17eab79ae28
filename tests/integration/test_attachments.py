"""Photos of issues: attached once, wanted by steps, whole over kill -9, in backups, and swept."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from geo_service.app import read_profile
from geo_service.errors import AttachmentsUnwritable
from geo_service.services.attachments.leftovers import remove_leftovers
from geo_service.services.databases.backups import back_up, check_backup, restore
from geo_service.services.databases.copies import copy_database
from geo_service.services.verification.verifications import (
    VerificationOptions,
    VerificationService,
)
from geo_service.storage.attachment_files import attachment_files
from geo_service.storage.databases import Database
from tests.databases import attachment_folder, change, database_url, is_postgresql, rows
from tests.doors import open_door, problem_of
from tests.full_houses import open_house_in
from tests.houses import CALLER, center, open_house
from tests.photos import SECRET, photo, telling
from tests.terminals import environment

_ISSUES = "/api/v1/issues"


@pytest.fixture
def door(tmp_path):
    return open_door(tmp_path, photo_limit_mb=1)


def report(door, external_id="P1"):
    lon, lat = center(0, 0)
    told = {"source": "12345", "external_id": external_id, "reported_at": "2025-06-10 08:00"}
    answer = door.post(_ISSUES, json={**told, "lon": lon, "lat": lat, "frame": "EPSG:4490"})
    return answer.json()["id"]


def attach(door, issue_id, content=None, kind="处置后", role="网格员", **more):
    form = {"kind": kind, "role": role, **more}
    headers = {"Accept-Language": form.pop("language", "zh")}
    files = {"file": ("照片.jpg", photo() if content is None else content)}
    address = f"{_ISSUES}/{issue_id}/attachments"
    return door.post(address, files=files, data=form, headers=headers)


def take(door, issue_id, step, role, **told):
    return door.post(f"{_ISSUES}/{issue_id}/events", json={"step": step, "role": role, **told})


def findings(services, **options):
    asked = VerificationOptions(**options)
    found = VerificationService(services.workspace).verify(CALLER, asked)
    told = [each for check in found.checks for each in check.findings if not each.is_warning]
    assert all(each.text("zh") and each.advice("en") for each in told)
    return sorted(each.kind for each in told)


def files_in(folder):
    named = {path.name for path in folder.rglob("*") if path.is_file()}
    return sorted(named - {".database"})


def make_old(folder):
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 7200,) * 2)


def test_a_photo_is_attached_once_and_given_back_as_a_file_to_save(door, tmp_path):
    issue_id = report(door)
    first = attach(door, issue_id, telling("JPEG", 6), "上报", note="院内照片")
    assert first.status_code == 201, first.text
    told = first.json()
    assert (told["kind"], told["title_zh"], told["role"]) == ("report", "上报", "handler")
    assert (told["width"], told["height"], told["replayed"]) == (48, 64, False)
    again = attach(door, issue_id, telling("JPEG", 6), "report")
    assert (again.status_code, again.json()) == (200, {**told, "replayed": True})

    read = door.get(told["href"])
    assert read.headers["content-type"] == "image/jpeg"
    assert read.headers["x-content-type-options"] == "nosniff"
    assert read.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert read.headers["cache-control"] == "no-store"
    name = f"{issue_id}-report-{told['hash'][:12]}.jpg"
    assert read.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert SECRET not in read.content
    place = attachment_folder(tmp_path) / told["hash"][:2] / told["hash"][2:4] / told["hash"]
    assert place.read_bytes() == read.content
    assert place.stat().st_mode & 0o077 == 0

    assert [each["hash"] for each in door.get(f"{_ISSUES}/{issue_id}/attachments").json()["items"]]
    events = door.get(f"{_ISSUES}/{issue_id}/events").json()
    assert events["attached"] == ["report"]
    assert [event["kind"] for event in events["events"]] == ["reported", "attached"]
    payload = events["events"][1]["payload"]
    assert payload == {name: told[name] for name in payload}
    assert "note" not in payload
    assert attach(door, report(door, "P2"), telling("JPEG", 6), "上报").status_code == 201
    assert files_in(attachment_folder(tmp_path)) == [told["hash"]]
    assert findings(door.app.state.services) == []


def test_what_cannot_be_attached_is_told_in_two_languages_and_leaves_nothing(door, tmp_path):
    issue_id = report(door)
    large = attach(door, issue_id, b"\xff\xd8\xff" + bytes(30_000_000))
    assert "超过上限 1000000" in problem_of(large, 413, "limit-exceeded")["detail"]
    little_more = attach(door, issue_id, photo() + bytes(1_000_000), language="en")
    assert "above the limit of 1000000" in problem_of(little_more, 413, "limit-exceeded")["detail"]
    for language, said in (("zh", "而是文本"), ("en", "but text")):
        refused = attach(door, issue_id, "不是照片".encode(), language=language)
        assert said in problem_of(refused, 422, "not-a-photo")["detail"]
    problem_of(attach(door, issue_id, photo()[:300]), 422, "damaged-photo")
    for form, where in (({"kind": "自拍"}, "kind"), ({"role": "市民"}, "role")):
        assert problem_of(attach(door, issue_id, **form), 422, "invalid-value")["where"] == where
    problem_of(attach(door, issue_id, note="长" * 201), 422, "invalid-request")
    problem_of(attach(door, 999), 404, "issue-not-found")
    unknown = door.get(f"{_ISSUES}/{issue_id}/attachments/{'0' * 64}")
    problem_of(unknown, 404, "attachment-not-found")
    assert files_in(attachment_folder(tmp_path)) == []

    assert attach(door, issue_id, kind="处置前").status_code == 201
    other = problem_of(attach(door, issue_id, kind="处置后"), 409, "photo-on-other-side")
    assert "处置前" in other["detail"]
    services = door.app.state.services
    [name] = files_in(attachment_folder(tmp_path))
    path = services.workspace.attachments.path(name)
    path.write_bytes(b"x")
    [kept] = door.get(f"{_ISSUES}/{issue_id}/attachments").json()["items"]
    problem_of(door.get(kept["href"]), 500, "attachment-damaged")
    assert findings(services) == ["damaged_file"]
    path.unlink()
    problem_of(door.get(kept["href"]), 500, "attachment-damaged")
    assert findings(services, is_quick=True) == ["missing_file"]
    services.workspace.attachments.folder = path  # a file stands where the folder should be
    path.write_bytes(b"x")
    problem_of(attach(door, issue_id, photo(32, 32)), 503, "attachments-unwritable")


def office(tmp_path):
    """Return the path of a profile that wants a photo of what was done, and a check to close."""
    text = read_profile("generic").text
    for name, wanted in (("deal_with", "after"), ("rate", "check")):
        text += f'\n[[steps]]\nname = "{name}"\nrequires = ["{wanted}"]\n'
    path = tmp_path / "office.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_step_that_wants_a_photo_is_refused_naming_what_is_missing(tmp_path):
    door = open_door(tmp_path, profile=office(tmp_path))
    issue_id = report(door)
    take(door, issue_id, "受理", "坐席", triage="小事")
    assign = {"tier": "网格", "unit": "示例网格"}
    attach(door, issue_id, photo(20, 20), "上报")
    attach(door, issue_id, photo(30, 30), "处置后")
    take(door, issue_id, "分流", "派单员", **assign)
    standing = door.get(f"{_ISSUES}/{issue_id}/events").json()
    assert standing["attached"] == ["report"]  # what came before the unit had it proves nothing
    assert ["after"] in [step["requires"] for step in standing["steps"]]

    refused = problem_of(take(door, issue_id, "处置", "网格员"), 409, "attachments-missing")
    assert (refused["missing"], refused["missing_zh"]) == (["after"], ["处置后"])
    assert "还不能处置：缺少处置后的照片" in refused["detail"]
    attach(door, issue_id, photo(40, 40), "处置后")
    for step in ("处置", "反馈"):
        assert take(door, issue_id, step, "网格员").status_code == 201
    rating = {"resolved": "是", "satisfaction": "满意"}
    refused = take(door, issue_id, "评价", "派单员", **rating)
    assert problem_of(refused, 409, "attachments-missing")["missing"] == ["check"]
    attach(door, issue_id, photo(50, 50), "核查")
    assert take(door, issue_id, "评价", "派单员", **rating).json()["status"] == "closed"
    reopened = take(door, issue_id, "重办", "值班长", reason="未解决").json()
    assert (reopened["status"], reopened["attached"]) == ("open", ["report"])
    again = attach(door, issue_id, photo(40, 40), "处置后").json()
    assert again["replayed"]  # an old photo is no new proof
    assert door.get(f"{_ISSUES}/{issue_id}/events").json()["attached"] == ["report"]
    assert findings(door.app.state.services) == []


_KILLED = """
import os, signal
from geo_service.storage import attachments
attachments.add_attachment = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from geo_service import cli
cli.main()
"""


def test_killed_between_file_and_commit_a_photo_is_a_file_that_is_swept_later(door, tmp_path):
    issue_id = report(door)
    path = tmp_path / "later.jpg"
    path.write_bytes(photo(10, 10))
    kept = attach(door, issue_id).json()["hash"]
    words = ["issues", "attach", str(issue_id), str(path), "--kind", "核查", "--role", "网格员"]
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, *words],
        env=os.environ | environment(tmp_path, {}),
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL
    services = door.app.state.services
    assert [each.hash for each in services.attachments.attachments(CALLER, issue_id)] == [kept]
    half = attachment_folder(tmp_path) / "ab" / "cd" / f"{'0' * 64}.12345678.new"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half of a photo")
    assert len(files_in(attachment_folder(tmp_path))) == 3
    assert findings(services) == []

    assert remove_leftovers(services.workspace) == 0  # it may be getting its event just now
    make_old(attachment_folder(tmp_path))
    assert services.schedule.sweep_if_due() == 0
    assert files_in(attachment_folder(tmp_path)) == [kept]
    assert attach(door, issue_id, path.read_bytes(), "核查").status_code == 201
    assert findings(services) == []


def test_a_backup_and_a_copy_hold_every_photo_and_say_which_they_lack(door, tmp_path):
    ids = [report(door, f"P{i}") for i in range(3)]
    hashes = [attach(door, each, photo(20 + i, 20)).json()["hash"] for i, each in enumerate(ids)]
    assert attach(door, ids[0], photo(21, 20), "核查").json()["hash"] == hashes[1]
    files = door.app.state.services.workspace.attachments
    source, named = database_url(tmp_path), str(attachment_folder(tmp_path))
    path = tmp_path / "day.zip"
    made = back_up(CALLER, source_url=source, path=path, attachment_folder=named)
    assert (made.manifest.files.count, made.manifest.files.lacking) == (3, ())
    assert made.manifest.as_json()["format"] == 2
    assert check_backup(CALLER, path=path) == made
    for target in (f"sqlite:///{tmp_path / 'far' / 'away.db'}", database_url(tmp_path / "new")):
        (tmp_path / "new").mkdir(exist_ok=True)
        where = tmp_path / f"photos of {len(target)}"
        restore(CALLER, path=path, target_url=target, attachment_folder=str(where))
        assert files_in(where) == sorted(hashes)
    if not is_postgresql():
        restored = tmp_path / "again" / "house.db"
        restore(CALLER, path=path, target_url=f"sqlite:///{restored}")
        services = open_house_in(f"sqlite:///{restored}", tmp_path / "again")
        assert findings(services) == []
        services.close()
        copy = f"sqlite:///{tmp_path / 'copy.db'}"
        copy_database(CALLER, source_url=f"sqlite:///{restored}", target_url=copy)
        assert files_in(tmp_path / "copy.db.attachments") == sorted(hashes)
        elsewhere = tmp_path / "photos of a copy"
        copy_database(
            CALLER,
            source_url=f"sqlite:///{restored}",
            target_url=f"sqlite:///{tmp_path / 'second.db'}",
            attachment_folder=str(elsewhere),
        )
        assert files_in(elsewhere) == sorted(hashes)

    files.path(hashes[0]).write_bytes(b"x")
    files.path(hashes[2]).unlink()
    made = back_up(CALLER, source_url=source, path=path, attachment_folder=named, is_replacing=True)
    assert made.manifest.files.count == 1
    assert list(made.manifest.files.lacking) == sorted([hashes[0], hashes[2]])
    with zipfile.ZipFile(path) as packed:
        assert [name for name in packed.namelist() if name.startswith("attachments/")] == [
            f"attachments/{hashes[1]}"
        ]


def test_verifying_tells_of_photos_that_events_and_rows_do_not_agree_on(door, tmp_path):
    first, second = report(door), report(door, "P2")
    attach(door, first)
    attach(door, second, photo(20, 20))
    services = door.app.state.services
    change(tmp_path, f"UPDATE attachments SET kind = 'check' WHERE issue_id = {first}")
    assert findings(services) == ["lost_attachment", "untold_attachment"]
    change(tmp_path, "DELETE FROM attachments")
    assert findings(services) == ["lost_attachment"] * 2
    change(tmp_path, f"UPDATE issues SET erased_at_s = 1 WHERE id = {first}")
    assert findings(services) == ["lost_attachment", "lost_attachment", "not_erased", "odd_erasure"]


def test_a_house_without_photos_makes_no_folder_and_backups_of_the_first_format(tmp_path):
    house = open_house(tmp_path)
    house.schedule.sweep_if_due()
    made = back_up(CALLER, source_url=house.workspace.database.url, path=tmp_path / "day.zip")
    assert made.manifest.as_json()["format"] == 1
    assert not attachment_folder(tmp_path).exists()
    assert rows(tmp_path, "SELECT count(*) FROM attachments") == [(0,)]
    folder = attachment_files(house.workspace.database).folder
    assert folder == (Path("var/attachments") if is_postgresql() else attachment_folder(tmp_path))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("postgresql://gis:geheim@db.test:5433/grids", "postgresql://db.test:5433/grids"),
        (
            "postgresql+psycopg://gis:geheim@db.test/grids?sslpassword=geheim",
            "postgresql://db.test/grids",
        ),
        (
            "postgresql://gis@/grids?host=/run/pg&password=geheim",
            "postgresql:///grids?host=%2Frun%2Fpg",
        ),
    ],
)
def test_the_mark_of_a_folder_and_its_refusal_never_tell_a_login(tmp_path, address, place):
    database = Database(address)
    assert database.place == place
    folder = tmp_path / "photos"
    digest = attachment_files(database, str(folder)).keep(b"a photo")
    mark = folder / ".database"
    assert mark.read_text() == place
    assert mark.stat().st_mode & 0o777 == 0o600
    mark.write_text(address.replace("postgresql:", "postgresql+psycopg:"))  # as marks once were
    other = attachment_files(Database("postgresql://gis:geheim@db.test/other"), str(folder))
    with pytest.raises(AttachmentsUnwritable) as refused:
        other.keep(b"another photo")
    assert place in refused.value.reason
    assert "geheim" not in str(refused.value.reason)
    files = attachment_files(database, str(folder))
    assert files.keep(b"a photo") == digest
    files.keep(b"a third photo")
    assert mark.read_text() == place


def test_a_folder_of_photos_serves_one_database_alone(tmp_path):
    shared = str(tmp_path / "shared")
    (tmp_path / "other").mkdir()
    first, other = (
        open_door(each, attachment_folder=shared) for each in (tmp_path, tmp_path / "other")
    )
    assert attach(first, report(first)).status_code == 201
    issue_id = report(other)
    refused = problem_of(attach(other, issue_id), 503, "attachments-unwritable")
    assert "属于另一个数据库" in refused["reason"]
    erasure = other.post(f"{_ISSUES}/{issue_id}/erasure", json={"reason": "误录"})
    problem_of(erasure, 503, "attachments-unwritable")
    make_old(tmp_path / "shared")
    with pytest.raises(AttachmentsUnwritable):
        other.app.state.services.schedule.sweep_if_due()
    assert first.app.state.services.erasures.tidy() == 0
    assert findings(first.app.state.services) == []
    (tmp_path / "shared" / ".database").unlink()  # the operator says that it is this one's now
    assert attach(other, issue_id, photo(20, 20)).status_code == 201
