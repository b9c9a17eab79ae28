"""Taking issues in: one piece of code for one ticket, a batch and a file of a million."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from geo_service.errors import InvalidInput, UnknownFrame
from geo_service.governance.event import events_between, events_of
from geo_service.governance.issue import (
    OPEN,
    IssueReport,
    RowError,
    changed_fields,
    content_hash,
)
from geo_service.governance.moment import epoch_s
from geo_service.layers.area import Floats
from geo_service.layers.edition import governing_numbers
from geo_service.layers.frames import are_inside, parse_frame, to_storage
from geo_service.services.callers import Caller
from geo_service.services.issues.assignments import assignment_rows, unassigned_rows
from geo_service.services.issues.events import event_rows
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, issues
from geo_service.storage.databases import Transaction

ADDED, UPDATED, UNCHANGED, CONFLICT = "added", "updated", "unchanged", "conflict"

_COLUMNS = (
    "source",
    "external_id",
    "status",
    "request_type",
    "category_major",
    "category_minor",
    "title",
    "x",
    "y",
    "source_frame",
    "accuracy_m",
)
_PLACE_FIELDS = {"x", "y", "source_frame", "accuracy_m"}


@dataclass(frozen=True)
class Outcome:
    """What became of one report: added, updated, unchanged or conflict."""

    kind: str
    issue_id: int
    changed_fields: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Placed:
    """Reports with their normalised places (degrees, EPSG:4490; NaN without coordinates)."""

    reports: Sequence[IssueReport]
    hashes: Sequence[str]
    lon: Floats
    lat: Floats

    def take(self, positions: Sequence[int]) -> "_Placed":
        return _Placed(
            [self.reports[i] for i in positions],
            [self.hashes[i] for i in positions],
            self.lon[list(positions)],
            self.lat[list(positions)],
        )


def take_in(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    reports: Sequence[IssueReport],
    *,
    is_updating: bool,
) -> list[Outcome | RowError]:
    """Store reports in the caller's transaction and say what became of each, in their order.

    The natural key (source, external_id) decides: new ones are added and assigned; the same
    content is ``unchanged``; other content is ``updated`` or, unless ``is_updating``, left alone as
    ``conflict``. A key that stands twice is taken in twice, in its order. A place that its frame
    cannot convert is a RowError, and nothing of that report is stored.
    """
    placed, refused = _placed(reports)
    outcomes: dict[int, Outcome | RowError] = {**refused}
    waiting = [i for i in range(len(reports)) if i not in refused]
    while waiting:
        first = _first_of_each_key(reports, waiting)
        taken = _take_in_once(workspace, connection, caller, placed.take(first), is_updating)
        outcomes |= dict(zip(first, taken, strict=True))
        waiting = [i for i in waiting if i not in outcomes]
    return [outcomes[i] for i in range(len(reports))]


def _first_of_each_key(reports: Sequence[IssueReport], waiting: Iterable[int]) -> list[int]:
    first: dict[tuple[str, str], int] = {}
    for i in waiting:
        first.setdefault((reports[i].source, reports[i].external_id), i)
    return list(first.values())


def _placed(reports: Sequence[IssueReport]) -> tuple[_Placed, dict[int, RowError]]:
    lon, lat = np.full(len(reports), np.nan), np.full(len(reports), np.nan)
    refused: dict[int, RowError] = {}
    by_frame: dict[str, list[int]] = {}
    for i, report in enumerate(reports):
        if report.source_frame is not None:
            by_frame.setdefault(report.source_frame, []).append(i)
    for name, positions in by_frame.items():
        try:
            source_frame = parse_frame(name)
        except InvalidInput as error:
            refusal = _frame_refusal(error)
            refused |= dict.fromkeys(positions, refusal)
            continue
        x = np.array([reports[i].x for i in positions], dtype=np.float64)
        y = np.array([reports[i].y for i in positions], dtype=np.float64)
        fits = are_inside(x=x, y=y, source_frame=source_frame)
        chosen = np.array(positions)[fits]
        lon[chosen], lat[chosen] = to_storage(x=x[fits], y=y[fits], source_frame=source_frame)
        outside = RowError(
            "x, y", f"超出 {source_frame} 的适用范围", f"outside the area of use of {source_frame}"
        )
        refused |= dict.fromkeys(np.array(positions)[~fits].tolist(), outside)
    return _Placed(reports, [content_hash(report) for report in reports], lon, lat), refused


def _frame_refusal(error: InvalidInput) -> RowError:
    if isinstance(error, UnknownFrame):  # its sentence would repeat the cell
        return RowError(
            "frame",
            "不认识的坐标系：请用 EPSG 编号、GCJ02 或 BD09",
            "unknown frame: use an EPSG code, GCJ02 or BD09",
        )
    return RowError("frame", error.text("zh"), error.text("en"))


def _take_in_once(
    workspace: Workspace, connection: Transaction, caller: Caller, batch: _Placed, is_updating: bool
) -> list[Outcome]:
    keys = [(report.source, report.external_id) for report in batch.reports]
    known = issues.known_hashes(connection, keys)
    new = [i for i, key in enumerate(keys) if key not in known]
    other = [i for i, key in enumerate(keys) if key in known and known[key][1] != batch.hashes[i]]
    ids = [known[keys[i]][0] for i in other]
    added = _add(workspace, connection, caller, batch.take(new))
    changed = _change(
        workspace, connection, caller, batch.take(other), ids, is_updating=is_updating
    )
    outcomes = {i: Outcome(ADDED, row_id) for i, row_id in zip(new, added, strict=True)}
    outcomes |= dict(zip(other, changed, strict=True))
    return [outcomes.get(i) or Outcome(UNCHANGED, known[key][0]) for i, key in enumerate(keys)]


def _add(
    workspace: Workspace, connection: Transaction, caller: Caller, batch: _Placed
) -> list[int]:
    now = datetime.fromtimestamp(int(workspace.now_s()), UTC)
    ids = issues.add_issues(connection, _rows(batch))
    issues.add_texts(connection, _texts(ids, batch))
    issues.add_events(
        connection,
        [
            row
            for row_id, report in zip(ids, batch.reports, strict=True)
            for row in event_rows(workspace, caller, row_id, events_of(report, now=now))
        ],
    )
    issues.add_assignments(connection, _assignments(workspace, connection, ids, batch))
    return ids


def _change(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    batch: _Placed,
    ids: Sequence[int],
    *,
    is_updating: bool,
) -> list[Outcome]:
    """Update stored issues whose content is another, or say which fields differ."""
    stored = issues.stored_reports(connection, ids)
    before = [_report(stored[row_id]) for row_id in ids]
    differences = [
        tuple(changed_fields(old, new)) for old, new in zip(before, batch.reports, strict=True)
    ]
    # hashes also differ where nothing does: 0.0 and -0.0, or a hash that an older version wrote
    kinds = [(UPDATED if is_updating else CONFLICT) if each else UNCHANGED for each in differences]
    at = [i for i, kind in enumerate(kinds) if kind == UPDATED]
    if at:
        chosen = [ids[i] for i in at]
        _update(workspace, connection, caller, batch.take(at), chosen, [before[i] for i in at])
    return [Outcome(*each) for each in zip(kinds, ids, differences, strict=True)]


def _update(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    batch: _Placed,
    ids: Sequence[int],
    before: Sequence[IssueReport],
) -> None:
    now = datetime.fromtimestamp(int(workspace.now_s()), UTC)
    states = issues.last_states(connection, ids)
    rows = [{"id": row_id, **row} for row_id, row in zip(ids, _rows(batch), strict=True)]
    issues.update_issues(connection, rows)
    issues.replace_texts(connection, _texts(ids, batch))
    issues.add_events(
        connection,
        [
            row
            for row_id, old, new in zip(ids, before, batch.reports, strict=True)
            for row in event_rows(
                workspace, caller, row_id, events_between(old, new, now=now), start=states[row_id]
            )
        ],
    )
    moved = [i for i, old in enumerate(before) if _is_relocated(old, batch.reports[i])]
    issues.replace_assignments(
        connection,
        _assignments(workspace, connection, [ids[i] for i in moved], batch.take(moved)),
    )


def _is_relocated(old: IssueReport, new: IssueReport) -> bool:
    """Whether an issue lies elsewhere, or is open again on boundaries that changed meanwhile."""
    is_reopened = old.status != new.status and new.status == OPEN
    return is_reopened or not _PLACE_FIELDS.isdisjoint(changed_fields(old, new))


def _assignments(
    workspace: Workspace, connection: Transaction, ids: Sequence[int], batch: _Placed
) -> list[dict[str, Any]]:
    """Locate open issues on the edition in force, closed ones on that of their report."""
    if not ids:
        return []
    now_s = workspace.now_s()
    known = editions.all_editions(connection)
    moments_s = np.array(
        [
            now_s if report.status == OPEN else epoch_s(report.reported_at)
            for report in batch.reports
        ],
        dtype=np.int64,
    )
    numbers = governing_numbers(known, moments_s, now_s=now_s)
    rows: list[dict[str, Any]] = []
    for number in np.unique(numbers).tolist():
        at = np.flatnonzero(numbers == number)
        chosen = [ids[i] for i in at.tolist()]
        if number == 0:
            rows += unassigned_rows(list(workspace.layers.families), chosen)
            continue
        edition = next(edition for edition in known if edition.number == number)
        locator = workspace.locator(connection, edition)
        rows += assignment_rows(
            connection, locator, edition, ids=chosen, lon=batch.lon[at], lat=batch.lat[at]
        )
    return rows


def _rows(batch: _Placed) -> list[dict[str, Any]]:
    return [
        {
            **{name: getattr(report, name) for name in _COLUMNS},
            "content_hash": digest,
            "reported_at_s": epoch_s(report.reported_at),
            "closed_at_s": epoch_s(report.closed_at) if report.closed_at else None,
            "lon": None if np.isnan(lon) else lon,
            "lat": None if np.isnan(lat) else lat,
        }
        for report, digest, lon, lat in zip(
            batch.reports, batch.hashes, batch.lon.tolist(), batch.lat.tolist(), strict=True
        )
    ]


def _texts(ids: Sequence[int], batch: _Placed) -> list[tuple[int, str | None, str | None]]:
    return [
        (row_id, report.description, report.address)
        for row_id, report in zip(ids, batch.reports, strict=True)
    ]


def _report(row: dict[str, Any]) -> IssueReport:
    closed_at_s = row["closed_at_s"]
    return IssueReport(
        **{name: row[name] for name in _COLUMNS},
        reported_at=datetime.fromtimestamp(row["reported_at_s"], UTC),
        closed_at=None if closed_at_s is None else datetime.fromtimestamp(closed_at_s, UTC),
        description=row["description"],
        address=row["address"],
    )
