"""What puts building lists right, in a row of four squares: grids G1 to G4 below C1 and C2."""

import numpy as np
import pytest
from shapely import Point

from geo_service.layers.arcs import AreaKey
from geo_service.layers.arcs.edit import Change
from geo_service.layers.redraw import (
    Known,
    KnownBuildings,
    Redrawn,
    fixes_for,
    followed,
    merge,
    with_lists,
)
from geo_service.layers.redraw.asked.lists import ChangeWords
from geo_service.layers.topology import Defect
from tests.redrawing import row_of_grids

G1, G2, S = AreaKey("grid", "G1"), AreaKey("grid", "G2"), AreaKey("street", "S")
UNLISTED, UNKNOWN = "building_unlisted", "building_unknown"


def listed(lists):
    """Return the row with building lists by area."""
    return with_lists(Redrawn(row_of_grids(), Change()), lists).coverage


def standing(**places):
    """Return buildings by name, at places in metres."""
    grounds = np.empty(len(places), dtype=object)
    grounds[:] = [Point(place) for place in places.values()]
    return KnownBuildings([""] * len(places), list(places), grounds, {})


def finding(kind, key, word):
    return Defect(kind, key.layer, codes=(key.code,), buildings=(word,), x=5.0, y=5.0)


@pytest.mark.parametrize("kind", [UNLISTED, UNKNOWN])
def test_an_area_that_is_no_more_is_offered_nothing(kind):
    gone = AreaKey("grid", "G9")
    assert fixes_for(row_of_grids(), finding(kind, gone, "甲"), Known()) == []


@pytest.mark.parametrize("key", [S, G1])
def test_without_siblings_or_ground_the_list_where_a_building_stands_is_all_there_is(key):
    # of the street no other stands beside it, and of the grid nobody knows where 乙 is
    known = Known(every=standing(甲=(5, 5)))
    word = "甲" if key == S else "乙"
    found = fixes_for(listed({key: ()}), finding(UNLISTED, key, word), known)
    assert [(each.kind, each.to) for each in found] == [("enlist", (key,))]


def test_words_come_on_lists_and_an_area_without_one_gets_none():
    after = ChangeWords(G1, put={"G1": ("乙",), "G2": ("丙",)}, struck={"G1": ("甲",)}).on(
        listed({G1: ("甲", "丁")})
    )
    told = {key.code: after.coverage.area(key).buildings for key in (G1, G2)}
    assert told == {"G1": ("丁", "乙"), "G2": None}


def test_a_grid_without_a_list_brings_its_named_buildings_to_the_one_it_is_merged_into():
    before = listed({G1: ("甲",)})
    known = standing(甲=(5, 5), 乙=(15, 5), 丙=(25, 5))
    after = followed(before, merge(before, [G1, G2], "G1"), known)
    assert after.coverage.area(G1).buildings == ("甲", "乙")
