"""The demo streets: printed counts, borders shared bit for bit, figures that sum, stated ranges."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
import shapely

from geo_service.demo.city import City, Plan, found
from geo_service.demo.land.blocks import Land, cut_into_blocks
from geo_service.demo.land.naming import Level
from geo_service.demo.places import district, n_street, x_street
from geo_service.errors import LimitExceeded

STREETS = {"x-street": x_street, "n-street": n_street, "district": district}
VILLAGE = Plan(
    title="示例村",
    levels=(Level("community", 2, None, 3, "{stem}社区", "places"),),
    land=Land(width_m=300, height_m=260, block_m2=9000),
    origin=(118.5, 33.6),
    prefix="999",
    first=900,
    households=300,
)


@pytest.fixture(scope="module", params=STREETS)
def city(request) -> City:
    return STREETS[request.param]()


def directed_edges(geometries) -> Counter:
    """Return how often each directed edge occurs, an edge as the bytes of its two points."""
    points, ring = shapely.get_coordinates(geometries, return_index=True)
    inside = ring[1:] == ring[:-1]
    edges = np.hstack([points[:-1], points[1:]])[inside]
    return Counter(edge.tobytes() for edge in edges)


def without_shared(edges: Counter) -> Counter:
    """Return the edges whose reverse does not occur: the outline of the union."""
    half = len(next(iter(edges))) // 2
    return Counter({e: n for e, n in edges.items() if e[half:] + e[:half] not in edges})


def figures_of(city: City, figure: str) -> dict[str, dict[str, int | str]]:
    found_figures = defaultdict(dict)
    for row in city.figures:
        if row.figure == figure:
            found_figures[row.layer][row.code] = row.value
    return found_figures


@pytest.mark.parametrize(
    ("make", "counts"),
    [
        (x_street, {"street": 1, "subarea": 5, "community": 29, "micro_grid": 155}),
        (n_street, {"street": 1, "community": 10, "estate": 48, "grid": 122}),
        (district, {"district": 1, "street": 5, "community": 29, "grid": 155}),
    ],
)
def test_every_level_has_the_printed_number_of_areas(make, counts):
    city = make()
    assert {layer: len(areas) for layer, areas in city.boundaries.items()} == counts
    assert city.leaf_layer == list(counts)[-1]


def test_areas_are_valid_polygons_without_holes(city):
    for areas in city.boundaries.values():
        assert (shapely.get_type_id(areas.geometries) == shapely.GeometryType.POLYGON).all()
        assert shapely.is_valid(areas.geometries).all()
        assert not shapely.get_num_interior_rings(areas.geometries).any()
        assert shapely.is_ccw(shapely.get_exterior_ring(areas.geometries)).all()


def test_each_level_is_a_valid_coverage_in_one_piece(city):
    for areas in city.boundaries.values():
        assert shapely.coverage_is_valid(areas.geometries)
        whole = shapely.coverage_union_all(areas.geometries)
        assert whole.geom_type == "Polygon"
        assert not whole.interiors


def test_the_edges_of_children_cancel_to_exactly_the_edges_of_their_parent(city):
    layers = list(city.boundaries.values())
    for above, below in pairwise(layers):
        parents = np.array(below.parents)
        for code, outline in zip(above.codes, above.geometries, strict=True):
            children = directed_edges(below.geometries[parents == code])
            assert without_shared(children) == directed_edges([outline])


def test_no_edge_of_a_level_runs_twice_in_one_direction(city):
    for areas in city.boundaries.values():
        assert set(directed_edges(areas.geometries).values()) == {1}


def test_codes_start_with_999_follow_their_parents_and_are_never_used_twice(city):
    layers = list(city.boundaries.values())
    codes = [code for areas in layers for code in areas.codes]
    assert len(set(codes)) == len(codes)
    assert all(code.isdigit() and code.startswith("999") for code in codes)
    for above, below in pairwise(layers):
        assert set(below.parents) == set(above.codes)
    assert layers[0].parents == (None,)


def test_codes_of_different_places_do_not_meet():
    codes = [
        code for make in STREETS.values() for areas in make().boundaries.values()
        for code in areas.codes
    ]  # fmt: skip
    assert len(set(codes)) == len(codes)


def test_names_are_told_apart_within_a_street():
    for make in (x_street, n_street):
        for areas in make().boundaries.values():
            assert len(set(areas.names)) == len(areas)


def test_buildings_stand_wholly_inside_their_grid_and_never_overlap(city):
    areas = city.boundaries[city.leaf_layer]
    owners = [areas.position_by_code[code] for code in city.buildings.grids]
    shapes = city.buildings.geometries
    assert shapely.contains_properly(areas.geometries[owners], shapes).all()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (first == second).all()


def test_buildings_keep_off_the_roads(city):
    main = [kind == "main" for kind in city.roads.kinds]
    tree = shapely.STRtree(city.roads.geometries[main])
    _, distance = tree.query_nearest(city.buildings.geometries, return_distance=True)
    # 15 m north, or a little more in degrees east: half of a main road and its pavement
    assert distance.min() > 15 / 111_320


def test_buildings_know_their_community_and_have_ids_of_their_own(city):
    communities = city.boundaries["community"]
    middles = shapely.centroid(city.buildings.geometries)
    owners = [communities.position_by_code[code] for code in city.buildings.communities]
    assert shapely.contains(communities.geometries[owners], middles).all()
    assert len(set(city.buildings.ids)) == len(city.buildings.ids)
    assert len(set(city.buildings.names)) == len(city.buildings.names)


def test_households_of_buildings_sum_to_those_of_their_grids(city):
    counted = Counter()
    pairs = zip(city.buildings.grids, city.buildings.households.tolist(), strict=True)
    for grid, households in pairs:
        counted[grid] += households
    stated = figures_of(city, "households")[city.leaf_layer]
    assert {code: counted[code] for code in stated} == stated


@pytest.mark.parametrize("figure", ["residents", "households"])
def test_counts_of_children_sum_to_their_parent(city, figure):
    figures = figures_of(city, figure)
    layers = list(city.boundaries.items())
    for (above, _), (below, areas) in pairwise(layers):
        sums = Counter()
        for code, parent in zip(areas.codes, areas.parents, strict=True):
            sums[parent] += figures[below][code]
        assert dict(sums) == figures[above]


def test_the_residents_of_n_street_are_the_printed_ones():
    # 68,000 registered and 35,000 migrant residents (2018-11)
    assert figures_of(n_street(), "residents")["street"] == {"999002001": 103_000}


def test_every_area_of_every_level_has_each_figure_with_date_and_source(city):
    codes = {(layer, code) for layer, areas in city.boundaries.items() for code in areas.codes}
    for figure in ("residents", "households", "community_type"):
        rows = [row for row in city.figures if row.figure == figure]
        assert {(row.layer, row.code) for row in rows} == codes
        assert len(rows) == len(codes)
    assert all("虚构" in row.source and isinstance(row.valid_from, date) for row in city.figures)


def test_community_types_are_words_of_the_domain_and_several_occur(city):
    types = set(figures_of(city, "community_type")[city.leaf_layer].values())
    assert types <= {"老旧", "商品房", "单位型", "产业型", "城中村", "混合"}
    assert len(types) >= 4


def test_roads_are_valid_lines_of_known_kinds_and_one_is_a_river(city):
    assert shapely.is_valid(city.roads.geometries).all()
    assert set(city.roads.kinds) == {"main", "side", "river"}
    assert city.roads.kinds.count("river") >= 1
    assert all(city.roads.names)


def test_only_bridges_cross_the_river():
    city = x_street()
    is_river = np.array([kind == "river" for kind in city.roads.kinds])
    river = shapely.union_all(city.roads.geometries[is_river])
    reaching = city.roads.geometries[~is_river][
        shapely.intersects(city.roads.geometries[~is_river], river)
    ]
    names = np.array(city.roads.names)[~is_river][
        shapely.intersects(city.roads.geometries[~is_river], river)
    ]
    outline = shapely.boundary(city.boundaries["street"].geometries[0])
    ends = Counter(names)
    for name, line in zip(names, reaching, strict=True):
        is_on_outline = shapely.hausdorff_distance(line, outline) < 0.03 and line.intersects(
            outline
        )
        assert ends[name] >= 2 or is_on_outline


@pytest.mark.parametrize("seed", [2024, 1, 2, 3])
def test_a_street_keeps_the_stated_ranges(seed):
    city = x_street(seed=seed)
    areas = city.boundaries["micro_grid"].geometries
    points = shapely.get_num_coordinates(areas)
    assert 100 <= points.mean() <= 145
    households = np.array(list(figures_of(city, "households")["micro_grid"].values()))
    assert ((households >= 300) & (households <= 500)).mean() >= 0.65
    # one degree is about 111.3 km north and 92.7 km east at 33.6° north
    area_km2 = shapely.area(areas).sum() * 111.0 * 92.8
    assert 4 <= area_km2 <= 6.2


@pytest.mark.parametrize("seed", [2024, 1, 2, 3])
def test_blocks_and_junctions_keep_the_stated_ranges(seed):
    land = Land(width_m=2650, height_m=2350, block_m2=9000, notches=2)
    blocks = cut_into_blocks(land, rng=np.random.default_rng(seed))
    area_m2 = shapely.area(shapely.polygons(blocks.node_xy[blocks.corners]))
    low, middle, high = np.quantile(area_m2, [0.1, 0.5, 0.9])
    assert 3_300 <= low <= 4_600
    assert 6_700 <= middle <= 8_300
    assert 12_500 <= high <= 16_500
    degree = np.bincount(blocks.edge_nodes.ravel())
    assert 0.7 <= (degree == 3).sum() / np.isin(degree, (3, 4)).sum() <= 0.83
    chord = np.diff(blocks.node_xy[blocks.edge_nodes], axis=1)[:, 0]
    assert np.hypot(chord[:, 0], chord[:, 1]).min() >= 8


def test_a_district_has_about_ten_thousand_border_edges():
    edges = directed_edges(district().boundaries["grid"].geometries)
    half = 2 * 2 * 8 // 2
    distinct = {min(edge, edge[half:] + edge[:half]) for edge in edges}
    assert 9_000 <= len(distinct) <= 11_000


def test_the_same_seed_gives_the_same_bits_and_another_seed_another_street():
    first, again, other = x_street(seed=5), x_street(seed=5), x_street(seed=6)
    for layer, areas in first.boundaries.items():
        same = shapely.to_wkb(again.boundaries[layer].geometries)
        assert (shapely.to_wkb(areas.geometries) == same).all()
        assert areas.names == again.boundaries[layer].names
    assert first.figures == again.figures
    assert first.buildings.names == again.buildings.names
    leaf = other.boundaries["micro_grid"].geometries
    assert (shapely.to_wkb(leaf) != shapely.to_wkb(first.boundaries["micro_grid"].geometries)).all()


def test_coordinates_are_degrees_with_eight_decimals(city):
    for areas in city.boundaries.values():
        points = shapely.get_coordinates(areas.geometries)
        assert (points == np.round(points, 8)).all()
        assert (np.abs(points - [118.55, 33.6]) < 0.2).all()


def test_more_areas_than_blocks_are_refused():
    levels = (replace(VILLAGE.levels[0], count=5_000),)
    with pytest.raises(LimitExceeded) as refused:
        found(replace(VILLAGE, levels=levels), seed=1)
    assert refused.value.requested == 5_000
    assert refused.value.limit < 100


def test_a_plan_without_buildings_has_boundaries_alone():
    village = found(replace(VILLAGE, is_built=False), seed=1)
    assert shapely.coverage_is_valid(village.boundaries["community"].geometries)
    assert not village.buildings.ids
    assert not village.roads.names
    assert not village.figures


def test_a_single_block_is_a_place_too_and_has_no_river():
    levels = (replace(VILLAGE.levels[0], count=1),)
    land = Land(width_m=100, height_m=90, block_m2=20_000)
    block = found(replace(VILLAGE, levels=levels, land=land, households=20), seed=1)
    assert set(block.roads.kinds) == {"main"}
    assert len(block.roads.names) == 4
    assert block.buildings.households.sum() == 20
