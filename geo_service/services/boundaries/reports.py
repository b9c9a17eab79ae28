"""An import's report as plain values: for JSON, and as a layer of defects for a map."""

from typing import Any

import numpy as np

from geo_service.layers.area import Geometries
from geo_service.services.boundaries.imports import ImportReport


def report_json(report: ImportReport, language: str) -> dict[str, Any]:
    """Return the whole report as values that JSON can hold."""
    read, done = report.read, report.preparation
    return {
        "file": report.file,
        "layer": report.layer,
        "areas": len(read.areas),
        "source_frame": read.source_frame,
        "columns": dict(read.columns.heading_by_field),
        "guessed_columns": list(read.columns.guessed),
        "ambiguous_columns": {k: list(v) for k, v in read.columns.ambiguous.items()},
        "dropped_columns": len(read.columns.dropped),
        "notes": [note[1 if language == "en" else 0] for note in read.notes],
        "nodes": {
            "inserted": done.inserted_nodes,
            "moved": done.moved_nodes,
            "largest_move_m": done.largest_move_m,
        },
        "found_parents": {
            child: {"parent": parent, "share": share}
            for child, (parent, share) in done.found_parents.items()
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
                "text": defect.text(language),
            }
            for defect in done.defects
        ],
        "differences": [vars(difference) for difference in done.differences],
        "edition": report.edition.number if report.edition else None,
        "uncorrected": [vars(each) for each in report.uncorrected],
        "is_dry_run": report.is_dry_run,
    }


def defect_columns(report: ImportReport, language: str) -> tuple[dict[str, list[Any]], Geometries]:
    """Return the defects as the columns and geometries (EPSG:4490) of one layer."""
    defects = report.preparation.defects
    geometries = np.empty(len(defects), dtype=object)
    geometries[:] = [defect.geometry for defect in defects]
    columns: dict[str, list[Any]] = {
        "kind": [defect.kind for defect in defects],
        "codes": ["、".join(defect.codes) for defect in defects],
        "area_m2": [defect.area_m2 for defect in defects],
        "text": [defect.text(language) for defect in defects],
    }
    return columns, geometries
