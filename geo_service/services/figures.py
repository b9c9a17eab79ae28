"""Dated figures of areas and reference features: what stands outside the editions."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from geo_service.errors import EmptyInput, InvalidValue, MissingColumn
from geo_service.governance.headings import area_columns
from geo_service.governance.moment import epoch_s, read_moment
from geo_service.layers.area import Geometries
from geo_service.layers.files import RowProblem, read_features, read_rows
from geo_service.layers.frames import geometries_to_storage
from geo_service.services.boundaries.files import check_places, table_frame
from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace
from geo_service.storage import figures, references
from geo_service.storage.figures import Figure

COLUMNS = ("layer", "code", "figure", "value", "from", "source")
REFERENCE_KINDS = ("road_main", "road_side", "water", "building")
NUMBERS = frozenset({"residents", "households"})
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


class FigureService:
    """Loading figures and reference features."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def import_file(self, caller: Caller, path: Path) -> tuple[int, int]:
        """Store a list of figures with the columns of COLUMNS; return (rows, new ones).

        Raises
        ------
        MissingColumn, InvalidValue, UnknownLayer
            The list cannot be used; nothing was stored.
        """
        rows = read_rows(path)
        missing = [name for name in COLUMNS if name not in rows.headings]
        if missing:
            raise MissingColumn(
                "、".join(missing), rows.headings, "layer,code,figure,value,from,source"
            )
        return self.add(caller, [self._figure(number, row) for number, row in rows])

    def add(self, _caller: Caller, found: Sequence[Figure]) -> tuple[int, int]:
        """Store figures; return (how many were given, how many of them were new)."""
        with self._workspace.database.write() as connection:
            now_s = int(self._workspace.now_s())
            return len(found), figures.add_figures(connection, found, recorded_at_s=now_s)

    def replace_references(
        self, _caller: Caller, kind: str, *, names: Sequence[str], geometries: Geometries
    ) -> None:
        """Put features (EPSG:4490) in the place of all that were stored under ``kind``."""
        with self._workspace.database.write() as connection:
            references.replace_references(connection, kind=kind, names=names, geometries=geometries)

    def import_references(self, caller: Caller, path: Path, kind: str, frame: str | None) -> int:
        """Put the features of a file in the place of those under ``kind``; return their number.

        Raises
        ------
        EmptyInput, MissingFrame, UnknownFrame, UnsupportedFrame, InvalidCoordinates
            There are no features, or the coordinates cannot be placed; nothing was stored.
        InvalidValue
            A kind that the map does not draw.
        """
        if kind not in REFERENCE_KINDS:
            known = "、".join(REFERENCE_KINDS)
            raise InvalidValue("--kind", f"{known} 之一", f"one of {known}")
        table = read_features(path)
        if len(table) == 0:
            raise EmptyInput(where=path.name)
        source_frame = table_frame(path.name, table, frame)
        check_places(path.name, table, source_frame)
        columns = area_columns(list(table.columns)).heading_by_field
        names = table.columns.get(columns.get("name", ""), [""] * len(table))
        self.replace_references(
            caller,
            kind,
            names=[str(name or "") for name in names],
            geometries=geometries_to_storage(table.geometries, source_frame=source_frame),
        )
        return len(table)

    def _figure(self, number: int, row: Mapping[str, Any] | RowProblem) -> Figure:
        if isinstance(row, RowProblem):
            raise InvalidValue(f"第 {number} 行 / row {number}", row.reason_zh, row.reason_en)
        layer = self._workspace.layers[str(row["layer"])].name
        value = "" if row["value"] is None else str(row["value"]).strip()
        if row["figure"] in NUMBERS and not _NUMBER.fullmatch(value):
            raise InvalidValue(f"第 {number} 行 value / row {number}", "数字", "a number")
        return Figure(
            layer=layer,
            code=str(row["code"]).strip(),
            figure=str(row["figure"]),
            value=value,
            from_s=self._from_s(number, row["from"]),
            source=str(row["source"] or ""),
        )

    def _from_s(self, number: int, value: Any) -> int:
        try:
            return epoch_s(read_moment(value))
        except ValueError as error:
            where = f"第 {number} 行 from / row {number}"
            raise InvalidValue(where, "日期", "a date") from error
