"""Reads boundary files of any kind; the ending says which, the content has to agree."""

from pathlib import Path

from geo_service.errors import UnreadableFile
from geo_service.layers.files.disk import check_readable, unreadable
from geo_service.layers.files.feature_table import FeatureTable
from geo_service.layers.files.geojson import read_geojson

_GEOJSON = {".geojson", ".json"}
_SHAPEFILE = {".zip", ".shp"}
_GEOPACKAGE = {".gpkg"}


def list_tables(path: Path) -> list[str]:
    """Return the names of the feature tables in a file.

    Layers of a GeoPackage, shapefiles of a zip (with their folder); other files have one, named
    after the file.

    Raises
    ------
    UnreadableFile
        The file cannot be opened, or its ending is none of ours.
    """
    check_readable(path)
    ending = path.suffix.lower()
    if ending in _GEOJSON:
        return [path.stem]
    # GDAL takes two seconds to import, so only those who need it wait
    if ending in _GEOPACKAGE:
        from geo_service.layers.files.gdal import geopackage_tables

        return geopackage_tables(path)
    if ending in _SHAPEFILE:
        from geo_service.layers.files.shapefile import shapefile_tables

        return shapefile_tables(path)
    raise unreadable(
        path,
        f"不支持 {ending or '没有扩展名'} 的边界文件，请另存为 GeoJSON、GPKG 或压缩的 Shapefile",
        f"no boundary file by its ending ({ending or 'none'}); save it as GeoJSON, GPKG or a zipped"
        " Shapefile",
    )


def read_features(path: Path, *, table: str | None = None) -> FeatureTable:
    """Read one table of a GeoJSON, GeoPackage or Shapefile (.shp, or zipped).

    Coordinates are as in the file, x before y, without Z and M; nothing is converted or repaired.

    Parameters
    ----------
    path
        The file; its ending says the format.
    table
        Which table, where there are several.

    Raises
    ------
    UnreadableFile
        No such file, a folder, empty, damaged, not what its ending says, no such table, or several
        tables and none named.
    """
    tables = list_tables(path)
    ending = path.suffix.lower()
    if ending in _GEOJSON:
        return read_geojson(path)
    chosen = _chosen(path, tables, table)
    if ending in _GEOPACKAGE:
        from geo_service.layers.files.gdal import read_geopackage

        return read_geopackage(path, table=chosen)
    from geo_service.layers.files.shapefile import read_shapefile

    return read_shapefile(path, table=chosen)


def _chosen(path: Path, tables: list[str], table: str | None) -> str:
    if not tables:
        raise _without_tables(path)
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


def _without_tables(path: Path) -> UnreadableFile:
    if path.suffix.lower() == ".zip":
        return unreadable(path, "压缩包里没有 .shp", "there is no .shp in the zip")
    return unreadable(path, "里面没有空间图层", "it holds no table with geometry")
