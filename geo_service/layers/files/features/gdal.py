"""Reads and writes tables through GDAL, and checks what GDAL passes over in silence."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from geo_service.errors import UnwritableFile
from geo_service.layers.area import Geometries
from geo_service.layers.files.disk import Note, noted_warnings, unreadable
from geo_service.layers.files.feature_layer import FeatureLayer, arrow_columns, free_name
from geo_service.layers.files.feature_table import FeatureTable, parsed_geometries
from geo_service.layers.files.features.arrow_column import arrow_values, is_bytes

Column: TypeAlias = tuple[str, list[Any]]

WARNINGS = (RuntimeWarning, UserWarning)
"""Those of GDAL and those of pyogrio."""

_MEASURED = "Measured (M) geometry types"

# GDAL's own stream of Arrow fails at a missing geometry of a FlatGeobuf
pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES"})


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


def read_table(path: Path, place: Path, **options: Any) -> GdalTable:
    """Read a table of ``place`` as Arrow: integers with gaps stay integers, dates stay text.

    Raises
    ------
    UnreadableFile
        Of ``path``: a value that is none.
    """
    with noted_warnings(*WARNINGS) as warned:
        meta, table = pyogrio.raw.read_arrow(place, datetime_as_string=True, **options)
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
        elif is_bytes(field.type):
            notes.append((f"二进制列 {field.name} 未读取", f"binary column {field.name} left out"))
        else:
            columns.append((field.name, arrow_values(path, field.name, table.column(position))))
    return GdalTable(columns, encoded, meta["crs"], notes)


@contextmanager
def translated(path: Path, place: Path) -> Iterator[None]:
    """Turn GDAL's errors into UnreadableFile of ``path``; ``place`` is the name GDAL was given."""
    try:
        yield
    except IndexError as error:  # pyogrio's own, where GDAL opened a file but found no table
        raise unreadable(
            path,
            "文件不完整：里面没有图层，请重新复制",
            "it is cut off: there is no table in it; copy it again",
        ) from error
    except (RuntimeError, OSError, UnicodeDecodeError, pa.ArrowException) as error:
        # pyogrio's own are RuntimeErrors, but for names of columns that are no UTF-8
        reason = str(error).replace(str(place), path.name).partition("; It might help")[0]
        raise unreadable(path, f"文件损坏或格式不符（{reason}）", f"damaged: {reason}") from error


@contextmanager
def staged(path: Path, *, magic: bytes, zh: str, en: str) -> Iterator[Path]:
    """Yield another name for a file that starts with ``magic``, such as GDAL takes for a name.

    Raises
    ------
    UnreadableFile
        With the reason given, where the file starts otherwise.
    """
    with path.open("rb") as file:
        # what GDAL opens is decided by the content, and a text file could point anywhere
        if file.read(len(magic)) != magic:
            raise unreadable(path, zh, en)
    with tempfile.TemporaryDirectory() as folder:
        # pyogrio reads "!", ";" and ".zip" in a path as addresses inside archives
        place = Path(folder) / f"layer{path.suffix.lower()}"
        place.symlink_to(path.resolve())
        yield place


def write_table(
    path: Path,
    made: Path,
    layer: FeatureLayer,
    *,
    driver: str,
    longest_integer: int,
    kind_of_none: str = "Unknown",
    **options: Any,
) -> list[Note]:
    """Write a table to ``made``; return what had to become text.

    Where no feature has a geometry, the table is one of ``kind_of_none``.

    Raises
    ------
    UnwritableFile
        Of ``path``: GDAL warned of a value that would not be as it was given, or could not write.
    """
    shapes, kind = of_one_kind(layer.geometries)
    is_placed = any(shape is not None for shape in shapes)
    arrays, notes = arrow_columns(layer.columns, longest_integer=longest_integer)
    geometry_name = free_name("geom", list(layer.columns))
    encoded = pa.array(shapely.to_wkb(shapes).tolist(), pa.binary())
    table = pa.table({geometry_name: encoded, **arrays})
    with noted_warnings(RuntimeWarning) as warned, _written_whole(path):
        pyogrio.raw.write_arrow(
            table,
            made,
            driver=driver,
            layer=layer.name,
            geometry_name=geometry_name,
            geometry_type=kind or ("Unknown" if is_placed else kind_of_none),
            **options,
        )
    if warned:
        raise UnwritableFile(path.name, f"GDAL 提示：{warned[0]}", f"GDAL says: {warned[0]}")
    return notes


@contextmanager
def _written_whole(path: Path) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # pyogrio's own
        folder = tempfile.gettempdir()
        raise UnwritableFile(
            path.name,
            f"GDAL 没有写成（{error}）；请检查临时文件夹 {folder} 的空间，再试一次",
            f"GDAL failed ({error}); look whether there is room in {folder}, and try again",
        ) from error


def of_one_kind(geometries: Geometries) -> tuple[Geometries, str | None]:
    """Return the geometries as one type where they are of one kind, and that type's name."""
    types = {shape.geom_type for shape in geometries if shape is not None}
    kinds = {name.removeprefix("Multi") for name in types}
    if len(kinds) != 1 or kinds & {"GeometryCollection", "LinearRing"}:
        return geometries, None
    if len(types) == 1:
        return geometries, types.pop()
    kind = f"Multi{kinds.pop()}"
    as_multi = getattr(shapely, kind)
    shapes = np.empty(len(geometries), dtype=object)
    shapes[:] = [
        shape if shape is None or shape.geom_type == kind else as_multi([shape])
        for shape in geometries
    ]
    return shapes, kind
