"""Drafts: begun on an edition, changed step by step, undone and done again, put aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.errors import DraftClosed, DraftNotFound, InvalidValue, NothingToUndo, StaleDraft
from geo_service.governance.personal import kept_text
from geo_service.layers.arcs import AreaKey
from geo_service.layers.area import Boundaries
from geo_service.layers.edition import EditionChoice
from geo_service.layers.redraw.asked.borders import Border, borders_of
from geo_service.layers.redraw.asked.operation import Operation
from geo_service.services.callers import Caller
from geo_service.services.drafts.states import DraftState, DraftStates, Result, done_steps
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions
from geo_service.storage.databases import Transaction
from geo_service.storage.drafts import (
    DISCARDED,
    DONE,
    DROPPED,
    OPEN,
    UNDONE,
    DraftRow,
    OperationRow,
)

_HIGHEST_ID = 2**63 - 1
LONGEST_NAME, LONGEST_CONSULTED = 500, 2000
"""In characters; a reason is as long as a name."""
_NO_AREA = "名称、原因、四至或所基于的版本 / name, reason, 四至 or base"
"""What was changed where no area was."""


@dataclass(frozen=True)
class Draft:
    """A draft with everything that was ever done in it, in order."""

    row: DraftRow
    history: Sequence[OperationRow]

    @property
    def steps(self) -> list[OperationRow]:
        """What is done, and what was undone and can be done again."""
        return [step for step in self.history if step.state != DROPPED]

    @property
    def id(self) -> int:
        """Its number."""
        return self.row.id

    @property
    def can_undo(self) -> bool:
        """Whether a step is done."""
        return any(step.state == DONE for step in self.steps)

    @property
    def can_redo(self) -> bool:
        """Whether a step is undone."""
        return any(step.state == UNDONE for step in self.steps)


@dataclass(frozen=True)
class DraftNote:
    """What is written down of a draft; None leaves what stands, an empty text takes it away."""

    name: str | None = None
    reason: str | None = None
    consulted: str | None = None

    def values(self) -> dict[str, str | None]:
        """Return what is told, by name, as it is kept; raises InvalidValue, RefusedValue."""
        told: dict[str, str | None] = {}
        if self.name is not None:
            told["name"] = _name(self.name)
        if self.reason is not None:
            told["reason"] = kept_text("reason", self.reason, longest=LONGEST_NAME) or None
        if self.consulted is not None:
            consulted = kept_text("consulted", self.consulted, longest=LONGEST_CONSULTED)
            told["consulted"] = consulted or None
        return told


@dataclass(frozen=True, eq=False)
class Step:
    """A draft after something was done to it: what is other now, and what is no more."""

    draft: Draft
    areas: Boundaries
    ended: Sequence[tuple[str, str]]
    state: DraftState


@dataclass(frozen=True, eq=False)
class Done:
    """Something that was done to a draft and is not stored yet."""

    kind: str
    asked: Mapping[str, Any]
    state: DraftState
    result: Result


class DraftService:
    """Drafts of boundaries."""

    def __init__(self, workspace: Workspace, states: DraftStates) -> None:
        self._workspace, self._states = workspace, states

    def begin(self, caller: Caller, name: str, *, as_of_s: float | None = None) -> Draft:
        """Begin a draft on the edition in force, or on the one that is at a moment.

        Raises
        ------
        EditionNotFound
            Nothing was published for that moment.
        InvalidValue, RefusedValue
            The name cannot be kept.
        """
        name = _name(name)
        with self._workspace.database.write() as connection:
            base = self._workspace.edition(connection, EditionChoice(as_of_s=as_of_s))
            now_s = int(self._workspace.now_s())
            number = drafts.add_draft(
                connection, name=name, base=base.number, actor=caller.name, now_s=now_s
            )
            return read_draft(connection, number)

    def drafts(self, _caller: Caller, *, status: str | None = None) -> list[DraftRow]:
        """Return all drafts, or those of a status, the one changed last first."""
        with self._workspace.database.read() as connection:
            return drafts.all_drafts(connection, status=status)

    def draft(self, _caller: Caller, draft_id: int) -> Draft:
        """Return a draft with its operations; raises DraftNotFound."""
        with self._workspace.database.read() as connection:
            return read_draft(connection, draft_id)

    def note(
        self, _caller: Caller, draft_id: int, note: DraftNote, *, seen: int | None = None
    ) -> Draft:
        """Write down what an open draft is called, why it is made and who was asked.

        Raises
        ------
        DraftNotFound, DraftClosed
            There is no such draft, or it is not changed any more.
        StaleDraft
            Somebody changed it since ``seen``.
        InvalidValue, RefusedValue
            A text that cannot be kept, such as one with a telephone number.
        """
        values = note.values()
        with self._workspace.database.write() as connection:
            draft = open_draft(connection, draft_id)
            if seen is not None:
                refuse_changed(draft, seen)
            if any(getattr(draft.row, name) != value for name, value in values.items()):
                self._change(connection, draft_id, **values)
            return read_draft(connection, draft_id)

    def discard(self, _caller: Caller, draft_id: int) -> Draft:
        """Put an open draft aside; it stays to be read. Raises DraftNotFound, DraftClosed."""
        with self._workspace.database.write() as connection:
            open_draft(connection, draft_id)
            self._change(connection, draft_id, status=DISCARDED)
            return read_draft(connection, draft_id)

    def state(self, _caller: Caller, draft_id: int) -> Step:
        """Return a draft with everything in it that is not as in its base."""
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            content, ended = drafts.resulting_areas(connection, done_steps(draft.steps))
            base = editions.area_keys(connection, draft.row.base_edition)
            state = self._states.of(connection, draft.row, draft.steps)
        gone = sorted(ended & base)
        return Step(draft, editions.boundaries_of(content), gone, state)

    def borders(self, _caller: Caller, draft_id: int, keys: Sequence[AreaKey]) -> list[Border]:
        """Return the borders of areas as they are in a draft, each once.

        Raises
        ------
        DraftNotFound, UnknownArea
            There is no such draft, or no such area in it.
        """
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            state = self._states.of(connection, draft.row, draft.steps)
        found: dict[str, Border] = {}
        for key in keys:
            found |= {border.name: border for border in borders_of(state.coverage_of(key), [key])}
        return [found[name] for name in sorted(found)]

    def perform(
        self, caller: Caller, draft_id: int, operation: Operation, *, seen: int | None = None
    ) -> Step:
        """Append an operation with what it leads to; steps that were undone are dropped.

        ``seen`` is the revision that the planner looked at. Where others have changed the draft
        since, the operation is done all the same, unless it touches what they did.

        Raises
        ------
        DraftNotFound, DraftClosed
            There is no such draft, or it is not changed any more.
        StaleDraft
            Areas it would touch were changed since ``seen``.
        GeoServiceError
            What the operation itself raises. Nothing was changed.
        """
        while True:
            with self._workspace.database.read() as connection:
                draft = open_draft(connection, draft_id)
                before = self._states.of(connection, draft.row, draft.steps)
            after, result = before.after(operation)
            refuse_stale(draft, result, seen)
            done = Done(operation.kind, _asked_values(operation), after, result)
            step = self.append(caller, draft, done)
            if step is not None:
                return step

    def undo(self, _caller: Caller, draft_id: int, *, seen: int | None = None) -> Step:
        """Undo the last step that is done; raises as `redo`."""
        return self._turn(draft_id, DONE, UNDONE, seen)

    def redo(self, _caller: Caller, draft_id: int, *, seen: int | None = None) -> Step:
        """Do the step again that was undone last.

        Raises
        ------
        DraftNotFound, DraftClosed, NothingToUndo
            There is no such draft, it is not changed any more, or nothing is left to do again.
        StaleDraft
            Somebody changed the draft since ``seen``: it is not the step that was looked at.
        """
        return self._turn(draft_id, UNDONE, DONE, seen)

    def _turn(self, draft_id: int, from_state: str, to_state: str, seen: int | None) -> Step:
        is_undo = to_state == UNDONE
        with self._workspace.database.write() as connection:
            draft = open_draft(connection, draft_id)
            if seen is not None and (seen > draft.row.revision or _changed_since(draft, seen)):
                refuse_changed(draft, seen)
            ready = [step for step in draft.steps if step.state == from_state]
            if not ready:
                raise NothingToUndo(id=draft_id, way="undo" if is_undo else "redo")
            step = ready[-1] if is_undo else ready[0]
            revision = draft.row.revision + 1
            drafts.set_state(connection, [step.id], to_state, revision=revision)
            self._change(connection, draft_id)
            turned = read_draft(connection, draft_id)
        with self._workspace.database.read() as connection:
            state = self._states.of(connection, turned.row, turned.steps)
        areas, ended = state.areas_of(step.touched)
        return Step(turned, areas, ended, state)

    def append(self, caller: Caller, draft: Draft, done: Done) -> Step | None:
        """Store what was done; None where somebody else changed the draft meanwhile.

        Raises
        ------
        DraftNotFound, DraftClosed
            There is no such draft any more, or it is not changed any more.
        """
        revision = draft.row.revision + 1
        with self._workspace.database.write() as connection:
            if open_draft(connection, draft.id).row.revision != draft.row.revision:
                return None
            undone = [step.id for step in draft.steps if step.state == UNDONE]
            drafts.set_state(connection, undone, DROPPED, revision=revision)
            now_s = int(self._workspace.now_s())
            told = (done.kind, done.asked, done.result.touched, DONE, revision)
            number = drafts.add_operation(
                connection, draft.id, OperationRow(0, *told, now_s, caller.name)
            )
            drafts.put_areas(connection, number, done.result.content, done.result.ended)
            self._change(connection, draft.id)
            now = read_draft(connection, draft.id)
        self._states.keep(now.row, done_steps(now.steps), done.state)
        return Step(now, done.result.areas, sorted(done.result.ended), done.state)

    def _change(self, connection: Transaction, draft_id: int, **values: Any) -> None:
        now_s = int(self._workspace.now_s())
        drafts.change_draft(connection, draft_id, now_s=now_s, **values)


def read_draft(connection: Transaction, draft_id: int) -> Draft:
    """Return a draft; raises DraftNotFound."""
    row = drafts.draft(connection, draft_id) if 0 < draft_id <= _HIGHEST_ID else None
    if row is None:
        raise DraftNotFound(id=str(draft_id))
    return Draft(row, drafts.operations(connection, draft_id))


def changes_of(connection: Transaction, draft: Draft) -> tuple[Boundaries, Boundaries]:
    """Return the areas that the steps of a draft led to, as its base has them and as they are."""
    content, ended = drafts.resulting_areas(connection, done_steps(draft.steps))
    before = editions.content_at(connection, draft.row.base_edition, content.keys() | ended)
    return editions.boundaries_of(before), editions.boundaries_of(content)


def open_draft(connection: Transaction, draft_id: int) -> Draft:
    """Return a draft that may be changed; raises DraftNotFound, DraftClosed."""
    draft = read_draft(connection, draft_id)
    if draft.row.status != OPEN:
        raise DraftClosed(id=draft_id, state=draft.row.status)
    return draft


def refuse_changed(draft: Draft, seen: int) -> None:
    """Raise StaleDraft where a draft has another revision than the one that was seen."""
    if seen != draft.row.revision:
        raise _stale(draft, _changed_since(draft, seen))


def _asked_values(operation: Operation) -> dict[str, Any]:
    return {name: value for name, value in vars(operation).items() if _is_shown(name, value)}


def _is_shown(name: str, value: Any) -> bool:
    # buildings of an area and steps of a fix are what it was done with, not what was asked for
    return value not in (None, {}) and name not in {"buildings", "fix"}


def refuse_stale(draft: Draft, result: Result, seen: int | None) -> None:
    """Raise StaleDraft where others changed, since ``seen``, what a step would touch too."""
    if seen is None or seen == draft.row.revision:
        return
    both = sorted(_changed_since(draft, seen) & set(result.touched))
    if both:
        raise _stale(draft, both)


def refuse_changed_at(
    draft: Draft, key: tuple[str, str], seen: int | None, *, written: Sequence[int | None]
) -> None:
    """Raise StaleDraft where others changed an area since ``seen``, or wrote of it."""
    if seen is None:
        return
    last = max((revision for revision in written if revision is not None), default=0)
    if last > seen or key in _changed_since(draft, seen):
        raise _stale(draft, [key])


def _changed_since(draft: Draft, seen: int) -> set[tuple[str, str]]:
    return {key for step in draft.history if step.revision > seen for key in step.touched}


def _stale(draft: Draft, keys: Any) -> StaleDraft:
    areas = [f"{layer}/{code}" for layer, code in sorted(keys)] or [_NO_AREA]
    return StaleDraft(id=draft.id, revision=draft.row.revision, areas=areas)


def _name(text: str) -> str:
    name = kept_text("name", text, longest=LONGEST_NAME)
    if not name:
        raise InvalidValue("name", f"1 到 {LONGEST_NAME} 个字", f"1 to {LONGEST_NAME} characters")
    return name
