"""Dated figures of areas and reference features: what stands outside the editions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_service.errors import EmptyInput, InvalidValue, MissingColumn, RefusedValue
from geo_service.governance.headings import LayerWords, area_columns
from geo_service.governance.moment import epoch_s, read_moment
from geo_service.governance.word import Figure as FigureKind
from geo_service.layers.area import Geometries
from geo_service.layers.files import RowProblem, as_code, check_codes, read_features, read_rows
from geo_service.layers.frames import geometries_to_storage
from geo_service.services.boundaries.files import check_places, check_texts, table_frame
from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace
from geo_service.storage import figures, references
from geo_service.storage.figures import Figure

COLUMNS = ("layer", "code", "figure", "value", "from", "source")
REFERENCE_KINDS = ("road_main", "road_side", "water", "building")
NUMBERS = frozenset({"residents", "households"})
_NAMING = ("name", "code")
_WORDS = {
    **dict.fromkeys(REFERENCE_KINDS, LayerWords()),
    "building": LayerWords(("building", "楼栋", "楼幢", "楼宇", "楼")),
}
_ROW_NUMBERS = {"id", "fid", "编号"}
"""What numbers the rows of one file names nothing for good."""
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


@dataclass(frozen=True)
class FigureFileReport:
    """What became of one list of figures.

    ``unknown`` are the areas, as (layer, code), that no edition has: their figures are kept and
    count as soon as boundaries with these codes arrive, unless the code is a slip. ``unusual`` are
    counts outside of what the profile expects, as (layer, code, value): a hint, they are stored.
    """

    rows: int
    new: int
    unknown: Sequence[tuple[str, str]]
    unusual: Sequence[tuple[str, str, str]] = ()


class FigureService:
    """Loading figures and reference features."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def import_file(self, caller: Caller, path: Path) -> FigureFileReport:
        """Store a list of figures with the columns of COLUMNS, as a whole or not at all.

        Raises
        ------
        MissingColumn, InvalidValue, RefusedValue, SpoiledCodes, UnknownLayer
            The list cannot be used; nothing was stored.
        """
        rows = read_rows(path)
        missing = [name for name in COLUMNS if name not in rows.headings]
        if missing:
            raise MissingColumn(
                "、".join(missing), rows.headings, "layer,code,figure,value,from,source"
            )
        listed = list(rows)
        cells = {n: row["code"] for n, row in listed if not isinstance(row, RowProblem)}
        check_codes(path.name, "code", list(cells.values()), rows=list(cells))
        found = [self._figure(f"{path.name} #{number}", row) for number, row in listed]
        given, new = self.add(caller, found)
        unusual = self._unusual(found)
        return FigureFileReport(given, new, self._unknown(found), unusual)

    def add(self, _caller: Caller, found: Sequence[Figure]) -> tuple[int, int]:
        """Store figures; return (how many were given, how many of them were new)."""
        with self._workspace.database.write() as connection:
            now_s = int(self._workspace.now_s())
            return len(found), figures.add_figures(connection, found, recorded_at_s=now_s)

    def replace_references(
        self,
        _caller: Caller,
        kind: str,
        *,
        names: Sequence[str],
        geometries: Geometries,
        codes: Sequence[str] | None = None,
    ) -> None:
        """Put features (EPSG:4490) in the place of all that were stored under ``kind``."""
        with self._workspace.database.write() as connection:
            references.replace_references(
                connection, kind=kind, names=names, geometries=geometries, codes=codes
            )

    def import_references(self, caller: Caller, path: Path, kind: str, frame: str | None) -> int:
        """Put the features of a file in the place of those under ``kind``; return their number.

        Raises
        ------
        EmptyInput, MissingFrame, UnknownFrame, UnsupportedFrame, InvalidCoordinates
            There are no features, or the coordinates cannot be placed; nothing was stored.
        InvalidValue, RefusedValue
            A kind that the map does not draw, or a text that no database can keep.
        """
        if kind not in REFERENCE_KINDS:
            known = "、".join(REFERENCE_KINDS)
            raise InvalidValue("--kind", f"{known} 之一", f"one of {known}")
        table = read_features(path)
        if len(table) == 0:
            raise EmptyInput(where=path.name)
        source_frame = table_frame(path.name, table, frame)
        check_places(path.name, table, source_frame)
        check_texts(path.name, table)
        columns = dict(area_columns(list(table.columns), words=_WORDS[kind]).heading_by_field)
        nothing = [""] * len(table)
        if columns.get("code", "").lower() in _ROW_NUMBERS:
            del columns["code"]
        names, codes = (table.columns.get(columns.get(each, ""), nothing) for each in _NAMING)
        self.replace_references(
            caller,
            kind,
            names=[str(name or "") for name in names],
            codes=[as_code(code) for code in codes],
            geometries=geometries_to_storage(table.geometries, source_frame=source_frame),
        )
        return len(table)

    def _level(self, where: str, figure: str, value: str) -> str:
        """Return the name of what a value means, where the profile lists what it may be."""
        profile = self._workspace.profile
        known = [each for each in profile.figures if each.name == figure]
        if known and known[0].kind == "community_type":
            return self._community_type(where, value)
        if not (known and known[0].levels):
            return value
        level = known[0].level_of(value)
        if level is None:
            zh = "、".join(each.title_zh for each in known[0].levels) + " 之一"
            en = "one of " + ", ".join(each.name for each in known[0].levels)
            raise InvalidValue(where, zh, en)
        return level

    def _community_type(self, where: str, value: str) -> str:
        """Return the name of the type that an office's word means: 老旧小区 is 老旧."""
        profile = self._workspace.profile
        found = profile.community_type_of(value)
        if found is None:
            zh = "、".join(each.name for each in profile.community_types) + " 之一"
            en = "one of " + ", ".join(each.name for each in profile.community_types)
            raise InvalidValue(where, zh, en)
        return found

    def _unknown(self, found: Sequence[Figure]) -> list[tuple[str, str]]:
        named = dict.fromkeys((figure.layer, figure.code) for figure in found)
        with self._workspace.database.read() as connection:
            known = figures.known_areas(connection, {layer for layer, _ in named})
        return [each for each in named if each not in known]

    def _unusual(self, found: Sequence[Figure]) -> tuple[tuple[str, str, str], ...]:
        known = {figure.name: figure for figure in self._workspace.profile.figures}
        return tuple(
            (each.layer, each.code, each.value)
            for each in found
            if each.figure in known and not _is_usual(known[each.figure], each)
        )

    def _figure(self, where: str, row: Mapping[str, Any] | RowProblem) -> Figure:
        if isinstance(row, RowProblem):
            raise RefusedValue(where, row.reason_zh, row.reason_en)
        layer = self._workspace.layers[str(row["layer"])].name
        code, figure, value = (as_code(row[name]) for name in ("code", "figure", "value"))
        if not code or not figure:
            raise RefusedValue(where, "没有编码或指标名", "it names no code or no figure")
        if figure in NUMBERS and not _NUMBER.fullmatch(value):
            raise InvalidValue(f"{where} value", "数字", "a number")
        value = self._level(f"{where} value", figure, value)
        return Figure(
            layer=layer,
            code=code,
            figure=figure,
            value=value,
            from_s=_from_s(where, row["from"]),
            source=str(row["source"] or ""),
        )


def _is_usual(known: FigureKind, figure: Figure) -> bool:
    return not _NUMBER.fullmatch(figure.value) or known.is_usual(figure.layer, float(figure.value))


def _from_s(where: str, value: Any) -> int:
    try:
        return epoch_s(read_moment(value))
    except ValueError as error:
        raise InvalidValue(
            f"{where} from", "日期，如 2026-11-21", "a date such as 2026-11-21"
        ) from error
