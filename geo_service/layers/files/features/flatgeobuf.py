"""FlatGeobuf in and out, through GDAL."""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pyogrio

from geo_service.layers.files.disk import Note, noted_warnings, unreadable, writing_aside
from geo_service.layers.files.feature_layer import FeatureLayer, field_names, renamed_note
from geo_service.layers.files.feature_table import FeatureTable
from geo_service.layers.files.features.gdal import (
    WARNINGS,
    read_table,
    staged,
    translated,
    write_table,
)

_MAGIC = b"fgb\x03fgb"
_LONGEST_INTEGER = 2**63


def read_flatgeobuf(path: Path) -> FeatureTable:
    """Read the one table of a FlatGeobuf, in the order of the file.

    Raises
    ------
    UnreadableFile
        No FlatGeobuf, damaged, or cut off: it counts its features at the start.
    """
    with _staged(path) as place, translated(path, place):
        with noted_warnings(*WARNINGS):
            promised = int(pyogrio.read_info(place)["features"])
        found = read_table(path, place)
    if len(found.encoded) < promised:
        raise unreadable(
            path,
            f"文件不完整：应有 {promised} 个要素，只读到 {len(found.encoded)} 个，请重新复制",
            f"it is cut off: {len(found.encoded)} of {promised} features are there; copy it again",
        )
    return found.feature_table(
        path, columns=dict(found.columns), crs=found.crs, encoding="UTF-8", notes=[]
    )


def write_flatgeobuf(path: Path, layers: Sequence[FeatureLayer], crs_epsg: int) -> list[Note]:
    """Write one table; its index orders the features by place, where all have a geometry.

    Raises
    ------
    UnwritableFile
        GDAL could not keep a value.
    """
    [layer] = layers
    names = field_names(list(layer.columns), encoding="utf-8", limit_bytes=None)
    is_placed = len(layer.geometries) > 0 and all(
        shape is not None and not shape.is_empty for shape in layer.geometries
    )
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "layer.fgb"
        notes = write_table(
            path,
            made,
            layer.renamed(names),
            driver="FlatGeobuf",
            longest_integer=_LONGEST_INTEGER,
            crs=f"EPSG:{crs_epsg}",
            layer_options={"SPATIAL_INDEX": "YES" if is_placed else "NO"},
        )
        with writing_aside(path) as aside:
            shutil.copyfile(made, aside)
    return [*renamed_note(list(layer.columns), names), *notes]


def _staged(path: Path) -> AbstractContextManager[Path]:
    return staged(
        path,
        magic=_MAGIC,
        zh="不是 FlatGeobuf 文件，只是扩展名为 .fgb：请用原来的扩展名，或重新导出",
        en="it is no FlatGeobuf, only named .fgb: give it its own ending, or export it again",
    )
