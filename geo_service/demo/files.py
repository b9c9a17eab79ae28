"""The sample boundary files and their README as text: what ``data/boundaries`` holds."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from geo_service.demo.places import n_street, x_street
from geo_service.layers.area import AreaSet

_FICTIONAL = "虚构数据 · fictional data, no real place"
_README = """\
# Sample boundaries · 示例边界

**虚构数据**：边界、名称、编码全部由本仓库的生成器写出，不对应任何真实地方；编码以 999 开头。
只有数量（5 片区、29 居民区、155 微网格；10 社区、48 小区、122 网格）取自公开文献。

**Fictional data**: every outline, name and code was written by our own generator and stands for no
real place; all codes start with 999. Only the numbers of areas are taken from published texts.

| | |
|---|---|
| Source 来源 | `geo_service/demo/` |
| Command 命令 | `geo-service demo boundaries --out data/boundaries` |
| Frame 坐标系 | EPSG:4490 (CGCS2000 longitude, latitude in degrees), 8 decimals |
| Date 日期 | {written_on} |
| Properties 属性 | `编码` code, `名称` name, `上级编码` code of the parent, null at the top |

These files hold no `crs` (RFC 7946 knows none and means WGS 84), so on import they count as
unnamed: say `--frame EPSG:4490`, and import parents first, in the order of the table:

```
geo-service import data/boundaries/x-street-street.geojson --layer street --frame EPSG:4490
```

Each layer tiles the one above exactly: a border has the same points, bit for bit, in every file it
occurs in. 各层边界逐点一致，无缝隙、无重叠。

| file | layer | areas | points | sha256 |
|---|---|---:|---:|---|
{rows}
"""


def boundary_files() -> dict[str, bytes]:
    """Return the sample files by name: GeoJSON of every layer of both demo streets.

    Returns
    -------
    dict[str, bytes]
        UTF-8, one feature a line, coordinates as in memory; the same bytes at every call.
    """
    cities = {"x-street": x_street(), "n-street": n_street()}
    return {
        f"{prefix}-{layer}.geojson": feature_collection(areas, name=f"{prefix}-{layer}")
        for prefix, city in cities.items()
        for layer, areas in city.boundaries.items()
    }


def feature_collection(areas: AreaSet, *, name: str) -> bytes:
    """Return areas as a GeoJSON feature collection (RFC 7946: counterclockwise shells).

    Degrees are written as they are, EPSG:4490; the file names no frame.
    """
    head = {"type": "FeatureCollection", "name": name, "description": _FICTIONAL}
    features = ",\n".join(_text(_feature(areas, i)) for i in range(len(areas)))
    return f'{_text(head)[:-1]},"features":[\n{features}\n]}}\n'.encode()


def _feature(areas: AreaSet, position: int) -> dict[str, Any]:
    properties = {
        "编码": areas.codes[position],
        "名称": areas.names[position],
        "上级编码": areas.parents[position],
    }
    geometry = areas.geometries[position].__geo_interface__
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def boundaries_readme(files: Mapping[str, bytes], *, written_on: date) -> str:
    """Return the README that goes with ``boundary_files``: source, frame, date and checksums."""
    rows = "\n".join(_row(name, content) for name, content in files.items())
    return _README.format(written_on=written_on.isoformat(), rows=rows)


def _row(name: str, content: bytes) -> str:
    features = json.loads(content)["features"]
    points = sum(len(feature["geometry"]["coordinates"][0]) for feature in features)
    layer = name.removesuffix(".geojson").split("-", 2)[2]
    digest = hashlib.sha256(content).hexdigest()
    return f"| `{name}` | `{layer}` | {len(features)} | {points:,} | `{digest}` |"
