"""True values of areas, entered in a draft before it is published: who lives there, who works."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.errors import EnteredFigureNotFound, InvalidValue, UnknownArea
from geo_service.layers.topology import compare_outlines
from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import Draft, open_draft, read_draft
from geo_service.services.drafts.kept.changes import Changes, DraftChanges
from geo_service.services.impact.people import PERSONS, STAFF
from geo_service.services.workspaces import Workspace
from geo_service.storage import draft_figures, drafts, editions
from geo_service.storage.databases import Transaction
from geo_service.storage.draft_figures import DraftFigureRow
from geo_service.storage.editions import AreaKey, Content
from geo_service.storage.figures import Figure

FIGURES = (*PERSONS, STAFF)
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class FigureAsked:
    """One value: which area, which of FIGURES, how many."""

    layer: str
    code: str
    figure: str
    value: str


@dataclass(frozen=True)
class EnteredFigure:
    """A value that was entered; ``gone`` says why it counts no more: removed, changed, or None."""

    row: DraftFigureRow
    gone: str | None


@dataclass(frozen=True)
class DraftFigures:
    """A draft with the values that were entered in it, by layer, code and figure."""

    draft: Draft
    figures: Sequence[EnteredFigure]


class DraftFigureService:
    """Entering values, and taking them away."""

    def __init__(self, workspace: Workspace, changes: DraftChanges) -> None:
        self._workspace, self._changes = workspace, changes

    def figures(self, _caller: Caller, draft_id: int) -> DraftFigures:
        """Return the values of a draft, those that count no more too; raises DraftNotFound."""
        with self._workspace.database.read() as connection:
            return self._read(connection, read_draft(connection, draft_id))

    def enter(self, caller: Caller, draft_id: int, asked: Sequence[FigureAsked]) -> DraftFigures:
        """Keep values of areas as they are drawn now; one that was entered before gives way.

        Raises
        ------
        DraftNotFound, DraftClosed
            There is no such draft, or it is not changed any more.
        UnknownArea
            An area is not in the draft.
        InvalidValue
            A figure is none of FIGURES, or a value no whole number from 0 to 999,999,999.
        """
        for each in asked:
            _refuse_unfit(each)
        with self._workspace.database.write() as connection:
            draft = open_draft(connection, draft_id)
            changes = self._changes.of(connection, draft, draft.done)
            areas = areas_now(connection, draft, changes, [(e.layer, e.code) for e in asked])
            now_s = int(self._workspace.now_s())
            rows = [
                DraftFigureRow(
                    each.layer,
                    each.code,
                    each.figure,
                    str(int(each.value)),
                    _outline(areas, each),
                    now_s,
                    caller.name,
                )
                for each in asked
            ]
            draft_figures.put_figures(connection, draft_id, rows)
            drafts.change_draft(connection, draft_id, now_s=now_s)
            return self._read(connection, read_draft(connection, draft_id))

    def remove(
        self, _caller: Caller, draft_id: int, layer: str, code: str, figure: str
    ) -> DraftFigures:
        """Take a value away; raises DraftNotFound, DraftClosed, EnteredFigureNotFound."""
        with self._workspace.database.write() as connection:
            open_draft(connection, draft_id)
            if not draft_figures.remove_figure(connection, draft_id, layer, code, figure):
                raise EnteredFigureNotFound(id=draft_id, area=f"{layer}/{code}", figure=figure)
            drafts.change_draft(connection, draft_id, now_s=int(self._workspace.now_s()))
            return self._read(connection, read_draft(connection, draft_id))

    def _read(self, connection: Transaction, draft: Draft) -> DraftFigures:
        changes = self._changes.of(connection, draft, draft.done)
        return DraftFigures(draft, entered_figures(connection, draft, changes))


def entered_figures(connection: Transaction, draft: Draft, changes: Changes) -> list[EnteredFigure]:
    """Return the values of a draft, and of each whether its area is still the one it is of."""
    rows = draft_figures.figures_of_draft(connection, draft.id)
    if not rows:
        return []
    areas = areas_now(connection, draft, changes, [(row.layer, row.code) for row in rows])
    here = [row for row in rows if (row.layer, row.code) in areas]
    told, now = np.empty(len(here), dtype=object), np.empty(len(here), dtype=object)
    told[:] = shapely.from_wkb([row.outline for row in here])
    now[:] = shapely.from_wkb([areas[row.layer, row.code][3] for row in here])
    kinds = dict(zip(here, compare_outlines(told, now).tolist(), strict=True))
    return [
        EnteredFigure(row, "changed" if kinds.get(row) == "changed" else None)
        if row in kinds
        else EnteredFigure(row, "removed")
        for row in rows
    ]


def entered_values(
    connection: Transaction, draft: Draft, changes: Changes
) -> dict[tuple[str, str, str], int]:
    """Return (layer, figure, code) → value of those that count."""
    return {
        (each.row.layer, each.row.figure, each.row.code): int(each.row.value)
        for each in entered_figures(connection, draft, changes)
        if each.gone is None
    }


def dated_figures(figures: Sequence[EnteredFigure], draft: Draft, *, from_s: int) -> list[Figure]:
    """Return the values that count as figures of areas from a moment on."""
    source = f"草案 {draft.id} {draft.row.name}"
    return [
        Figure(row.layer, row.code, row.figure, row.value, from_s, source)
        for row in (each.row for each in figures if each.gone is None)
    ]


def areas_now(
    connection: Transaction, draft: Draft, changes: Changes, keys: Sequence[AreaKey]
) -> Content:
    """Return some areas as they are in a draft; those that are not there are left out."""
    same = [key for key in keys if key not in changes.keys]
    found = editions.content_at(connection, draft.row.base_edition, set(same))
    return {**found, **{key: changes.after[key] for key in keys if key in changes.after}}


def _refuse_unfit(asked: FigureAsked) -> None:
    if asked.figure not in FIGURES:
        known = "、".join(FIGURES)
        raise InvalidValue("figure", f"{known} 之一", f"one of {', '.join(FIGURES)}")
    if not _NUMBER.fullmatch(asked.value):
        raise InvalidValue("value", "整数，如 120", "a whole number such as 120")


def _outline(areas: Content, asked: FigureAsked) -> bytes:
    if (asked.layer, asked.code) not in areas:
        raise UnknownArea(layer=asked.layer, code=asked.code)
    return areas[asked.layer, asked.code][3]
