"""What covers areas and units: each class, and what outweighs what."""

from datetime import date

import numpy as np
import pytest

from geo_service.governance.organisations.coverage import (
    AreaState,
    Bindings,
    Life,
    UnitCover,
    UnitDuty,
    area_coverage,
    unit_counts,
    unit_duties,
)
from geo_service.governance.organisations.ratio import DatedCount, ratio


def bindings(*pairs: tuple[int, int, int, int]) -> Bindings:
    """Return bindings of (area, organisation, state, life)."""
    columns = np.array(pairs or np.empty((0, 4)), dtype=np.int64).T
    return Bindings(columns[0], columns[1], columns[2].astype(np.int8), columns[3].astype(np.int8))


def nobody() -> np.ndarray:
    return np.array([], dtype=np.int64)


@pytest.mark.parametrize(
    ("held", "is_linked", "state", "life"),
    [
        ([], False, AreaState.NONE, -1),
        ([], True, AreaState.LINKED, -1),
        ([(AreaState.UNCOUNTED, Life.ACTIVE)], True, AreaState.UNCOUNTED, -1),
        ([(AreaState.JOINT, Life.ACTIVE)], False, AreaState.JOINT, Life.ACTIVE),
        ([(AreaState.OWN, Life.UNKNOWN)], True, AreaState.OWN, Life.UNKNOWN),
        ([(AreaState.OWN, Life.OVERDUE), (AreaState.JOINT, Life.ACTIVE)], False,
         AreaState.OWN, Life.ACTIVE),
        ([(AreaState.OWN, Life.UNKNOWN), (AreaState.JOINT, Life.OVERDUE)], False,
         AreaState.OWN, Life.OVERDUE),
        ([(AreaState.OWN, Life.OVERDUE), (AreaState.UNCOUNTED, Life.ACTIVE)], False,
         AreaState.OWN, Life.OVERDUE),
    ],
)  # fmt: skip
def test_the_strongest_binding_counts_and_the_liveliest_of_those_that_do(
    held, is_linked, state, life
):
    pairs = [(0, i, *each) for i, each in enumerate(held)]
    linked = np.array([0]) if is_linked else nobody()

    found = area_coverage(1, bindings(*pairs), linked)

    assert (found.state.tolist(), found.life.tolist()) == ([state], [life])


def test_an_area_with_a_liaison_alone_is_a_blank_spot_with_a_contact():
    found = area_coverage(2, bindings((1, 0, AreaState.OWN, Life.ACTIVE)), np.array([0]))

    assert found.is_covered.tolist() == [False, True]
    assert found.is_active.tolist() == [False, True]
    assert found.counts() == {"own": 1, "joint": 0, "uncounted": 0, "linked": 1, "none": 0}


def test_a_joint_organisation_covers_each_of_its_areas():
    found = area_coverage(3, bindings((0, 7, 1, 0), (2, 7, 1, 0)), nobody())

    assert found.is_covered.tolist() == [True, False, True]


def test_a_layer_without_areas_has_no_states():
    found = area_coverage(0, bindings(), nobody())

    assert found.counts() == {"own": 0, "joint": 0, "uncounted": 0, "linked": 0, "none": 0}


def test_three_full_members_make_it_due_two_do_not_and_nobody_knows_without_a_count():
    is_built = np.array([False, False, False, True, True])
    members = np.array([3, 2, np.nan, np.nan, 1])

    found = unit_duties(is_built, members, least_members=3)

    assert found.tolist() == [
        UnitDuty.DUE, UnitDuty.NOT_DUE, UnitDuty.UNKNOWN, UnitDuty.BUILT, UnitDuty.BUILT
    ]  # fmt: skip


def test_ten_units_with_four_organisations_and_three_reached_are_40_and_70_per_cent():
    cover = np.array([UnitCover.ORG] * 4 + [UnitCover.WORK] * 3 + [UnitCover.NONE] * 3)
    life = np.array([Life.ACTIVE, Life.OVERDUE, Life.UNKNOWN, Life.UNKNOWN, *[-1] * 6])
    duty = np.array([UnitDuty.BUILT] * 4 + [UnitDuty.DUE] * 2 + [UnitDuty.NOT_DUE] * 4)
    area = np.array([0] * 10)

    found = unit_counts(2, area, cover=cover, duty=duty, life=life)

    assert found.cover.tolist() == [[4, 3, 3], [0, 0, 0]]
    assert found.duty.tolist() == [[4, 2, 4, 0], [0, 0, 0, 0]]
    assert (found.active.tolist(), found.unknown.tolist()) == ([1, 0], [2, 0])
    assert found.total.tolist() == [10, 0]
    assert [_percent(found, 0, each) for each in (1, 2)] == ["40.00", "70.00"]
    assert [_percent(found, 1, each) for each in (1, 2)] == [None, None]


def test_a_unit_that_lies_nowhere_is_counted_in_no_area():
    classes = np.array([0, 0], dtype=np.int8)

    found = unit_counts(1, np.array([-1, 0]), cover=classes, duty=classes, life=classes)

    assert (found.total.tolist(), found.active.tolist()) == ([1], [1])


def _percent(found, area: int, classes: int) -> str | None:
    counts = (int(found.cover[area, :classes].sum()), int(found.total[area]))
    return ratio(*(DatedCount(each, date(2026, 11, 21)) for each in counts)).percent_text
