"""Boundaries in: from a file to a new edition, checked as a whole before anything is stored."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from geo_service.errors import InvalidCoordinates
from geo_service.governance.headings import LayerWords
from geo_service.layers.area import Boundaries
from geo_service.layers.edition import Edition, EditionChoice
from geo_service.layers.frames import is_degrees, looks_swapped
from geo_service.layers.layer import Layer
from geo_service.layers.preparation import Plan, Preparation, prepare
from geo_service.services.boundaries.files import (
    BoundaryOptions,
    ReadBoundaries,
    read_boundary_file,
)
from geo_service.services.boundaries.publications import Publication, publish
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
    """What one import read, did, found wrong, and stored (``edition`` is None when nothing)."""

    file: str
    layer: str
    read: ReadBoundaries
    preparation: Preparation
    edition: Edition | None
    is_dry_run: bool

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
        layer = self._workspace.layers[options.layer]
        effective_from_s = self._effective_from_s(edition_options)
        with self._workspace.database.read() as connection:
            prepared_on = editions.latest_number(connection)
            base = self._content(connection, effective_from_s)
        taken = base[layer.name].codes if layer.name in base else ()
        read = read_boundary_file(path, options, words=self._words(layer), taken_codes=taken)
        _check_axes(path.name, read, base)
        preparation = prepare(
            base,
            self._workspace.layers,
            layer,
            read.areas,
            source_frame=read.source_frame,
            plan=plan,
        )
        edition = None
        if not preparation.defects and not edition_options.is_dry_run:
            edition = self._publish(
                caller,
                Publication(
                    boundaries=preparation.boundaries,
                    prepared_on=prepared_on,
                    effective_from_s=effective_from_s,
                    is_correction=edition_options.is_correction,
                    reason=edition_options.reason or f"import {path.name} → {layer.name}",
                ),
            )
        return ImportReport(
            path.name, layer.name, read, preparation, edition, edition_options.is_dry_run
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

    def _content(self, connection: Transaction, effective_from_s: int) -> Boundaries:
        governing = self._workspace.governing(connection, EditionChoice(as_of_s=effective_from_s))
        return editions.read_boundaries(connection, governing.number) if governing else {}


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
