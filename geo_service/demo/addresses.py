"""A table of addresses as an office keeps it: every building, and what such tables get wrong."""

from typing import Any

import numpy as np
import shapely

from geo_service.demo.city import City
from geo_service.demo.land.naming import place_stems
from geo_service.errors import EmptyInput
from geo_service.layers.addresses.reading import read_plain

FRAME = "EPSG:4490"
_TWICE = 6
"""So many addresses stand a second time, elsewhere: numbers that were given out twice."""
_WRONG_GRID = 3
"""So many rows are listed in another grid than they lie in."""
_DECIMALS = 8


def address_table(city: City, *, seed: int) -> dict[str, list[Any]]:
    """Return the buildings of a city by their addresses, as columns under Chinese headings.

    ``经度`` and ``纬度`` are degrees in EPSG:4490, inside of each building; ``网格编码`` is the
    code of its area in the deepest layer. Names of estates repeat once there are more than 280.
    Some addresses stand twice, at different places, and some rows are listed in another grid.

    Raises
    ------
    EmptyInput
        The city has no buildings.
    """
    buildings = city.buildings
    if not buildings.names:
        raise EmptyInput(where=city.title)
    rng = np.random.default_rng(seed)
    addresses = [read_plain(name) for name in buildings.names]
    lanes = list(dict.fromkeys((each.road, each.lanes) for each in addresses if each.lanes))
    stems = place_stems(len(lanes), rng=rng)
    estate_of = dict(zip(lanes, stems, strict=True))
    point = shapely.point_on_surface(buildings.geometries)
    lon = np.round(shapely.get_x(point), _DECIMALS).tolist()
    lat = np.round(shapely.get_y(point), _DECIMALS).tolist()
    rows = [
        {
            "路": each.road,
            "弄": "".join(each.lanes),
            "号": each.number,
            "楼栋": each.building and f"{each.building}幢",
            "小区": estate_of.get((each.road, each.lanes)),
            "别名": _alias(estate_of.get((each.road, each.lanes))) if each.number == "1" else None,
            "类别": "住宅" if each.lanes else "单位",
            "经度": lon[i],
            "纬度": lat[i],
            "网格编码": buildings.grids[i],
        }
        for i, each in enumerate(addresses)
    ]
    _spoil(rows, rng)
    return {heading: [row[heading] for row in rows] for heading in rows[0]}


def _alias(estate: str | None) -> str | None:
    return estate and f"老{estate}门卫室"


def _spoil(rows: list[dict[str, Any]], rng: np.random.Generator) -> None:
    """Give some addresses a second place, and list some rows in another grid."""
    homes = [i for i, row in enumerate(rows) if row["弄"]]
    chosen = rng.choice(homes, size=2 * _TWICE + 2 * _WRONG_GRID, replace=False).tolist()
    pairs = list(zip(chosen[::2], chosen[1::2], strict=True))
    for one, other in pairs[:_TWICE]:
        place = {name: rows[other][name] for name in ("经度", "纬度", "网格编码")}
        rows.append({**rows[one], **place, "类别": "门牌重号"})
    for one, other in pairs[_TWICE:]:
        rows[one]["网格编码"] = rows[other]["网格编码"]
