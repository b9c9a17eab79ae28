"""GeoPackages in and out, through GDAL.

References
----------
SQLite, "Database File Format", section 1.3: page size, the size of the file in pages, versions.
"""

import shutil
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyogrio

from geo_service.errors import UnreadableFile
from geo_service.layers.files.disk import Note, noted_warnings, unreadable, writing_aside
from geo_service.layers.files.feature_layer import (
    FeatureLayer,
    field_names,
    free_name,
    renamed_note,
)
from geo_service.layers.files.feature_table import FeatureTable
from geo_service.layers.files.features.gdal import (
    WARNINGS,
    read_table,
    staged,
    translated,
    write_table,
)

_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_WITH_JOURNAL = 2
"""Of the versions in bytes 18 and 19: changes are in a file beside it until somebody closes it."""
_LARGEST_PAGE = 1 << 16
_UNDEFINED = ("Undefined geographic SRS", "Undefined Cartesian SRS")
_LONGEST_INTEGER = 10**17
"""Longer ones are codes: other programs show them as floating-point numbers."""


def geopackage_tables(path: Path) -> list[str]:
    """Return the names of the feature tables; style and attribute tables are left out.

    Raises
    ------
    UnreadableFile
        No GeoPackage, damaged or cut off.
    """
    with _staged(path) as place, translated(path, place), noted_warnings(*WARNINGS):
        return [str(name) for name, kind in pyogrio.list_layers(place) if kind is not None]


def read_geopackage(path: Path, *, table: str) -> FeatureTable:
    """Read one feature table.

    Raises
    ------
    UnreadableFile
        No GeoPackage, damaged, cut off, or a geometry of arcs.
    """
    with _staged(path) as place, translated(path, place):
        _check_pages(path, place)
        found = read_table(path, place, layer=table)
    is_defined = found.crs is not None and not any(name in found.crs for name in _UNDEFINED)
    return found.feature_table(
        path,
        columns=dict(found.columns),
        crs=found.crs if is_defined else None,
        encoding="UTF-8",
        notes=_journal_notes(path),
    )


def write_geopackage(path: Path, layers: Sequence[FeatureLayer], crs_epsg: int) -> list[Note]:
    """Write each layer as a table; outlines of one kind, single or multi-part, become multi-part.

    Raises
    ------
    UnwritableFile
        GDAL could not keep a value.
    """
    notes: list[Note] = []
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "layer.gpkg"
        for layer in layers:
            notes += _write_table(path, made, layer, crs_epsg)
        with writing_aside(path) as aside:
            shutil.copyfile(made, aside)
    return notes


def _write_table(path: Path, made: Path, layer: FeatureLayer, crs_epsg: int) -> list[Note]:
    names = field_names(list(layer.columns), encoding="utf-8", limit_bytes=None)
    notes = write_table(
        path,
        made,
        layer.renamed(names),
        driver="GPKG",
        longest_integer=_LONGEST_INTEGER,
        crs=f"EPSG:{crs_epsg}",
        append=made.exists(),
        layer_options={"GEOMETRY_NAME": free_name("geom", names), "FID": free_name("fid", names)},
    )
    return [*renamed_note(list(layer.columns), names), *notes]


@contextmanager
def _staged(path: Path) -> Iterator[Path]:
    with staged(
        path,
        magic=_MAGIC,
        zh="不是 GeoPackage（SQLite）文件，只是扩展名为 .gpkg：请用原来的扩展名，或重新导出",
        en="it is no GeoPackage (SQLite), only named .gpkg: give it its own ending, or export it "
        "again",
    ) as place:
        _check_length(path)
        yield place


def _check_length(path: Path) -> None:
    """Say of a file that was cut off how much is missing: SQLite only says that it is damaged."""
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES:
        raise _cut_off(path, len(header), _HEADER_BYTES)
    page, changes, pages = *struct.unpack(">H", header[16:18]), *struct.unpack(">II", header[24:32])
    [valid_for] = struct.unpack(">I", header[92:96])
    # an old SQLite that wrote last has left another number there, and the size does not count
    expected = pages * (_LARGEST_PAGE if page == 1 else page) if changes == valid_for else 0
    if path.stat().st_size < expected:
        raise _cut_off(path, path.stat().st_size, expected)


def _cut_off(path: Path, size: int, expected: int) -> UnreadableFile:
    return unreadable(
        path,
        f"文件不完整：只有 {size:,} 字节，至少应有 {expected:,} 字节，可能没有传完，请重新复制",
        f"it is cut off: {size:,} bytes of at least {expected:,}; copy it again",
    )


def _journal_notes(path: Path) -> list[Note]:
    """Return the remark on a file that was copied while a program had it open, as QGIS does."""
    with path.open("rb") as file:
        is_journaled = _WITH_JOURNAL in file.read(_HEADER_BYTES)[18:20]
    real = path.resolve()
    journal = real.with_name(f"{real.name}-wal")  # GDAL itself makes an empty one
    if not is_journaled or (journal.exists() and journal.stat().st_size > 0):
        return []
    return [
        (
            f"复制时它正在别的程序里打开：最后的改动可能还在 {path.name}-wal 里，没有读到。"
            "请在 QGIS 等程序里关闭它，再复制一次",
            f"it was open in another program when it was copied: its last edits may be in "
            f"{path.name}-wal and were not read. Close it in QGIS or the like, and copy it again",
        )
    ]


def _check_pages(path: Path, place: Path) -> None:
    """Refuse a damaged database: GDAL stops at the first bad page and returns the rows before."""
    with noted_warnings(*WARNINGS):
        answer = pyogrio.raw.read(place, sql="PRAGMA quick_check(1)", read_geometry=False)
    verdict = str(answer[3][0][0])
    if verdict != "ok":
        reason = verdict.splitlines()[-1]
        raise unreadable(path, f"文件已损坏（{reason}）", f"the file is damaged ({reason})")
