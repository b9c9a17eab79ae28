"""Building lists as offices write them: a row for each building, or for several in one cell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo_service.errors import MissingColumn
from geo_service.governance.cell import RefusedCell, key_of, text_of
from geo_service.governance.headings import Columns, LayerWords, building_list_columns
from geo_service.governance.issue import RowError
from geo_service.layers.files import check_codes, read_rows
from geo_service.services.lists.cells import cells_of
from geo_service.services.lists.rejections import Rejection

FIELDS = ("code", "name", "parent", "building")
_LONGEST = 200
_LONGEST_CELL = 20_000
_SEVERAL = re.compile(r"[、；;\r\n]+")
_COMMAS = re.compile(r"[,，]+")


@dataclass(frozen=True)
class ListRow:
    """One building of one area, and the row that says so, 0 where none does.

    ``area`` is a code or a name, ``is_code`` where it stood in the column of codes; ``name`` is
    what a new area is called. ``parent`` is a code or a name.
    """

    row: int
    area: str
    building: str
    is_code: bool = True
    name: str | None = None
    parent: str | None = None


@dataclass(frozen=True)
class ListFileOptions:
    """The sheet of a workbook, and headings of fields that somebody said by hand."""

    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ListFile:
    """What a file lists, and the rows that cannot be read."""

    rows: Sequence[ListRow]
    rejections: Sequence[Rejection]


def read_lists(path: Path, words: LayerWords, options: ListFileOptions) -> ListFile:
    """Return the rows of a CSV, XLSX or NDJSON file with columns for the area and the building.

    Raises
    ------
    UnreadableFile, UnknownColumn, MissingColumn, SpoiledCodes
        The file or its columns cannot be used.
    """
    table = read_rows(path, sheet=options.sheet)
    headings = [heading for heading in table.headings if heading]
    columns = building_list_columns(headings, words=words, overrides=options.columns)
    _refuse_incomplete(columns, headings)
    numbered = [(number, cells_of(row, columns)) for number, row in table]
    _refuse_spoiled(path, columns, numbered)
    rows: list[ListRow] = []
    rejections = []
    for number, cells in numbered:
        found = cells if isinstance(cells, RowError) else _rows(number, cells)
        if isinstance(found, RowError):
            rejections.append(Rejection.of(number, found))
        else:
            rows += found
    return ListFile(rows, rejections)


def _refuse_incomplete(columns: Columns, headings: Sequence[str]) -> None:
    known = columns.heading_by_field
    if "building" not in known:
        raise MissingColumn("楼栋 building", headings, "building")
    if "code" not in known and "name" not in known:
        raise MissingColumn("网格编码 code", headings, "code")


def _refuse_spoiled(
    path: Path, columns: Columns, numbered: Sequence[tuple[int, Mapping[str, Any] | RowError]]
) -> None:
    for name in ("code", "parent"):
        if name in columns.heading_by_field:
            cells = {n: row.get(name) for n, row in numbered if not isinstance(row, RowError)}
            heading = columns.heading_by_field[name]
            check_codes(path.name, heading, list(cells.values()), rows=list(cells))


def _rows(number: int, cells: Mapping[str, Any]) -> list[ListRow] | RowError:
    told: dict[str, str | None] = {}
    for each in FIELDS:
        try:
            told[each] = _cell(each, cells.get(each))
        except RefusedCell as error:
            return RowError(each, error.zh, error.en)
    code, name, buildings = told["code"], told["name"], told["building"]
    area = code or name
    if area is None:
        return RowError("code", "没有填写网格编码或名称", "names no area by code or name")
    if buildings is None:
        return RowError("building", "没有填写楼栋", "names no building")
    return [
        ListRow(number, area, building, code is not None, name, told["parent"])
        for building in buildings_in(buildings)
    ]


def _cell(name: str, cell: Any) -> str | None:
    if name == "building":
        return text_of(cell, longest=_LONGEST_CELL)
    return key_of(cell, longest=_LONGEST)


def buildings_in(cell: str) -> list[str]:
    """Return the buildings that one cell names: 1号楼、2号楼 are two of them."""
    found: list[str] = []
    for part in _SEVERAL.split(cell):
        # a name with its place, as 3号楼@121.473012,31.230416, has a comma of its own
        found += [part] if "@" in part else _COMMAS.split(part)
    # our own files put an apostrophe before what a spreadsheet would run
    return [part.strip().removeprefix("'") for part in found if part.strip()]
