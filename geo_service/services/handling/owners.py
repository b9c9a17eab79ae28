"""Whose an issue is, by the names of its areas as they are in force."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from geo_service.layers.locator import Locator
from geo_service.services.workspaces import Workspace
from geo_service.storage import issue_queries
from geo_service.storage.databases import Transaction


class OwnerArea(NamedTuple):
    """An area that owns an issue; the name is its code where it is no more."""

    layer: str
    code: str
    name: str


def owner_of(
    workspace: Workspace, connection: Transaction, issue_id: int
) -> tuple[str, str] | None:
    """Return the layer and the name of the deepest area that owns an issue; None without one."""
    kept = issue_queries.assignments_of(connection, [issue_id]).get(issue_id, [])
    family = workspace.layers.ground_family
    links = next((each["links"] for each in kept if each["family"] == family), None)
    chain = chain_named(locator_in_force(workspace, connection), links)
    return (chain[-1].layer, chain[-1].name) if chain else None


def locator_in_force(workspace: Workspace, connection: Transaction) -> Locator | None:
    """Return the locator of the edition in force; None before anything was published."""
    edition = workspace.governing(connection)
    return None if edition is None else workspace.locators.get(connection, edition)


def chain_named(locator: Locator | None, links: str | None) -> Sequence[OwnerArea]:
    """Return the areas of a kept chain, root first, with their names in force."""
    if links is None or locator is None:
        return []
    return [area_named(locator, layer, code) for layer, code in json.loads(links)]


def area_named(locator: Locator | None, layer: str, code: str) -> OwnerArea:
    """Return an area with its name in force, or its code where it has none."""
    position = None
    if locator is not None:
        areas = locator.areas(layer)
        position = areas.position_by_code.get(code)
    return OwnerArea(layer, code, code if position is None else str(areas.names[position]))
