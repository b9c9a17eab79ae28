"""Boundaries in: from a file to a new edition, checked as a whole before anything is stored."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from geo_service.errors import InvalidCoordinates
from geo_service.governance.headings import LayerWords
from geo_service.layers.area import Boundaries
from geo_service.layers.edition import Edition, EditionChoice, Uncorrected
from geo_service.layers.frames import is_degrees, looks_swapped
from geo_service.layers.layer import Layer
from geo_service.layers.preparation import Plan, Preparation, prepare
from geo_service.services.boundaries.corrections import uncorrected_editions
from geo_service.services.boundaries.files import (
    BoundaryOptions,
    ReadBoundaries,
    read_boundary_file,
)
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.callers import Caller
from geo_service.services.frames.trust import question_frame, trusted_beside
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

    ``uncorrected`` names the later editions that hold the error which the import corrects; after a
    trial, those that would.
    """

    file: str
    layer: str
    read: ReadBoundaries
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
        """Read a file into a layer and publish the result, unless it has defects or is a trial.

        Nothing is stored when the report holds defects. The edition is made of the whole content
        in force at its effective date with this layer's areas updated or replaced.
        """
        layer, is_dry_run = self._workspace.layers[options.layer], edition_options.is_dry_run
        effective_from_s = self._effective_from_s(edition_options)
        with self._workspace.database.read() as connection:
            prepared_on = editions.latest_number(connection)
            governing, base = self._content(connection, effective_from_s)
        trusted = trusted_beside(layer, self._workspace.layers, governing, base)
        taken = base[layer.name].codes if layer.name in base else ()
        read = read_boundary_file(
            path, options, words=self._words(layer), taken_codes=taken, trusted=trusted
        )
        _check_axes(path.name, read, base)
        if not options.is_frame_confirmed:
            question_frame(path.name, read.areas.geometries, read.source_frame, trusted)
        layers, frame = self._workspace.layers, read.source_frame
        preparation = prepare(base, layers, layer, read.areas, source_frame=frame, plan=plan)
        edition, uncorrected = self._published(
            caller,
            preparation,
            Publication(
                preparation.boundaries,
                prepared_on,
                effective_from_s,
                edition_options.is_correction,
                edition_options.reason or f"import {path.name} → {layer.name}",
            ),
            is_dry_run=is_dry_run,
        )
        return ImportReport(
            path.name, layer.name, read, preparation, edition, is_dry_run, uncorrected
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

    def _words(self, layer: Layer) -> LayerWords:
        above = self._workspace.layers[layer.parent] if layer.parent else None
        return LayerWords(
            layer=(layer.name, layer.title_zh),
            parent=(above.name, above.title_zh) if above else (),
        )

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


def _check_axes(where: str, read: ReadBoundaries, base: Boundaries) -> None:
    """Refuse a file whose coordinates meet what stands only with their axes swapped."""
    stored = [areas.geometries for areas in base.values() if len(areas)]
    if not stored or not is_degrees(read.source_frame):
        return
    west, south, east, north = shapely.total_bounds(np.concatenate(stored)).tolist()
    x, y = shapely.get_coordinates(read.areas.geometries).T
    if looks_swapped(lon=x, lat=y, bbox=(west, south, east, north)):
        raise InvalidCoordinates(
            where=where,
            x=float(x[0]),
            y=float(y[0]),
            reason_zh="经纬度似乎颠倒：对调后正好落在已有边界的范围内",
            reason_en="longitude and latitude seem to be swapped: exchanged, they lie on the map",
        )
