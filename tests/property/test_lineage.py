"""Whoever gets which ground: shares are what the squares say, and nothing is lost on the way."""

from collections import defaultdict
from math import fsum

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.layers.area import area_set
from geo_service.layers.frames import area_m2
from geo_service.layers.lineage import Dwellings, carry, crosswalk, lineage
from tests.houses import SOUTH, STEP, WEST, square

COLUMNS, ROWS = 4, 3
CELLS = [(column, row) for column in range(COLUMNS) for row in range(ROWS)]
CELL_M2 = dict(zip(CELLS, area_m2(np.array([square(*c) for c in CELLS])).tolist(), strict=True))
owners = st.lists(
    st.sampled_from(["a", "b", "c", "d", None]), min_size=len(CELLS), max_size=len(CELLS)
).map(lambda drawn: dict(zip(CELLS, drawn, strict=True)))
households = st.lists(st.integers(0, 50), min_size=len(CELLS), max_size=len(CELLS))


def cells_by_code(owner_by_cell):
    found = defaultdict(set)
    for cell, code in owner_by_cell.items():
        if code is not None:
            found[code].add(cell)
    return found


def areas(owner_by_cell, *, is_noded):
    """Return the areas; with a node at every corner of a square on their outlines, or without."""
    found = cells_by_code(owner_by_cell)
    shapes = [shapely.union_all([square(*cell) for cell in sorted(c)]) for c in found.values()]
    if not is_noded:
        shapes = [shapely.normalize(shapely.simplify(shape, 0)) for shape in shapes]
    return area_set("grid", codes=list(found), geometries=shapes)


def sums(rows, side, share):
    found = defaultdict(list)
    for row in rows:
        code = getattr(row, f"{side}_code")
        if code is not None:
            found[code].append(getattr(row, share))
    return {code: fsum(shares) for code, shares in found.items()}


@given(owners, owners, households, st.booleans())
def test_rows_are_what_the_squares_say_and_shares_sum_to_one(before, after, counts, is_noded):
    homes = Dwellings(
        np.array([WEST + (column + 0.4) * STEP for column, _ in CELLS]),
        np.array([SOUTH + (row + 0.4) * STEP for _, row in CELLS]),
        np.array(counts, dtype=np.float64),
    )
    old, new = areas(before, is_noded=True), areas(after, is_noded=is_noded)
    rows = lineage("grid", old, new, dwellings=homes)
    ours, theirs = cells_by_code(before), cells_by_code(after)
    changed = {c for c in ours.keys() | theirs.keys() if ours.get(c) != theirs.get(c)}
    expected = defaultdict(float)
    people = defaultdict(float)
    for cell, count in zip(CELLS, counts, strict=True):
        key = (before[cell], after[cell])
        if changed & set(key):
            expected[key] += CELL_M2[cell]
            people[key] += count
    found = {(row.old_code, row.new_code): row for row in rows}
    assert found.keys() == expected.keys() - {(None, None)}
    for (code, heir), row in found.items():
        assert abs(row.area_m2 - expected[code, heir]) <= 1e-6 * expected[code, heir]
        whole = sum(CELL_M2[cell] for cell in ours.get(code, ()))
        lived = sum(n for (c, _), n in people.items() if c == code)
        if code is not None:
            assert abs(row.share_of_old - expected[code, heir] / whole) <= 1e-9
        if code is not None and lived and not row.is_old_estimated:
            alone = sum(c == code for c, _ in found) == 1
            assert abs(row.residents_of_old - (1 if alone else people[code, heir] / lived)) <= 1e-9
    for side in ("old", "new"):
        for share in (f"share_of_{side}", f"residents_of_{side}"):
            assert all(abs(total - 1) <= 1e-9 for total in sums(rows, side, share).values())


@given(owners, owners, st.dictionaries(st.sampled_from("abcd"), st.integers(0, 10**6)))
def test_carried_counts_and_what_goes_to_nobody_are_what_was_given(before, after, values):
    old, new = areas(before, is_noded=True), areas(after, is_noded=True)
    given_ones = {code: value for code, value in values.items() if code in old.codes}
    rows = crosswalk("grid", old, new)
    for is_whole in (False, True):
        found = carry(rows, given_ones, is_whole=is_whole)
        carried = [each.value for each in found.values if each.value is not None]
        total = fsum([*carried, *(value for _, value in found.to_nobody)])
        assert abs(total - sum(given_ones.values())) <= (0 if is_whole else 1e-6)
        assert all(each == int(each) for each in carried) or not is_whole
        assert [each.code for each in found.values] == list(new.codes)
