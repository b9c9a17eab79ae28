"""GeoParquet and Arrow in and out: outlines as WKB in a column, the frame in the metadata."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import shapely
from pyarrow import parquet

from geo_service.errors import UnreadableFile
from geo_service.layers.file_format import ARROW
from geo_service.layers.files.disk import Note, unreadable, writing_aside
from geo_service.layers.files.feature_layer import FeatureLayer, arrow_columns, free_name
from geo_service.layers.files.feature_table import FeatureTable, parsed_geometries
from geo_service.layers.files.features.arrow_column import arrow_values, is_bytes
from geo_service.layers.frames import frame_projjson

MAX_UNPACKED_BYTES = 2 << 30

_VERSION = "1.1.0"
_GEO = b"geo"
_WITHOUT_CRS = "OGC:CRS84"
"""What a GeoParquet means that has no ``crs`` at all."""
_LONGEST_INTEGER = 2**63
_FILE_MAGIC = b"ARROW1"
_EXTENSION, _EXTENSION_FACTS = b"ARROW:extension:name", b"ARROW:extension:metadata"
_GEOARROW_WKB = b"geoarrow.wkb"


@dataclass(frozen=True)
class _Outlines:
    """What the metadata say of the column with the outlines, and which columns are of no use."""

    column: str
    crs: str | None
    unused: frozenset[str]
    notes: list[Note]


def read_columnar(path: Path) -> FeatureTable:
    """Read a GeoParquet (1.0, 1.1) or an Arrow file with outlines as WKB.

    Columns of bytes and further geometries are left out with a note. A GeoParquet without ``crs``
    is in OGC:CRS84, one whose ``crs`` is null says that nobody knows.

    Raises
    ------
    UnreadableFile
        Cut off, damaged, above 2 GB unpacked, without metadata of outlines, or outlines that are no
        WKB.
    """
    with _translated(path):
        table = _arrow(path) if path.suffix.lower() in ARROW.read else _parquet(path)
        outlines = _outlines(path, table)
    encoded = table.column(outlines.column).to_pylist()
    shapes, had_z, had_m = parsed_geometries(path, encoded, shapely.from_wkb)
    columns, notes = _columns(path, table, {outlines.column, *outlines.unused})
    if had_m:
        notes.append(("量测值（M）已舍去", "measures (M) were left out"))
    return FeatureTable(
        columns, shapes, outlines.crs, had_z, encoding="UTF-8", notes=[*outlines.notes, *notes]
    )


def write_columnar(path: Path, layers: Sequence[FeatureLayer], crs_epsg: int) -> list[Note]:
    """Write one layer as GeoParquet 1.1 or as an Arrow file; return what had to become text."""
    [layer] = layers
    arrays, notes = arrow_columns(layer.columns, longest_integer=_LONGEST_INTEGER)
    name = free_name("geometry", list(layer.columns))
    crs = frame_projjson(f"EPSG:{crs_epsg}")
    encoded = pa.array(shapely.to_wkb(layer.geometries).tolist(), pa.binary())
    outlines = pa.field(name, pa.binary(), metadata=_geoarrow(crs))
    fields = [pa.field(each, array.type) for each, array in arrays.items()]
    schema = pa.schema([*fields, outlines], metadata={_GEO: orjson.dumps(_geo(name, crs, layer))})
    table = pa.Table.from_arrays([*arrays.values(), encoded], schema=schema)
    with writing_aside(path) as aside:
        if path.suffix.lower() in ARROW.written:
            with pa.ipc.new_file(str(aside), schema) as writer:
                writer.write_table(table)
        else:
            parquet.write_table(table, aside)
    return notes


def _geo(name: str, crs: Mapping[str, Any], layer: FeatureLayer) -> dict[str, Any]:
    present = [shape for shape in layer.geometries if shape is not None]
    facts: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted({shape.geom_type for shape in present}),
        "crs": crs,
        "edges": "planar",
    }
    if any(not shape.is_empty for shape in present):
        facts["bbox"] = shapely.total_bounds(present).tolist()
    return {"version": _VERSION, "primary_column": name, "columns": {name: facts}}


def _geoarrow(crs: Mapping[str, Any]) -> dict[bytes, bytes]:
    facts = orjson.dumps({"crs": crs, "crs_type": "projjson"})
    return {_EXTENSION: _GEOARROW_WKB, _EXTENSION_FACTS: facts}


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        title = "Arrow" if path.suffix.lower() in ARROW.read else "Parquet"
        reason = str(error).replace(str(path), path.name)
        raise unreadable(
            path,
            f"不是完整的 {title} 文件，可能没有传完，请重新复制（{reason}）",
            f"it is no complete {title} file, perhaps cut off; copy it again ({reason})",
        ) from error


def _parquet(path: Path) -> Any:
    with parquet.ParquetFile(path) as file:
        groups = range(file.metadata.num_row_groups)
        _check_size(path, sum(file.metadata.row_group(i).total_byte_size for i in groups))
        return file.read()


def _arrow(path: Path) -> Any:
    with path.open("rb") as file:
        start = file.read(len(_FILE_MAGIC))
    if start != _FILE_MAGIC:
        raise unreadable(
            path,
            "不是 Arrow 文件（IPC file、Feather 第 2 版）；流（stream）请另存为文件",
            "it is no Arrow file (IPC file, Feather version 2); save a stream as a file",
        )
    batches, size = [], 0
    with pa.ipc.open_file(str(path)) as file:
        for position in range(file.num_record_batches):
            batch = file.get_batch(position)
            batch.validate(full=True)  # a stranger's offsets may point anywhere
            batches.append(batch)
            size += batch.nbytes
            _check_size(path, size)
        return pa.Table.from_batches(batches, schema=file.schema)


def _check_size(path: Path, size: int) -> None:
    if size > MAX_UNPACKED_BYTES:
        raise unreadable(
            path,
            f"展开后 {size / (1 << 30):.1f} GB，超过 2 GB，没有读取：请拆分",
            f"it would unpack to {size / (1 << 30):.1f} GB, above 2 GB; split it",
        )


def _outlines(path: Path, table: Any) -> _Outlines:
    names = table.schema.names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise unreadable(path, f"列名重复：{'、'.join(twice)}", f"columns stand twice: {twice}")
    stated = (table.schema.metadata or {}).get(_GEO)
    found = _geoparquet(path, stated) if stated else _geoarrow_column(path, table.schema)
    if found.column not in names or not is_bytes(table.schema.field(found.column).type):
        raise unreadable(
            path,
            f"元数据说图形在“{found.column}”列，但没有这一列，或它不是 WKB",
            f"its metadata put the outlines in '{found.column}', which is not there or no WKB",
        )
    return found


def _geoparquet(path: Path, stated: bytes) -> _Outlines:
    try:
        geo = orjson.loads(stated)
        column = geo["primary_column"]
        facts = geo["columns"][column]
        encoding, covering = facts["encoding"], facts.get("covering", {}).get("bbox", {})
        boxes = {place[0] for place in covering.values()}
        others = {name for name in geo["columns"] if name != column}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise unreadable(
            path,
            "GeoParquet 的 geo 元数据读不懂，请用 GDAL 或 geopandas 重新导出",
            "its geo metadata cannot be understood; export it again with GDAL or geopandas",
        ) from error
    if encoding != "WKB":
        raise unreadable(
            path,
            f"图形的编码是 {encoding}，只读 WKB：请以 WKB 编码重新导出",
            f"its outlines are encoded as {encoding}; only WKB is read, export it so",
        )
    notes = [(f"另一图形列 {name} 未读取", f"geometry column {name} left out") for name in others]
    if facts.get("edges", "planar") != "planar":
        notes.append(("边声明为球面大圆，按直线读取", "edges stated as spherical, read straight"))
    return _Outlines(column, _stated_crs(facts), frozenset(boxes | others), notes)


def _stated_crs(facts: Mapping[str, Any]) -> str | None:
    return _crs_text(facts["crs"]) if "crs" in facts else _WITHOUT_CRS


def _crs_text(crs: Any) -> str | None:
    """Return a PROJJSON, WKT or code as one text; no EPSG code is like CRS84, so it is named."""
    if not isinstance(crs, dict):
        return crs if isinstance(crs, str) else None
    if crs.get("id") == {"authority": "OGC", "code": "CRS84"}:
        return _WITHOUT_CRS
    return orjson.dumps(crs).decode()


def _geoarrow_column(path: Path, schema: Any) -> _Outlines:
    for field in schema:
        facts = field.metadata or {}
        if facts.get(_EXTENSION) == _GEOARROW_WKB:
            stated = _object(facts.get(_EXTENSION_FACTS, b""))
            return _Outlines(field.name, _crs_text(stated.get("crs")), frozenset(), [])
    raise _without_outlines(path, schema.names)


def _object(text: bytes) -> Mapping[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _without_outlines(path: Path, names: Sequence[str]) -> UnreadableFile:
    listed = "、".join(names[:10])
    return unreadable(
        path,
        f"没有图形：缺少 GeoParquet 或 GeoArrow 的元数据（列：{listed}）。"
        "请用 GDAL 或 geopandas 导出为 GeoParquet",
        f"it holds no outlines: metadata of GeoParquet or GeoArrow are missing (columns: {listed})."
        " Export it as GeoParquet with GDAL or geopandas",
    )


def _columns(path: Path, table: Any, unused: set[str]) -> tuple[dict[str, list[Any]], list[Note]]:
    columns: dict[str, list[Any]] = {}
    notes: list[Note] = []
    for field in table.schema:
        if field.name in unused:
            continue
        if is_bytes(field.type):
            notes.append((f"二进制列 {field.name} 未读取", f"binary column {field.name} left out"))
        else:
            columns[field.name] = arrow_values(path, field.name, table.column(field.name))
    return columns, notes
