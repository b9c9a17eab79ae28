"""Issues: taking them in one by one or in batches, listing them, writing them out."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from geo_service.errors import IssueNotFound, RefusedValue
from geo_service.governance.issue import IssueReport, RowError
from geo_service.governance.reports.reading import read_reports
from geo_service.services.addresses.waiting import places_told
from geo_service.services.callers import Caller
from geo_service.services.issues.files.imports import OnProgress, import_issues
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.issues.files.preview import ListPreview, preview_issues
from geo_service.services.issues.files.report import IssueFileReport
from geo_service.services.issues.garbage import without_collections
from geo_service.services.issues.intake import take_in
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.issues.overrides import owners_told
from geo_service.services.issues.prepared import PreparedReport, prepared
from geo_service.services.issues.recounts import recounted_ids
from geo_service.services.issues.singles.group_commit import GroupCommit
from geo_service.services.issues.singles.one_by_one import (
    Answer,
    Single,
    body_hash,
    replayed,
    take_in_singles,
    told_outcome,
)
from geo_service.services.workspaces import Workspace
from geo_service.storage import idempotency, issue_queries
from geo_service.storage.databases import Transaction
from geo_service.storage.idempotency import KeptAnswer, RequestKey
from geo_service.storage.issue_queries import IssueFilter

_EXPORT_CHUNK = 5_000
_HIGHEST_ID = 2**63 - 1


@dataclass(frozen=True)
class IssuePage:
    """Issues newest first, each with its assignments; ``next_after`` is None on the last page."""

    rows: list[dict[str, Any]]
    next_after: tuple[int, int] | None


class IssueService:
    """Issues of one house."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._singles: GroupCommit[Single, Answer] = GroupCommit(
            partial(take_in_singles, workspace)
        )

    def report(
        self,
        caller: Caller,
        cells: Mapping[str, Any],
        *,
        is_updating: bool,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Take one issue in; the answer says ``outcome`` and whether it was ``replayed``.

        It returns when the issue is committed; reports that come meanwhile share one commit.

        Raises
        ------
        RefusedValue
            A field cannot be read.
        NaturalKeyConflict
            The natural key is stored with other content, and updating was not asked for.
        IdempotencyConflict
            The Idempotency-Key was used for other content.
        StorageUnavailable
            It could not be committed; nothing was stored.
        """
        [report] = self._read([cells], self._now())
        if isinstance(report, RowError):
            raise RefusedValue(report.field, report.reason_zh, report.reason_en)

        request = hashed = None
        if idempotency_key:
            request = RequestKey(caller.name, "POST /issues", idempotency_key)
            hashed = body_hash([dict(cells), is_updating])
        load_kernels()
        return self._singles.take(Single(report, caller, is_updating, request, hashed or ""))

    def batch(
        self,
        caller: Caller,
        rows: Sequence[Mapping[str, Any] | RowError],
        *,
        is_updating: bool,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Take many issues in, in one transaction; every row reports its own result.

        A row that its door could not read comes as the RowError to report.
        """
        with without_collections():
            return self._batch(caller, rows, is_updating, idempotency_key)

    def _batch(
        self,
        caller: Caller,
        rows: Sequence[Mapping[str, Any] | RowError],
        is_updating: bool,
        idempotency_key: str | None,
    ) -> dict[str, Any]:
        read = self._prepared(rows)
        good = [report for report in read if isinstance(report, PreparedReport)]

        def take(connection: Transaction) -> dict[str, Any]:
            outcomes = iter(
                take_in(self._workspace, connection, caller, good, is_updating=is_updating)
            )
            results = [
                {"row": i, **told_outcome(item if isinstance(item, RowError) else next(outcomes))}
                for i, item in enumerate(read, start=1)
            ]
            return {"counts": _counts(results), "results": results}

        if not idempotency_key:
            load_kernels()
            with self._workspace.database.write() as connection:
                return take(connection)
        request = RequestKey(caller.name, "POST /issues/batch", idempotency_key)
        return self._once(request, body_hash([list(rows), is_updating]), take)

    def import_file(
        self,
        caller: Caller,
        path: Path,
        options: IssueFileOptions,
        *,
        on_progress: OnProgress = lambda _rows, _share: None,
    ) -> IssueFileReport:
        """Take a ticket list in, transaction by transaction of many rows."""
        return import_issues(self._workspace, caller, path, options, on_progress=on_progress)

    def preview_file(
        self,
        caller: Caller,
        path: Path,
        options: IssueFileOptions,
        *,
        on_progress: OnProgress = lambda _rows, _share: None,
    ) -> ListPreview:
        """Return what taking a ticket list in would make of it; nothing is stored."""
        return preview_issues(self._workspace, caller, path, options, on_progress=on_progress)

    def issue(self, _caller: Caller, issue_id: int) -> dict[str, Any]:
        """Return one issue with its assignments and events; raises IssueNotFound."""
        with self._workspace.database.read() as connection:
            is_key = 0 < issue_id <= _HIGHEST_ID
            rows = issue_queries.issues_by_id(connection, [issue_id] if is_key else [])
            if not rows:
                raise IssueNotFound(id=str(issue_id))
            found = self._with_assignments(connection, rows)[0]
            return {**found, "events": issue_queries.events_of_issue(connection, issue_id)}

    def issues(
        self,
        _caller: Caller,
        issue_filter: IssueFilter,
        *,
        basis: str = "recounted",
        after: tuple[int, int] | None = None,
        limit: int = 100,
    ) -> IssuePage:
        """Return a page of issues, newest first.

        With an area and basis ``recounted`` those located in it on the edition in force, with
        ``kept`` those assigned to it when they came in.
        """
        with self._workspace.database.read() as connection:
            rows = next(self._chunks(connection, issue_filter, basis, after, limit + 1), [])
            page = self._with_assignments(connection, rows[:limit])
        is_last = len(rows) <= limit
        last = page[-1] if page else None
        next_after = None if is_last or last is None else (last["reported_at_s"], last["id"])
        return IssuePage(page, next_after)

    def every_issue(
        self, _caller: Caller, issue_filter: IssueFilter, *, basis: str = "recounted"
    ) -> Iterator[dict[str, Any]]:
        """Yield every issue that the filter lets through, newest first, in bounded memory."""
        with self._workspace.database.read() as connection:
            for rows in self._chunks(connection, issue_filter, basis, None, _EXPORT_CHUNK):
                yield from self._with_assignments(connection, rows)

    def _chunks(
        self,
        connection: Transaction,
        issue_filter: IssueFilter,
        basis: str,
        after: tuple[int, int] | None,
        size: int,
    ) -> Iterator[Sequence[Any]]:
        """Yield the issues newest first, so many at a time."""
        if issue_filter.area is None or basis == "kept":
            while rows := issue_queries.issues_page(
                connection, issue_filter, after=after, limit=size
            ):
                yield rows
                after = (rows[-1]["reported_at_s"], rows[-1]["id"])
            return
        ids = recounted_ids(self._workspace, connection, issue_filter, after=after)
        for start in range(0, len(ids), size):
            yield issue_queries.issues_by_id(connection, ids[start : start + size])

    def _with_assignments(
        self, connection: Transaction, rows: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        kept = issue_queries.assignments_of(connection, [row["id"] for row in rows])
        ground_family = self._workspace.layers.ground_family
        places = places_told(connection, rows)
        told = []
        for row in rows:
            assignments = [_assignment(found) for found in kept.get(row["id"], [])]
            owners = owners_told(assignments, ground_family)
            told.append({**row, "assignments": assignments, **owners, **places[row["id"]]})
        return told

    def _prepared(
        self, rows: Sequence[Mapping[str, Any] | RowError]
    ) -> list[PreparedReport | RowError]:
        now = self._now()
        return prepared(self._read(rows, now), now=now, deadlines=self._workspace.deadlines)

    def _read(
        self, rows: Sequence[Mapping[str, Any] | RowError], now: datetime
    ) -> list[IssueReport | RowError]:
        return read_reports(
            rows,
            profile=self._workspace.profile,
            now=now,
            default_source=None,
            default_frame=None,
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._workspace.now_s(), UTC)

    def _once(
        self, request: RequestKey, hashed: str, take: Callable[[Transaction], Answer]
    ) -> Answer:
        """Do it, or give the answer that the same Idempotency-Key was given before."""
        load_kernels()
        now_s = int(self._workspace.now_s())
        with self._workspace.database.write() as connection:
            kept = idempotency.kept_answers(connection, [request], now_s=now_s).get(request)
            if kept is None:
                answer = take(connection)
                text = json.dumps(answer, ensure_ascii=False)
                kept_now = {request: KeptAnswer(hashed, text)}
                idempotency.keep_answers(connection, kept_now, now_s=now_s)
                return answer
        return replayed(request, kept, hashed)


def _assignment(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **found,
        "links": json.loads(found["links"] or "[]"),
        "candidates": json.loads(found["candidates"] or "null"),
        "overrides": json.loads(found["overrides"] or "[]"),
    }


def _counts(results: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    kinds = [result["outcome"] for result in results]
    return {
        kind: kinds.count(kind)
        for kind in ("added", "updated", "unchanged", "conflict", "rejected")
    }
