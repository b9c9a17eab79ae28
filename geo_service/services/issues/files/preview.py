"""A ticket list looked at before it is stored: planned by the code of intake, written by nobody.

Every read is a transaction that only reads, as long as ten thousand rows take, so nobody who
writes waits for it, on either database.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from geo_service.governance.issue import RowError
from geo_service.services.callers import Caller
from geo_service.services.handling.owners import OwnerArea, area_named, locator_in_force
from geo_service.services.issues.files.imports import (
    ROWS_A_TRANSACTION,
    file_report,
    judged_rows,
    key_of_list,
    told_places,
)
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.issues.files.progress import ListProgress
from geo_service.services.issues.files.reader import open_list
from geo_service.services.issues.files.reading import ListToRead, ReadRow
from geo_service.services.issues.files.report import IssueFileReport, report_json
from geo_service.services.issues.garbage import without_collections
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.issues.plans.ahead import Ahead, Owned
from geo_service.services.issues.plans.plan import ADDED, CONFLICT, UNCHANGED, UPDATED
from geo_service.services.issues.plans.planning import plan_intake
from geo_service.services.issues.prepared import PreparedReport
from geo_service.services.issues.told import Told
from geo_service.services.lists.rejections import rejections_of
from geo_service.services.workspaces import Workspace
from geo_service.storage.issues import Link

MOST_SHOWN = 4_000
"""So many rows are shown one by one; all of them are counted."""

_PLAIN = "assigned"
"""What needs no look."""


class ShownRow(NamedTuple):
    """One row that would be stored: what becomes of it, and whose its issue will be.

    ``result`` is the rule of its assignment in the family of the ground, or ``ambiguous``.
    ``lon`` and ``lat`` are EPSG:4490 degrees, None without a point. ``place`` tells why its address
    means one place or none, where it was looked up.
    """

    row: int
    outcome: str
    result: str
    lon: float | None
    lat: float | None
    owner: Link | None
    place: str | None


class OwnerCount(NamedTuple):
    """How many rows an area would hold, by what becomes of them; no area is nobody's."""

    area: OwnerArea | None
    added: int
    updated: int
    unchanged: int


@dataclass(frozen=True)
class ListPreview:
    """What storing the list now would report, and whose every row would be.

    ``results`` counts the rows that would be stored by ``ShownRow.result``, ``owners`` by area, the
    fullest first. ``rows`` are some of them in their order, those that need a look before others.
    """

    report: IssueFileReport
    results: Mapping[str, int]
    owners: Sequence[OwnerCount]
    rows: Sequence[ShownRow]
    rows_left_out: int


def preview_issues(
    workspace: Workspace,
    caller: Caller,
    path: Path,
    options: IssueFileOptions,
    *,
    on_progress: Callable[[int, float | None], None] = lambda _rows, _share: None,
) -> ListPreview:
    """Return what ``imports.import_issues`` would make of a list; nothing is stored or kept.

    Where an import of the same list was broken off, the rest of it is looked at, and counts are of
    both together, as they will be.

    Raises
    ------
    UnreadableFile, EmptyInput, UnknownColumn, UnknownFrame
        The file cannot be used.
    StorageUnavailable
        The database went away.
    """
    now = datetime.fromtimestamp(workspace.now_s(), UTC)
    asked = ListToRead(path, options, workspace.profile, workspace.deadlines, now)
    load_kernels()
    with open_list(asked) as reading:
        key = key_of_list(workspace, caller, path, options)
        progress = ListProgress(workspace, path.name, key, is_anew=options.is_anew, is_preview=True)
        look = _Look(workspace, caller, progress, is_updating=options.is_updating)
        with closing(reading.rows(after=progress.continued_after)) as rows, without_collections():
            while chunk := list(islice(rows, ROWS_A_TRANSACTION)):
                look.at(chunk)
                on_progress(progress.rows, reading.share_read)
        report = file_report(workspace, path, reading, progress)
    return look.preview(report)


def preview_json(found: ListPreview, language: str, *, listed: int) -> dict[str, Any]:
    """Return a preview as values that JSON can hold, with the first ``listed`` rejections."""
    return {
        **report_json(found.report, language, listed=listed),
        "results": dict(found.results),
        "owners": [
            {**each._asdict(), "area": each.area and each.area._asdict()} for each in found.owners
        ],
        "shown": {name: [getattr(each, name) for each in found.rows] for name in ShownRow._fields},
        "rows_left_out": found.rows_left_out,
    }


class _Look:
    """All that was looked at of one list so far."""

    def __init__(
        self, workspace: Workspace, caller: Caller, progress: ListProgress, *, is_updating: bool
    ) -> None:
        self._workspace = workspace
        self._caller = caller
        self._progress = progress
        self._is_updating = is_updating
        self._ahead = Ahead()
        self._results: Counter[str] = Counter()
        self._owners: Counter[tuple[Link | None, str]] = Counter()
        self._doubtful: list[ShownRow] = []
        self._plain: list[ShownRow] = []
        self._count = 0

    def at(self, chunk: Sequence[ReadRow]) -> None:
        """Look at the rows that one transaction would store."""
        good = [(number, item) for number, item in chunk if isinstance(item, PreparedReport)]
        told = [Told(report, self._caller, self._is_updating) for _, report in good]
        self._progress.watch.add_places(told_places(report for _, report in good))
        workspace = self._workspace.standing_still()
        with workspace.database.read() as connection:
            plan = plan_intake(workspace, connection, told, ahead=self._ahead)
            owned = self._ahead.owned(workspace, connection, plan)
        self._ahead.go_on(plan, owned)
        refused, counts = judged_rows(good, plan.results)
        counts["rows"] = len(chunk)
        self._progress.count(None, counts, [*rejections_of(chunk), *refused])
        numbers = (number for number, _ in good)
        self._show(
            _shown(number, each.kind, owned[each.case], each.place)
            for number, each in zip(numbers, plan.results, strict=True)
            if not isinstance(each, RowError) and each.kind != CONFLICT
        )

    def _show(self, rows: Iterable[ShownRow]) -> None:
        for row in rows:
            self._count += 1
            self._results[row.result] += 1
            self._owners[row.owner, row.outcome] += 1
            shown = self._plain if row.result == _PLAIN else self._doubtful
            if len(shown) < MOST_SHOWN:
                shown.append(row)

    def preview(self, report: IssueFileReport) -> ListPreview:
        """Return everything, now that the list is read."""
        rows = sorted([*self._doubtful, *self._plain][:MOST_SHOWN])
        left_out = self._count - len(rows)
        return ListPreview(report, dict(self._results), self._owner_counts(), rows, left_out)

    def _owner_counts(self) -> list[OwnerCount]:
        with self._workspace.database.read() as connection:
            locator = locator_in_force(self._workspace, connection)
        links = {link for link, _ in self._owners}
        found = []
        for link in links:
            counts = [self._owners[link, kind] for kind in (ADDED, UPDATED, UNCHANGED)]
            found.append(OwnerCount(link and area_named(locator, *link), *counts))
        return sorted(found, key=_fullest_first)


def _shown(number: int, kind: str, owned: Owned, place: str | None) -> ShownRow:
    owner = owned.links[-1] if owned.links else None
    return ShownRow(number, kind, owned.result, owned.lon, owned.lat, owner, place)


def _fullest_first(count: OwnerCount) -> tuple[int, str]:
    return -(count.added + count.updated + count.unchanged), count.area.code if count.area else ""
