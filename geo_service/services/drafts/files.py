"""Drafts to and from desktop tools: written as they are, read back as a step of what changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geo_service.errors import CodeRetired
from geo_service.layers.arcs import AreaKey as Named
from geo_service.layers.preparation import Arrival, Plan, Preparation, prepare
from geo_service.services.boundaries.arrivals import Standing, read_tables
from geo_service.services.boundaries.editions import ExportReport, written_boundaries
from geo_service.services.boundaries.imports import ImportReport
from geo_service.services.boundaries.tables import TablesAsked, choose_tables
from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import changed_since, open_draft, read_draft, refuse_stale
from geo_service.services.drafts.drafts import Done, DraftService, Step
from geo_service.services.drafts.kept.draft_states import DraftStates
from geo_service.services.drafts.kept.states import Result
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions
from geo_service.storage.editions import AreaKey, Content

_KIND = "import"


@dataclass(frozen=True, eq=False)
class DraftImport:
    """What a file brought to a draft: ``step`` is None where it has defects or changes nothing."""

    report: ImportReport
    step: Step | None


class DraftFileService:
    """Drafts as files."""

    def __init__(self, workspace: Workspace, states: DraftStates, service: DraftService) -> None:
        self._workspace, self._states, self._drafts = workspace, states, service

    def export(
        self, _caller: Caller, draft_id: int, layers: Sequence[str], path: Path
    ) -> ExportReport:
        """Write layers of a draft to a file as editions are written, the ending says the format.

        Raises
        ------
        DraftNotFound, UnknownLayer
            There is nothing to write.
        UnwritableFile
            The format cannot hold it.
        """
        names = list(dict.fromkeys(self._workspace.layers[layer].name for layer in layers))
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            content = self._states.of(connection, draft).boundaries(
                editions.read_boundaries(connection, draft.row.base_edition)
            )
        return written_boundaries(content, names, path)

    def import_tables(
        self,
        caller: Caller,
        draft_id: int,
        path: Path,
        asked: TablesAsked,
        *,
        plan: Plan,
        seen: int | None = None,
    ) -> DraftImport:
        """Read layers of a file into a draft, as imports read them, as one step.

        What is in the file exactly as in the draft is not touched. With defects nothing is stored.

        Raises
        ------
        DraftNotFound, DraftClosed, StaleDraft
            As of operations.
        CodeRetired
            A new area has a code that was in use once.
        GeoServiceError
            As imports of boundaries refuse files.
        """
        chosen = choose_tables(path, asked, self._workspace.layers)
        layers = self._workspace.layers
        while True:
            with self._workspace.database.read() as connection:
                draft = open_draft(connection, draft_id)
                edition = self._workspace.edition_number(connection, draft.row.base_edition)
                base = editions.read_boundaries(connection, edition.number)
                asking = self._states.asking(connection, edition.number)
                before = self._states.of(connection, draft).boundaries(base)
                read, notes = read_tables(path, chosen, Standing(layers, edition, before))
                arrivals = [Arrival(layers[e.layer], e.areas, e.source_frame) for e in read]
                known = replace(plan, enclaves=self._workspace.enclaves(connection))
                preparation = prepare(before, layers, arrivals, plan=known)
                told = (path.name, tuple(read), tuple(notes), preparation, None)
                report = ImportReport(*told, is_dry_run=False)
                if preparation.defects or not preparation.differences:
                    return DraftImport(report, None)
                ever = drafts.codes_ever(connection, draft.done)
                since = changed_since(connection, draft, seen)
                former = drafts.touched_of(connection, draft.done)
                newest = editions.latest_number(connection)
            result = _result(preparation, editions.content_of(before), ever)
            touched = [*map(Named._make, former), *map(Named._make, result.touched)]
            state = self._states.state_of(preparation.boundaries, ever, newest)
            state = state.asking(asking, touched)
            done = Done(_KIND, _asked_values(path, preparation), state, result)
            refuse_stale(draft, done.result.touched, since)
            step = self._drafts.append(caller, draft, done)
            if step is not None:
                return DraftImport(report, step)


def _result(preparation: Preparation, before: Content, ever: set[AreaKey]) -> Result:
    after = editions.content_of(preparation.boundaries)
    for layer, code in sorted(after.keys() - before.keys()):
        if (layer, code) in ever:
            raise CodeRetired(layer=layer, code=code)
    changed = editions.changed_keys(before, after)
    content = {key: after[key] for key in sorted(changed & after.keys())}
    areas = editions.boundaries_of(content)
    return Result(content, frozenset(changed - after.keys()), areas)


def _asked_values(path: Path, preparation: Preparation) -> dict[str, Any]:
    layers = [vars(each) for each in preparation.differences]
    return {"file": path.name, "layers": layers}
