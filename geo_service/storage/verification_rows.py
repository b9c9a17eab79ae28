"""Every row there is, in pieces of bounded size, as it is stored: nothing is trusted or parsed."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Select, Table, exists, func, or_, select

from geo_service.storage.tables import (
    agreements,
    areas,
    assignments,
    attachments,
    chain_areas,
    chains,
    editions,
    issue_events,
    issue_measures,
    issue_spells,
    issue_standings,
    issue_texts,
    issues,
    metadata,
    place_matches,
    profiles,
)

Row: TypeAlias = Any
"""A row with its columns as attributes."""

_ROWS = 5_000
_OUTLINES = 1_000
"""An outline may hold a hundred thousand vertices."""

_LIFE = (
    areas.c.id,
    areas.c.layer,
    areas.c.code,
    areas.c.parent_code,
    areas.c.first_edition,
    areas.c.last_edition,
)
_MEASURES = (areas.c.area_m2, areas.c.west, areas.c.south, areas.c.east, areas.c.north)


_HANGING = (attachments, issue_standings, issue_measures, issue_spells)
"""Their photos, and what is kept of issues that somebody handles."""

# one walk by id: the index on the status would gather all open issues for each piece of them
_IS_OPEN = func.coalesce(issues.c.status, "") == "open"


class IssuePiece(NamedTuple):
    """Some issues by id, with everything that hangs on them, in the order of their ids."""

    issues: Sequence[Row]
    events: Sequence[Row]
    assignments: Sequence[Row]
    attachments: Sequence[Row] = ()
    standings: Sequence[Row] = ()
    measures: Sequence[Row] = ()
    spells: Sequence[Row] = ()


def all_rows(connection: Connection, table: str) -> Iterator[Row]:
    """Yield every row of a table by its key, all of its columns."""
    of: Table = metadata.tables[table]
    for rows in _pieces(connection, select(of).order_by(*of.primary_key.columns), _ROWS):
        yield from rows


def edition_rows(connection: Connection) -> Sequence[Row]:
    """Return every edition by its number."""
    return connection.execute(select(editions).order_by(editions.c.number)).all()


def profile_rows(connection: Connection) -> Sequence[Row]:
    """Return every profile, the one adopted last at the end."""
    order = (profiles.c.adopted_at_s, profiles.c.hash)
    return connection.execute(select(profiles).order_by(*order)).all()


def area_lives(connection: Connection) -> Iterator[Row]:
    """Yield id, layer, code, parent_code and the editions of every area row, code by code."""
    query = select(*_LIFE).order_by(areas.c.layer, areas.c.code, areas.c.first_edition)
    for rows in _pieces(connection, query, _ROWS):
        yield from rows


def area_outlines(connection: Connection) -> Iterator[Sequence[Row]]:
    """Yield the areas' rows in pieces: attributes, list, outline and what was measured of it."""
    query = select(
        *_LIFE, areas.c.attributes, areas.c.buildings, areas.c.outline, *_MEASURES
    ).order_by(areas.c.id)
    return _pieces(connection, query, _OUTLINES)


def issue_pieces(connection: Connection, *, is_open: bool = False) -> Iterator[IssuePiece]:
    """Yield all issues in pieces, those that are open alone if asked; with their texts."""
    last = -(2**62)
    query = (
        select(
            issues,
            issue_texts.c.description,
            issue_texts.c.address,
            place_matches.c.why.label("match"),
        )
        .join(issue_texts, issue_texts.c.issue_id == issues.c.id, isouter=True)
        .join(place_matches, place_matches.c.issue_id == issues.c.id, isouter=True)
    )
    if is_open:
        query = query.where(_IS_OPEN)
    while rows := connection.execute(
        query.where(issues.c.id > last).order_by(issues.c.id).limit(_ROWS)
    ).all():
        first, last = rows[0].id, rows[-1].id
        kept = _assignments(connection, first, last, is_open=is_open)
        if is_open:
            yield IssuePiece(rows, [], kept)
            continue
        hanging = (_of_issues(connection, each, first, last) for each in _HANGING)
        yield IssuePiece(rows, _events(connection, first, last), kept, *hanging)


def chain_rows(connection: Connection) -> Iterator[tuple[Row, list[tuple[str, str]]]]:
    """Yield every chain, with the (layer, code) pairs that are stored of it."""
    for rows in _pieces(connection, select(chains).order_by(chains.c.id), _ROWS):
        is_one = chain_areas.c.chain_id.between(rows[0].id, rows[-1].id)
        stored: dict[int, list[tuple[str, str]]] = {}
        for row in connection.execute(select(chain_areas).where(is_one)):
            stored.setdefault(row.chain_id, []).append((row.layer, row.code))
        for row in rows:
            yield row, stored.get(row.id, [])


def strangers(connection: Connection) -> Iterator[Row]:
    """Yield chain_id, edition, layer and code of the links that do not live in their edition."""
    used = select(assignments.c.chain_id, assignments.c.edition).where(
        assignments.c.chain_id.is_not(None), assignments.c.edition.is_not(None)
    )
    pairs = used.distinct().subquery("used")
    lives = exists().where(
        areas.c.layer == chain_areas.c.layer,
        areas.c.code == chain_areas.c.code,
        areas.c.first_edition <= pairs.c.edition,
        or_(areas.c.last_edition.is_(None), areas.c.last_edition >= pairs.c.edition),
    )
    query = (
        select(pairs.c.chain_id, pairs.c.edition, chain_areas.c.layer, chain_areas.c.code)
        .join(chain_areas, chain_areas.c.chain_id == pairs.c.chain_id)
        .where(~lives)
    )
    for rows in _pieces(connection, query, _ROWS):
        yield from rows


def agreement_numbers(connection: Connection) -> set[int]:
    """Return the numbers of all agreements."""
    return set(connection.scalars(select(agreements.c.number)))


def followed(connection: Connection) -> Row | None:
    """Return the newest relocation, None where there never was one."""
    table = metadata.tables["relocations"]
    return connection.execute(select(table).order_by(table.c.id.desc()).limit(1)).first()


def _events(connection: Connection, first: int, last: int) -> Sequence[Row]:
    columns = [column for column in issue_events.c if column.name != "actor"]
    is_one = issue_events.c.issue_id.between(first, last)
    order = (issue_events.c.issue_id, issue_events.c.id)
    return connection.execute(select(*columns).where(is_one).order_by(*order)).all()


def _of_issues(connection: Connection, table: Table, first: int, last: int) -> Sequence[Row]:
    is_one = table.c.issue_id.between(first, last)
    return connection.execute(select(table).where(is_one).order_by(table.c.issue_id)).all()


def _assignments(connection: Connection, first: int, last: int, *, is_open: bool) -> Sequence[Row]:
    query = (
        select(assignments, chains.c.links, chains.c.family.label("chain_family"))
        .join(chains, chains.c.id == assignments.c.chain_id, isouter=True)
        .where(assignments.c.issue_id.between(first, last))
    )
    if is_open:  # between two that are open may lie years of closed ones
        query = query.join(issues, issues.c.id == assignments.c.issue_id).where(_IS_OPEN)
    order = (assignments.c.issue_id, assignments.c.family)
    return connection.execute(query.order_by(*order)).all()


def _pieces(connection: Connection, query: Select[Any], size: int) -> Iterator[Sequence[Row]]:
    with connection.execute(query, execution_options={"yield_per": size}) as found:
        yield from found.partitions()
