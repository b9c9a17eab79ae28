"""The chain of a family: as if every layer were asked by brute force, the deepest first."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.layers.area import area_set
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from tests.coverages import PLACES, hard_points, holders, lattice_of, triangles_of

CHAIN = ["street", "community", "grid"]
LAYERS = Layers(
    tuple(
        Layer(name, name, name, parent=parent)
        for name, parent in zip(CHAIN, [None, *CHAIN], strict=False)
    )
)
FIELDS = 12
"""Triangles on the ground: three columns, two rows, two each."""


def united(layer, triangles, owner_of, parent_of):
    """Return areas by the triangles that each has; those without any stand empty."""
    shapes = [
        shapely.coverage_union_all(triangles[np.array(owner_of) == i])
        if i in owner_of
        else shapely.Polygon()
        for i in range(len(parent_of))
    ]
    codes = [f"{layer}{i}" for i in range(len(shapes))]
    parents = None
    if layer != "street":
        above = CHAIN[CHAIN.index(layer) - 1]
        parents = [None if parent < 0 else f"{above}{parent}" for parent in parent_of]
    return area_set(layer, codes=codes, geometries=shapes, parents=parents)


@st.composite
def families(draw, *, places=PLACES):
    """Draw three layers on one ground: most parents are their children's union, some are not.

    Triangles without a grid may still have a community, grids may have no parent or a parent that
    lies elsewhere, parents no children. With the layers comes where the ground was placed.
    """
    place = draw(places)
    triangles = triangles_of(place(lattice_of(3, 2)))

    def some(highest, count):
        return draw(st.lists(st.integers(-1, highest), min_size=count, max_size=count))

    grid_of, community_of_grid, street_of_community = (
        some(5, FIELDS),
        some(3, 6),
        some(1, 4),
    )
    layers, owner_of = {}, grid_of
    layers["grid"] = united("grid", triangles, grid_of, community_of_grid)
    for layer, up, above in (
        ("community", community_of_grid, street_of_community),
        ("street", street_of_community, [-1, -1]),
    ):
        stray = some(len(above) - 1, FIELDS)
        tiled = [up[owner] if owner >= 0 else -1 for owner in owner_of]
        keeps = draw(st.booleans())
        owner_of = [
            own if keeps or own >= 0 else other for own, other in zip(tiled, stray, strict=True)
        ]
        layers[layer] = united(layer, triangles, owner_of, above)
    return layers, place


def by_brute_force(layers, x, y):
    """Return depth, position and whether several areas meet, by fractions."""
    for depth in reversed(range(len(CHAIN))):
        shapes = layers[CHAIN[depth]].geometries
        drawn = [i for i, shape in enumerate(shapes) if not shape.is_empty]
        found = [drawn[i] for i in holders([shapes[i] for i in drawn], x, y)]
        if found:
            return depth, found[0], len(found) > 1
    return -1, -1, False


@given(families(), st.integers(0, 2**32 - 1))
def test_the_deepest_layer_that_covers_a_point_decides(family, seed):
    layers, _ = family
    locator = Locator(LAYERS, layers)
    shapes = [s for areas in layers.values() for s in areas.geometries if not s.is_empty]
    if not shapes:
        return
    points = np.concatenate(list(hard_points(shapes, seed=seed).values()))
    points = points[np.random.default_rng(seed).permutation(len(points))[:80]]
    expected = [by_brute_force(layers, x, y) for x, y in points]
    found = locator.owners("grid", lon=points[:, 0], lat=points[:, 1])
    assert list(zip(found.level, found.position, found.is_shared, strict=True)) == expected
    chains = np.column_stack(locator.positions_at("grid", found)).tolist()
    assert [locator.chain_at("grid", lon=x, lat=y) for x, y in points.tolist()] == chains


@given(families())
def test_a_locator_opened_from_its_sections_answers_alike(family):
    layers, place = family
    built = Locator(LAYERS, layers)
    opened = Locator(LAYERS, layers, sections={**built.sections})
    points = place(lattice_of(6, 4) / 2).reshape(-1, 2)
    for x, y in points.tolist():
        assert opened.chain_at("grid", lon=x, lat=y) == built.chain_at("grid", lon=x, lat=y)
