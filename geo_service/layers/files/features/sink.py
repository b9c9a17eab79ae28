"""Writes boundary files of any kind, whole or not at all, and says what a format cannot hold."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from geo_service.errors import UnwritableFile
from geo_service.layers import file_format
from geo_service.layers.area import Geometries
from geo_service.layers.file_format import FileFormat, format_written
from geo_service.layers.files.disk import Note
from geo_service.layers.files.feature_layer import FeatureLayer

_Writer: TypeAlias = Callable[[Path, Sequence[FeatureLayer], int], list[Note]]


def write_features(
    path: Path,
    *,
    columns: Mapping[str, Sequence[Any]],
    geometries: Geometries,
    crs_epsg: int = 4490,
    layer_name: str,
) -> list[Note]:
    """Write one table of features; see ``write_layers``.

    Raises
    ------
    UnwritableFile
        An unknown ending, or what the format cannot hold.
    """
    return write_layers(path, [FeatureLayer(layer_name, columns, geometries)], crs_epsg=crs_epsg)


def write_layers(path: Path, layers: Sequence[FeatureLayer], *, crs_epsg: int = 4490) -> list[Note]:
    """Write features; the ending says the format. Return what the format could not hold as it is.

    Every coordinate keeps its bits in every format, and a file is there whole or not at all.
    Floats that are not finite are written as missing, dates become text.

    Parameters
    ----------
    layers
        One or more, with different names; the geometries in the frame ``crs_epsg``.
    crs_epsg
        EPSG code; degrees of 4490 or 4326 for GeoJSON and KML.

    Raises
    ------
    UnwritableFile
        An unknown ending, several layers for a format that holds one, or what the format cannot
        hold: GeoJSON outside lon/lat, a Shapefile of mixed kinds or with a text above 254 bytes, an
        outline longer than a cell of a workbook.
    """
    form = format_written(path.suffix, where=path.name)
    if len(layers) > 1 and not form.has_tables:
        several = [each.title for each in file_format.FORMATS if each.has_tables]
        raise UnwritableFile(
            path.name,
            f"{form.title} 只能放一个图层；多个图层请用 {'、'.join(several)}",
            f"{form.title} holds one layer; for several use {', '.join(several)}",
        )
    return _writer(form)(path, [layer.of_cells() for layer in layers], crs_epsg)


# GDAL takes two seconds to import, Arrow a fifth: only those who need them wait
def _writer(form: FileFormat) -> _Writer:
    if form in (file_format.GEOPACKAGE, file_format.SHAPEFILE, file_format.FLATGEOBUF):
        return _writer_of_gdal(form)
    if form in (file_format.GEOPARQUET, file_format.ARROW):
        from geo_service.layers.files.features.columnar import write_columnar

        return write_columnar
    if form is file_format.GEOJSON:
        from geo_service.layers.files.features.geojson import write_geojson

        return write_geojson
    if form is file_format.KML:
        from geo_service.layers.files.features.kml import write_kml

        return write_kml
    from geo_service.layers.files.features.sheet import write_sheet

    return write_sheet


def _writer_of_gdal(form: FileFormat) -> _Writer:
    if form is file_format.GEOPACKAGE:
        from geo_service.layers.files.features.geopackage import write_geopackage

        return write_geopackage
    if form is file_format.SHAPEFILE:
        from geo_service.layers.files.features.shapefile_sink import write_shapefile

        return write_shapefile
    from geo_service.layers.files.features.flatgeobuf import write_flatgeobuf

    return write_flatgeobuf
