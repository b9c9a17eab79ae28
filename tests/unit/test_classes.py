"""Classes of a choropleth, with their labels."""

import numpy as np
import pytest

from geo_service.analysis.classes import METHODS, classify, natural_breaks
from geo_service.errors import InvalidValue


def test_counts_have_zero_apart_and_whole_numbers_at_both_ends():
    counts = np.array([0, 0, 1, 4, 2, 5, 9, 12, 15], dtype=float)

    classes = classify(counts, method="equal", k=3, are_counts=True)

    # positive ones run from 1 to 15: thirds end at 5.67, 10.33 and 15
    assert classes.labels == ("0", "1–5", "6–10", "11–15")
    assert classes.breaks == (0.0, 5.0, 10.0, 15.0)
    assert classes.positions(counts).tolist() == [0, 0, 1, 1, 1, 1, 2, 3, 3]


def test_counts_without_a_zero_begin_at_their_smallest():
    classes = classify(np.array([3.0, 4.0, 8.0]), method="natural", k=2, are_counts=True)

    assert classes.labels == ("3–4", "5–8")


def test_nulls_belong_to_no_class_and_are_counted():
    values = np.array([1.0, np.nan, 3.0, np.nan])

    classes = classify(values, method="equal", k=2)

    assert (classes.n, classes.nulls) == (2, 2)
    assert classes.positions(values).tolist() == [0, -1, 1, -1]


def test_quantiles_hold_equally_many():
    values = np.arange(1.0, 101.0)

    positions = classify(values, method="quantile", k=4).positions(values)

    assert np.bincount(positions).tolist() == [25, 25, 25, 25]


def test_natural_breaks_part_the_lumps():
    values = np.array([1, 2, 2, 3, 40, 41, 43, 90, 91], dtype=float)

    assert natural_breaks(values, 3).tolist() == [3, 43, 91]


@pytest.mark.parametrize("method", METHODS)
def test_equal_values_are_one_class(method):
    classes = classify(np.full(7, 4.0), method=method, k=5)

    assert (classes.breaks, classes.labels) == ((4.0,), ("4.0",))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("are_counts", [True, False])
def test_nothing_but_nulls_has_no_class(method, are_counts):
    values = np.array([np.nan, np.nan])

    classes = classify(values, method=method, k=5, are_counts=are_counts)

    assert (classes.breaks, classes.labels, classes.n, classes.nulls) == ((), (), 0, 2)
    assert classes.positions(values).tolist() == [-1, -1]


def test_all_zero_counts_are_the_zero_class():
    assert classify(np.zeros(3), method="natural", k=5, are_counts=True).labels == ("0",)


def test_labels_have_as_many_decimals_as_tell_the_classes_apart():
    labels = classify(np.array([0.011, 0.012, 0.5]), method="natural", k=3).labels

    assert labels == ("0.011", "0.011–0.012", "0.012–0.500")


def test_values_that_differ_in_the_seventh_decimal_keep_labels_of_six_digits():
    labels = classify(np.array([1e-9, 2e-9, 3e-9]), method="equal", k=2).labels

    assert labels == ("1e-09–2e-09", "2e-09–3e-09")


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ([1.0], {"method": "jenks", "k": 3}),
        ([1.0], {"method": "equal", "k": 0}),
        ([1.0], {"method": "equal", "k": 13}),
        ([np.inf], {"method": "equal", "k": 3}),
        ([1.5], {"method": "equal", "k": 3, "are_counts": True}),
        ([-1.0], {"method": "equal", "k": 3, "are_counts": True}),
    ],
)
def test_what_cannot_be_classed_is_refused(values, options):
    with pytest.raises(InvalidValue):
        classify(np.array(values), **options)
