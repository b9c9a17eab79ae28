"""The issues of one area up to a moment."""

from collections import Counter

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.reach import grown_boxes
from geo_service.maps.area_sheet.view import IssueFacts
from geo_service.services.areas.asked import AskedArea
from geo_service.services.areas.bodies import day
from geo_service.services.coverage.demand import DAYS
from geo_service.services.coverage.picture import day_number
from geo_service.services.issues.recounts import reached_bbox, recounted_positions
from geo_service.storage import issue_queries
from geo_service.storage.issue_queries import Bbox, IssueColumns, IssueFilter

WEEK_DAYS = 7
_DAY_S = 86_400
_CATEGORIES = 5


def issue_facts(asked: AskedArea, *, residents: float | None, km2: float) -> IssueFacts:
    """Return how many issues the area has; counted on the picture's edition, up to its moment."""
    as_of_s = asked.picture.as_of_s
    found, is_own = _own_issues(asked, alive_from_s=as_of_s - DAYS * _DAY_S)
    reported = found.reported_at_s
    is_known = is_own & (reported <= as_of_s)
    in_month = is_known & (reported >= as_of_s - DAYS * _DAY_S)
    is_open = is_known & (found.is_open | (found.closed_at_s > as_of_s))
    month = int(in_month.sum())
    oldest_s = int(reported[is_open].min()) if is_open.any() else None
    return IssueFacts(
        week=int((is_known & (reported >= as_of_s - WEEK_DAYS * _DAY_S)).sum()),
        month=month,
        open=int(is_open.sum()),
        oldest_open_on=None if oldest_s is None else day(oldest_s),
        oldest_open_days=None if oldest_s is None else day_number(as_of_s) - day_number(oldest_s),
        per_1000_residents=1000 * month / residents if residents else None,
        per_km2=month / km2 if km2 > 0 else None,
        categories=_categories(asked, found.ids[in_month].tolist()),
    )


def _own_issues(asked: AskedArea, *, alive_from_s: float) -> tuple[IssueColumns, NDArray[np.bool_]]:
    """Return issues near the area that lived since a moment, and which of them are its own."""
    wanted = IssueFilter(
        alive_from_s=alive_from_s,
        reached_bbox=_near(asked),
        is_decided=True,
        without_request_types=asked.workspace.profile.hotspots.excluded_request_types,
    )
    found = issue_queries.issue_columns(asked.connection, wanted)
    if asked.layer.is_overlay:
        return found, asked.holds(lon=found.lon, lat=found.lat)
    owners = recounted_positions(
        asked.workspace, asked.connection, asked.picture.edition, asked.layer.name, found
    )
    return found, np.asarray(owners == asked.position)


def _near(asked: AskedArea) -> Bbox:
    layer = asked.layer
    if not layer.is_overlay:
        family = asked.workspace.family_of(layer.name)
        return reached_bbox(asked.picture.locator, family, layer.name, asked.position)
    box = shapely.bounds(np.array([asked.outline], dtype=object))
    [[west, south, east, north]] = grown_boxes(box, reach_m=layer.reach_m).tolist()
    return west, south, east, north


def _categories(asked: AskedArea, ids: list[int]) -> list[tuple[str, int]]:
    found = issue_queries.categories_of(asked.connection, ids)
    counts = Counter(major or "" for major, _ in found.values())
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_CATEGORIES]
