"""What a period changed: its editions, rows, sums, buildings, and the workbook of all of it."""

import math
from datetime import date

import geopandas
import pytest
import shapely
from openpyxl import load_workbook

from geo_service.errors import (
    AreaNotFound,
    EditionNotFound,
    InvalidPeriod,
    InvalidValue,
    UnknownLayer,
)
from geo_service.layers.area import area_set
from geo_service.layers.redraw.asked.operation import Rename
from geo_service.maps.adjustments.view import PackChoice
from geo_service.services.adjustments.pack import PackQuery
from geo_service.services.adjustments.period import PeriodAsked
from geo_service.storage import editions
from geo_service.storage.figures import Figure
from tests.adjusted_houses import (
    E_CODE,
    FORMULA,
    HOUSEHOLDS,
    RESIDENTS,
    adjust,
    first_of,
    publish_step,
)
from tests.drafting import A, C, D, across, at, grid
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
    SOUTH,
    STEP,
    WEST,
    Clock,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)
from tests.overlays import open_overlaid_house, overlay_areas
from tests.served_houses import serve, served_profile, tell

YEAR = PeriodAsked(year=2026)
_BOTH = ("调整前", "调整后")


@pytest.fixture
def clock():
    return Clock(first_of(2026, 1))


@pytest.fixture
def house(tmp_path, clock):
    house = open_house(tmp_path, clock=clock)
    yield house
    house.close()


def told(house, asked=YEAR, **more):
    """Return the tables as lists of dictionaries."""
    tables = house.adjustments.tables(CALLER, PackQuery(asked, **more))
    return {
        name: [dict(zip(table.headings, row, strict=True)) for row in table.rows]
        for name, table in tables.items()
    }


def summed(tables, what, where="有调整的区域", layer="网格"):
    [row] = [
        row
        for row in tables["sums"]
        if (row["图层"], row["范围"], row["项目"]) == (layer, where, what)
    ]
    return row


def test_every_changed_area_is_told_once_with_where_it_came_from(house, clock):
    adjust(house, clock)
    rows = told(house)["changes"]
    assert [(row["原编码"], row["新编码"], row["变更"]) for row in rows] == [
        (A, A, "范围调整、拆出"),
        (C, C, "范围调整、并入"),
        (D, C, "并入"),
        (E_CODE, E_CODE, "改名"),
        (A, "N1", "拆出"),
    ]
    assert [row["生效日期"] for row in rows] == [
        "2026-03-01",
        "2026-06-01",
        "2026-06-01",
        "2026-09-01",
        "2026-03-01",
    ]
    assert [row["调整原因"] for row in rows] == [
        "网格过大",
        "人少合并",
        "人少合并",
        "改名",
        "网格过大",
    ]
    # a square cut in half, and two squares of one size merged
    assert rows[0]["去向（占原区域面积）"] == f"{A} 50.00%；N1 50.00%"
    assert rows[1]["来源（占新区域面积）"] == f"{C} 50.00%；{D} 50.00%"
    assert [rows[0][f"{side}居民"] for side in ("原", "新")] == [101, 51]
    assert rows[4]["新居民"] == 50
    assert [row["估算"] for row in rows] == ["是", "", "", "", "是"]
    assert rows[3]["新名称"] == FORMULA  # neutralized where it is written, see the workbook


def test_sums_are_those_of_the_rows_and_nothing_is_lost(house, clock):
    adjust(house, clock)
    tables = told(house)
    rows = tables["changes"]
    for what, column in (("面积（平方米）", "面积（平方米）"), ("户数", "户数"), ("居民", "居民")):
        line = summed(tables, what)
        for side, mark in zip(_BOTH, "原新", strict=True):
            listed = [row[f"{mark}{column}"] for row in rows]
            assert line[side] == pytest.approx(math.fsum(x for x in listed if x != ""), abs=1e-9)
        # each row is rounded to 0.01 m²
        assert line["调整前"] == pytest.approx(line["调整后"] + line["无归属去向"], abs=0.05)
    assert summed(tables, "居民")["调整前"] == sum(RESIDENTS.values())
    assert summed(tables, "户数")["调整后"] == sum(HOUSEHOLDS.values())
    # the renamed grid has no count, and no ground of it went anywhere
    assert summed(tables, "居民")["调整前缺数"] == 1
    counts = summed(tables, "区域数")
    every = summed(tables, "区域数", "全部区域")
    assert (counts["调整前"], counts["调整后"]) == (4, 4)  # A C D E → A C E N1
    assert (every["调整前"], every["调整后"]) == (8, 8)
    ground, all_ground = (
        summed(tables, "面积（平方米）", where) for where in ("有调整的区域", "全部区域")
    )
    assert all_ground["增减"] == pytest.approx(ground["增减"], abs=0.02)


def test_codes_before_and_after_have_shares_that_sum_to_one(house, clock):
    adjust(house, clock)
    rows = told(house)["codes"]
    pairs = [(row["原编码"], row["新编码"]) for row in rows]
    assert pairs == [(A, A), (A, "N1"), (C, C), (D, C), (E_CODE, E_CODE)]
    for side, share in (("原编码", "占原区域面积"), ("新编码", "占新区域居民")):
        for code in {row[side] for row in rows}:
            total = math.fsum(row[share] for row in rows if row[side] == code)
            assert total == pytest.approx(1.0, abs=1e-8)


def test_each_building_is_in_the_grid_that_an_independent_reader_finds(house, clock, tmp_path):
    adjust(house, clock)
    rows = told(house)["buildings"]
    # five buildings in each of A, C, D; grid (2, 0), which was renamed, has none
    assert len(rows) == 15
    assert sum(row["楼栋名称"] == "" for row in rows) == 3
    points = geopandas.GeoSeries.from_xy([r["经度"] for r in rows], [r["纬度"] for r in rows])
    for number, column in ((1, "原编码"), (4, "新编码")):
        path = tmp_path / f"{number}.geojson"
        house.editions.export(CALLER, number, ["grid"], path)
        grids = geopandas.read_file(path)
        for point, row in zip(points, rows, strict=True):
            [code] = grids.loc[grids.contains(point), "code"]
            assert row[column] == code
    assert [row["新编码"] for row in rows if row["是否换区域"]] == [C] * 5 + ["N1"] * 2


def test_households_of_a_building_layer_are_told_and_drawn_ones_are_not_told_twice(tmp_path):
    clock = Clock()
    house = open_house(tmp_path, profile=served_profile(tmp_path), clock=clock)
    serve(house)
    tell(house, "building", "households", H1=7, H2=5)
    drawn = [
        square(0, 0).centroid.buffer(STEP / 100),
        shapely.Point(at(0.1, 0.1)).buffer(STEP / 99),
    ]
    house.figures.replace_references(
        CALLER,
        "building",
        names=["同一栋", "另一栋"],
        geometries=area_set("x", codes=["1", "2"], geometries=drawn).geometries,
    )
    clock.now_s += 60
    areas = {**street_boundaries(), **overlay_areas()}
    with house.workspace.database.read() as connection:
        areas["building"] = editions.read_layer(connection, 1, "building")
    grids = areas["grid"]
    names = [
        "甲" if code == A else name for code, name in zip(grids.codes, grids.names, strict=True)
    ]
    areas["grid"] = area_set(
        "grid", codes=grids.codes, names=names, parents=grids.parents, geometries=grids.geometries
    )
    publish_areas(house, areas, on=1, effective_from_s=clock.now_s)
    rows = told(house, layer="grid")["buildings"]
    # H1 is in the middle of A, where one is drawn, too; H2 in its corner; H3 is in another grid
    assert [(r["楼栋编码"], r["楼栋名称"], r["户数"]) for r in rows] == [
        ("H1", "", 7),
        ("H2", "", 5),
        ("", "另一栋", ""),
    ]
    house.close()


def test_changes_of_one_area_by_several_editions_are_told_as_one(house, clock):
    publish_street(house)
    clock.now_s = first_of(2026, 2)
    publish_step(house, across(A, codes=("N1",), keep=at(0.25, 0.5)), "一")
    clock.now_s = first_of(2026, 4)
    publish_step(house, across(A, codes=("N2",), x=0.25, keep=at(0.1, 0.5)), "二")
    clock.now_s = first_of(2026, 5)
    publish_step(house, Rename(grid(C), name="暂名"), "三")
    clock.now_s = first_of(2026, 6)
    publish_step(house, Rename(grid(C), name="第5网格"), "四")
    clock.now_s = NOW_S
    tables = house.adjustments.tables(CALLER, PackQuery(YEAR))
    rows = told(house)["changes"]
    assert [(row["新编码"], row["生效日期"], row["版本"]) for row in rows] == [
        (A, "2026-02-01、2026-04-01", "2、3"),
        ("N1", "2026-02-01", "2"),
        ("N2", "2026-04-01", "3"),
    ]
    assert rows[0]["调整原因"] == "一；二"
    assert rows[0]["去向（占原区域面积）"] == f"N1 50.00%；{A} 25.00%；N2 25.00%"
    # C has its old name again: it is counted, not listed
    assert any("另有 1 个区域" in note for note in tables["changes"].notes)


def test_what_was_counted_on_new_ground_stands_before_any_estimate(house, clock):
    publish_street(house)
    tell(house, "grid", "residents", **{A: 101})
    clock.now_s = first_of(2026, 2)
    publish_step(house, across(A, codes=("N1",), keep=at(0.25, 0.5)), "一")
    count = Figure("grid", A, "residents", "60", first_of(2026, 3), "虚构数据")
    house.figures.add(CALLER, [count])
    clock.now_s = first_of(2026, 4)
    publish_step(house, Rename(grid(C), name="新名"), "二")
    clock.now_s = NOW_S
    # edition 3 came after the count and did not change A: the count is of A as it stands
    row = told(house)["changes"][0]
    assert (row["原居民"], row["新居民"]) == (101, 60)
    clock.now_s = first_of(2026, 11)
    publish_step(house, across(A, codes=("N2",), x=0.25, keep=at(0.1, 0.5)), "三")
    clock.now_s = NOW_S
    # now it was made on ground that A does not have any more: neither before nor after
    [kept, _, first, second] = told(house)["changes"]
    assert [each["新编码"] for each in (kept, first, second)] == [A, "N1", "N2"]
    assert (kept["原居民"], kept["新居民"] + first["新居民"] + second["新居民"]) == (101, 101)


def test_periods_that_follow_each_other_leave_no_edition_out(house, clock):
    adjust(house, clock)
    spring = PeriodAsked(first=date(2026, 1, 1), last=date(2026, 2, 28))
    with pytest.raises(InvalidPeriod, match="no area changed"):
        house.adjustments.tables(CALLER, PackQuery(spring))
    # edition 2 takes effect at the first moment of March, and belongs to it
    march = PeriodAsked(first=date(2026, 3, 1), last=date(2026, 3, 31))
    assert [row["版本"] for row in told(house, march)["changes"]] == ["2", "2"]
    rest = PeriodAsked(first=date(2026, 4, 1), last=date(2026, 12, 31))
    assert {row["版本"] for row in told(house, rest)["changes"]} == {"3", "4"}
    between = told(house, PeriodAsked(before=1, after=2))
    assert [row["版本"] for row in between["changes"]] == ["2", "2"]
    assert told(house, PeriodAsked(before=1)) == told(house, PeriodAsked(before=1, after=4))
    assert len(told(house, PeriodAsked())["changes"]) == 5  # the year to date


def test_a_year_holds_what_is_published_for_it_and_the_year_to_date_does_not(house, clock):
    publish_street(house)
    clock.now_s = NOW_S
    street = street_boundaries()
    names = ("新名", *street["grid"].names[1:])
    grids = street["grid"]
    renamed = area_set(
        "grid", codes=grids.codes, names=names, parents=grids.parents, geometries=grids.geometries
    )
    publish_areas(
        house, {**street, "grid": renamed}, on=1, effective_from_s=first_of(2026, 12), reason="预告"
    )
    tables = house.adjustments.tables(CALLER, PackQuery(YEAR))
    assert "第 2 版尚未生效" in tables["changes"].notes
    with pytest.raises(InvalidPeriod):
        house.adjustments.tables(CALLER, PackQuery(PeriodAsked()))


def test_unclear_and_empty_periods_are_refused_with_what_to_do(house, clock):
    with pytest.raises(EditionNotFound):
        house.adjustments.tables(CALLER, PackQuery(YEAR))
    publish_street(house, effective_from_s=first_of(2026, 2))
    with pytest.raises(InvalidPeriod, match="before=1"):
        house.adjustments.tables(CALLER, PackQuery(YEAR))
    backwards = PeriodAsked(first=date(2026, 5, 1), last=date(2026, 4, 1))
    with pytest.raises(InvalidPeriod, match="first day"):
        house.adjustments.tables(CALLER, PackQuery(backwards))
    for asked in (
        PeriodAsked(year=2026, before=1),
        PeriodAsked(year=2026, first=date(2026, 1, 1)),
        PeriodAsked(after=1),
        PeriodAsked(year=1800),
        PeriodAsked(year=10**9),
    ):
        with pytest.raises(InvalidValue):
            house.adjustments.tables(CALLER, PackQuery(asked))
    with pytest.raises(InvalidPeriod):
        house.adjustments.tables(CALLER, PackQuery(PeriodAsked(last=date.max)))
    with pytest.raises(EditionNotFound):
        house.adjustments.tables(CALLER, PackQuery(PeriodAsked(before=7)))
    clock.now_s = NOW_S
    publish_step(house, Rename(grid(C), name="新名"), "改名")
    with pytest.raises(InvalidValue, match="takes effect later"):
        house.adjustments.tables(CALLER, PackQuery(PeriodAsked(before=2, after=1)))
    with pytest.raises(UnknownLayer):
        house.adjustments.tables(CALLER, PackQuery(PeriodAsked(before=1), layer="planet"))
    with pytest.raises(AreaNotFound):
        house.adjustments.page(CALLER, PackQuery(PeriodAsked(before=1), parent="000"), PackChoice())


def test_lines_are_listed_without_ground_and_have_no_sheets(tmp_path):
    house = open_overlaid_house(tmp_path)
    lane = shapely.LineString([(WEST, SOUTH), (WEST + STEP, SOUTH)])
    lanes = area_set("lane", codes=["L1", "L2"], names=["改名巷", "新巷"], geometries=[lane, lane])
    areas = {**street_boundaries(), **overlay_areas(), "lane": lanes}
    publish_areas(house, areas, on=1, effective_from_s=LONG_AGO_S + 60)
    between = PeriodAsked(before=1, after=2)
    tables = told(house, between)
    assert [(r["新编码"], r["变更"], r["新面积（平方米）"]) for r in tables["changes"]] == [
        ("L1", "改名", ""),
        ("L2", "新设", ""),
    ]
    assert [(r["原编码"], r["新编码"]) for r in tables["codes"]] == [("L1", "L1"), ("", "L2")]
    assert tables["buildings"] == []
    with pytest.raises(InvalidValue, match="one of lines"):
        house.adjustments.tables(CALLER, PackQuery(between, layer="lane"))
    page = house.adjustments.page(CALLER, PackQuery(between), PackChoice())
    assert "改名巷" in page
    assert 'class="sheet notice"' not in page
    house.close()


def test_a_workbook_holds_every_table_with_codes_as_text_and_no_formula(house, clock, tmp_path):
    adjust(house, clock)
    path = tmp_path / "调整.xlsx"
    house.adjustments.write_workbook(CALLER, PackQuery(YEAR), path)
    book = load_workbook(path)
    assert book.sheetnames == ["网格调整总表", "新旧编码对照", "楼栋清单", "合计"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert f"'{FORMULA}" in {cell.value for cell in cells}
    assert {cell.data_type for cell in cells if cell.value == A} == {"s"}
    sheet = book["网格调整总表"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    [head] = [i for i, row in enumerate(rows) if row[0] == "序号"]
    at_new = rows[head].index("新居民")
    listed = sum(row[at_new] or 0 for row in rows[head + 1 :])
    [residents] = [row for row in book["合计"].iter_rows(values_only=True) if row[2] == "居民"]
    assert residents[4] == listed == sum(RESIDENTS.values())
    counts = house.adjustments.write_lists(
        CALLER, PackQuery(YEAR, language="en"), tmp_path / "lists"
    )
    assert counts == {"Changes of areas": 5, "Old and new codes": 5, "Buildings": 15, "Sums": 6}
    assert len(list((tmp_path / "lists").glob("*.csv"))) == 4
