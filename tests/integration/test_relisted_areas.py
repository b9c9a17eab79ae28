"""An area whose ground stays and whose building list changes, in all that tells of changes."""

import pytest

from geo_service.layers.redraw.asked.lists import ChangeWords
from geo_service.services.adjustments.pack import PackQuery
from geo_service.services.adjustments.period import PeriodAsked
from geo_service.services.change_orders.pages import OrderQuery
from geo_service.services.drafts.desk.comparisons import ComparisonAsked
from geo_service.services.drafts.offers.proposals import Chosen
from tests.building_lists import SPOTS, build, numbered, publish_lists
from tests.drafting import NOW, A, B, begin, grid
from tests.houses import CALLER, Clock, open_house, publish_street

MOVED = ChangeWords(grid(A), put={B: ("2号楼",)}, struck={A: ("2号楼",)})
"""House 2 goes from the list of A to that of B, and stays where it stands."""


@pytest.fixture(name="house")
def _house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    build(house)
    publish_lists(house)
    yield house
    house.close()


@pytest.fixture(name="draft")
def _draft(house):
    number = begin(house)
    house.drafts.perform(CALLER, number, MOVED)
    return number


def publish(house, draft):
    house.workspace.now_s.now_s += 86_400
    return house.draft_publications.publish(CALLER, draft, NOW).number


def test_a_comparison_marks_both_lists(house, draft):
    asked = ComparisonAsked("grid", draft=draft)
    [found, *above] = house.comparisons.comparison(CALLER, asked).layers
    assert {code: list(kinds) for code, kinds in found.kinds.items()} == {
        A: ["relisted"],
        B: ["relisted"],
    }
    assert [each.kinds for each in above] == [{}] * len(above)


def test_a_change_order_of_lists_alone_names_the_buildings(house, draft):
    view = house.change_orders.order(CALLER, OrderQuery(draft))
    assert [(row.code, list(row.kinds), tuple(map(list, row.lists))) for row in view.rows] == [
        (A, ["清单调整"], ([], ["2号楼"])),
        (B, ["清单调整"], (["2号楼"], [])),
    ]
    assert view.maps.marks == {A: "relisted", B: "relisted"}
    assert [row.figures for row in view.rows] == [(None, None)] * 2
    assert view.sums == []
    edition = publish(house, draft)
    later = house.change_orders.order(CALLER, OrderQuery(edition=edition, language="en"))
    assert [list(row.kinds) for row in later.rows] == [["list changed"]] * 2


def test_a_periods_changes_name_the_buildings_and_give_no_new_code(house, draft):
    asked = PeriodAsked(before=2, after=publish(house, draft))
    build(house, {**SPOTS, "新楼": (0.5, 0.5)})
    tables = house.adjustments.tables(CALLER, PackQuery(asked, layer="grid"))
    changes = tables["changes"]
    rows = [dict(zip(changes.headings, row, strict=True)) for row in changes.rows]
    told = ("新编码", "变更", "列入楼栋", "移出楼栋", "去向（占原区域面积）")
    assert [tuple(row[name] for name in told) for row in rows] == [
        (A, "清单调整", "", "2号楼", ""),
        (B, "清单调整", "2号楼", "", ""),
    ]
    assert {"列入楼栋", "移出楼栋"} <= set(changes.text_columns)
    assert tables["codes"].rows == []
    buildings = tables["buildings"]
    rows = [dict(zip(buildings.headings, row, strict=True)) for row in buildings.rows]
    # by the lists, though house 2 stands where it stood; the new one is on none, and stands in A
    assert [(row["楼栋名称"], row["原编码"], row["新编码"]) for row in rows] == [
        *((name, A, A) for name in ("1号楼", "5号楼", "6号楼", "新楼")),
        ("2号楼", A, B),
        *((name, B, B) for name in numbered(3, 4, 7, 8)),
    ]
    # those who post sheets post one for each of both
    page = house.adjustments.tables(CALLER, PackQuery(asked, layer="grid", language="en"))
    assert [row[6] for row in page["changes"].rows] == ["list changed"] * 2


def test_a_list_that_changed_with_the_ground_is_told_beside_it(house):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, MOVED)
    house.draft_proposals.move_buildings(CALLER, draft, grid(A), grid(B), Chosen(words=["6号楼"]))
    found = house.comparisons.comparison(CALLER, ComparisonAsked("grid", draft=draft)).layers[0]
    assert list(found.kinds[A]) == ["changed", "relisted"]
    view = house.change_orders.order(CALLER, OrderQuery(draft))
    assert {row.code: tuple(map(set, row.lists)) for row in view.rows if row.code in (A, B)} == {
        A: (set(), {"2号楼", "6号楼"}),
        B: ({"2号楼", "6号楼"}, set()),
    }
    assert view.maps.marks[A] == "changed"
