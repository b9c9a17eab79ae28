"""The hotspot page's figures in words: tiles, rows and legends, ready for the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo_service.analysis.classes import Classes
from geo_service.analysis.hotspots import HotspotRow, ranking
from geo_service.maps.colors import class_colors
from geo_service.maps.hotspots.hotspot_map import bin_classes
from geo_service.maps.view import DayNumber, HotspotView
from geo_service.maps.wording import Words

WORST = 10

TABLE_ROWS = 2000
"""Browsers get slow with longer tables; the exported table holds all."""

MARKS = {"up": "▲", "down": "▼", "unclear": "◇"}
"""Shapes that go with the verdicts, so that none is told by color alone."""

FIGURES = (
    "count", "before", "change", "verdict", "per_km2", "per_1000_residents", "open_count",
    "overdue_count", "due_soon_count", "basis", "classification", "heat",
)  # fmt: skip
"""What the page defines below its table, beside the four numbers of the day."""


@dataclass(frozen=True)
class Tile:
    """One number of the day."""

    figure: str
    title: str
    count: str
    change: str
    mark: str


@dataclass(frozen=True)
class RowText:
    """One area as the list and the table write it."""

    index: int
    rank: str
    code: str
    name: str
    parent: str
    value: str
    bar_percent: float
    mark: str
    verdict: str
    verdict_title: str
    change: str
    row: HotspotRow


@dataclass(frozen=True)
class LegendClass:
    """One class of the legend."""

    color: str
    label: str
    size: str


def tiles(view: HotspotView, words: Words) -> list[Tile]:
    """Return the four numbers of the day."""
    numbers = view.day_numbers
    given = {
        "reported": numbers.reported,
        "closed": numbers.closed,
        "open": numbers.open,
        "unassigned": numbers.unassigned,
    }
    return [
        Tile(figure, words[figure], f"{number.count:,}", *_day_change(number, words))
        for figure, number in given.items()
    ]


def rows(view: HotspotView, words: Words) -> list[RowText]:
    """Return all areas, the worst first."""
    positions = view.areas.position_by_code
    ranked = ranking(view.table, view.measure)
    largest = max((_measured(one.row, view.measure) or 0.0 for one in ranked), default=0.0)
    texts = []
    for one in ranked:
        index, value = positions[one.row.code], _measured(one.row, view.measure)
        texts.append(
            RowText(
                index=index,
                rank="–" if one.rank is None else str(one.rank),
                code=one.row.code,
                name=one.row.name,
                parent=view.parent_names[index],
                value=figure_text(view.measure, value),
                bar_percent=round(100 * (value or 0.0) / largest, 1) if largest else 0.0,
                mark=MARKS[one.row.verdict],
                verdict=words[f"verdict_{one.row.verdict}"],
                verdict_title=f"p = {one.row.p_value:.3f}",
                change=signed(one.row.change),
                row=one.row,
            )
        )
    return texts


def worst(texts: Sequence[RowText]) -> list[RowText]:
    """Return the first ten that have anything to show."""
    return [text for text in texts if text.bar_percent > 0][:WORST]


def summaries(view: HotspotView, words: Words) -> list[str]:
    """Return one sentence for each area, for tooltips and the selection."""
    return [
        words["summary"].format(
            count=row.count,
            before=row.before,
            verdict=f"{MARKS[row.verdict]} {words[f'verdict_{row.verdict}']}",
            per_km2=figure_text("per_km2", row.per_km2),
            per_1000=figure_text("per_1000_residents", row.per_1000_residents),
            open=row.open_count,
        )
        for row in view.table.rows
    ]


def legend(view: HotspotView, classes: Classes, words: Words) -> list[LegendClass]:
    """Return the classes of the choropleth with how many areas each holds."""
    members = classes.positions(view.table.column(view.measure)).tolist()
    return [
        LegendClass(color, label, words["legend_areas_in_class"].format(n=members.count(i)))
        for i, (color, label) in enumerate(
            zip(class_colors(classes.labels), classes.labels, strict=True)
        )
    ]


def heat_legend(view: HotspotView) -> list[LegendClass]:
    """Return the classes of the heat squares."""
    if view.bins is None:
        return []
    labels = bin_classes(view.bins).labels
    return [
        LegendClass(color, label, "")
        for color, label in zip(class_colors(labels), labels, strict=True)
    ]


def definitions(view: HotspotView, words: Words) -> Mapping[str, str]:
    """Return the 口径 of every figure of the page."""
    figures = ("reported", "closed", "open", "unassigned", *FIGURES)
    return {
        figure: view.definitions.get(figure, words[f"definition_{figure}"]) for figure in figures
    }


def figure_text(measure: str, value: float | None) -> str:
    """Return a figure as tables write it; a null is a dash, never 0."""
    if value is None:
        return "–"
    digits = {"per_km2": 1, "per_1000_residents": 2, "area_km2": 3}.get(measure, 0)
    return f"{value:,.{digits}f}"


def signed(change: int) -> str:
    """Return a change with its sign, with a true minus."""
    return f"+{change:,}" if change > 0 else f"−{-change:,}" if change < 0 else "0"


def _day_change(number: DayNumber, words: Words) -> tuple[str, str]:
    if number.change is None:
        return words["no_day_before"], ""
    if number.change == 0:
        return words["same_as_day_before"], "＝"
    key = "more_than_day_before" if number.change > 0 else "fewer_than_day_before"
    return words[key].format(n=f"{abs(number.change):,}"), "▲" if number.change > 0 else "▼"


def _measured(row: HotspotRow, measure: str) -> float | None:
    value: float | None = getattr(row, measure)
    return value
