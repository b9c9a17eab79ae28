"""Publications at the same moment: one wins or both follow each other, and owners change once."""

from concurrent.futures import ProcessPoolExecutor
from itertools import combinations
from pathlib import Path
from threading import Event, Thread

import pytest

from geo_service.errors import DraftOvertaken, GeoServiceError, StaleEdition
from geo_service.layers.redraw.asked.operation import Merge
from geo_service.services.callers import SCHEDULE
from geo_service.services.issues.relocations import relocate_if_due
from geo_service.services.rollbacks.rollbacks import RollbackOptions
from geo_service.storage import editions
from tests.drafting import NOW, A, B, C, D, begin, grid, stored
from tests.houses import (
    CALLER,
    NOW_S,
    Clock,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    street_boundaries,
)
from tests.integration.test_decisions import kept
from tests.replays import report
from tests.resilience.test_concurrency import SPAWN, answer, assert_owners_are_fresh, meet

WHY = RollbackOptions("试")
FIRST, SECOND, RESTORE, REVERT = "first draft", "second draft", "restore", "revert"
NOT_NEEDED = "not needed"
EAST = {("grid", grid_code(3, row)) for row in (0, 1)}


class WatchedClock(Clock):
    """A clock that tells when somebody looked at it."""

    def __init__(self):
        super().__init__()
        self.was_looked_at = Event()

    def __call__(self):
        self.was_looked_at.set()
        return super().__call__()


@pytest.fixture(scope="module")
def processes():
    with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:
        yield pool


def merged(house, keep, gone):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, Merge((grid(keep), grid(gone)), keep))
    return draft


def swap_east(house, on, **how):
    """Publish two eastern grids in each other's place."""
    with house.workspace.database.read() as connection:
        boundaries = editions.read_boundaries(connection, on)
    grids = boundaries["grid"]
    one, two = (grids.position_by_code[grid_code(3, row)] for row in (0, 1))
    places = grids.geometries.copy()
    places[[one, two]] = places[[two, one]]
    return publish_areas(house, {**boundaries, "grid": grids.with_geometries(places)}, on=on, **how)


@pytest.mark.parametrize("act", ["publish", "restore", "revert"])
def test_an_edition_that_takes_effect_while_another_waits_for_its_turn_moves_issues_once(
    tmp_path, act
):
    clock = WatchedClock()
    house = open_house(tmp_path, clock=clock)
    publish_street(house)
    issue = report(house, "1", cell=(3, 0))
    swap_west = publish_areas(house, _swapped_west(), on=1)
    draft = merged(house, C, D)
    swap_east(house, on=2, effective_from_s=NOW_S + 60)
    acts = {
        "publish": lambda: house.draft_publications.publish(CALLER, draft, NOW),
        "restore": lambda: house.rollbacks.restore(CALLER, 1, WHY),
        "revert": lambda: house.rollbacks.revert(CALLER, swap_west.number, WHY),
    }
    refusals = []

    def work():
        try:
            acts[act]()
        except GeoServiceError as refusal:
            refusals.append(refusal)

    thread = Thread(target=work)
    with house.workspace.database.write() as connection:
        clock.was_looked_at.clear()
        thread.start()
        assert clock.was_looked_at.wait(30)
        clock.now_s = NOW_S + 120
        relocate_if_due(house.workspace.standing_still(), connection, SCHEDULE)
    thread.join(60)
    assert [type(each) for each in refusals] == [
        DraftOvertaken if act == "publish" else StaleEdition
    ]
    assert len(house.editions.editions(CALLER)) == 3
    rule, owner, kinds = kept(house, issue)
    assert (rule, owner) == ("assigned", grid_code(3, 1))
    assert kinds.count("reassigned") == 1
    house.close()


def _swapped_west():
    boundaries = street_boundaries()
    grids = boundaries["grid"]
    places = grids.geometries.copy()
    places[[0, 1]] = places[[1, 0]]
    return {**boundaries, "grid": grids.with_geometries(places)}


def acted(folder: Path, act: str, drafts: tuple[int, int]) -> int | str:
    house = open_house(folder, clock=Clock(NOW_S + 60))
    acts = {
        FIRST: lambda: house.draft_publications.publish(CALLER, drafts[0], NOW),
        SECOND: lambda: house.draft_publications.publish(CALLER, drafts[1], NOW),
        RESTORE: lambda: house.rollbacks.restore(CALLER, 1, WHY).edition,
        REVERT: lambda: house.rollbacks.revert(CALLER, 2, WHY).edition,
    }
    meet(folder / "met")
    found = answer(acts[act])
    house.close()
    return getattr(found, "number", found or NOT_NEEDED)


@pytest.mark.parametrize("acts", list(combinations((FIRST, SECOND, RESTORE, REVERT), 2)))
def test_of_two_publications_at_the_same_moment_one_wins_or_both_follow_each_other(
    processes, tmp_path, acts
):
    house = open_house(tmp_path, clock=Clock(NOW_S + 60))
    publish_street(house)
    for column in range(4):
        report(house, str(column), cell=(column, 0))
    swap_east(house, on=1)
    drafts = (merged(house, A, B), merged(house, C, D))

    working = [processes.submit(acted, tmp_path, act, drafts) for act in acts]
    answers = dict(zip(acts, [each.result(120) for each in working], strict=True))
    order = sorted((number, act) for act, number in answers.items() if isinstance(number, int))
    assert [number for number, _ in order] in ([3], [3, 4])
    assert len(house.editions.editions(CALLER)) == order[-1][0]
    refused = {told for told in answers.values() if isinstance(told, str)}
    assert refused <= {"StaleEdition", "DraftOvertaken", NOT_NEEDED}
    for number, act in order:
        assert_is(
            act, stored(house, number), before=stored(house, number - 1), first=stored(house, 1)
        )
    assert_owners_are_fresh(house)
    for draft, act in zip(drafts, (FIRST, SECOND), strict=True):
        status = house.drafts.draft(CALLER, draft).row.status
        assert status == ("published" if isinstance(answers.get(act), int) else "open")
    house.close()


def assert_is(act, found, *, before, first):
    """An edition is the one before it with one act done to it, and nothing else."""
    own = {key for key in before.keys() | found.keys() if before.get(key) != found.get(key)}
    if act == RESTORE:
        assert found == first
    elif act == REVERT:
        assert own == EAST
        assert {key: found[key] for key in EAST} == {key: first[key] for key in EAST}
    else:
        keep, gone = (A, B) if act == FIRST else (C, D)
        assert own == {("grid", keep), ("grid", gone)}
        assert ("grid", gone) not in found
