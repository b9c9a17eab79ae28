"""DXF in: closed polylines become areas, texts inside them their code and name.

References
----------
Autodesk, DXF Reference, "About Group Codes" and "ENTITIES Section".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_service.errors import UnreadableFile
from geo_service.layers.files.disk import Note, unreadable
from geo_service.layers.files.feature_table import FeatureTable

_BINARY = b"AutoCAD Binary DXF"
_POLYLINES = {"LWPOLYLINE", "POLYLINE"}
_TEXTS = {"TEXT", "MTEXT"}
_CURVES = {"ARC", "CIRCLE", "ELLIPSE", "SPLINE"}
_CLOSED, _MESH = 1, 16 | 64
_LEAST_NODES = 3
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]*")
_ESCAPED = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_MTEXT_FORMAT = re.compile(r"\\[ACcfFHQTWp][^;\\{}]*;|\\[LlOoKk]|[{}]")

# group codes
_KIND, _TEXT, _MORE_TEXT, _HANDLE, _LAYER = 0, 1, 3, 5, 8
_X, _Y, _Z, _HEIGHT, _BULGE, _FLAGS, _PAPER, _NORMAL = 10, 20, 30, 38, 42, 70, 67, 230


@dataclass
class _Entity:
    """One drawn thing: its groups, and the vertices that follow a POLYLINE."""

    kind: str
    groups: list[tuple[int, str]] = field(default_factory=list)
    vertices: list["_Entity"] = field(default_factory=list)

    def text(self, code: int, otherwise: str = "") -> str:
        return next((value for each, value in self.groups if each == code), otherwise)

    def numbers(self, code: int) -> list[float]:
        return [float(value) for each, value in self.groups if each == code]

    def flags(self) -> int:
        return int(self.text(_FLAGS, "0"))

    @property
    def layer(self) -> str:
        return self.text(_LAYER, "0")

    @property
    def shown(self) -> str:
        """Where to find it in the drawing."""
        return f"{self.kind} {self.text(_HANDLE, '?')}"


def dxf_tables(path: Path) -> list[str]:
    """Return the layers of the drawing that hold closed polylines, in their order.

    Raises
    ------
    UnreadableFile
        No DXF, binary, or cut off.
    """
    drawn = _entities(path)
    return list(dict.fromkeys(each.layer for each in drawn if _is_closed(each)))


def read_dxf(path: Path, *, table: str) -> FeatureTable:
    """Read the closed polylines of one layer of the drawing.

    A text whose point of insertion lies inside an outline is its ``code`` if it consists of digits,
    Latin letters, hyphens, dots and underscores, else its ``name``; texts on the layer of the
    outlines go before those of other layers. ``handle`` tells where the area is in the drawing. A
    DXF names no frame.

    Raises
    ------
    UnreadableFile
        No DXF, or on this layer an open polyline, arcs, single lines, or two texts of one kind
        inside one outline; the reason names the handles.
    """
    drawn = _entities(path)
    on_layer = [each for each in drawn if each.layer == table]
    _check_drawn(path, table, on_layer)
    outlines = [each for each in on_layer if each.kind in _POLYLINES]
    rings = [_places(path, each) for each in outlines]
    shapes = np.empty(len(rings), dtype=object)
    shapes[:] = [shapely.Polygon(ring) for ring in rings]
    codes, names = _labels(path, outlines, shapes, [each for each in drawn if each.kind in _TEXTS])
    columns: dict[str, list[Any]] = {"code": codes, "name": names}
    kept = {name: cells for name, cells in columns.items() if any(cells)}
    kept["handle"] = [each.text(_HANDLE) or None for each in outlines]
    had_z = any(_is_high(each) for each in outlines)
    return FeatureTable(kept, shapes, None, had_z, None, _notes(on_layer))


def _entities(path: Path) -> list[_Entity]:
    found: list[_Entity] = []
    is_within, is_whole = False, False
    groups = _groups(path)
    for code, value in groups:
        if (code, value) == (_KIND, "SECTION"):
            is_within = next(groups, (0, ""))[1] == "ENTITIES"
        elif (code, value) == (_KIND, "ENDSEC"):
            is_within = False
        elif (code, value) == (_KIND, "EOF"):
            is_whole = True
        elif is_within:
            _take(found, code, value)
    if not is_whole:
        raise unreadable(
            path,
            "DXF 不完整，没有结束标记，请重新导出或复制",
            "it is cut off, its end mark is missing; export or copy it again",
        )
    in_model = [each for each in found if each.text(_PAPER, "0") != "1"]
    for each in in_model:
        _check_numbers(path, each)
    return in_model


def _check_numbers(path: Path, entity: _Entity) -> None:
    """Refuse groups that are no numbers; what is asked for later is asked for here once."""
    try:
        if entity.kind in _POLYLINES:
            _is_closed(entity)
            _is_high(entity)
            _is_curved(entity)
            _is_mirrored(entity)
        elif entity.kind in _TEXTS:
            _point(entity)
    except (ValueError, IndexError) as error:
        raise unreadable(
            path,
            f"{entity.shown} 的坐标读不懂（{error}），请重新导出",
            f"the numbers of {entity.shown} cannot be read ({error}); export it again",
        ) from error


def _take(found: list[_Entity], code: int, value: str) -> None:
    if code != _KIND:
        for entity in found[-1:]:
            (entity.vertices[-1] if entity.vertices else entity).groups.append((code, value))
    elif value == "VERTEX" and found and found[-1].kind == "POLYLINE":
        found[-1].vertices.append(_Entity(value))
    elif value != "SEQEND":
        found.append(_Entity(value))


def _groups(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the group codes with their values; a line of each."""
    lines = _text(path).split("\n")
    for number in range(0, len(lines) - 1, 2):
        code = lines[number].strip()
        if not code.lstrip("-").isdigit():
            raise unreadable(
                path,
                f"不是 DXF：第 {number + 1} 行应为组码",
                f"it is no DXF: line {number + 1} should be a group code",
            )
        yield int(code), lines[number + 1].strip(" \t\r")


def _text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(_BINARY):
        raise unreadable(
            path,
            "是二进制 DXF，请另存为 ASCII 的 DXF（AutoCAD 2018 DXF）",
            "it is a binary DXF; save it as an ASCII DXF",
        )
    # drawings of Chinese offices are in GBK whatever code page they name, and in UTF-8 since 2007
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    raise unreadable(
        path,
        "DXF 的文字不是 UTF-8 也不是 GBK，请另存为 2007 以后的 DXF",
        "its text is neither UTF-8 nor GBK; save it as a DXF of 2007 or later",
    )


def _is_closed(entity: _Entity) -> bool:
    if entity.kind not in _POLYLINES or entity.flags() & _MESH:
        return False
    corners = _corners(entity)
    is_back = len(corners) > _LEAST_NODES and corners[0] == corners[-1]
    return bool(entity.flags() & _CLOSED) or is_back


def _corners(entity: _Entity) -> list[tuple[float, float]]:
    if entity.kind == "LWPOLYLINE":
        return list(zip(entity.numbers(_X), entity.numbers(_Y), strict=True))
    return [_point(each) for each in entity.vertices]


def _check_drawn(path: Path, table: str, drawn: Sequence[_Entity]) -> None:
    """Refuse what would silently be no area, or another one, on the layer that was asked for."""
    polylines = [each for each in drawn if each.kind in _POLYLINES]
    curved = [each for each in drawn if each.kind in _CURVES or _is_curved(each)]
    mirrored = [each for each in polylines if _is_mirrored(each)]
    for found, zh, en in (
        (
            [each for each in polylines if not _is_closed(each)],
            "没有闭合的多段线：请在 CAD 中闭合（PEDIT → 闭合）",
            "open polylines: close them in the drawing (PEDIT, close)",
        ),
        (
            curved,
            "圆弧或曲线：请先转成直线段（如以 FLATTEN、PEDIT 拟合为折线）",
            "arcs or curves: turn them into straight segments first",
        ),
        (
            [each for each in drawn if each.kind == "LINE"],
            "单独的直线：请合并成闭合多段线（PEDIT → 合并）",
            "single lines: join them to closed polylines (PEDIT, join)",
        ),
        (
            mirrored,
            "镜像（法向朝下）的多段线：请先用 FLATTEN 摆平",
            "mirrored polylines: flatten them",
        ),
    ):
        if found:
            raise _undrawable(path, table, found, zh, en)


def _undrawable(
    path: Path, table: str, found: Sequence[_Entity], zh: str, en: str
) -> UnreadableFile:
    listed = "、".join(each.shown for each in found[:5])
    return unreadable(
        path,
        f"图层“{table}”上有 {len(found)} 个{zh}。它们是：{listed}",
        f"layer '{table}' holds {len(found)} {en}. They are: {listed}",
    )


def _is_curved(entity: _Entity) -> bool:
    if entity.kind not in _POLYLINES:
        return False
    return any(bulge != 0 for each in (entity, *entity.vertices) for bulge in each.numbers(_BULGE))


def _is_mirrored(entity: _Entity) -> bool:
    return float(entity.text(_NORMAL, "1")) < 0


def _point(entity: _Entity) -> tuple[float, float]:
    return entity.numbers(_X)[0], entity.numbers(_Y)[0]


def _places(path: Path, entity: _Entity) -> list[tuple[float, float]]:
    corners = _corners(entity)
    if len(set(corners)) < _LEAST_NODES:
        raise unreadable(
            path,
            f"{entity.shown} 只有 {len(set(corners))} 个不同的点，围不成区域",
            f"{entity.shown} has {len(set(corners))} different points, which bound no area",
        )
    return corners


def _is_high(entity: _Entity) -> bool:
    heights = [*entity.numbers(_HEIGHT), *entity.numbers(_Z)]
    heights += [height for each in entity.vertices for height in each.numbers(_Z)]
    return any(height != 0 for height in heights)


def _labels(
    path: Path, outlines: Sequence[_Entity], shapes: Any, texts: Sequence[_Entity]
) -> tuple[list[str | None], list[str | None]]:
    codes: list[str | None] = [None] * len(outlines)
    names: list[str | None] = [None] * len(outlines)
    points: Any = shapely.points(np.array([_point(each) for each in texts]).reshape(-1, 2))
    tree = shapely.STRtree(points)
    for position, outline in enumerate(outlines):
        shapely.prepare(shapes[position])
        inside = [texts[i] for i in sorted(tree.query(shapes[position], predicate="intersects"))]
        for cells, is_code in ((codes, True), (names, False)):
            found = _said(inside, outline.layer, is_code=is_code)
            if len(found) > 1:
                raise _several(path, outline, found)
            cells[position] = next(iter(found), None)
    return codes, names


def _said(texts: Sequence[_Entity], layer: str, *, is_code: bool) -> list[str]:
    """Return the different codes or names among texts; those on the layer itself go before."""
    said: Mapping[bool, list[str]] = {True: [], False: []}
    for each in texts:
        text = _plain_text(each)
        if text and (_CODE.fullmatch(text) is not None) == is_code:
            said[each.layer == layer].append(text)
    return list(dict.fromkeys(said[True] or said[False]))


def _several(path: Path, outline: _Entity, found: Sequence[str]) -> UnreadableFile:
    listed = "、".join(found[:5])
    return unreadable(
        path,
        f"{outline.shown} 里有 {len(found)} 段文字，不知道哪个是它的编码或名称：{listed}。"
        "请只留一个，或把标注放在区域所在的图层",
        f"inside {outline.shown} stand {len(found)} texts, any of which may be its code or name: "
        f"{listed}. Leave one, or put the labels on the layer of the outlines",
    )


def _plain_text(entity: _Entity) -> str:
    parts = [value for code, value in entity.groups if code in {_TEXT, _MORE_TEXT}]
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), "".join(parts))
    if entity.kind == "MTEXT":
        text = _MTEXT_FORMAT.sub("", text.replace("\\P", " "))
    return text.strip()


def _notes(drawn: Sequence[_Entity]) -> list[Note]:
    others = [each.kind for each in drawn if each.kind not in _POLYLINES | _TEXTS]
    counts = [f"{kind} {others.count(kind)}" for kind in dict.fromkeys(others)]
    if not counts:
        return []
    listed = "、".join(counts)
    return [(f"未读取的图元：{listed}", f"left out of the layer: {', '.join(counts)}")]
