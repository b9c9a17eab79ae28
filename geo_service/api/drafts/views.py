"""Drafts as the API shows them."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely

from geo_service.api.parameters import JsonObject, moment_text
from geo_service.api.problems import Reader
from geo_service.layers.area import Boundaries
from geo_service.layers.redraw import Fix
from geo_service.layers.redraw.asked.borders import Border
from geo_service.layers.topology import Defect
from geo_service.layers.topology.defect import QUESTIONS, shown_name
from geo_service.services.drafts.draft import Draft
from geo_service.services.drafts.drafts import OperationPage, Step
from geo_service.services.drafts.figures import EnteredFigure
from geo_service.services.drafts.findings import LISTED
from geo_service.services.drafts.offers.offer import Offer
from geo_service.services.drafts.offers.proposals import Pieces
from geo_service.services.drafts.publishing import DraftCheck
from geo_service.storage.drafts import DraftRow, OperationRow

_TOUCHED = 50
"""So many areas are named with an operation around where a draft stands."""


def row_json(row: DraftRow) -> JsonObject:
    """Return a draft without its operations."""
    return {
        "id": row.id,
        "name": row.name,
        "base_edition": row.base_edition,
        "revision": row.revision,
        "status": row.status,
        "edition": row.edition,
        "reason": row.reason,
        "consulted": row.consulted,
        "approval": row.approval,
        "begun_at": moment_text(row.recorded_at_s),
        "begun_by": row.recorded_by,
        "changed_at": moment_text(row.changed_at_s),
    }


def draft_json(draft: Draft) -> JsonObject:
    """Return a draft with the operations around where it stands, in order."""
    return {
        **row_json(draft.row),
        "can_undo": draft.can_undo,
        "can_redo": draft.can_redo,
        "done": len(draft.done),
        "undone": len(draft.undone),
        "operations": [_operation_json(step) for step in draft.near],
    }


def operations_json(page: OperationPage) -> JsonObject:
    """Return operations in order, each with what was asked and every area that it touched."""
    rows = [
        {**_operation_json(step), "asked": step.asked, "touched": keys_json(step.touched)}
        for step in page.rows
    ]
    return {"operations": rows, "next": page.next_after}


def step_json(step: Step, reader: Reader) -> JsonObject:
    """Return a draft after a step: areas that are new or other than before, and those no more."""
    return {
        "draft": draft_json(step.draft),
        "areas": {"type": "FeatureCollection", "features": features(step.areas)},
        "ended": keys_json(step.ended),
        **_findings_json(step.state.findings, reader),
    }


def check_json(check: DraftCheck, reader: Reader) -> JsonObject:
    """Return what is wrong, what to look at, and what would change."""
    return {
        "is_publishable": check.is_publishable,
        "defects": [finding_json(each, reader) for each in check.defects[:LISTED]],
        "defects_total": len(check.defects),
        **_findings_json(check.findings, reader),
        "layers": [vars(each) for each in check.differences],
        "needs_approval": [vars(each) for each in check.needs_approval],
        **entered_json(check.entered),
    }


def entered_json(entered: Iterable[EnteredFigure]) -> JsonObject:
    """Return values that were entered, and of each why it counts no more, null where it does."""
    return {
        "figures": [
            {
                "layer": each.row.layer,
                "code": each.row.code,
                "figure": each.row.figure,
                "value": int(each.row.value),
                "gone": each.gone,
                "entered_at": moment_text(each.row.recorded_at_s),
                "entered_by": each.row.recorded_by,
            }
            for each in entered
        ]
    }


def _findings_json(findings: Sequence[Defect], reader: Reader) -> JsonObject:
    """Return the first findings, how many there are, and how many of each kind."""
    return {
        "findings": [finding_json(each, reader) for each in findings[:LISTED]],
        "findings_total": len(findings),
        "findings_by_kind": dict(Counter(each.kind for each in findings)),
    }


def borders_json(borders: Iterable[Border]) -> JsonObject:
    """Return borders as GeoJSON lines, their names as ids."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": border.name,
                "geometry": {"type": "LineString", "coordinates": border.places.tolist()},
                "properties": {
                    "is_closed": border.is_closed,
                    "left": [key._asdict() for key in border.left],
                    "right": [key._asdict() for key in border.right],
                },
            }
            for border in borders
        ],
    }


def pieces_json(found: Pieces) -> JsonObject:
    """Return the parts of a line as GeoJSON, each with its code."""
    outlines = shapely.to_geojson(np.array(list(found.outlines), dtype=object))
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": json.loads(outline), "properties": {"code": code}}
            for outline, code in zip(outlines, found.codes, strict=True)
        ],
    }


def offer_json(offer: Offer) -> JsonObject:
    """Return the parts of an offer as GeoJSON, with the operation that makes them."""
    shapes = np.array([part.outline for part in offer.parts], dtype=object)
    asked = offer.operation
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": part.code,
                "geometry": json.loads(outline),
                "properties": {
                    "code": part.code,
                    "former": part.former,
                    "share": part.share,
                    "area_m2": part.area_m2,
                    **part.counts,
                },
            }
            for outline, part in zip(shapely.to_geojson(shapes), offer.parts, strict=True)
        ],
        "measure": offer.measure,
        "imbalance": offer.imbalance,
        "unknown": offer.unknown,
        "revision": offer.draft.row.revision,
        "operation": {
            "kind": asked.kind,
            "layer": asked.layer,
            "lines": asked.lines,
            "codes": asked.codes,
            "keeps": asked.keeps,
        },
    }


def fix_json(fix: Fix, reader: Reader) -> JsonObject:
    """Return what would put a finding right; without operations it is done elsewhere."""
    return {
        "kind": fix.kind,
        "text": reader.told(fix),
        "to": [key._asdict() for key in fix.to],
        "border_m": fix.border_m,
        "buildings": list(fix.buildings),
        "is_operation": bool(fix.steps),
    }


def features(boundaries: Boundaries) -> list[JsonObject]:
    """Return areas as GeoJSON features, layer by layer."""
    return [
        {
            "type": "Feature",
            "id": f"{layer}/{areas.codes[i]}",
            "geometry": json.loads(outline),
            "properties": {
                "layer": layer,
                "code": areas.codes[i],
                "name": areas.names[i],
                "parent": areas.parents[i],
                "buildings": areas.lists[i] if areas.lists else None,
            },
        }
        for layer, areas in boundaries.items()
        for i, outline in enumerate(shapely.to_geojson(areas.geometries))
    ]


def finding_json(finding: Defect, reader: Reader) -> JsonObject:
    """Return a finding with its sentence, and its ground where it has any.

    One that ``is_question`` refuses no publication. A size has ``measure``, ``amount`` and
    ``usual``; buildings have their names, one that is cut the ``shares`` of its footprint by code.
    """
    shape = finding.geometry
    return {
        "kind": finding.kind,
        "layer": finding.layer,
        "codes": list(finding.codes),
        "lon": finding.x,
        "lat": finding.y,
        "area_m2": finding.area_m2,
        "width_m": finding.width_m,
        "is_question": finding.kind in QUESTIONS,
        "measure": finding.reason if finding.usual else None,
        "amount": finding.amount,
        "usual": finding.usual,
        "buildings": list(map(shown_name, finding.buildings)),
        "shares": dict(zip(finding.codes, finding.shares, strict=False)),
        "text": reader.told(finding),
        "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
    }


def _operation_json(step: OperationRow) -> dict[str, Any]:
    return {
        "id": step.id,
        "kind": step.kind,
        "touched": keys_json(step.touched[:_TOUCHED]),
        "touched_total": len(step.touched),
        "state": step.state,
        "revision": step.revision,
        "done_at": moment_text(step.recorded_at_s),
        "done_by": step.recorded_by,
    }


def keys_json(keys: Iterable[tuple[str, str]]) -> list[JsonObject]:
    """Return areas by layer and code."""
    return [{"layer": layer, "code": code} for layer, code in keys]
