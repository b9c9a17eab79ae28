"""Answers kept by (caller, route, Idempotency-Key), for 30 days."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from geo_service.storage.tables import idempotency_keys

KEPT_FOR_S = 30 * 86_400


@dataclass(frozen=True)
class RequestKey:
    """What makes a repeated request the same request."""

    caller: str
    route: str
    key: str


def kept_answer(
    connection: Connection, request: RequestKey, *, now_s: int
) -> tuple[str, str] | None:
    """Return (body hash, answer) given to this key, or None."""
    query = select(idempotency_keys.c.body_hash, idempotency_keys.c.answer).where(
        _is(request), idempotency_keys.c.recorded_at_s > now_s - KEPT_FOR_S
    )
    row = connection.execute(query).first()
    return (row.body_hash, row.answer) if row else None


def keep_answer(
    connection: Connection, request: RequestKey, *, body_hash: str, answer: str, now_s: int
) -> None:
    """Keep an answer in the transaction that made it, and let go of expired ones."""
    expired = idempotency_keys.c.recorded_at_s <= now_s - KEPT_FOR_S
    connection.execute(delete(idempotency_keys).where(expired))
    connection.execute(
        insert(idempotency_keys).values(
            **vars(request), body_hash=body_hash, answer=answer, recorded_at_s=now_s
        )
    )


def _is(request: RequestKey) -> ColumnElement[bool]:
    return and_(
        idempotency_keys.c.caller == request.caller,
        idempotency_keys.c.route == request.route,
        idempotency_keys.c.key == request.key,
    )
