"""Lineages worked out from two stored editions, and written down with a publication."""

from collections.abc import Sequence

import numpy as np
import shapely

from geo_service.layers.area import AreaSet, Boundaries, area_set
from geo_service.layers.edition import Edition, preceding_edition
from geo_service.layers.layer import BUILDING
from geo_service.layers.lineage import NO_DWELLINGS, Dwellings, LineageRow, lineage
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, figures, lineages
from geo_service.storage.databases import Transaction


def record_lineage(
    workspace: Workspace, connection: Transaction, edition: Edition
) -> list[LineageRow]:
    """Write down, and return, where the ground went with an edition that was just stored.

    It is told against the edition whose place it takes; the first of all takes nobody's.
    """
    before = preceding_edition(editions.all_editions(connection), edition)
    if before is None:
        return []
    rows = lineage_between(workspace, connection, before, edition)
    lineages.add_rows(connection, rows, edition=edition.number, before=before.number)
    return rows


def lineage_between(
    workspace: Workspace, connection: Transaction, before: Edition, after: Edition
) -> list[LineageRow]:
    """Return the lineage of every layer, in the profile's order, from one edition to another.

    Households are those that are known for the moment the edition was published at, or takes
    effect at if that is later.
    """
    old = editions.changed_boundaries(connection, before.number, after.number)
    new = editions.changed_boundaries(connection, after.number, before.number)
    as_of_s = max(after.published_at_s, after.effective_from_s)
    dwellings = dwellings_near(workspace, connection, after.number, [old, new], as_of_s=as_of_s)
    return lineage_of(workspace, old, new, dwellings)


def lineage_of(
    workspace: Workspace, old: Boundaries, new: Boundaries, dwellings: Dwellings
) -> list[LineageRow]:
    """Return the lineage of every layer, in the profile's order, of areas that are not the same."""
    changed = {*old, *new}
    names = [name for name in workspace.layers.names if name in changed]
    return [
        row
        for name in [*names, *sorted(changed.difference(names))]
        for row in lineage(name, _areas(old, name), _areas(new, name), dwellings=dwellings)
    ]


def dwellings_near(
    workspace: Workspace,
    connection: Transaction,
    edition: int,
    changed: Sequence[Boundaries],
    *,
    as_of_s: float,
) -> Dwellings:
    """Return the buildings of an edition with known households around some areas.

    There are some where the profile has a layer of buildings, with figures of households.
    """
    shapes = [areas.geometries for boundaries in changed for areas in boundaries.values()]
    if BUILDING not in workspace.layers.by_name or not sum(map(len, shapes)):
        return NO_DWELLINGS
    households = figures.figures_as_of(
        connection, layer=BUILDING, figure="households", as_of_s=as_of_s
    )
    if not households:
        return NO_DWELLINGS
    houses = editions.read_layer(
        connection,
        edition,
        BUILDING,
        bbox=tuple(shapely.total_bounds(np.concatenate(shapes)).tolist()),
    )
    known = [i for i, code in enumerate(houses.codes) if float(households.get(code, "0")) > 0.0]
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(houses.geometries[known])).T
    counts = [float(households[houses.codes[i]]) for i in known]
    return Dwellings(lon, lat, np.array(counts, dtype=np.float64))


def _areas(boundaries: Boundaries, layer: str) -> AreaSet:
    return boundaries.get(layer) or area_set(layer, codes=[], geometries=[])
