"""Columns of plain cells are read at once; one that is not plain leaves its column to others."""

from datetime import UTC, datetime

import pytest

from geo_service.governance.reports.plain import (
    plain_keys,
    plain_moments,
    plain_numbers,
    plain_texts,
)

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 1, tzinfo=UTC)


def test_texts_lose_their_outer_blanks_and_what_stands_for_nothing():
    assert plain_texts([" 乱停车 ", None, "--", "N/A", ""], longest=3) == ["乱停车", *[None] * 4]
    assert plain_keys(["GD-1", " 0007 "], longest=5) == ["GD-1", "0007"]


def test_numbers_are_read_with_those_that_were_typed_as_text():
    assert plain_numbers([1, None, 2.5]) == [1.0, None, 2.5]
    assert plain_numbers(["121.5", " 31.2 "]) == [121.5, 31.2]


def test_moments_are_those_of_shanghai_with_a_zone_and_without():
    cells = ["2026-11-01 08:00:00", None, "2026-11-01T08:00:00+08:00"]
    assert plain_moments(cells, now=NOW) == [MORNING, None, MORNING]


@pytest.mark.parametrize(
    ("read", "odd"),
    [
        *[(lambda cells: plain_texts(cells, longest=3), each) for each in (7, "四个字的", "\x00")],
        *[(lambda cells: plain_keys(cells, longest=9), each) for each in (7, "3.10E+14", "#REF!")],
        *[(plain_numbers, each) for each in (True, "x", "", "1_000", "0" * 41, "nan", 10**400)],
        *[
            (lambda cells: plain_moments(cells, now=NOW), each)
            for each in (20261101, "2026/11/1", "2026-02-30 08:00:00", "1991-12-31 23:59:59")
        ],
        (lambda cells: plain_moments(cells, now=NOW), "2026-11-23 12:00:01"),
        (lambda cells: plain_moments(cells, now=NOW), "0001-01-01 00:00:00"),
        (lambda cells: plain_moments(cells, now=NOW), "2026-11-01 08:00:00\n2026-11-01 08:00:00"),
    ],
)
def test_a_cell_that_is_not_plain_leaves_its_column_to_be_read_alone(read, odd):
    assert read([odd]) is None
