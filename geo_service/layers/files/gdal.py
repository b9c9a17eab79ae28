"""Reads tables through GDAL, and checks what GDAL passes over in silence."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyogrio
import shapely

from geo_service.layers.files.disk import Note, noted_warnings, unreadable
from geo_service.layers.files.feature_table import FeatureTable, parsed_geometries, plain

Column: TypeAlias = tuple[str, list[Any]]

_SQLITE_MAGIC = b"SQLite format 3\x00"
_WARNINGS = (RuntimeWarning, UserWarning)
"""Those of GDAL and those of pyogrio."""
_MEASURED = "Measured (M) geometry types"
_UNDEFINED = ("Undefined geographic SRS", "Undefined Cartesian SRS")


@dataclass(frozen=True)
class GdalTable:
    """What GDAL found in one table: columns (names may repeat), WKB, frame, warnings."""

    columns: list[Column]
    encoded: list[bytes | None]
    crs: str | None
    notes: list[Note]

    def feature_table(
        self,
        path: Path,
        *,
        columns: dict[str, list[Any]],
        crs: str | None,
        encoding: str | None,
        notes: list[Note],
    ) -> FeatureTable:
        """Return the table with its geometries parsed; raises UnreadableFile naming a bad one."""
        shapes, had_z, had_m = parsed_geometries(path, self.encoded, shapely.from_wkb)
        all_notes = [*notes, *self.notes]
        if had_m:
            all_notes.append(("量测值（M）已舍去", "measures (M) were left out"))
        return FeatureTable(columns, shapes, crs, had_z, encoding, all_notes)


def read_table(staged: Path, **options: Any) -> GdalTable:
    """Read a table as Arrow: integers with gaps stay integers, dates stay text."""
    with noted_warnings(*_WARNINGS) as warned:
        meta, table = pyogrio.raw.read_arrow(staged, datetime_as_string=True, **options)
    geometry = meta["geometry_name"] or "wkb_geometry"
    notes = [
        (f"GDAL 提示：{text}", f"GDAL says: {text}")
        for text in warned
        if not text.startswith(_MEASURED)  # told in our own words with the geometries
    ]
    columns: list[Column] = []
    encoded: list[bytes | None] = [None] * len(table)
    for position, field in enumerate(table.schema):
        if field.name == geometry:
            encoded = table.column(position).to_pylist()
        elif pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            notes.append((f"二进制列 {field.name} 未读取", f"binary column {field.name} left out"))
        else:
            columns.append((field.name, _values(table.column(position))))
    return GdalTable(columns, encoded, meta["crs"], notes)


@contextmanager
def translated(path: Path, staged: Path) -> Iterator[None]:
    """Turn GDAL's errors into UnreadableFile of ``path``; ``staged`` is the name GDAL was given."""
    try:
        yield
    except (RuntimeError, OSError, pa.ArrowException) as error:  # pyogrio's are RuntimeErrors
        reason = str(error).replace(str(staged), path.name).partition("; It might help")[0]
        raise unreadable(path, f"文件损坏或格式不符（{reason}）", f"damaged: {reason}") from error


def geopackage_tables(path: Path) -> list[str]:
    """Return the names of the feature tables; style and attribute tables are left out.

    Raises
    ------
    UnreadableFile
        No GeoPackage, damaged or cut off.
    """
    with _staged(path) as staged, translated(path, staged), noted_warnings(*_WARNINGS):
        return [str(name) for name, kind in pyogrio.list_layers(staged) if kind is not None]


def read_geopackage(path: Path, *, table: str) -> FeatureTable:
    """Read one feature table.

    Raises
    ------
    UnreadableFile
        No GeoPackage, damaged, cut off, or a geometry of arcs.
    """
    with _staged(path) as staged, translated(path, staged):
        _check_pages(path, staged)
        found = read_table(staged, layer=table)
    is_defined = found.crs is not None and not any(name in found.crs for name in _UNDEFINED)
    return found.feature_table(
        path,
        columns=dict(found.columns),
        crs=found.crs if is_defined else None,
        encoding="UTF-8",
        notes=[],
    )


@contextmanager
def _staged(path: Path) -> Iterator[Path]:
    with path.open("rb") as file:
        # what GDAL opens is decided by the content, and a text file could point anywhere
        if file.read(len(_SQLITE_MAGIC)) != _SQLITE_MAGIC:
            raise unreadable(path, "不是 GeoPackage（SQLite）文件", "it is no GeoPackage (SQLite)")
    with tempfile.TemporaryDirectory() as folder:
        # pyogrio reads "!", ";" and ".zip" in a path as addresses inside archives
        staged = Path(folder) / "layer.gpkg"
        staged.symlink_to(path.resolve())
        yield staged


def _check_pages(path: Path, staged: Path) -> None:
    """Refuse a damaged database: GDAL stops at the first bad page and returns the rows before."""
    with noted_warnings(*_WARNINGS):
        answer = pyogrio.raw.read(staged, sql="PRAGMA quick_check(1)", read_geometry=False)
    verdict = str(answer[3][0][0])
    if verdict != "ok":
        reason = verdict.splitlines()[-1]
        raise unreadable(path, f"文件已损坏（{reason}）", f"the file is damaged ({reason})")


def _values(column: Any) -> list[Any]:
    kind = column.type
    values: list[Any] = column.to_pylist()
    is_plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_string(kind)
    return values if is_plain else [plain(value) for value in values]
