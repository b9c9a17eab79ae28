"""The hotspot desk as a page, as one standalone file, and as a table to take away."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock

import numpy as np
import shapely

from geo_service.analysis.bins import HeatBins, heat_bins
from geo_service.analysis.days import (
    CLOSING_UNKNOWN_S,
    NOT_CLOSED_S,
    DayFigure,
    day_summary,
)
from geo_service.analysis.periods import last_days
from geo_service.governance.moment import SHANGHAI
from geo_service.layers.area import AreaSet
from geo_service.layers.files import write_csv, write_xlsx, writing_aside
from geo_service.layers.layer import Layer
from geo_service.maps.assets import Assets
from geo_service.maps.hotspots import render_hotspots
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
from geo_service.services.callers import Caller
from geo_service.services.hotspots.counts import HotspotQuery, Hotspots, HotspotService
from geo_service.services.issues.recounts import recounted_roots
from geo_service.services.page_facts import PageFacts, is_fictional
from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries, references
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueFilter

_PAGES_KEPT = 64
_HEADINGS_ZH = [
    "编码",
    "名称",
    "上级",
    "件数",
    "上期",
    "变化",
    "每平方公里",
    "每千人",
    "在办",
    "变化判断",
]
_HEADINGS_EN = [
    "code",
    "name",
    "parent",
    "count",
    "before",
    "change",
    "per km²",
    "per 1,000 residents",
    "open",
    "verdict",
]


@dataclass(frozen=True)
class Look:
    """How the numbers are shown."""

    language: str = "zh"
    measure: str = "count"
    classification: str = "quantile"
    class_count: int = 5


class HotspotPageService:
    """Pages and files of the hotspot desk."""

    def __init__(self, workspace: Workspace, hotspots: HotspotService, facts: PageFacts) -> None:
        self._workspace = workspace
        self._hotspots = hotspots
        self._facts = facts
        self._kept: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def page(self, caller: Caller, query: HotspotQuery, look: Look, *, links: Links) -> str:
        """Return the desk as HTML; an unchanged one is not drawn again."""
        with self._workspace.database.read() as connection:
            key = (query, look, links, self._hotspots.revision(connection))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        html = self._render(caller, query, look, links, standalone=False)
        with self._lock:
            self._kept[key] = html
            while len(self._kept) > _PAGES_KEPT:
                self._kept.popitem(last=False)
        return html

    def draw(self, caller: Caller, query: HotspotQuery, look: Look, path: Path) -> None:
        """Write the map as one file that opens from a USB stick."""
        html = self._render(caller, query, look, Links(), standalone=True)
        with writing_aside(path) as aside:
            aside.write_text(html, encoding="utf-8")

    def write_table(self, caller: Caller, query: HotspotQuery, look: Look, path: Path) -> None:
        """Write the numbers as CSV or XLSX, by the path's ending."""
        found = self._hotspots.hotspots(caller, query)
        headings, rows = _table(found, look.language)
        if path.suffix == ".xlsx":
            title, notes = self._heading(found, look.language)
            codes = (headings[0], headings[2])
            write_xlsx(
                path, title=title, notes=notes, headings=headings, rows=rows, text_columns=codes
            )
        else:
            write_csv(path, headings=headings, rows=rows)

    def _render(
        self, caller: Caller, query: HotspotQuery, look: Look, links: Links, *, standalone: bool
    ) -> str:
        view = self._view(caller, query, look, links)
        assets = Assets(self._facts.static_folder)
        return render_hotspots(view, standalone=standalone, assets=assets)

    def _view(self, caller: Caller, query: HotspotQuery, look: Look, links: Links) -> HotspotView:
        found = self._hotspots.hotspots(caller, query)
        layer = self._workspace.layers[found.query.layer or ""]
        with self._workspace.database.read() as connection:
            above = self._ancestors(connection, found, layer.name)
            drawn = _drawn(connection)
            numbers = self._day_numbers(connection, found)
            categories = issue_queries.distinct_values(connection, "category_major")
            sources = issue_queries.distinct_values(connection, "source")
        root = above[-1].areas if above else found.areas
        period, before = found.period, found.period.before()
        return HotspotView(
            language=look.language,
            place="、".join(root.names[:3]),
            layer=layer,
            areas=found.areas,
            ancestors=above,
            table=found.table,
            period=_days(period.start, period.end),
            before=_days(before.start, before.end),
            day_numbers=numbers,
            edition=found.edition.number,
            effective_from=_day(found.edition.effective_from_s),
            data_until=_data_until(found),
            layers=self._layer_options(layer, look.language),
            categories=_options(categories, categories, query.category),
            sources=_options(sources, self._source_titles(sources, look.language), query.source),
            measure=look.measure,
            basis=found.query.basis,
            classification=look.classification,
            class_count=look.class_count,
            references=drawn,
            bins=_bins(found),
            is_fictional=is_fictional(root),
            notices=self._facts.notices(look.language),
            map_unit=self._facts.map_unit,
            review_number=self._facts.review_number,
            links=links,
        )

    def _layer_options(self, selected: Layer, language: str) -> list[Option]:
        return [
            Option(layer.name, layer.title(language), layer.name == selected.name)
            for layer in self._workspace.layers
            if not layer.is_overlay
        ]

    def _ancestors(self, connection: Transaction, found: Hotspots, layer: str) -> list[Ancestors]:
        locator = self._workspace.locator(connection, found.edition)
        chain = self._workspace.layers.chain(layer)[:-1]
        return [
            Ancestors(above, locator.areas(above.name))
            for above in reversed(chain)
            if len(locator.areas(above.name))
        ]

    def _day_numbers(self, connection: Transaction, found: Hotspots) -> DayNumbers:
        since = last_days(found.reference_day, days=2)
        wanted = IssueFilter(
            alive_from_s=since.start_s,
            without_request_types=self._workspace.profile.hotspots.excluded_request_types,
        )
        layer = found.query.layer or ""
        alive = issue_queries.issue_columns(
            connection, wanted, family=self._workspace.family_of(layer)
        )
        owners = recounted_roots(self._workspace, connection, found.edition, layer, alive)
        unknown = np.where(alive.is_open, NOT_CLOSED_S, CLOSING_UNKNOWN_S)
        summary = day_summary(
            found.reference_day,
            reported_at_s=alive.reported_at_s,
            closed_at_s=np.where(alive.closed_at_s >= 0, alive.closed_at_s, unknown),
            is_unassigned=owners < 0,
        )
        return DayNumbers(
            day=summary.day,
            reported=_day_number(summary.reported),
            closed=_day_number(summary.closed),
            open=_day_number(summary.open),
            unassigned=_day_number(summary.unassigned),
        )

    def _source_titles(self, names: Sequence[str], language: str) -> list[str]:
        known = {word.name: word for word in self._workspace.profile.sources}
        return [known[name].title(language) if name in known else name for name in names]

    def _heading(self, found: Hotspots, language: str) -> tuple[str, list[str]]:
        layer = self._workspace.layers[found.query.layer or ""].title(language)
        period = _days(found.period.start, found.period.end)
        stamp = found.table.stamp
        if language == "en":
            title = f"Hotspots by {layer}"
            notes = [
                f"period {period.first} to {period.last}, compared with as many days before",
                f"edition {found.edition.number}, basis {stamp.basis}; "
                f"{found.table.total} issues, {found.table.unassigned} of them without an owner",
            ]
        else:
            basis = "按当前网格重新归属" if stamp.basis == "recounted" else "按受理时的归属"
            title = f"问题热点（{layer}）"
            notes = [
                f"统计时段 {period.first} 至 {period.last}，与之前同样天数相比",
                f"网格第 {found.edition.number} 版，口径：{basis}；"
                f"共 {found.table.total} 件，其中未落格 {found.table.unassigned} 件",
            ]
        return title, [*notes, *self._facts.notices(language)]


def _table(found: Hotspots, language: str) -> tuple[list[str], list[list[object]]]:
    headings = _HEADINGS_EN if language == "en" else _HEADINGS_ZH
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
            row.verdict,
        ]
        for row, parent in zip(found.table.rows, found.areas.parents, strict=True)
    ]
    return headings, rows


def _data_until(found: Hotspots) -> datetime:
    return (found.data_until or found.period.end).astimezone(SHANGHAI)


def _drawn(connection: Transaction) -> list[Reference]:
    stored = references.read_references(connection)
    return [Reference(kind, kind, shapes, names) for kind, (names, shapes) in stored.items()]


def _bins(found: Hotspots) -> HeatBins:
    known = np.isfinite(found.lon) & np.isfinite(found.lat)
    return heat_bins(lon=found.lon[known], lat=found.lat[known], net_lat=_middle_lat(found.areas))


def _middle_lat(areas: AreaSet) -> float | None:
    if len(areas) == 0:
        return None
    _, south, _, north = shapely.total_bounds(areas.geometries).tolist()
    return float(south + north) / 2


def _day_number(figure: DayFigure) -> DayNumber:
    return DayNumber(figure.value, figure.change)


def _options(values: Sequence[str], titles: Sequence[str], selected: str | None) -> list[Option]:
    return [
        Option(value, title, value == selected) for value, title in zip(values, titles, strict=True)
    ]


def _days(start: datetime, end: datetime) -> Days:
    last = end.astimezone(SHANGHAI) - timedelta(microseconds=1)
    return Days(start.astimezone(SHANGHAI).date(), last.date())


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, SHANGHAI).date()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
