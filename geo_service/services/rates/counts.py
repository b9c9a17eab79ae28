"""Rates of a layer's areas: one question, one transaction, everything counted at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from geo_service.analysis.periods import Period, asked_days, check_years, reference_day
from geo_service.analysis.rates import (
    Counts,
    RateCounts,
    RatedIssues,
    RateShape,
    rate_counts,
    tier_hours,
)
from geo_service.errors import InvalidValue
from geo_service.governance.handling.facts import SATISFACTION
from geo_service.governance.handling.workflow import Tier
from geo_service.governance.indicators.indicator import Indicator
from geo_service.governance.rates.measures import ANSWER, RESPONSE
from geo_service.layers.area import AreaSet, Floats, Positions
from geo_service.layers.edition import Edition
from geo_service.layers.layer import Layer
from geo_service.services.callers import Caller
from geo_service.services.issues.recounts import positions_of_chains, recounted_positions
from geo_service.services.workspaces import Workspace
from geo_service.storage import areas as area_rows
from geo_service.storage import figures, issue_queries
from geo_service.storage import rates as rate_rows
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueFilter, Places
from geo_service.storage.rates import CodeLists, RateColumns, RateFilter

BASES = ("recounted", "kept")
COHORTS = ("report", "event")
GROUPINGS = ("none", "category", "source", "category_source")
_FIRST_YEAR = 1993


@dataclass(frozen=True)
class RateQuery:
    """What is asked: days in Asia/Shanghai, both included; None leaves it to the profile.

    ``by``: the issues reported in the period, or what happened in it. ``with_all_types`` takes in
    the request types that the profile leaves out (咨询, 表扬). ``group`` is one of GROUPINGS.
    """

    layer: str | None = None
    first: date | None = None
    last: date | None = None
    category: str | None = None
    source: str | None = None
    basis: str = "recounted"
    by: str = "report"
    group: str = "none"
    with_tier_hours: bool = False
    with_all_types: bool = False

    def of(self, layer: str | None) -> "RateQuery":
        """Return the same question about another layer."""
        return replace(self, layer=layer)


@dataclass(frozen=True)
class Group:
    """What one part of an area's issues has in common; None: all of them, or nothing told."""

    category: str | None = None
    source: str | None = None


@dataclass(frozen=True, eq=False)
class AreaFigures:
    """Square kilometres, residents and households of each area; NaN where nobody knows."""

    km2: Floats
    residents: Floats
    households: Floats


@dataclass(frozen=True, eq=False)
class Rates:
    """The counts of one query with everything they rest on.

    ``counts`` has a line for each area and one for what nobody owns; ``total`` has one line for all
    of it (the second stays empty). ``tier_issues`` and ``tier_hours`` are None unless asked for.
    """

    query: RateQuery
    layer: Layer
    period: Period
    edition: Edition
    areas: AreaSet
    figures: AreaFigures
    groups: Sequence[Group]
    tiers: Sequence[Tier]
    indicators: Sequence[Indicator]
    counts: RateCounts
    total: RateCounts
    tier_issues: Counts | None
    tier_hours: Floats | None
    as_of_s: int
    data_until_s: int | None
    excluded_request_types: tuple[str, ...]


class RateService:
    """How issues are handled: response, resolution, satisfaction, times, tiers."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def rates(self, _caller: Caller, query: RateQuery) -> Rates:
        """Count the issues of a period, area by area.

        Raises
        ------
        UnknownLayer, InvalidPeriod, InvalidValue
            What is asked makes no sense.
        EditionNotFound
            Nothing was published yet.
        """
        workspace = self._workspace.standing_still()
        with workspace.database.read() as connection:
            return self.counted(workspace, connection, query)

    def counted(
        self,
        workspace: Workspace,
        connection: Transaction,
        query: RateQuery,
        period: Period | None = None,
    ) -> Rates:
        """Return the same within a transaction; of a ``period`` instead of the query's days."""
        _check(query)
        layer = workspace.layers[query.layer or workspace.profile.hotspots.layer]
        edition = workspace.edition(connection)
        until_s = issue_queries.latest_report_s(connection)
        now_s = int(workspace.now_s())
        if period is None:
            period = _period(query, reference_day(now_s, until_s), workspace)
        asked = _Asked(workspace, connection, replace(query, layer=layer.name), edition, period)
        return asked.rates(layer, now_s=now_s, until_s=until_s)


class _Asked:
    """One question, its transaction and its edition."""

    def __init__(
        self,
        workspace: Workspace,
        connection: Transaction,
        query: RateQuery,
        edition: Edition,
        period: Period,
    ) -> None:
        self._workspace = workspace
        self._connection = connection
        self._query = query
        self._edition = edition
        self._period = period
        self._layer = query.layer or ""
        self._tiers = list(workspace.profile.workflow.tiers.values())
        self._is_by_event = query.by == "event"
        self._left_out = (
            () if query.with_all_types else workspace.profile.hotspots.excluded_request_types
        )

    def rates(self, layer: Layer, *, now_s: int, until_s: int | None) -> Rates:
        wanted, codes = self._wanted(), self._codes()
        columns = rate_rows.rate_columns(self._connection, wanted, codes)
        groups, numbers = self._groups(columns, codes)
        locator = self._workspace.locator(self._connection, self._edition)
        areas = locator.areas(self._layer)
        weights = self._workspace.profile.rates.weights
        shape = RateShape(
            areas=len(areas),
            groups=len(groups),
            tiers=len(self._tiers),
            weights=tuple(weights.get(word.name, -1) for word in SATISFACTION),
        )
        issues = self._issues(columns, numbers, codes)
        one = replace(shape, areas=1, groups=1)
        is_by_event = self._is_by_event
        counts = rate_counts(issues, shape, self._period, now_s=now_s, is_by_event=is_by_event)
        total = rate_counts(
            _as_one(issues), one, self._period, now_s=now_s, is_by_event=is_by_event
        )
        spent = self._tier_hours(issues, columns, shape, now_s)
        return Rates(
            query=self._query,
            layer=layer,
            period=self._period,
            edition=self._edition,
            areas=areas,
            figures=self._figures(areas),
            groups=groups,
            tiers=self._tiers,
            indicators=self._workspace.profile.indicators,
            counts=counts,
            total=total,
            tier_issues=spent[0] if spent else None,
            tier_hours=spent[1] if spent else None,
            as_of_s=now_s,
            data_until_s=until_s,
            excluded_request_types=self._left_out,
        )

    def _wanted(self) -> RateFilter:
        query = self._query
        return RateFilter(
            IssueFilter(
                reported_from_s=self._period.start_s,
                reported_to_s=self._period.end_s,
                category_major=query.category,
                source=query.source,
                without_request_types=self._left_out,
            ),
            is_by_event=self._is_by_event,
        )

    def _codes(self) -> CodeLists:
        by_category = self._query.group in {"category", "category_source"}
        categories = (
            issue_queries.distinct_values(self._connection, "category_major") if by_category else ()
        )
        return CodeLists(
            categories=categories,
            sources=issue_queries.distinct_values(self._connection, "source"),
            tiers=[tier.name for tier in self._tiers],
            satisfaction=[word.name for word in SATISFACTION],
        )

    def _groups(self, columns: RateColumns, codes: CodeLists) -> tuple[list[Group], Counts]:
        """Return the groups and the number of each issue's."""
        if self._query.group == "none":
            return [Group()], np.zeros(len(columns.ids), dtype=np.int64)
        categories: list[str | None] = [*codes.categories, None]
        sources: list[str | None] = list(codes.sources)
        if self._query.group == "category":
            numbers = np.where(columns.category < 0, len(categories) - 1, columns.category)
            return [Group(category=each) for each in categories], numbers
        if self._query.group == "source":
            return [Group(source=each) for each in sources], columns.source
        numbers = np.where(columns.category < 0, len(categories) - 1, columns.category)
        both = [Group(category, source) for category in categories for source in sources]
        return both, numbers * len(sources) + columns.source

    def _issues(self, columns: RateColumns, numbers: Counts, codes: CodeLists) -> RatedIssues:
        owners, response_owners, answer_owners = self._owners(columns)
        patrol = [
            i
            for i, name in enumerate(codes.sources)
            if name in self._workspace.profile.rates.patrol
        ]
        return RatedIssues(
            owners=owners,
            response_owners=response_owners,
            answer_owners=answer_owners,
            groups=numbers,
            reported_s=columns.reported_s,
            closed_s=columns.closed_s,
            due_s=columns.due_s,
            accepted_s=columns.accepted_s,
            responded_s=columns.responded_s,
            response_due_s=columns.response_due_s,
            answered_s=columns.answered_s,
            resolved=columns.resolved,
            satisfaction=columns.satisfaction,
            tier=columns.tier,
            is_open=columns.is_open,
            is_late=columns.is_late,
            is_excluded=columns.is_excluded,
            is_exempted=columns.is_exempted,
            is_duplicate=columns.is_duplicate,
            is_patrol=np.isin(columns.source, patrol),
        )

    def _owners(self, columns: RateColumns) -> tuple[Positions, Positions, Positions]:
        """Return who owns each issue, who has the credit for the response, and for the answer.

        Recounted on the displayed edition it is whose place it is, each time.
        """
        workspace, connection = self._workspace, self._connection
        if self._query.basis == "recounted":
            places = Places(columns.ids, columns.lon, columns.lat, columns.accuracy_m)
            found = recounted_positions(workspace, connection, self._edition, self._layer, places)
            return found, found, found
        ids, family = columns.ids, workspace.family_of(self._layer)
        kept = rate_rows.kept_chain_ids(connection, ids, family=family)
        chains = [
            rate_rows.credited_chain_ids(connection, ids, kept, family=family, event=event)
            for event in (RESPONSE, ANSWER)
        ]
        owners, response, answer = (
            positions_of_chains(workspace, connection, self._edition, self._layer, each)
            for each in (kept, *chains)
        )
        return owners, response, answer

    def _tier_hours(
        self,
        issues: RatedIssues,
        columns: RateColumns,
        shape: RateShape,
        now_s: int,
    ) -> tuple[Counts, Floats] | None:
        if not self._query.with_tier_hours or not self._tiers:
            return None
        names = [tier.name for tier in self._tiers]
        spells = rate_rows.spell_columns(self._connection, columns.ids, names)
        return tier_hours(issues, shape, spells, now_s=now_s)

    def _figures(self, areas: AreaSet) -> AreaFigures:
        connection, layer = self._connection, self._layer
        residents, households = (
            figures.figure_column(
                connection,
                layer=layer,
                figure=figure,
                codes=areas.codes,
                as_of_s=self._period.end_s,
            )
            for figure in ("residents", "households")
        )
        km2 = area_rows.areas_km2(connection, edition=self._edition.number, layer=layer)
        return AreaFigures(km2, residents, households)


def _as_one(issues: RatedIssues) -> RatedIssues:
    """Return the same issues as those of one area and one group."""
    nobody = np.zeros(len(issues.owners), dtype=np.int32)
    return replace(
        issues,
        owners=nobody,
        response_owners=nobody,
        answer_owners=nobody,
        groups=np.zeros(len(nobody), dtype=np.int64),
    )


def _check(query: RateQuery) -> None:
    for name, known in (("basis", BASES), ("by", COHORTS), ("group", GROUPINGS)):
        if getattr(query, name) not in known:
            raise InvalidValue(name, " 或 ".join(known), " or ".join(known))
    check_years(query.first, query.last, first_year=_FIRST_YEAR)


def _period(query: RateQuery, reference: date, workspace: Workspace) -> Period:
    days = workspace.profile.hotspots.days
    latest = max(reference, query.first or reference)
    return asked_days(query.first, query.last, reference_day=latest, days=days)
