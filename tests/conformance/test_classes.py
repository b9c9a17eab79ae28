"""Classes and hot spots agree with mapclassify and esda."""

import esda
import geopandas
import libpysal
import mapclassify
import numpy as np
import pytest
import shapely
from scipy import stats

from geo_service.analysis.classes import classify
from geo_service.analysis.getis_ord import contiguity, getis_ord
from geo_service.analysis.hotspots import change_p_values

SAMPLES = {
    "skewed": np.random.default_rng(1).gamma(1.0, 10.0, 300),
    "even": np.random.default_rng(2).uniform(-5, 5, 300),
    "lumps": np.random.default_rng(3).normal(np.repeat([0, 9, 30], 80), 1),
    "counts": np.random.default_rng(4).poisson(20, 300).astype(float),
}


@pytest.mark.filterwarnings("ignore:Numba not installed")
@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("k", [3, 5, 7])
@pytest.mark.parametrize(
    ("method", "theirs"),
    [
        ("quantile", mapclassify.Quantiles),
        ("equal", mapclassify.EqualInterval),
        ("natural", mapclassify.FisherJenks),
    ],
)
def test_classes_are_those_of_mapclassify(sample, k, method, theirs):
    values = SAMPLES[sample]

    ours, other = classify(values, method=method, k=k), theirs(values, k=k)

    # a class without values is left out of ours
    used, positions = np.unique(other.yb, return_inverse=True)
    np.testing.assert_allclose(ours.breaks, other.bins[used], rtol=1e-12)
    assert np.array_equal(ours.positions(values), positions)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_hot_spots_are_those_of_esda_with_binary_weights():
    cells = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(12) for y in range(12)])
    values = np.random.default_rng(5).poisson(6, len(cells)).astype(float)
    values[:20] += 9
    graph = libpysal.graph.Graph.build_contiguity(geopandas.GeoSeries(cells), rook=False)

    # esda row-standardizes unless told otherwise, and its p_norm is one-sided
    theirs = esda.G_Local(
        values, graph.assign_self_weight(1), transform="B", star=True, permutations=0
    )
    ours = getis_ord(values, contiguity(cells))

    np.testing.assert_allclose(ours.z, theirs.Zs, rtol=1e-10)
    np.testing.assert_allclose(ours.p_value, 2 * theirs.p_norm, rtol=1e-10)


def test_contiguity_is_the_queen_of_libpysal():
    cells = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(7) for y in range(5)])
    graph = libpysal.graph.Graph.build_contiguity(geopandas.GeoSeries(cells), rook=False)

    ours = contiguity(cells).toarray() - np.eye(len(cells))

    assert np.array_equal(ours, graph.sparse.toarray())


@pytest.mark.parametrize(("count", "before"), [(0, 7), (3, 9), (12, 12), (40, 21), (150, 200)])
def test_the_chance_of_a_change_is_that_of_scipys_binomial_test(count, before):
    theirs = stats.binomtest(count, count + before, 0.5).pvalue

    assert change_p_values(np.array([count]), np.array([before]))[0] == pytest.approx(theirs)
