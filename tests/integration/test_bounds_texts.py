"""四至 that people write: in force or in a draft, for some ground and for no other."""

import pytest

from geo_service.errors import (
    AreaNotFound,
    AreaNotRedrawn,
    DraftClosed,
    InvalidValue,
    RefusedValue,
    StaleBoundsText,
    StaleDraft,
    UnknownArea,
)
from geo_service.layers.edition import EditionChoice
from geo_service.layers.redraw.asked.operation import Merge, Rename
from geo_service.maps.area_sheet.view import SheetLinks
from geo_service.services.areas.sheet import SheetQuery
from geo_service.services.bounds_texts.told import BoundsText
from geo_service.services.change_orders.pages import OrderQuery
from geo_service.services.drafts.drafts import DraftNote
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.services.rollbacks.rollbacks import RollbackOptions
from geo_service.services.verification.verifications import VerificationOptions, VerificationService
from tests.databases import change, rows
from tests.drafting import NOW, A, B, C, across, at, begin, grid
from tests.houses import CALLER, NOW_S, Clock, grid_code, open_house, publish_street

HAND = "东至示例路中线，南至南大道"
FOR_DRAFT = "东至新开的示例巷"
KEY = ("grid", A)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(tmp_path, clock):
    house = open_house(tmp_path, clock=clock)
    publish_street(house)
    yield house
    house.close()


def write(house, text=HAND, code=A, en=None, seen=None):
    return house.bounds_texts.write(CALLER, "grid", code, BoundsText(text, en), seen=seen)


def told(house, code=A, **choice):
    return house.bounds_texts.told(CALLER, "grid", code, EditionChoice(**choice))


def generated(house, code=A, language="zh"):
    return told(house, code).generated[language]


def split(house):
    """Return a draft in which the eastern half of a square is another area."""
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across(A, codes=("N2",), keep=at(0.25, 0.5)))
    return draft


def draft_text(house, draft, text=FOR_DRAFT, key=KEY, seen=None, en=None):
    service = house.draft_bounds_texts
    return service.write(CALLER, draft, key, BoundsText(text, en), seen=seen)


def publish(house, draft):
    return house.draft_publications.publish(CALLER, draft, NOW)


def sheet(house, language="zh", **choice):
    query = SheetQuery("grid", A, EditionChoice(**choice), language)
    return house.area_sheets.sheet(CALLER, query).ground


def order_row(house, code=A, language="zh", **which):
    view = house.change_orders.order(CALLER, OrderQuery(**which, language=language))
    [row] = [row for row in view.rows if row.code == code]
    return row.bounds


def findings(house):
    report = VerificationService(house.workspace).verify(CALLER, VerificationOptions())
    [check] = [each for each in report.checks if each.name == "bounds_texts"]
    return {(each.kind, each.where["id"]) for each in check.findings}


def test_a_written_text_stands_before_the_generated_one_and_makes_no_edition(house, clock):
    before = told(house)
    assert before.text("zh") == before.generated["zh"] == sheet(house).bounds_text
    clock.now_s += 60
    after = write(house)
    assert (after.text("zh"), after.text("en")) == (HAND, before.generated["en"])
    assert after.generated == before.generated
    entered = after.written.standing.entered
    assert (entered.recorded_at_s, entered.recorded_by) == (NOW_S + 60, CALLER.name)
    assert len(house.editions.editions(CALLER)) == 1
    ground = sheet(house)
    assert (ground.bounds_text, ground.entered.zh, ground.earlier) == (HAND, HAND, None)
    english = sheet(house, language="en")
    assert (english.bounds_text, english.entered) == (before.generated["en"], None)
    write(house, en="East to the lane")
    assert sheet(house, language="en").bounds_text == "East to the lane"
    assert sheet(house, known_at_s=NOW_S).bounds_text == before.generated["zh"]
    assert told(house, B).text("zh") == generated(house, B)


def test_the_generated_text_comes_back_and_what_was_written_is_kept_as_history(house):
    write(house)
    write(house)  # the same again is nothing new
    write(house, "东至示例路")
    again = house.bounds_texts.reset(CALLER, "grid", A)
    assert again.text("zh") == again.generated["zh"]
    assert [row.zh for row in again.written.rows] == [HAND, "东至示例路", None]
    assert again.written.standing.earlier is None
    house.bounds_texts.reset(CALLER, "grid", A)
    assert len(told(house).written.rows) == 3


def test_a_text_does_not_stand_for_other_ground_and_comes_back_with_its_own(house):
    was = generated(house)
    write(house)
    publish(house, split(house))
    now = told(house)
    assert now.text("zh") == now.generated["zh"] != was
    assert (now.written.standing.earlier.zh, now.written.standing.earlier.edition) == (HAND, 1)
    ground = sheet(house)
    assert (ground.entered, ground.earlier.edition) == (None, 1)
    assert "第 1 版人工填写的四至只用于当时的范围" in house.area_pages.page(
        CALLER, SheetQuery("grid", A), links=SheetLinks()
    )
    assert order_row(house, edition=2) == (HAND, now.generated["zh"])
    house.rollbacks.restore(CALLER, 1, RollbackOptions("改回"))
    assert told(house).text("zh") == HAND


def test_a_node_in_the_border_changes_no_ground(house, tmp_path):
    write(house, code=C)
    # the square below gets a corner in the middle of its border with this one
    publish(house, split(house))
    outlines = rows(tmp_path, f"SELECT outline FROM areas WHERE code = '{C}'")
    assert len(outlines) == 2
    assert told(house, C).text("zh") == HAND


def test_a_text_of_a_draft_stands_on_its_order_and_is_published_with_it(house, clock):
    draft = split(house)
    written = draft_text(house, draft, en="East to the new lane")
    assert written.bounds.text("zh") == FOR_DRAFT
    assert written.draft.row.revision == 2
    assert told(house).text("zh") == generated(house)  # nothing of it is in force
    before = generated(house)
    assert order_row(house, draft=draft) == (before, FOR_DRAFT)
    assert order_row(house, draft=draft, language="en")[1] == "East to the new lane"
    clock.now_s += 60
    publish(house, draft)
    assert told(house).text("zh") == FOR_DRAFT
    entered = told(house).written.standing.entered
    assert (entered.edition, entered.draft_id) == (2, draft)
    assert (entered.recorded_at_s, entered.known_from_s) == (NOW_S, NOW_S + 60)
    assert order_row(house, edition=2) == (before, FOR_DRAFT)
    write(house, "东至新开的示例巷中线")  # a correction of the wording, after it was published
    assert told(house).text("zh") == "东至新开的示例巷中线"
    assert house.draft_bounds_texts.told(CALLER, draft, KEY).bounds.text("zh") == told(house).text(
        "zh"
    )
    assert findings(house) == set()


def test_a_text_of_a_draft_is_for_the_ground_it_was_written_for(house):
    draft = split(house)
    draft_text(house, draft)
    house.drafts.perform(CALLER, draft, Merge((grid("N2"), grid(B)), B))
    assert house.draft_bounds_texts.told(CALLER, draft, KEY).bounds.text("zh") == FOR_DRAFT
    house.drafts.perform(CALLER, draft, Merge((grid(A), grid(B)), A))
    moved = house.draft_bounds_texts.told(CALLER, draft, KEY).bounds
    assert moved.text("zh") == moved.generated["zh"]
    assert moved.written.standing.earlier.zh == FOR_DRAFT
    house.drafts.undo(CALLER, draft)
    assert house.draft_bounds_texts.told(CALLER, draft, KEY).bounds.text("zh") == FOR_DRAFT
    house.drafts.redo(CALLER, draft)
    publish(house, draft)
    # it was for ground that was never published
    assert told(house).written.rows == []
    assert findings(house) == set()


def test_another_name_alone_keeps_the_text_of_the_ground(house):
    write(house)
    draft = begin(house)
    house.drafts.perform(CALLER, draft, Rename(grid(A), name="新名"))
    assert order_row(house, draft=draft) == (HAND, HAND)
    draft_text(house, draft)
    write(house, "东至示例路")  # corrected while the draft was open
    publish(house, draft)
    assert told(house).text("zh") == FOR_DRAFT  # what was published later
    assert [row.zh for row in told(house).written.rows] == [HAND, "东至示例路", FOR_DRAFT]


def test_a_pending_edition_that_is_published_again_keeps_its_texts(house, clock):
    draft = split(house)
    draft_text(house, draft)
    later = NOW_S + 86_400
    house.draft_publications.publish(CALLER, draft, PublicationAsked("改", later))
    other = begin(house)
    house.drafts.perform(CALLER, other, Rename(grid(grid_code(3, 0)), name="新名"))
    publish(house, other)
    assert told(house).text("zh") == generated(house)
    clock.now_s = later
    assert told(house).written.edition == 4
    assert told(house).text("zh") == FOR_DRAFT


def test_what_others_wrote_meanwhile_is_not_overwritten(house):
    seen = told(house).written.version
    write(house)
    with pytest.raises(StaleBoundsText):
        write(house, "别的", seen=seen)
    with pytest.raises(StaleBoundsText):
        house.bounds_texts.reset(CALLER, "grid", A, seen=seen)
    seen = told(house).written.version
    publish(house, split(house))
    with pytest.raises(StaleBoundsText):  # the ground is another one
        write(house, "别的", seen=seen)


def test_planners_of_a_draft_conflict_over_one_area_alone(house):
    draft = split(house)
    revision = house.drafts.draft(CALLER, draft).row.revision
    draft_text(house, draft, seen=revision)
    draft_text(house, draft, "西至示例巷", ("grid", "N2"), seen=revision)
    with pytest.raises(StaleDraft, match=f"grid/{A}"):
        draft_text(house, draft, "别的", seen=revision)
    house.drafts.undo(CALLER, draft, seen=revision)  # it is still the step that was looked at
    with pytest.raises(AreaNotRedrawn):
        draft_text(house, draft)


def test_what_cannot_be_written_is_said(house, tmp_path):
    draft = split(house)
    for text in ("", " ", "长" * 201, "东至李某家，电话13800138000"):
        with pytest.raises(InvalidValue):
            write(house, text)
        with pytest.raises(InvalidValue):
            draft_text(house, draft, text)
    with pytest.raises(InvalidValue):
        write(house, en="call 021-65432100")
    with pytest.raises(RefusedValue):
        write(house, "\0")
    with pytest.raises(AreaNotFound):
        write(house, code="N2")
    with pytest.raises(UnknownArea):
        draft_text(house, draft, key=("grid", "no such"))
    with pytest.raises(AreaNotRedrawn):
        draft_text(house, draft, key=("grid", B))
    assert house.draft_bounds_texts.told(CALLER, draft, ("grid", B)).is_redrawn is False
    house.drafts.discard(CALLER, draft)
    with pytest.raises(DraftClosed):
        draft_text(house, draft)
    assert rows(tmp_path, "SELECT id FROM bounds_texts") == []


def test_a_note_stands_on_the_order_and_is_what_publishing_takes(house):
    draft = split(house)
    house.drafts.note(CALLER, draft, DraftNote(reason="网格过大", consulted="两社区居委会"))
    head = house.change_orders.order(CALLER, OrderQuery(draft)).head
    assert (head.reason, head.consulted) == ("网格过大", "两社区居委会")
    house.drafts.note(CALLER, draft, DraftNote(name="拆分"))
    asked = PublicationAsked(consulted="两社区居委会、物业")
    edition = house.draft_publications.publish(CALLER, draft, asked)
    assert edition.reason == "网格过大"
    row = house.drafts.draft(CALLER, draft).row
    assert (row.name, row.reason, row.consulted) == ("拆分", "网格过大", "两社区居委会、物业")
    head = house.change_orders.order(CALLER, OrderQuery(edition=2)).head
    assert (head.reason, head.consulted) == ("网格过大", "两社区居委会、物业")


def test_a_note_is_refused_where_it_names_a_number_or_was_changed_meanwhile(house):
    draft = split(house)
    with pytest.raises(InvalidValue):
        house.draft_publications.publish(CALLER, draft, PublicationAsked())
    for told_note in (DraftNote(reason="找13800138000"), DraftNote(consulted="13800138000")):
        with pytest.raises(InvalidValue):
            house.drafts.note(CALLER, draft, told_note)
    asked = PublicationAsked("改", consulted="13800138000")
    with pytest.raises(InvalidValue):
        house.draft_publications.publish(CALLER, draft, asked)
    revision = house.drafts.draft(CALLER, draft).row.revision
    house.drafts.note(CALLER, draft, DraftNote(reason="甲"), seen=revision)
    with pytest.raises(StaleDraft):
        house.drafts.note(CALLER, draft, DraftNote(reason="乙"), seen=revision)
    house.drafts.note(CALLER, draft, DraftNote(reason=""))
    assert house.drafts.draft(CALLER, draft).row.reason is None


FAULTS = {
    ("bounds_text_ground", 1): "UPDATE bounds_texts SET code = 'gone' WHERE id = 1",
    ("bounds_text_row", 2): "UPDATE bounds_texts SET known_from_s = NULL WHERE id = 2",
    ("bounds_text_row", 3): "UPDATE bounds_texts SET zh = NULL WHERE id = 3",
    ("bounds_text_row", 4): "UPDATE bounds_texts SET revision = NULL WHERE id = 4",
    ("bounds_text_ground", 5): (
        "UPDATE bounds_texts SET outline = (SELECT outline FROM areas WHERE code = '999001')"
        " WHERE id = 5"
    ),
}


def test_verifying_finds_texts_that_fit_nothing(house, tmp_path):
    write(house)
    write(house, code=B)
    write(house, code=C, en="East")
    draft_text(house, split(house))
    write(house, "东至示例路")
    assert findings(house) == set()
    change(tmp_path, *FAULTS.values())
    assert findings(house) == FAULTS.keys()
    assert len(rows(tmp_path, "SELECT id FROM bounds_texts")) == 5


NEW = "999001010199"


def recoded(house, *, draft=None):
    """Return a draft in which A has another code, on the same ground."""
    number = begin(house) if draft is None else draft
    house.drafts.perform(CALLER, number, Rename(grid(A), code=NEW))
    return number


def test_a_text_goes_with_the_ground_to_another_code_and_back(house, clock):
    write(house, en="East to the lane")
    draft = recoded(house)
    in_draft = house.draft_bounds_texts.told(CALLER, draft, ("grid", NEW)).bounds
    assert (in_draft.text("zh"), in_draft.text("en")) == (HAND, "East to the lane")
    order = house.change_orders.order(CALLER, OrderQuery(draft=draft))
    sides = {row.code: row.bounds for row in order.rows if row.layer.name == "grid"}
    assert sides == {A: (HAND, ""), NEW: ("", HAND)}
    clock.now_s += 60
    publish(house, draft)
    assert told(house, NEW).text("zh") == HAND
    assert told(house, A, known_at_s=NOW_S).text("zh") == HAND
    assert findings(house) == set()
    # what is written of the other code since comes back with the former one
    write(house, "东至改过的路", code=NEW)
    clock.now_s += 60
    house.rollbacks.revert(CALLER, 2, RollbackOptions(reason="换回原编码"))
    assert told(house, A).text("zh") == "东至改过的路"
    assert findings(house) == set()


def test_a_text_of_a_draft_goes_to_the_code_that_the_area_gets_later_in_it(house):
    write(house)
    draft = split(house)
    draft_text(house, draft)
    recoded(house, draft=draft)
    assert (
        house.draft_bounds_texts.told(CALLER, draft, ("grid", NEW)).bounds.text("zh") == FOR_DRAFT
    )
    publish(house, draft)
    assert told(house, NEW).text("zh") == FOR_DRAFT
    # the other half has ground that nobody wrote of
    assert told(house, "N2").written.standing.entered is None
    assert findings(house) == set()


def test_another_code_with_other_ground_takes_no_text(house):
    write(house)
    draft = recoded(house)
    house.drafts.perform(CALLER, draft, across(NEW, codes=("N2",), keep=at(0.25, 0.5)))
    publish(house, draft)
    assert [told(house, code).written.standing.entered for code in (NEW, "N2")] == [None, None]


def test_a_text_that_was_taken_back_in_a_draft_does_not_come_with_another_code(house):
    write(house)
    draft = recoded(house)
    house.draft_bounds_texts.reset(CALLER, draft, ("grid", NEW))
    in_draft = house.draft_bounds_texts.told(CALLER, draft, ("grid", NEW)).bounds
    assert in_draft.text("zh") == in_draft.generated["zh"]
    publish(house, draft)
    assert told(house, NEW).text("zh") == generated(house, NEW)
