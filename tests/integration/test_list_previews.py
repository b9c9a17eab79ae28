"""A list looked at before it is stored: nobody waits, nothing is left, and what is cut is told."""

import pytest

from geo_service.errors import UnreadableFile
from geo_service.services.issues.files import imports, preview
from geo_service.services.issues.files.options import IssueFileOptions
from tests.databases import everything
from tests.houses import CALLER, SOUTH, STEP, WEST, Clock, center, grid_code, open_house
from tests.houses import publish_street as publish

HEADING = "工单号,来源,上报时间,经度,纬度,坐标系,精度"
OPTIONS = IssueFileOptions()


@pytest.fixture
def house(tmp_path):
    made = open_house(tmp_path, clock=Clock())
    publish(made)
    return made


def row(number, lon, lat, accuracy_m=""):
    return f"{number},12345,2026-06-10 08:00,{lon},{lat},EPSG:4490,{accuracy_m}"


def write(folder, *rows, name="list.csv"):
    path = folder / name
    path.write_text("\n".join([HEADING, *rows]), encoding="utf-8")
    return path


def street_list(folder):
    """Return a list with a row of every kind: its results, in their order, stand in RESULTS."""
    (lon, lat), edge = center(0, 0), WEST + STEP
    return write(
        folder,
        row("A", lon, lat),
        row("B", edge, lat),
        row("C", edge + STEP / 8, lat, 60),
        row("D", lon, SOUTH - STEP),
        row("E", "", ""),
        row("F", "abc", lat),
        row("A", *center(1, 0)),
    )


RESULTS = {
    2: ("added", "assigned", grid_code(1, 0)),  # the last row of the list moves it there
    3: ("added", "boundary", grid_code(0, 0)),
    4: ("added", "ambiguous", grid_code(1, 0)),
    5: ("added", "unassigned", None),
    6: ("added", "unassigned", None),
    8: ("updated", "assigned", grid_code(1, 0)),
}


def test_every_row_has_its_owner_and_result_before_it_is_stored(house, tmp_path):
    found = house.issues.preview_file(CALLER, street_list(tmp_path), OPTIONS)
    told = {
        each.row: (each.outcome, each.result, each.owner and each.owner[1]) for each in found.rows
    }
    assert told == RESULTS
    assert [(each.row, each.field) for each in found.report.rejections] == [(7, "x")]
    assert found.results == {"assigned": 2, "boundary": 1, "ambiguous": 1, "unassigned": 2}
    owners = [(each.area and each.area.name, *each[1:]) for each in found.owners]
    assert owners == [("第2网格", 2, 1, 0), (None, 2, 0, 0), ("第1网格", 1, 0, 0)]
    assert (found.rows_left_out, found.report.without_coordinates) == (0, 1)


def test_whoever_writes_does_not_wait_for_a_preview_nor_the_other_way_round(house, tmp_path):
    path = street_list(tmp_path)
    with house.workspace.database.write():  # a second writer would wait here for a minute
        found = house.issues.preview_file(CALLER, path, OPTIONS)
    assert found.report.added == 5


def test_of_a_long_list_what_needs_a_look_is_shown_first(house, tmp_path, monkeypatch):
    monkeypatch.setattr(preview, "MOST_SHOWN", 4)
    (lon, lat), edge = center(0, 0), WEST + STEP
    rows = [row(i, lon, lat) for i in range(6)] + [row(i, edge, lat) for i in range(6, 9)]
    found = house.issues.preview_file(CALLER, write(tmp_path, *rows), OPTIONS)
    assert [each.row for each in found.rows] == [2, 8, 9, 10]
    assert (found.rows_left_out, found.results) == (5, {"assigned": 6, "boundary": 3})


def test_after_an_import_that_was_broken_off_the_rest_is_looked_at(house, tmp_path, monkeypatch):
    for module in (imports, preview):
        monkeypatch.setattr(module, "ROWS_A_TRANSACTION", 2)
    path = write(tmp_path, *(row(i, *center(0, 0)) for i in range(5)))

    def stop(rows, _share):
        if rows == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.issues.import_file(CALLER, path, OPTIONS, on_progress=stop)
    held = everything(tmp_path)
    found = house.issues.preview_file(CALLER, path, OPTIONS)
    assert [each.row for each in found.rows] == [6]
    assert (found.report.continued_after, found.report.rows, found.report.added) == (5, 5, 5)
    anew = house.issues.preview_file(CALLER, path, IssueFileOptions(is_anew=True))
    assert (anew.report.continued_after, anew.report.unchanged, anew.report.added) == (None, 4, 1)
    assert everything(tmp_path) == held  # it can still go on from there
    report = house.issues.import_file(CALLER, path, OPTIONS)
    assert (report.continued_after, report.added) == (5, 5)


def test_without_any_edition_all_rows_are_nobodys(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    found = house.issues.preview_file(CALLER, street_list(tmp_path), OPTIONS)
    assert found.results == {"unassigned": 6}
    assert [(each.area, *each[1:]) for each in found.owners] == [(None, 5, 1, 0)]


def test_what_cannot_be_read_is_refused_as_by_an_import(house, tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(UnreadableFile):
        house.issues.preview_file(CALLER, path, OPTIONS)
