"""Sheets over HTTP and at the terminal: signed once, printed again as they were, corrected."""

import io

import openpyxl

from tests.doors import open_door, problem_of
from tests.houses import center
from tests.terminals import refusal, run

_ISSUES = "/api/v1/issues"


def report(door, number, *, day="2025-06-10", **cells):
    lon, lat = center(0, 0)
    told = {"source": "12345", "external_id": str(number), "reported_at": f"{day} 08:00"}
    place = {"lon": lon, "lat": lat, "frame": "EPSG:4490"}
    return door.post(_ISSUES, json={**told, **place, **cells}).json()["id"]


def test_a_signed_review_stays_as_it_was_and_a_correction_shows_ten_more(tmp_path):
    door = open_door(tmp_path)
    for i in range(4):
        report(door, i, category_major="出行停车")
    report(door, "before", day="2025-05-09")
    report(door, "last year", day="2024-06-09")
    asked = {"kind": "month", "layer": "grid", "day": "2025-06-20"}
    draft = door.get("/desk/sheets/month", params={"layer": "grid", "day": "2025-06-20"})
    assert "草稿，未签发" in draft.text
    signed = door.post("/api/v1/sheets", json=asked)
    assert signed.status_code == 201, signed.text
    told = signed.json()
    assert (told["number"], told["corrects"], told["days"][0]) == (
        1,
        None,
        ["2025-06-01", "2025-06-30"],
    )
    assert [told["total"][f"received{each}"] for each in ("", "_before", "_last_year")] == [4, 1, 1]
    [top] = told["top"]
    [repeat] = told["repeats"]
    assert (repeat["category"], repeat["count"]) == ("出行停车", 4)
    page, book = "/desk/sheets/signed/1", "/api/v1/sheets/1.xlsx"
    printed, packed = door.get(page), door.get(book).content
    assert told["hash"] in printed.text
    assert problem_of(door.post("/api/v1/sheets", json=asked), 409, "sheet-unchanged")

    for i in range(10):
        report(door, f"late {i}")
    assert (door.get(page).text, door.get(book).content) == (printed.text, packed)
    again = door.post("/api/v1/sheets", json=asked).json()
    assert (again["number"], again["corrects"]) == (2, 1)
    received = [each for each in again["differences"] if each["figure"] == "received"]
    assert [(each["code"], each["was"], each["is"], each["change"]) for each in received] == [
        (None, 4, 14, 10),
        (top, 4, 14, 10),
    ]
    correction = door.get("/desk/sheets/signed/2").text
    assert "更正版" in correction
    assert "+10" in correction
    assert (door.get(page).text, door.get(book).content) == (printed.text, packed)
    listed = door.get("/api/v1/sheets").json()["items"]
    assert [(each["number"], each["corrects"]) for each in listed] == [(2, 1), (1, None)]
    assert door.get("/api/v1/sheets/1").json()["figures"]["total"]["received"] == 4
    problem_of(door.get("/api/v1/sheets/3"), 404, "sheet-not-found")
    assert door.get("/desk/sheets/signed/3").status_code == 404
    assert door.get("/desk/sheets/year", params={"day": "2025-06-20"}).status_code == 422
    sheet = openpyxl.load_workbook(io.BytesIO(packed)).active
    assert sheet["A1"].value.endswith("月点评")

    rates = door.get("/api/v1/rates/grid", params={"from": "2025-06-01", "to": "2025-06-30"})
    assert rates.json()["total"]["received"] == 14
    assert rates.json()["total"]["response_rate"]["share"] is None
    assert rates.json()["definitions"]["resolution_rate"]["title"] == "解决率"
    saved = door.get("/api/v1/rates/grid.csv", params={"from": "2025-06-01", "to": "2025-06-30"})
    assert saved.content.startswith("\ufeff编码,名称".encode())
    workbook = door.get("/api/v1/rates/grid.xlsx", params={"group": "category_source"})
    assert workbook.content[:2] == b"PK"


def test_the_terminal_draws_signs_lists_and_prints_again(tmp_path):
    door = open_door(tmp_path)
    for i in range(3):
        report(door, i)
    door.close()
    out = tmp_path / "月点评.html"
    run(tmp_path, "sheets", "draw", "month", "grid", "--day", "2025-06-20", "--out", out)
    assert "草稿" in out.read_text(encoding="utf-8")
    said = run(tmp_path, "sheets", "sign", "week", "grid", "--day", "2025-06-10")
    assert "已签发第 1 号" in said
    assert " 1 " in run(tmp_path, "sheets", "list")
    copies = []
    for name in ("一.xlsx", "二.xlsx"):
        run(tmp_path, "sheets", "reprint", "1", "--out", tmp_path / name)
        copies.append((tmp_path / name).read_bytes())
    assert copies[0] == copies[1]
    assert "没有第 9 号" in refusal(tmp_path, "sheets", "reprint", "9", "--out", out)
    days = ("--from", "2025-06-01", "--to", "2025-06-30")
    said = run(tmp_path, "rates", "community", *days, "--tier-hours", "--printed", "grid=34.5")
    assert "响应率：" in said
    assert "所印 grid 34.5%" in said
    table = tmp_path / "办理.csv"
    run(tmp_path, "rates", "community", *days, "--group", "category", "--out", table)
    assert "未分类" in table.read_text(encoding="utf-8-sig")
    assert "--from" in refusal(tmp_path, "rates", "grid", "--from", "yesterday")
