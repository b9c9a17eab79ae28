"""Shares of residents: by the households of buildings where they are known, else by area."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.lineage.ground import ChangedGround
from geo_service.layers.lineage.row import LineageRow


@dataclass(frozen=True, eq=False)
class Dwellings:
    """Where people live: a place in each building in degrees (EPSG:4490), and its households."""

    lon: Floats
    lat: Floats
    households: Floats


NO_DWELLINGS = Dwellings(np.empty(0), np.empty(0), np.empty(0))

_Inside = Mapping[str, NDArray[np.intp]]
"""The dwellings in each area, by its code."""
_Places = Mapping[str, Sequence[int]]
"""Where rows stand, by a code of theirs."""


def with_residents(
    rows: Sequence[LineageRow], ground: ChangedGround, dwellings: Dwellings
) -> list[LineageRow]:
    """Return rows of shares of ground with shares of residents.

    An area whose ground went one way alone, or came from one alone, took all of its residents
    along. Of any other the households of the buildings in it tell; a building that stands in
    several areas of an overlay counts for each. Where an area has none that are known, its ground
    tells, and the share is estimated.
    """
    if not len(dwellings.households):
        groups = _groups(rows)
        return [_by_ground(row, *groups) for row in rows]
    places = np.array(shapely.points(dwellings.lon, dwellings.lat), dtype=object)
    tree = shapely.STRtree(places)
    in_old, in_new = _inside(tree, ground.old), _inside(tree, ground.new)
    by_old, by_new = _groups(rows)
    found = list(rows)
    for code, mine in by_old.items():
        heirs = [rows[i].new_code for i in mine]
        shares = _shares(in_old[code], heirs, in_new, dwellings.households)
        for k, i in enumerate(mine):
            share = rows[i].share_of_old if shares is None else shares[k]
            found[i] = replace(found[i], residents_of_old=share, is_old_estimated=shares is None)
    for code, mine in by_new.items():
        origins = [rows[i].old_code for i in mine]
        shares = _shares(in_new[code], origins, in_old, dwellings.households)
        for k, i in enumerate(mine):
            share = rows[i].share_of_new if shares is None else shares[k]
            found[i] = replace(found[i], residents_of_new=share, is_new_estimated=shares is None)
    return found


def _groups(rows: Sequence[LineageRow]) -> tuple[_Places, _Places]:
    """Return where the rows of each old area stand, and those of each new one."""
    by_old: dict[str, list[int]] = defaultdict(list)
    by_new: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        if row.old_code is not None:
            by_old[row.old_code].append(i)
        if row.new_code is not None:
            by_new[row.new_code].append(i)
    return by_old, by_new


def _by_ground(row: LineageRow, by_old: _Places, by_new: _Places) -> LineageRow:
    return replace(
        row,
        is_old_estimated=row.old_code is not None and len(by_old[row.old_code]) > 1,
        is_new_estimated=row.new_code is not None and len(by_new[row.new_code]) > 1,
    )


def _inside(tree: shapely.STRtree, shapes: Mapping[str, shapely.Geometry]) -> _Inside:
    return {code: tree.query(shape, predicate="intersects") for code, shape in shapes.items()}


def _shares(
    here: NDArray[np.intp], others: Sequence[str | None], there: _Inside, households: Floats
) -> list[float] | None:
    """Return which shares of the households here went to each of the others; None for unknown."""
    if len(others) == 1:
        return [1.0]
    held = [here[np.isin(here, there[code])] for code in others if code is not None]
    is_held = np.isin(here, np.concatenate([*held, np.empty(0, dtype=np.intp)]))
    known = iter(held)
    counted = [
        float(households[here[~is_held] if code is None else next(known)].sum()) for code in others
    ]
    total = sum(counted)
    return [each / total for each in counted] if total > 0.0 else None
