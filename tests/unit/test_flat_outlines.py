"""What circles hold of outlines that are kept flat: as of outlines that were never asked before."""

import numpy as np
import pytest
import shapely

from geo_service.layers import flat_outline
from geo_service.layers.flat_outline import Circles, FlatOutlines

FRAMES = ["EPSG:4549", "EPSG:4548"]
ROUND = shapely.Point(118.0, 30.0).buffer(0.01, quad_segs=200)
SQUARES = [shapely.box(x, 30.0, x + 0.01, 30.01) for x in 117.9 + 0.01 * np.arange(12)]
OUTLINES = np.array([*SQUARES, ROUND])


def asked(seed):
    """Return pairs of circles and outlines, near and far, in two planes."""
    chance = np.random.default_rng(seed)
    circles = Circles(
        chance.uniform(117.9, 118.02, 20),
        chance.uniform(29.99, 30.02, 20),
        chance.uniform(1.0, 900.0, 20),
        np.array(FRAMES, dtype=object)[chance.integers(0, 2, 20)],
    )
    pairs = chance.integers(0, 20, 60), chance.integers(0, len(OUTLINES), 60)
    return pairs, circles


@pytest.mark.parametrize("edges_kept", [1 << 20, 8])
def test_outlines_that_were_asked_for_before_hold_the_same_to_the_bit(monkeypatch, edges_kept):
    monkeypatch.setattr(flat_outline, "_EDGES_KEPT", edges_kept)
    kept = FlatOutlines(OUTLINES)
    for seed in range(10):
        pairs, circles = asked(seed)
        alone = [
            FlatOutlines(OUTLINES[[area]])
            .shares((np.array([0]), np.array([0])), circles.take(np.array([point])))
            .item()
            for point, area in zip(*pairs, strict=True)
        ]
        assert kept.shares(pairs, circles).tolist() == alone
    assert kept.shares((np.empty(0, int), np.empty(0, int)), circles).tolist() == []
