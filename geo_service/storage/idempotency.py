"""Answers kept by (caller, route, Idempotency-Key), for 30 days."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, select, tuple_

from geo_service.storage.databases.rows import insert_rows
from geo_service.storage.tables import idempotency_keys

KEPT_FOR_S = 30 * 86_400


@dataclass(frozen=True)
class RequestKey:
    """What makes a repeated request the same request."""

    caller: str
    route: str
    key: str


_EXPIRED_BY: BindParameter[int] = bindparam("expired_by_s")
_KEPT = select(
    idempotency_keys.c.key, idempotency_keys.c.body_hash, idempotency_keys.c.answer
).where(
    idempotency_keys.c.caller == bindparam("caller"),
    idempotency_keys.c.route == bindparam("route"),
    idempotency_keys.c.key.in_(bindparam("keys", expanding=True)),
    idempotency_keys.c.recorded_at_s > _EXPIRED_BY,
)
_EXPIRED = delete(idempotency_keys).where(idempotency_keys.c.recorded_at_s <= _EXPIRED_BY)


@dataclass(frozen=True)
class KeptAnswer:
    """What was sent under a key, by its hash, and the answer to it as JSON."""

    body_hash: str
    answer: str


def kept_answers(
    connection: Connection, requests: Iterable[RequestKey], *, now_s: int
) -> dict[RequestKey, KeptAnswer]:
    """Return what was answered to those of these requests that came before."""
    keys: dict[tuple[str, str], list[str]] = {}
    for request in requests:
        keys.setdefault((request.caller, request.route), []).append(request.key)
    found = {}
    for (caller, route), each in keys.items():
        given = {"caller": caller, "route": route, "keys": each}
        rows = connection.execute(_KEPT, {**given, "expired_by_s": now_s - KEPT_FOR_S})
        for key, body_hash, answer in rows:
            found[RequestKey(caller, route, key)] = KeptAnswer(body_hash, answer)
    return found


def keep_answers(
    connection: Connection, answers: Mapping[RequestKey, KeptAnswer], *, now_s: int
) -> None:
    """Keep answers in the transaction that made them, and let go of expired ones."""
    if answers:
        forget_expired(connection, now_s=now_s)
        rows = [
            {**vars(request), **vars(kept), "recorded_at_s": now_s}
            for request, kept in answers.items()
        ]
        insert_rows(connection, idempotency_keys, rows)


def has_expired(connection: Connection, *, now_s: int) -> bool:
    """Tell whether there are answers that are kept no longer."""
    is_old = idempotency_keys.c.recorded_at_s <= now_s - KEPT_FOR_S
    return connection.scalar(select(idempotency_keys.c.key).where(is_old).limit(1)) is not None


def forget_expired(connection: Connection, *, now_s: int) -> None:
    """Let go of answers that are kept no longer."""
    connection.execute(_EXPIRED, {"expired_by_s": now_s - KEPT_FOR_S})


def forget_answers_about(connection: Connection, issue_ids: Collection[int]) -> None:
    """Let go of every answer that names one of these issues: its key tells what was sent, hashed.

    The same request again finds the issue by its own number, and is answered as unchanged.
    """
    table = idempotency_keys.c
    for issue_id in issue_ids:
        query = select(table.caller, table.route, table.key, table.answer)
        for *key, answer in connection.execute(
            query.where(table.answer.like(f'%"id": {issue_id}%'))
        ).all():
            if issue_id in _issues_in(json.loads(answer)):
                is_it = tuple_(table.caller, table.route, table.key) == tuple_(*key)
                connection.execute(delete(idempotency_keys).where(is_it))


def _issues_in(answer: Mapping[str, Any]) -> set[int]:
    return {each["id"] for each in answer.get("results", [answer]) if "id" in each}
