"""The areas of one layer of a drawing."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from geo_service.errors import UnreadableFile
from geo_service.layers.files.disk import Note, unreadable
from geo_service.layers.files.feature_table import FeatureTable
from geo_service.layers.files.features.dxf.block import Placed, placed_entities
from geo_service.layers.files.features.dxf.curve import CHORD_M
from geo_service.layers.files.features.dxf.drawing import read_drawing
from geo_service.layers.files.features.dxf.label import TEXTS, labels
from geo_service.layers.files.features.dxf.outline import (
    Outlines,
    around_each,
    outlines_on,
    with_holes,
    within_each,
)

_CURVES = {"ARC", "ELLIPSE", "SPLINE"}
_SURFACES = {"REGION", "MPOLYGON", "MLINE"}


def dxf_tables(path: Path) -> list[str]:
    """Return the layers that hold closed polylines or hatches, then those of closed curves alone.

    Raises
    ------
    UnreadableFile
        No DXF, binary, or cut off.
    """
    placed = _placed(path)
    usual = _layers(placed, lambda each: _is_outline(each) and not _is_curve(each))
    return list(dict.fromkeys([*usual, *_layers(placed, _is_outline)]))


def drawn_layer(path: Path) -> str | None:
    """Return the layer of the closed polylines if it is one: hatches and blocks are often symbols.

    Raises
    ------
    UnreadableFile
        No DXF, binary, or cut off.
    """
    found = _layers(_placed(path), _is_drawn_polyline)
    return found[0] if len(found) == 1 else None


def read_dxf(path: Path, *, table: str) -> FeatureTable:
    """Read closed polylines, closed curves and hatches of one layer of the drawing, and of blocks.

    A text whose point of insertion lies inside an outline is its ``code`` if it consists of digits,
    Latin letters, hyphens, dots and underscores, else its ``name``; texts on the layer of the
    outlines go before those of other layers. A polyline without text inside one with text is a hole
    of it; with text of its own it is an area as well. A hatch or a block over a polyline of the
    layer is its fill or symbol and no area. Arcs, circles, ellipses and splines become straight
    pieces within CHORD_M. ``handle`` tells where the area is in the drawing. A DXF names no frame.

    Raises
    ------
    UnreadableFile
        No DXF, or on this layer an open polyline or curve, single lines, also in blocks outside
        of areas, regions, a block that another drawing holds, a polyline whose part in others is
        unclear, or two texts of one kind inside one outline; the reason names the handles.
    """
    placed = _placed(path)
    on_layer = [each for each in placed if each.layer == table]
    _check_drawn(path, table, on_layer)
    found = outlines_on(path, on_layer)
    texts = [each for each in placed if each.entity.kind in TEXTS]
    around = around_each(found)
    codes, names = labels(path, found.drawn, found.array(), texts, within_each(around))
    is_said = [bool(code or name) for code, name in zip(codes, names, strict=True)]
    kept = with_holes(path, found, around, is_said)
    columns: dict[str, list[Any]] = {
        "code": [codes[i] for i in kept],
        "name": [names[i] for i in kept],
    }
    columns = {name: cells for name, cells in columns.items() if any(cells)}
    columns["handle"] = [found.drawn[i].entity.handle for i in kept]
    had_z = any(each.entity.is_high for each in found.drawn if each.entity.kind != "HATCH")
    notes = [*_notes(on_layer, found), *_notes_of_others(placed, found)]
    return FeatureTable(columns, found.array()[kept], None, had_z, None, notes)


def _placed(path: Path) -> list[Placed]:
    return placed_entities(path, read_drawing(path))


def _layers(placed: Sequence[Placed], is_wanted: Callable[[Placed], bool]) -> list[str]:
    return list(dict.fromkeys(each.layer for each in placed if is_wanted(each)))


def _is_outline(placed: Placed) -> bool:
    return placed.entity.is_closed or placed.entity.kind == "HATCH"


def _is_curve(placed: Placed) -> bool:
    return placed.entity.is_closed and not placed.entity.is_polyline


def _is_drawn_polyline(placed: Placed) -> bool:
    return placed.entity.is_closed and placed.entity.is_polyline and placed.placement is None


def _check_drawn(path: Path, table: str, drawn: Sequence[Placed]) -> None:
    """Refuse what would silently be no area, or another one, on the layer that was asked for.

    In blocks, lines inside areas belong to symbols: they are counted among what is left out.
    """
    outside = [each for each in drawn if each.placement is None]
    polylines = [each for each in outside if each.entity.is_polyline]
    for found, zh, en in (
        (
            [each for each in polylines if not each.entity.is_closed],
            "没有闭合的多段线：请在 CAD 中闭合（PEDIT → 闭合）",
            "open polylines: close them in the drawing (PEDIT, close)",
        ),
        (
            [each for each in outside if each.entity.kind in _CURVES and not each.entity.is_closed],
            "单独的圆弧或曲线：请并入闭合多段线（PEDIT → 合并；样条曲线先转为多段线）",
            "single arcs or curves: join them to closed polylines (PEDIT, join; splines and "
            "elliptical arcs are converted to polylines before)",
        ),
        (
            [each for each in outside if each.entity.kind == "LINE"],
            "单独的直线：请合并成闭合多段线（PEDIT → 合并）",
            "single lines: join them to closed polylines (PEDIT, join)",
        ),
        (
            [each for each in outside if each.entity.kind in _SURFACES],
            "面域、多重多边形或多线：请炸开（EXPLODE）并合并成闭合多段线（PEDIT）",
            "regions, multiple polygons or multilines: explode them (EXPLODE) and join them to "
            "closed polylines (PEDIT)",
        ),
        (
            [each for each in drawn if each.entity.kind == "INSERT"],
            "内容在别的图里或已丢失的块：请绑定外部参照（XREF → 绑定 → 插入）后另存",
            "blocks whose content another drawing holds: bind the references (XREF, bind, insert)",
        ),
        (
            [each for each in drawn if _is_outline(each) and each.is_tilted],
            "镜像（法向朝下）或倾斜的轮廓：请先用 FLATTEN 摆平",
            "mirrored or tilted outlines: flatten them",
        ),
    ):
        if found:
            raise _undrawable(path, table, found, zh, en)


def _undrawable(
    path: Path, table: str, found: Sequence[Placed], zh: str, en: str
) -> UnreadableFile:
    listed = "、".join(each.entity.shown for each in found[:5])
    return unreadable(
        path,
        f"图层“{table}”上有 {len(found)} 个{zh}。它们是：{listed}",
        f"layer '{table}' holds {len(found)} {en}. They are: {listed}",
    )


def _notes(on_layer: Sequence[Placed], found: Outlines) -> list[Note]:
    notes: list[Note] = []
    if found.arcs:
        notes.append(
            (
                f"{found.arcs} 段圆弧或曲线化为折线，离原线不超过 {CHORD_M} 米",
                f"{found.arcs} arcs or curves became straight pieces within {CHORD_M} m of them",
            )
        )
    if found.holes:
        notes.append(
            (
                f"{found.holes} 条没有文字的闭合多段线作为外圈的洞",
                f"{found.holes} closed polylines without text became holes of those around them",
            )
        )
    kinds = [each.entity.kind for each in on_layer]
    left = Counter(kind for kind in kinds if kind not in TEXTS)
    left -= Counter(each.entity.kind for each in found.drawn)
    if left:
        counts = [f"{kind} {count}" for kind, count in left.items()]
        zh = f"（其中 {found.fills} 个是画在区域里的填充或符号）" if found.fills else ""
        en = f" ({found.fills} are fills or symbols of areas)" if found.fills else ""
        notes.append(
            (
                f"未读取的图元：{'、'.join(counts)}{zh}",
                f"left out of the layer: {', '.join(counts)}{en}",
            )
        )
    return notes


def _notes_of_others(placed: Sequence[Placed], found: Outlines) -> list[Note]:
    """Tell of hatches and blocks that may hold areas, and of which nobody can say."""
    notes: list[Note] = []
    if found.unread:
        listed = "、".join(each.entity.shown for each, _ in found.unread[:5])
        notes.append(
            (
                f"{len(found.unread)} 个填充读不懂，当作填色未读取：{listed}；若是区域请重新填充",
                f"{len(found.unread)} hatches cannot be read and were taken for fills: {listed}; "
                "hatch those again that are areas",
            )
        )
    elsewhere = [each.entity for each in placed if each.entity.kind == "INSERT"]
    if elsewhere:
        listed = "、".join(f"{each.name} ({each.shown})" for each in elsewhere[:5])
        notes.append(
            (
                f"{len(elsewhere)} 个块的内容在别的图里，没有读取：{listed}；区域在其中的请先绑定",
                f"{len(elsewhere)} blocks whose content another drawing holds were not read: "
                f"{listed}; bind them where they hold areas",
            )
        )
    return notes
