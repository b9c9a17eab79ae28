"""Counting on the displayed edition: where issues lie today, whatever they were assigned to."""

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.errors import AreaNotFound
from geo_service.layers.area import Positions
from geo_service.layers.assignment.ambiguity import provisional_owners
from geo_service.layers.assignment.rule import assign
from geo_service.layers.edition import Edition
from geo_service.layers.locator import Locator
from geo_service.layers.reach import grown_boxes
from geo_service.services.workspaces import Workspace
from geo_service.storage import decisions, issue_queries
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import Bbox, IssueColumns, IssueFilter, Places


def recounted_positions(
    workspace: Workspace,
    connection: Transaction,
    edition: Edition,
    layer: str,
    found: IssueColumns | Places,
) -> Positions:
    """Return who owns each issue in ``layer`` on ``edition``; -1 where nobody does.

    Positions speak of the layer's areas ordered by code. Nearest, boundary and ambiguous issues
    count with their owner, a provisional one too; those that a person decided with whom that person
    said, where that area lives on ``edition``.
    """
    family = workspace.family_of(layer)
    locator = workspace.locator(connection, edition)
    assigned = assign(locator, family, lon=found.lon, lat=found.lat)
    owners = provisional_owners(
        locator, assigned, lon=found.lon, lat=found.lat, accuracy_m=found.accuracy_m
    )
    chain = [each.name for each in workspace.layers.families[family]]
    positions = locator.positions_at(family, owners)[chain.index(layer)]
    return _as_decided(connection, locator, family, layer, found.ids, positions)


def _as_decided(
    connection: Transaction,
    locator: Locator,
    family: str,
    layer: str,
    ids: NDArray[np.int64],
    positions: Positions,
) -> Positions:
    """Return positions with the areas that persons said in their place, where those live."""
    decided = decisions.decided_owners(connection, family)
    if not decided:
        return positions
    levels = [each.name for each in locator.layers.families[family]]
    after, order = positions.copy(), np.argsort(ids, kind="stable")
    at = np.searchsorted(ids, [row_id for row_id, _, _ in decided], sorter=order)
    for place, (row_id, own_layer, code) in zip(at.tolist(), decided, strict=True):
        position = locator.areas(own_layer).position_by_code.get(code)
        if position is None or place == len(ids) or ids[order[place]] != row_id:
            continue
        links = locator.links(family, levels.index(own_layer), position)
        own = next((link.code for link in links if link.layer == layer), None)
        known = locator.areas(layer).position_by_code
        after[order[place]] = -1 if own is None else known[own]
    return after


def recounted_roots(
    workspace: Workspace, connection: Transaction, edition: Edition, layer: str, found: IssueColumns
) -> Positions:
    """Return who owns each issue in the root of the layer's family; -1 for nobody."""
    root = workspace.layers.root(layer).name
    return recounted_positions(workspace, connection, edition, root, found)


def kept_positions(
    workspace: Workspace, connection: Transaction, edition: Edition, layer: str, wanted: IssueFilter
) -> Positions:
    """Return who was given each issue when it came in, as areas of ``edition``; -1 for nobody.

    The issues are those of a filter, ordered by id. An owner that no longer exists on ``edition``
    is nobody there.
    """
    family = workspace.family_of(layer)
    chain_ids = issue_queries.kept_chain_ids(connection, wanted, family=family)
    return positions_of_chains(workspace, connection, edition, layer, chain_ids)


def positions_of_chains(
    workspace: Workspace,
    connection: Transaction,
    edition: Edition,
    layer: str,
    chain_ids: NDArray[np.int64],
) -> Positions:
    """Return the areas of ``edition`` that chains hold in ``layer``; -1 for nobody and for 0."""
    codes = issue_queries.chain_codes(connection, family=workspace.family_of(layer), layer=layer)
    areas = workspace.locator(connection, edition).areas(layer)
    size = max([0, *codes, *chain_ids.tolist()]) + 1
    position_by_chain = np.full(size, -1, dtype=np.int32)
    for chain_id, code in codes.items():
        position_by_chain[chain_id] = areas.position_by_code.get(code, -1)
    return position_by_chain[chain_ids]


def recounted_ids(
    workspace: Workspace,
    connection: Transaction,
    issue_filter: IssueFilter,
    *,
    after: tuple[int, int] | None,
) -> list[int]:
    """Return the issues of the filter that lie in its area on the edition in force.

    Newest first, after the (reported_at_s, id) of the last one seen.
    """
    if issue_filter.area is None:
        raise ValueError("a recount needs an area")
    layer, code = workspace.layers[issue_filter.area[0]].name, issue_filter.area[1]
    edition = workspace.edition(connection)
    locator = workspace.locator(connection, edition)
    position = locator.areas(layer).position_by_code.get(code)
    if position is None:
        raise AreaNotFound(layer=layer, code=code, edition=edition.number)
    reached = reached_bbox(locator, workspace.family_of(layer), layer, position)
    near = replace(issue_filter, area=None, reached_bbox=reached, is_decided=True)
    found = issue_queries.issue_columns(connection, near)
    owners = recounted_positions(workspace, connection, edition, layer, found)
    is_wanted = owners == position
    if after is not None:
        is_wanted &= (found.reported_at_s < after[0]) | (
            (found.reported_at_s == after[0]) & (found.ids < after[1])
        )
    ids, reported_at_s = found.ids[is_wanted], found.reported_at_s[is_wanted]
    newest_first: list[int] = ids[np.lexsort((ids, reported_at_s))[::-1]].tolist()
    return newest_first


def reached_bbox(locator: Locator, family: str, layer: str, position: int) -> Bbox:
    """Return a box that holds every place that can be an area's: in it, below it, or near."""
    chain = list(locator.layers.families[family])
    codes: set[str] = set()
    boxes = []
    for each in chain[[link.name for link in chain].index(layer) :]:
        areas = locator.areas(each.name)
        below = [i for i, parent in enumerate(areas.parents) if parent in codes]
        at = [position] if each.name == layer else below
        boxes.append(grown_boxes(shapely.bounds(areas.geometries[at]), reach_m=each.nearest_m))
        codes = {areas.codes[i] for i in at}
    west, south, east, north = np.concatenate(boxes).T
    return float(west.min()), float(south.min()), float(east.max()), float(north.max())
