"""Areas that deliberately have no party organisation of their own, and what they have instead.

Printed are the numbers of areas, and on the X street of micro-grid organisations; a body on each is
an assumption, and a map on which nothing is missing shows nothing. So some areas depart from it,
each under another parent: two neighbors share a joint organisation, others have a temporary or
functional one only, a liaison only, or nobody. What they lack may stand elsewhere: ``doubled`` of
the largest areas have a second organisation, so that a printed number of organisations stays true.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import shapely

from geo_service.demo.organisations.street import Area, Street

OWN, JOINT, TEMPORARY, FUNCTIONAL = "own", "joint", "temporary", "functional"
"""Modes, as registers tell them."""
LINKED, BLANK = "linked", "blank"
"""Areas without an organisation: with a liaison, without."""


@dataclass(frozen=True)
class Departures:
    """How many areas of one level have no body of their own, and what they have instead.

    ``joint`` counts pairs. Of the linked and of the blank areas one had a body until it was
    dissolved, 90 days before the end. ``late`` areas got theirs within the last year.
    """

    joint: int = 0
    temporary: int = 0
    functional: int = 0
    linked: int = 0
    blank: int = 0
    doubled: int = 0
    late: int = 0


def departing(street: Street, layer: str, wanted: Departures) -> Mapping[str, list[list[Area]]]:
    """Return which areas of a layer have no body of their own: by class, in pairs if joint.

    The first blank one of the deepest level is where issues pile up all year: thin coverage where
    demand is high is what the map is asked for.
    """
    areas = street.areas(layer)
    is_shown = layer == street.city.leaf_layer and wanted.blank
    first = street.busiest if is_shown else None
    chosen = [areas[i] for i in street.rng.permutation(len(areas)).tolist()]
    chosen.sort(key=lambda area: area.code != first)
    free = _one_each(chosen)
    blank = [[next(free)] for _ in range(wanted.blank)]
    pairs = ([area, *_neighbor(street, area)] for area in free)
    joint = [next(pair for pair in pairs if len(pair) > 1) for _ in range(wanted.joint)]
    return {
        BLANK: blank,
        JOINT: [sorted(pair) for pair in joint],
        TEMPORARY: [[next(free)] for _ in range(wanted.temporary)],
        FUNCTIONAL: [[next(free)] for _ in range(wanted.functional)],
        LINKED: [[next(free)] for _ in range(wanted.linked)],
    }


def _one_each(areas: list[Area]) -> Iterator[Area]:
    """Yield one area of each parent."""
    seen: set[str | None] = set()
    for area in areas:
        if area.parent not in seen:
            seen.add(area.parent)
            yield area


def _neighbor(street: Street, area: Area) -> list[Area]:
    """Return an area beside this one under the same parent; none where there is no such."""
    shapes = street.city.areas[area.layer]
    outline = shapes.geometries[shapes.position_by_code[area.code]]
    return [
        other
        for other in street.areas(area.layer)
        if other.parent == area.parent
        and other.code != area.code
        and shapely.touches(outline, shapes.geometries[shapes.position_by_code[other.code]])
    ][:1]
