"""The issues on the ground of a redraw: whose they are before and after, and what they weigh."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from geo_service.governance.clock.limit import DAY_S
from geo_service.layers.area import Floats, Positions
from geo_service.layers.assignment.ambiguity import provisional_owners
from geo_service.layers.assignment.overlay import overlay_owners_of
from geo_service.layers.assignment.patched import family_positions, overlay_pairs
from geo_service.layers.assignment.rule import assign
from geo_service.layers.locator import Locator
from geo_service.layers.reach import are_in_boxes
from geo_service.services.impact.ground import Region
from geo_service.services.impact.issues.book import YEAR_DAYS, IssueBook
from geo_service.services.impact.issues.hours import hours_of
from geo_service.services.impact.redrawing import Redrawing
from geo_service.services.impact.stored_areas import StoredAreas
from geo_service.services.issues.assignments import Decided
from geo_service.services.workspaces import Workspace
from geo_service.storage import decisions, issue_queries
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import AreaKey
from geo_service.storage.issue_queries import IssueColumns, IssueFilter, Places

_PIECE = 500
_FIELDS = fields(IssueColumns)


@dataclass(frozen=True, eq=False)
class NearIssues:
    """Issues on the ground of a redraw, ordered by id; columns ``(n,)``.

    ``hours`` are those of each issue's limit, 0 where none fits. ``decided`` holds what persons
    said of them, by id and family.
    """

    places: Places
    is_open: NDArray[np.bool_]
    is_of_year: NDArray[np.bool_]
    hours: Floats
    decided: Decided

    @property
    def decided_areas(self) -> set[AreaKey]:
        """The areas that persons gave issues to."""
        return {(each.layer, each.code) for each in self.decided.values()}


def near_issues(
    workspace: Workspace,
    connection: Transaction,
    redrawing: Redrawing,
    stored: StoredAreas,
    region: Region,
    *,
    book: IssueBook | None = None,
) -> NearIssues:
    """Return every issue, open or of the last 365 days, that the redraw can concern.

    Those that a person gave to an area that changes are among them, wherever they lie. Without a
    book of all issues they are read.
    """
    concerned = stored.with_descendants(redrawing.keys)
    every = [
        each
        for family in workspace.layers.families
        for each in decisions.decided_owners(connection, family)
    ]
    given = sorted({row_id for row_id, layer, code in every if (layer, code) in concerned})
    if book is None:
        found = _columns(connection, region.boxes, given)
        return _looked_at(workspace, connection, found)
    is_wanted = np.zeros(len(book.ids), dtype=bool)
    is_wanted[book.near(region.boxes)] = is_wanted[book.at(given)] = True
    return _of_book(workspace, connection, book.take(is_wanted), {row_id for row_id, *_ in every})


def _of_book(
    workspace: Workspace, connection: Transaction, book: IssueBook, decided: Collection[int]
) -> NearIssues:
    is_of_year = book.reported_at_s >= int(workspace.now_s()) - YEAR_DAYS * DAY_S
    book, is_of_year = book.take(kept := book.is_open | is_of_year), is_of_year[kept]
    return NearIssues(
        places=Places(book.ids, book.lon, book.lat, book.accuracy_m),
        is_open=book.is_open,
        is_of_year=is_of_year,
        hours=book.hours,
        decided=decisions.decisions_of(
            connection, [row_id for row_id in book.ids.tolist() if row_id in decided]
        ),
    )


def issues_everywhere(workspace: Workspace, connection: Transaction) -> NearIssues:
    """Return every issue, open or of the last 365 days, wherever it lies."""
    found = issue_queries.issue_columns(connection, IssueFilter())
    return _looked_at(workspace, connection, found)


def _looked_at(workspace: Workspace, connection: Transaction, found: IssueColumns) -> NearIssues:
    is_of_year = found.reported_at_s >= int(workspace.now_s()) - YEAR_DAYS * DAY_S
    chosen = np.flatnonzero(found.is_open | is_of_year)
    ids = found.ids[chosen]
    return NearIssues(
        places=Places(ids, found.lon[chosen], found.lat[chosen], found.accuracy_m[chosen]),
        is_open=found.is_open[chosen],
        is_of_year=is_of_year[chosen],
        hours=hours_of(workspace, connection, ids.tolist()),
        decided=decisions.decisions_of(connection, ids.tolist()),
    )


def _columns(connection: Transaction, boxes: Floats, given: Sequence[int]) -> IssueColumns:
    """Return the issues whose places or circles reach into boxes, and given ones, by id.

    Asked for by place alone: a condition of time beside it makes SQLite walk three indexes.
    """
    pieces = [
        issue_queries.issue_columns(connection, IssueFilter(ids=tuple(given[at : at + _PIECE])))
        for at in range(0, len(given), _PIECE)
    ]
    if len(boxes) or not given:
        around = issue_queries.issue_columns(connection, _meeting(boxes))
        is_near = _is_near(around, boxes) & ~np.isin(around.ids, given)
        pieces.append(IssueColumns(*(getattr(around, each.name)[is_near] for each in _FIELDS)))
    order = np.argsort(np.concatenate([piece.ids for piece in pieces]), kind="stable")
    columns = (
        np.concatenate([getattr(piece, each.name) for piece in pieces])[order] for each in _FIELDS
    )
    return IssueColumns(*columns)


def _meeting(boxes: Floats) -> IssueFilter:
    if not len(boxes):
        return IssueFilter(ids=())
    bbox = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    return IssueFilter(reached_bbox=bbox)


def _is_near(found: IssueColumns, boxes: Floats) -> NDArray[np.bool_]:
    reach_m = np.nan_to_num(found.accuracy_m)
    return are_in_boxes(boxes, lon=found.lon, lat=found.lat, reach_m=reach_m)


class LocatedIssues:
    """Whose issues are on one side of the redraw."""

    def __init__(self, locator: Locator, issues: NearIssues) -> None:
        self._locator = locator
        self._issues = issues
        self._chains: dict[str, list[Positions]] = {}

    def pairs(self, layer: str) -> tuple[NDArray[np.intp], Positions]:
        """Return issues by their place in the list, and the area of ``layer`` each is in.

        Nearest, boundary and ambiguous ones count with their owner, those that a person decided
        with whom that person said; of an overlay an issue may be in several areas.
        """
        places = self._issues.places
        if layer in {each.name for each in self._locator.layers.overlays}:
            known = self._locator.layers[layer]
            return overlay_pairs(
                self._locator,
                layer,
                lambda locator, lon, lat: overlay_owners_of(locator, known, lon=lon, lat=lat),
                lon=places.lon,
                lat=places.lat,
            )
        family, depth = next(
            (family, names.index(layer))
            for family, chain in self._locator.layers.families.items()
            if layer in (names := [each.name for each in chain])
        )
        position = self._chain(family)[depth]
        issue = np.flatnonzero(position >= 0)
        return issue, position[issue]

    def _chain(self, family: str) -> list[Positions]:
        if family not in self._chains:
            locator, places = self._locator, self._issues.places
            positions = family_positions(
                locator,
                family,
                lambda side, lon, lat, accuracy_m: provisional_owners(
                    side,
                    assign(side, family, lon=lon, lat=lat),
                    lon=lon,
                    lat=lat,
                    accuracy_m=accuracy_m,
                ),
                lon=places.lon,
                lat=places.lat,
                accuracy_m=places.accuracy_m,
            )
            self._take_decided(family, positions)
            self._chains[family] = positions
        return self._chains[family]

    def _take_decided(self, family: str, positions: list[Positions]) -> None:
        locator, ids = self._locator, self._issues.places.ids
        levels = [layer.name for layer in locator.layers.families[family]]
        for (row_id, own_family), decision in self._issues.decided.items():
            if own_family != family:
                continue
            at = locator.areas(decision.layer).position_by_code.get(decision.code)
            if at is not None:
                issue = int(np.searchsorted(ids, row_id))
                chain = locator.chain_of(family, levels.index(decision.layer), at)
                for depth, position in enumerate(chain):
                    positions[depth][issue] = position
