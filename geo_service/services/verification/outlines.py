"""Areas one by one: outlines that can be read and measure what is stored of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from geo_service.layers.frames import area_m2
from geo_service.services.verification.findings import CheckReport
from geo_service.services.verification.houses import House, Step, read_outlines
from geo_service.storage import verification_rows, verification_tables

_SAME_DEGREES = 1e-12
_SAME_SHARE = 1e-9
"""Of an area: what another order of additions may change of it, a thousand times over."""
_SAME_M2 = 1e-6


def check_outlines(house: House, report: CheckReport, step: Step) -> None:
    """Check every area row's outline, attributes and building list, those of the past included."""
    total = verification_tables.count_rows(house.connection, "areas")
    done = 0
    for rows in verification_rows.area_outlines(house.connection):
        _check_piece(rows, report)
        report.cover(area_rows=len(rows))
        step(done := done + len(rows), total)


def _check_piece(rows: Sequence[Any], report: CheckReport) -> None:
    shapes = read_outlines([row.outline for row in rows])
    is_read = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    is_finite = is_read & np.array([_is_finite(shape) for shape in shapes])
    sound = shapes.copy()
    sound[~is_finite] = None
    is_valid = shapely.is_valid(sound)
    boxes, measured = shapely.bounds(sound), area_m2(sound)
    for i, row in enumerate(rows):
        where = {"table": "areas", "id": row.id, "layer": row.layer, "code": row.code}
        _check_texts(row, where, report)
        if not is_read[i]:
            report.add("unreadable_outline", where)
            continue
        if not is_finite[i]:
            report.add("infinite_outline", where)
            continue
        if not is_valid[i]:
            report.add("invalid_outline", where, reason=shapely.is_valid_reason(sound[i]))
        box = np.array([row.west, row.south, row.east, row.north])
        if not (np.abs(box - boxes[i]) <= _SAME_DEGREES).all():
            report.add("other_box", where)
        stored, computed = row.area_m2, float(measured[i])
        if stored is None or abs(stored - computed) > _SAME_M2 + _SAME_SHARE * computed:
            report.add("other_area_m2", where, stored=stored, computed=computed)


def _check_texts(row: Any, where: Mapping[str, Any], report: CheckReport) -> None:
    if not _is_object(row.attributes):
        report.add("bad_attributes", where)
    if row.buildings is not None and not _is_list(row.buildings):
        report.add("bad_buildings", where)


def _is_finite(shape: shapely.Geometry | None) -> bool:
    return bool(np.isfinite(shapely.get_coordinates(shape)).all())


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _is_list(text: str) -> bool:
    """Return whether a text is a JSON list of different texts."""
    try:
        found = json.loads(text)
    except ValueError:
        return False
    is_text = isinstance(found, list) and all(isinstance(each, str) and each for each in found)
    return is_text and len(set(found)) == len(found)
