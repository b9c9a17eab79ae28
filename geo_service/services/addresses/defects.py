"""Where lists of addresses contradict the boundaries or themselves: named, told, never mended."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import AreaSet, Floats, Positions
from geo_service.layers.assignment.rule import assign
from geo_service.layers.files import write_csv
from geo_service.layers.locator import Locator
from geo_service.storage import places
from geo_service.storage.databases import Transaction
from geo_service.storage.places import PlaceRow

if TYPE_CHECKING:
    from geo_service.services.workspaces import Workspace

OTHER_AREA, UNKNOWN_AREA, OUTSIDE = "other_area", "unknown_area", "outside"
SEVERAL_PLACES = "several_places"
KINDS: Mapping[str, tuple[str, str]] = {
    OTHER_AREA: (
        "清单写的网格与坐标所在的网格不同",
        "listed in another area than its point lies in",
    ),
    UNKNOWN_AREA: ("现行版本没有清单写的网格", "the edition in force has no such area"),
    OUTSIDE: ("坐标不在任何区域内", "its point lies in no area"),
    SEVERAL_PLACES: ("同一地址有几个位置", "one address at several places"),
}
_APART_DEGREES = 1e-5


class Listed(NamedTuple):
    """Places as their lists tell them, as columns; ``layer`` and ``area`` None where none is."""

    layer: Sequence[str | None]
    area: Sequence[str | None]
    lon: Floats
    lat: Floats


class Judged(NamedTuple):
    """What is wrong with each place, None for nothing, and the code of the area it lies in."""

    kinds: Sequence[str | None]
    found: Sequence[str | None]


class Defect(NamedTuple):
    """What is wrong with one place; ``told`` and ``found`` are codes of areas."""

    place_id: int
    row: PlaceRow
    kind: str
    told: str | None
    found: str | None


@dataclass(frozen=True)
class ListDefects:
    """What is wrong with the places that stand, on the edition in force (None where none is)."""

    edition: int | None
    places: int
    defects: Sequence[Defect]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many there are of each kind."""
        found = Counter(each.kind for each in self.defects)
        return {kind: found[kind] for kind in KINDS if found[kind]}


def list_defects(
    workspace: "Workspace", connection: Transaction, list_name: str | None = None
) -> ListDefects:
    """Return what is wrong with the places of one list or of all."""
    standing = places.standing_rows(connection, list_name)
    rows = [row for _, row in standing]
    found = [
        Defect(place_id, row, SEVERAL_PLACES, None, None)
        for (place_id, row), is_one in zip(standing, _have_several(rows), strict=True)
        if is_one
    ]
    edition = workspace.governing(connection)
    if edition is None:
        return ListDefects(None, len(rows), found)
    judged = judge(workspace.locator(connection, edition), listed(rows))
    found += [
        Defect(place_id, row, kind, row.area, code)
        for (place_id, row), kind, code in zip(standing, *judged, strict=True)
        if kind is not None
    ]
    return ListDefects(edition.number, len(rows), found)


def write_defects(path: Path, found: ListDefects) -> None:
    """Write every defect as CSV."""
    write_csv(
        path,
        headings=[
            "地址",
            "缺陷",
            "defect",
            "图层",
            "清单写的区域",
            "坐标所在的区域",
            "经度",
            "纬度",
        ],
        rows=[
            (
                each.row.address or each.row.row_key,
                *KINDS[each.kind],
                each.row.layer,
                each.told,
                each.found,
                each.row.lon,
                each.row.lat,
            )
            for each in found.defects
        ],
    )


def listed(rows: Sequence[PlaceRow]) -> Listed:
    """Return rows as columns."""
    return Listed(
        [row.layer for row in rows],
        [row.area for row in rows],
        np.array([row.lon for row in rows], dtype=np.float64),
        np.array([row.lat for row in rows], dtype=np.float64),
    )


def judge(locator: Locator, told: Listed) -> Judged:
    """Return which places are listed in an area that does not hold their point.

    A point on a common border lies in both areas. An area may be told by its code, or by a name
    that one area alone has.
    """
    count = len(told.layer)
    kinds: list[str | None] = [None] * count
    found: list[str | None] = [None] * count
    by_layer: dict[str, list[int]] = {}
    for i, layer in enumerate(told.layer):
        if layer is not None:
            by_layer.setdefault(layer, []).append(i)
    for layer, at in by_layer.items():
        if layer not in locator.layers.by_name:
            continue
        areas = locator.areas(layer)
        wanted = told_positions(areas, [told.area[i] for i in at])
        lon, lat = told.lon[at], told.lat[at]
        owners = _owners(locator, layer, lon=lon, lat=lat)
        for i, area, owner, is_held in zip(
            at,
            wanted.tolist(),
            owners.tolist(),
            _are_held(areas, wanted, lon=lon, lat=lat).tolist(),
            strict=True,
        ):
            found[i] = areas.codes[owner] if owner >= 0 else None
            kinds[i] = _kind(area, owner, is_held=is_held, has_point=not np.isnan(told.lon[i]))
    return Judged(kinds, found)


def told_positions(areas: AreaSet, told: Sequence[str | None]) -> Positions:
    """Return the areas that codes or names tell, ``(n,)``; -1 where none has it, or several."""
    names: dict[str, int] = {}
    for position, name in enumerate(areas.names):
        names[name] = -1 if name in names else position
    known = names | dict(areas.position_by_code)
    return np.array([known.get(each or "", -1) for each in told], dtype=np.int32)


def _kind(area: int, owner: int, *, is_held: bool, has_point: bool) -> str | None:
    if area < 0:
        return UNKNOWN_AREA
    if not has_point or is_held or owner == area:
        return None
    return OTHER_AREA if owner >= 0 else OUTSIDE


def _owners(locator: Locator, layer: str, *, lon: Floats, lat: Floats) -> Positions:
    for family, chain in locator.layers.families.items():
        names = [each.name for each in chain]
        if layer in names:
            owners = assign(locator, family, lon=lon, lat=lat).owners
            return np.asarray(locator.positions_at(family, owners)[names.index(layer)])
    return np.full(len(lon), -1, dtype=np.int32)


def _are_held(areas: AreaSet, wanted: Positions, *, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    held = np.zeros(len(wanted), dtype=np.bool_)
    at = np.flatnonzero((wanted >= 0) & ~np.isnan(lon))
    points = shapely.points(lon[at], lat[at])
    held[at] = shapely.intersects(areas.geometries[wanted[at]], points)
    return held


def _have_several(rows: Sequence[PlaceRow]) -> list[bool]:
    """Tell which rows share their address with one that lies elsewhere."""
    spread: dict[str, tuple[float, float, float, float]] = {}
    for row in rows:
        if row.lon is None or row.lat is None:
            continue
        west, south, east, north = spread.get(row.row_key, (row.lon, row.lat, row.lon, row.lat))
        spread[row.row_key] = (
            min(west, row.lon),
            min(south, row.lat),
            max(east, row.lon),
            max(north, row.lat),
        )
    wide = {
        key
        for key, (west, south, east, north) in spread.items()
        if max(east - west, north - south) > _APART_DEGREES
    }
    return [row.row_key in wide for row in rows]
