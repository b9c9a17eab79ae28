"""Issues that come one by one: many callers' in one transaction, each as if it came alone."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from geo_service.errors import (
    IdempotencyConflict,
    NaturalKeyConflict,
    RefusedValue,
    StorageUnavailable,
)
from geo_service.governance.issue import IssueReport, RowError
from geo_service.layers.addresses.hit import ONE
from geo_service.services.addresses.matching import BY_PLACE
from geo_service.services.callers import Caller
from geo_service.services.issues.intake import CONFLICT, UNCHANGED, Outcome, take_in_each
from geo_service.services.issues.prepared import prepared_reports
from geo_service.services.issues.told import Told
from geo_service.services.workspaces import Workspace
from geo_service.storage import idempotency
from geo_service.storage.databases import Transaction
from geo_service.storage.idempotency import KeptAnswer, RequestKey

Answer: TypeAlias = dict[str, Any]


class Single(NamedTuple):
    """One report, who told it and whether it may change what is stored.

    ``request`` is the one that it came with, None without Idempotency-Key.
    """

    report: IssueReport
    caller: Caller
    is_updating: bool
    request: RequestKey | None
    body_hash: str


def take_in_singles(
    workspace: Workspace, singles: Sequence[Single]
) -> Sequence[Answer | Exception]:
    """Store reports in one transaction; return each one's answer, or the error for its caller.

    What is stored and answered is what it would be had they come one after the other, in their
    order. Where the database is away none is stored; any other failure is found by taking them in
    each alone, and is told only to the one that causes it.
    """
    try:
        return _together(workspace, singles)
    except StorageUnavailable as error:
        return [type(error)(error.reason) for _ in singles]
    except Exception as error:  # noqa: BLE001  # whatever it is, it is one caller's alone
        if len(singles) == 1:
            return [error]
        return [answer for each in singles for answer in take_in_singles(workspace, [each])]


def body_hash(value: Any) -> str:
    """Return what tells another body under the same Idempotency-Key."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def replayed(request: RequestKey, kept: KeptAnswer, hashed: str) -> Answer:
    """Return the answer that a request was given before; raises IdempotencyConflict."""
    if kept.body_hash != hashed:
        raise IdempotencyConflict(key=request.key)
    return {**json.loads(kept.answer), "replayed": True}


def told_outcome(item: Outcome | RowError) -> Answer:
    """Return what became of a report as an answer tells it."""
    if isinstance(item, RowError):
        reason = {"zh": item.reason_zh, "en": item.reason_en}
        return {"outcome": "rejected", "field": item.field, "reason": reason}
    kind, issue_id, changed_fields, place = item
    told: Answer = {"outcome": kind, "id": issue_id, "replayed": kind == UNCHANGED}
    if place is not None:
        told |= {"located_by": BY_PLACE if place == ONE else None, "place_why": place}
    if changed_fields:
        told["changed_fields"] = list(changed_fields)
    return told


def _together(workspace: Workspace, singles: Sequence[Single]) -> list[Answer | Exception]:
    answers: list[Answer | Exception] = []
    told = _told(workspace, singles)
    with workspace.database.write() as connection:
        for run in _runs(singles):
            answers += _take_run(workspace, connection, run, told)
    return answers


def _told(workspace: Workspace, singles: Sequence[Single]) -> Iterator[Told]:
    """Return reports made ready, all at once, before anybody waits for the lock."""
    made = prepared_reports(
        [each.report for each in singles],
        now=datetime.fromtimestamp(workspace.now_s(), UTC),
        deadlines=workspace.deadlines,
    )
    callers = [(each.caller, each.is_updating) for each in singles]
    return iter([Told(each, *who) for each, who in zip(made, callers, strict=True)])


def _runs(singles: Sequence[Single]) -> Iterator[list[Single]]:
    """Cut where an Idempotency-Key comes again: what it means hangs on what became of the first."""
    run: list[Single] = []
    requests: set[RequestKey] = set()
    for each in singles:
        if each.request in requests:
            yield run
            run, requests = [], set()
        run.append(each)
        if each.request:
            requests.add(each.request)
    yield run


def _take_run(
    workspace: Workspace, connection: Transaction, run: Sequence[Single], told: Iterator[Told]
) -> list[Answer | Exception]:
    """Take in some singles; ``told`` yields what they tell, and goes on with the next run."""
    now_s = int(workspace.now_s())
    requests = [each.request for each in run if each.request]
    kept = idempotency.kept_answers(connection, requests, now_s=now_s)
    is_new = [each.request not in kept for each in run]
    new = [each for each, is_one in zip(islice(told, len(run)), is_new, strict=True) if is_one]
    outcomes = iter(take_in_each(workspace, connection, new) if new else [])
    answers: list[Answer | Exception] = []
    to_keep: dict[RequestKey, KeptAnswer] = {}
    for each, is_one in zip(run, is_new, strict=True):
        answer = _answer(each, next(outcomes)) if is_one else _kept(each, kept)
        answers.append(answer)
        if is_one and each.request and not isinstance(answer, Exception):
            text = json.dumps(answer, ensure_ascii=False)
            to_keep[each.request] = KeptAnswer(each.body_hash, text)
    idempotency.keep_answers(connection, to_keep, now_s=now_s)
    return answers


def _answer(single: Single, outcome: Outcome | RowError) -> Answer | Exception:
    if isinstance(outcome, RowError):
        return RefusedValue(outcome.field, outcome.reason_zh, outcome.reason_en)
    if outcome.kind == CONFLICT:
        report = single.report
        return NaturalKeyConflict(report.source, report.external_id, outcome.changed_fields)
    return told_outcome(outcome)


def _kept(single: Single, kept: dict[RequestKey, KeptAnswer]) -> Answer | Exception:
    request = single.request
    if request is None:
        raise KeyError(single)
    try:
        return replayed(request, kept[request], single.body_hash)
    except IdempotencyConflict as error:
        return error
