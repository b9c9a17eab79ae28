"""Ground that root layers leave out on purpose: holes that are declared are no defects."""

from dataclasses import replace

import pytest
import shapely

from geo_service.errors import EnclaveNotFound, InvalidValue, NoHoleThere, TopologyBroken
from geo_service.layers.area import area_set
from geo_service.layers.preparation import Plan
from geo_service.layers.redraw.asked.operation import Retire, Split
from geo_service.services.boundaries.files import BoundaryOptions
from geo_service.services.boundaries.imports import EditionOptions
from geo_service.services.enclaves import EnclaveAsked
from geo_service.services.rollbacks.rollbacks import RollbackOptions
from geo_service.services.verification.verifications import VerificationOptions, VerificationService
from tests.drafting import NOW, A, at, begin, grid
from tests.houses import (
    CALLER,
    Clock,
    open_house,
    publish_areas,
    publish_street,
    street_boundaries,
)

YARD = tuple(at(x, y) for x, y in ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), (0.4, 0.4)))
AROUND = tuple(at(x, y) for x, y in ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)))
WORDING = "军事管理区"
APPROVED = {"authority": "区政府", "document": "1号", "date": "2026-11-20"}
WHY = RollbackOptions("试", approval=APPROVED)


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    return house


def with_a_yard(house):
    """Return a draft that leaves a yard in the middle of grid A to nobody on any level."""
    draft = begin(house)
    house.drafts.perform(CALLER, draft, Split(grid(A), YARD, ("N1",), keep=at(0.1, 0.1)))
    house.drafts.perform(CALLER, draft, Retire(grid("N1"), leaves_union=True))
    return draft


def declared(house, **told):
    return house.enclaves.declare(CALLER, EnclaveAsked("district", WORDING, **told))


def check(house, draft, **how):
    return house.draft_publications.check(CALLER, draft, **how)


def publish(house, draft):
    return house.draft_publications.publish(CALLER, draft, replace(NOW, approval=APPROVED))


def test_a_hole_is_published_once_it_is_declared(house):
    draft = with_a_yard(house)
    [hole] = check(house, draft).defects
    assert (hole.kind, hole.layer, hole.codes) == ("hole", "district", ("999001",))
    with pytest.raises(TopologyBroken):
        publish(house, draft)
    found, is_new = declared(house, place=(hole.x, hole.y), draft=draft)
    assert is_new
    assert found.outline.normalize().equals_exact(shapely.Polygon(YARD).normalize(), 1e-12)
    assert check(house, draft).defects == check(house, draft, is_whole=True).defects == []
    assert house.drafts.state(CALLER, draft).state.findings == []
    assert publish(house, draft).number == 2
    again, is_new = declared(house, place=(hole.x, hole.y))
    assert (again.id, is_new) == (found.id, False)


def test_an_outline_drawn_around_it_declares_it_too_but_not_a_larger_hole(house):
    draft = with_a_yard(house)
    declared(house, outline=AROUND[:3])  # half of it
    assert [each.kind for each in check(house, draft).defects] == ["hole"]
    declared(house, outline=AROUND)
    assert check(house, draft).is_publishable


def test_what_was_withdrawn_is_a_defect_again_and_what_was_published_stays(house):
    draft = with_a_yard(house)
    found, _ = declared(house, outline=AROUND)
    publish(house, draft)
    house.rollbacks.restore(CALLER, 1, WHY)
    assert house.rollbacks.restore(CALLER, 2, WHY).edition.number == 4
    house.rollbacks.restore(CALLER, 1, WHY)
    withdrawn = house.enclaves.withdraw(CALLER, found.id)
    assert withdrawn.withdrawn_at_s is not None
    assert house.enclaves.withdraw(CALLER, found.id).withdrawn_at_s == withdrawn.withdrawn_at_s
    with pytest.raises(TopologyBroken):
        house.rollbacks.restore(CALLER, 2, WHY)
    checks = VerificationService(house.workspace).verify(CALLER, VerificationOptions()).checks
    assert not [each for one in checks for each in one.findings if not each.is_warning]


def test_a_file_with_a_declared_hole_comes_in(house, tmp_path):
    draft = with_a_yard(house)
    found, _ = declared(house, outline=AROUND)
    publish(house, draft)
    path = tmp_path / "district.gpkg"
    house.editions.export(CALLER, 2, ["district"], path)
    taken = imported(house, path)
    assert (taken.preparation.defects, taken.preparation.differences) == ([], [])
    house.enclaves.withdraw(CALLER, found.id)
    assert [each.kind for each in imported(house, path).preparation.defects] == ["hole"]


def imported(house, path):
    return house.boundaries.import_file(
        CALLER,
        path,
        BoundaryOptions(layer="district"),
        plan=Plan(is_replacing=True),
        edition_options=EditionOptions(is_dry_run=True),
    )


@pytest.mark.parametrize(
    ("layer", "wording", "told", "error"),
    [
        ("grid", WORDING, {"outline": AROUND}, InvalidValue),
        ("district", " ", {"outline": AROUND}, InvalidValue),
        ("district", "找13800138000", {"outline": AROUND}, InvalidValue),
        ("district", WORDING, {}, InvalidValue),
        ("district", WORDING, {"outline": AROUND[:2]}, InvalidValue),
        ("district", WORDING, {"outline": (*AROUND[:2], *AROUND[:1:-1])}, InvalidValue),
        ("district", WORDING, {"outline": AROUND, "place": at(0.5, 0.5)}, InvalidValue),
        ("district", WORDING, {"place": at(0.5, 0.5)}, NoHoleThere),
    ],
)
def test_what_declares_nothing_is_refused(house, layer, wording, told, error):
    with pytest.raises(error):
        house.enclaves.declare(CALLER, EnclaveAsked(layer, wording, **told))
    assert house.enclaves.enclaves(CALLER) == []


def test_streets_without_a_district_above_them_may_leave_ground_out(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    [whole] = street_boundaries()["street"].geometries
    open_street = area_set("street", codes=["S"], geometries=[whole - shapely.Polygon(YARD)])
    publish_areas(house, {"street": open_street}, on=0)
    asked = EnclaveAsked("street", WORDING, place=at(0.5, 0.5))
    found, _ = house.enclaves.declare(CALLER, asked)
    assert found.outline.normalize().equals_exact(shapely.Polygon(YARD).normalize(), 1e-12)
    draft = begin(house)
    assert house.drafts.state(CALLER, draft).state.findings == []


def test_what_was_never_declared_cannot_be_withdrawn(house):
    with pytest.raises(EnclaveNotFound):
        house.enclaves.withdraw(CALLER, 7)
