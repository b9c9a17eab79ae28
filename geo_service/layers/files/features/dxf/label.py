"""Texts of a drawing as codes and names of the outlines that hold them."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_service.errors import UnreadableFile
from geo_service.layers.area import Geometries
from geo_service.layers.files.disk import unreadable
from geo_service.layers.files.features.dxf.block import Placed
from geo_service.layers.files.features.dxf.drawing import Entity

TEXTS = {"TEXT", "MTEXT", "ATTRIB"}
_TEXT, _MORE_TEXT = 1, 3
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]*")
_ESCAPED = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_MTEXT_FORMAT = re.compile(r"\\[ACcfFHQTWp][^;\\{}]*;|\\[LlOoKk]|[{}]")


def labels(
    path: Path,
    outlines: Sequence[Placed],
    shapes: Geometries,
    texts: Sequence[Placed],
    within: Sequence[Sequence[int]],
) -> tuple[list[str | None], list[str | None]]:
    """Return code and name of each outline; None where no text says one.

    Parameters
    ----------
    within
        For each outline those that lie in it: their texts are not its own.

    Raises
    ------
    UnreadableFile
        Two texts of one kind in an outline, either of which may be its own.
    """
    codes: list[str | None] = [None] * len(outlines)
    names: list[str | None] = [None] * len(outlines)
    places = [place for each in texts for place in each.places([each.entity.point()])]
    points: Any = shapely.points(np.array(places).reshape(-1, 2))
    tree = shapely.STRtree(points)
    held = [set(tree.query(shape, predicate="intersects").tolist()) for shape in shapes]
    for position, outline in enumerate(outlines):
        others = set().union(*(held[i] for i in within[position]))
        inside = [texts[i] for i in sorted(held[position] - others)]
        for cells, is_code in ((codes, True), (names, False)):
            found = _said(inside, outline.layer, is_code=is_code)
            if len(found) > 1:
                raise _several(path, outline.entity, found)
            cells[position] = next(iter(found), None)
    return codes, names


def _said(texts: Sequence[Placed], layer: str, *, is_code: bool) -> list[str]:
    """Return the different codes or names among texts; those on the layer itself go before."""
    said: Mapping[bool, list[str]] = {True: [], False: []}
    for each in texts:
        text = _plain_text(each.entity)
        if text and (_CODE.fullmatch(text) is not None) == is_code:
            said[each.layer == layer].append(text)
    return list(dict.fromkeys(said[True] or said[False]))


def _several(path: Path, outline: Entity, found: Sequence[str]) -> UnreadableFile:
    listed = "、".join(found[:5])
    return unreadable(
        path,
        f"{outline.shown} 里有 {len(found)} 段文字，不知道哪个是它的编码或名称：{listed}。"
        "请只留一个，或把标注放在区域所在的图层",
        f"inside {outline.shown} stand {len(found)} texts, any of which may be its code or name: "
        f"{listed}. Leave one, or put the labels on the layer of the outlines",
    )


def _plain_text(entity: Entity) -> str:
    parts = [value for code, value in entity.groups if code in {_TEXT, _MORE_TEXT}]
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), "".join(parts))
    if entity.kind == "MTEXT":
        text = _MTEXT_FORMAT.sub("", text.replace("\\P", " "))
    return text.strip()
