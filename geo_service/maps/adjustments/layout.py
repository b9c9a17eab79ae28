"""What has room on which page: tables on A3 landscape, a sheet to be posted on A4 portrait."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from geo_service.maps.paper import ems, line_count

TABLES_MM, TABLES_WIDTH_MM = 277.0, 400.0
NOTICE_MM, NOTICE_WIDTH_MM = 275.0, 190.0
"""How high and wide a page is inside its margins."""
LEAST_MAP_MM, MOST_MAP_MM, LONG_MAP_MM = 55.0, 170.0, 95.0
"""Of the map of a sheet; the last one where the buildings take further pages anyway."""

_ROW_MM, _ROW_EM, _RULE_MM, _PADDING_MM = 4.4, 3.0, 0.3, 2.2
_HEADING_MM, _TITLE_MM, _CONTINUED_MM = 10.5, 27.0, 10.0
_FOOT_MM, _FOOT_EM, _FOOT_GAP_MM = 3.7, 2.7, 5.0
_TEXT_MM, _TEXT_EM = 5.4, 3.75
_NAME_MM, _NAME_EM = 10.0, 7.1
_FACT_NAME_MM, _FACT_MM, _FACT_GAP_MM = 34.0, 156.0, 0.6
_BODY_MM = (42.0, 70.0, 40.0, 32.0)
_HOUSE_GAP_MM = 3.5
_AROUND_MAP_MM = 31.0
"""Path, stamp, legend in two lines, gaps."""
_HOUSES_HEAD_MM, _BODIES_HEAD_MM = 8.0, 6.5


@dataclass(frozen=True)
class Column:
    """A column of a table on paper."""

    title: str
    width_mm: float
    is_number: bool = False


@dataclass(frozen=True)
class PaperTable:
    """A table of texts; ``note`` stands beneath its heading."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class Chunk:
    """Rows of a table that stand on one page."""

    table: PaperTable
    rows: Sequence[Sequence[str]]
    is_continued: bool


@dataclass(frozen=True)
class NoticeLayout:
    """How high the map is, and which buildings stand on which page; there is one page at least."""

    map_height_mm: float
    pages: Sequence[Sequence[str]]


def table_pages(tables: Sequence[PaperTable], foot: Sequence[str]) -> list[list[Chunk]]:
    """Return the chunks of each page; a heading never stands without a row."""
    room_mm = TABLES_MM - foot_mm(foot, TABLES_WIDTH_MM)
    left_mm = room_mm - _TITLE_MM
    pages: list[list[Chunk]] = [[]]
    for table in tables:
        head_mm = _head_mm(table)
        rows: list[Sequence[str]] = []
        is_continued = False
        left_mm -= head_mm
        for row in table.rows:
            height_mm = row_mm(row, table.columns)
            if height_mm > left_mm:
                if rows:
                    pages[-1].append(Chunk(table, rows, is_continued))
                    is_continued = True
                pages.append([])
                rows, left_mm = [], room_mm - _CONTINUED_MM - head_mm
            rows.append(row)
            left_mm -= height_mm
        if rows or not table.rows:
            pages[-1].append(Chunk(table, rows, is_continued))
    return pages


def row_mm(row: Sequence[str], columns: Sequence[Column]) -> float:
    """Return how high a row of a table is."""
    lines = [
        line_count(text, width_mm=column.width_mm - _PADDING_MM, em_mm=_ROW_EM)
        for text, column in zip(row, columns, strict=True)
    ]
    return _ROW_MM * max(lines) + _RULE_MM


def notice_layout(
    name: str,
    facts: Sequence[tuple[str, str]],
    bodies: Sequence[Sequence[str]],
    houses: Sequence[str],
    foot: Sequence[str],
) -> NoticeLayout:
    """Return the pages of one sheet: one, but for so many buildings that they need further ones."""
    page_mm = NOTICE_MM - foot_mm(foot, NOTICE_WIDTH_MM)
    taken_mm = _name_mm(name) + _AROUND_MAP_MM + _HOUSES_HEAD_MM
    taken_mm += sum(_fact_mm(*fact) for fact in facts)
    taken_mm += _BODIES_HEAD_MM + sum(_body_mm(each) for each in bodies) if bodies else 0.0
    left_mm = page_mm - taken_mm
    lines = _house_lines(houses)
    map_mm = min(left_mm - _TEXT_MM * len(lines), MOST_MAP_MM)
    first = len(lines)
    if map_mm < LEAST_MAP_MM:
        map_mm = max(LEAST_MAP_MM, min(LONG_MAP_MM, left_mm - _TEXT_MM))
        first = max(0, int((left_mm - map_mm) / _TEXT_MM))
    later = int((page_mm - _name_mm(name) - _HOUSES_HEAD_MM) / _TEXT_MM)
    pages = [lines[:first]]
    pages += [lines[i : i + later] for i in range(first, len(lines), later)]
    return NoticeLayout(map_mm, [[each for line in page for each in line] for page in pages])


def foot_mm(foot: Sequence[str], width_mm: float) -> float:
    """Return how high the lines at the foot of a page are, where texts follow each other."""
    length_mm = sum(ems(text) * _FOOT_EM + _FOOT_GAP_MM for text in foot)
    return _FOOT_MM * ceil(length_mm / (width_mm - 40.0)) + 2.5


def _head_mm(table: PaperTable) -> float:
    titles = [column.title for column in table.columns]
    note_mm = _ROW_MM * line_count(table.note, width_mm=TABLES_WIDTH_MM, em_mm=_ROW_EM)
    return _HEADING_MM + row_mm(titles, table.columns) + (note_mm if table.note else 0.0)


def _name_mm(name: str) -> float:
    return _NAME_MM * line_count(name, width_mm=NOTICE_WIDTH_MM, em_mm=_NAME_EM) + 2.0


def _fact_mm(name: str, text: str) -> float:
    lines = (
        line_count(name, width_mm=_FACT_NAME_MM, em_mm=_TEXT_EM),
        line_count(text, width_mm=_FACT_MM, em_mm=_TEXT_EM),
    )
    return _TEXT_MM * max(lines) + _FACT_GAP_MM


def _body_mm(cells: Sequence[str]) -> float:
    lines = [
        line_count(text, width_mm=width - _PADDING_MM, em_mm=_TEXT_EM)
        for text, width in zip(cells, _BODY_MM, strict=True)
    ]
    return _TEXT_MM * max(lines) + _RULE_MM


def _house_lines(houses: Sequence[str]) -> list[list[str]]:
    """Return the texts of buildings line by line; one that is too wide for a line takes more."""
    lines: list[list[str]] = []
    left_mm = 0.0
    for text in houses:
        width_mm = ems(text) * _TEXT_EM + _HOUSE_GAP_MM
        if width_mm > left_mm or not lines:
            lines.append([])
            left_mm = NOTICE_WIDTH_MM
            lines[-1:] += [[] for _ in range(int(width_mm // NOTICE_WIDTH_MM))]
        lines[-1].append(text)
        left_mm -= width_mm
    return lines
