"""Drafts: their operations in order, and the areas that the operations led to."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, null, select, update

from geo_service.storage.editions import AreaContent, AreaKey, Content
from geo_service.storage.tables import CHUNK, areas, draft_areas, draft_operations, drafts

OPEN, PUBLISHED, DISCARDED = "open", "published", "discarded"
DONE, UNDONE, DROPPED = "done", "undone", "dropped"


class DraftRow(NamedTuple):
    """One draft; ``edition`` is what it became, None until it was published."""

    id: int
    name: str
    base_edition: int
    revision: int
    status: str
    edition: int | None
    reason: str | None
    consulted: str | None
    approval: Mapping[str, str] | None
    changed_at_s: int
    recorded_at_s: int
    recorded_by: str


class OperationMark(NamedTuple):
    """An operation by its number, and whether it is done."""

    id: int
    state: str


class OperationRow(NamedTuple):
    """One operation; ``revision`` is that of the draft when it was last done or undone.

    ``asked`` is None where it was not read: it may hold a long line.
    """

    id: int
    kind: str
    asked: Mapping[str, Any] | None
    touched: Sequence[AreaKey]
    state: str
    revision: int
    recorded_at_s: int
    recorded_by: str


_DRAFT = [drafts.c[name] for name in DraftRow._fields]
_OPERATION = [draft_operations.c[name] for name in OperationRow._fields]
_WITHOUT_ASKED = [
    null().label("asked") if column is draft_operations.c.asked else column for column in _OPERATION
]
_CONTENT = [
    draft_areas.c[name]
    for name in ("layer", "code", "name", "parent_code", "attributes", "outline", "buildings")
]


def add_draft(connection: Connection, *, name: str, base: int, actor: str, now_s: int) -> int:
    """Begin a draft and return its number."""
    values = {"name": name, "base_edition": base, "revision": 0, "status": OPEN}
    told = {"changed_at_s": now_s, "recorded_at_s": now_s, "recorded_by": actor}
    statement = insert(drafts).values(**values, **told).returning(drafts.c.id)
    number: int = connection.execute(statement).scalar_one()
    return number


def draft(connection: Connection, draft_id: int) -> DraftRow | None:
    """Return one draft."""
    row = connection.execute(select(*_DRAFT).where(drafts.c.id == draft_id)).one_or_none()
    return None if row is None else _draft(row)


def draft_of_edition(connection: Connection, number: int) -> DraftRow | None:
    """Return the draft that an edition was published from, None where there was none."""
    query = select(*_DRAFT).where(drafts.c.edition == number).order_by(drafts.c.id).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _draft(row)


def all_drafts(connection: Connection, *, status: str | None = None) -> list[DraftRow]:
    """Return drafts, the one changed last first."""
    query = select(*_DRAFT).order_by(drafts.c.changed_at_s.desc(), drafts.c.id.desc())
    if status is not None:
        query = query.where(drafts.c.status == status)
    return [_draft(row) for row in connection.execute(query)]


def change_draft(connection: Connection, draft_id: int, *, now_s: int, **values: Any) -> None:
    """Give a draft other values, and the next revision."""
    if values.get("approval") is not None:
        values["approval"] = json.dumps(values["approval"], ensure_ascii=False)
    revision = drafts.c.revision + 1
    statement = update(drafts).where(drafts.c.id == draft_id)
    connection.execute(statement.values(revision=revision, changed_at_s=now_s, **values))


def operation_marks(connection: Connection, draft_id: int) -> list[OperationMark]:
    """Return the operations of a draft that are done or undone, in order."""
    query = select(draft_operations.c.id, draft_operations.c.state).where(
        draft_operations.c.draft_id == draft_id, draft_operations.c.state != DROPPED
    )
    rows = connection.execute(query.order_by(draft_operations.c.id))
    return [OperationMark(row[0], row[1]) for row in rows]


def operations(
    connection: Connection, draft_id: int, *, after: int = 0, limit: int | None = None
) -> list[OperationRow]:
    """Return the operations of a draft in order, those that were dropped too.

    Of those behind the one numbered ``after``, the first ``limit``.
    """
    query = select(*_OPERATION).where(
        draft_operations.c.draft_id == draft_id, draft_operations.c.id > after
    )
    rows = connection.execute(query.order_by(draft_operations.c.id).limit(limit))
    return [_operation(row) for row in rows]


def operations_by_id(connection: Connection, ids: Sequence[int]) -> list[OperationRow]:
    """Return some operations in order, without what was asked."""
    query = select(*_WITHOUT_ASKED).where(draft_operations.c.id.in_(ids))
    rows = connection.execute(query.order_by(draft_operations.c.id))
    return [_operation(row) for row in rows]


def touched_since(connection: Connection, draft_id: int, revision: int) -> set[AreaKey]:
    """Return the areas of every operation that came, or was undone or dropped, since a revision."""
    query = select(draft_operations.c.touched).where(
        draft_operations.c.draft_id == draft_id, draft_operations.c.revision > revision
    )
    return {key for text in connection.scalars(query) for key in _touched(text)}


def touched_of(connection: Connection, operation_ids: Sequence[int]) -> list[AreaKey]:
    """Return the areas that some operations touched, each once, in the order of the operations."""
    found: dict[AreaKey, None] = {}
    for start in range(0, len(operation_ids), CHUNK):
        is_one = draft_operations.c.id.in_(operation_ids[start : start + CHUNK])
        query = select(draft_operations.c.touched).where(is_one).order_by(draft_operations.c.id)
        found |= dict.fromkeys(key for text in connection.scalars(query) for key in _touched(text))
    return list(found)


def touched_by(connection: Connection, draft_id: int) -> set[AreaKey]:
    """Return the areas of every operation that is done or undone."""
    query = select(draft_operations.c.touched).where(
        draft_operations.c.draft_id == draft_id, draft_operations.c.state != DROPPED
    )
    return {key for text in connection.scalars(query) for key in _touched(text)}


def add_operation(connection: Connection, draft_id: int, operation: OperationRow) -> int:
    """Append an operation, and return the number that it gets."""
    values = {
        **operation._asdict(),
        "draft_id": draft_id,
        "asked": json.dumps(operation.asked, ensure_ascii=False),
        "touched": json.dumps(operation.touched, ensure_ascii=False),
    }
    del values["id"]
    statement = insert(draft_operations).values(values).returning(draft_operations.c.id)
    number: int = connection.execute(statement).scalar_one()
    return number


def set_state(
    connection: Connection, operation_ids: Iterable[int], state: str, *, revision: int
) -> None:
    """Do operations again, undo or drop them."""
    is_one = draft_operations.c.id.in_(list(operation_ids))
    statement = update(draft_operations).where(is_one)
    connection.execute(statement.values(state=state, revision=revision))


def put_areas(
    connection: Connection, operation_id: int, content: Content, ended: Iterable[AreaKey]
) -> None:
    """Keep what an operation led to: areas as they are now, and those that are no more."""
    names = ("name", "parent_code", "attributes", "outline", "buildings")
    rows = [
        {"layer": layer, "code": code, **dict(zip(names, row, strict=True))}
        for (layer, code), row in content.items()
    ]
    gone = dict(zip(names, ("", None, "{}", None, None), strict=True))
    rows += [{"layer": layer, "code": code, **gone} for layer, code in sorted(ended)]
    if rows:
        each = [{"operation_id": operation_id, **row} for row in rows]
        connection.execute(insert(draft_areas), each)


def resulting_areas(
    connection: Connection, operation_ids: Sequence[int]
) -> tuple[Content, set[AreaKey]]:
    """Return the areas that operations, in order, led to in the end; and those that are no more."""
    content: Content = {}
    ended: set[AreaKey] = set()
    for start in range(0, len(operation_ids), CHUNK):
        is_one = draft_areas.c.operation_id.in_(operation_ids[start : start + CHUNK])
        query = select(*_CONTENT).where(is_one).order_by(draft_areas.c.operation_id)
        for layer, code, *row in connection.execute(query):
            if row[3] is None:
                content.pop((layer, code), None)
                ended.add((layer, code))
            else:
                content[layer, code] = AreaContent(*row)
                ended.discard((layer, code))
    return content, ended


def codes_ever(connection: Connection, operation_ids: Sequence[int]) -> set[AreaKey]:
    """Return the keys that any edition, or one of these operations, ever gave to an area."""
    rows = connection.execute(select(areas.c.layer, areas.c.code).distinct())
    found = {(layer, code) for layer, code in rows}
    for start in range(0, len(operation_ids), CHUNK):
        is_one = draft_areas.c.operation_id.in_(operation_ids[start : start + CHUNK])
        query = select(draft_areas.c.layer, draft_areas.c.code).where(is_one)
        found |= {(layer, code) for layer, code in connection.execute(query)}
    return found


def _draft(row: Any) -> DraftRow:
    approval = None if row.approval is None else json.loads(row.approval)
    return DraftRow(**{**row._mapping, "approval": approval})


def _operation(row: Any) -> OperationRow:
    asked = None if row.asked is None else json.loads(row.asked)
    return OperationRow(**{**row._mapping, "asked": asked, "touched": _touched(row.touched)})


def _touched(text: str) -> tuple[AreaKey, ...]:
    return tuple((layer, code) for layer, code in json.loads(text))
