"""Lines of the coverage page from what was found."""

import numpy as np
from numpy.typing import NDArray

from geo_service.maps.coverage.view import BlankFacts, ChangeFacts, DueFacts, UnitFacts
from geo_service.services.coverage.changes import CoverageChange
from geo_service.services.coverage.layer_coverage import LayerCoverage
from geo_service.services.coverage.lists import BlankSpot, DueUnit, Near
from geo_service.services.organisations.cells import shown_cells, shown_text


def units(found: LayerCoverage) -> UnitFacts:
    """Return how all units stand."""
    counts = np.bincount(found.picture.unit_states[1], minlength=4).tolist()
    return UnitFacts(
        (counts[0], counts[1], counts[2], counts[3]),
        found.organisation_coverage,
        found.work_coverage,
        found.active_units,
    )


def due(found: LayerCoverage, line: DueUnit, language: str) -> DueFacts:
    """Return one line of 应建未建."""
    rules = found.picture.rules
    kinds = {kind.name: kind.title(language) for kind in rules.unit_kinds}
    partner, facility = _near(line.partner), _near(line.facility)
    return DueFacts(
        line.area,
        line.unit.code,
        line.unit.name,
        kinds.get(line.unit.kind, line.unit.kind),
        shown_text(shown_cells(line.unit, rules.limits), "full_members", language),
        *partner,
        *facility,
    )


def blank(spot: BlankSpot) -> BlankFacts:
    """Return one blank area."""
    return BlankFacts(
        spot.position, int(spot.state), *_near(spot.organisation), *_near(spot.facility)
    )


def _near(near: Near | None) -> tuple[str, int | None]:
    return ("", None) if near is None else (near.entry.name, round(near.distance_m))


def thinness(found: LayerCoverage) -> NDArray[np.int64]:
    """Return 0 for areas with an active body, 1 on paper only, 2 for blank ones."""
    coverage = found.area_coverage
    return np.where(coverage.is_active, 0, np.where(coverage.is_covered, 1, 2)).astype(np.int64)


def change(change: CoverageChange, index: int) -> ChangeFacts:
    """Return one change, at its area's position."""
    return ChangeFacts(
        index,
        -1 if change.before is None else int(change.before),
        -1 if change.after is None else int(change.after),
    )
