"""A ticket list from a file: every row is stored or stands in the reject file with its reason."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from geo_service.errors import (
    ImportInterrupted,
    StorageUnavailable,
    UnreadableFile,
)
from geo_service.governance.handling.listed import ANSWERS
from geo_service.governance.issue import TOLD_BESIDE, RowError
from geo_service.layers.addresses.hit import ONE
from geo_service.layers.files import file_hash
from geo_service.services.callers import Caller
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.issues.files.progress import ListProgress, list_hash
from geo_service.services.issues.files.reader import open_list
from geo_service.services.issues.files.reading import ListToRead, Reading, ReadRow
from geo_service.services.issues.files.report import IssueFileReport, ToldWord
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
from geo_service.services.issues.plans.plan import Planned
from geo_service.services.issues.prepared import PreparedReport
from geo_service.services.lists.rejections import Rejection, rejections_of
from geo_service.services.workspaces import Workspace

OnProgress: TypeAlias = Callable[[int, float | None], None]

ROWS_A_TRANSACTION = 10_000
"""So many rows become visible together; after a crash the same file continues behind them."""

_READING = 3
"""Another number when rows of the same file would be read otherwise: then no import goes on."""


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
    now = datetime.fromtimestamp(workspace.now_s(), UTC)
    asked = ListToRead(path, options, workspace.profile, workspace.deadlines, now)
    with open_list(asked) as reading:
        key = key_of_list(workspace, caller, path, options)
        progress = ListProgress(workspace, path.name, key, is_anew=options.is_anew)
        # closed whatever happens: an error would keep it, and with it the file, until a collection
        with closing(reading.rows(after=progress.continued_after)) as rows, without_collections():
            while chunk := _next_rows(rows, progress.rows):
                _take(workspace, caller, chunk, progress, is_updating=options.is_updating)
                on_progress(progress.rows, reading.share_read)
                if len(chunk) < ROWS_A_TRANSACTION:
                    break
    _finish(progress)
    return file_report(workspace, path, reading, progress)


def file_report(
    workspace: Workspace, path: Path, reading: Reading, progress: ListProgress
) -> IssueFileReport:
    """Return what became of a list whose rows are all read."""
    counts = progress.counts
    return IssueFileReport(
        file=path.name,
        encoding=reading.encoding,
        notes=reading.notes,
        columns=reading.columns,
        rows=counts["rows"],
        added=counts[ADDED],
        updated=counts[UPDATED],
        unchanged=counts[UNCHANGED],
        rejections=sorted(progress.rejections, key=lambda rejection: rejection.row),
        without_coordinates=counts["without_coordinates"],
        located_by_address=counts["located_by_address"],
        without_category=counts["without_category"],
        told=_told_words(workspace, counts),
        frame_warnings=progress.watch.warnings(workspace),
        continued_after=progress.continued_after,
    )


def _told_words(workspace: Workspace, counts: Mapping[str, int]) -> list[ToldWord]:
    """Return how many rows told each word of a follow-up, and how pressing they are."""
    words = {"condition": tuple(workspace.profile.workflow.conditions.values()), **ANSWERS}
    found = (
        ToldWord(name, word, counts[f"{name}={word.name}"])
        for name, known in words.items()
        for word in known
    )
    return [each for each in found if each.rows]


def _next_rows(rows: Iterator[ReadRow], rows_done: int) -> list[ReadRow]:
    try:
        return list(islice(rows, ROWS_A_TRANSACTION))
    except UnreadableFile as error:
        if not rows_done:
            raise
        raise UnreadableFile(
            error.where,
            f"{error.reason_zh}。前 {rows_done} 行已处理完毕并保留",
            f"{error.reason_en}. The first {rows_done} rows are done and stay",
        ) from error


def told_places(reports: Iterable[PreparedReport]) -> Iterator[tuple[str, float, float]]:
    """Yield frame, x and y of reports as their sources told them."""
    for report in (each.report for each in reports):
        if report.source_frame is not None and report.x is not None and report.y is not None:
            yield report.source_frame, report.x, report.y


def key_of_list(workspace: Workspace, caller: Caller, path: Path, options: IssueFileOptions) -> str:
    """Return what tells one import from another."""
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
    chunk: Sequence[ReadRow],
    progress: ListProgress,
    *,
    is_updating: bool,
) -> None:
    """Store a chunk of a list, and with it how far the list has come."""
    load_kernels()
    good = [(number, item) for number, item in chunk if isinstance(item, PreparedReport)]
    reports = [report for _, report in good]
    progress.watch.add_places(told_places(reports))
    state = None
    with _interrupted(progress.rows), workspace.database.write() as connection:
        outcomes = take_in(workspace, connection, caller, reports, is_updating=is_updating)
        refused, counts = judged_rows(good, outcomes)
        rejections = [*rejections_of(chunk), *refused]
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


def judged_rows(
    good: Sequence[tuple[int, PreparedReport]], outcomes: Sequence[Outcome | Planned | RowError]
) -> tuple[list[Rejection], Counter[str]]:
    """Return the refused rows of a chunk, and counts of the others by what became of them."""
    rejections = []
    counts: Counter[str] = Counter()
    for (number, made), outcome in zip(good, outcomes, strict=True):
        if isinstance(outcome, RowError):
            rejections.append(Rejection.of(number, outcome))
            continue
        if outcome.kind == CONFLICT:
            names = outcome.changed_fields
            zh = f"已存在，但这些字段不同：{'、'.join(names)}"
            en = f"exists with other content in {', '.join(names)}"
            rejections.append(Rejection(number, "external_id", zh, en))
            continue
        counts[outcome.kind] += 1
        counts["without_coordinates"] += made.report.x is None
        counts["located_by_address"] += outcome.place == ONE
        counts["without_category"] += made.report.category_major is None
        told = {name: getattr(made.report, name) for name in TOLD_BESIDE}
        counts.update(f"{name}={word}" for name, word in told.items() if word is not None)
    return rejections, counts
