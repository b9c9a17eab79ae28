"""The hotspot desk's numbers: one table, shown as page, file and JSON."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo_service.analysis.hotspots import (
    HotspotTable,
    LocatedIssues,
    MeasuredAreas,
    Stamp,
    hotspot_table,
)
from geo_service.analysis.periods import Period, asked_days, check_years, reference_day
from geo_service.analysis.rates import HOUR_S, SOON_S
from geo_service.errors import InvalidValue
from geo_service.layers.area import AreaSet, Floats, Positions
from geo_service.layers.edition import Edition
from geo_service.services.callers import Caller
from geo_service.services.issues.recounts import kept_positions, recounted_positions
from geo_service.services.kept import Kept
from geo_service.services.workspaces import Workspace
from geo_service.storage import areas as area_rows
from geo_service.storage import figures, issue_queries, revisions
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueColumns, IssueFilter

BASES = ("recounted", "kept")
_COUNTS_KEPT = 64
_FIRST_YEAR = 1992
"""Issues are not older; and as many days before the longest period are still a date."""


@dataclass(frozen=True)
class HotspotQuery:
    """What is asked: days in Asia/Shanghai, both included; None leaves it to the profile.

    ``category`` is a major category, ``source`` a name of the profile's.
    """

    layer: str | None = None
    first: date | None = None
    last: date | None = None
    category: str | None = None
    source: str | None = None
    basis: str = "recounted"

    def of(self, layer: str | None) -> "HotspotQuery":
        """Return the same question about another layer."""
        return replace(self, layer=layer)


@dataclass(frozen=True, eq=False)
class Hotspots:
    """The numbers of one query with everything they rest on."""

    query: HotspotQuery
    period: Period
    edition: Edition
    areas: AreaSet
    table: HotspotTable
    lon: Floats
    lat: Floats
    """Places of the period's issues, degrees; NaN where unknown."""
    data_until: datetime | None
    reference_day: date
    excluded_request_types: tuple[str, ...]


class HotspotService:
    """Where it is bad, counted honestly."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept = Kept[Hotspots](_COUNTS_KEPT)

    def hotspots(self, _caller: Caller, query: HotspotQuery) -> Hotspots:
        """Count the issues of a period and of the one before, area by area.

        Raises
        ------
        UnknownLayer, InvalidPeriod, InvalidValue
            What is asked makes no sense.
        EditionNotFound
            Nothing was published yet.
        """
        with self._workspace.database.read() as connection:
            key = (query, self.revision(connection))
            return self._kept.get(key, lambda: self._count(connection, query))

    def revision(self, connection: Transaction) -> tuple[int, int, int, int, int, str]:
        """Return what changes whenever any number may: cheap to read, never stale.

        Whether something is overdue is told as of the full hour.
        """
        now_s = self._workspace.now_s()
        edition = self._workspace.governing(connection)
        stored = revisions.revision(connection)
        book = self._workspace.agreements(connection, stored.agreements)
        standing = book.standing(now_s=now_s)
        return (
            edition.number if edition else 0,
            stored.event_id,
            stored.figure_id,
            stored.reference_id,
            _full_hour_s(now_s),
            ",".join(str(each.number) for each in standing),
        )

    def _count(self, connection: Transaction, query: HotspotQuery) -> Hotspots:
        layer = self._workspace.layers[query.layer or self._workspace.profile.hotspots.layer]
        if query.basis not in BASES:
            raise InvalidValue("basis", " 或 ".join(BASES), " or ".join(BASES))
        edition = self._workspace.edition(connection)
        areas = self._workspace.locator(connection, edition).areas(layer.name)
        until_s = issue_queries.latest_report_s(connection)
        reference = reference_day(self._workspace.now_s(), until_s)
        period = self._period(query, reference)
        wanted = self._filter(query, period.before().start_s, period.end_s)
        found = issue_queries.issue_columns(connection, wanted)
        if query.basis == "kept":
            owners = kept_positions(self._workspace, connection, edition, layer.name, wanted)
        else:
            owners = recounted_positions(self._workspace, connection, edition, layer.name, found)
        now = found.reported_at_s >= period.start_s
        is_shown = now & ~found.is_erased  # one point of an area for all would be a false cluster
        table = hotspot_table(
            self._measured(connection, edition, layer.name, areas, period),
            _located(found, owners, now, hour_s=_full_hour_s(self._workspace.now_s())),
            Stamp(period, edition.number, _basis(query.basis), until_s),
        )
        return Hotspots(
            query=replace(query, layer=layer.name),
            period=period,
            edition=edition,
            areas=areas,
            table=table,
            lon=found.lon[is_shown],
            lat=found.lat[is_shown],
            data_until=None if until_s is None else datetime.fromtimestamp(until_s, UTC),
            reference_day=reference,
            excluded_request_types=self._workspace.profile.hotspots.excluded_request_types,
        )

    def _filter(self, query: HotspotQuery, from_s: int, to_s: int) -> IssueFilter:
        return IssueFilter(
            reported_from_s=from_s,
            reported_to_s=to_s,
            category_major=query.category,
            source=query.source,
            without_request_types=self._workspace.profile.hotspots.excluded_request_types,
        )

    def _measured(
        self,
        connection: Transaction,
        edition: Edition,
        layer: str,
        areas: AreaSet,
        period: Period,
    ) -> MeasuredAreas:
        return MeasuredAreas(
            codes=areas.codes,
            names=areas.names,
            area_km2=area_rows.areas_km2(connection, edition=edition.number, layer=layer),
            residents=figures.figure_column(
                connection,
                layer=layer,
                figure="residents",
                codes=areas.codes,
                as_of_s=period.end_s,
            ),
        )

    def _period(self, query: HotspotQuery, reference: date) -> Period:
        check_years(query.first, query.last, first_year=_FIRST_YEAR)
        days = self._workspace.profile.hotspots.days
        return asked_days(query.first, query.last, reference_day=reference, days=days)


def _located(
    found: IssueColumns, owners: Positions, is_now: NDArray[np.bool_], *, hour_s: int
) -> LocatedIssues:
    """Return the issues of both periods; what is overdue is told as of a full hour."""
    is_open, due_s = found.is_open[is_now], found.due_s[is_now]
    has_due, left_s = is_open & (due_s >= 0), due_s - hour_s
    return LocatedIssues(
        owners=owners[is_now],
        is_open=is_open,
        owners_before=owners[~is_now],
        is_overdue=has_due & (left_s < 0),
        is_due_soon=has_due & (left_s >= 0) & (left_s <= SOON_S),
    )


def _full_hour_s(now_s: float) -> int:
    return int(now_s) // HOUR_S * HOUR_S


def _basis(text: str) -> Literal["recounted", "kept"]:
    return "kept" if text == "kept" else "recounted"
