"""Which overlays take an issue from the owner of its ground: found, kept, and told."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from geo_service.layers.assignment.overlay import overlay_owners_of
from geo_service.layers.assignment.responsible import GROUND, OVERRIDE
from geo_service.layers.locator import Locator
from geo_service.services.workspaces import Workspace
from geo_service.storage import decisions, issue_queries, issues
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import Places
from geo_service.storage.kept_assignments import kept_editions


def override_texts(
    connection: Transaction, locator: Locator, family: str, places: Places
) -> list[str | None]:
    """Return what stored issues' overrides are kept as; None where nobody takes one.

    JSON of ``layer``, ``code`` and ``category``, the first being responsible, beside the owner in
    the family that is the ground. Without overlays that take categories nothing is asked.
    """
    texts: list[str | None] = [None] * len(places.ids)
    layers = locator.layers.overriding
    if not layers or family != locator.layers.ground_family:
        return texts
    held = [
        (layer, *overlay_owners_of(locator, layer, lon=places.lon, lat=places.lat))
        for layer in layers
    ]
    ids = places.ids[np.unique(np.concatenate([points for _, points, _ in held]))].tolist()
    categories = issue_queries.categories_of(connection, ids)
    found: dict[int, list[dict[str, str]]] = {}
    for layer, points, positions in held:
        codes = locator.areas(layer.name).codes
        for point, position in zip(points.tolist(), positions.tolist(), strict=True):
            key = layer.override_for(*categories[places.ids[point]])
            if key is not None:
                told = {"layer": layer.name, "code": codes[position], "category": key}
                found.setdefault(point, []).append(told)
    for point, each in found.items():
        texts[point] = orjson.dumps(each).decode()
    return texts


def take_again(workspace: Workspace, connection: Transaction, places: Places) -> None:
    """Find the overrides of issues afresh, on the edition that each has its owner on.

    For closed issues whose category is another now: whose their ground was stays as it is, and what
    a person decided.
    """
    family = workspace.layers.ground_family
    if family is None:
        return
    decided = [row_id for row_id, _ in decisions.decisions_of(connection, places.ids.tolist())]
    places = places.take(~np.isin(places.ids, decided))
    kept = kept_editions(connection, places.ids.tolist(), family=family)
    numbers = np.array([kept.get(row_id, 0) for row_id in places.ids.tolist()])
    for number in np.unique(numbers[numbers > 0]).tolist():
        edition = workspace.edition_number(connection, number)
        chosen = places.take(numbers == number)
        texts = override_texts(connection, workspace.locator(connection, edition), family, chosen)
        found = dict(zip(chosen.ids.tolist(), texts, strict=True))
        issues.update_overrides(connection, found, family=family)


def owners_told(
    assignments: Sequence[Mapping[str, Any]], ground_family: str | None
) -> dict[str, Any]:
    """Return the owner of the ground and the responsible one, as an issue shows them."""
    kept = next((each for each in assignments if each["family"] == ground_family), None)
    if kept is None:
        return {"ground": None, "responsible": None}
    layer, code = kept["links"][-1] if kept["links"] else (None, None)
    ground = {"layer": layer, "code": code} if code is not None else None
    if kept["overrides"]:
        return {"ground": ground, "responsible": {**kept["overrides"][0], "because": OVERRIDE}}
    own = {**ground, "category": None, "because": GROUND} if ground else None
    return {"ground": ground, "responsible": own}
