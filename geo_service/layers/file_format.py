"""Which files boundaries come in and go out as: the one list that messages and doors repeat."""

from dataclasses import dataclass

from geo_service.errors import UnreadableFile, UnwritableFile


@dataclass(frozen=True)
class FileFormat:
    """A format by the endings of its files; those of ``written`` go out, of ``read`` come in.

    ``media_type`` is what a download is called, and empty where nothing is written.
    ``has_tables`` tells whether one file can go out with several layers.
    """

    title: str
    read: tuple[str, ...]
    written: tuple[str, ...] = ()
    media_type: str = ""
    has_tables: bool = False


GEOJSON = FileFormat(
    "GeoJSON", (".geojson", ".json"), (".geojson", ".json"), "application/geo+json"
)
GEOPACKAGE = FileFormat(
    "GeoPackage", (".gpkg",), (".gpkg",), "application/geopackage+sqlite3", has_tables=True
)
SHAPEFILE = FileFormat("Shapefile", (".zip", ".shp"), (".zip",), "application/zip", has_tables=True)
FLATGEOBUF = FileFormat("FlatGeobuf", (".fgb",), (".fgb",), "application/flatgeobuf")
GEOPARQUET = FileFormat(
    "GeoParquet",
    (".parquet", ".geoparquet"),
    (".parquet", ".geoparquet"),
    "application/vnd.apache.parquet",
)
ARROW = FileFormat(
    "Arrow", (".arrow", ".feather"), (".arrow", ".feather"), "application/vnd.apache.arrow.file"
)
KML = FileFormat(
    "KML", (".kml", ".kmz"), (".kml",), "application/vnd.google-earth.kml+xml", has_tables=True
)
DXF = FileFormat("DXF", (".dxf",))
CSV = FileFormat("CSV", (".csv", ".tsv", ".txt"), (".csv",), "text/csv; charset=utf-8")
XLSX = FileFormat(
    "XLSX",
    (".xlsx", ".xlsm"),
    (".xlsx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)

FORMATS = (
    GEOJSON,
    GEOPACKAGE,
    SHAPEFILE,
    FLATGEOBUF,
    GEOPARQUET,
    ARROW,
    KML,
    DXF,
    CSV,
    XLSX,
)
_OLD_TABLES = (".xls", ".et")
_FORMAT_READ = {ending: each for each in FORMATS for ending in each.read}
_FORMAT_WRITTEN = {ending: each for each in FORMATS for ending in each.written}

READABLE = "、".join(f"{each.title} {' '.join(each.read)}" for each in FORMATS)
"""Every format that comes in, with its endings; lists of rows carry their outlines as WKT."""
WRITABLE = "、".join(f"{each.title} {' '.join(each.written)}" for each in FORMATS if each.written)
"""Every format that goes out, with its endings."""
WRITTEN_ENDINGS = tuple(_FORMAT_WRITTEN)


def format_read(ending: str, *, where: str) -> FileFormat:
    """Return the format of a file to read, by its ending in any case.

    Raises
    ------
    UnreadableFile
        No boundaries come in files of this ending; the reason names the way out.
    """
    found = _FORMAT_READ.get(ending.lower())
    if found is not None:
        return found
    if ending.lower() in _OLD_TABLES:
        raise UnreadableFile(
            where,
            f"不支持旧格式 {ending}，请在 WPS 或 Excel 中另存为 .xlsx",
            f"{ending} is not supported; save it as .xlsx in WPS or Excel",
        )
    raise UnreadableFile(
        where,
        f"不支持 {ending or '没有扩展名'} 的边界文件，请另存为：{READABLE}",
        f"no boundary file by its ending ({ending or 'none'}); save it as one of: "
        f"{_in_english(READABLE)}",
    )


def format_written(ending: str, *, where: str) -> FileFormat:
    """Return the format of a file to write, by its ending in any case.

    Raises
    ------
    UnwritableFile
        No boundaries go out in files of this ending.
    """
    found = _FORMAT_WRITTEN.get(ending.lower())
    if found is None:
        raise UnwritableFile(
            where,
            f"不能写 {ending or '没有扩展名'} 文件，请用：{WRITABLE}",
            f"cannot write '{ending}'; use one of: {_in_english(WRITABLE)}",
        )
    return found


def media_types() -> dict[str, str]:
    """Return the media type of each ending that goes out."""
    return {ending: _FORMAT_WRITTEN[ending].media_type for ending in WRITTEN_ENDINGS}


def _in_english(text: str) -> str:
    return text.replace("、", ", ")
