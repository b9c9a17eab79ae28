"""GeoJSON in and out: GDAL would guess dates, types and a frame that the file never named."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import shapely

from geo_service.errors import UnreadableFile, UnwritableFile
from geo_service.layers.files.disk import Note, unreadable, writing_aside
from geo_service.layers.files.feature_layer import EXACT_INTEGERS, FeatureLayer
from geo_service.layers.files.feature_table import FeatureTable, parsed_geometries, plain

MAX_BYTES = 1 << 30
"""The whole document stands in memory, at about eight times its size."""

_GEOGRAPHIC_EPSG = {4326, 4490}
_M_NOTE: Note = ("量测值（M）已舍去", "measures (M) were left out")


def read_geojson(path: Path) -> FeatureTable:
    """Read a FeatureCollection; RFC 7946, and the older ``crs`` member as evidence of a frame.

    A feature's own ``id`` becomes the column ``id`` unless a property has that name.

    Raises
    ------
    UnreadableFile
        No JSON, no FeatureCollection, or a geometry that is none, naming the feature.
    """
    document, encoding, notes = _document(path)
    features = _features(path, document)
    properties = [_properties(path, i, feature) for i, feature in enumerate(features, start=1)]
    names = dict.fromkeys(name for row in properties for name in row)
    shapes, had_z, had_m = parsed_geometries(
        path, _geometry_texts(path, features), shapely.from_geojson
    )
    return FeatureTable(
        columns={name: _column(path, name, properties) for name in names},
        geometries=shapes,
        crs=_crs(document.get("crs")),
        had_z=had_z,
        encoding=encoding,
        notes=[*notes, _M_NOTE] if had_m else notes,
    )


def write_geojson(path: Path, layers: Sequence[FeatureLayer], crs_epsg: int) -> list[Note]:
    """Write one layer as RFC 7946 says: no ``crs``, rings turned so that areas are on their left.

    Raises
    ------
    UnwritableFile
        Coordinates that are no longitude and latitude.
    """
    [layer] = layers
    if crs_epsg not in _GEOGRAPHIC_EPSG:
        raise UnwritableFile(path.name, "GeoJSON 只能是经纬度", "GeoJSON holds lon/lat alone")
    with writing_aside(path) as aside, aside.open("wb") as file:
        file.writelines(_collection(layer))
    return [_frame_note(crs_epsg), *_integer_notes(layer)]


def _collection(layer: FeatureLayer) -> Iterator[bytes]:
    texts = shapely.to_geojson(shapely.orient_polygons(layer.geometries))
    name = orjson.dumps(layer.name)
    yield b'{"type":"FeatureCollection","name":' + name + b',"features":['
    for position, text in enumerate(texts):
        feature = {
            "type": "Feature",
            "properties": {name: cells[position] for name, cells in layer.columns.items()},
            "geometry": None if text is None else orjson.Fragment(text),
        }
        yield (b",\n" if position else b"\n") + orjson.dumps(feature)
    yield b"\n]}\n"


def _frame_note(crs_epsg: int) -> Note:
    return (
        f"GeoJSON 不写坐标系（RFC 7946）：坐标为 EPSG:{crs_epsg}，再导入时请注明",
        f"GeoJSON names no frame (RFC 7946): these are EPSG:{crs_epsg}; say so when importing",
    )


def _integer_notes(layer: FeatureLayer) -> list[Note]:
    names = [
        name
        for name, cells in layer.columns.items()
        if any(type(cell) is int and abs(cell) > EXACT_INTEGERS for cell in cells)
    ]
    if not names:
        return []
    return [
        (
            f"{'、'.join(names)} 中有超过 2^53 的整数：文件里准确，但许多程序按浮点数读会改末几位",
            f"{', '.join(names)} hold integers above 2^53: exact in the file, but many programs "
            "read them as floating-point numbers and change the last digits",
        )
    ]


def _document(path: Path) -> tuple[dict[str, Any], str, list[Note]]:
    if path.stat().st_size > MAX_BYTES:
        raise unreadable(
            path, "GeoJSON 超过 1 GB，请改用 GPKG", "GeoJSON above 1 GB; use GPKG instead"
        )
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    text, encoding, notes = _text(path, content)
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise unreadable(
            path,
            f"不是 JSON：第 {error.lineno} 行第 {error.colno} 列（{error.msg}）",
            f"it is no JSON: {error}",
        ) from error
    if not isinstance(document, dict):
        raise _no_collection(path, type(document).__name__)
    return document, encoding, notes


def _text(path: Path, content: bytes) -> tuple[bytes | str, str, list[Note]]:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return content, "UTF-8", []
    try:
        note = ("编码按 GBK 读取（GeoJSON 应为 UTF-8）", "text read as GBK (should be UTF-8)")
        return content.decode("gb18030"), "GB18030", [note]
    except UnicodeDecodeError as error:
        raise unreadable(
            path, "不是 UTF-8 也不是 GBK 文本", "it is neither UTF-8 nor GBK text"
        ) from error


def _features(path: Path, document: dict[str, Any]) -> list[dict[str, Any]]:
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise _no_collection(path, str(document.get("type", "object")))
    for position, feature in enumerate(features):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise unreadable(
                path,
                f"features 的第 {position + 1} 项不是 Feature",
                f"item {position + 1} of features is no Feature",
            )
    return features


def _no_collection(path: Path, found: str) -> UnreadableFile:
    return unreadable(
        path,
        f"JSON 的内容是 {found[:40]}，不是 GeoJSON 的 FeatureCollection",
        f"the JSON is a {found[:40]}, not a GeoJSON FeatureCollection",
    )


def _properties(path: Path, number: int, feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise unreadable(
            path,
            f"第 {number} 个要素的 properties 不是 JSON 对象",
            f"the properties of feature {number} are no JSON object",
        )
    if feature.get("id") is not None and "id" not in properties:
        return {"id": feature["id"], **properties}
    return properties


def _column(path: Path, name: str, properties: Sequence[dict[str, Any]]) -> list[Any]:
    try:
        return [plain(row.get(name)) for row in properties]
    except orjson.JSONEncodeError as error:  # nested deeper than orjson writes, though it reads it
        raise unreadable(
            path, f"“{name}”的值嵌套过深", f"a value of '{name}' is nested too deep"
        ) from error


def _geometry_texts(path: Path, features: Sequence[dict[str, Any]]) -> list[str | None]:
    shapes = [feature.get("geometry") for feature in features]
    return [
        None if shape is None else _json(path, number, shape)
        for number, shape in enumerate(shapes, start=1)
    ]


def _json(path: Path, number: int, value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError as error:
        raise unreadable(
            path,
            f"第 {number} 个要素的图形嵌套过深",
            f"the geometry of feature {number} is nested too deep",
        ) from error


def _crs(member: Any) -> str | None:
    properties = member.get("properties") if isinstance(member, dict) else None
    if not isinstance(properties, dict):
        return None
    if properties.get("code") is not None:  # GeoJSON before 2008
        return f"EPSG:{properties['code']}"
    name = properties.get("name")
    return name.strip() or None if isinstance(name, str) else None
