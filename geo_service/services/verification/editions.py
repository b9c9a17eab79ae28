"""Editions: in a row, with the content they were published with, and clean as imports demand."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from geo_service.layers.area import AreaSet, Boundaries
from geo_service.layers.layer import Enclave, Layers
from geo_service.layers.topology import Defect, check, local_scale
from geo_service.services.verification.findings import CheckReport
from geo_service.services.verification.houses import House, Step, read_outlines
from geo_service.storage import editions, enclaves
from geo_service.storage.editions import Content


def check_editions(house: House, report: CheckReport) -> None:
    """Check the editions' own rows: their numbers, their moments, their profiles."""
    report.cover(editions=len(house.rows))
    for missing, row in enumerate(house.rows, start=1):
        if row.number != missing:
            report.add("edition_gap", _where(row), missing=missing)
            break
    for before, row in pairwise(house.rows):
        if row.published_at_s < before.published_at_s:
            report.add("earlier_publication", _where(row))
    for row in house.rows:
        if row.profile_hash not in house.stored_profiles:
            report.add("unknown_profile", _where(row))
        if not _is_told(row.uncorrected):
            report.add("bad_uncorrected", _where(row))


def check_contents(
    house: House, contents: CheckReport, tilings: CheckReport, step: Step
) -> set[int]:
    """Check what stands in the editions; return those whose content is not what was published.

    An edition is checked as an import is before it is published: by the same check, overlays for
    validity alone. Nothing that has a defect can be published, so none is allowed for.
    """
    damaged: set[int] = set()
    checked: dict[tuple[str, str], list[Defect]] = {}
    # those that were withdrawn too: editions were published while they stood
    declared = enclaves.all_enclaves(house.connection)
    chosen = house.chosen_editions
    for done, edition in enumerate(chosen):
        step(done, len(chosen))
        content = editions.read_content(house.connection, edition.number)
        contents.cover(editions=1, areas=len(content))
        found = editions.content_hash(content)
        if found != edition.content_hash:
            damaged.add(edition.number)
            contents.add("other_content", {"table": "editions", "edition": edition.number})
        layers = house.layers_by_edition[edition.number]
        key = (found, ",".join(layers.names))
        if key not in checked:
            checked[key] = _defects(content, layers, declared)
        tilings.cover(editions=1, areas=len(content))
        titles = layers.titles
        for defect in checked[key]:
            where = {"layer": defect.layer, "code": defect.codes[0], "edition": edition.number}
            tilings.add(
                "topology", where, defect=(defect.text("zh", titles), defect.text("en", titles))
            )
    left = len(house.editions) - len(chosen)
    if left:
        words = (f"没有核对另外 {left} 个历史版本", f"{left} editions of the past were left out")
        contents.left_out.append(words)
        tilings.left_out.append(words)
    return damaged


_FIELDS = {"edition", "effective_from_s", "areas", "total"}


def _where(row: Any) -> dict[str, Any]:
    return {"table": "editions", "id": row.number}


def _is_told(text: str | None) -> bool:
    try:
        told = json.loads(text or "[]")
        return isinstance(told, list) and all(each.keys() == _FIELDS for each in told)
    except (ValueError, AttributeError):
        return False


def _defects(content: Content, layers: Layers, declared: Sequence[Enclave]) -> list[Defect]:
    boundaries = _boundaries(content)
    shapes = [areas.geometries for areas in boundaries.values()]
    if not shapes:
        return []
    scale = local_scale(np.concatenate(shapes), is_degrees=True)
    return check(boundaries, layers, metres_per_unit=scale, enclaves=declared)


def _boundaries(content: Content) -> Boundaries:
    """Return the areas of an edition; an outline that cannot be read is None."""
    codes: dict[str, list[str]] = {}
    for layer, code in sorted(content):
        codes.setdefault(layer, []).append(code)
    found = {}
    for layer, those in codes.items():
        rows = [content[layer, code] for code in those]
        found[layer] = AreaSet(
            codes=tuple(those),
            names=tuple(row[0] for row in rows),
            parents=tuple(row[1] for row in rows),
            geometries=read_outlines([row.outline for row in rows]),
        )
    return found
