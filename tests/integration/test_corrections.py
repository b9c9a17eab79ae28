"""A correction names the later editions that still hold the error."""

from dataclasses import asdict

import pytest

from geo_service.errors import PendingConflict
from geo_service.layers.area import area_set
from geo_service.layers.edition import Uncorrected
from geo_service.layers.preparation import Plan
from geo_service.services.boundaries import corrections
from geo_service.services.boundaries.files import BoundaryOptions
from geo_service.services.boundaries.imports import EditionOptions
from geo_service.services.boundaries.reports import report_json
from tests.doors import geojson
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)

DAY_S = 86_400
WEST, NEXT, EAST = grid_code(0, 0), grid_code(1, 0), grid_code(3, 0)


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    yield house
    house.close()


def renamed(house, tmp_path, names, *, from_s, **options):
    """Import the street's grids with other names by code, on what governs at that time."""
    grids = street_boundaries()["grid"]
    codes = [code for code in grids.codes if code in names]
    at = [grids.position_by_code[code] for code in codes]
    path = tmp_path / "grids.geojson"
    path.write_bytes(
        geojson(
            "grid",
            codes=codes,
            names=[names[code] for code in codes],
            parents=[grids.parents[i] for i in at],
            geometries=grids.geometries[at],
        )
    )
    return house.boundaries.import_file(
        CALLER,
        path,
        BoundaryOptions(layer="grid", frame="EPSG:4490"),
        plan=Plan(),
        edition_options=EditionOptions(effective_from_s=from_s, **options),
    )


def areas(*codes):
    return tuple(f"grid/{code}" for code in codes)


def test_each_later_edition_is_named_with_the_areas_that_are_still_wrong(house, tmp_path):
    second, third = LONG_AGO_S + 100 * DAY_S, LONG_AGO_S + 200 * DAY_S
    renamed(house, tmp_path, {EAST: "东"}, from_s=second)  # another grid: both errors stay
    renamed(house, tmp_path, {WEST: "西"}, from_s=third)  # one of the two errors is gone
    renamed(house, tmp_path, {EAST: "尽东"}, from_s=NOW_S + DAY_S)  # made on the third
    expected = (
        Uncorrected(2, second, areas(WEST, NEXT), 2),
        Uncorrected(3, third, areas(NEXT), 1),
        Uncorrected(4, NOW_S + DAY_S, areas(NEXT), 1),
    )
    right = {WEST: "对", NEXT: "也对"}
    how = {"from_s": LONG_AGO_S + 50 * DAY_S, "is_correction": True}

    trial = renamed(house, tmp_path, right, is_dry_run=True, **how)
    assert (trial.edition, trial.uncorrected) == (None, expected)
    report = renamed(house, tmp_path, right, **how)
    assert (report.edition.number, report.uncorrected) == (5, expected)
    assert report_json(report, "zh", {})["uncorrected"] == [asdict(each) for each in expected]
    assert house.editions.edition(CALLER, 5)[0].uncorrected == expected
    assert [each.uncorrected for each in house.editions.editions(CALLER)[:4]] == [()] * 4
    assert [each.number for each in house.editions.editions(CALLER)] == [1, 2, 3, 4, 5]


def test_an_edition_that_another_correction_put_right_is_not_named_again(house, tmp_path):
    second = LONG_AGO_S + 100 * DAY_S
    renamed(house, tmp_path, {EAST: "东"}, from_s=second)
    renamed(house, tmp_path, {WEST: "对"}, from_s=second, is_correction=True)
    report = renamed(
        house, tmp_path, {WEST: "对"}, from_s=LONG_AGO_S + 50 * DAY_S, is_correction=True
    )
    assert report.uncorrected == ()


def test_an_area_that_is_still_missing_later_is_an_error_too(house):
    merged, gone = grid_code(0, 0), grid_code(0, 1)
    right = street_boundaries()
    grids = right["grid"]
    shapes = grids.geometries.copy()
    shapes[grids.position_by_code[merged]] = square(0, 0, 1, 2)
    wrong_grids = grids.with_geometries(shapes).take(
        [i for i, code in enumerate(grids.codes) if code != gone]
    )
    start, later = LONG_AGO_S + 100 * DAY_S, LONG_AGO_S + 200 * DAY_S
    publish_areas(house, {**right, "grid": wrong_grids}, on=1, effective_from_s=start)
    no_districts = area_set("district", codes=[], geometries=[])
    publish_areas(
        house,
        {**right, "grid": wrong_grids, "district": no_districts},
        on=2,
        effective_from_s=later,
    )
    edition = publish_areas(house, right, on=3, effective_from_s=start + DAY_S, is_correction=True)
    assert edition.uncorrected == (Uncorrected(3, later, areas(merged, gone), 2),)


def test_a_pending_edition_that_is_published_again_on_the_correction_is_not_named(house, tmp_path):
    renamed(house, tmp_path, {EAST: "东"}, from_s=NOW_S + DAY_S)
    report = renamed(house, tmp_path, {WEST: "对"}, from_s=LONG_AGO_S + DAY_S, is_correction=True)
    assert report.uncorrected == ()
    house.workspace.now_s.now_s = NOW_S + DAY_S
    names = {row.code: row.name for row in house.editions.areas(CALLER, "grid").rows}
    assert (names[WEST], names[EAST]) == ("对", "东")


def test_a_correction_of_the_past_is_no_conflict_with_what_stands_after_the_present(
    house, tmp_path
):
    renamed(house, tmp_path, {WEST: "改"}, from_s=LONG_AGO_S + 100 * DAY_S)
    renamed(house, tmp_path, {EAST: "东"}, from_s=NOW_S + DAY_S)
    past_s = LONG_AGO_S + DAY_S
    report = renamed(house, tmp_path, {WEST: "对"}, from_s=past_s, is_correction=True)
    assert report.uncorrected == ()  # since the second edition the grid has another name anyway
    assert len(house.editions.editions(CALLER)) == 4
    with pytest.raises(PendingConflict):
        renamed(house, tmp_path, {EAST: "也改"}, from_s=NOW_S)


def test_what_is_no_correction_and_what_nothing_follows_name_nothing(house, tmp_path):
    now = renamed(house, tmp_path, {WEST: "现"}, from_s=NOW_S, is_correction=True)
    assert now.uncorrected == ()
    before_all = renamed(
        house, tmp_path, {WEST: "前"}, from_s=LONG_AGO_S - DAY_S, is_correction=True
    )
    assert before_all.uncorrected == ()  # nothing stood there that could have been wrong


def test_many_areas_are_counted_and_the_first_named(house, tmp_path, monkeypatch):
    monkeypatch.setattr(corrections, "NAMED", 3)
    publish_street(house, prepared_on=1, effective_from_s=LONG_AGO_S + 100 * DAY_S)
    codes = street_boundaries()["grid"].codes
    right = dict.fromkeys(codes, "对")
    report = renamed(house, tmp_path, right, from_s=LONG_AGO_S + DAY_S, is_correction=True)
    [later] = report.uncorrected
    assert (later.areas, later.total) == (areas(*codes[:3]), 8)
