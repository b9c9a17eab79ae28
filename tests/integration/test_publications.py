"""Editions in a real database: ranges, two clocks, corrections, pending ones, staleness."""

import pytest
import shapely

from geo_service.errors import EditionNotFound, PendingConflict, StaleEdition
from geo_service.layers.area import area_set
from geo_service.layers.edition import EditionChoice
from geo_service.layers.locator import Locator
from geo_service.storage import editions
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
    SOUTH,
    STEP,
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

DAY_S = 86_400


def merged_grids(boundaries, keep, gone, shape):
    """Return the boundaries after the grid ``keep`` took over ``gone``."""
    grids = boundaries["grid"]
    at = [i for i, code in enumerate(grids.codes) if code not in {keep, gone}]
    left = grids.take(at)
    parent = grids.parents[grids.position_by_code[keep]]
    return {
        **boundaries,
        "grid": area_set(
            "grid",
            codes=(*left.codes, keep),
            names=(*left.names, "合并网格"),
            parents=(*left.parents, parent),
            geometries=[*left.geometries, shape],
        ),
    }


def test_what_was_published_is_read_back_byte_for_byte(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    with house.workspace.database.read() as connection:
        found = editions.read_boundaries(connection, 1)
    for layer, areas in street_boundaries().items():
        assert found[layer].codes == areas.codes
        assert found[layer].parents == areas.parents
        assert (shapely.to_wkb(found[layer].geometries) == shapely.to_wkb(areas.geometries)).all()


def test_rows_that_did_not_change_are_not_stored_again(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    old, gone = grid_code(0, 0), grid_code(0, 1)
    publish_areas(house, merged_grids(street_boundaries(), old, gone, square(0, 0, 1, 2)), on=1)
    with house.workspace.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM areas").scalar()
        counts = [editions.counts_by_layer(connection, number)["grid"] for number in (1, 2)]
    assert rows == 12 + 1  # the merged grid alone is new
    assert counts == [8, 7]


def test_a_correction_governs_the_past_only_as_known_since(tmp_path):
    clock = Clock()
    house = open_house(tmp_path, clock=clock)
    publish_street(house)
    wrong_until = clock.now_s
    clock.now_s += 10 * DAY_S
    corrected = merged_grids(
        street_boundaries(), grid_code(0, 0), grid_code(0, 1), square(0, 0, 1, 2)
    )
    publish_areas(house, corrected, on=1, effective_from_s=LONG_AGO_S + DAY_S, is_correction=True)

    def areas(**choice):
        return len(house.editions.areas(CALLER, "grid", choice=EditionChoice(**choice)).rows)

    assert areas(as_of_s=LONG_AGO_S + 5 * DAY_S) == 7
    assert areas(as_of_s=LONG_AGO_S + 5 * DAY_S, known_at_s=wrong_until) == 8
    assert areas(as_of_s=LONG_AGO_S) == 8


def test_a_pending_edition_is_published_again_on_new_content(tmp_path):
    clock = Clock()
    house = open_house(tmp_path, clock=clock)
    publish_street(house)
    later = NOW_S + 30 * DAY_S
    east = merged_grids(street_boundaries(), grid_code(3, 0), grid_code(3, 1), square(3, 0, 1, 2))
    publish_areas(house, east, on=1, effective_from_s=later)
    west = merged_grids(street_boundaries(), grid_code(0, 0), grid_code(0, 1), square(0, 0, 1, 2))
    publish_areas(house, west, on=2)
    assert [each.number for each in house.editions.editions(CALLER)] == [1, 2, 3, 4]
    clock.now_s = later
    assert len(house.editions.areas(CALLER, "grid").rows) == 6  # both mergers


def test_a_pending_edition_that_changes_the_same_area_is_a_conflict(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    keep, gone = grid_code(0, 0), grid_code(0, 1)
    publish_areas(
        house,
        merged_grids(street_boundaries(), keep, gone, square(0, 0, 1, 2)),
        on=1,
        effective_from_s=NOW_S + DAY_S,
    )
    other = merged_grids(street_boundaries(), keep, grid_code(1, 0), square(0, 0, 2, 1))
    with pytest.raises(PendingConflict) as caught:
        publish_areas(house, other, on=2)
    assert f"grid/{keep}" in caught.value.areas
    assert len(house.editions.editions(CALLER)) == 2  # nothing was stored


def test_of_two_prepared_on_the_same_edition_the_second_is_refused(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    publish_areas(house, street_boundaries(), on=1)
    with pytest.raises(StaleEdition):
        publish_areas(house, street_boundaries(), on=1)
    assert len(house.editions.editions(CALLER)) == 2


def test_a_locator_from_storage_answers_as_the_one_from_memory(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    workspace = house.workspace
    memory = Locator(workspace.layers, street_boundaries())
    with workspace.database.read() as connection:
        stored = workspace.locator(connection, workspace.edition(connection))
    nodes = shapely.get_coordinates(street_boundaries()["grid"].geometries)
    lon, lat = nodes.T
    a, b = memory.owners("grid", lon=lon, lat=lat), stored.owners("grid", lon=lon, lat=lat)
    assert (a.position == b.position).all()
    assert (a.is_shared == b.is_shared).all()


def test_before_anything_is_published_no_edition_governs(tmp_path):
    house = open_house(tmp_path)
    with pytest.raises(EditionNotFound):
        house.editions.in_force(CALLER)


def test_open_issues_are_relocated_with_a_record_and_closed_ones_stay(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    lon, lat = center(0, 1)
    ticket = {"source": "complaint", "x": lon, "y": lat, "frame": "EPSG:4490"}
    reported = {"reported_at": "2026-11-20 08:00"}
    house.issues.report(CALLER, {**ticket, **reported, "external_id": "open"}, is_updating=False)
    closed = {"external_id": "closed", "status": "closed", "closed_at": "2026-11-20 09:00"}
    house.issues.report(CALLER, {**ticket, **reported, **closed}, is_updating=False)
    gone, keep = grid_code(0, 1), grid_code(0, 0)
    publish_areas(house, merged_grids(street_boundaries(), keep, gone, square(0, 0, 1, 2)), on=1)
    kinds = {}
    owners = {}
    for number in (1, 2):
        issue = house.issues.issue(CALLER, number)
        kinds[issue["external_id"]] = [event["kind"] for event in issue["events"]]
        owners[issue["external_id"]] = issue["assignments"][0]["links"][-1][1]
    assert kinds == {"open": ["reported", "reassigned"], "closed": ["reported", "closed"]}
    assert owners == {"open": keep, "closed": gone}


def test_what_a_circle_says_follows_the_boundaries_and_only_a_new_status_is_an_event(tmp_path):
    """The border between two grids runs through both circles until the grids merge."""
    house = open_house(tmp_path)
    publish_street(house)
    lon, south = WEST + STEP / 2, SOUTH + STEP
    reported = {"source": "complaint", "reported_at": "2026-11-20 08:00", "frame": "EPSG:4490"}
    meter = 1 / 110_852  # of latitude, at 30° N
    for key, lat, accuracy_m in (("torn", south + 5 * meter, 40), ("sure", south + 30 * meter, 35)):
        circle = {"external_id": key, "x": lon, "y": lat, "accuracy_m": accuracy_m}
        house.issues.report(CALLER, {**reported, **circle}, is_updating=False)
    before = [house.issues.issue(CALLER, number)["assignments"][0] for number in (1, 2)]
    assert [each["status"] for each in before] == ["ambiguous", "assigned"]
    gone, keep = grid_code(0, 0), grid_code(0, 1)
    publish_areas(house, merged_grids(street_boundaries(), keep, gone, square(0, 0, 1, 2)), on=1)
    found = [house.issues.issue(CALLER, number) for number in (1, 2)]
    for issue in found:
        kept = issue["assignments"][0]
        assert (kept["status"], kept["edition"]) == ("assigned", 2)
        assert kept["candidates"] == [{"layer": "grid", "code": keep, "share": 1.0}]
    torn, sure = (issue["events"] for issue in found)
    assert [event["kind"] for event in torn] == ["reported", "reassigned"]
    assert torn[1]["payload"]["before"]["status"] == "ambiguous"
    assert torn[1]["payload"]["after"]["status"] == "assigned"
    assert [event["kind"] for event in sure] == ["reported"]
