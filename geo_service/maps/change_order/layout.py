"""Which rows of a change order have room on which page, and how high the maps are."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from geo_service.maps.change_order.view import LayerSums, OrderRow, OrderView
from geo_service.maps.paper import ems, line_count

PAGE_MM = 278.0
"""How high a page is inside the margins of A3 landscape."""
LEAST_MAP_MM, MOST_MAP_MM = 82.0, 165.0

_FIRST_MM = 58.5
"""Title, stamp, captions and legend of the maps, head of the table, signatures."""
_NEXT_MM = 20.0
_FOOT_MM, _FOOT_EM, _FOOT_GAP_MM, _FOOT_WIDTH_MM = 3.7, 2.65, 5.0, 380.0
"""A line of the foot, a Chinese character in it, what lies between its texts; how wide it is."""
_LINE_MM, _RULE_MM, _FACT_MM = 4.4, 0.3, 5.2
_ROW_EM = 3.0
"""How wide a Chinese character of the table is, in millimeters."""
_BOUNDS_MM, _FACTS_MM = 380.0, 172.0
_COLUMNS_MM = {"codes": 40.0, "names": 38.0, "kinds": 36.0}


@dataclass(frozen=True)
class Unit:
    """What is never cut: an area with its four sides, or a sum."""

    row: OrderRow | None = None
    sums: LayerSums | None = None
    height_mm: float = _LINE_MM + _RULE_MM


@dataclass(frozen=True)
class Layout:
    """The units of each page; there is one at least."""

    pages: Sequence[Sequence[Unit]]
    map_height_mm: float


def layout_of(view: OrderView, facts: Sequence[str], foot: Sequence[str]) -> Layout:
    """Return the pages: as many rows beside the maps on the first as there is room for.

    ``facts`` stand two in a row above the maps, ``foot`` one after the other on every page.
    """
    units = _units(view)
    fact_lines = sum(
        max(_lines(text, _FACTS_MM) for text in facts[i : i + 2]) for i in range(0, len(facts), 2)
    )
    foot_mm = sum(ems(text) * _FOOT_EM + _FOOT_GAP_MM for text in foot)
    page_mm = PAGE_MM - _FOOT_MM * ceil(foot_mm / _FOOT_WIDTH_MM)
    first_mm = page_mm - _FIRST_MM - _FACT_MM * fact_lines
    pages = _packed(units, first_mm - LEAST_MAP_MM, page_mm - _NEXT_MM)
    left_mm = first_mm - sum(unit.height_mm for unit in pages[0])
    return Layout(pages, min(max(left_mm, LEAST_MAP_MM), MOST_MAP_MM))


def _units(view: OrderView) -> list[Unit]:
    """Return rows, each layer's followed by its sum."""
    units: list[Unit] = []
    sums = {each.layer.name: each for each in view.sums}
    for i, row in enumerate(view.rows):
        units.append(Unit(row=row, height_mm=row_mm(row)))
        is_last = i + 1 == len(view.rows) or view.rows[i + 1].layer != row.layer
        if is_last and row.layer.name in sums:
            units.append(Unit(sums=sums[row.layer.name]))
    return units


def _packed(units: Sequence[Unit], first_mm: float, next_mm: float) -> list[list[Unit]]:
    pages: list[list[Unit]] = [[]]
    left_mm = first_mm
    for unit in units:
        if unit.height_mm > left_mm:
            pages.append([])
            left_mm = next_mm
        pages[-1].append(unit)
        left_mm -= unit.height_mm
    return pages


def row_mm(row: OrderRow) -> float:
    """Return how high an area is in the table, with its four sides and what its list gained."""
    lines = [_lines("、".join(codes), _COLUMNS_MM["codes"]) for codes in row.codes]
    lines += [_lines("、".join(names), _COLUMNS_MM["names"]) for names in row.names]
    lines.append(_lines("、".join(row.kinds), _COLUMNS_MM["kinds"]))
    height_mm = _LINE_MM * max(lines) + _RULE_MM
    if any(row.bounds):
        told = " → ".join(text for text in row.bounds if text)
        height_mm += _LINE_MM * _lines(f"四至 调整前 调整后 {told}", _BOUNDS_MM) + _RULE_MM
    if any(row.lists):
        told = "、".join([*row.lists[0], *row.lists[1]])
        height_mm += _LINE_MM * _lines(f"楼栋清单 列入 移出 {told}", _BOUNDS_MM) + _RULE_MM
    return height_mm


def _lines(text: str, width_mm: float) -> int:
    return line_count(text, width_mm=width_mm, em_mm=_ROW_EM)
