"""Registers from lists and as lists: every row is stored or told of, names of persons never."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from geo_service.errors import MissingColumn
from geo_service.governance.headings import Columns, register_columns
from geo_service.governance.issue import RowError
from geo_service.governance.organisations.register import REGISTERS
from geo_service.governance.personal import heading_words
from geo_service.layers.files import read_features, read_rows
from geo_service.layers.frames import parse_frame
from geo_service.services.boundaries.files import table_frame
from geo_service.services.callers import Caller
from geo_service.services.lists.cells import cells_of, layer_words, named_columns
from geo_service.services.lists.rejections import (
    Rejection,
    rejections_json,
    rejections_of,
    write_rejected,
)
from geo_service.services.organisations.activities import ActivityService
from geo_service.services.organisations.registers import RegisterService
from geo_service.services.organisations.taking import ADDED, UNCHANGED, UPDATED
from geo_service.services.workspaces import Workspace

ACTIVITY = "activity"
_FEATURES = {".geojson", ".json"}
_NEEDED = {ACTIVITY: ("organisation", "held_on")}


@dataclass(frozen=True)
class RegisterFileOptions:
    """How to read a list; None leaves it to the file.

    ``layer`` and ``from_day`` are for rows that name none.
    """

    frame: str | None = None
    sheet: str | None = None
    layer: str | None = None
    from_day: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RegisterFileReport:
    """What became of the rows of one list; the counts add up to ``rows``."""

    file: str
    register: str
    encoding: str | None
    notes: Sequence[tuple[str, str]]
    columns: Columns
    rows: int
    added: int
    updated: int
    unchanged: int
    rejections: Sequence[Rejection]


def register_overrides(given: Sequence[str], register: str, *, where: str) -> dict[str, str]:
    """Return field → heading of texts such as ``code=支部编号``.

    Raises
    ------
    InvalidValue
        A text of another form, or a field that the register has not.
    """
    fields = [*heading_words()[register]]
    if register != ACTIVITY:
        fields += heading_words()["placed"]
    return named_columns(given, fields, example="code=党组织编号", where=where)


class RegisterFileService:
    """Lists of registers in; tables of them are written by the doors."""

    def __init__(
        self, workspace: Workspace, entries: RegisterService, activities: ActivityService
    ) -> None:
        self._workspace = workspace
        self._entries = entries
        self._activities = activities

    def import_file(
        self, caller: Caller, register: str, path: Path, options: RegisterFileOptions
    ) -> RegisterFileReport:
        """Store the entries of a list (CSV, XLSX, NDJSON, GeoJSON), every row of which is told of.

        Columns about persons are never read. A field whose column the list lacks stays as it is
        known; a code that came before is that entry.

        Raises
        ------
        UnreadableFile, EmptyInput, MissingColumn, UnknownColumn, UnknownFrame
            The list cannot be used; nothing was stored.
        """
        read = self._features if path.suffix.lower() in _FEATURES else self._rows
        table = read(path, register, options)
        outcomes = self._take(caller, register, table.cells, options)
        rejections = rejections_of(zip(table.numbers, outcomes, strict=True))
        return RegisterFileReport(
            file=path.name,
            register=register,
            encoding=table.encoding,
            notes=table.notes,
            columns=table.columns,
            rows=len(outcomes),
            added=outcomes.count(ADDED),
            updated=outcomes.count(UPDATED),
            unchanged=outcomes.count(UNCHANGED),
            rejections=rejections,
        )

    def _take(
        self,
        caller: Caller,
        register: str,
        cells: Sequence[Mapping[str, Any] | RowError],
        options: RegisterFileOptions,
    ) -> list[str | RowError]:
        if register == ACTIVITY:
            held = self._activities.record_many(caller, cells)
            return [each if isinstance(each, RowError) else each[0] for each in held]
        frame = parse_frame(options.frame) if options.frame else None
        found = self._entries.record_many(
            caller,
            register,
            cells,
            default_frame=frame,
            default_from=options.from_day,
            default_layer=options.layer,
        )
        return [each if isinstance(each, RowError) else each.kind for each in found]

    def _rows(self, path: Path, register: str, options: RegisterFileOptions) -> "_Table":
        rows = read_rows(path, sheet=options.sheet)
        columns = self._columns([h for h in rows.headings if h], register, options)
        numbered = [(number, cells_of(row, columns)) for number, row in rows]
        return _Table(
            columns,
            [number for number, _ in numbered],
            [cells for _, cells in numbered],
            rows.encoding,
            rows.notes,
        )

    def _features(self, path: Path, register: str, options: RegisterFileOptions) -> "_Table":
        table = read_features(path)
        frame = table_frame(path.name, table, options.frame)
        columns = self._columns(list(table.columns), register, options, needed=register != ACTIVITY)
        headings = columns.heading_by_field
        cells: list[Mapping[str, Any] | RowError] = []
        for i, geometry in enumerate(table.geometries):
            row = {name: table.columns[heading][i] for name, heading in headings.items()}
            cells.append(_placed(row, geometry, frame))
        return _Table(columns, list(range(1, len(table) + 1)), cells, None, ())

    def _columns(
        self,
        headings: Sequence[str],
        register: str,
        options: RegisterFileOptions,
        *,
        needed: bool = True,
    ) -> Columns:
        layers = layer_words(self._workspace.layers)
        columns = register_columns(headings, register, layers=layers, overrides=options.columns)
        found = columns.heading_by_field
        for name in _needed(register) if needed else ():
            is_area = name == "area" and any(each.startswith("area:") for each in found)
            if name not in found and not is_area:
                raise MissingColumn(name, headings, name)
        return columns


@dataclass(frozen=True)
class _Table:
    columns: Columns
    numbers: Sequence[int]
    cells: Sequence[Mapping[str, Any] | RowError]
    encoding: str | None
    notes: Sequence[tuple[str, str]]


def write_rejections(path: Path, report: RegisterFileReport) -> None:
    """Write the rejected rows as CSV: row number, field, its heading, reason in both languages."""
    headings = report.columns.heading_by_field
    areas = "、".join(heading for name, heading in headings.items() if name.startswith("area"))
    write_rejected(path, report.rejections, {**headings, "area": areas})


def report_json(report: RegisterFileReport, *, listed: int) -> dict[str, Any]:
    """Return the report as values that JSON can hold, with the first ``listed`` rejections."""
    return {
        "file": report.file,
        "register": report.register,
        "encoding": report.encoding,
        "notes": [{"zh": zh, "en": en} for zh, en in report.notes],
        "columns": dict(report.columns.heading_by_field),
        "ambiguous_columns": {k: list(v) for k, v in report.columns.ambiguous.items()},
        "dropped_columns": list(report.columns.dropped),
        "unused_columns": list(report.columns.unused),
        "rows": report.rows,
        "counts": {
            ADDED: report.added,
            UPDATED: report.updated,
            UNCHANGED: report.unchanged,
            "rejected": len(report.rejections),
        },
        **rejections_json(report.rejections, listed=listed),
    }


def _needed(register: str) -> Sequence[str]:
    return _NEEDED[ACTIVITY] if register == ACTIVITY else REGISTERS[register].needed


def _placed(row: dict[str, Any], geometry: Any, frame: str) -> Mapping[str, Any] | RowError:
    if geometry is None or geometry.is_empty or row.get("x") is not None:
        return row
    if not isinstance(geometry, shapely.Point):
        return RowError("geometry", "应为点", "must be a point")
    return {**row, "x": geometry.x, "y": geometry.y, "frame": frame}
