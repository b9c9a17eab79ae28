"""Both sides of a change as one looks at them: put together, they are what is stored."""

import numpy as np
import pytest
import shapely

from geo_service.errors import DraftNotFound, EditionNotFound, UnknownLayer
from geo_service.layers.area import area_set
from geo_service.layers.redraw.asked.operation import Merge, MoveJunction, Rename
from geo_service.services.drafts.desk.comparisons import ComparisonAsked
from tests.drafting import NOW, A, B, C, D, across, at, begin, grid, outlines
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    Clock,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)

DAY_S = 86_400
NODE_DEGREES = 5e-8
"""Half of what outlines for looking at are rounded to."""


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    yield house
    house.close()


def compared(house, **asked):
    return house.comparisons.comparison(CALLER, ComparisonAsked("grid", **asked))


def kinds(found, layer="grid"):
    [told] = [each for each in found.layers if each.layer == layer]
    return {code: list(each) for code, each in told.kinds.items() if each}


def patched(shown, found):
    """Return both sides of the grids as a page puts them together from what it shows."""
    [told] = [each for each in found.layers if each.layer == "grid"]
    codes = {*told.before.codes, *told.after.codes}
    sides = []
    for side in (told.before, told.after):
        kept = {code: shape for code, shape in shown.items() if code not in codes}
        sides.append(kept | dict(zip(side.codes, side.geometries, strict=True)))
    return sides


def assert_alike(found, stored):
    assert found.keys() == stored.keys()
    for code, shape in found.items():
        assert shapely.hausdorff_distance(shape, stored[code]) <= 2**0.5 * NODE_DEGREES, code


def perform(house, draft, *operations):
    for operation in operations:
        house.drafts.perform(CALLER, draft, operation)


def test_a_draft_is_compared_with_what_it_stands_on_and_every_change_has_its_kind(house):
    draft = begin(house)
    perform(house, draft, across(), Rename(grid(B), "中心网格"))
    found = compared(house, draft=draft)
    assert (found.before, found.after, found.draft) == (1, None, draft)
    # A was split in two new codes; C above it got the end of the line as a node, and no new ground
    assert kinds(found) == {A: ["removed"], "N1": ["added"], "N2": ["added"], B: ["renamed"]}
    assert [each.layer for each in found.layers] == ["grid", "community", "street", "district"]
    before, after = patched(outlines(house, "grid"), found)
    assert_alike(before, outlines(house, "grid"))
    drawn = house.drafts.state(CALLER, draft).areas["grid"]
    as_drawn = dict(zip(drawn.codes, drawn.geometries, strict=True))
    kept = {code: outlines(house, "grid")[code] for code in after.keys() - as_drawn.keys()}
    assert_alike(after, as_drawn | kept)
    assert after.keys() == outlines(house, "grid").keys() - {A} | {"N1", "N2"}


def test_a_step_undone_is_not_compared_any_more(house):
    draft = begin(house)
    perform(house, draft, Merge((grid(A), grid(B)), A))
    assert kinds(compared(house, draft=draft)) == {A: ["changed"], B: ["removed"]}
    house.drafts.undo(CALLER, draft)
    assert kinds(compared(house, draft=draft)) == {}


def test_two_editions_are_compared_both_ways_on_whatever_edition_a_page_draws(house):
    first = begin(house)
    perform(house, first, MoveJunction(grid(A), at(1, 1), (at(1.1, 1)[0], at(1, 1.1)[1])))
    house.draft_publications.publish(CALLER, first, NOW)
    second = begin(house)
    perform(house, second, Merge((grid(A), grid(B)), B))
    house.draft_publications.publish(CALLER, second, NOW)
    assert kinds(compared(house, before=2, after=3)) == {A: ["removed"], B: ["changed"]}
    assert kinds(compared(house, before=3, after=2)) == {A: ["added"], B: ["changed"]}
    four = {A: ["removed"], B: ["changed"], C: ["changed"], D: ["changed"]}
    assert kinds(compared(house, before=1, after=3)) == four
    for shown in (1, 2, 3):
        found = compared(house, before=1, after=2, shown=shown)
        assert kinds(found) == {code: ["changed"] for code in (A, B, C, D)}
        before, after = patched(outlines(house, "grid", shown), found)
        assert_alike(before, outlines(house, "grid", 1))
        assert_alike(after, outlines(house, "grid", 2))


def test_a_draft_that_was_overtaken_is_compared_with_its_own_base_or_with_what_is_in_force(house):
    late = begin(house)
    perform(house, late, Merge((grid(C), grid(D)), C))
    other = begin(house)
    perform(house, other, Merge((grid(A), grid(B)), A))
    house.draft_publications.publish(CALLER, other, NOW)
    own = compared(house, draft=late, shown=2)
    assert (own.before, kinds(own)) == (1, {C: ["changed"], D: ["removed"]})
    before, _ = patched(outlines(house, "grid", 2), own)
    assert_alike(before, outlines(house, "grid", 1))
    # against today's edition the draft also lacks what was published meanwhile
    today = compared(house, draft=late, before=2)
    assert kinds(today) == {A: ["changed"], B: ["added"], C: ["changed"], D: ["removed"]}


def test_an_area_that_goes_to_another_parent_and_one_without_any_difference_are_told_apart(house):
    areas = street_boundaries()
    grids = areas["grid"]
    parents = [
        "9990010102" if code == D else parent
        for code, parent in zip(grids.codes, grids.parents, strict=True)
    ]
    moved = area_set(
        "grid", codes=grids.codes, names=grids.names, parents=parents, geometries=grids.geometries
    )
    west, east = square(0, 0, 2, 2) - square(1, 1), square(2, 0, 2, 2) | square(1, 1)
    communities = areas["community"].with_geometries(_column(west, east))
    publish_areas(house, {**areas, "grid": moved, "community": communities}, on=1)
    found = compared(house, before=1, after=2)
    assert kinds(found) == {D: ["moved"]}
    assert kinds(found, "community") == {"9990010101": ["changed"], "9990010102": ["changed"]}
    assert kinds(compared(house, before=2, after=2)) == {}


def test_what_is_not_there_is_not_compared(house):
    with pytest.raises(EditionNotFound):
        compared(house, before=1, after=9)
    with pytest.raises(EditionNotFound):
        compared(house, before=9, after=1)
    with pytest.raises(EditionNotFound):
        compared(house, before=1, after=1, shown=9)
    with pytest.raises(DraftNotFound):
        compared(house, draft=9)
    with pytest.raises(UnknownLayer):
        house.comparisons.comparison(CALLER, ComparisonAsked("moon", before=1, after=1))


def test_the_history_says_when_each_edition_is_in_force_and_what_it_changed(house):
    now_s = int(house.workspace.now_s())
    draft = begin(house)
    perform(house, draft, Merge((grid(A), grid(B)), A))
    house.draft_publications.publish(CALLER, draft, NOW)
    merged = house.editions.editions(CALLER)[-1]
    later = street_boundaries()
    publish_areas(house, later, on=2, effective_from_s=now_s + DAY_S)
    again = {**later, "grid": later["grid"].take(range(8))}
    publish_areas(house, again, on=3, effective_from_s=now_s + DAY_S)
    told = {each.edition.number: each for each in house.edition_histories.history(CALLER)}
    assert [told[number].state for number in (1, 2, 3, 4)] == [
        *("past", "in_force", "replaced", "pending")
    ]
    assert [told[number].until_s for number in (1, 2, 3, 4)] == [now_s, now_s + DAY_S, None, None]
    assert [told[number].before for number in (1, 2)] == [None, 1]
    assert (told[2].draft, told[1].draft, merged.effective_from_s) == (draft, None, now_s)
    # B went into A as a whole, and A kept what it had
    assert told[2].changes == {("grid", "merged"): 1, ("grid", "resized"): 1}
    assert told[1].changes == {}
    assert told[1].edition.effective_from_s == LONG_AGO_S


def _column(*shapes):
    column = np.empty(len(shapes), dtype=object)
    column[:] = shapes
    return column
