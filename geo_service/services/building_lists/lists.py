"""Building lists of editions and drafts, for reading and for files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_service.errors import AreaNotFound, UnwritableFile
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.area import AreaSet, area_set
from geo_service.layers.edition import IN_FORCE, Edition, EditionChoice
from geo_service.layers.files import write_csv, write_xlsx
from geo_service.services.building_lists.knowledge import BuildingKnowledge
from geo_service.services.building_lists.standing import (
    LIST,
    AreaBuildings,
    buildings_by_area,
    buildings_of,
)
from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import read_draft
from geo_service.services.drafts.kept.draft_states import DraftStates
from geo_service.services.workspaces import Workspace
from geo_service.storage import areas, editions
from geo_service.storage.databases import Transaction

ENDINGS = (".csv", ".xlsx")
_HEADINGS = (
    "上级编码",
    "网格编码",
    "网格名称",
    "楼栋",
    "楼栋编码",
    "楼栋名称",
    "经度",
    "纬度",
    "所在网格",
    "依据",
)
_BASES = {LIST: "清单", "ground": "实地"}


class BuildingListService:
    """Building lists as they are."""

    def __init__(
        self, workspace: Workspace, states: DraftStates, buildings: BuildingKnowledge
    ) -> None:
        self._workspace, self._states, self._buildings = workspace, states, buildings

    def of_area(
        self, _caller: Caller, layer: str, code: str, *, choice: EditionChoice = IN_FORCE
    ) -> tuple[Edition, AreaBuildings]:
        """Return the buildings of one area in an edition.

        Raises
        ------
        UnknownLayer, EditionNotFound, AreaNotFound
            There is no such layer, edition or area.
        """
        name = self._workspace.layers[layer].name
        with self._workspace.database.read() as connection:
            edition = self._workspace.edition(connection, choice)
            row = areas.area_row(connection, edition=edition.number, layer=name, code=code)
            if row is None:
                raise AreaNotFound(layer=name, code=code, edition=edition.number)
            around = self._around(connection, edition.number, name, row)
            west, south, east, north = shapely.bounds(around).tolist()
            box = west, south, east, north
            beside = editions.read_layer(connection, edition.number, name, bbox=box)
            known = self._buildings.get(connection, edition.number)
        own = [i for i, parent in enumerate(beside.parents) if parent == row.parent_code]
        siblings = beside.take(own)
        at = siblings.position_by_code[code]
        return edition, buildings_of(siblings, at, known.within(around))

    def of_draft(
        self, _caller: Caller, draft_id: int, layer: str, code: str | None = None
    ) -> list[AreaBuildings]:
        """Return the buildings of an area of a draft, or of all areas that have a list.

        Raises
        ------
        DraftNotFound, UnknownLayer, UnknownArea
            There is no such draft, layer or area.
        """
        name = self._workspace.layers[layer].name
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            state = self._states.of(connection, draft)
        known = state.questions_of(name).asking.buildings
        coverage = state.coverage_with(name)
        if code is not None:
            coverage.number_of(AreaKey(name, code))
        found = []
        for siblings, around in _families(coverage, name, code):
            scope = known.within(around)
            at = [i for i in range(len(siblings)) if _is_asked(siblings, i, code)]
            found += [buildings_of(siblings, i, scope) for i in at]
        return found

    def export(self, _caller: Caller, number: int, layer: str, path: Path) -> int:
        """Write the buildings of a layer's areas in an edition; return the number of rows.

        CSV and XLSX. An area without a list has what stands on it, and the file says so.

        Raises
        ------
        UnknownLayer, EditionNotFound
            There is nothing to write.
        UnwritableFile
            The ending is another one.
        """
        if path.suffix.lower() not in ENDINGS:
            raise UnwritableFile(path.name, "只能写成 CSV 或 XLSX", "only CSV and XLSX are written")
        found = self._workspace.layers[layer]
        with self._workspace.database.read() as connection:
            edition = self._workspace.edition_number(connection, number)
            own = editions.read_layer(connection, number, found.name)
            above = _no_areas(found.name)
            if found.parent is not None:
                above = editions.read_layer(connection, number, found.parent)
            known = self._buildings.get(connection, number)
        parents: dict[str | None, shapely.Geometry] = dict(
            zip(above.codes, above.geometries, strict=True)
        )
        rows = [row for each in buildings_by_area(own, parents, known) for row in _rows(each)]
        _write(path, rows, f"第 {edition.number} 版 {found.title_zh}楼栋清单")
        return len(rows)

    def _around(
        self, connection: Transaction, number: int, layer: str, row: Any
    ) -> shapely.Geometry:
        above = self._workspace.layers[layer].parent
        outline = row.outline
        if above is not None and row.parent_code is not None:
            parent = areas.area_row(connection, edition=number, layer=above, code=row.parent_code)
            outline = row.outline if parent is None else parent.outline
        [found] = shapely.from_wkb(np.array([outline], dtype=object))
        around: shapely.Geometry = found
        return around


def _families(
    coverage: Coverage, layer: str, code: str | None
) -> Iterator[tuple[AreaSet, shapely.Geometry]]:
    """Yield the areas of a layer parent by parent, those beside one code alone where it is given.

    With the parent's outline; areas of a root layer come together, with their union.
    """
    by_parent: dict[int | None, list[int]] = {}
    for number in coverage.areas:
        area = coverage.areas[number]
        if area.key.layer == layer:
            by_parent.setdefault(area.parent, []).append(number)
    if code is not None:
        parent = coverage.area(AreaKey(layer, code)).parent
        by_parent = {parent: by_parent[parent]}
    for parent, numbers in by_parent.items():
        own = coverage.area_sets(numbers)[layer]
        above = None if parent is None else coverage.areas[parent].outline
        yield own, shapely.union_all(own.geometries) if above is None else above


def _is_asked(siblings: AreaSet, position: int, code: str | None) -> bool:
    if code is not None:
        return siblings.codes[position] == code
    return bool(siblings.lists) and siblings.lists[position] is not None


def _rows(area: AreaBuildings) -> list[list[Any]]:
    return [
        [
            area.parent,
            area.code,
            area.name,
            each.building,
            each.code,
            each.name,
            each.lon,
            each.lat,
            each.stands_in,
            _BASES[area.basis],
        ]
        for each in area.buildings
    ]


def _write(path: Path, rows: Sequence[Sequence[Any]], title: str) -> None:
    if path.suffix.lower() == ".csv":
        write_csv(path, headings=list(_HEADINGS), rows=rows)
    else:
        write_xlsx(path, title=title, notes=[], headings=list(_HEADINGS), rows=rows)


def _no_areas(layer: str) -> AreaSet:
    return area_set(layer, codes=[], geometries=[])
