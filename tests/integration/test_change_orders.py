"""What a change order tells of each kind of redraw, beside the impact that it rests on."""

import pytest

from geo_service.errors import EmptyDraft, InvalidValue
from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw.asked.operation import Merge, Rename, Reparent
from geo_service.services.change_orders.pages import OrderQuery
from geo_service.services.drafts.publishing import PublicationAsked
from tests.drafting import A, B, C, across, begin, grid
from tests.houses import CALLER, open_house, publish_street
from tests.served_houses import tell


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    yield house
    house.close()


def order_of(house, *operations, language="zh"):
    draft = begin(house)
    for operation in operations:
        house.drafts.perform(CALLER, draft, operation)
    view = house.change_orders.order(CALLER, OrderQuery(draft, language=language))
    assert house.change_orders.page(CALLER, OrderQuery(draft, language=language))
    return view


def told(view):
    return [(row.code, *map(list, row.codes), list(row.kinds)) for row in view.rows]


def test_a_merge_tells_where_the_ended_area_went(house):
    view = order_of(house, Merge((grid(A), grid(B)), A))
    assert told(view) == [(A, [A], [A], ["范围调整", "并入"]), (B, [B], [A], ["并入"])]
    assert view.maps.marks == {A: "changed", B: "removed"}
    assert view.rows[1].bounds[1] == ""
    [sums] = view.sums
    assert sums.area_m2.before == pytest.approx(sums.area_m2.after)


def test_another_name_alone_has_a_row_without_figures(house):
    view = order_of(house, Rename(grid(C), name="新名"))
    assert told(view) == [(C, [C], [C], ["改名"])]
    assert view.rows[0].names == (["第5网格"], ["新名"])
    assert view.rows[0].figures == (None, None)
    assert view.sums == []


def test_another_parent_changes_the_levels_above_and_is_told_for_each_layer(house):
    view = order_of(house, Reparent(grid(B), AreaKey("community", "9990010102")), language="en")
    layers = [(row.layer.name, row.code) for row in view.rows]
    assert layers == [("community", "9990010101"), ("community", "9990010102"), ("grid", B)]
    assert list(view.rows[2].kinds) == ["another parent"]
    assert view.maps.layer.name == "grid"
    assert [each.layer.name for each in view.sums] == ["community", "grid"]


def test_shared_out_residents_are_marked_and_sum_to_what_was_known(house):
    tell(house, "grid", "residents", **{A: 101})
    view = order_of(house, across(A))
    after = [row.figures[1].residents for row in view.rows if row.figures[1]]
    assert [each.is_estimated for each in after] == [True, True]
    assert sum(each.value for each in after) == 101
    assert (view.sums[0].residents.before, view.sums[0].residents.after) == (101, 101)


def test_an_edition_tells_what_was_recorded_and_a_published_draft_is_its_edition(house):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across(A))
    asked = PublicationAsked("网格过大", consulted="居委会")
    house.draft_publications.publish(CALLER, draft, asked)
    by_edition = house.change_orders.order(CALLER, OrderQuery(edition=2))
    by_draft = house.change_orders.order(CALLER, OrderQuery(draft=draft))
    assert by_edition.head == by_draft.head
    head = by_edition.head
    assert (head.edition, head.draft, head.base) == (2, draft, 1)
    assert (head.reason, head.consulted, head.approval) == ("网格过大", "居委会", {})


def test_what_changes_nothing_has_no_order(house):
    with pytest.raises(EmptyDraft):
        order_of(house)
    with pytest.raises(InvalidValue):
        house.change_orders.order(CALLER, OrderQuery(edition=1))
