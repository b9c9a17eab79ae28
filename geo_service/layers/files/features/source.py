"""Reads boundary files of any kind; the ending says which, the content has to agree."""

from collections.abc import Sequence
from pathlib import Path

from geo_service.errors import UnreadableFile
from geo_service.layers import file_format
from geo_service.layers.file_format import FileFormat, format_read
from geo_service.layers.files.disk import check_readable, unreadable
from geo_service.layers.files.feature_table import FeatureTable


def list_tables(path: Path) -> list[str]:
    """Return the names of the feature tables in a file.

    Layers of a GeoPackage, shapefiles of a zip (with their folder), folders of a KML, layers of a
    DXF that hold closed lines, curves or hatches, visible sheets of a workbook; other files have
    one, named after the file.

    Raises
    ------
    UnreadableFile
        The file cannot be opened, or its ending is none of ours.
    """
    check_readable(path)
    return _tables(path, format_read(path.suffix, where=path.name))


def read_features(
    path: Path, *, table: str | None = None, likely_tables: Sequence[str] = ()
) -> FeatureTable:
    """Read one table of a boundary file.

    Coordinates are as in the file, x before y, without Z and M; nothing is converted or repaired.

    Parameters
    ----------
    path
        The file; its ending says the format.
    table
        Which table, where there are several.
    likely_tables
        Names to look for where there are several tables and none is named; the first that exists.

    Raises
    ------
    UnreadableFile
        No such file, a folder, empty, damaged, not what its ending says, no such table, or several
        tables and none named.
    SpoiledCodes
        A list in which a spreadsheet made numbers of long codes.
    """
    tables = list_tables(path)
    form = format_read(path.suffix, where=path.name)
    if table is None and len(tables) > 1:
        table = next((name for name in likely_tables if name in tables), None) or _usual(path, form)
    has_one = form not in (
        *(file_format.GEOPACKAGE, file_format.SHAPEFILE, file_format.KML),
        *(file_format.DXF, file_format.XLSX),
    )
    return _read(path, form, path.stem if has_one else _chosen(path, form, tables, table))


# GDAL takes two seconds to import, Arrow a fifth: only those who need them wait
def _tables(path: Path, form: FileFormat) -> list[str]:
    if form is file_format.GEOPACKAGE:
        from geo_service.layers.files.features.geopackage import geopackage_tables

        return geopackage_tables(path)
    if form is file_format.SHAPEFILE:
        from geo_service.layers.files.features.shapefile import shapefile_tables

        return shapefile_tables(path)
    if form is file_format.KML:
        from geo_service.layers.files.features.kml import kml_tables

        return kml_tables(path)
    if form is file_format.DXF:
        from geo_service.layers.files.features.dxf import dxf_tables

        return dxf_tables(path)
    if form is file_format.XLSX:
        from geo_service.layers.files.features.sheet import sheet_tables

        return sheet_tables(path)
    return [path.stem]


def _usual(path: Path, form: FileFormat) -> str | None:
    """Return the table of several that is read unless another one is named."""
    if form is not file_format.DXF:
        return None
    from geo_service.layers.files.features.dxf import drawn_layer

    return drawn_layer(path)


def _read(path: Path, form: FileFormat, table: str) -> FeatureTable:
    if form is file_format.GEOJSON:
        from geo_service.layers.files.features.geojson import read_geojson

        return read_geojson(path)
    if form in (file_format.GEOPACKAGE, file_format.SHAPEFILE, file_format.FLATGEOBUF):
        return _read_with_gdal(path, form, table)
    if form in (file_format.GEOPARQUET, file_format.ARROW):
        from geo_service.layers.files.features.columnar import read_columnar

        return read_columnar(path)
    if form is file_format.KML:
        from geo_service.layers.files.features.kml import read_kml

        return read_kml(path, table=table)
    if form is file_format.DXF:
        from geo_service.layers.files.features.dxf import read_dxf

        return read_dxf(path, table=table)
    from geo_service.layers.files.features.sheet import read_sheet

    return read_sheet(path, table=table)


def _read_with_gdal(path: Path, form: FileFormat, table: str) -> FeatureTable:
    if form is file_format.GEOPACKAGE:
        from geo_service.layers.files.features.geopackage import read_geopackage

        return read_geopackage(path, table=table)
    if form is file_format.SHAPEFILE:
        from geo_service.layers.files.features.shapefile import read_shapefile

        return read_shapefile(path, table=table)
    from geo_service.layers.files.features.flatgeobuf import read_flatgeobuf

    return read_flatgeobuf(path)


def _chosen(path: Path, form: FileFormat, tables: list[str], table: str | None) -> str:
    if not tables:
        raise _without_tables(path, form)
    if table is None and len(tables) == 1:
        return tables[0]
    if table in tables:
        return table
    listed = "、".join(tables[:10])
    if table is None:
        raise unreadable(
            path,
            f"里面有 {len(tables)} 个图层（{listed}），请指明读哪一个",
            f"it holds {len(tables)} tables ({listed}); say which one",
        )
    raise unreadable(
        path, f"没有图层“{table}”，有：{listed}", f"it has no table '{table}', but: {listed}"
    )


def _without_tables(path: Path, form: FileFormat) -> UnreadableFile:
    if form is file_format.SHAPEFILE:
        return unreadable(path, "压缩包里没有 .shp", "there is no .shp in the zip")
    if form is file_format.DXF:
        return unreadable(
            path,
            "没有闭合的多段线、曲线或填充：请把每个区域画成一条闭合多段线（PEDIT 合并并闭合）",
            "it holds no closed polyline, curve or hatch: draw each area as one closed polyline "
            "(PEDIT, join)",
        )
    return unreadable(path, "里面没有空间图层", "it holds no table with geometry")
