"""A ticket list from a file: every row is stored or stands in the reject file with its reason."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from geo_service.errors import (
    ImportInterrupted,
    StorageUnavailable,
    UnreadableFile,
)
from geo_service.governance.headings import Columns, issue_columns
from geo_service.governance.issue import IssueReport, RowError, read_report
from geo_service.layers.files import Row, RowProblem, Rows, file_hash, read_rows
from geo_service.layers.frames import parse_frame
from geo_service.services.callers import Caller
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.issues.files.progress import ListProgress, list_hash
from geo_service.services.issues.files.report import IssueFileReport, Rejection
from geo_service.services.issues.garbage import without_collections
from geo_service.services.issues.intake import (
    ADDED,
    CONFLICT,
    UNCHANGED,
    UPDATED,
    Outcome,
    take_in,
)
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.workspaces import Workspace

OnProgress: TypeAlias = Callable[[int, float | None], None]

ROWS_A_TRANSACTION = 10_000
"""So many rows become visible together; after a crash the same file continues behind them."""

_READING = 1
"""Another number when rows of the same file would be read otherwise: then no import goes on."""


def _unreadable(chunk: Iterable[tuple[int, IssueReport | RowError]]) -> list[Rejection]:
    return [
        Rejection(number, item.field, item.reason_zh, item.reason_en)
        for number, item in chunk
        if isinstance(item, RowError)
    ]


def import_issues(
    workspace: Workspace,
    caller: Caller,
    path: Path,
    options: IssueFileOptions,
    *,
    on_progress: OnProgress = lambda _rows, _share: None,
) -> IssueFileReport:
    """Take a ticket list in, or the rest of one whose import was broken off.

    ``on_progress`` hears the number of rows done, and the share of the file that was read where
    that is known.

    Raises
    ------
    UnreadableFile, EmptyInput, UnknownColumn, UnknownFrame
        The file cannot be used; nothing was stored, or the reason says how many rows were.
    StorageUnavailable, ImportInterrupted
        The database went away before anything, or after so many rows, were stored.
    ListUnderWay
        Another process imports the same list.
    """
    frame = parse_frame(options.frame) if options.frame else None
    rows = read_rows(path, sheet=options.sheet)
    columns = issue_columns([h for h in rows.headings if h], overrides=options.columns)
    key = _list_hash(workspace, caller, path, options)
    progress = ListProgress(workspace, path.name, key, is_anew=options.is_anew)
    reading = _read(workspace, _rest(rows, progress.continued_after), columns, options, frame)
    with without_collections():
        while chunk := _next_rows(reading, progress.rows):
            _take(workspace, caller, chunk, progress, is_updating=options.is_updating)
            on_progress(progress.rows, rows.share_read)
            if len(chunk) < ROWS_A_TRANSACTION:
                break
    _finish(progress)
    counts = progress.counts
    return IssueFileReport(
        file=path.name,
        encoding=rows.encoding,
        notes=rows.notes,
        columns=columns,
        rows=counts["rows"],
        added=counts[ADDED],
        updated=counts[UPDATED],
        unchanged=counts[UNCHANGED],
        rejections=sorted(progress.rejections, key=lambda rejection: rejection.row),
        without_coordinates=counts["without_coordinates"],
        without_category=counts["without_category"],
        frame_warnings=progress.watch.warnings(workspace),
        continued_after=progress.continued_after,
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


def _rest(rows: Rows, last_row: int | None) -> Iterator[Row]:
    """Yield the rows behind the one that an import had come to."""
    return (each for each in rows if last_row is None or each[0] > last_row)


def _list_hash(workspace: Workspace, caller: Caller, path: Path, options: IssueFileOptions) -> str:
    told = {
        "reading": _READING,
        "caller": caller.name,
        "ending": path.suffix.lower(),
        "source": options.source,
        "frame": options.frame,
        "sheet": options.sheet,
        "columns": dict(options.columns),
        "is_updating": options.is_updating,
    }
    return list_hash(file_hash(path), told, profile_hash=workspace.profile.hash)


def _take(
    workspace: Workspace,
    caller: Caller,
    chunk: Sequence[tuple[int, IssueReport | RowError]],
    progress: ListProgress,
    *,
    is_updating: bool,
) -> None:
    """Store a chunk of a list, and with it how far the list has come."""
    load_kernels()
    good = [(number, item) for number, item in chunk if isinstance(item, IssueReport)]
    reports = [report for _, report in good]
    progress.watch.add_places(_places(reports))
    state = None
    with _interrupted(progress.rows), workspace.database.write() as connection:
        outcomes = take_in(workspace, connection, caller, reports, is_updating=is_updating)
        refused, counts = _judged(good, outcomes)
        rejections = [*_unreadable(chunk), *refused]
        counts["rows"] = len(chunk)
        if len(chunk) < ROWS_A_TRANSACTION:
            progress.forget(connection)
        else:
            state = progress.keep(
                connection,
                last_row=chunk[-1][0],
                rows=len(chunk),
                counts=counts,
                rejections=rejections,
            )
    progress.count(state, counts, rejections)


def _finish(progress: ListProgress) -> None:
    with _interrupted(progress.rows):
        progress.finish()


@contextmanager
def _interrupted(rows_done: int) -> Iterator[None]:
    """Tell with a failure how many rows are stored."""
    try:
        yield
    except StorageUnavailable as error:
        if not rows_done:
            raise
        raise ImportInterrupted(error.reason, rows_done) from error


def _judged(
    good: Sequence[tuple[int, IssueReport]], outcomes: Sequence[Outcome | RowError]
) -> tuple[list[Rejection], Counter[str]]:
    rejections = []
    counts: Counter[str] = Counter()
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
    return rejections, counts
