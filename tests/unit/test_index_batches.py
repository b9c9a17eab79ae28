"""Neither the size of a batch nor its memory nor who else asks changes an answer."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely

from geo_service.layers.index import compiling, coverage_index
from geo_service.layers.index.cells import opened
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from tests.coverages import areas_in, hard_points
from tests.shapes import grid_of

BLOCK, CUT = 4096, 65_536
SIZES = [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 1, CUT - 1, CUT, CUT + 1]
SIZES += [2 * CUT - 1, 2 * CUT, 2 * CUT + 1, 3 * CUT + 7]


@pytest.fixture(scope="module")
def cells():
    return grid_of(5, 4, size=(0.01, 0.01), origin=(116.3, 39.9))


@pytest.fixture(scope="module")
def index(cells):
    return coverage_index(areas_in(cells), "grid", range(len(cells)))


@pytest.fixture(scope="module")
def points(cells):
    """Hard points over and over; a tenth of them lie outside or are no places at all."""
    points = np.concatenate(list(hard_points(cells).values()))
    points = np.resize(np.random.default_rng(0).permutation(points), (max(SIZES), 2))
    points[::50] = np.nan
    return points


@pytest.fixture(scope="module")
def expected(index, points):
    return np.array([index.owner(lon=x, lat=y) for x, y in points[: BLOCK + 1].tolist()])


def columns(found):
    return np.column_stack([found.position, found.is_shared])


@pytest.mark.parametrize("size", SIZES)
def test_a_batch_of_any_size_is_its_points_one_by_one(index, points, size):
    lon, lat = points[:size].T
    whole = index.owners(lon=lon, lat=lat)
    cuts = [slice(start, start + 1000) for start in range(0, size, 1000)]
    parts = [columns(index.owners(lon=lon[cut], lat=lat[cut])) for cut in cuts]
    np.testing.assert_array_equal(columns(whole), np.concatenate([np.empty((0, 2)), *parts]))
    assert whole.without_owner == np.count_nonzero(whole.position < 0)


def test_one_point_and_many_are_answered_alike(index, points, expected):
    lon, lat = points[: len(expected)].T
    np.testing.assert_array_equal(columns(index.owners(lon=lon, lat=lat)), expected)


MEMORIES = {
    "a view with strides": lambda values: np.repeat(values, 3)[::3],
    "backwards in memory": lambda values: values[::-1].copy()[::-1],
    "a column of a table": lambda values: np.column_stack([values, values])[:, 1],
    "read-only": lambda values: np.frombuffer(values.tobytes()),
    "the other byte order": lambda values: values.astype(values.dtype.newbyteorder()),
    "objects": lambda values: values.astype(object),
    "a list": lambda values: values.tolist(),
}


@pytest.mark.parametrize("name", MEMORIES)
def test_how_coordinates_lie_in_memory_changes_nothing(index, points, expected, name):
    lon, lat = (MEMORIES[name](values) for values in points[: len(expected)].T.copy())
    np.testing.assert_array_equal(columns(index.owners(lon=lon, lat=lat)), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.int32])
def test_coordinates_of_another_type_count_as_what_they_are_in_double_precision(
    index, points, dtype
):
    given = np.nan_to_num(points[:1000]).astype(dtype)
    exact = given.astype(np.float64)
    np.testing.assert_array_equal(
        columns(index.owners(lon=given[:, 0], lat=given[:, 1])),
        columns(index.owners(lon=exact[:, 0], lat=exact[:, 1])),
    )


def test_an_index_opened_from_read_only_memory_answers_alike(index, points, expected, tmp_path):
    index.words.tofile(tmp_path / "words")
    mapped = type(index)(np.memmap(tmp_path / "words", dtype=np.int64, mode="r"))
    lon, lat = points[: len(expected)].T
    np.testing.assert_array_equal(columns(mapped.owners(lon=lon, lat=lat)), expected)
    assert mapped.owner(lon=116.32, lat=39.92) == index.owner(lon=116.32, lat=39.92)
    assert mapped.holding(lon=116.32, lat=39.92) == index.holding(lon=116.32, lat=39.92)


def test_eight_callers_at_once_are_answered_as_one(cells, points):
    layers = Layers((Layer("street", "街道", "street"), Layer("grid", "网格", "grid", "street")))
    boundaries = {
        "street": areas_in([shapely.coverage_union_all(cells)], "street"),
        "grid": areas_in(cells[:-3]),
    }
    locator = Locator(layers, boundaries)
    lon, lat = points.T
    alone = locator.owners("grid", lon=lon, lat=lat)

    def ask(caller):
        shift = caller * 1000
        found = locator.owners("grid", lon=np.roll(lon, shift), lat=np.roll(lat, shift))
        chains = [
            locator.chain_at("grid", lon=x, lat=y) for x, y in points[shift : shift + 200].tolist()
        ]
        return [
            np.roll(each, -shift) for each in (found.level, found.position, found.is_shared)
        ], chains

    chains = np.column_stack(locator.positions_at("grid", alone))
    with ThreadPoolExecutor(8) as callers:
        for caller, (found, at) in enumerate(callers.map(ask, range(8))):
            for each, one in zip(
                found, (alone.level, alone.position, alone.is_shared), strict=True
            ):
                np.testing.assert_array_equal(each, one)
            assert at == chains[caller * 1000 : caller * 1000 + 200].tolist()


def test_callers_who_ask_first_at_the_same_time_share_one_index(cells):
    layers = Layers((Layer("grid", "网格", "grid"),))
    locator = Locator(layers, {"grid": areas_in(cells)})
    with ThreadPoolExecutor(8) as callers:
        found = list(
            callers.map(lambda _: locator.chain_at("grid", lon=116.32, lat=39.92), range(8))
        )
    assert found == [found[0]] * 8


def test_columns_of_different_length_are_refused_before_a_kernel_reads_past_one(index):
    with pytest.raises(ValueError, match="2 longitudes and 1 latitudes"):
        index.owners(lon=np.zeros(2), lat=np.zeros(1))


@pytest.mark.parametrize("degrees", [1e-5, 1e-3, 0.04])
def test_from_outside_the_nearest_edge_is_found_however_far_off(degrees):
    shapes = [shapely.box(0, 0, 0.01, 0.01), shapely.box(0.002, 0.01, 0.004, 0.02)]
    index = coverage_index(areas_in(shapes), "grid", range(2))
    for lon, lat, foot in (
        (-degrees, 0.005, (0, 0.005)),
        (0.01 + degrees, 0.005, (0.01, 0.005)),
        (0.003, 0.02 + degrees, (0.003, 0.02)),
        (0.01 + degrees, -degrees, (0.01, 0)),
    ):
        rows = index.edges_near(lon=lon, lat=lat, reach_m=9e3)
        nearest = rows[rows[:, 4] <= rows[:, 4].min() + 1e-6]
        assert {tuple(row) for row in nearest[:, :2].round(12).tolist()} == {foot}


@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 20_000])
def test_the_nearest_edges_of_many_points_do_not_depend_on_threads(index, points, size):
    lon, lat = points[np.isfinite(points).all(axis=1)][:size].T
    point, rows = index.edges_near_each(lon=lon, lat=lat, reach_m=500.0)
    cuts = [slice(start, start + 3000) for start in range(0, size, 3000)]
    parts = [index.edges_near_each(lon=lon[cut], lat=lat[cut], reach_m=500.0) for cut in cuts]
    alone = [part[0] + cut.start for part, cut in zip(parts, cuts, strict=True)]
    assert point.tolist() == np.concatenate([[], *alone]).tolist()
    np.testing.assert_array_equal(rows, np.concatenate([rows[:0], *(part[1] for part in parts)]))


def test_an_index_has_the_same_bits_however_many_threads_build_it(monkeypatch):
    areas = areas_in(grid_of(60, 60, size=(0.001, 0.001), origin=(116.3, 39.9)))
    built = {}
    for cores in (1, 2, 3, 7):
        monkeypatch.setattr(compiling, "_CORES", cores)
        built[cores] = coverage_index(areas, "grid", range(len(areas))).words
    assert lattice_rows(built[1]) >= 3 * compiling._ROWS_PER_THREAD, "else one thread did it all"
    assert all(np.array_equal(words, built[1]) for words in built.values())


def lattice_rows(words):
    return int(opened(words).lattice.rows)
