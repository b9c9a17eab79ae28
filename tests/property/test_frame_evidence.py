"""The detector over random streets in random places: it may keep silent, it is never wrong."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.layers.frame_evidence import PlaceSample, frame_evidence, point_evidence
from geo_service.layers.frames import from_storage, geometries_from_storage
from tests.examples import examples
from tests.shapes import grid_of

_LAND_LON, _LAND_LAT = st.floats(75.0, 134.0), st.floats(19.0, 52.0)
_CELL_DEG = st.floats(0.0015, 0.01)
_DEGREES = ["EPSG:4490", "GCJ02", "BD09"]


@st.composite
def _streets(draw):
    """Return a street of 12 to 30 areas of 150 to 1000 m, somewhere in the box of GCJ-02."""
    cell = draw(_CELL_DEG)
    return grid_of(
        draw(st.integers(4, 6)),
        draw(st.integers(3, 5)),
        seed=draw(st.integers(0, 10_000)),
        size=(cell, cell),
        origin=(draw(_LAND_LON), draw(_LAND_LAT)),
    )


def _noisy(geometries, meters, seed):
    random = np.random.default_rng(seed)
    lat = shapely.total_bounds(geometries)[1]
    per_degree = np.array([111_320.0 * np.cos(np.radians(lat)), 110_900.0])

    def moved(at):
        nodes, which = np.unique(at, axis=0, return_inverse=True)
        return (nodes + random.normal(0.0, meters, nodes.shape) / per_degree)[which]

    return shapely.transform(geometries, moved)


@settings(max_examples=examples(15), deadline=None)
@given(
    street=_streets(),
    frame=st.sampled_from(_DEGREES),
    declared=st.sampled_from([*_DEGREES, "EPSG:4326", None]),
    is_swapped=st.booleans(),
    noise_m=st.floats(0.0, 3.0),
    kept=st.floats(0.3, 1.0),
)
def test_the_frame_of_a_street_is_named_and_never_another(
    street, frame, declared, is_swapped, noise_m, kept
):
    drawn = _noisy(street[: max(4, int(kept * len(street)))], noise_m, seed=1)
    file = geometries_from_storage(drawn, target_frame=frame)
    if is_swapped:
        file = shapely.transform(file, lambda at: at[:, ::-1])
    best = (evidence := frame_evidence(file, street, declared=declared)).best
    assert best is not None
    assert best.is_swapped == is_swapped
    known = {best.frame, *evidence.alike}
    assert frame in {"EPSG:4490" if each == "EPSG:4326" else each for each in known}


@settings(max_examples=examples(8), deadline=None)
@given(street=_streets(), seed=st.integers(0, 10_000), frame=st.sampled_from(_DEGREES))
def test_borders_that_are_all_new_never_speak_for_a_wrong_frame(street, seed, frame):
    """Silent, or right: the outer borders of two drawings of one place may well meet."""
    west, south, east, north = shapely.total_bounds(street)
    other = grid_of(
        5,
        4,
        seed=20_000 + seed,
        size=((east - west) / 5, (north - south) / 4),
        origin=(west, south),
    )
    file = geometries_from_storage(other, target_frame=frame)
    evidence = frame_evidence(file, street, declared="EPSG:4490")
    assert evidence.best is None or frame in {evidence.best.frame, *evidence.alike}


@settings(max_examples=examples(8), deadline=None)
@given(
    cell=_CELL_DEG,
    seed=st.integers(0, 10_000),
    lon=st.floats(-120.0, 60.0),
    lat=st.floats(-50.0, 60.0),
    declared=st.sampled_from(_DEGREES),
)
def test_where_gcj02_moves_nothing_no_frame_is_contradicted(cell, seed, lon, lat, declared):
    street = grid_of(5, 4, seed=seed, size=(cell, cell), origin=(lon, lat))
    assert not frame_evidence(street, street, declared=declared).is_contradicting


@settings(max_examples=examples(40), deadline=None)
@given(
    lon=_LAND_LON,
    lat=_LAND_LAT,
    seed=st.integers(0, 10_000),
    side_deg=st.floats(0.02, 0.3),
    beyond=st.floats(0.0, 1.0),
    frame=st.sampled_from(_DEGREES),
)
def test_points_in_their_own_frame_raise_no_warning(lon, lat, seed, side_deg, beyond, frame):
    """Whether they stay inside, or spread to all sides up to twice as far."""
    random = np.random.default_rng(seed)
    spread = side_deg * (1.0 + beyond)
    points = from_storage(
        lon=lon + random.uniform(-spread, spread, 1500),
        lat=lat + random.uniform(-spread, spread, 1500),
        target_frame=frame,
    )
    sample = PlaceSample()
    sample.add(*points)

    def are_outside(x, y):
        return np.maximum(np.abs(x - lon), np.abs(y - lat)) > side_deg

    said = point_evidence(*sample.places(), declared=frame, are_outside=are_outside)
    assert said.frame is None
