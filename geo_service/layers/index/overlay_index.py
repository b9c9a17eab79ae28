"""The exact index of an overlay layer: its areas may overlap, so they lie on several sheets."""

from collections.abc import Sequence
from itertools import combinations

import shapely

from geo_service.layers.area import AreaSet, Floats
from geo_service.layers.index.coverage_index import (
    INTERIORS_MEET,
    CoverageIndex,
    coverage_index,
    index_or_overlaps,
    places_around,
)

_Pairs = set[tuple[int, int]]
"""Areas that may not lie on one sheet, the lower position first."""


class OverlayIndex:
    """All owners of a point, in an overlay of polygons."""

    def __init__(self, sheets: Sequence[CoverageIndex]) -> None:
        self.sheets = sheets

    def holding(self, *, lon: float, lat: float) -> list[int]:
        """Return every area that holds a point, borders included, ascending."""
        return sorted(area for sheet in self.sheets for area in sheet.holding(lon=lon, lat=lat))


def overlay_index(areas: AreaSet, layer: str) -> OverlayIndex:
    """Return the index of an overlay of polygons: areas that overlap lie on different sheets.

    Raises
    ------
    CoverageOverlap
        An outline crosses itself.
    """
    pairs = _overlapping(areas)
    while True:
        sheets = _sheets(pairs, len(areas))
        tried = [index_or_overlaps(areas, layer, chosen) for chosen in sheets]
        missed = {
            pair
            for chosen, (_, places) in zip(sheets, tried, strict=True)
            for pair in _pairs_at(areas, chosen, places)
        }
        if not missed:
            return OverlayIndex(
                [
                    index or coverage_index(areas, layer, chosen)
                    for chosen, (index, _) in zip(sheets, tried, strict=True)
                ]
            )
        pairs |= missed


def _overlapping(areas: AreaSet) -> _Pairs:
    """Return the areas that overlap as GEOS sees it: it misses what rounding of crossings hides."""
    left, right = shapely.STRtree(areas.geometries).query(areas.geometries)
    left, right = left[left < right], right[left < right]
    overlaps = shapely.relate_pattern(
        areas.geometries[left], areas.geometries[right], INTERIORS_MEET
    )
    return set(zip(left[overlaps].tolist(), right[overlaps].tolist(), strict=True))


def _pairs_at(areas: AreaSet, chosen: Sequence[int], places: Floats) -> _Pairs:
    """Return all pairs of the chosen areas that meet at one of the places."""
    tree = shapely.STRtree(areas.geometries[chosen])
    place, near = tree.query(places_around(places), "intersects")
    return {
        pair
        for each in range(len(places))
        for pair in combinations(sorted(chosen[i] for i in near[place == each]), 2)
    }


def _sheets(pairs: _Pairs, count: int) -> list[list[int]]:
    """Put each of ``count`` areas on the first sheet where it overlaps no other (greedily)."""
    earlier: dict[int, list[int]] = {}
    for other, later in pairs:
        earlier.setdefault(later, []).append(other)
    sheet_of: list[int] = []
    for area in range(count):
        taken = {sheet_of[other] for other in earlier.get(area, [])}
        sheet_of.append(next(sheet for sheet in range(len(taken) + 1) if sheet not in taken))
    sheets = max(sheet_of, default=-1) + 1
    return [[i for i, sheet in enumerate(sheet_of) if sheet == k] for k in range(sheets)]
