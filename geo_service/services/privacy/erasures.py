"""Erasing what is private of issues, because somebody asks or because its time is over.

What an issue counts for stays: its owner, category, times, and every event. What was typed, its
address, its exact place and its photos go, and do not come back with the next list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from typing import Any

import numpy as np

from geo_service.errors import IssueNotFound
from geo_service.governance.event import ERASED, PRIVATE_FIELDS, TOLD_BY_SOURCE, Event, life_told
from geo_service.governance.issue import OPEN, IssueReport, content_hash
from geo_service.governance.privacy.erasure import (
    RETENTION,
    erased_payload,
    reason_named,
    without_private,
)
from geo_service.services.attachments.leftovers import remove_leftovers, remove_unneeded
from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.issues.events import EventRows, states_from
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.issues.relocations import reassign, relocate_if_due
from geo_service.services.issues.told import stored_report
from geo_service.services.privacy.coarsening import coarse_places
from geo_service.services.workspaces import Workspace
from geo_service.storage import (
    attachments,
    erasures,
    idempotency,
    issues,
    list_imports,
    place_matches,
)
from geo_service.storage.databases import Transaction
from geo_service.storage.erasures import EmptiedRow
from geo_service.storage.issue_queries import Places

_HIGHEST_ID = 2**63 - 1
_DAY_S = 86_400
AT_ONCE = 500
"""So many are erased in one transaction; nobody waits long for it."""


@dataclass(frozen=True)
class Erasure:
    """What was erased of one issue: the fields by name, and how many photos.

    ``is_replayed`` where nothing was left to erase.
    """

    issue_id: int
    erased_at_s: int
    fields: tuple[str, ...]
    attachments: int
    is_replayed: bool = False


class ErasureService:
    """What is private of issues, taken away."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._reached_s: int | None = None

    def erase(self, caller: Caller, issue_id: int, reason: str) -> Erasure:
        """Erase what is private of one issue, open or closed; a second time is replayed.

        Raises
        ------
        IssueNotFound
            There is no such issue.
        InvalidValue
            A reason that is none of the list.
        AttachmentsUnwritable
            The folder of photos belongs to another database.
        """
        why = reason_named(reason)
        self._workspace.attachments.check_owner()
        load_kernels()
        with self._workspace.database.write() as connection:
            workspace = self._workspace.standing_still()
            is_key = 0 < issue_id <= _HIGHEST_ID
            stored = issues.stored_reports(connection, [issue_id] if is_key else [])
            if not stored:
                raise IssueNotFound(id=str(issue_id))
            photos = attachments.attachments_of(connection, issue_id)
            erased_at_s = stored[issue_id]["erased_at_s"]
            if erased_at_s is not None and not photos:
                return Erasure(issue_id, erased_at_s, (), 0, is_replayed=True)
            [done], hashes = _erase(workspace, connection, caller, [issue_id], why)
            idempotency.forget_answers_about(connection, [issue_id])
        self._let_go(hashes)
        return done

    def expire(self, caller: Caller, *, most: int = AT_ONCE) -> int:
        """Erase issues whose time is over, the oldest ones, and return how many."""
        closed_before_s = self._closed_before_s()
        if closed_before_s is None:
            return 0
        from_s, self._reached_s = self._reached_s, None
        with self._workspace.database.read() as connection:  # most of the time that is all
            is_due = erasures.expired(
                connection, closed_before_s=closed_before_s, from_s=from_s, limit=1
            )
        if not is_due:
            return 0 if from_s is None else self.expire(caller, most=most)
        self._workspace.attachments.check_owner()
        load_kernels()
        with self._workspace.database.write() as connection:
            due = erasures.expired(
                connection, closed_before_s=closed_before_s, from_s=from_s, limit=most
            )
            workspace = self._workspace.standing_still()
            ids = [row_id for row_id, _ in due]
            _, hashes = _erase(workspace, connection, caller, ids, RETENTION)
        self._reached_s = due[-1][1] if len(due) == most else None
        self._let_go(hashes)
        return len(ids)

    def count_expired(self, _caller: Caller) -> int:
        """Return how many issues have what is private though their time is over."""
        closed_before_s = self._closed_before_s()
        if closed_before_s is None:
            return 0
        with self._workspace.database.read() as connection:
            return erasures.count_expired(connection, closed_before_s=closed_before_s)

    def tidy(self) -> int:
        """Let go of what is kept for some days only, and of files nobody names; return how many.

        These are answers to repeated requests, lists whose import was broken off, and files.
        """
        now_s = int(self._workspace.now_s())
        with self._workspace.database.read() as connection:  # most of the time that is all
            is_due = idempotency.has_expired(connection, now_s=now_s)
            is_due = is_due or list_imports.has_old(connection, now_s=now_s)
        if is_due:
            with self._workspace.database.write() as connection:
                idempotency.forget_expired(connection, now_s=now_s)
                list_imports.forget_old(connection, now_s=now_s)
        return remove_leftovers(self._workspace)

    def compact(self, _caller: Caller) -> None:
        """Write the database anew, so that nothing that was erased is left in its files."""
        self._workspace.database.compact()

    def _closed_before_s(self) -> int | None:
        days = self._workspace.profile.privacy.retention_days
        return int(self._workspace.now_s()) - days * _DAY_S if days else None

    def _let_go(self, hashes: Sequence[str]) -> None:
        remove_unneeded(self._workspace, hashes)
        self._workspace.database.empty_log()


def _erase(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    ids: Sequence[int],
    reason: str,
) -> tuple[list[Erasure], list[str]]:
    """Erase some issues, and return what was erased of each and the hashes of their photos."""
    relocate_if_due(workspace, connection, SCHEDULE)
    stored = issues.stored_reports(connection, ids)
    reports = {row_id: stored_report(stored[row_id], {}) for row_id in ids}
    fresh = [row_id for row_id in ids if stored[row_id]["erased_at_s"] is None]
    photos = attachments.remove_attachments(connection, ids)
    now = datetime.fromtimestamp(int(workspace.now_s()), UTC)
    at_s = int(now.timestamp())
    _empty(workspace, connection, fresh, stored, at_s=at_s)
    events = EventRows(workspace)
    states = states_from(issues.last_states(connection, ids))
    done = []
    for row_id in ids:
        fields = tuple(_held(reports[row_id]))
        count = sum(photo.issue_id == row_id for photo in photos)
        payload = erased_payload(reason, fields, count)
        events.add(caller, row_id, [Event(ERASED, now, payload)], start=states[row_id])
        done.append(Erasure(row_id, at_s, fields, count))
    issues.add_events(connection, events.rows)
    _locate_open(workspace, connection, caller, [i for i in fresh if reports[i].status == OPEN])
    return done, sorted({photo.hash for photo in photos})


def _held(report: IssueReport) -> list[str]:
    return [
        name
        for name in IssueReport._fields
        if name in PRIVATE_FIELDS and getattr(report, name) is not None
    ]


def _empty(
    workspace: Workspace,
    connection: Transaction,
    ids: Sequence[int],
    stored: dict[int, dict[str, Any]],
    *,
    at_s: int,
) -> None:
    places = _places(ids, stored)
    edition = workspace.governing(connection)
    lon = lat = np.full(len(ids), np.nan)
    if edition is not None:
        lon, lat = coarse_places(workspace.locator(connection, edition), places)
    told = issues.told_of(connection, ids, kinds=TOLD_BY_SOURCE)
    states = issues.last_states(connection, ids)
    rows = [
        EmptiedRow(
            row_id,
            None if isnan(x) else x,
            None if isnan(y) else y,
            content_hash(
                without_private(
                    _as_told(stored_report(stored[row_id], states[row_id]), told[row_id])
                )
            ),
        )
        for row_id, x, y in zip(ids, lon.tolist(), lat.tolist(), strict=True)
    ]
    erasures.empty_issues(connection, rows, at_s=at_s)
    place_matches.erase_matches(connection, ids)


def _as_told(report: IssueReport, told: Iterable[tuple[str, Mapping[str, Any]]]) -> IssueReport:
    """Return a report as its source told it last, whatever was done here since."""
    status, closed_at = life_told(told)
    return report._replace(
        status=status, closed_at=None if closed_at is None else datetime.fromisoformat(closed_at)
    )


def _places(ids: Sequence[int], stored: dict[int, dict[str, Any]]) -> Places:
    columns = (
        np.array([stored[row_id][name] for row_id in ids], dtype=np.float64)
        for name in ("lon", "lat", "accuracy_m")
    )
    return Places(np.array(ids, dtype=np.int64), *columns)


def _locate_open(
    workspace: Workspace, connection: Transaction, caller: Caller, ids: Sequence[int]
) -> None:
    """Let open issues have their owner by where they are now, as any open issue has."""
    edition = workspace.governing(connection)
    if ids and edition is not None:
        places = _places(ids, issues.stored_reports(connection, ids))
        reassign(workspace, connection, caller, edition, places)
