"""True values entered in a draft: before any estimate, published with it, never of other ground."""

import pytest

from geo_service.errors import DraftClosed, EnteredFigureNotFound, InvalidValue, UnknownArea
from geo_service.services.drafts.figures import FigureAsked
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.services.impact.look import ImpactOptions
from geo_service.services.verification.verifications import VerificationOptions, VerificationService
from geo_service.storage import figures
from tests.databases import change
from tests.drafting import A, B, across, at, begin, reopened
from tests.houses import CALLER, NOW_S, Clock, open_house, publish_street
from tests.impacts import area_of, layer_of
from tests.served_houses import tell

DAY_S = 86_400


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    tell(house, "grid", "residents", **{A: 210, B: 50})
    yield house
    house.close()


def enter(house, draft, **values):
    asked = [FigureAsked("grid", code, "residents", str(value)) for code, value in values.items()]
    return house.draft_figures.enter(CALLER, draft, asked)


def residents(house, code, as_of_s):
    with house.workspace.database.read() as connection:
        found = figures.dated_figures(connection, layer="grid", code=code, as_of_s=as_of_s)
    return found.get("residents")


def gone(house, draft):
    found = house.draft_figures.figures(CALLER, draft).figures
    return {each.row.code: each.gone for each in found}


def test_what_was_entered_stands_before_estimates_and_its_difference_is_told(house):
    draft = begin(house)
    step = house.drafts.perform(CALLER, draft, across())
    before = house.draft_impact.impact(CALLER, draft, ImpactOptions())
    assert area_of(before, "N1").after.residents.is_estimated
    assert layer_of(before).sums["residents"].difference == 0
    found = enter(house, draft, N1=120, N2=80)
    assert found.draft.row.revision == step.draft.row.revision + 1
    assert [(e.row.value, e.row.recorded_by) for e in found.figures] == [
        ("120", CALLER.name),
        ("80", CALLER.name),
    ]
    whole = house.draft_impact.impact(CALLER, draft, ImpactOptions())
    near = house.draft_impact.about(CALLER, found.draft, {("grid", "N1")}, ImpactOptions()).impact
    for told in (whole, near):
        count = area_of(told, "N1").after.residents
        assert (count.value, count.basis, count.is_estimated) == (120, "entered", False)
        total = layer_of(told).sums["residents"]
        # 210 before, 120 and 80 after: ten less
        assert (total.before, total.after, total.difference) == (210, 200, -10)


def test_a_value_is_of_the_ground_that_it_was_entered_for(house, tmp_path):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across())
    enter(house, draft, N1=120, **{B: 55})
    # a cut of another grid only puts a node into the border of B
    house.drafts.perform(CALLER, draft, across(B, codes=("N3", "N4"), x=1.5))
    assert gone(house, draft) == {"N1": None, B: "removed"}
    house.drafts.perform(CALLER, draft, across("N1", codes=("N5",), x=0.25, keep=at(0.1, 0.5)))
    assert gone(house, draft) == {"N1": "changed", B: "removed"}
    house = reopened(house, tmp_path)
    assert gone(house, draft) == {"N1": "changed", B: "removed"}
    house.drafts.undo(CALLER, draft)
    house.drafts.undo(CALLER, draft)
    assert gone(house, draft) == {"N1": None, B: None}
    found = house.draft_figures.remove(CALLER, draft, "grid", B, "residents")
    assert [each.row.code for each in found.figures] == ["N1"]
    with pytest.raises(EnteredFigureNotFound):
        house.draft_figures.remove(CALLER, draft, "grid", B, "residents")


def test_values_become_figures_with_the_edition_and_those_of_other_ground_do_not(house):
    draft = begin(house, "拆分")
    house.drafts.perform(CALLER, draft, across())
    enter(house, draft, N1=120, N2=80, **{B: 55})
    house.drafts.perform(CALLER, draft, across(B, codes=("N3", "N4"), x=1.5))
    check = house.draft_publications.check(CALLER, draft)
    assert [(each.row.code, each.gone) for each in check.entered if each.gone] == [(B, "removed")]
    from_s = NOW_S + DAY_S
    asked = PublicationAsked("拆分", effective_from_s=from_s)
    edition = house.draft_publications.publish(CALLER, draft, asked)
    house.draft_publications.publish(CALLER, draft, asked)
    assert residents(house, "N1", from_s - 1) is None
    assert residents(house, "N1", from_s) == ("120", from_s, f"草案 {draft} 拆分")
    assert residents(house, B, from_s)[0] == "50"
    told = house.impact.between_editions(CALLER, 1, edition.number)
    assert area_of(told, "N2").after.residents.basis == "entered"
    with pytest.raises(DraftClosed):
        enter(house, draft, N1=1)


def test_what_cannot_be_a_true_value_is_refused_and_nothing_is_kept(house):
    draft = begin(house)
    with pytest.raises(UnknownArea):
        enter(house, draft, **{A: 3, "N9": 1})
    with pytest.raises(InvalidValue):
        enter(house, draft, **{A: "-1"})
    asked = [FigureAsked("grid", A, "members", "3")]
    with pytest.raises(InvalidValue):
        house.draft_figures.enter(CALLER, draft, asked)
    assert gone(house, draft) == {}


def surroundings(house):
    """Return what verifying finds of figures."""
    report = VerificationService(house.workspace).verify(CALLER, VerificationOptions())
    [check] = [each for each in report.checks if each.name == "surroundings"]
    return check.findings


def lost(house):
    """Return the areas whose entered values became no figure."""
    found = surroundings(house)
    assert {each.kind for each in found} <= {"lost_figure"}
    return sorted(each.where["code"] for each in found)


def test_verifying_misses_the_figures_that_published_drafts_entered_and_no_others(house, tmp_path):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across())
    enter(house, draft, **{"N1": 120, "N2": 80, B: 50})
    # N2 is drawn otherwise after its value was entered, which therefore became no figure
    house.drafts.perform(CALLER, draft, across("N2", codes=("N3",), x=0.75, keep=at(0.6, 0.5)))
    open_draft = begin(house, "未发布")
    enter(house, open_draft, **{A: 7})
    house.workspace.now_s.now_s += DAY_S
    house.draft_publications.publish(CALLER, draft, PublicationAsked("拆分"))
    # a later census stands after what was entered and takes nothing away
    tell(house, "grid", "residents", N1=121)
    assert lost(house) == []
    change(tmp_path, "UPDATE figures SET value = '12' WHERE code = 'N1' AND value = '120'")
    assert lost(house) == ["N1"]
    [said] = [each.text("zh") for each in surroundings(house)]
    assert said.startswith(
        "草案录入的指标 draft_figures，grid/N1：草案 1 录入的 residents 随第 2 版生效"
    )
    change(tmp_path, f"DELETE FROM figures WHERE code = '{B}' AND source LIKE '草案%'")
    assert lost(house) == [B, "N1"]
