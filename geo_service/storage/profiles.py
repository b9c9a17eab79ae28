"""The profile of this database, kept by its hash."""

from sqlalchemy import Connection, insert, select, update

from geo_service.storage.tables import profiles


def adopted_profile(connection: Connection) -> tuple[str, str, str] | None:
    """Return (hash, name, text) of the profile adopted last, or None in a new database."""
    query = select(profiles.c.hash, profiles.c.name, profiles.c.text)
    row = connection.execute(query.order_by(profiles.c.adopted_at_s.desc())).first()
    return (row.hash, row.name, row.text) if row else None


def adopt_profile(
    connection: Connection, *, profile_hash: str, name: str, text: str, adopted_at_s: int
) -> None:
    """Keep a profile, or note that one kept before is in use again."""
    is_known = connection.scalar(select(profiles.c.hash).where(profiles.c.hash == profile_hash))
    if is_known:
        is_it = profiles.c.hash == profile_hash
        connection.execute(update(profiles).where(is_it).values(adopted_at_s=adopted_at_s))
    else:
        connection.execute(
            insert(profiles).values(
                hash=profile_hash, name=name, text=text, adopted_at_s=adopted_at_s
            )
        )
