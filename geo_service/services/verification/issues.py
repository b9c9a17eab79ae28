"""Issues: their histories add up, their content is what was hashed, their places were converted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import orjson

from geo_service.errors import InvalidInput
from geo_service.governance.event import TOLD_BY_SOURCE, life_told
from geo_service.governance.handling.dues import dues_of, runs_of
from geo_service.governance.history import ILLEGAL, OTHER_COLUMN, StoredEvent, faults
from geo_service.governance.issue import CLOSED, OPEN, TOLD_BESIDE, IssueReport, content_hash
from geo_service.layers.frames import are_inside, parse_frame, to_storage
from geo_service.services.addresses.matching import LOCATING
from geo_service.services.verification.assignments import AssignmentLaws
from geo_service.services.verification.findings import CheckReport
from geo_service.services.verification.handling.laws import HandlingLaws
from geo_service.services.verification.houses import House, Step
from geo_service.services.verification.privacy.photos import PhotoLaws
from geo_service.storage import verification_rows, verification_tables

_SAME_DEGREES = 1e-8
"""A millimeter: what another release of the conversions may move a place by."""
_PLAIN = (
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
    "description",
    "address",
)
_TOLD = tuple(name for name in _PLAIN if name not in ("title", "x", "y", "description", "address"))
_SIGNED = ("x", "y", "accuracy_m")


class IssueReports(NamedTuple):
    """Where to tell what is wrong: of histories, content, owners, photos, handling."""

    folds: CheckReport
    keys: CheckReport
    kept: CheckReport
    photos: CheckReport
    handled: CheckReport


def check_issues(house: House, reports: IssueReports, step: Step) -> None:
    """Check all issues with their events, assignments and photos, piece by piece."""
    folds, keys, kept, *_ = reports
    total, done = verification_tables.count_rows(house.connection, "issues"), 0
    laws, photo_laws = AssignmentLaws(house, kept), PhotoLaws(reports.photos)
    handling_laws = HandlingLaws(house, reports.handled)
    for piece in verification_rows.issue_pieces(house.connection):
        events = _by_issue(piece.events)
        assignments = _by_issue(piece.assignments)
        photos = _by_issue(piece.attachments)
        folds.cover(issues=len(piece.issues), events=len(piece.events))
        keys.cover(issues=len(piece.issues))
        kept.cover(issues=len(piece.issues), assignments=len(piece.assignments))
        for row in piece.issues:
            own, where = events.get(row.id, []), {"table": "issues", "id": row.id}
            with folds.going_on(where):
                _check_history(house, folds, row, own)
                _check_row(folds, row)
            photo_laws.check(row, own, photos.get(row.id, []))
            with keys.going_on(where):
                if row.content_hash not in _hashes(row, _told_life(row, own), _told_beside(own)):
                    keys.add("other_hash", where)
            laws.check(row, own, assignments.get(row.id, []))
        handling_laws.check(piece, events)
        _check_places(keys, piece.issues)
        step(done := done + len(piece.issues), total)


def check_answers(house: House, report: CheckReport) -> None:
    """Check that the answers kept for repeated requests can be given again."""
    for row in verification_rows.all_rows(house.connection, "idempotency_keys"):
        report.cover(answers=1)
        if parsed(row.answer) is None:
            report.add("bad_answer", {"table": "idempotency_keys", "id": f"{row.route} {row.key}"})


def parsed(text: str | None) -> Any:
    """Return what a JSON text holds; None where it holds nothing or is none."""
    try:
        return None if text is None else orjson.loads(text)
    except ValueError:
        return None


def _by_issue(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.issue_id, []).append(row)
    return found


def _check_history(house: House, report: CheckReport, issue: Any, rows: Sequence[Any]) -> None:
    """Check the events of one issue."""
    if not rows:
        report.add("no_event", {"table": "issues", "id": issue.id})
        return
    events = []
    for row in rows:
        where = {"table": "issue_events", "id": row.id, "issue": issue.id}
        if row.profile_hash not in house.stored_profiles:
            report.add("unknown_event_profile", where)
        payload, state = parsed(row.payload), parsed(row.state)
        if not (isinstance(payload, dict) and _is_state(state)):
            report.add("unreadable_event", where)
            return
        times = row.at_s, row.recorded_at_s
        events.append(StoredEvent(row.id, row.kind, *times, payload, state))
    kinds = {event.number: event.kind for event in events}
    for fault in faults(events, _columns(issue)):
        if fault.event is None:
            report.add(fault.kind, {"table": "issues", "id": issue.id}, column=fault.column)
            continue
        told = {"kind": kinds[fault.event]} if fault.kind == ILLEGAL else {}
        where = {"table": "issue_events", "id": fault.event, "issue": issue.id}
        report.add(fault.kind, where, **told)
    _check_dues(house, report, issue, events[-1])


def _check_dues(house: House, report: CheckReport, issue: Any, last: StoredEvent) -> None:
    try:
        runs = runs_of(last.state.get("deadlines", {}))
        dues = dues_of(runs, None)
        possible = {dues_of(runs, main) for main in house.main_deadlines}
    except (AttributeError, TypeError):
        report.add(
            "unreadable_event", {"table": "issue_events", "id": last.number, "issue": issue.id}
        )
        return
    for column in ("next_due_s", "is_provisional"):
        if getattr(issue, column) != getattr(dues, column):
            report.add(OTHER_COLUMN, {"table": "issues", "id": issue.id}, column=column)
    overdue = {(each.due_s, each.is_late) for each in possible}
    if overdue and (issue.due_s, issue.is_late) not in overdue:
        report.add(OTHER_COLUMN, {"table": "issues", "id": issue.id}, column="due_s, is_late")


def _is_state(state: Any) -> bool:
    return isinstance(state, dict) and {"status", "closed_at", "reopened"} <= state.keys()


def _columns(issue: Any) -> Mapping[str, Any]:
    """Return the plain values of an issue that its states tell too."""
    values = {name: getattr(issue, name) for name in _TOLD}
    values["reported_at"] = _iso(issue.reported_at_s)
    values["closed_at"] = _iso(issue.closed_at_s)
    return values


def _iso(moment_s: int | None) -> str | None:
    return None if moment_s is None else datetime.fromtimestamp(moment_s, UTC).isoformat()


def _check_row(report: CheckReport, issue: Any) -> None:
    where = {"table": "issues", "id": issue.id}
    if issue.status not in (OPEN, CLOSED):
        report.add("bad_status", where, value=issue.status)
    if issue.closed_at_s is not None and issue.closed_at_s < issue.reported_at_s:
        report.add("closed_before", where)


def _told_life(issue: Any, events: Sequence[Any]) -> tuple[str, datetime | None]:
    """Return status and closing time as the source told them last: steps since are no content.

    Those of the issue where no event tells; what is wrong with events is told elsewhere.
    """
    told = [(event.kind, parsed(event.payload)) for event in events if event.kind in TOLD_BY_SOURCE]
    if told and all(isinstance(payload, dict) for _, payload in told):
        status, closed_at = life_told(told)
        return status, _moment(closed_at)
    closed_at_s = issue.closed_at_s
    return issue.status, None if closed_at_s is None else datetime.fromtimestamp(closed_at_s, UTC)


def _told_beside(events: Sequence[Any]) -> Mapping[str, Any]:
    """Return what the source told last that no column is kept of."""
    state = parsed(events[-1].state) if events else None
    return {name: state.get(name) for name in TOLD_BESIDE} if isinstance(state, dict) else {}


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None


def _hashes(
    issue: Any, life: tuple[str, datetime | None], told: Mapping[str, Any]
) -> Iterator[str]:
    """Yield the hashes that the content of an issue may have; ``told`` is told beside its columns.

    A zero may have lost its sign in the database, and only the hash knows that it had one.
    """
    values = {name: getattr(issue, name) for name in _PLAIN} | dict(told)
    values["reported_at"] = datetime.fromtimestamp(issue.reported_at_s, UTC)
    values["status"], values["closed_at"] = life
    yield content_hash(IssueReport(**values))
    zeros = [name for name in _SIGNED if values[name] == 0]
    for signs in product((0.0, -0.0), repeat=len(zeros)):
        yield content_hash(IssueReport(**{**values, **dict(zip(zeros, signs, strict=True))}))


def _check_places(report: CheckReport, rows: Sequence[Any]) -> None:
    """Check the places against the coordinates as they were reported, frame by frame."""
    by_frame: dict[str | None, list[Any]] = {}
    for row in rows:
        if row.erased_at_s is not None:  # it lies where it was put, and nobody knows from where
            continue
        by_frame.setdefault(row.source_frame, []).append(row)
    for name, some in by_frame.items():
        for row, is_same in zip(some, _are_same(name, some), strict=True):
            if not is_same:
                report.add("other_place", {"table": "issues", "id": row.id})


def _are_same(frame: str | None, rows: Sequence[Any]) -> list[bool]:
    if frame is None:  # an address that means one place gave the point, or nothing did
        return [
            (row.lon is None) == (row.lat is None) == (row.match not in LOCATING) for row in rows
        ]
    try:
        source_frame = parse_frame(frame)
    except InvalidInput:
        return [False] * len(rows)
    x, y, lon, lat = (
        np.array([getattr(row, name) for row in rows], dtype=np.float64)
        for name in ("x", "y", "lon", "lat")
    )
    is_same = np.isfinite(x) & np.isfinite(y)
    is_same[is_same] = are_inside(x=x[is_same], y=y[is_same], source_frame=source_frame)
    found = to_storage(x=x[is_same], y=y[is_same], source_frame=source_frame)
    apart = np.maximum(np.abs(found[0] - lon[is_same]), np.abs(found[1] - lat[is_same]))
    is_same[is_same] = apart <= _SAME_DEGREES  # false for NaN
    return [bool(each) for each in is_same]
