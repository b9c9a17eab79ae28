"""Numbering areas that came without codes."""

import numpy as np
import pytest

from geo_service.errors import InvalidValue, LimitExceeded
from geo_service.layers.codes import number_areas
from tests.houses import square


def shapes(*cells):
    found = np.empty(len(cells), dtype=object)
    found[:] = [square(*cell) for cell in cells]
    return found


def test_areas_are_numbered_west_to_east_then_north_to_south():
    cells = shapes((1, 0), (0, 0), (0, 1), (1, 1))
    assert number_areas("99#", cells) == ["994", "992", "991", "993"]


def test_a_taken_code_is_never_given_again():
    assert number_areas("99##", shapes((0, 0), (1, 0)), taken={"9901"}) == ["9902", "9903"]


def test_more_areas_than_the_digits_can_number_is_an_error():
    with pytest.raises(LimitExceeded):
        number_areas("99#", shapes(*[(column, 0) for column in range(10)]))


@pytest.mark.parametrize("scheme", ["999", "", "9#9#"])
def test_a_scheme_without_digits_at_its_end_is_refused(scheme):
    with pytest.raises(InvalidValue):
        number_areas(scheme, shapes((0, 0)))


def test_no_areas_need_no_codes():
    assert number_areas("99#", shapes()) == []
