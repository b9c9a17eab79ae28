"""Writes features as GeoJSON, GeoPackage or zipped Shapefile, whole or not at all."""

import csv
import io
import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import orjson
import shapely

from geo_service.errors import UnwritableFile
from geo_service.layers.area import Geometries
from geo_service.layers.files.disk import noted_warnings, writing_aside
from geo_service.layers.files.feature_table import plain

_GEOGRAPHIC_EPSG = {4326, 4490}
_DBF_NAME_BYTES = 10
_DBF_TEXT_BYTES = 254
_LONGEST_INTEGER = 10**17
"""What a numeric field of a .dbf holds for certain; longer ones are codes and become text."""


def write_features(
    path: Path,
    *,
    columns: Mapping[str, Sequence[Any]],
    geometries: Geometries,
    crs_epsg: int = 4490,
    layer_name: str,
) -> None:
    """Write features; the ending says whether GeoJSON, GeoPackage (.gpkg) or Shapefile (.zip).

    Every coordinate keeps its bits. GeoJSON follows RFC 7946: no ``crs``, rings turned so that the
    area is on their left. In the other two, single and multi-part outlines of one kind all become
    multi-part, and dates become text. A Shapefile holds 15 decimals of a value; it is in GBK, or in
    UTF-8 where a character is not in GBK, and its .cpg says which; names too long for it are cut,
    and a CSV in the zip lists them.

    Parameters
    ----------
    columns
        Values by name, each as many as there are geometries; floats that are not finite are written
        as missing.
    geometries
        ``(n,)`` shapely, in the frame ``crs_epsg``, x before y; None for none.
    crs_epsg
        EPSG code; degrees of 4490 or 4326 for GeoJSON.
    layer_name
        Name of the table, and of the parts of a Shapefile.

    Raises
    ------
    UnwritableFile
        An unknown ending, or what the format cannot hold: GeoJSON outside lon/lat, a Shapefile of
        mixed kinds or with a text above 254 bytes.
    """
    values = {name: [_cell(value) for value in cells] for name, cells in columns.items()}
    ending = path.suffix.lower()
    if ending in {".geojson", ".json"}:
        if crs_epsg not in _GEOGRAPHIC_EPSG:
            raise UnwritableFile(path.name, "GeoJSON 只能是经纬度", "GeoJSON holds lon/lat alone")
        with writing_aside(path) as aside, aside.open("wb") as file:
            file.writelines(_geojson(values, geometries, layer_name))
    elif ending == ".gpkg":
        _write_geopackage(path, values, geometries, f"EPSG:{crs_epsg}", layer_name)
    elif ending == ".zip":
        _write_shapefile(path, values, geometries, f"EPSG:{crs_epsg}", layer_name)
    else:
        raise UnwritableFile(
            path.name,
            f"不能写 {ending or '没有扩展名'} 文件，请用 .geojson、.gpkg 或 .zip（Shapefile）",
            f"cannot write '{ending}'; use .geojson, .gpkg or .zip (Shapefile)",
        )


def _cell(value: Any) -> str | int | float | bool | None:
    if isinstance(value, np.generic):  # numpy's own numbers are no ints to orjson and Arrow
        return _cell(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool) else plain(value)


def _geojson(
    columns: Mapping[str, list[Any]], geometries: Geometries, name: str
) -> Iterator[bytes]:
    texts = shapely.to_geojson(shapely.orient_polygons(geometries))
    yield b'{"type":"FeatureCollection","name":' + orjson.dumps(name) + b',"features":['
    for position, text in enumerate(texts):
        feature = {
            "type": "Feature",
            "properties": {name: cells[position] for name, cells in columns.items()},
            "geometry": None if text is None else orjson.Fragment(text),
        }
        yield (b",\n" if position else b"\n") + orjson.dumps(feature)
    yield b"\n]}\n"


def _write_geopackage(
    path: Path, columns: Mapping[str, list[Any]], geometries: Geometries, crs: str, layer_name: str
) -> None:
    names = _field_names(list(columns), encoding="utf-8", limit_bytes=None)
    named = dict(zip(names, columns.values(), strict=True))
    outline_column = _free_name("geom", names)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "layer.gpkg"
        _write_with_gdal(
            path,
            made,
            named,
            geometries,
            driver="GPKG",
            crs=crs,
            layer=layer_name,
            layer_options={"GEOMETRY_NAME": outline_column, "FID": _free_name("fid", names)},
        )
        with writing_aside(path) as aside:
            shutil.copyfile(made, aside)


def _write_shapefile(
    path: Path, columns: Mapping[str, list[Any]], geometries: Geometries, crs: str, layer_name: str
) -> None:
    encoding = _dbf_encoding(columns)
    _check_texts(path, columns, encoding)
    names = _field_names(list(columns), encoding=encoding, limit_bytes=_DBF_NAME_BYTES)
    stem = layer_name.replace("/", "_").replace("\\", "_")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "layer.shp"
        _write_with_gdal(
            path,
            made,
            dict(zip(names, columns.values(), strict=True)),
            geometries,
            driver="ESRI Shapefile",
            crs=crs,
            layer="layer",
            encoding=encoding.upper(),
        )
        with writing_aside(path) as aside, ZipFile(aside, "w", ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, f"{stem}{part.suffix}")
            if names != list(columns):
                archive.writestr(f"{stem}.fields.csv", _name_list(names, list(columns)))


def _write_with_gdal(
    path: Path,
    made: Path,
    columns: Mapping[str, list[Any]],
    geometries: Geometries,
    *,
    driver: str,
    **options: Any,
) -> None:
    # GDAL takes two seconds to import, so only those who need it wait
    import pyarrow as pa
    import pyogrio

    shapes, kind = _of_one_kind(path, geometries, driver)
    geometry_name = _free_name("geom", list(columns))
    table = pa.table(
        {
            geometry_name: pa.array(shapely.to_wkb(shapes).tolist(), pa.binary()),
            **{name: _arrow(values) for name, values in columns.items()},
        }
    )
    with noted_warnings(RuntimeWarning) as warned:
        pyogrio.raw.write_arrow(
            table, made, driver=driver, geometry_name=geometry_name, geometry_type=kind, **options
        )
    if warned:  # each tells of a value that is not as it was given
        raise UnwritableFile(path.name, f"GDAL 提示：{warned[0]}", f"GDAL says: {warned[0]}")


def _arrow(values: list[Any]) -> Any:
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    integers = [value for value in values if type(value) is int]
    is_short = all(abs(value) < _LONGEST_INTEGER for value in integers)
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int} and is_short:
        return pa.array(values, pa.int64())
    if kinds in ({float}, {int, float}) and is_short:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _of_one_kind(path: Path, geometries: Geometries, driver: str) -> tuple[Geometries, str]:
    """Return the geometries as one type where they are of one kind, and that type's name."""
    present = [shape for shape in geometries if shape is not None]
    types = {shape.geom_type for shape in present}
    kinds = {name.removeprefix("Multi") for name in types}
    is_shapefile = driver == "ESRI Shapefile"
    if len(kinds) != 1 or "GeometryCollection" in kinds or "LinearRing" in kinds:
        if is_shapefile and present:
            raise UnwritableFile(
                path.name,
                f"Shapefile 只能放一种图形，现有 {'、'.join(sorted(types))}，请改用 .gpkg",
                f"a Shapefile holds one kind of geometry, these are {sorted(types)}; use .gpkg",
            )
        return geometries, "Polygon" if is_shapefile else "Unknown"
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


def _field_names(names: list[str], *, encoding: str, limit_bytes: int | None) -> list[str]:
    """Return names unique whatever their case and within the limit, cut between characters."""
    given: list[str] = []
    taken: set[str] = set()
    for name in names:
        candidate, number = _cut(name, encoding, limit_bytes), 1
        while candidate.casefold() in taken:
            number += 1
            ending = f"_{number}"
            room = None if limit_bytes is None else limit_bytes - len(ending)
            candidate = _cut(name, encoding, room) + ending
        given.append(candidate)
        taken.add(candidate.casefold())
    return given


def _free_name(wanted: str, names: list[str]) -> str:
    taken = {name.casefold() for name in names}
    while wanted in taken:
        wanted = f"_{wanted}"
    return wanted


def _cut(text: str, encoding: str, limit_bytes: int | None) -> str:
    raw = text.encode(encoding)
    return raw[:limit_bytes].decode(encoding, errors="ignore")


def _dbf_encoding(columns: Mapping[str, list[Any]]) -> str:
    try:
        for text in _texts(columns):
            text.encode("gbk")
    except UnicodeEncodeError:  # rare characters of names of places
        return "utf-8"
    return "gbk"


def _texts(columns: Mapping[str, list[Any]]) -> Iterator[str]:
    yield from columns
    for values in columns.values():
        yield from (value for value in values if isinstance(value, str))


def _check_texts(path: Path, columns: Mapping[str, list[Any]], encoding: str) -> None:
    for name, values in columns.items():
        for position, value in enumerate(values):
            if isinstance(value, str) and len(value.encode(encoding)) > _DBF_TEXT_BYTES:
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
