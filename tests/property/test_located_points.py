"""Many points at once are answered as each of them alone, in order, whatever stands beside."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import GeoServiceError
from geo_service.layers.assignment.answer import answer_at
from geo_service.layers.frames import check_coordinates, to_storage
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from geo_service.layers.points.column import PROBLEMS, Coded, coded, distinct, numbers_of
from geo_service.layers.points.located import RULES, STATUSES, locate_points
from geo_service.layers.points.place import places_of
from geo_service.layers.points.table import Tally
from tests.houses import SOUTH, STEP, WEST, grid_code, street_boundaries

_NAMES = ["district", "street", "community", "grid"]


def _locator() -> Locator:
    """The street without one grid, where the community answers, and a party family beside."""
    layers = [
        Layer(name, name, name, parent=parent, nearest_m=30.0)
        for name, parent in zip(_NAMES, [None, *_NAMES], strict=False)
    ]
    layers.append(Layer("party_grid", "party", "party", parent="community"))
    boundaries = street_boundaries()
    grids = boundaries["grid"]
    kept = grids.take([i for i, code in enumerate(grids.codes) if code != grid_code(3, 1)])
    party = grids.take([0, 1])
    return Locator(Layers(tuple(layers)), {**boundaries, "grid": kept, "party_grid": party})


_LOCATOR = _locator()
_steps = st.sampled_from([i / 4 for i in range(-4, 21)]) | st.floats(-1.0, 5.0)
_places = st.tuples(
    _steps.map(lambda steps: WEST + steps * STEP), _steps.map(lambda steps: SOUTH + steps * STEP)
)
_oddities = st.sampled_from(
    [
        (0.0, 0.0),
        (None, 30.0),
        (120.0, None),
        ("120", 30.0),
        (True, 30.0),
        (181.0, 30.0),
        (120.0, -90.5),
        (30.0, 120.0),
        (5e6, 3e6),
        ([], {}),
    ]
)
_accuracies = st.sampled_from([None, 0, 5.0, 40.0, 150.0, -1.0, 5001.0, "20", False])
_rows = st.lists(st.tuples(_places | _oddities, _accuracies), max_size=12)


def _alone(x, y, accuracy_m, frame):
    """Return what each family says of one row by itself, None where it is no place."""
    for cell in (x, y):
        if type(cell) not in {int, float}:
            return None
    if type(accuracy_m) not in {int, float, type(None)}:
        return None
    if accuracy_m is not None and not 0 <= accuracy_m <= 5000:
        return None
    try:
        check_coordinates(x=x, y=y, source_frame=frame, where="row")
        lon, lat = to_storage(x=x, y=y, source_frame=frame)
    except GeoServiceError:
        return None
    if x == 0 and y == 0:
        return None
    return [
        answer_at(_LOCATOR, family, lon=float(lon[0]), lat=float(lat[0]), accuracy_m=accuracy_m)
        for family in _LOCATOR.layers.families
    ]


@pytest.mark.parametrize("frame", ["EPSG:4490", "GCJ02"])
@given(rows=_rows)
def test_every_row_is_answered_as_it_would_be_alone(frame, rows):
    x, y = [place[0] for place, _ in rows], [place[1] for place, _ in rows]
    accuracy_m = [given for _, given in rows]
    places = places_of(numbers_of(x), numbers_of(y), numbers_of(accuracy_m))
    for is_explaining in (False, True):
        found = locate_points(_LOCATOR, places, source_frame=frame, is_explaining=is_explaining)
        for number, row in enumerate(zip(x, y, accuracy_m, strict=True)):
            expected = _alone(*row, frame)
            assert (expected is None) == (PROBLEMS[found.problem[number]] is not None)
            for place, family in enumerate(found.families):
                _check(family, number, expected and expected[place])


def _check(family, number, expected):
    codes = [column.to_list()[number] for column in family.codes.values()]
    rule, status = RULES[family.rule[number]], STATUSES[family.status[number]]
    told = family.explanations
    if expected is None:
        assert (rule, status, set(codes)) == ("invalid", "invalid", {None})
        return
    assert (rule, status) == (expected.rule, expected.status)
    assert codes == [link.code for link in expected.chain]
    if told is None:
        return
    border, nearest = expected.border, expected.nearest
    neighbor = border.neighbor if border else None
    assert told.neighbor_code.to_list()[number] == (neighbor.code if neighbor else None)
    assert told.neighbor_layer.to_list()[number] == (neighbor.layer if neighbor else None)
    assert told.nearest_code.to_list()[number] == (nearest.area.code if nearest else None)
    _same_meters(told.border_distance_m[number], border)
    _same_meters(told.nearest_distance_m[number], nearest)
    assert told.metric_frame.to_list()[number] == expected.metric_frame
    assert told.candidates.to_list()[number] == [
        {
            "layer": each.area.layer if each.area else None,
            "code": each.area.code if each.area else None,
            "share": each.share,
        }
        for each in expected.candidates
    ]


def _same_meters(distance_m, expected):
    assert np.isnan(distance_m) if expected is None else distance_m == expected.distance_m


@given(rows=_rows, cut=st.integers(0, 12))
def test_a_batch_cut_in_two_gives_the_same_counts_and_they_add_up(rows, cut):
    def counted(part):
        x, y = [place[0] for place, _ in part], [place[1] for place, _ in part]
        places = places_of(numbers_of(x), numbers_of(y))
        return locate_points(_LOCATOR, places, source_frame="EPSG:4490")

    whole = Tally().add(counted(rows))
    assert whole == Tally().add(counted(rows[:cut])).add(counted(rows[cut:]))
    assert whole.rows == len(rows)
    for family, counts in whole.counts.items():
        assert sum(counts.values()) == len(rows)
        assert counts["invalid"] == sum(whole.problems.values())
        assert whole.ambiguous[family] == 0


@given(st.lists(st.sampled_from(["a", "b", "", None, "网格"])))
def test_a_coded_column_gives_back_its_texts(values):
    column = coded(values)
    assert column.to_list() == values
    assert len(set(column.texts)) == len(column.texts)


@given(st.lists(st.integers(-1, 6)))
def test_distinct_positions_lead_back_to_what_they_were(values):
    positions = np.array(values, dtype=np.int32)
    found, place = distinct(positions, 7)
    assert found.tolist() == sorted({each for each in values if each >= 0})
    texts = tuple(map(str, found))
    back = Coded(texts, place).to_list()
    assert back == [None if each < 0 else str(each) for each in values]
