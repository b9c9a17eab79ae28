"""The check of what changed says what the whole check says, also of what is wrong."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from geo_service.layers.arcs import extract
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.arcs.part_index import part_index
from geo_service.layers.redraw import first_clash
from geo_service.layers.topology import check
from tests.redrawing import cities

BROKEN = {"overlap", "invalid_geometry", "duplicate_geometry", "unmatched_node", "empty_geometry"}


def laid(coverage, number, places):
    """Lay an arc elsewhere without asking whether it may lie there."""
    edit = Edit(coverage)
    edit.set_places(number, np.array(places, dtype=float))
    return edit.finish()


def is_broken(coverage, layers):
    """Return what the house's own whole check says of the areas alone."""
    found = check(coverage.area_sets(), layers, metres_per_unit=coverage.scale)
    return bool({defect.kind for defect in found} & BROKEN)


@given(cities(), st.data())
def test_the_check_of_a_moved_arc_agrees_with_the_check_of_everything(city, data):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    cell = 100 / coverage.scale[1]
    for _ in range(5):
        number = data.draw(st.sampled_from(sorted(coverage.arcs)))
        arc = coverage.arcs[number]
        random = np.random.default_rng(data.draw(st.integers(0, 10_000)))
        size = data.draw(st.sampled_from([0.01, 0.1, 0.5, 2])) * cell
        count = data.draw(st.integers(1, 4))
        middle = random.uniform(
            arc.places.min(axis=0) - size, arc.places.max(axis=0) + size, (count, 2)
        )
        moved, change = laid(coverage, number, [arc.places[0], *middle, arc.places[-1]])
        part, whole = first_clash(moved, change), first_clash(moved)
        assert (part is None) == (whole is None)
        if is_broken(moved, layers):
            assert whole is not None
        if part is None:
            coverage = moved


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_the_index_of_parts_knows_who_is_near_after_any_changes(seed, rounds):
    random = np.random.default_rng(seed)
    shapes = {i: squares_at(random) for i in range(600)}
    outlines = np.array(list(shapes.values()), dtype=object)
    index = part_index(outlines, np.arange(600))
    for _ in range(rounds):
        some = random.choice(700, 60, replace=False).tolist()
        changes = {i: squares_at(random) if random.random() < 0.7 else None for i in some}
        index = index.with_changes(changes)
        shapes = {i: s for i, s in {**shapes, **changes}.items() if s is not None}
        boxes = shapely.bounds([squares_at(random), squares_at(random)])
        parts, owners = index.meeting(boxes)
        asked = shapely.box(*boxes.T)
        expected = {
            (i, shapely.to_wkb(part))
            for i, shape in shapes.items()
            for part in shapely.get_parts(shape)
            if shapely.intersects(asked, part).any()
        }
        assert set(zip(owners.tolist(), shapely.to_wkb(parts).tolist(), strict=True)) == expected


def squares_at(random):
    """Return two squares somewhere, sides whole numbers so that many touch."""
    corners = random.integers(0, 100, (2, 2))
    return shapely.MultiPolygon([box(x, y, x + 3, y + 3) for x, y in corners.tolist()])
