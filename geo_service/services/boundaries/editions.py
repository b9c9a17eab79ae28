"""Reading editions: which exist, what stands in them, and what changed between two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_service.errors import AreaNotFound
from geo_service.layers.area import AreaSet, Boundaries, area_set
from geo_service.layers.difference import LayerDifference, layer_differences
from geo_service.layers.edition import IN_FORCE, Edition, EditionChoice
from geo_service.layers.files import FeatureLayer, write_layers
from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace
from geo_service.storage import areas, editions, figures
from geo_service.storage.databases import Transaction


@dataclass(frozen=True)
class AreaPage:
    """One page of areas in one edition; ``next_code`` is None on the last page."""

    edition: Edition
    rows: list[Any]
    next_code: str | None


@dataclass(frozen=True)
class ExportReport:
    """How many areas went into a file, and what its format could not hold as it is (zh, en)."""

    areas: int
    notes: Sequence[tuple[str, str]]


class EditionService:
    """Editions and their areas, for reading."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def editions(self, _caller: Caller) -> list[Edition]:
        """Return every edition, in the order of storage."""
        with self._workspace.database.read() as connection:
            return editions.all_editions(connection)

    def edition(self, _caller: Caller, number: int) -> tuple[Edition, dict[str, int]]:
        """Return one edition with the number of areas in each layer."""
        with self._workspace.database.read() as connection:
            edition = self._workspace.edition_number(connection, number)
            return edition, editions.counts_by_layer(connection, number)

    def in_force(self, _caller: Caller) -> Edition:
        """Return the edition that governs now; raises EditionNotFound."""
        with self._workspace.database.read() as connection:
            return self._workspace.edition(connection)

    def areas(
        self,
        _caller: Caller,
        layer: str,
        *,
        choice: EditionChoice = IN_FORCE,
        bbox: tuple[float, float, float, float] | None = None,
        after_code: str | None = None,
        limit: int = 500,
    ) -> AreaPage:
        """Return a page of a layer's areas in the chosen edition, ordered by code."""
        name = self._workspace.layers[layer].name
        with self._workspace.database.read() as connection:
            edition = self._workspace.edition(connection, choice)
            rows = areas.areas_page(
                connection,
                edition=edition.number,
                layer=name,
                after_code=after_code,
                limit=limit + 1,
                bbox=bbox,
            )
        page = list(rows[:limit])
        return AreaPage(edition, page, page[-1].code if len(rows) > limit else None)

    def area(
        self,
        _caller: Caller,
        layer: str,
        code: str,
        *,
        choice: EditionChoice = IN_FORCE,
    ) -> tuple[Edition, Any, Mapping[str, str]]:
        """Return one area with its edition and dated figures; raises AreaNotFound."""
        name = self._workspace.layers[layer].name
        with self._workspace.database.read() as connection:
            edition = self._workspace.edition(connection, choice)
            row = areas.area_row(connection, edition=edition.number, layer=name, code=code)
            if row is None:
                raise AreaNotFound(layer=name, code=code, edition=edition.number)
            moment_s = self._workspace.now_s() if choice.as_of_s is None else choice.as_of_s
            known = figures.figures_of_area(connection, layer=name, code=code, as_of_s=moment_s)
        return edition, row, known

    def difference(self, _caller: Caller, before: int, after: int) -> list[LayerDifference]:
        """Return what changed from one edition to another, layer by layer, equal ones left out."""
        with self._workspace.database.read() as connection:
            old = self._content(connection, before)
            new = self._content(connection, after)
        return layer_differences(old, new)

    def export(
        self, _caller: Caller, number: int, layers: Sequence[str], path: Path
    ) -> ExportReport:
        """Write layers of an edition to a file, in EPSG:4490; the ending says the format.

        Columns are code, name, parent and the attributes the areas came with.

        Raises
        ------
        UnknownLayer, EditionNotFound
            There is nothing to write.
        UnwritableFile
            The format cannot hold it.
        """
        names = list(dict.fromkeys(self._workspace.layers[layer].name for layer in layers))
        with self._workspace.database.read() as connection:
            content = self._content(connection, number)
        return written_boundaries(content, names, path)

    def _content(self, connection: Transaction, number: int) -> Boundaries:
        self._workspace.edition_number(connection, number)
        return editions.read_boundaries(connection, number)


def written_boundaries(content: Boundaries, names: Sequence[str], path: Path) -> ExportReport:
    """Write layers of a content to a file, in EPSG:4490; raises UnwritableFile."""
    found = [content.get(name) or area_set(name, codes=[], geometries=[]) for name in names]
    layers_out = [_feature_layer(name, areas) for name, areas in zip(names, found, strict=True)]
    return ExportReport(sum(map(len, found)), write_layers(path, layers_out))


def _feature_layer(name: str, areas: AreaSet) -> FeatureLayer:
    known = {"code": areas.codes, "name": areas.names, "parent": areas.parents}
    more = dict.fromkeys(each for row in areas.attributes for each in row)
    columns: dict[str, Sequence[Any]] = dict(known)
    for each in more:
        # an attribute that is called as a column of ours stays beside it
        named = each
        while named in columns:
            named += "_"
        columns[named] = [row.get(each) for row in areas.attributes]
    return FeatureLayer(name, columns, areas.geometries)
