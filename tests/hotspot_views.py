"""A fictional street as a hotspot view: 155 areas, an enclave and two areas in parts among them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import shapely

from geo_service.analysis.bins import heat_bins
from geo_service.analysis.hotspots import LocatedIssues, MeasuredAreas, Stamp, hotspot_table
from geo_service.analysis.periods import Period
from geo_service.layers.area import AreaSet, area_set
from geo_service.layers.layer import Layer
from geo_service.maps.view import (
    Ancestors,
    DayNumber,
    DayNumbers,
    Days,
    HotspotView,
    Links,
    Option,
    Reference,
)

COLUMNS, ROWS = 13, 12
WEST, SOUTH, STEP_LON, STEP_LAT = 118.5, 31.2, 0.0026, 0.0019
VERTICES_PER_SIDE = 16
STREET = Layer("street", "街道", "street")
SUBAREA = Layer("subarea", "片区", "subarea", parent="street")
COMMUNITY = Layer("community", "居民区", "community", parent="subarea")
MICRO_GRID = Layer("micro_grid", "微网格", "micro-grid", parent="community")
NAMES = ("枫林", "梧桐", "银杏", "海棠", "玉兰", "丹桂", "紫薇", "石榴", "香樟", "合欢")
NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八")


def street_view(**changes: Any) -> HotspotView:
    """Return the whole street, 155 micro-grids in 29 communities, with some fields changed."""
    return replace(_street_view(), **changes)


def small_view(names: Sequence[str] = ("甲", "乙"), **changes: Any) -> HotspotView:
    """Return a few squares in a row, all in one community; the first one without residents."""
    squares = [
        shapely.box(118.5 + i / 100, 31.2, 118.51 + i / 100, 31.21) for i in range(len(names))
    ]
    codes = [f"999{i:03d}" for i in range(len(names))]
    areas = area_set(
        "micro_grid", codes=codes, names=names, parents=["99901"] * len(names), geometries=squares
    )
    above = area_set(
        "community", codes=["99901"], names=["示例居民区"], geometries=[shapely.union_all(squares)]
    )
    owners = np.repeat(np.arange(len(names)), np.arange(len(names)) + 3)
    view = _view(areas, [Ancestors(COMMUNITY, above)], owners, owners[:2], missing_residents=1)
    return replace(view, **changes)


def _street_view() -> HotspotView:
    random = np.random.default_rng(999)
    cells = _cells(random)
    communities = _blocks(len(cells), 29)
    subareas = [block * 5 // 29 for block in range(29)]
    street = area_set(
        "street", codes=["999"], names=["示例街道"], geometries=[shapely.union_all(cells)]
    )
    levels = [
        Ancestors(
            COMMUNITY, _level(cells, communities, "9990{:02d}", [f"999{s}" for s in subareas])
        ),
        Ancestors(SUBAREA, _level(cells, [subareas[c] for c in communities], "999{}", ["999"] * 5)),
        Ancestors(STREET, street),
    ]
    names = [
        f"{_community_name(block)}第{NUMERALS[communities[:i].count(block)]}微网格"
        for i, block in enumerate(communities)
    ]
    areas = area_set(
        "micro_grid",
        codes=[f"999{i:06d}" for i in range(len(cells))],
        names=names,
        parents=[f"9990{block:02d}" for block in communities],
        geometries=cells,
    )
    rates = random.gamma(2.0, 3.0, len(cells))
    now, before = random.poisson(rates), random.poisson(rates)
    now[[40, 41, 77]] += 30
    before[[100, 101]] += 26
    now[[5, 90]], before[[5, 90]] = 0, 0
    owners = np.concatenate([np.repeat(np.arange(len(cells)), now), [-1] * 7])
    earlier = np.concatenate([np.repeat(np.arange(len(cells)), before), [-1] * 4])
    view = _view(areas, levels, owners, earlier, missing_residents=3)
    return replace(view, references=_references(cells, random), bins=_bins(cells, owners, random))


def _cells(random: np.random.Generator) -> list[Any]:
    """Cut a bent sheet along wavy lines: nodes are shared exactly, lines run into each other."""
    across = [_wave(random, COLUMNS) for _ in range(ROWS + 1)]
    along = [_wave(random, ROWS) for _ in range(COLUMNS + 1)]
    nodes = random.uniform(-0.22, 0.22, (ROWS + 1, COLUMNS + 1, 2))

    def place(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        lon = WEST + STEP_LON * (x + 0.7 * np.sin(y / 4.0))
        lat = SOUTH + STEP_LAT * (y + 0.5 * np.sin(x / 3.0) + 0.12 * x)
        return np.stack([lon, lat], axis=-1)

    def side(start: tuple[int, int], end: tuple[int, int]) -> np.ndarray:
        (r0, c0), (r1, c1) = start, end
        t = np.linspace(0, 1, VERTICES_PER_SIDE + 1)
        x = c0 + nodes[r0, c0, 0] + t * (c1 + nodes[r1, c1, 0] - c0 - nodes[r0, c0, 0])
        y = r0 + nodes[r0, c0, 1] + t * (r1 + nodes[r1, c1, 1] - r0 - nodes[r0, c0, 1])
        wave = across[r0][c0] if r0 == r1 else along[c0][r0]
        return place(x + (r0 != r1) * wave, y + (r0 == r1) * wave)

    cells = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            ring = np.concatenate([
                side((row, column), (row, column + 1))[:-1],
                side((row, column + 1), (row + 1, column + 1))[:-1],
                side((row + 1, column), (row + 1, column + 1))[:0:-1],
                side((row, column), (row + 1, column))[:0:-1],
            ])  # fmt: skip
            cells.append(shapely.Polygon(ring))
    return _with_enclave_and_parts(_banded(cells))


def _wave(random: np.random.Generator, count: int) -> np.ndarray:
    t = np.linspace(0, 1, VERTICES_PER_SIDE + 1)
    rough = random.normal(0, 0.018, (count, VERTICES_PER_SIDE + 1))
    bend = random.normal(0, 0.06, (count, 1)) * np.sin(np.pi * t)
    rough[:, [0, -1]] = 0
    return rough + bend


def _banded(cells: list[Any]) -> list[Any]:
    """Order cells so that a run of them makes a block: down and up in bands of two rows."""
    order = [
        row * COLUMNS + column
        for band in range(0, ROWS, 2)
        for column in range(COLUMNS)
        for row in (band, band + 1)
    ]
    return [cells[i] for i in order]


def _with_enclave_and_parts(cells: list[Any]) -> list[Any]:
    """Put a square area into the middle of one, and make two areas of two parts each."""
    enclave = shapely.box(*_middle(cells[70], 0.0004))
    cells[70] = cells[70].difference(enclave)
    for i, j in ((12, 15), (120, 125)):
        cells[i] = shapely.union_all([cells[i], cells[j]])
    kept = [cell for i, cell in enumerate(cells) if i not in {15, 125}]
    return [*kept[:71], enclave, *kept[71:]]


def _middle(cell: Any, half: float) -> tuple[float, float, float, float]:
    center = cell.representative_point()
    return center.x - half, center.y - half, center.x + half, center.y + half


def _blocks(count: int, blocks: int) -> list[int]:
    return [i * blocks // count for i in range(count)]


def _community_name(block: int) -> str:
    return f"{NAMES[block % len(NAMES)]}{('', '南', '北')[block // len(NAMES)]}居民区"


def _level(cells: list[Any], groups: Sequence[int], code: str, parents: Sequence[str]) -> AreaSet:
    outlines = [
        shapely.coverage_union_all(
            [cell for cell, group in zip(cells, groups, strict=True) if group == number]
        )
        for number in range(max(groups) + 1)
    ]
    is_community = len(outlines) > 5
    names = [
        _community_name(i) if is_community else f"第{NUMERALS[i]}片区" for i in range(len(outlines))
    ]
    return area_set(
        "level",
        codes=[code.format(i) for i in range(len(outlines))],
        names=names,
        parents=list(parents),
        geometries=outlines,
    )


def _view(
    areas: AreaSet,
    ancestors: list[Ancestors],
    owners: np.ndarray,
    earlier: np.ndarray,
    *,
    missing_residents: int,
) -> HotspotView:
    period = Period.from_days(date(2026, 11, 13), date(2026, 11, 20))
    residents = np.linspace(420.0, 1260.0, len(areas)).round()
    residents[:missing_residents] = np.nan
    table = hotspot_table(
        MeasuredAreas(areas.codes, areas.names, np.linspace(0.031, 0.072, len(areas)), residents),
        LocatedIssues(owners, np.arange(len(owners)) % 4 == 0, earlier),
        Stamp(period, 3, "recounted", 1_795_190_000),
    )
    return HotspotView(
        language="zh",
        place="示例街道",
        layer=MICRO_GRID,
        areas=areas,
        ancestors=ancestors,
        table=table,
        period=Days(date(2026, 11, 13), date(2026, 11, 19)),
        before=Days(date(2026, 11, 6), date(2026, 11, 12)),
        day_numbers=DayNumbers(
            day=date(2026, 11, 19),
            reported=DayNumber(142, 12),
            closed=DayNumber(129, -5),
            open=DayNumber(1387, 13),
            unassigned=DayNumber(1, 0),
        ),
        edition=3,
        effective_from=date(2026, 7, 1),
        data_until=datetime(2026, 11, 19, 15, 42, tzinfo=UTC),
        layers=[
            Option("street", "街道"),
            Option("subarea", "片区"),
            Option("community", "居民区"),
            Option("micro_grid", "微网格", is_selected=True),
        ],
        categories=[Option(name, name) for name in ("环境与垃圾分类", "出行停车", "养老", "其他")],
        sources=[Option("complaint", "诉求"), Option("patrol", "巡查发现")],
        is_fictional=True,
        notices=(
            "本系统为非涉密系统，严禁存储、处理、传输国家秘密",
            "演示模式·未启用权限·请勿录入真实数据",
        ),
        map_unit="示例街道网格化中心",
        links=Links(
            issues="/api/v1/issues?layer=micro_grid&area={code}",
            csv="/api/v1/hotspots/micro_grid.csv",
            xlsx="/api/v1/hotspots/micro_grid.xlsx",
            standalone="/desk/hotspots/standalone",
        ),
    )


def _references(cells: list[Any], random: np.random.Generator) -> list[Reference]:
    outside = shapely.union_all(cells)
    west, south, east, north = outside.bounds
    height = north - south
    mains = [
        shapely.LineString([(west, south + a * height), (east, south + (a + 0.1) * height)])
        for a in (0.3, 0.62)
    ]
    sides = [shapely.boundary(cell) for cell in cells[::3]]
    river = shapely.LineString([(west, north - 0.15 * height), (east, north - 0.05 * height)])
    homes = [
        shapely.box(x, y, x + 0.00028, y + 0.00012)
        for cell in cells
        for x, y in random.uniform(cell.bounds[:2], cell.bounds[2:], (10, 2))
        if cell.contains(shapely.box(x, y, x + 0.00028, y + 0.00012))
    ]
    return [
        Reference("building", "建筑", _column(homes)),
        Reference("road_side", "支路", _column(sides)),
        Reference("road_main", "主干道", _column(mains), ["示例大道", "示例路"]),
        Reference("water", "水系", _column([river]), ["示例河"]),
    ]


def _bins(cells: list[Any], owners: np.ndarray, random: np.random.Generator) -> Any:
    points = np.array([
        random.normal(np.array(cells[i].representative_point().coords[0]), 0.0005)
        for i in owners[owners >= 0]
    ])  # fmt: skip
    return heat_bins(lon=points[:, 0], lat=points[:, 1], bin_m=100, k=3)


def _column(shapes: list[Any]) -> np.ndarray:
    column = np.empty(len(shapes), dtype=object)
    column[:] = shapes
    return column
