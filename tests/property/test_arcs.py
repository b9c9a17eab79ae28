"""Laws of arcs: nothing is lost on the way there and back, and they are a plane graph."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from geo_service.layers.arcs import extract
from geo_service.layers.arcs.rings import faces_of, outline_of
from geo_service.layers.topology import check, compare_outlines
from tests.coverages import coverages
from tests.redrawing import cities
from tests.shapes import METRES, ONE_LAYER, THREE_LAYERS, one_layer


@st.composite
def mosaics(draw):
    """Return the coverage of one layer with holes, islands, several parts and corner touches."""
    shapes = draw(coverages())
    assume(shapes)
    boundaries = one_layer(*shapes)
    found = check(boundaries, ONE_LAYER, metres_per_unit=METRES)
    assume({defect.kind for defect in found} <= {"hole"})
    (coverage,) = extract(boundaries, ONE_LAYER, is_degrees=False)
    return coverage


def assembled(coverage, number):
    return outline_of(faces_of(coverage.areas[number].chain, coverage.arcs.__getitem__))


def assert_comes_back(coverage):
    """Bits of all vertices, rings and parts; where a ring starts and how it turns is one way."""
    for number, area in coverage.areas.items():
        outline = assembled(coverage, number)
        before, after = (shapely.normalize(shape) for shape in (area.outline, outline))
        assert shapely.equals_identical(before, shapely.normalize(after))
        assert shapely.to_wkb(assembled(coverage, number)) == shapely.to_wkb(outline)
        assert all(part.exterior.is_ccw for part in shapely.get_parts(outline))
        assert all(not r.is_ccw for part in shapely.get_parts(outline) for r in part.interiors)


@given(mosaics())
def test_areas_come_back_from_their_arcs_bit_for_bit(coverage):
    assert_comes_back(coverage)


@given(cities())
def test_areas_of_every_level_come_back_from_their_arcs_bit_for_bit(city):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    assert_comes_back(coverage)


def assert_two_sides(coverage):
    """In each layer an arc has one owner at most on each side, and never the same on both."""
    chains = {number: area.chain for number, area in coverage.areas.items()}
    for number, arc in coverage.arcs.items():
        assert arc.owners()
        for side in (arc.left, arc.right):
            layers = [coverage.areas[owner].key.layer for owner in side]
            assert len(set(layers)) == len(layers)
        assert not set(arc.left) & set(arc.right)
        assert all(number in chains[owner] for owner in arc.left)
        assert all(-number in chains[owner] for owner in arc.right)
    ways = sum(len(chain) for chain in chains.values())
    assert ways == sum(len(arc.owners()) for arc in coverage.arcs.values())


@given(mosaics())
def test_every_arc_has_two_sides_that_its_owners_know(coverage):
    assert_two_sides(coverage)


@given(cities())
def test_every_arc_has_two_sides_on_every_level(city):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    assert_two_sides(coverage)


def components(coverage):
    """Return how many pieces the arcs form, by the places where they meet."""
    found = {place: place for place in coverage.arcs_at}

    def root(place):
        while found[place] != place:
            place = found[place]
        return place

    for arc in coverage.arcs.values():
        found[root(arc.tail)] = root(arc.head)
    return len({root(place) for place in found})


@given(st.one_of(mosaics(), cities().map(lambda city: extract(*city[:2], is_degrees=city[2])[0])))
def test_arcs_obey_the_formula_of_euler_with_the_faces_that_geos_finds(coverage):
    """V - E + F = 1 + C, the unbounded face included."""
    lines = [shapely.LineString(arc.places) for arc in coverage.arcs.values()]
    faces = shapely.get_parts(shapely.polygonize(lines))
    vertices, edges = len(coverage.arcs_at), len(coverage.arcs)
    assert vertices - edges + len(faces) + 1 == 1 + components(coverage)
    every = [step for number in coverage.arcs for step in (number, -number)]
    ours = np.array([f.polygon for f in faces_of(every, coverage.arcs.__getitem__)], dtype=object)
    normal = (sorted(shapely.to_wkb(shapely.normalize(some)).tolist()) for some in (ours, faces))
    assert next(normal) == next(normal)


@given(cities())
def test_junctions_are_where_other_than_two_straight_pieces_meet(city):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    pieces = set()
    for areas in boundaries.values():
        for ring in shapely.get_rings(shapely.get_parts(areas.geometries)):
            places = [tuple(place) for place in shapely.get_coordinates(ring).tolist()]
            pieces |= {frozenset(pair) for pair in itertools.pairwise(places)}
    ends = [place for piece in pieces for place in piece]
    expected = {place for place in ends if ends.count(place) != 2}
    assert {place for place, arcs in coverage.arcs_at.items() if len(set(arcs)) > 1} == expected


@given(cities())
def test_parents_are_the_unions_of_their_children_by_arcs_and_by_geos(city):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    assert coverage.untiled == frozenset()
    for number, children in coverage.children.items():
        by_layer = {coverage.areas[child].key.layer for child in children}
        for layer in by_layer:
            some = coverage.outlines(coverage.children_in(number, layer))
            union = np.array([shapely.union_all(some)], dtype=object)
            parent = np.array([assembled(coverage, number)], dtype=object)
            assert compare_outlines(parent, union).tolist() == ["same"]


@pytest.mark.parametrize("count", [1, 2])
def test_the_order_of_areas_in_a_layer_does_not_matter(count):
    from tests.shapes import three_levels

    boundaries = three_levels(count, 2, 2)
    (one,) = extract(boundaries, THREE_LAYERS, is_degrees=False)
    (other,) = extract(dict(reversed(boundaries.items())), THREE_LAYERS, is_degrees=False)
    for key, number in one.numbers.items():
        pair = assembled(one, number), assembled(other, other.numbers[key])
        assert shapely.equals_identical(*pair)
