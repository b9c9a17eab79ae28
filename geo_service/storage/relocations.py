"""Relocations: on which edition every open issue has its owner."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, case, insert, select

from geo_service.storage.tables import editions, relocations

_FOLLOWED = (
    select(case((relocations.c.profile_hash == bindparam("profile_hash"), relocations.c.edition)))
    .order_by(relocations.c.id.desc())
    .limit(1)
)
_IN_FORCE = (
    select(editions.c.number)
    .where(editions.c.published_at_s <= bindparam("now_s"))
    .where(editions.c.effective_from_s <= bindparam("now_s"))
    .order_by(editions.c.effective_from_s.desc(), editions.c.number.desc())
    .limit(1)
)
_IN_FORCE_AND_FOLLOWED = select(_IN_FORCE.scalar_subquery(), _FOLLOWED.scalar_subquery())


@dataclass(frozen=True)
class Relocation:
    """One time that open issues followed an edition: ``located`` afresh, and given another owner.

    Issues that the change could not reach were not located.
    """

    edition: int
    located: int
    reassigned: int


def followed_edition(connection: Connection, *, profile_hash: str) -> int | None:
    """Return the edition on which every open issue has its owner.

    None where they never were located, or by another profile, whose layers may differ.
    """
    found: int | None = connection.scalar(_FOLLOWED, {"profile_hash": profile_hash})
    return found


def is_due(connection: Connection, *, profile_hash: str, now_s: float) -> bool:
    """Return whether another edition is in force than open issues follow: the cheap read.

    One small statement, for it stands before everything that is written.
    """
    given = {"profile_hash": profile_hash, "now_s": now_s}
    number, followed = connection.execute(_IN_FORCE_AND_FOLLOWED, given).one()
    return number is not None and number != followed


def add_relocation(
    connection: Connection, relocation: Relocation, *, profile_hash: str, at_s: int, actor: str
) -> None:
    """Note that every open issue has its owner on the relocation's edition now."""
    connection.execute(
        insert(relocations).values(
            **vars(relocation), profile_hash=profile_hash, at_s=at_s, actor=actor
        )
    )
