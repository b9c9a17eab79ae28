"""A ticket list from a file: every row is stored or stands in the reject file with its reason."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from geo_service.errors import (
    ImportInterrupted,
    InvalidValue,
    StorageUnavailable,
    UnreadableFile,
)
from geo_service.governance.headings import Columns, issue_columns
from geo_service.governance.issue import IssueReport, RowError, read_report
from geo_service.governance.personal import heading_words
from geo_service.layers.files import RowProblem, read_rows, write_csv
from geo_service.layers.frame_evidence import PointEvidence
from geo_service.layers.frames import parse_frame
from geo_service.services.callers import Caller
from geo_service.services.frames.watch import FrameWatch
from geo_service.services.issues.intake import ADDED, CONFLICT, UNCHANGED, UPDATED, take_in
from geo_service.services.issues.kernels import load_kernels
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
    frame_warnings: Sequence[PointEvidence] = ()


def _unreadable(chunk: Iterable[tuple[int, IssueReport | RowError]]) -> list[Rejection]:
    return [
        Rejection(number, item.field, item.reason_zh, item.reason_en)
        for number, item in chunk
        if isinstance(item, RowError)
    ]


@contextmanager
def _without_collections() -> Iterator[None]:
    """Leave cycles uncollected meanwhile: rows make none, and looking takes a seventh of the time.

    Whoever finishes first among several imports at once switches collection on again for all.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
        The file cannot be used; nothing was stored, or the reason says how many rows were.
    StorageUnavailable, ImportInterrupted
        The database went away before anything, or after so many rows, were stored.
    """
    frame = parse_frame(options.frame) if options.frame else None
    rows = read_rows(path, sheet=options.sheet)
    columns = issue_columns([h for h in rows.headings if h], overrides=options.columns)
    counts: Counter[str] = Counter()
    rejections: list[Rejection] = []
    watch = FrameWatch()
    reading = _read(workspace, iter(rows), columns, options, frame)
    with _without_collections():
        while chunk := _next_rows(reading, counts["rows"]):
            good = [(number, item) for number, item in chunk if isinstance(item, IssueReport)]
            rejections += _unreadable(chunk)
            rejections += _take(workspace, caller, good, counts, is_updating=options.is_updating)
            watch.add_places(_places(report for _, report in good))
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
        frame_warnings=watch.warnings(workspace),
    )


def named_columns(given: Sequence[str], *, where: str) -> dict[str, str]:
    """Return field → heading of texts such as ``external_id=工单号``.

    Raises
    ------
    InvalidValue
        A text of another form, or a field that no issue has.
    """
    pairs = [text.partition("=") for text in given]
    fields = heading_words()["issue"]
    if not all(field in fields and heading for field, _, heading in pairs):
        known = "、".join(fields)
        raise InvalidValue(
            where,
            f"字段=列名，如 external_id=工单号；字段有 {known}",
            f"field=heading, such as external_id=工单号; the fields are {', '.join(fields)}",
        )
    return {field: heading for field, _, heading in pairs}


def report_json(report: IssueFileReport, language: str, *, listed: int) -> dict[str, Any]:
    """Return the report as values that JSON can hold, with the first ``listed`` rejections."""
    return {
        "file": report.file,
        "encoding": report.encoding,
        "notes": [note[1 if language == "en" else 0] for note in report.notes],
        "columns": dict(report.columns.heading_by_field),
        "guessed_columns": list(report.columns.guessed),
        "ambiguous_columns": {k: list(v) for k, v in report.columns.ambiguous.items()},
        "dropped_columns": list(report.columns.dropped),
        "times_without_a_zone": "Asia/Shanghai",
        "rows": report.rows,
        "counts": {
            ADDED: report.added,
            UPDATED: report.updated,
            UNCHANGED: report.unchanged,
            "rejected": len(report.rejections),
        },
        "without_coordinates": report.without_coordinates,
        "without_category": report.without_category,
        "frame_warnings": [
            {**vars(each), "text": each.text(language)} for each in report.frame_warnings
        ],
        "rejections": [
            {"row": r.row, "field": r.field, "reason": {"zh": r.reason_zh, "en": r.reason_en}}
            for r in report.rejections[:listed]
        ],
        "rejections_left_out": len(report.rejections[listed:]),
    }


def write_rejections(path: Path, report: IssueFileReport) -> None:
    """Write the rejected rows as CSV: row number, field, reason in both languages."""
    write_csv(
        path,
        headings=["行号 row", "字段 field", "原因", "reason"],
        rows=[(r.row, r.field, r.reason_zh, r.reason_en) for r in report.rejections],
    )


def _next_rows(
    reading: Iterator[tuple[int, IssueReport | RowError]], rows_done: int
) -> list[tuple[int, IssueReport | RowError]]:
    try:
        return list(islice(reading, ROWS_A_TRANSACTION))
    except UnreadableFile as error:
        if not rows_done:
            raise
        raise UnreadableFile(
            error.where,
            f"{error.reason_zh}。前 {rows_done} 行已处理完毕并保留",
            f"{error.reason_en}. The first {rows_done} rows are done and stay",
        ) from error


def _places(reports: Iterable[IssueReport]) -> Iterator[tuple[str, float, float]]:
    for report in reports:
        if report.source_frame is not None and report.x is not None and report.y is not None:
            yield report.source_frame, report.x, report.y


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
    load_kernels()
    reports = [report for _, report in good]
    try:
        with workspace.database.write() as connection:
            outcomes = take_in(workspace, connection, caller, reports, is_updating=is_updating)
    except StorageUnavailable as error:
        if not counts["rows"]:
            raise
        raise ImportInterrupted(error.reason, counts["rows"]) from error
    rejections = []
    for (number, report), outcome in zip(good, outcomes, strict=True):
        if isinstance(outcome, RowError):
            rejections.append(
                Rejection(number, outcome.field, outcome.reason_zh, outcome.reason_en)
            )
            continue
        if outcome.kind == CONFLICT:
            names = outcome.changed_fields
            zh = f"已存在，但这些字段不同：{'、'.join(names)}"
            en = f"exists with other content in {', '.join(names)}"
            rejections.append(Rejection(number, "external_id", zh, en))
            continue
        counts[outcome.kind] += 1
        counts["without_coordinates"] += report.x is None
        counts["without_category"] += report.category_major is None
    return rejections
