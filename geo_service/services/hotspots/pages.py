"""The hotspot desk as a page, as one standalone file, and as a table to take away."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from importlib import import_module
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

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
from geo_service.maps.drawings import Drawing
from geo_service.maps.view import (
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
from geo_service.services.hotspots.tables import table_cells, table_notes, table_title
from geo_service.services.issues.recounts import recounted_roots
from geo_service.services.kept import Kept
from geo_service.services.page_facts import PageFacts, ground_of, references_under
from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries, references
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueColumns, IssueFilter

_PAGES_KEPT = 64
_DRAWINGS_KEPT = 8
"""Four layers of the edition in force and of the one before, about 0.5 MB each."""


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
        self._pages = Kept[str](_PAGES_KEPT)
        self._drawings = Kept[Drawing](_DRAWINGS_KEPT)
        self._references = Kept[list[Reference]](1)

    def prepare(self) -> None:
        """Load what drawing needs, so that the first page does not wait for it."""
        for name in ("geo_service.maps.hotspots.page", "scipy.stats"):
            import_module(name)

    def page(self, caller: Caller, query: HotspotQuery, look: Look, *, links: Links) -> str:
        """Return the desk as HTML; an unchanged one is not drawn again."""
        with self._workspace.database.read() as connection:
            key = (query, look, links, self._hotspots.revision(connection))
        return self._pages.get(
            key, lambda: self._render(caller, query, look, links, standalone=False)
        )

    def draw(self, caller: Caller, query: HotspotQuery, look: Look, path: Path) -> None:
        """Write the map as one file that opens from a USB stick."""
        html = self._render(caller, query, look, Links(), standalone=True)
        with writing_aside(path) as aside:
            aside.write_text(html, encoding="utf-8")

    def write_table(self, caller: Caller, query: HotspotQuery, look: Look, path: Path) -> None:
        """Write the numbers as CSV or XLSX, by the path's ending."""
        found = self._hotspots.hotspots(caller, query)
        headings, rows = table_cells(found, look.language)
        if path.suffix != ".xlsx":
            write_csv(path, headings=headings, rows=rows)
            return
        layer = self._workspace.layers[found.query.layer or ""]
        write_xlsx(
            path,
            title=table_title(layer, look.language),
            notes=[*table_notes(found, look.language), *self._facts.notices(look.language)],
            headings=headings,
            rows=rows,
            text_columns=(headings[0], headings[2]),
        )

    def _render(
        self, caller: Caller, query: HotspotQuery, look: Look, links: Links, *, standalone: bool
    ) -> str:
        from geo_service.maps.hotspots.page import (  # folium loads for half a second
            drawing_of,
            render_hotspots,
        )

        found = self._hotspots.hotspots(caller, query)
        with self._workspace.database.read() as connection:
            latest = references.latest_reference_id(connection)
            under = self._references.get(latest, lambda: references_under(connection))
            view = self._view(connection, found, look, links, under)
        edition, profile = found.edition.content_hash, self._workspace.profile.hash
        drawing = self._drawings.get(
            (edition, profile, view.layer.name, latest), lambda: drawing_of(view)
        )
        assets = Assets(self._facts.static_folder)
        return render_hotspots(view, standalone=standalone, assets=assets, drawing=drawing)

    def _view(
        self,
        connection: Transaction,
        found: Hotspots,
        look: Look,
        links: Links,
        under: Sequence[Reference],
    ) -> HotspotView:
        layer = self._workspace.layers[found.query.layer or ""]
        ground = ground_of(self._workspace.locator(connection, found.edition), layer.name)
        period, before = found.period, found.period.before()
        return HotspotView(
            language=look.language,
            place=ground.place,
            layer=layer,
            areas=found.areas,
            ancestors=ground.ancestors,
            table=found.table,
            period=Days.between(period.start, period.end),
            before=Days.between(before.start, before.end),
            day_numbers=self._day_numbers(connection, found),
            edition=found.edition.number,
            effective_from=_day(found.edition.effective_from_s),
            data_until=_data_until(found),
            layers=self._layer_options(layer, look.language),
            categories=_category_options(connection, found.query.category),
            sources=self._source_options(connection, found.query.source, look.language),
            measure=look.measure,
            basis=found.query.basis,
            classification=look.classification,
            class_count=look.class_count,
            references=under,
            bins=_bins(found),
            is_fictional=ground.is_fictional,
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

    def _day_numbers(self, connection: Transaction, found: Hotspots) -> DayNumbers:
        since = last_days(found.reference_day, days=2)
        wanted = IssueFilter(
            alive_from_s=since.start_s,
            without_request_types=self._workspace.profile.hotspots.excluded_request_types,
        )
        alive = issue_queries.issue_columns(connection, wanted)
        unknown = np.where(alive.is_open, NOT_CLOSED_S, CLOSING_UNKNOWN_S)
        summary = day_summary(
            found.reference_day,
            reported_at_s=alive.reported_at_s,
            closed_at_s=np.where(alive.closed_at_s >= 0, alive.closed_at_s, unknown),
            is_unassigned=self._unassigned_since(connection, found, alive, since.start_s),
        )
        return DayNumbers(
            day=summary.day,
            reported=_day_number(summary.reported),
            closed=_day_number(summary.closed),
            open=_day_number(summary.open),
            unassigned=_day_number(summary.unassigned),
        )

    def _unassigned_since(
        self, connection: Transaction, found: Hotspots, alive: IssueColumns, since_s: int
    ) -> NDArray[np.bool_]:
        """Return which issues reported since then have no owner; of older ones nobody asks."""
        is_unassigned = alive.reported_at_s >= since_s
        recent, layer = _taken(alive, is_unassigned), found.query.layer or ""
        owners = recounted_roots(self._workspace, connection, found.edition, layer, recent)
        is_unassigned[is_unassigned] = owners < 0
        return is_unassigned

    def _source_options(
        self, connection: Transaction, selected: str | None, language: str
    ) -> list[Option]:
        known = {word.name: word.title(language) for word in self._workspace.profile.sources}
        names = issue_queries.distinct_values(connection, "source")
        return [Option(name, known.get(name, name), name == selected) for name in names]


def _data_until(found: Hotspots) -> datetime:
    return (found.data_until or found.period.end).astimezone(SHANGHAI)


def _taken(columns: IssueColumns, is_wanted: NDArray[np.bool_]) -> IssueColumns:
    return IssueColumns(
        **{each.name: getattr(columns, each.name)[is_wanted] for each in fields(columns)}
    )


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


def _category_options(connection: Transaction, selected: str | None) -> list[Option]:
    names = issue_queries.distinct_values(connection, "category_major")
    return [Option(name, name, name == selected) for name in names]


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, SHANGHAI).date()
