"""Relocations: on which edition, and by which agreements, every open issue has its owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, insert, select

from geo_service.storage.agreements import REVISION, Revision
from geo_service.storage.databases.statements import rows_of
from geo_service.storage.editions import NEWEST
from geo_service.storage.tables import editions, relocations

_OUR_EDITION = case(
    (relocations.c.profile_hash == bindparam("profile_hash"), relocations.c.edition)
)
_LAST_EDITION, _LAST_AGREEMENTS = (
    select(column).order_by(relocations.c.id.desc()).limit(1).scalar_subquery()
    for column in (_OUR_EDITION, relocations.c.agreements)
)
_IN_FORCE = (
    select(editions.c.number)
    .where(editions.c.published_at_s <= bindparam("now_s"))
    .where(editions.c.effective_from_s <= bindparam("now_s"))
    .order_by(editions.c.effective_from_s.desc(), editions.c.number.desc())
    .limit(1)
)
_STATE = select(_IN_FORCE.scalar_subquery(), _LAST_EDITION, _LAST_AGREEMENTS, NEWEST, *REVISION)


@dataclass(frozen=True)
class Relocation:
    """One time that open issues followed an edition: ``located`` afresh, and given another owner.

    Issues that the change could not reach were not located.
    """

    edition: int
    located: int
    reassigned: int


class State(NamedTuple):
    """The edition in force, and what open issues follow; what tells all editions and agreements.

    ``followed`` is None where they never were located, or by another profile, whose layers may
    differ; ``agreements`` are numbers, ``newest`` is that of ``editions.NEWEST``.
    """

    in_force: int | None
    followed: int | None
    agreements: tuple[int, ...]
    newest: str | None
    revision: Revision


def state(connection: Connection, *, profile_hash: str, now_s: float) -> State:
    """Return how it stands: the cheap read.

    One small statement, for it stands before everything that is written.
    """
    given = {"profile_hash": profile_hash, "now_s": floor(now_s)}
    [(in_force, followed, numbers, newest, *revision)] = rows_of(connection, _STATE, given)
    agreements = tuple(int(number) for number in (numbers or "").split(",") if number)
    return State(in_force, followed, agreements, newest, (revision[0], revision[1]))


def add_relocation(
    connection: Connection,
    relocation: Relocation,
    *,
    agreements: Sequence[int],
    profile_hash: str,
    at_s: int,
    actor: str,
) -> None:
    """Note that every open issue has its owner on the relocation's edition and agreements now."""
    connection.execute(
        insert(relocations).values(
            **vars(relocation),
            agreements=",".join(map(str, agreements)) or None,
            profile_hash=profile_hash,
            at_s=at_s,
            actor=actor,
        )
    )
