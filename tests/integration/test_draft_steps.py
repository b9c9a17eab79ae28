"""The answer to a step: no longer in a long draft, and with what would change around it."""

import pytest

from geo_service.layers.redraw.asked.operation import Merge, Rename
from geo_service.services.drafts.kept import kept_states
from geo_service.services.drafts.kept.kept_states import KeptStates
from geo_service.services.drafts.kept.states import DraftGround, DraftState
from geo_service.services.impact.look import ImpactOptions
from tests.doors import open_door
from tests.drafting import A, B, C, across, begin, grid
from tests.houses import CALLER, Clock, open_house, publish_street

AREA = {"layer": "grid", "code": C}
OPTIONS = ImpactOptions(listed=0)


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    yield house
    house.close()


def test_a_long_draft_is_told_no_longer_than_a_short_one_and_its_history_by_pages(house):
    draft = begin(house)
    for number in range(30):
        step = house.drafts.perform(CALLER, draft, Rename(grid(A), name=f"名{number}"))
    for _ in range(25):
        step = house.drafts.undo(CALLER, draft)
    assert (len(step.draft.done), len(step.draft.undone)) == (5, 25)
    # all five that are done, and the first twenty that could be done again
    assert [each.state for each in step.draft.near] == ["done"] * 5 + ["undone"] * 20
    assert {each.asked for each in step.draft.near} == {None}
    first = house.drafts.operations(CALLER, draft, limit=20)
    rest = house.drafts.operations(CALLER, draft, after=first.next_after, limit=20)
    assert rest.next_after is None
    names = [each.asked["name"] for each in [*first.rows, *rest.rows]]
    assert names == [f"名{number}" for number in range(30)]


def test_a_step_over_http_tells_what_would_change_around_it(tmp_path):
    with open_door(tmp_path) as door:
        api = "/api/v1/drafts"
        draft = f"{api}/{door.post(api, json={'name': '试改'}).json()['id']}"
        merge = {"kind": "merge", "layer": "grid", "codes": [A, B], "into": A}
        plain = door.post(f"{draft}/operations", json={"kind": "rename", **AREA, "name": "一"})
        step = door.post(f"{draft}/operations", params={"impact": True}, json=merge).json()
        back = door.post(f"{draft}/undo", params={"impact": True}).json()
        pages = door.get(f"{draft}/operations", params={"limit": 1}).json()
    assert plain.status_code == 201
    assert "impact" not in plain.json()
    [grids] = step["impact"]["layers"]
    assert [(each["code"], each["kinds"]) for each in grids["areas"]] == [
        (A, ["changed"]),
        (B, ["removed"]),
    ]
    # nothing is told of them any more, and both are named, so that nobody keeps what was told
    assert back["impact"]["layers"] == []
    named = {(key["layer"], key["code"]) for key in back["impact"]["about"]}
    assert {("grid", A), ("grid", B)} <= named
    assert (pages["operations"][0]["asked"], pages["next"]) == (
        {"key": ["grid", C], "name": "一"},
        pages["operations"][0]["id"],
    )


def test_steps_far_apart_are_told_apart(house):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across(C, codes=("N1", "N2"), y=1))
    east = "999001010203"
    merged = house.drafts.perform(CALLER, draft, Merge((grid(east), grid("999001010204")), east))
    found = house.draft_impact.around(CALLER, merged, OPTIONS)
    # the grids of the western community are not asked about again
    assert {code for layer, code in found.about if layer == "grid"} == {east, "999001010204"}


def test_states_of_one_ground_are_kept_together_and_go_together(monkeypatch):
    monkeypatch.setattr(kept_states, "MOST_AREAS", 50)
    kept, made = KeptStates(), []

    def state(name, ground):
        def make():
            made.append(name)
            return DraftState((), (), ground, newest=0)

        kept.get(name, make)

    first, second, third = DraftGround(20), DraftGround(20), DraftGround(20)
    for name, ground in (("a1", first), ("b1", second), ("a2", first), ("c1", third)):
        state(name, ground)
    # three grounds have 60 areas: the one that nobody asked for since b1 goes
    for name, ground in (("a1", first), ("a2", first), ("c1", third), ("b1", second)):
        state(name, ground)
    assert made == ["a1", "b1", "a2", "c1", "b1"]
    alone = DraftGround(1_000)
    state("d1", alone)
    state("d2", alone)
    made.clear()
    state("d1", alone)
    assert made == []
