"""Reading editions: which exist, what stands in them, and what changed between two."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_service.errors import AreaNotFound
from geo_service.layers.area import Boundaries, area_set
from geo_service.layers.difference import LayerDifference, layer_differences
from geo_service.layers.edition import IN_FORCE, Edition, EditionChoice
from geo_service.layers.files import write_features
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

    def export(self, _caller: Caller, number: int, layer: str, path: Path) -> int:
        """Write one layer of an edition to a file (format by its ending); return the count."""
        name = self._workspace.layers[layer].name
        with self._workspace.database.read() as connection:
            found = self._content(connection, number).get(name) or area_set(
                name, codes=[], geometries=[]
            )
        write_features(
            path,
            columns={
                "code": list(found.codes),
                "name": list(found.names),
                "parent": list(found.parents),
            },
            geometries=found.geometries,
            layer_name=name,
        )
        return len(found)

    def _content(self, connection: Transaction, number: int) -> Boundaries:
        self._workspace.edition_number(connection, number)
        return editions.read_boundaries(connection, number)
