"""What circles hold of outlines that are kept flat: as of outlines that were never asked before."""

import numpy as np
import pytest
import shapely

from geo_service.layers import flat_outline
from geo_service.layers.flat_outline import Circles, FlatOutlines
from geo_service.layers.frames import points_to_metric, to_metric

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


def test_a_circle_alone_cuts_an_outline_of_many_vertices_where_a_polygon_does():
    """A polygon of 4 × 500 corners in a circle lacks 2 parts in a million of its area."""
    outlines, frame, radius_m = np.array([SQUARES[0], ROUND]), FRAMES[0], 300.0
    positions = np.array([1, 0])
    for lon, lat in [(118.0, 30.0), (118.0, 30.01), (117.993, 30.007), (118.02, 30.0)]:
        x, y = points_to_metric(lon=np.array([lon]), lat=np.array([lat]), metric_frame=frame)
        disc = shapely.Point(x[0], y[0]).buffer(radius_m, quad_segs=500)
        flat = to_metric(outlines[positions], metric_frame=frame)
        expected = shapely.area(shapely.intersection(flat, disc)) / disc.area
        found = FlatOutlines(outlines).shares_alone(
            positions, frame, lon=lon, lat=lat, radius_m=radius_m
        )
        assert found.tolist() == pytest.approx(expected.tolist(), abs=1e-5)
