"""An import's report as plain values: for JSON, and as a layer of defects for a map."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo_service.errors import LayerTitles
from geo_service.layers.area import Geometries
from geo_service.services.boundaries.files import ReadBoundaries
from geo_service.services.boundaries.imports import ImportReport


def report_json(report: ImportReport, language: str, layers: LayerTitles) -> dict[str, Any]:
    """Return the whole report as values that JSON can hold.

    Its ``layers`` is what was read for each layer; where it is one, the same stands beside it.
    Sentences call them as the given ``layers`` do.
    """
    done = report.preparation
    tables = [_table_json(table, language) for table in report.tables]
    only = tables[0] if len(tables) == 1 else {}
    return {
        "file": report.file,
        **only,
        "notes": [*_in(language, report.notes), *only.get("notes", [])],
        "layers": tables,
        "nodes": {
            "inserted": done.inserted_nodes,
            "moved": done.moved_nodes,
            "largest_move_m": done.largest_move_m,
        },
        "found_parents": _parents_json(done.found_parents),
        "found_parents_by_layer": {
            layer: _parents_json(found) for layer, found in done.parents_by_layer.items() if found
        },
        "changes": [change.text(language) for change in done.changes],
        "defects": [
            {
                "kind": defect.kind,
                "layer": defect.layer,
                "codes": list(defect.codes),
                "lon": defect.x,
                "lat": defect.y,
                "area_m2": defect.area_m2,
                "text": defect.text(language, layers),
            }
            for defect in done.defects
        ],
        "differences": [vars(difference) for difference in done.differences],
        "edition": report.edition.number if report.edition else None,
        "uncorrected": [vars(each) for each in report.uncorrected],
        "is_dry_run": report.is_dry_run,
    }


def _table_json(read: ReadBoundaries, language: str) -> dict[str, Any]:
    return {
        "layer": read.layer,
        "table": read.table,
        "areas": len(read.areas),
        "source_frame": read.source_frame,
        "columns": dict(read.columns.heading_by_field),
        "guessed_columns": list(read.columns.guessed),
        "ambiguous_columns": {k: list(v) for k, v in read.columns.ambiguous.items()},
        "dropped_columns": len(read.columns.dropped),
        "notes": _in(language, read.notes),
    }


def _parents_json(found: Mapping[str, tuple[str, float]]) -> dict[str, Any]:
    return {child: {"parent": parent, "share": share} for child, (parent, share) in found.items()}


def _in(language: str, notes: Sequence[tuple[str, str]]) -> list[str]:
    return [note[1 if language == "en" else 0] for note in notes]


def defect_columns(
    report: ImportReport, language: str, layers: LayerTitles
) -> tuple[dict[str, list[Any]], Geometries]:
    """Return the defects as the columns and geometries (EPSG:4490) of one layer."""
    defects = report.preparation.defects
    geometries = np.empty(len(defects), dtype=object)
    geometries[:] = [defect.geometry for defect in defects]
    columns: dict[str, list[Any]] = {
        "kind": [defect.kind for defect in defects],
        "layer": [defect.layer for defect in defects],
        "codes": ["、".join(defect.codes) for defect in defects],
        "area_m2": [defect.area_m2 for defect in defects],
        "text": [defect.text(language, layers) for defect in defects],
    }
    return columns, geometries
