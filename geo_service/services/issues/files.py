"""A ticket list from a file: every row is stored or stands in the reject file with its reason."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from geo_service.governance.headings import Columns, issue_columns
from geo_service.governance.issue import IssueReport, RowError, read_report
from geo_service.layers.files import RowProblem, read_rows, write_csv
from geo_service.layers.frames import parse_frame
from geo_service.services.callers import Caller
from geo_service.services.issues.intake import ADDED, CONFLICT, UNCHANGED, UPDATED, take_in
from geo_service.services.workspaces import Workspace

ROWS_A_TRANSACTION = 10_000
"""So many rows become visible together; after a crash the same file continues where it was."""


@dataclass(frozen=True)
class IssueFileOptions:
    """How to read a ticket list; None leaves it to the file."""

    source: str | None = None
    frame: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    is_updating: bool = True


@dataclass(frozen=True)
class Rejection:
    """One row that was not taken: its number, the field and the reason, never the cell."""

    row: int
    field: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class IssueFileReport:
    """What became of the rows of one file; the counts add up to ``rows``."""

    file: str
    encoding: str | None
    notes: Sequence[tuple[str, str]]
    columns: Columns
    rows: int
    added: int
    updated: int
    unchanged: int
    rejections: list[Rejection]
    without_coordinates: int
    without_category: int


def import_issues(
    workspace: Workspace,
    caller: Caller,
    path: Path,
    options: IssueFileOptions,
    *,
    on_progress: Callable[[int], None] = lambda _rows: None,
) -> IssueFileReport:
    """Take a ticket list in; ``on_progress`` hears the number of rows done.

    Raises
    ------
    UnreadableFile, EmptyInput, UnknownColumn, UnknownFrame
        The file as a whole cannot be used; nothing was stored.
    """
    frame = parse_frame(options.frame) if options.frame else None
    rows = read_rows(path, sheet=options.sheet)
    columns = issue_columns([h for h in rows.headings if h], overrides=options.columns)
    counts: Counter[str] = Counter()
    rejections: list[Rejection] = []
    reading = _read(workspace, iter(rows), columns, options, frame)
    while chunk := list(islice(reading, ROWS_A_TRANSACTION)):
        good = [(number, item) for number, item in chunk if isinstance(item, IssueReport)]
        rejections += [
            Rejection(number, item.field, item.reason_zh, item.reason_en)
            for number, item in chunk
            if isinstance(item, RowError)
        ]
        rejections += _take(workspace, caller, good, counts, is_updating=options.is_updating)
        counts["rows"] += len(chunk)
        on_progress(counts["rows"])
    return IssueFileReport(
        file=path.name,
        encoding=rows.encoding,
        notes=rows.notes,
        columns=columns,
        rows=counts["rows"],
        added=counts[ADDED],
        updated=counts[UPDATED],
        unchanged=counts[UNCHANGED],
        rejections=sorted(rejections, key=lambda rejection: rejection.row),
        without_coordinates=counts["without_coordinates"],
        without_category=counts["without_category"],
    )


def write_rejections(path: Path, report: IssueFileReport) -> None:
    """Write the rejected rows as CSV: row number, field, reason in both languages."""
    write_csv(
        path,
        headings=["行号 row", "字段 field", "原因", "reason"],
        rows=[(r.row, r.field, r.reason_zh, r.reason_en) for r in report.rejections],
    )


def _read(
    workspace: Workspace,
    rows: Iterator[tuple[int, Mapping[str, Any] | RowProblem]],
    columns: Columns,
    options: IssueFileOptions,
    frame: str | None,
) -> Iterator[tuple[int, IssueReport | RowError]]:
    now = datetime.fromtimestamp(workspace.now_s(), UTC)
    fields = list(columns.heading_by_field.items())
    for number, row in rows:
        if isinstance(row, RowProblem):
            yield number, RowError("*", row.reason_zh, row.reason_en)
            continue
        yield (
            number,
            read_report(
                {name: row.get(heading) for name, heading in fields},
                profile=workspace.profile,
                now=now,
                default_source=options.source,
                default_frame=frame,
            ),
        )


def _take(
    workspace: Workspace,
    caller: Caller,
    good: list[tuple[int, IssueReport]],
    counts: Counter[str],
    *,
    is_updating: bool,
) -> list[Rejection]:
    with workspace.database.write() as connection:
        outcomes = take_in(
            workspace,
            connection,
            caller,
            [report for _, report in good],
            is_updating=is_updating,
        )
    rejections = []
    for (number, report), outcome in zip(good, outcomes, strict=True):
        if isinstance(outcome, RowError):
            rejections.append(
                Rejection(number, outcome.field, outcome.reason_zh, outcome.reason_en)
            )
            continue
        if outcome.kind == CONFLICT:
            names = "、".join(outcome.changed_fields)
            zh, en = f"已存在且内容不同：{names}", f"exists with other content: {names}"
            rejections.append(Rejection(number, "external_id", zh, en))
            continue
        counts[outcome.kind] += 1
        counts["without_coordinates"] += report.x is None
        counts["without_category"] += report.category_major is None
    return rejections
