"""What is told beside many owners is what the reasoned answer tells of each, bit for bit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_service.layers.assignment.answer import answer_at
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from geo_service.layers.points.column import NONE
from geo_service.layers.points.located import RULES, STATUSES, locate_points
from geo_service.layers.points.place import Places
from tests.property.test_index_family import CHAIN, families
from tests.property.test_index_nearness import GROUND, PLACES

TOLERANCES = st.lists(st.sampled_from([0.5, 20.0, 90.0, 7000.0]), min_size=3, max_size=3)
FAR = st.tuples(st.floats(-300, 300), st.floats(-300, 300))


@given(
    families(places=GROUND),
    TOLERANCES,
    st.lists(st.tuples(PLACES | FAR, st.sampled_from([np.nan, 30.0])), min_size=1, max_size=6),
)
def test_every_distance_neighbor_and_candidate_is_that_of_the_point_alone(
    family, tolerances_m, points
):
    layers, place = family
    chain = [
        Layer(name, name, name, parent=parent, nearest_m=tolerance_m)
        for name, parent, tolerance_m in zip(CHAIN, [None, *CHAIN[:2]], tolerances_m, strict=True)
    ]
    locator = Locator(Layers(tuple(chain)), layers)
    lon, lat = place(np.array([place for place, _ in points])).T
    accuracy_m = np.array([accuracy_m for _, accuracy_m in points])
    places = Places(lon, lat, accuracy_m, np.full(len(lon), NONE, dtype=np.int8))
    found = locate_points(locator, places, source_frame="EPSG:4490", is_explaining=True)
    told = rows_of(found.families[0])
    for i, row in enumerate(told):
        assert row == alone(locator, float(lon[i]), float(lat[i]), float(accuracy_m[i]))


def rows_of(family):
    """Return what is told of each row."""
    told = family.explanations
    return list(
        zip(
            [RULES[rule] for rule in family.rule],
            [STATUSES[status] for status in family.status],
            map(told_meters, told.border_distance_m.tolist()),
            told.neighbor_layer.to_list(),
            told.neighbor_code.to_list(),
            map(told_meters, told.nearest_distance_m.tolist()),
            told.nearest_layer.to_list(),
            told.nearest_code.to_list(),
            told.metric_frame.to_list(),
            told.candidates.to_list(),
            strict=True,
        )
    )


def told_meters(distance_m):
    return None if np.isnan(distance_m) else distance_m


def alone(locator, lon, lat, accuracy_m):
    """Return the same of one point."""
    found = answer_at(
        locator, "grid", lon=lon, lat=lat, accuracy_m=None if np.isnan(accuracy_m) else accuracy_m
    )
    border, nearest = found.border, found.nearest
    neighbor = border.neighbor if border else None
    area = nearest.area if nearest else None
    return (
        found.rule,
        found.status,
        border and border.distance_m,
        neighbor and neighbor.layer,
        neighbor and neighbor.code,
        nearest and nearest.distance_m,
        area and area.layer,
        area and area.code,
        found.metric_frame,
        [
            {
                "layer": each.area and each.area.layer,
                "code": each.area and each.area.code,
                "share": each.share,
            }
            for each in found.candidates
        ],
    )
