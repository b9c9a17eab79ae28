"""A column read at once says of every cell what reading it alone does."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo_service.governance.cell import RefusedCell, key_of, moment_of, number_of, text_of
from geo_service.governance.reports.plain import (
    plain_keys,
    plain_moments,
    plain_numbers,
    plain_texts,
)

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LONGEST = 8

blanks = st.sampled_from(["", "-", "—", " / ", "null", "NaN", "n/a"])
words = st.text("示例a1e+ \t", max_size=LONGEST) | blanks
odd_words = st.sampled_from(["\x00", "\ud83d", "x" * 9, "3.1E+14", 7, 7.0, 10**15, True, b"x", []])
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**20), 10**20)
written_numbers = numbers.map(repr) | st.sampled_from([" 1.5 ", "１２", "+3", "1e3", ".5"])
odd_numbers = st.sampled_from(
    ["", "-", "nan", "inf", float("nan"), float("inf"), 10**400, "1_000", "0" * 41, "x", True, []]
)
moments = st.datetimes(datetime(1992, 1, 1), datetime(2026, 11, 23, 12))
shapes = st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S+08:00"])
written_moments = st.builds(datetime.strftime, moments, shapes)
odd_moments = st.sampled_from(
    [
        "",
        "2026-02-30 08:00:00",
        "2026-11-01 24:00:00",
        "2026-11-01 08:00:00+00:00",
        "1991-12-31 23:59:59",
        "2026-11-23 12:00:01",
        "0001-01-01 00:00:00",
        "２026-11-01 08:00:00",
        "2026-11-01 08:00:00\n2026-11-01 08:00:00",
        "2026/1/5 8:03",
        20261101,
        datetime(2026, 11, 1),
    ]
)


def column(plain, odd):
    """Whether all of a column is plain, and its cells."""
    alone = st.lists(st.none() | plain, max_size=8)
    mixed = st.lists(st.none() | plain | odd, max_size=8)
    return st.tuples(st.just(True), alone) | st.tuples(st.just(False), mixed)


def alone(read, cells, **how):
    """What each cell says; None where any is refused."""
    try:
        return [read(cell, **how) for cell in cells]
    except RefusedCell:
        return None


@given(column(words, odd_words))
@example((True, ["x" * LONGEST]))
def test_texts_are_read_as_each_alone(told):
    is_plain, cells = told
    found = plain_texts(cells, longest=LONGEST)
    assert found is not None or not is_plain
    assert found in (None, alone(text_of, cells, longest=LONGEST))


@given(column(st.text("GD示12 \t-", max_size=LONGEST) | blanks, odd_words))
@example((False, ["3.10E+14"]))
@example((False, ["a3e", "+1"]))  # two that together look like one
def test_keys_are_read_as_each_alone(told):
    is_plain, cells = told
    found = plain_keys(cells, longest=LONGEST)
    assert found is not None or not is_plain
    assert found in (None, alone(key_of, cells, longest=LONGEST))


@pytest.mark.parametrize("kind", ["numbers", "texts"])
@given(st.data())
def test_numbers_are_read_as_each_alone(kind, data):
    plain = numbers if kind == "numbers" else written_numbers
    is_plain, cells = data.draw(column(plain, odd_numbers))
    found = plain_numbers(cells)
    assert found is not None or not is_plain
    if found is not None:
        assert list(map(repr, found)) == list(map(repr, alone(number_of, cells)))


@given(column(written_moments, odd_moments))
def test_moments_are_read_as_each_alone(told):
    is_plain, cells = told
    found = plain_moments(cells, now=NOW)
    assert found is not None or not is_plain
    assert found in (None, alone(moment_of, cells, now=NOW))
