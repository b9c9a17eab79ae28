"""Writes zipped Shapefiles: GBK where it can, names cut where they must, and a list of the cuts."""

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from geo_service.errors import UnwritableFile
from geo_service.layers.area import Geometries
from geo_service.layers.files.disk import Note, writing_aside
from geo_service.layers.files.feature_layer import (
    Cell,
    FeatureLayer,
    blanks_note,
    field_names,
    renamed_note,
)
from geo_service.layers.files.features.gdal import of_one_kind, write_table

_NAME_BYTES = 10
_TEXT_BYTES = 254
_LONGEST_INTEGER = 10**17
"""What a numeric field of a .dbf holds for certain; longer ones are codes and become text."""


def write_shapefile(path: Path, layers: Sequence[FeatureLayer], crs_epsg: int) -> list[Note]:
    """Write each layer as a Shapefile of one zip.

    A value has 15 decimals; text is in GBK, or in UTF-8 where a character is not in GBK, and the
    .cpg says which; names too long are cut, and a CSV in the zip lists them.

    Raises
    ------
    UnwritableFile
        Mixed kinds of geometry, a text above 254 bytes, or a number that does not fit.
    """
    notes: list[Note] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        writing_aside(path) as aside,
        ZipFile(aside, "w", ZIP_DEFLATED) as archive,
    ):
        for number, layer in enumerate(layers):
            made = Path(folder) / str(number) / "layer.shp"
            made.parent.mkdir()
            names, said = _write_table(path, made, layer, crs_epsg)
            _pack(archive, made.parent, layer, names)
            notes += said
    return notes


def _write_table(
    path: Path, made: Path, layer: FeatureLayer, crs_epsg: int
) -> tuple[list[str], list[Note]]:
    _check_kind(path, layer.geometries)
    encoding = _encoding(layer.columns)
    _check_texts(path, layer.columns, encoding)
    names = field_names(list(layer.columns), encoding=encoding, limit_bytes=_NAME_BYTES)
    notes = write_table(
        path,
        made,
        replace(layer.renamed(names), name="layer"),
        driver="ESRI Shapefile",
        longest_integer=_LONGEST_INTEGER,
        kind_of_none="Polygon",
        crs=f"EPSG:{crs_epsg}",
        encoding=encoding.upper(),
    )
    renamed = renamed_note(list(layer.columns), names)
    return names, [*renamed, *blanks_note(layer.columns, "Shapefile"), *notes]


def _pack(archive: ZipFile, folder: Path, layer: FeatureLayer, names: list[str]) -> None:
    stem = layer.name.replace("/", "_").replace("\\", "_")
    for part in sorted(folder.iterdir()):
        archive.write(part, f"{stem}{part.suffix}")
    if names != list(layer.columns):
        archive.writestr(f"{stem}.fields.csv", _name_list(names, list(layer.columns)))


def _check_kind(path: Path, geometries: Geometries) -> None:
    _, kind = of_one_kind(geometries)
    types = {shape.geom_type for shape in geometries if shape is not None}
    if types and kind is None:
        raise UnwritableFile(
            path.name,
            f"Shapefile 只能放一种图形，现有 {'、'.join(sorted(types))}，请改用 .gpkg",
            f"a Shapefile holds one kind of geometry, these are {sorted(types)}; use .gpkg",
        )


def _encoding(columns: Mapping[str, Sequence[Cell]]) -> str:
    try:
        for text in _texts(columns):
            text.encode("gbk")
    except UnicodeEncodeError:  # rare characters of names of places
        return "utf-8"
    return "gbk"


def _texts(columns: Mapping[str, Sequence[Cell]]) -> Iterator[str]:
    yield from columns
    for values in columns.values():
        yield from (value for value in values if isinstance(value, str))


def _check_texts(path: Path, columns: Mapping[str, Sequence[Cell]], encoding: str) -> None:
    for name, values in columns.items():
        for position, value in enumerate(values):
            if isinstance(value, str) and len(value.encode(encoding)) > _TEXT_BYTES:
                raise UnwritableFile(
                    path.name,
                    f"第 {position + 1} 个要素的“{name}”超过 Shapefile 的 254 字节，请改用 .gpkg",
                    f"'{name}' of feature {position + 1} exceeds the 254 bytes of a Shapefile's"
                    " text; use .gpkg",
                )


def _name_list(names: list[str], full_names: list[str]) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["字段 field", "全名 full name"])
    rows.writerows(zip(names, full_names, strict=True))
    return text.getvalue().encode("utf-8-sig")
