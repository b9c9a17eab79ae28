"""The ladder of bodies: parents that exist and fit, no orphans, no cycles."""

import pytest

from geo_service.governance.organisations.ladder import (
    LadderFault,
    Rung,
    ladder_faults,
    parent_cycle,
)

ANCESTORS = {
    ("community", "C1"): frozenset({("community", "C1"), ("street", "S1")}),
    ("grid", "G1"): frozenset({("grid", "G1"), ("community", "C1"), ("street", "S1")}),
    ("grid", "G2"): frozenset({("grid", "G2"), ("community", "C2"), ("street", "S1")}),
}
STREET = Rung("A", None, "street", ("S1",))
COMMUNITY = Rung("B", "A", "community", ("C1",))


def faults(*rungs: Rung) -> list[LadderFault]:
    return ladder_faults(rungs, top_layers=frozenset({"street"}), ancestors=ANCESTORS)


def test_a_ladder_whose_steps_fit_has_no_fault():
    assert faults(STREET, COMMUNITY, Rung("D", "B", "grid", ("G1",))) == []


@pytest.mark.parametrize(
    ("rung", "fault"),
    [
        (Rung("D", None, "grid", ("G1",)), LadderFault("orphan", "D")),
        (Rung("D", "X", "grid", ("G1",)), LadderFault("unknown_parent", "D", ("X",))),
        (Rung("D", "B", "grid", ("G2",)), LadderFault("inconsistent", "D", ("B",))),
        (Rung("D", "B", "grid", ("G1", "G2")), LadderFault("inconsistent", "D", ("B",))),
        (Rung("D", "D", "grid", ("G1",)), LadderFault("cycle", "D", ("D",))),
    ],
)
def test_each_fault_names_the_organisation_and_the_others(rung, fault):
    assert faults(STREET, COMMUNITY, rung) == [fault]


@pytest.mark.parametrize(
    "rung",
    [
        Rung("D", None, None, ()),  # stands for no area: nobody can say that it is too low
        Rung("D", "B", None, ()),
        Rung("D", "B", "grid", ("G9",)),  # an area that the day's edition lacks
        Rung("D", "A", "grid", ("G1",)),  # a step is left out
    ],
)
def test_what_cannot_be_judged_is_no_fault(rung):
    assert faults(STREET, COMMUNITY, rung) == []


def test_a_parent_that_stands_for_no_area_contradicts_nothing():
    assert faults(Rung("A", None, None, ()), Rung("D", "A", "grid", ("G1",))) == []


def test_faults_come_by_code_each_member_of_a_cycle_once():
    found = faults(Rung("C", "B", None, ()), Rung("B", "C", None, ()), Rung("A", "B", None, ()))

    # A stands under the cycle, and not in it
    assert found == [LadderFault("cycle", "B", ("B", "C")), LadderFault("cycle", "C", ("C", "B"))]


@pytest.mark.parametrize(
    ("parents", "cycle"),
    [
        ({"A": None}, ()),
        ({}, ()),
        ({"A": "B", "B": None}, ()),
        ({"A": "A"}, ("A",)),
        ({"A": "B", "B": "C", "C": "A"}, ("A", "B", "C")),
        ({"A": "B", "B": "C", "C": "B"}, ()),
    ],
)
def test_a_cycle_is_told_from_its_member_on(parents, cycle):
    assert parent_cycle("A", parents) == cycle
