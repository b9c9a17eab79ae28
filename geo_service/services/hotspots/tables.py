"""The hotspot desk's numbers as a table to take away."""

from geo_service.layers.layer import Layer
from geo_service.maps.view import Days
from geo_service.services.hotspots.counts import Hotspots

_HEADINGS = {
    "zh": [
        "编码",
        "名称",
        "上级",
        "件数",
        "上期",
        "变化",
        "每平方公里",
        "每千人",
        "在办",
        "超期",
        "临期",
        "变化判断",
    ],
    "en": [
        "code",
        "name",
        "parent",
        "count",
        "before",
        "change",
        "per km²",
        "per 1,000 residents",
        "open",
        "overdue",
        "due soon",
        "verdict",
    ],
}


def table_cells(found: Hotspots, language: str) -> tuple[list[str], list[list[object]]]:
    """Return the headings and the rows, an area each."""
    rows: list[list[object]] = [
        [
            row.code,
            row.name,
            parent,
            row.count,
            row.before,
            row.change,
            _rounded(row.per_km2),
            _rounded(row.per_1000_residents),
            row.open_count,
            row.overdue_count,
            row.due_soon_count,
            row.verdict,
        ]
        for row, parent in zip(found.table.rows, found.areas.parents, strict=True)
    ]
    return _HEADINGS[language], rows


def table_title(layer: Layer, language: str) -> str:
    """Return the title above the table."""
    title = layer.title(language)
    return f"Hotspots by {title}" if language == "en" else f"问题热点（{title}）"


def table_notes(found: Hotspots, language: str) -> list[str]:
    """Return what the numbers rest on: period, edition, basis, and how many have no owner."""
    days = Days.between(found.period.start, found.period.end)
    stamp, total, unassigned = found.table.stamp, found.table.total, found.table.unassigned
    if language == "en":
        return [
            f"period {days.first} to {days.last}, compared with as many days before",
            f"edition {found.edition.number}, basis {stamp.basis}; "
            f"{total} issues, {unassigned} of them without an owner",
        ]
    basis = "按当前网格重新归属" if stamp.basis == "recounted" else "按受理时的归属"
    return [
        f"统计时段 {days.first} 至 {days.last}，与之前同样天数相比",
        f"网格第 {found.edition.number} 版，口径：{basis}；"
        f"共 {total} 件，其中未落格 {unassigned} 件",
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
