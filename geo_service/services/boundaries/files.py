"""From a boundary file to the areas of one layer: columns, codes, frame."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from geo_service.errors import (
    EmptyInput,
    FrameContradiction,
    InvalidGeometry,
    MissingColumn,
    MissingFrame,
    RefusedValue,
    UnknownColumn,
)
from geo_service.governance.cell import UNSTORABLE, is_storable
from geo_service.governance.headings import Columns, LayerWords, area_columns
from geo_service.layers.area import AreaSet, area_set
from geo_service.layers.codes import number_areas
from geo_service.layers.files import FeatureTable, as_code, check_codes, read_features
from geo_service.layers.frames import check_coordinates, frame_of_crs, parse_frame
from geo_service.services.frames.trust import Trust, examine

_OURS = {"code", "name", "parent"}


@dataclass(frozen=True)
class BoundaryOptions:
    """How to read a boundary file; None leaves it to the file and to what can be guessed.

    ``is_optional`` tells that nobody named this table: an empty one is then left with a note.
    """

    layer: str
    frame: str | None = None
    table: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    attributes: Sequence[str] | None = None
    new_codes: str | None = None
    is_frame_confirmed: bool = False
    is_optional: bool = False


@dataclass(frozen=True, eq=False)
class ReadBoundaries:
    """What a file held for one layer, still in its own frame; ``table`` only if one was named."""

    layer: str
    table: str | None
    areas: AreaSet
    source_frame: str
    columns: Columns
    notes: Sequence[tuple[str, str]]


def attribute_columns(given: Sequence[str] | None) -> list[str] | None:
    """Return the columns that texts such as ``面积,备注`` name; None where nobody named one."""
    named = [name.strip() for text in given or () for name in text.split(",")]
    return [name for name in named if name] or None


def read_boundary_file(
    path: Path,
    options: BoundaryOptions,
    *,
    words: LayerWords,
    taken_codes: Sequence[str] = (),
    trusted: Sequence[Trust] = (),
) -> ReadBoundaries:
    """Return the areas of a file with codes, names, parents and attributes.

    ``trusted`` boundaries say what an unnamed frame looks like; they never decide it.

    Raises
    ------
    UnreadableFile, EmptyInput, UnknownColumn, MissingColumn, SpoiledCodes
        The file or its columns cannot be used.
    MissingFrame, UnknownFrame, UnsupportedFrame, FrameContradiction, InvalidCoordinates
        The coordinates cannot be placed.
    RefusedValue
        A text that no database can keep.
    CodeInUse
        A code stands twice.
    """
    table = read_features(path, table=options.table, likely_tables=words.layer)
    if len(table) == 0:
        raise EmptyInput(where=path.name)
    frame = table_frame(
        path.name,
        table,
        options.frame,
        is_confirmed=options.is_frame_confirmed,
        trusted=trusted,
    )
    overrides = {**_columns_of_ours(table), **options.columns}
    columns = area_columns(list(table.columns), words=words, overrides=overrides)
    heading = columns.heading_by_field
    check_places(path.name, table, frame)
    check_texts(path.name, table)
    areas = area_set(
        options.layer,
        codes=_codes(path.name, table, heading.get("code"), options, taken_codes),
        names=_names(table, heading.get("name")),
        parents=_parents(path.name, table, heading.get("parent")),
        attributes=_attributes(table, columns, options),
        geometries=table.geometries,
    )
    return ReadBoundaries(
        layer=options.layer,
        table=options.table,
        areas=areas,
        source_frame=frame,
        columns=columns,
        notes=_notes(table),
    )


def table_frame(
    where: str,
    table: FeatureTable,
    frame: str | None,
    *,
    is_confirmed: bool = False,
    trusted: Sequence[Trust] = (),
) -> str:
    """Return the frame of a file: the declared one, unless what the file says contradicts it.

    Raises
    ------
    MissingFrame, FrameContradiction, UnknownFrame, UnsupportedFrame
        Nobody names a frame, two different ones are named, or it cannot be converted.
    """
    evidence = frame_of_crs(table.crs)
    if frame is None:
        if evidence is None:
            raise _missing_frame(where, table, trusted)
        return evidence
    declared = parse_frame(frame)
    # No file format can say GCJ-02 or BD-09: such files claim WGS 84, so that is no contradiction.
    is_same = evidence is None or declared in {evidence, "GCJ02", "BD09"}
    if not is_same and not is_confirmed:
        raise FrameContradiction(
            where=where,
            declared=declared,
            evidence_zh=f"文件自带的坐标系是 {evidence}。确认无误请加 --frame-confirmed",
            evidence_en=f"the file itself says {evidence}; add --frame-confirmed if you are sure",
        )
    return declared


def _missing_frame(where: str, table: FeatureTable, trusted: Sequence[Trust]) -> MissingFrame:
    found = examine(table.geometries, None, trusted)
    if found.evidence.best is None:
        return MissingFrame(where=where)
    return MissingFrame(where, f"。{found.text('zh')}", f". {found.text('en')}")


def check_places(where: str, table: FeatureTable, frame: str) -> None:
    """Refuse records without a geometry, and coordinates that cannot be of the frame."""
    for i, geometry in enumerate(table.geometries, start=1):
        if geometry is None:
            raise InvalidGeometry(where=f"{where} #{i}", reason="没有图形 / no geometry")
        x, y = shapely.get_coordinates(geometry).T
        check_coordinates(x=x, y=y, source_frame=frame, where=f"{where} #{i}")


def check_texts(where: str, table: FeatureTable) -> None:
    """Refuse texts that no database can keep, in whatever column."""
    for heading, values in table.columns.items():
        if not is_storable(heading):
            raise RefusedValue(where, *UNSTORABLE)
        for i, value in enumerate(values, start=1):
            if isinstance(value, str) and not is_storable(value):
                raise RefusedValue(f"{where} #{i} {heading}", *UNSTORABLE)


def _columns_of_ours(table: FeatureTable) -> dict[str, str]:
    """Return the columns of a file that this service wrote, whatever else it brings along."""
    return {name: name for name in _OURS} if table.columns.keys() >= _OURS else {}


def _codes(
    where: str,
    table: FeatureTable,
    column: str | None,
    options: BoundaryOptions,
    taken: Sequence[str],
) -> list[str]:
    if options.new_codes is not None:
        return number_areas(options.new_codes, table.geometries, taken=taken)
    if column is None:
        raise MissingColumn(
            need="编码 / the code",
            known=list(table.columns),
            option="--code COL（或用 --new-codes 999001### 编号）",
        )
    check_codes(where, column, table.columns[column], rows=table.rows)
    codes = [as_code(value) for value in table.columns[column]]
    empty = [str(i + 1) for i, code in enumerate(codes) if not code]
    if empty:
        raise MissingColumn(
            need=f"第 {'、'.join(empty[:5])} 条的编码 / the code of records {', '.join(empty[:5])}",
            known=list(table.columns),
            option="--code COL",
        )
    return codes


def _names(table: FeatureTable, column: str | None) -> list[str] | None:
    if column is None:
        return None
    return ["" if value is None else str(value).strip() for value in table.columns[column]]


def _parents(where: str, table: FeatureTable, column: str | None) -> list[str | None] | None:
    if column is None:
        return None
    check_codes(where, column, table.columns[column], rows=table.rows)
    return [as_code(value) or None for value in table.columns[column]]


def _attributes(
    table: FeatureTable, columns: Columns, options: BoundaryOptions
) -> list[dict[str, Any]]:
    asked = columns.unused if options.attributes is None else options.attributes
    for name in asked:
        if name not in table.columns:
            raise UnknownColumn(column=name, known=list(table.columns))
    kept = [name for name in asked if name not in columns.dropped]
    return [{name: _plain(table.columns[name][i]) for name in kept} for i in range(len(table))]


def _plain(value: Any) -> Any:
    is_infinite = isinstance(value, float) and not math.isfinite(value)
    return None if is_infinite else value  # JSON has no word for it


def _notes(table: FeatureTable) -> list[tuple[str, str]]:
    notes = list(table.notes)
    if table.had_z:
        notes.append(("高程（Z）已舍去，只保留平面坐标", "heights (Z) were left out"))
    return notes
