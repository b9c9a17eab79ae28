"""Boundaries in: from a file to a new edition, checked as a whole before anything is stored."""

from dataclasses import dataclass, replace
from pathlib import Path

from geo_service.layers.area import Boundaries
from geo_service.layers.edition import Edition, EditionChoice, Uncorrected
from geo_service.layers.preparation import Arrival, Plan, Preparation, prepare
from geo_service.services.boundaries.arrivals import Standing, read_tables
from geo_service.services.boundaries.corrections import uncorrected_editions
from geo_service.services.boundaries.files import BoundaryOptions, ReadBoundaries
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.boundaries.tables import TablesAsked, TablesChosen, choose_tables
from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions
from geo_service.storage.databases import Transaction


@dataclass(frozen=True)
class EditionOptions:
    """When the new edition applies and why it is made; None means from now on."""

    effective_from_s: int | None = None
    is_correction: bool = False
    reason: str = ""
    is_dry_run: bool = False


@dataclass(frozen=True, eq=False)
class ImportReport:
    """What one import read, did, found wrong, and stored (``edition`` is None when nothing).

    ``tables`` is what was read for each layer, ``notes`` (zh, en) what is to be told of the file as
    a whole. ``uncorrected`` names the later editions that hold the error which the import corrects;
    after a trial, those that would.
    """

    file: str
    tables: tuple[ReadBoundaries, ...]
    notes: tuple[tuple[str, str], ...]
    preparation: Preparation
    edition: Edition | None
    is_dry_run: bool
    uncorrected: tuple[Uncorrected, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether the content has no defects."""
        return not self.preparation.defects


class BoundaryService:
    """Importing boundaries."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def import_file(
        self,
        caller: Caller,
        path: Path,
        options: BoundaryOptions,
        *,
        plan: Plan,
        edition_options: EditionOptions,
    ) -> ImportReport:
        """Read one table of a file into a layer; otherwise as ``import_tables``."""
        chosen = TablesChosen([options])
        return self._import(caller, path, chosen, plan=plan, edition_options=edition_options)

    def import_tables(
        self,
        caller: Caller,
        path: Path,
        asked: TablesAsked,
        *,
        plan: Plan,
        edition_options: EditionOptions,
    ) -> ImportReport:
        """Read tables of a file into their layers and publish the result as one edition.

        Nothing is stored after a trial or when the report holds defects. The edition is made of the
        whole content in force at its effective date, with these layers' areas updated or replaced.
        """
        chosen = choose_tables(path, asked, self._workspace.layers)
        return self._import(caller, path, chosen, plan=plan, edition_options=edition_options)

    def _import(
        self,
        caller: Caller,
        path: Path,
        chosen: TablesChosen,
        *,
        plan: Plan,
        edition_options: EditionOptions,
    ) -> ImportReport:
        layers, is_dry_run = self._workspace.layers, edition_options.is_dry_run
        effective_from_s = self._effective_from_s(edition_options)
        with self._workspace.database.read() as connection:
            prepared_on = editions.latest_number(connection)
            governing, base = self._content(connection, effective_from_s)
            plan = replace(plan, enclaves=self._workspace.enclaves(connection))
        read, notes = read_tables(path, chosen, Standing(layers, governing, base))
        arrivals = [Arrival(layers[each.layer], each.areas, each.source_frame) for each in read]
        preparation = prepare(base, layers, arrivals, plan=plan)
        named = "、".join(each.layer for each in read)
        edition, uncorrected = self._published(
            caller,
            preparation,
            Publication(
                preparation.boundaries,
                prepared_on,
                effective_from_s,
                edition_options.is_correction,
                edition_options.reason or f"import {path.name} → {named}",
            ),
            is_dry_run=is_dry_run,
        )
        return ImportReport(
            path.name, tuple(read), tuple(notes), preparation, edition, is_dry_run, uncorrected
        )

    def _published(
        self,
        caller: Caller,
        preparation: Preparation,
        publication: Publication,
        *,
        is_dry_run: bool,
    ) -> tuple[Edition | None, tuple[Uncorrected, ...]]:
        if preparation.defects:
            return None, ()
        if is_dry_run:
            return None, self._foreseen(publication)
        edition = self._publish(caller, publication)
        return edition, edition.uncorrected

    def _foreseen(self, publication: Publication) -> tuple[Uncorrected, ...]:
        if not publication.is_correction:
            return ()
        content = editions.content_of(publication.boundaries)
        with self._workspace.database.read() as connection:
            return uncorrected_editions(
                self._workspace,
                connection,
                content,
                effective_from_s=publication.effective_from_s,
            )

    def _publish(self, caller: Caller, publication: Publication) -> Edition:
        with self._workspace.database.write() as connection:
            return publish(self._workspace, connection, caller, publication)

    def _effective_from_s(self, options: EditionOptions) -> int:
        if options.effective_from_s is not None:
            return options.effective_from_s
        return int(self._workspace.now_s())

    def _content(
        self, connection: Transaction, effective_from_s: int
    ) -> tuple[Edition | None, Boundaries]:
        governing = self._workspace.governing(connection, EditionChoice(as_of_s=effective_from_s))
        base = editions.read_boundaries(connection, governing.number) if governing else {}
        return governing, base
