"""Which edition governs."""

import numpy as np
import pytest

from geo_service.layers.edition import (
    Edition,
    EditionChoice,
    governing_edition,
    governing_numbers,
    later_editions,
)


def edition(number, *, published, effective, is_correction=False):
    return Edition(number, published, effective, is_correction, "", "", f"hash {number}")


FIRST = edition(1, published=100, effective=100)
SCHEDULED = edition(2, published=200, effective=500)
CORRECTION = edition(3, published=300, effective=150, is_correction=True)
KNOWN = [FIRST, SCHEDULED, CORRECTION]


@pytest.mark.parametrize(
    ("as_of_s", "known_at_s", "number"),
    [
        (120, 1000, 1),  # before the correction takes effect
        (150, 1000, 3),  # from its very moment on, intervals are half-open
        (400, 250, 1),  # asked as it was known before the correction was published
        (400, 300, 3),  # known from the moment it was published
        (500, 1000, 2),  # the correction governs only until the next edition
        (99, 1000, None),  # nothing was effective yet
        (400, 99, None),  # nothing was known yet
    ],
)
def test_the_governing_edition_has_the_latest_effective_date_known_then(
    as_of_s, known_at_s, number
):
    found = governing_edition(KNOWN, EditionChoice(as_of_s, known_at_s), now_s=10_000)
    assert (found and found.number) == number


def test_of_two_with_one_effective_date_the_later_published_governs():
    again = edition(4, published=400, effective=100)
    found = governing_edition([again, FIRST], EditionChoice(as_of_s=120), now_s=1000)
    assert found.number == 4


def test_without_a_moment_now_counts():
    assert governing_edition(KNOWN, EditionChoice(), now_s=450).number == 3


def test_many_moments_are_answered_as_one_by_one():
    moments_s = np.array([0, 99, 100, 149, 150, 499, 500, 10_000])
    one_by_one = [
        governing_edition(KNOWN, EditionChoice(as_of_s=moment), now_s=1000) for moment in moments_s
    ]
    assert governing_numbers(KNOWN, moments_s, now_s=1000).tolist() == [
        each.number if each else 0 for each in one_by_one
    ]


def test_later_editions_stand_in_the_order_of_effect_without_those_that_were_replaced():
    again = edition(4, published=400, effective=500)
    known = [*KNOWN, again]
    assert later_editions(known, after_s=100) == [CORRECTION, again]
    assert later_editions(known, after_s=99) == [FIRST, CORRECTION, again]
    assert later_editions(known, after_s=150) == [again]  # half-open: its own moment is not later
    assert later_editions(known, after_s=500) == []
