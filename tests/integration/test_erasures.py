"""What was erased is nowhere any more and comes back with no list; every count stays."""

import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from shapely.affinity import translate

from geo_service.errors import InvalidValue, IssueErased
from geo_service.layers.area import area_set
from geo_service.services.attachments.attaching import AttachmentAsked
from geo_service.services.databases.backups import back_up
from geo_service.services.handling.steps import StepAsked
from geo_service.services.issues.recounts import recounted_positions
from geo_service.services.verification.verifications import (
    VerificationOptions,
    VerificationService,
)
from geo_service.storage import issue_queries
from geo_service.storage.issue_queries import IssueFilter
from tests.databases import change, is_postgresql, rows, stored_bytes
from tests.doors import open_door, problem_of
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
    SOUTH,
    STEP,
    STREET_LAYERS,
    WEST,
    Clock,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)
from tests.photos import photo

_ISSUES = "/api/v1/issues"
_DAY_S = 86_400
TITLE, TEXT, ADDRESS = "楼上漏水甲乙丙", "住户反映厨房渗水丁戊己", "示例路庚弄辛号"
SECRETS = [TITLE, TEXT, ADDRESS, "120.0004012345"]
PRIVATE = ["x", "y", "title", "description", "address"]


def ticket(external_id="T1", **more):
    told = {"source": "12345", "external_id": external_id, "reported_at": "2025-06-10 08:00"}
    place = {"lon": 120.0004012345, "lat": center(0, 0)[1], "frame": "EPSG:4490"}
    texts = {"title": TITLE, "description": TEXT, "address": ADDRESS}
    return {**told, **place, **texts, "category_major": "市容秩序", **more}


def findings(services):
    found = VerificationService(services.workspace).verify(CALLER, VerificationOptions())
    return [each.kind for check in found.checks for each in check.findings if not each.is_warning]


def held(content):
    return [secret for secret in SECRETS if secret.encode() in content]


def answers(door, issue_id):
    """Return all that anybody is told of an issue."""
    addresses = [f"{_ISSUES}/{issue_id}", f"{_ISSUES}/{issue_id}/events", _ISSUES]
    addresses += [f"{_ISSUES}.{ending}" for ending in ("csv", "xlsx", "geojson")]
    addresses += [f"{_ISSUES}/{issue_id}/attachments", "/desk/hotspots", "/api/v1/hotspots/grid"]
    addresses += [f"/desk/areas/grid/{grid_code(0, 0)}", "/api/v1/hotspots/grid.xlsx"]
    return b"".join(door.get(address).content for address in addresses)


def unpacked(path):
    with zipfile.ZipFile(path) as packed:
        return b"".join(packed.read(name) for name in packed.namelist())


def test_what_was_erased_is_in_no_answer_file_backup_or_log(tmp_path, capfd):
    door = open_door(tmp_path)
    services = door.app.state.services
    issue_id = door.post(_ISSUES, json=ticket(), headers={"Idempotency-Key": "k"}).json()["id"]
    files = {"file": ("a.jpg", photo())}
    form = {"kind": "上报", "role": "网格员", "note": TEXT}
    [digest] = [
        door.post(f"{_ISSUES}/{issue_id}/attachments", files=files, data=form).json()["hash"]
    ]
    other = door.post(_ISSUES, json=ticket("T2", title=None)).json()["id"]
    door.post(f"{_ISSUES}/{other}/attachments", files=files, data=form)
    before = {"counts": counts(services), "seen": door.get(f"{_ISSUES}/{issue_id}").json()}
    assert set(SECRETS) <= set(held(answers(door, issue_id) + stored_bytes(tmp_path)))

    for reason in ("想删", TEXT):
        body = problem_of(
            door.post(f"{_ISSUES}/{issue_id}/erasure", json={"reason": reason}),
            422,
            "invalid-value",
        )
        assert "本人要求" in body["detail"]
    done = door.post(f"{_ISSUES}/{issue_id}/erasure", json={"reason": "本人要求"}).json()
    assert (done["fields"], done["attachments"], done["replayed"]) == (PRIVATE, 1, False)
    again = door.post(f"{_ISSUES}/{issue_id}/erasure", json={"reason": "误录"}).json()
    assert (again["erased_at"], again["replayed"]) == (done["erased_at"], True)
    problem_of(door.post(f"{_ISSUES}/99/erasure", json={"reason": "误录"}), 404, "issue-not-found")

    seen = door.get(f"{_ISSUES}/{issue_id}").json()
    assert seen["asked"] == {"x": None, "y": None, "frame": "EPSG:4490"}
    assert (seen["title"], seen["erased_at"]) == (None, done["erased_at"])
    for name in ("ground", "responsible"):
        assert seen[name] == before["seen"][name]
    assert counts(services) == before["counts"]
    event = seen["events"][-1]
    assert (event["kind"], event["payload"]) == (
        "erased",
        {"reason": "request", "fields": PRIVATE, "attachments": 1},
    )
    assert services.workspace.attachments.is_there(digest)  # another issue has the same photo
    door.post(f"{_ISSUES}/{other}/erasure", json={"reason": "误录"})
    assert not services.workspace.attachments.is_there(digest)
    assert rows(tmp_path, "SELECT count(*) FROM idempotency_keys") == [(0,)]
    assert findings(services) == []

    assert held(answers(door, issue_id)) == []
    assert held(stored_bytes(tmp_path)) == []
    path = tmp_path / "day.zip"
    back_up(CALLER, source_url=services.workspace.database.url, path=path)
    assert held(unpacked(path)) == []
    services.erasures.compact(CALLER)
    assert held(stored_bytes(tmp_path)) == []
    assert held("".join(capfd.readouterr()).encode()) == []


def counts(services):
    """Return what the hotspot desk and the lists count by area, recounted and kept."""
    with services.workspace.database.read() as connection:
        edition = services.workspace.edition(connection)
        found = issue_queries.issue_columns(connection, IssueFilter())
        return {
            layer.name: recounted_positions(
                services.workspace, connection, edition, layer.name, found
            ).tolist()
            for family in services.workspace.layers.families.values()
            for layer in family
        }


def test_the_list_of_the_next_day_does_not_bring_back_what_was_erased(tmp_path):
    door = open_door(tmp_path)
    services = door.app.state.services
    issue_id = door.post(_ISSUES, json=ticket(accuracy_m=30.0)).json()["id"]
    door.post(f"{_ISSUES}/{issue_id}/erasure", json={"reason": "本人要求"})
    erased = door.get(f"{_ISSUES}/{issue_id}").json()

    def send(**more):
        given = {**ticket(), "reported_at": "2025/06/10 08:00", **more}
        given |= {"x": given.pop("lon"), "y": given.pop("lat")}
        path = tmp_path / "今天.csv"
        text = "\r\n".join([",".join(given), ",".join(map(str, given.values()))])
        path.write_text(text, encoding="utf-8")
        form = {"source": "12345"}
        sent = door.post(
            f"{_ISSUES}/import", files={"file": ("今天.csv", path.read_bytes())}, data=form
        )
        path.unlink()
        return {kind: count for kind, count in sent.json()["counts"].items() if count}

    assert send() == {"unchanged": 1}
    assert send(title="另一个标题甲乙丙", lon=WEST + 3.5 * STEP) == {"unchanged": 1}
    assert door.get(f"{_ISSUES}/{issue_id}").json() == erased
    assert send(status="办结", closed_at="2025-06-12 08:00") == {"updated": 1}
    seen = door.get(f"{_ISSUES}/{issue_id}").json()
    assert (seen["status"], seen["erased_at"]) == ("closed", erased["erased_at"])
    assert (seen["lon"], seen["lat"]) == (erased["lon"], erased["lat"])
    assert send(status="受理", category_major="环境卫生") == {"updated": 1}
    door.post(_ISSUES, json=ticket(title="丙乙甲"))
    refused = door.post(_ISSUES, json=ticket(category_major="市容秩序"))
    changed = problem_of(refused, 409, "natural-key-conflict")["fields_changed"]
    assert changed == ["category_major", "category_minor"]
    # closed here by a step: a list that says nothing new does not open it again
    closing = {"step": "不予受理", "role": "值班长", "reason": "unclear"}
    assert door.post(f"{_ISSUES}/{issue_id}/events", json=closing).json()["status"] == "closed"
    assert send(status="受理", category_major="环境卫生") == {"unchanged": 1}
    assert findings(services) == []
    assert held(answers(door, issue_id) + stored_bytes(tmp_path)) == []
    assert "甲乙丙".encode() not in stored_bytes(tmp_path)
    assert findings(services) == []
    # the hash is that of what is left: nobody can try with it whether a guess is right
    change(tmp_path, f"UPDATE issues SET title = '{TITLE}' WHERE id = {issue_id}")
    assert sorted(findings(services)) == ["not_erased", "other_hash"]


def test_what_was_kept_long_enough_goes_by_itself_and_photos_with_it(tmp_path):
    clock, office = Clock(), tmp_path / "office.toml"
    office.write_text(OFFICE.replace("retention_days = 1", "retention_days = 730"), "utf-8")
    house = open_house(tmp_path, clock=clock, profile=str(office))
    publish_street(house)
    place = {"x": 120.0004012345, "y": center(0, 0)[1], "frame": "EPSG:4490"}

    def report(number, days_ago, **more):
        told = {**ticket(str(number)), **place, "status": "办结", **more}
        told = {name: value for name, value in told.items() if name not in ("lon", "lat")}
        closed = datetime.fromtimestamp(NOW_S, UTC) - timedelta(days_ago)
        reported = closed - timedelta(1)
        told["reported_at"] = reported.isoformat()
        if days_ago >= 0 and "closed_at" not in more:
            told["closed_at"] = closed.isoformat()
        told = {name: value for name, value in told.items() if value is not None}
        return house.issues.report(CALLER, told, is_updating=False)["id"]

    old, young = report(1, 731), report(2, 729)
    unknown = report(3, 900, closed_at=None)  # closed, and nobody wrote down when
    still_open = report(4, 900, status="受理", closed_at=None)
    path = tmp_path / "a.jpg"
    path.write_bytes(photo())
    for each in (old, young):
        asked = AttachmentAsked("after", "handler")
        digest = house.attachments.attach(CALLER, each, path, asked).row.hash
    assert house.erasures.count_expired(CALLER) == 1
    assert house.schedule.work_in_turn() == 1
    assert house.schedule.work_in_turn() is None

    def erased():
        return [
            number
            for number in (old, young, unknown, still_open)
            if house.issues.issue(CALLER, number)["erased_at_s"] is not None
        ]

    assert erased() == [old]
    assert house.attachments.attachments(CALLER, old) == []
    with pytest.raises(IssueErased):
        house.attachments.attach(CALLER, old, path, asked)
    house.handling.take_step(CALLER, old, StepAsked("重办", "值班长", {"reason": "未解决"}))
    assert not house.attachments.attach(CALLER, old, path, asked).is_replayed
    with pytest.raises(InvalidValue):
        house.attachments.attach(CALLER, old, path, AttachmentAsked("after", "handler", "长" * 201))
    assert house.workspace.attachments.is_there(digest)
    clock.now_s += 2 * _DAY_S
    assert house.erasures.expire(CALLER) == 1
    assert erased() == [old, young]
    assert house.workspace.attachments.is_there(digest)  # the reopened one has it
    house.erasures.erase(CALLER, old, "request")
    assert not house.workspace.attachments.is_there(digest)
    clock.now_s += 730 * _DAY_S
    assert house.erasures.expire(CALLER) == 1
    assert erased() == [old, young, unknown]
    event = house.issues.issue(CALLER, unknown)["events"][-1]
    assert (event["actor"], event["payload"]["reason"]) == ("local-administrator", "retention")
    assert findings(house) == []
    house.close()


OFFICE = f"""{STREET_LAYERS}
[[layers]]
name = "beat"
[privacy]
retention_days = 1
"""


def test_no_count_of_any_family_changes_with_exact_places_gone(tmp_path):
    path = tmp_path / "office.toml"
    path.write_text(OFFICE, encoding="utf-8")
    house = open_house(tmp_path, profile=str(path))
    areas = street_boundaries()
    kept = [i for i, code in enumerate(areas["grid"].codes) if code != grid_code(3, 1)]
    areas["grid"] = area_set(
        "grid",
        codes=[areas["grid"].codes[i] for i in kept],
        names=[areas["grid"].names[i] for i in kept],
        parents=[areas["grid"].parents[i] for i in kept],
        geometries=areas["grid"].geometries[kept],
    )
    beats = [translate(square(0, 0, 1, 2), STEP / 2), translate(square(1, 0, 2, 2), STEP / 2)]
    areas["beat"] = area_set("beat", codes=["B1", "B2"], names=["甲", "乙"], geometries=beats)
    publish_areas(house, areas, on=0, effective_from_s=LONG_AGO_S)
    told = [
        {
            "source": "complaint",
            "external_id": f"{x} {y} {accuracy_m}",
            "reported_at": "2026-11-01",
            "closed_at": "2026-11-02" if (x + y) % 3 else None,
            "x": WEST + x * STEP / 8,
            "y": SOUTH + y * STEP / 8,
            "frame": "EPSG:4490",
            "accuracy_m": accuracy_m,
            "title": TITLE,
        }
        for x in range(-3, 36, 3)
        for y in range(-2, 19, 2)
        for accuracy_m in (None, 25.0)
    ]
    rows_of = [{name: value for name, value in each.items() if value is not None} for each in told]
    house.issues.batch(CALLER, rows_of, is_updating=False)
    before, exact = counts(house), places(house)
    for number in range(1, len(told) + 1, 2):  # half of them, open ones too
        house.erasures.erase(CALLER, number, "误录")
    while house.erasures.expire(CALLER, most=40):
        pass
    after, coarse = counts(house), places(house)
    assert np.isnan(exact.lon).sum() == 0
    is_erased = np.array([row[0] for row in rows(tmp_path, _ERASED)]) == 1
    assert 0 < (~is_erased).sum() < 60
    assert (coarse.lon[~is_erased] == exact.lon[~is_erased]).all()
    assert (coarse.lon[is_erased] != exact.lon[is_erased]).mean() > 0.9
    known = coarse.lon[is_erased][~np.isnan(coarse.lon[is_erased])]
    assert len(np.unique(known)) < 25
    for layer in ("district", "street", "community", "grid"):
        assert after[layer] == before[layer]
    # a circle or a neighbor gave it to a grid and to a beat that share no ground
    apart = np.flatnonzero(np.array(after["beat"]) != np.array(before["beat"]))
    inside = shapely.contains_xy(
        areas["district"].geometries[0], exact.lon[apart], exact.lat[apart]
    )
    assert not inside.any()
    assert findings(house) == ["topology"]  # the grid that is not there
    # the same again: every open issue is located anew, from where it was put
    publish_areas(house, areas, on=1, effective_from_s=LONG_AGO_S)
    assert counts(house) == after
    assert set(findings(house)) == {"topology"}
    house.close()


_ERASED = "SELECT CASE WHEN erased_at_s IS NULL THEN 0 ELSE 1 END FROM issues ORDER BY id"


def places(house):
    with house.workspace.database.read() as connection:
        return issue_queries.issue_places(connection, IssueFilter())


def test_where_no_boundaries_are_an_exact_place_goes_without_another_in_its_stead(tmp_path):
    house = open_house(tmp_path)
    told = {"source": "complaint", "external_id": "1", "reported_at": "2026-11-01", "title": TITLE}
    lon, lat = center(0, 0)
    placed = {**told, "x": lon, "y": lat, "frame": "EPSG:4490"}
    number = house.issues.report(CALLER, placed, is_updating=False)["id"]
    house.erasures.erase(CALLER, number, "law")
    issue = house.issues.issue(CALLER, number)
    assert (issue["lon"], issue["lat"], issue["title"]) == (None, None, None)
    assert findings(house) == []
    if not is_postgresql():
        assert TITLE.encode() not in stored_bytes(tmp_path)
    house.close()
