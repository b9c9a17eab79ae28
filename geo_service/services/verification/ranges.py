"""Ranges: in which editions each area lives, once in each, under a parent that lives there too."""

from bisect import bisect_right
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from geo_service.layers.area import Positions
from geo_service.layers.layer import Layer, Layers
from geo_service.services.verification.findings import CheckReport
from geo_service.services.verification.houses import House
from geo_service.storage import verification_rows


class _Run(NamedTuple):
    """Editions that follow each other and were published with the same layers."""

    first: int
    last: int
    layers: Layers


class _Lives:
    """When areas live: the ranges of each, in their order, and how many of a layer in each."""

    def __init__(self, editions: int) -> None:
        self._ranges: dict[tuple[str, str], list[tuple[int, int]]] = {}
        self._changes: dict[str, Positions] = {}
        self._editions = editions

    def add(self, layer: str, code: str, first: int, last: int) -> None:
        """Add a range that lies within the editions."""
        self._ranges.setdefault((layer, code), []).append((first, last))
        if layer not in self._changes:
            self._changes[layer] = np.zeros(self._editions + 2, dtype=np.int32)
        self._changes[layer][first] += 1
        self._changes[layer][last + 1] -= 1

    def count(self, layer: str) -> Positions:
        """Return how many areas of a layer live in each edition; position 0 is none."""
        return np.cumsum(self._changes.get(layer, np.zeros(self._editions + 2, dtype=np.int32)))

    def is_alive(self, layer: str, code: str | None, edition: int) -> bool:
        """Return whether an area lives in an edition."""
        ranges = self._ranges.get((layer, code or ""), [])
        at = bisect_right(ranges, (edition, self._editions + 1)) - 1
        return at >= 0 and edition <= ranges[at][1]

    def is_alive_all_along(self, layer: str, code: str | None, first: int, last: int) -> bool:
        """Return whether one range of an area holds them all: the usual case, found at once."""
        ranges = self._ranges.get((layer, code or ""), [])
        return any(a <= first and last <= b for a, b in ranges)


def check_ranges(house: House, report: CheckReport) -> None:
    """Check every area row's editions: within those there are, apart, under a living parent."""
    latest = max((row.number for row in house.rows), default=0)
    lives = _Lives(latest)
    rows = verification_rows.area_lives(house.connection)
    for (layer, code), group in groupby(rows, key=lambda row: (row.layer, row.code)):
        before = None
        for row in group:
            report.cover(area_rows=1)
            last = latest if row.last_edition is None else row.last_edition
            if not _is_sound(row, last, latest, report):
                continue
            if before is not None and row.first_edition <= before[1]:
                report.add("overlapping_range", _where(row), other=before[0])
            before = (row.id, max(last, before[1] if before else 0))
            lives.add(layer, code, row.first_edition, last)
    _check_parents(house, report, lives, latest)


def _is_sound(row: Any, last: int, latest: int, report: CheckReport) -> bool:
    told = {"first": row.first_edition, "last": row.last_edition or "…"}
    if last < row.first_edition and row.first_edition <= latest:
        report.add("backward_range", _where(row), **told)
        return False
    if row.first_edition < 1 or last > latest or row.first_edition > latest:
        report.add("outside_range", _where(row), editions=latest, **told)
        return False
    return True


def _check_parents(house: House, report: CheckReport, lives: _Lives, latest: int) -> None:
    runs = _runs(house)
    counts = {layer.name: lives.count(layer.name) for run in runs for layer in run.layers}
    for row in verification_rows.area_lives(house.connection):
        last = latest if row.last_edition is None else row.last_edition
        for run in runs:
            span = max(run.first, row.first_edition), min(run.last, last)
            if span[0] > span[1]:
                continue
            layer = run.layers.by_name.get(row.layer)
            if layer is None:
                report.add("unknown_layer", {**_where(row), "edition": span[0]})
                continue
            edition = _orphaned_since(row, layer, span, lives, counts)
            if edition is not None:
                where = {**_where(row), "edition": edition}
                parent = row.parent_code or "—"
                report.add("missing_parent", where, parent=parent, parent_layer=layer.parent)


def _orphaned_since(
    row: Any,
    layer: Layer,
    span: tuple[int, int],
    lives: _Lives,
    counts: dict[str, Positions],
) -> int | None:
    """Return the first edition in which an area's parent does not live; None where it always does.

    As an import sees it: in an edition whose parent layer is empty, the area is a root.
    """
    parent = layer.parent
    if parent is None or layer.is_overlay or layer.geometry != "polygon":
        return None
    if lives.is_alive_all_along(parent, row.parent_code, *span):
        return None
    count = counts[parent]
    for edition in range(span[0], span[1] + 1):
        if count[edition] and not lives.is_alive(parent, row.parent_code, edition):
            return edition
    return None


def _runs(house: House) -> list[_Run]:
    runs: list[_Run] = []
    for row in house.rows:
        layers = house.layers_by_edition[row.number]
        if runs and runs[-1].layers == layers and runs[-1].last == row.number - 1:
            runs[-1] = runs[-1]._replace(last=row.number)
        else:
            runs.append(_Run(row.number, row.number, layers))
    return runs


def _where(row: Any) -> dict[str, Any]:
    return {"table": "areas", "id": row.id, "layer": row.layer, "code": row.code}
