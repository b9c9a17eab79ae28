"""Lineage, crosswalks and rollbacks over HTTP and at the terminal."""

import csv
import io

import pytest
from openpyxl import load_workbook

from tests.doors import open_door, problem_of, publish_street_in
from tests.houses import (
    CALLER,
    NOW_S,
    Clock,
    center,
    grid_code,
    open_house,
    publish_areas,
    square,
    street_boundaries,
)
from tests.integration.test_publications import merged_grids
from tests.terminals import refusal, run

_EDITIONS = "/api/v1/editions"
A, B, C = grid_code(0, 0), grid_code(0, 1), grid_code(1, 0)


@pytest.fixture
def folder(tmp_path):
    """A street whose two western grids were merged in its second edition."""
    publish_street_in(tmp_path)
    house = open_house(tmp_path, clock=Clock(NOW_S))
    publish_areas(house, merged_grids(street_boundaries(), A, B, square(0, 0, 1, 2)), on=1)
    house.close()
    return tmp_path


@pytest.fixture
def door(folder):
    return open_door(folder, is_published=False)


def test_lineage_is_told_with_both_shares_and_in_words(door):
    body = door.get(f"{_EDITIONS}/2/lineage").json()
    assert (body["edition"], body["before"]) == (2, 1)
    [kept, merged] = body["rows"]
    assert (kept["old_code"], kept["new_code"], kept["title"]) == (A, A, "范围调整")
    assert (merged["old_code"], merged["new_code"], merged["title"]) == (B, A, "并入")
    assert (merged["share_of_old"], merged["is_new_estimated"]) == (1.0, True)
    assert kept["share_of_new"] + merged["share_of_new"] == pytest.approx(1, abs=1e-9)
    english = door.get(f"{_EDITIONS}/2/lineage", headers={"Accept-Language": "en"}).json()
    assert english["rows"][1]["title"] == "merged into"
    assert door.get(f"{_EDITIONS}/1/lineage").json()["before"] is None
    problem_of(door.get(f"{_EDITIONS}/9/lineage"), 404, "edition-not-found")


def test_a_crosswalk_is_answered_and_saved_with_codes_as_text(door):
    asked = {"to": 1, "layer": "grid"}
    body = door.get(f"{_EDITIONS}/2/crosswalk", params={**asked, "changes": True}).json()
    assert (body["from"], body["to"], body["unchanged"]) == (2, 1, 6)
    assert [(row["old_code"], row["new_code"], row["kind"]) for row in body["rows"]] == [
        (A, A, "resized"),
        (A, B, "split"),
    ]
    saved = door.get(f"{_EDITIONS}/2/crosswalk.csv", params=asked)
    rows = list(csv.DictReader(io.StringIO(saved.content.decode("utf-8-sig"))))
    assert len(rows) == 8
    assert rows[1]["变化"] == "拆出"
    assert float(rows[0]["占原区域面积"]) + float(rows[1]["占原区域面积"]) == pytest.approx(1)
    book = load_workbook(
        io.BytesIO(door.get(f"{_EDITIONS}/2/crosswalk.xlsx", params=asked).content)
    )
    cells = [cell.value for row in book.active.iter_rows() for cell in row]
    assert A in cells  # as text, all of its digits
    problem_of(
        door.get(f"{_EDITIONS}/2/crosswalk", params={**asked, "layer": "planet"}),
        404,
        "unknown-layer",
    )


def test_counts_are_carried_and_add_up(door):
    body = {"values": {A: 3, B: 4}, "whole": True}
    answer = door.post(f"{_EDITIONS}/1/carried", params={"to": 2, "layer": "grid"}, json=body)
    told = answer.json()
    assert (told["total"], told["to_nobody"]) == (7.0, [])
    assert {each["code"]: each["value"] for each in told["values"] if each["value"]} == {A: 7.0}
    lost = {"values": {"999": 1}}
    refused = door.post(f"{_EDITIONS}/1/carried", params={"to": 2, "layer": "grid"}, json=lost)
    problem_of(refused, 422, "refused-value")


def test_an_edition_is_restored_once_and_a_conflict_names_the_areas(door):
    looked = door.post(f"{_EDITIONS}/1/restore", json={"reason": "划错", "dry_run": True}).json()
    assert (looked["is_needed"], looked["edition"]) == (True, None)
    done = door.post(f"{_EDITIONS}/1/restore", json={"reason": "划错"}).json()
    assert done["edition"]["number"] == 3
    again = door.post(f"{_EDITIONS}/1/restore", json={"reason": "划错"}).json()
    assert (again["is_needed"], again["edition"], again["governing"]) == (False, None, 3)
    back = door.post(f"{_EDITIONS}/3/revert", json={"reason": "还是要合并"}).json()
    assert back["edition"]["number"] == 4
    problem_of(door.post(f"{_EDITIONS}/1/revert", json={"reason": "x"}), 422, "invalid-value")
    problem_of(door.post(f"{_EDITIONS}/9/revert", json={"reason": "x"}), 404, "edition-not-found")
    problem_of(door.post(f"{_EDITIONS}/1/restore", json={"reason": ""}), 422, "invalid-request")


def test_what_was_changed_again_is_a_conflict_with_the_areas(folder):
    house = open_house(folder, clock=Clock(NOW_S + 1))
    wide = merged_grids(
        merged_grids(street_boundaries(), A, B, square(0, 0, 1, 2)), A, C, square(0, 0, 1, 2)
    )
    taken = wide["grid"]
    shapes = taken.geometries.copy()
    shapes[taken.position_by_code[A]] = square(0, 0, 1, 2).union(square(1, 0))
    publish_areas(
        house, {**wide, "grid": taken.with_geometries(shapes)}, on=2, effective_from_s=NOW_S + 1
    )
    house.close()
    door = open_door(folder, is_published=False)
    body = problem_of(
        door.post(f"{_EDITIONS}/2/revert", json={"reason": "划错"}), 409, "revert-conflict"
    )
    assert (body["edition"], body["areas"]) == (2, [f"grid/{A}"])


def test_the_terminal_tells_lineage_crosswalk_and_carried_counts(folder):
    assert "并入" in run(folder, "editions", "lineage", "2")
    assert "最初的版本" in run(folder, "editions", "lineage", "1")
    told = run(folder, "editions", "crosswalk", "1", "--to", "2")
    assert "未变 6 个，有变化或已撤销 2 个" in told
    out = folder / "对照.xlsx"
    assert "8 行写入" in run(folder, "editions", "crosswalk", "1", "--to", "2", "--out", out)
    assert load_workbook(out).active.max_row > 8
    listed = folder / "去年.csv"
    listed.write_text(f"编码,件数\n{A},3\n{B},4\n", encoding="utf-8")
    words = ("editions", "carry", listed, "--from", "1", "--to", "2", "--whole")
    assert "合计 7 = 结转 7 + 无归属 0" in run(folder, *words)
    assert "--figure" in refusal(folder, "editions", "carry", "--from", "1", "--to", "2")
    missing = refusal(folder, "editions", "crosswalk", "1", "--to", "7")
    assert "editions list" in missing


def test_the_terminal_looks_first_then_restores_and_reverts(folder):
    why = ("--reason", "划错")
    looked = run(folder, "editions", "restore", "1", *why, "--dry-run")
    assert "试运行，未存入" in looked
    assert B in looked
    assert "已发布第 3 版" in run(folder, "editions", "restore", "1", *why)
    assert "没有发布新版本" in run(folder, "editions", "restore", "1", *why)
    assert "已发布第 4 版" in run(folder, "editions", "revert", "3", *why)
    assert "最初的内容" in refusal(folder, "editions", "revert", "1", *why)


def test_issues_that_the_edition_moved_are_told_at_the_terminal(folder):
    house = open_house(folder, clock=Clock(NOW_S + 60))
    lon, lat = center(0, 1)
    row = {"source": "12345", "external_id": "7", "reported_at": "2026-11-21 00:00"}
    house.issues.report(CALLER, {**row, "x": lon, "y": lat, "frame": "EPSG:4490"}, is_updating=True)
    house.close()
    told = run(folder, "editions", "restore", "1", "--reason", "划错")
    assert "已发布第 3 版" in told
    told = run(folder, "editions", "revert", "3", "--reason", "还是合并")
    assert "其改派的未办结工单 1 件，1 件回到原归属" in told
