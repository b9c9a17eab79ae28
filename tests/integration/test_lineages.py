"""Lineage in a real database: written with every edition, read back, and carried counts."""

import pytest
import shapely

from geo_service.errors import (
    EditionNotFound,
    InvalidValue,
    MissingColumn,
    RefusedValue,
    UnknownLayer,
)
from geo_service.layers.area import area_set
from geo_service.services.lineages.crosswalks import CarryAsked
from geo_service.services.lineages.tables import carried_notes
from geo_service.services.verification.verifications import VerificationOptions, VerificationService
from geo_service.storage.figures import Figure
from tests.databases import change, rows
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
    SOUTH,
    STEP,
    STREET_LAYERS,
    WEST,
    Clock,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)
from tests.integration.test_publications import merged_grids

DAY_S = 86_400
A, B, C = grid_code(0, 0), grid_code(0, 1), grid_code(1, 0)
WHOLE = square(0, 0, 1, 2)
EAST = grid_code(3, 0), grid_code(3, 1)
HOUSES = """
[[layers]]
name = "building"
overlay = true
"""


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    yield house
    house.close()


def merge(house, keep=A, gone=B, shape=WHOLE, *, boundaries=None, **how):
    """Let the grid ``keep`` take over ``gone``; return the number of the edition."""
    merged = merged_grids(boundaries or street_boundaries(), keep, gone, shape)
    on = len(house.editions.editions(CALLER))
    return publish_areas(house, merged, on=on, **how).number


def told(house, number, layer="grid"):
    found = house.crosswalks.lineage(CALLER, number, layer=layer)
    return found.before.number if found.before else None, {
        (row.old_code, row.new_code): row.kind for row in found.rows
    }


def faults(house):
    report = VerificationService(house.workspace).verify(CALLER, VerificationOptions())
    [check] = [each for each in report.checks if each.name == "lineage"]
    return check


def test_every_edition_but_the_first_is_stored_with_its_lineage(house, tmp_path):
    assert told(house, 1) == (None, {})
    assert merge(house) == 2
    assert told(house, 2) == (1, {(A, A): "resized", (B, A): "merged"})
    assert told(house, 2, "community") == (1, {})
    stored = rows(tmp_path, "SELECT edition, before, old_code, share_of_new FROM lineage")
    assert {row[:3] for row in stored} == {(2, 1, A), (2, 1, B)}
    assert sum(row[3] for row in stored) == pytest.approx(1, abs=1e-12)
    report = faults(house)
    assert (report.found, report.covered) == (0, {"lineage_rows": 2})


def test_pending_editions_are_told_against_what_they_will_follow(house):
    merge(house, *EAST, shape=square(3, 0, 1, 2), effective_from_s=NOW_S + DAY_S)
    assert told(house, 2)[0] == 1
    merge(house)
    # the third does not undo the pending second, and the fourth is the second on the third
    assert told(house, 3) == (1, {(A, A): "resized", (B, A): "merged"})
    assert told(house, 4) == (3, {(EAST[0], EAST[0]): "resized", (EAST[1], EAST[0]): "merged"})


def test_a_correction_is_told_against_what_it_corrects(house):
    merge(house, *EAST, shape=square(3, 0, 1, 2))
    merge(house, effective_from_s=LONG_AGO_S + DAY_S, is_correction=True)
    assert told(house, 3) == (1, {(A, A): "resized", (B, A): "merged"})


def test_what_an_earlier_version_did_not_write_down_is_worked_out_when_asked(house, tmp_path):
    merge(house)
    written = house.crosswalks.lineage(CALLER, 2).rows
    change(tmp_path, "DELETE FROM lineage")
    assert house.crosswalks.lineage(CALLER, 2).rows == written
    assert rows(tmp_path, "SELECT count(*) FROM lineage") == [(0,)]


def test_a_crosswalk_leads_over_several_editions_there_and_back(house):
    merge(house)
    wide = square(0, 0, 2, 2)
    merged = merged_grids(street_boundaries(), A, B, WHOLE)
    grids = merged["grid"]
    left = grids.take(
        [i for i, code in enumerate(grids.codes) if code not in (A, C, grid_code(1, 1))]
    )
    one = area_set(
        "grid",
        codes=(*left.codes, "新"),
        names=(*left.names, "新网格"),
        parents=(*left.parents, "9990010101"),
        geometries=[*left.geometries, wide],
    )
    publish_areas(house, {**merged, "grid": one}, on=2)
    there = house.crosswalks.crosswalk(CALLER, 1, 3, "grid")
    assert {(row.old_code, row.kind) for row in there.changes} == {
        (code, "merged") for code in (A, B, C, grid_code(1, 1))
    }
    assert len(there.rows) == 8
    back = house.crosswalks.crosswalk(CALLER, 3, 1, "grid")
    assert {(row.new_code, row.kind) for row in back.changes} == {
        (code, "split") for code in (A, B, C, grid_code(1, 1))
    }
    assert house.crosswalks.crosswalk(CALLER, 2, 2, "grid").changes == []
    for call in ((1, 9, "grid"), (9, 1, "grid")):
        with pytest.raises(EditionNotFound):
            house.crosswalks.crosswalk(CALLER, *call)
    with pytest.raises(UnknownLayer):
        house.crosswalks.crosswalk(CALLER, 1, 2, "planet")


def test_residents_go_by_households_of_buildings_that_are_known(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(f'name = "own"\n{STREET_LAYERS}{HOUSES}', encoding="utf-8")
    house = open_house(tmp_path, profile=str(path), clock=Clock())
    places = {"H1": (0.2, 0.2), "H2": (0.2, 0.8), "H3": (0.6, 0.5)}
    homes = [
        shapely.box(
            *(WEST + x * STEP, SOUTH + y * STEP), WEST + (x + 0.1) * STEP, SOUTH + (y + 0.1) * STEP
        )
        for x, y in places.values()
    ]
    houses = area_set("building", codes=list(places), geometries=homes)
    street = {**street_boundaries(), "building": houses}
    publish_areas(house, street, on=0, effective_from_s=LONG_AGO_S)
    counts = {"H1": "30", "H2": "10", "H3": "60"}
    house.figures.add(
        CALLER,
        [
            Figure("building", code, "households", n, LONG_AGO_S, "普查")
            for code, n in counts.items()
        ],
    )
    halves = [
        shapely.box(WEST + x * STEP, SOUTH, WEST + (x + 0.5) * STEP, SOUTH + STEP) for x in (0, 0.5)
    ]
    grids = street["grid"]
    left = grids.take([i for i, code in enumerate(grids.codes) if code != A])
    split = area_set(
        "grid",
        codes=(*left.codes, "w", "e"),
        parents=(*left.parents, *["9990010101"] * 2),
        names=(*left.names, "西", "东"),
        geometries=[*left.geometries, *halves],
    )
    publish_areas(house, {**street, "grid": split}, on=1)
    found = {row.new_code: row for row in house.crosswalks.lineage(CALLER, 2, layer="grid").rows}
    assert found["w"].share_of_old == pytest.approx(0.5, abs=1e-9)
    assert (found["w"].residents_of_old, found["w"].is_old_estimated) == (0.4, False)
    assert found["e"].residents_of_old == 0.6
    carried = house.crosswalks.carry(CALLER, CarryAsked(1, 2, "grid"), {A: 50.0}).carried.values
    assert {each.code: each.value for each in carried if each.value} == {"w": 20.0, "e": 30.0}
    house.close()


def counts_file(folder, *lines):
    path = folder / "去年.csv"
    path.write_text("\n".join(["网格编码,数值", *lines]), encoding="utf-8")
    return path


def test_last_years_counts_stand_on_this_years_grids_and_back(house, tmp_path):
    merge(house)
    path = counts_file(tmp_path, f"{A},3", f"{B},4", f"{C},")
    found = house.crosswalks.carry_file(CALLER, CarryAsked(1, 2, "grid", is_whole=True), path)
    values = {each.code: each.value for each in found.carried.values}
    assert (values[A], values[C]) == (7.0, None)
    assert carried_notes(found, "zh")[0] == "合计 7 = 结转 7 + 无归属 0，按居民分摊"
    back = house.crosswalks.carry(CALLER, CarryAsked(2, 1, "grid", is_whole=True), {A: 7.0})
    assert {each.code: each.value for each in back.carried.values if each.value} == {A: 4.0, B: 3.0}
    assert [each.is_estimated for each in back.carried.values if each.value] == [True, True]


def test_a_stored_figure_is_carried_as_of_a_day(house):
    merge(house)
    later = NOW_S - DAY_S
    house.figures.add(
        CALLER,
        [
            Figure("grid", A, "residents", "100", LONG_AGO_S, "普查"),
            Figure("grid", B, "residents", "50", LONG_AGO_S, "普查"),
            Figure("grid", B, "residents", "70", later, "普查"),
            Figure("grid", A, "community_type", "老旧", LONG_AGO_S, "普查"),
        ],
    )
    asked = CarryAsked(1, 2, "grid")
    for as_of_s, total in ((None, 170.0), (later - 1, 150.0)):
        found = house.crosswalks.carry_figure(CALLER, asked, "residents", as_of_s=as_of_s)
        assert {each.code: each.value for each in found.carried.values}[A] == total
    with pytest.raises(InvalidValue):
        house.crosswalks.carry_figure(CALLER, asked, "community_type")


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["999,1"], RefusedValue),
        ([f"{A},1", f"{A},2"], RefusedValue),
        ([",1"], RefusedValue),
        ([f"{A},-1"], InvalidValue),
        ([f"{A},nan"], InvalidValue),
        ([f"{A},很多"], InvalidValue),
    ],
)
def test_a_list_that_would_lose_or_guess_counts_is_refused(house, tmp_path, lines, error):
    merge(house)
    with pytest.raises(error):
        house.crosswalks.carry_file(CALLER, CarryAsked(1, 2, "grid"), counts_file(tmp_path, *lines))


def test_a_list_needs_a_column_of_codes_and_one_of_values(house, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"网格编码,甲,乙\n{A},1,2\n", encoding="utf-8")
    asked = CarryAsked(1, 1, "grid")
    with pytest.raises(MissingColumn):
        house.crosswalks.carry_file(CALLER, asked, path)
    found = house.crosswalks.carry_file(CALLER, asked, path, column="乙")
    assert found.total == 2.0
    with pytest.raises(InvalidValue):
        house.crosswalks.carry(CALLER, CarryAsked(1, 1, "grid", is_whole=True), {A: 0.5})


@pytest.mark.parametrize(
    ("damage", "kinds"),
    [
        ("UPDATE lineage SET share_of_old = 0.5 WHERE id = 1", {"lineage_sum"}),
        ("UPDATE lineage SET residents_of_new = 0.1 WHERE id = 1", {"lineage_sum"}),
        ("UPDATE lineage SET share_of_old = 1.5 WHERE id = 1", {"lineage_row", "lineage_sum"}),
        ("UPDATE lineage SET kind = '?' WHERE id = 1", {"lineage_row"}),
        ("UPDATE lineage SET old_code = 'x' WHERE id = 1", {"lineage_area"}),
        ("UPDATE lineage SET new_code = NULL WHERE id = 1", {"lineage_row", "lineage_sum"}),
        ("UPDATE lineage SET before = 2", {"lineage_row", "lineage_area"}),
        ("DELETE FROM lineage WHERE id = 1", {"lineage_sum"}),
    ],
)
def test_verifying_finds_lineage_that_does_not_add_up(house, tmp_path, damage, kinds):
    merge(house)
    change(tmp_path, damage)
    report = faults(house)
    assert {finding.kind for finding in report.findings} == kinds
    for finding in report.findings:
        assert finding.text("zh")
        assert finding.text("en")
        assert finding.advice("zh")
