"""Counts of persons by area, told as far as the registers tell them."""

import numpy as np

from geo_service.governance.organisations.suppression import ToldTotals, told_totals
from geo_service.services.coverage.picture import Picture
from geo_service.services.coverage.placement import Placement
from geo_service.services.organisations.cells import small_counts


def persons_by_area(picture: Picture, layer: str, placed: Placement, field: str) -> ToldTotals:
    """Return how many persons stand in each area's entries."""
    counts = np.array([entry.details.get(field, -1) for entry in placed.entries], dtype=np.int64)
    return told_totals(
        counts,
        placed.positions(layer),
        len(picture.locator.areas(layer)),
        small=small_counts(field, picture.rules.limits),
    )
