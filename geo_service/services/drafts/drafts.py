"""Drafts: begun on an edition, changed step by step, undone and done again, put aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.errors import InvalidValue, NothingToUndo
from geo_service.governance.personal import kept_text
from geo_service.layers.arcs import AreaKey
from geo_service.layers.area import Boundaries
from geo_service.layers.edition import EditionChoice
from geo_service.layers.redraw.asked.borders import Border, borders_of
from geo_service.layers.redraw.asked.operation import Operation
from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import (
    Draft,
    changed_since,
    draft_row,
    open_draft,
    open_row,
    read_draft,
    refuse_changed,
    refuse_stale,
)
from geo_service.services.drafts.kept.draft_states import DraftStates
from geo_service.services.drafts.kept.states import DraftState, Result
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions
from geo_service.storage.databases import Transaction
from geo_service.storage.drafts import DISCARDED, DONE, DROPPED, UNDONE, DraftRow, OperationRow

LONGEST_NAME, LONGEST_CONSULTED = 500, 2000
"""In characters; a reason is as long as a name."""


@dataclass(frozen=True)
class OperationPage:
    """Operations of a draft in order; ``next_after`` is None where no more follow."""

    rows: Sequence[OperationRow]
    next_after: int | None


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
    """A draft after something was done to it: what is other now, and what is no more.

    ``number`` is that of the operation that was done, undone or done again; 0 of no single one.
    """

    draft: Draft
    areas: Boundaries
    ended: Sequence[tuple[str, str]]
    state: DraftState
    number: int = 0

    @property
    def touched(self) -> set[tuple[str, str]]:
        """The keys of all of them."""
        named = {(layer, code) for layer, areas in self.areas.items() for code in areas.codes}
        return named.union(self.ended)


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
        """Return a draft; raises DraftNotFound."""
        with self._workspace.database.read() as connection:
            return read_draft(connection, draft_id)

    def operations(
        self, _caller: Caller, draft_id: int, *, after: int = 0, limit: int | None = None
    ) -> OperationPage:
        """Return everything that was ever done in a draft, dropped steps too.

        Those behind the operation numbered ``after``, so many of them. Raises DraftNotFound.
        """
        with self._workspace.database.read() as connection:
            row = draft_row(connection, draft_id)
            asked = None if limit is None else limit + 1
            rows = drafts.operations(connection, row.id, after=after, limit=asked)
        has_more = limit is not None and len(rows) > limit
        rows = rows[:limit]
        return OperationPage(rows, rows[-1].id if has_more else None)

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
                refuse_changed(connection, draft, seen)
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
            content, ended = drafts.resulting_areas(connection, draft.done)
            base = editions.area_keys(connection, draft.row.base_edition)
            state = self._states.of(connection, draft)
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
            state = self._states.of(connection, draft)
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
                before = self._states.of(connection, draft)
                since = changed_since(connection, draft, seen)
            after, result = before.after(operation)
            refuse_stale(draft, result.touched, since)
            done = Done(operation.kind, _asked_values(operation), after, result)
            step = self.append(caller, draft, done)
            if step is not None:
                return step

    def undo(self, _caller: Caller, draft_id: int, *, seen: int | None = None) -> Step:
        """Undo the last step that is done; raises as `redo`."""
        return self._turn(draft_id, UNDONE, seen)

    def redo(self, _caller: Caller, draft_id: int, *, seen: int | None = None) -> Step:
        """Do the step again that was undone last.

        Raises
        ------
        DraftNotFound, DraftClosed, NothingToUndo
            There is no such draft, it is not changed any more, or nothing is left to do again.
        StaleDraft
            Somebody changed the draft since ``seen``: it is not the step that was looked at.
        """
        return self._turn(draft_id, DONE, seen)

    def _turn(self, draft_id: int, to_state: str, seen: int | None) -> Step:
        is_undo = to_state == UNDONE
        with self._workspace.database.write() as connection:
            draft = open_draft(connection, draft_id)
            if seen is not None and (
                seen > draft.row.revision or changed_since(connection, draft, seen)
            ):
                refuse_changed(connection, draft, seen)
            ready = draft.done if is_undo else draft.undone
            if not ready:
                raise NothingToUndo(id=draft_id, way="undo" if is_undo else "redo")
            number = ready[-1] if is_undo else ready[0]
            revision = draft.row.revision + 1
            drafts.set_state(connection, [number], to_state, revision=revision)
            self._change(connection, draft_id)
            turned = read_draft(connection, draft_id)
        with self._workspace.database.read() as connection:
            state = self._states.of(connection, turned)
        [step] = [each for each in turned.near if each.id == number]
        areas, ended = state.areas_of(step.touched)
        return Step(turned, areas, ended, state, number)

    def append(self, caller: Caller, draft: Draft, done: Done) -> Step | None:
        """Store what was done; None where somebody else changed the draft meanwhile.

        Raises
        ------
        DraftNotFound, DraftClosed
            There is no such draft any more, or it is not changed any more.
        """
        revision = draft.row.revision + 1
        with self._workspace.database.write() as connection:
            if open_row(connection, draft.id).revision != draft.row.revision:
                return None
            drafts.set_state(connection, draft.undone, DROPPED, revision=revision)
            now_s = int(self._workspace.now_s())
            told = (done.kind, done.asked, done.result.touched, DONE, revision)
            number = drafts.add_operation(
                connection, draft.id, OperationRow(0, *told, now_s, caller.name)
            )
            drafts.put_areas(connection, number, done.result.content, done.result.ended)
            self._change(connection, draft.id)
            now = read_draft(connection, draft.id)
        self._states.keep(now, done.state)
        return Step(now, done.result.areas, sorted(done.result.ended), done.state, number)

    def _change(self, connection: Transaction, draft_id: int, **values: Any) -> None:
        now_s = int(self._workspace.now_s())
        drafts.change_draft(connection, draft_id, now_s=now_s, **values)


def _asked_values(operation: Operation) -> dict[str, Any]:
    return {name: value for name, value in vars(operation).items() if _is_shown(name, value)}


def _is_shown(name: str, value: Any) -> bool:
    # what it was done with is not what was asked for
    is_means = name in {"buildings", "fix", "groups", "known", "positions", "roads"}
    return not is_means and value not in (None, {})


def _name(text: str) -> str:
    name = kept_text("name", text, longest=LONGEST_NAME)
    if not name:
        raise InvalidValue("name", f"1 到 {LONGEST_NAME} 个字", f"1 to {LONGEST_NAME} characters")
    return name
