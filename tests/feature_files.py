"""Features to write and read back, and what the files of them say to GDAL."""

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from geo_service.errors import UnreadableFile
from geo_service.layers.files import FeatureTable, read_features, write_features

# doubles whose shortest text has 15 to 17 digits, and neighbors one ulp apart
X = [116.1, 0.1 + 0.2, float(np.nextafter(116.1, 117)), 1e-7, 121.47370000000001]
Y = [39.9, 1 / 3, float(np.nextafter(39.9, 40)), -5e-324, 31.230416]

COLUMNS: dict[str, list[Any]] = {
    "code": ["007", "999001002003004", None],
    "count": [310101001001001, None, -3],
    "share": [0.1, 0.25, None],
    "名称": ["示例街道", "<script>&", None],
}


def outlines() -> np.ndarray:
    """Return a polygon with a hole, a multi-part one, and none."""
    ring = [(116.1, 39.9), (116.1 + 1 / 3, 39.9), (116.2, 39.9 + 1 / 7)]
    hole = [(116.2, 39.91), (116.21, 39.92), (116.22, 39.91)]
    shapes = np.empty(3, dtype=object)
    shapes[:] = [
        shapely.Polygon(ring, [hole]),
        shapely.multipolygons([shapely.box(1 / 3, 0, 1, 1), shapely.box(2, 2, 3, 2 + 1 / 9)]),
        None,
    ]
    return shapes


def boxes(n: int) -> np.ndarray:
    """Return squares side by side."""
    return np.array([shapely.box(116 + i / 10, 39, 116.1 + i / 10, 39.1) for i in range(n)])


def written(path: Path, **options: Any) -> tuple[FeatureTable, list[str]]:
    """Write features, by default those above; return them read back, and the notes in English."""
    given = {"columns": COLUMNS, "geometries": outlines(), "layer_name": "网格"} | options
    notes = write_features(path, **given)
    return read_features(path), [en for _, en in notes]


def same_outlines(found: np.ndarray, expected: np.ndarray) -> bool:
    """Tell whether outlines are the same bit for bit, wherever their rings begin and turn."""
    return all(
        (a is None and b is None) or _as_multi(a).normalize() == _as_multi(b).normalize()
        for a, b in zip(found, expected, strict=True)
    )


def reason_of(path: Path, **options: Any) -> str:
    """Return why a file cannot be read, in English."""
    with pytest.raises(UnreadableFile) as caught:
        read_features(path, **options)
    assert caught.value.where == path.name
    return caught.value.text("en")


def gdal_table(path: Path, **options: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what GDAL itself finds in a file."""
    meta, table = pyogrio.raw.read_arrow(path, **options)
    return meta, table.to_pylist()


def _as_multi(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shape.geom_type.startswith("Multi") else shapely.multipolygons([shape])
