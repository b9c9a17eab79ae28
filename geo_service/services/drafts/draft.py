"""A draft and where it stands: read, and refused where it is closed or was changed meanwhile."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from geo_service.errors import DraftClosed, DraftNotFound, StaleDraft
from geo_service.layers.area import Boundaries
from geo_service.storage import drafts, editions
from geo_service.storage.databases import Transaction
from geo_service.storage.drafts import DONE, OPEN, UNDONE, DraftRow, OperationRow
from geo_service.storage.editions import AreaKey

NEAR = 20
"""So many steps done and undone are told with a draft."""

_NO_AREA = "名称、原因、四至或所基于的版本 / name, reason, 四至 or base"
"""What was changed where no area was."""
_HIGHEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Draft:
    """A draft, and by number what is done in it and what was undone and can be done again.

    ``near`` are the operations around where it stands, told without what was asked: the last
    `NEAR` that are done, and as many of those undone. However long a draft is worked on, it is no
    longer to read.
    """

    row: DraftRow
    done: Sequence[int]
    undone: Sequence[int]
    near: Sequence[OperationRow]

    @property
    def id(self) -> int:
        """Its number."""
        return self.row.id

    @property
    def can_undo(self) -> bool:
        """Whether a step is done."""
        return bool(self.done)

    @property
    def can_redo(self) -> bool:
        """Whether a step is undone."""
        return bool(self.undone)


def read_draft(connection: Transaction, draft_id: int) -> Draft:
    """Return a draft; raises DraftNotFound."""
    return _with_steps(connection, draft_row(connection, draft_id))


def draft_row(connection: Transaction, draft_id: int) -> DraftRow:
    """Return a draft without its steps; raises DraftNotFound."""
    row = drafts.draft(connection, draft_id) if 0 < draft_id <= _HIGHEST_ID else None
    if row is None:
        raise DraftNotFound(id=str(draft_id))
    return row


def open_row(connection: Transaction, draft_id: int) -> DraftRow:
    """Return a draft that may be changed, without its steps; raises DraftNotFound, DraftClosed."""
    row = draft_row(connection, draft_id)
    if row.status != OPEN:
        raise DraftClosed(id=draft_id, state=row.status)
    return row


def _with_steps(connection: Transaction, row: DraftRow) -> Draft:
    marks = drafts.operation_marks(connection, row.id)
    done = [mark.id for mark in marks if mark.state == DONE]
    undone = [mark.id for mark in marks if mark.state == UNDONE]
    near = drafts.operations_by_id(connection, [*done[-NEAR:], *undone[:NEAR]])
    return Draft(row, done, undone, near)


def changes_of(connection: Transaction, draft: Draft) -> tuple[Boundaries, Boundaries]:
    """Return the areas that the steps of a draft led to, as its base has them and as they are."""
    content, ended = drafts.resulting_areas(connection, draft.done)
    before = editions.content_at(connection, draft.row.base_edition, content.keys() | ended)
    return editions.boundaries_of(before), editions.boundaries_of(content)


def open_draft(connection: Transaction, draft_id: int) -> Draft:
    """Return a draft that may be changed; raises DraftNotFound, DraftClosed."""
    return _with_steps(connection, open_row(connection, draft_id))


def refuse_changed(connection: Transaction, draft: Draft, seen: int) -> None:
    """Raise StaleDraft where a draft has another revision than the one that was seen."""
    if seen != draft.row.revision:
        raise _stale(draft, changed_since(connection, draft, seen))


def changed_since(connection: Transaction, draft: Draft, seen: int | None) -> set[AreaKey]:
    """Return the areas that were changed in a draft since a revision that somebody saw."""
    if seen is None or seen == draft.row.revision:
        return set()
    return drafts.touched_since(connection, draft.id, seen)


def refuse_stale(draft: Draft, touched: Sequence[AreaKey], since: AbstractSet[AreaKey]) -> None:
    """Raise StaleDraft where a step would touch what others changed meanwhile (``since``)."""
    both = sorted(since & set(touched))
    if both:
        raise _stale(draft, both)


def refuse_changed_at(
    connection: Transaction,
    draft: Draft,
    key: AreaKey,
    seen: int | None,
    *,
    written: Sequence[int | None],
) -> None:
    """Raise StaleDraft where others changed an area since ``seen``, or wrote of it."""
    if seen is None:
        return
    last = max((revision for revision in written if revision is not None), default=0)
    if last > seen or key in changed_since(connection, draft, seen):
        raise _stale(draft, [key])


def _stale(draft: Draft, keys: Iterable[AreaKey]) -> StaleDraft:
    areas = [f"{layer}/{code}" for layer, code in sorted(keys)] or [_NO_AREA]
    return StaleDraft(id=draft.id, revision=draft.row.revision, areas=areas)
