"""KML in and out, KMZ in: names, descriptions and ExtendedData; every digit of a coordinate."""

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely

from geo_service.errors import UnwritableFile
from geo_service.layers.files.archive import entry_name, extract, opened_archive
from geo_service.layers.files.disk import Note, unreadable, writing_aside
from geo_service.layers.files.feature_layer import Cell, FeatureLayer, text_of
from geo_service.layers.files.feature_table import FeatureTable

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_GEOGRAPHIC_EPSG = {4326, 4490}
_FOLDERS = {"Document", "Folder"}
_COLLECTION = "MultiGeometry"
_INTS = range(-(2**31), 2**31)
_CHUNK_BYTES = 1 << 20
_READ_AS: dict[str, Callable[[str], Cell]] = {
    **dict.fromkeys(("int", "uint", "short", "ushort"), int),
    **dict.fromkeys(("float", "double"), float),
}
"""Types of a Schema; text is what any other is."""

_Types: TypeAlias = dict[str, dict[str, str]]
"""Address of a Schema → name of a field → its type."""

_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_DECLARATION_BYTES = 200
_CHINESE = {"gbk", "gb2312", "gb18030", "cp936"}

_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], "\ufffd")


@dataclass
class _Folder:
    """The placemarks that stand in one folder: their cells by name, and outlines with heights."""

    rows: list[dict[str, Cell]] = field(default_factory=list)
    outlines: list[shapely.Geometry | None] = field(default_factory=list)


def kml_tables(path: Path) -> list[str]:
    """Return the names of the folders that hold placemarks; unnamed ones are called by the file.

    Raises
    ------
    UnreadableFile
        No KML, damaged or cut off.
    """
    with _document(path) as document:
        return list(_folders(path, document))


def read_kml(path: Path, *, table: str) -> FeatureTable:
    """Read the placemarks of one folder; its frame counts as unnamed, whatever the format says.

    Columns are ``name``, ``description`` and the ExtendedData, whose Schema says what is a number;
    ExtendedData called ``name`` goes before the label. Network links are not followed.

    Raises
    ------
    UnreadableFile
        No KML, damaged, cut off, or a geometry that is none, naming the placemark.
    """
    with _document(path) as document:
        folder = _folders(path, document)[table]
    shapes = np.empty(len(folder.outlines), dtype=object)
    shapes[:] = folder.outlines
    names = dict.fromkeys(name for row in folder.rows for name in row)
    columns = {name: [row.get(name) for row in folder.rows] for name in names}
    had_z = bool(shapely.has_z(shapes).any())
    return FeatureTable(columns, shapely.force_2d(shapes), None, had_z, "UTF-8")


def write_kml(path: Path, layers: Sequence[FeatureLayer], crs_epsg: int) -> list[Note]:
    """Write each layer as a folder; the label is the column ``name``, all columns ExtendedData.

    Raises
    ------
    UnwritableFile
        Coordinates that are no longitude and latitude.
    """
    if crs_epsg not in _GEOGRAPHIC_EPSG:
        raise UnwritableFile(path.name, "KML 只能是经纬度", "KML holds lon/lat alone")
    with writing_aside(path) as aside, aside.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write(f'<kml xmlns="{_NAMESPACE}"><Document>\n')
        for number, layer in enumerate(layers):
            file.writelines(_schema(layer, number))
        for number, layer in enumerate(layers):
            file.writelines(_folder(layer, number))
        file.write("</Document></kml>\n")
    frame = (
        f"KML 按约定是 WGS 84，坐标为 EPSG:{crs_epsg}；再导入时请注明坐标系",
        f"KML means WGS 84, the coordinates are EPSG:{crs_epsg}; name the frame when importing",
    )
    return [frame, *(note for layer in layers for note in _type_notes(layer))]


@contextmanager
def _document(path: Path) -> Iterator[Path]:
    """Yield the KML itself, out of its KMZ if it is in one."""
    if path.suffix.lower() != ".kmz":
        yield path
        return
    with opened_archive(path) as archive, tempfile.TemporaryDirectory() as folder:
        entries = [each for each in archive.infolist() if entry_name(each).lower().endswith(".kml")]
        if not entries:
            raise unreadable(path, "压缩包里没有 .kml", "there is no .kml in it")
        target = Path(folder) / "doc.kml"
        extract(archive, {target: entries[0]})  # the first one is what a viewer opens
        yield target


def _folders(path: Path, document: Path) -> dict[str, _Folder]:
    """Read a document in pieces; expat bounds what entities may grow to."""
    found: dict[str, _Folder] = {}
    types: _Types = {}
    above: list[Element] = []
    try:
        for event, element in _events(document):
            tag = _tag(element)
            if event == "start":
                above.append(element)
                _check_root(path, above, tag)
                continue
            above.pop()
            if tag == "Schema":
                types["#" + element.get("id", "")] = dict(_fields(element))
            elif tag == "Placemark":
                _add(path, found.setdefault(_folder_name(path, above), _Folder()), element, types)
            if tag in {"Placemark", *_FOLDERS}:
                element.clear()
    except (ParseError, ValueError, LookupError) as error:  # the latter two of its encoding
        raise unreadable(
            path, f"不是完整的 KML（{error}），请重新导出或复制", f"it is no complete KML ({error})"
        ) from error
    return found


def _events(document: Path) -> Iterator[tuple[str, Element]]:
    parser: Any = XMLPullParser(("start", "end"))
    for chunk in _chunks(document):
        parser.feed(chunk)
        yield from parser.read_events()
    parser.close()
    yield from parser.read_events()


def _chunks(document: Path) -> Iterator[bytes | str]:
    """Yield the pieces of a document, as text where its declaration names GBK: expat lacks that."""
    with document.open("rb") as file:
        declared = _ENCODING.match(file.read(_DECLARATION_BYTES))
        file.seek(0)
        if declared is None or declared[1].decode().lower() not in _CHINESE:
            yield from iter(partial(file.read, _CHUNK_BYTES), b"")
            return
    with document.open(encoding="gb18030") as text:
        yield from iter(partial(text.read, _CHUNK_BYTES), "")


def _check_root(path: Path, above: list[Element], tag: str) -> None:
    if len(above) == 1 and tag != "kml":
        raise unreadable(
            path, f"XML 的内容是 {tag[:40]}，不是 KML", f"the XML is a {tag[:40]}, not a KML"
        )


def _folder_name(path: Path, above: list[Element]) -> str:
    """Return the name of the innermost named folder above a placemark."""
    for element in reversed(above):
        if _tag(element) in _FOLDERS and (name := _text(element, "name")):
            return name
    return path.stem


def _fields(schema: Element) -> Iterator[tuple[str, str]]:
    for element in schema:
        if _tag(element) == "SimpleField":
            yield element.get("name", ""), element.get("type", "").removeprefix("xsd:")


def _cells(placemark: Element, types: _Types) -> dict[str, Cell]:
    row: dict[str, Cell] = {}
    for label in ("name", "description"):
        if (text := _text(placemark, label)) is not None:
            row[label] = text
    for element in placemark.iter():
        if _tag(element) == "SchemaData":
            kinds = types.get(element.get("schemaUrl", ""), {})
            for child in element:
                name = child.get("name", "")
                row[name] = _typed(child.text or "", kinds.get(name, ""))
        elif _tag(element) == "Data":
            row[element.get("name", "")] = _text(element, "value")
    return row


def _add(path: Path, folder: _Folder, placemark: Element, types: _Types) -> None:
    row = _cells(placemark, types)
    try:
        outlines = [found for child in placemark if (found := _outline(child)) is not None]
    except (ValueError, RecursionError, shapely.errors.ShapelyError) as error:
        number, label = len(folder.rows) + 1, row.get("name") or ""
        raise unreadable(
            path,
            f"第 {number} 个地标（{label}）的图形无法读取（{error}）",
            f"the geometry of placemark {number} ({label}) cannot be read ({error})",
        ) from error
    folder.rows.append(row)
    folder.outlines.append(outlines[0] if outlines else None)


def _typed(text: str, kind: str) -> Cell:
    try:
        value = _READ_AS[kind](text)
    except (KeyError, ValueError):  # text is what it is where its Schema says otherwise
        return text
    return text if isinstance(value, int) and str(value) != text else value  # 007 is a code


def _outline(element: Element) -> Any:
    tag = _tag(element)
    if tag == "Point":
        return shapely.Point(_coordinates(element)[0])
    if tag == "LineString":
        return shapely.LineString(_coordinates(element))
    if tag == "Polygon":
        rings: dict[str, list[Any]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
        for child in element:
            if _tag(child) in rings:
                rings[_tag(child)].append(_coordinates(child))
        if not rings["outerBoundaryIs"]:
            raise ValueError("没有外边界 / no outerBoundaryIs")
        return shapely.Polygon(rings["outerBoundaryIs"][0], rings["innerBoundaryIs"])
    if tag == _COLLECTION:
        parts = [found for child in element if (found := _outline(child)) is not None]
        return _joined(parts)
    return None


def _joined(parts: Sequence[Any]) -> Any:
    kinds = {part.geom_type for part in parts}
    several: dict[str, Any] = {
        "Polygon": shapely.MultiPolygon,
        "LineString": shapely.MultiLineString,
        "Point": shapely.MultiPoint,
    }
    kind = kinds.pop() if len(kinds) == 1 else ""
    return several.get(kind, shapely.GeometryCollection)(list(parts))


def _coordinates(element: Element) -> list[tuple[float, ...]]:
    text = next((each.text or "" for each in element.iter() if _tag(each) == "coordinates"), "")
    if not text.strip():
        raise ValueError("没有坐标 / no coordinates")
    return [_place(place) for place in text.split()]


def _place(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(number) for number in text.split(",")[:3])
    except ValueError:
        reason = f"坐标应写成 经度,纬度，中间没有空格 / write lon,lat without a blank: {text[:40]}"
        raise ValueError(reason) from None


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: Element, tag: str) -> str | None:
    return next((each.text or "" for each in element if _tag(each) == tag), None)


def _kind(cells: Sequence[Cell]) -> str:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int} and all(cell in _INTS for cell in cells if cell is not None):
        return "int"
    return "double" if kinds == {float} else "string"


def _type_notes(layer: FeatureLayer) -> list[Note]:
    names = [
        name
        for name, cells in layer.columns.items()
        if _kind(cells) == "string"
        and any(cell is not None and not isinstance(cell, str) for cell in cells)
    ]
    if not names:
        return []
    return [
        (
            f"KML 的整数至多 32 位，一列只有一种类型：{'、'.join(names)} 写成文字",
            f"integers of a KML have 32 bits and a column one type: {', '.join(names)} became text",
        )
    ]


def _schema(layer: FeatureLayer, number: int) -> Iterator[str]:
    yield f'<Schema name={quoteattr(_clean(layer.name))} id="layer{number}">'
    for name, cells in layer.columns.items():
        yield f'<SimpleField type="{_kind(cells)}" name={quoteattr(_clean(name))}/>'
    yield "</Schema>\n"


def _folder(layer: FeatureLayer, number: int) -> Iterator[str]:
    yield f"<Folder><name>{_escaped(layer.name)}</name>\n"
    labels = layer.columns.get("name", [None] * len(layer.geometries))
    for position, (label, shape) in enumerate(zip(labels, layer.geometries, strict=True)):
        yield "<Placemark>"
        if label is not None:
            yield f"<name>{_escaped(text_of(label))}</name>"
        yield f'<ExtendedData><SchemaData schemaUrl="#layer{number}">'
        for name, cells in layer.columns.items():
            cell = cells[position]
            if cell is not None:
                text = _escaped(text_of(cell))
                yield f"<SimpleData name={quoteattr(_clean(name))}>{text}</SimpleData>"
        yield f"</SchemaData></ExtendedData>{_shape_text(shape)}</Placemark>\n"
    yield "</Folder>\n"


def _shape_text(shape: Any) -> str:
    if shape is None or shape.is_empty:
        return ""
    if hasattr(shape, "geoms"):
        return f"<{_COLLECTION}>{''.join(map(_shape_text, shape.geoms))}</{_COLLECTION}>"
    if shape.geom_type != "Polygon":
        return f"<{shape.geom_type}>{_places(shape)}</{shape.geom_type}>"
    rings = [f"<outerBoundaryIs>{_ring(shape.exterior)}</outerBoundaryIs>"]
    rings += [f"<innerBoundaryIs>{_ring(each)}</innerBoundaryIs>" for each in shape.interiors]
    return f"<Polygon>{''.join(rings)}</Polygon>"


def _ring(ring: Any) -> str:
    return f"<LinearRing>{_places(ring)}</LinearRing>"


def _places(shape: Any) -> str:
    places = " ".join(f"{x!r},{y!r}" for x, y in shapely.get_coordinates(shape).tolist())
    return f"<coordinates>{places}</coordinates>"


def _clean(text: str) -> str:
    """Return a text without what XML cannot hold; half of a surrogate pair is no character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").translate(_NOT_IN_XML)


def _escaped(text: str) -> str:
    # a carriage return would come back as a line feed
    return escape(_clean(text), {"\r": "&#13;"})
