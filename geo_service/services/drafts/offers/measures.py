"""What areas can be balanced by, as places with weights: people of buildings, issues, hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geo_service.errors import InvalidValue, NoBalancedParts
from geo_service.governance.clock.limit import DAY_S
from geo_service.layers.arcs import AreaKey
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.layer import BUILDING
from geo_service.services.impact.issues.book import YEAR_DAYS
from geo_service.services.impact.issues.hours import hours_of
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, figures, issue_queries
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueFilter

HOUSEHOLDS, RESIDENTS, ISSUES, WORKLOAD = "households", "residents", "issues", "workload"
GROUND, AUTO = "area", "auto"
MEASURES: Final = (AUTO, HOUSEHOLDS, RESIDENTS, ISSUES, WORKLOAD, GROUND)
"""What a planner may ask for."""

_AUTO: Final = (HOUSEHOLDS, RESIDENTS, ISSUES)
_PLACES_PER_PART = 5
"""Of fewer places with a weight for each part ``auto`` makes nothing: they are too uneven."""

_NOTHING: Final[Mapping[str, tuple[str, str]]] = {
    HOUSEHOLDS: (
        "区域里没有登记户数的楼栋（图层 building 的指标 households）",
        "no building in it has households (layer building, figure households)",
    ),
    RESIDENTS: (
        "区域里没有登记居民数的楼栋（图层 building 的指标 residents）",
        "no building in it has residents (layer building, figure residents)",
    ),
    ISSUES: ("区域里近一年没有问题", "no issue of the last year lies in it"),
    WORKLOAD: (
        "区域里近一年没有带时限的问题",
        "no issue of the last year in it has a limit",
    ),
}


@dataclass(frozen=True, eq=False)
class Weighed:
    """Places in degrees, ``(n, 2)``, and what each weighs, ``(n,)``, all above 0.

    ``unknown`` counts what is there too and has no weight that is known: buildings of which
    nothing is told, issues without a limit or whose place was erased.
    """

    places: Floats
    weights: Floats
    unknown: int = 0

    def within(self, ground: shapely.Geometry) -> "Weighed":
        """Return what lies in some ground, borders included; ``unknown`` stays."""
        is_in = shapely.intersects_xy(ground, *self.places.T)
        return Weighed(self.places[is_in], self.weights[is_in], self.unknown)


def weighed_in(
    workspace: Workspace, connection: Transaction, edition: int, ground: shapely.Geometry
) -> dict[str, Weighed]:
    """Return for each measure what lies in some ground: buildings of an edition, issues by place.

    Figures are those of today, issues those reported in the last 365 days, of every request type;
    workload weighs each by the hours of the limit of its main deadline, as the impact does.
    """
    shapely.prepare(ground)
    found = _of_buildings(workspace, connection, edition, ground)
    found |= _of_issues(workspace, connection, ground)
    return found


def chosen_measure(
    key: AreaKey, measure: str, count: int, found: Mapping[str, Weighed]
) -> tuple[str, Weighed | None]:
    """Return by what an area is parted; of the ground there are no places.

    ``auto`` takes the first of households, residents and issues that is told of five places for
    each part, else the ground.

    Raises
    ------
    InvalidValue
        There is no such measure.
    NoBalancedParts
        Nothing in the area is told of what was asked for.
    """
    if measure not in MEASURES:
        raise InvalidValue("measure", "、".join(MEASURES), ", ".join(MEASURES))
    if measure == AUTO:
        enough = (name for name in _AUTO if len(found[name].places) >= _PLACES_PER_PART * count)
        measure = next(enough, GROUND)
    if measure == GROUND:
        return measure, None
    if not len(found[measure].places):
        raise NoBalancedParts(key.layer, key.code, count, *_NOTHING[measure])
    return measure, found[measure]


def _of_buildings(
    workspace: Workspace, connection: Transaction, edition: int, ground: shapely.Geometry
) -> dict[str, Weighed]:
    if BUILDING not in workspace.layers.by_name:
        return dict.fromkeys((HOUSEHOLDS, RESIDENTS), Weighed(np.empty((0, 2)), np.empty(0)))
    west, south, east, north = shapely.bounds(ground).tolist()
    buildings = editions.read_layer(connection, edition, BUILDING, bbox=(west, south, east, north))
    inner = shapely.point_on_surface(buildings.geometries)
    at = np.flatnonzero(shapely.intersects(ground, inner)).tolist()
    codes = [buildings.codes[i] for i in at]
    names = (HOUSEHOLDS, RESIDENTS)
    told = figures.numbers_of_areas(
        connection, layer=BUILDING, codes=codes, names=names, as_of_s=workspace.now_s()
    )
    return {
        name: _weighed(inner[at], np.array([float(told.get((name, c), "nan")) for c in codes]))
        for name in names
    }


def _of_issues(
    workspace: Workspace, connection: Transaction, ground: shapely.Geometry
) -> dict[str, Weighed]:
    west, south, east, north = shapely.bounds(ground).tolist()
    near = issue_queries.issue_columns(connection, IssueFilter(bbox=(west, south, east, north)))
    # what was erased stands at a place for the whole area, and says nothing of where it was
    is_of_year = near.reported_at_s >= int(workspace.now_s()) - YEAR_DAYS * DAY_S
    at = np.flatnonzero(is_of_year & shapely.intersects_xy(ground, near.lon, near.lat))
    points = np.asarray(shapely.points(near.lon[at], near.lat[at]), dtype=object)
    is_placed = ~near.is_erased[at]
    hours = hours_of(workspace, connection, near.ids[at].tolist())
    return {
        ISSUES: _weighed(points, np.where(is_placed, 1.0, np.nan)),
        WORKLOAD: _weighed(points, np.where(is_placed & (hours > 0), hours, np.nan)),
    }


def _weighed(points: Geometries, told: Floats) -> Weighed:
    has_weight = told > 0
    places = shapely.get_coordinates(points[has_weight]).reshape(-1, 2)
    return Weighed(places, told[has_weight], int(np.isnan(told).sum()))
