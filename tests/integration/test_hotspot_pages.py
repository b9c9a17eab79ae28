"""The desk's page from the store: what is kept between requests never outlives what it rests on."""

import re
from datetime import date

import numpy as np
import pytest
import shapely

from geo_service.maps.view import Links
from geo_service.services.hotspots.counts import HotspotQuery
from geo_service.services.hotspots.pages import Look
from tests.houses import (
    CALLER,
    Clock,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)
from tests.integration.test_hotspot_counts import report
from tests.integration.test_publications import merged_grids
from tests.parsed_pages import PageText

OUTSIDE = (121.0, 31.0)


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    report(house, "in", "2026-11-20", center(0, 0))
    return house


def page(house, layer="grid", **look):
    html = house.hotspot_pages.page(CALLER, HotspotQuery(layer), Look(**look), links=Links())
    return PageText(html)


def put_water(house, *shapes):
    column = np.array([None] * len(shapes), dtype=object)
    column[:] = shapes
    house.figures.replace_references(
        CALLER, "water", names=["池塘"] * len(shapes), geometries=column
    )


def test_a_new_issue_leaves_the_outlines_and_changes_the_numbers(house):
    before = page(house).data["areas"]
    report(house, "one more", "2026-11-20", center(1, 0))
    after = page(house).data["areas"]
    assert after["paths"] == before["paths"]
    assert after["summaries"] != before["summaries"]


def test_a_new_edition_is_drawn_at_the_next_request(house):
    gone, keep = grid_code(0, 0), grid_code(1, 0)
    assert gone in page(house).data["areas"]["codes"]
    publish_areas(house, merged_grids(street_boundaries(), keep, gone, square(0, 0, 2, 1)), on=1)
    areas = page(house).data["areas"]
    assert gone not in areas["codes"]
    assert len(areas["paths"]) == len(areas["codes"]) == 7


def test_each_layer_has_a_drawing_of_its_own(house):
    sizes = {layer: len(page(house, layer).data["areas"]["paths"]) for layer in ("grid", "street")}
    assert sizes == {"grid": 8, "street": 1}


def test_new_reference_features_are_drawn_at_the_next_request(house):
    pond = shapely.box(*center(0, 0), *center(1, 1))
    assert page(house).data["references"] == []
    put_water(house, pond)
    assert [len(each["polygons"]) for each in page(house).data["references"]] == [1]
    put_water(house, pond, square(2, 0))
    assert [len(each["polygons"]) for each in page(house).data["references"]] == [2]


def test_the_other_language_has_the_same_outlines_and_its_own_words(house):
    chinese, english = page(house), page(house, language="en")
    assert english.data["areas"]["paths"] == chinese.data["areas"]["paths"]
    assert english.data["words"] != chinese.data["words"]


def test_the_day_counts_only_its_own_issues_as_without_owner(house):
    report(house, "outside", "2026-11-20", OUTSIDE)
    report(house, "outside the day before", "2026-11-19", OUTSIDE)
    report(house, "outside for long", "2026-10-01", OUTSIDE)
    html = house.hotspot_pages.page(CALLER, HotspotQuery("grid"), Look(), links=Links())
    reported, closed, still_open, unassigned = re.findall(r'class="tile-count">(\d+)<', html)
    assert (reported, closed, still_open, unassigned) == ("2", "0", "4", "1")


def test_the_map_is_coloured_by_what_is_late_where_that_is_asked_for(house):
    """The generic profile gives five working days: reports of mid-November are late by December."""
    for number in (1, 2):
        report(house, f"late {number}", "2026-11-15", center(2, 1))
    house.workspace.now_s.now_s += 20 * 86_400
    query = HotspotQuery("grid", date(2026, 11, 14), date(2026, 11, 20))
    look = Look(measure="overdue_count")
    html = house.hotspot_pages.page(CALLER, query, look, links=Links())
    areas = PageText(html).data["areas"]
    classes = dict(zip(areas["codes"], areas["classes"], strict=True))
    late = {code for code, number in classes.items() if number > 0}
    assert late == {grid_code(0, 0), grid_code(2, 1)}
    assert classes[grid_code(2, 1)] > classes[grid_code(0, 0)]
    assert '<option value="overdue_count" selected>超期' in html
