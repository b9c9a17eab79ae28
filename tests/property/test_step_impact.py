"""What is told around each step, laid over what was told before, is what is told of all of it."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely
from hypothesis import event, given, settings
from hypothesis import strategies as st

from geo_service.errors import GeoServiceError, NothingToUndo
from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw.asked.operation import Give, Merge, MoveJunction, Rename, Split
from geo_service.services.impact.look import ImpactOptions
from geo_service.storage import editions
from geo_service.storage.figures import Figure
from tests.databases import kept_copy, put_copy
from tests.drafting import begin, content, grid
from tests.examples import examples
from tests.houses import CALLER, LONG_AGO_S, STEP, Clock, open_house, publish_street
from tests.impacts import report

OPTIONS = ImpactOptions(listed=0)
PICKS = st.integers(0, 1_000)
KINDS = ("split", "merge", "junction", "give", "rename", "undo", "redo", "restart")
steps = st.lists(st.tuples(st.sampled_from(KINDS), PICKS, PICKS), min_size=1, max_size=7)
PLACES = [(x / 3 + 0.1, y / 3 + 0.1) for x in range(12) for y in range(6)]


@cache
def lived_in_house():
    with TemporaryDirectory() as folder:
        house = open_house(Path(folder), clock=Clock())
        publish_street(house)
        report(house, *PLACES)
        with house.workspace.database.read() as connection:
            keys = sorted(editions.read_content(connection, 1))
        told = [
            Figure(layer, code, name, str(17 * number + 5), LONG_AGO_S, "")
            for number, (layer, code) in enumerate(keys)
            for name in ("households", "residents")
            if number % 5  # of some nobody knows
        ]
        house.figures.add(CALLER, told)
        house.close()
        return kept_copy(Path(folder))


@settings(max_examples=examples(25))
@given(steps)
def test_what_is_told_around_each_step_adds_up_to_what_is_told_of_the_draft(drawn):
    with TemporaryDirectory() as folder:
        put_copy(lived_in_house(), Path(folder))
        house = open_house(Path(folder), clock=Clock())
        draft, rows = begin(house), {}
        for number, (kind, pick, other) in enumerate(drawn):
            if kind == "restart":
                house.close()
                house = open_house(Path(folder), clock=Clock())
                continue
            step = done(house, draft, kind, (pick, other, number))
            if step is None:
                continue
            near = house.draft_impact.around(CALLER, step, OPTIONS)
            rows = {key: row for key, row in rows.items() if key not in near.about}
            rows |= rows_of(near.impact)
            house.workspace.forget_locators()  # the whole is counted on ground of its own
            whole = house.draft_impact.impact(CALLER, draft, OPTIONS)
            event(f"{len(rows_of(near.impact))} of {len(rows)} rows")
            assert rows == rows_of(whole)
            balances = balances_of(whole)
            assert {key: balances[key] for key in balances_of(near.impact)} == balances_of(
                near.impact
            )
        house.close()


def rows_of(impact):
    return {(layer.layer, area.code): area for layer in impact.layers for area in layer.areas}


def balances_of(impact):
    return {
        (layer.layer, each.parent, each.measure): each
        for layer in impact.layers
        for each in layer.balances
    }


def done(house, draft, kind, picks):
    """Do something that picks say in a draft; None where it cannot be done."""
    try:
        if kind in {"undo", "redo"}:
            return getattr(house.drafts, kind)(CALLER, draft)
        return house.drafts.perform(CALLER, draft, operation(house, draft, kind, picks))
    except (GeoServiceError, NothingToUndo):
        return None


def operation(house, draft, kind, picks):
    pick, other, number = picks
    areas = editions.boundaries_of(content(house, draft))["grid"]
    at = pick % len(areas)
    code, outline = areas.codes[at], areas.geometries[at]
    beside = [i for i, each in enumerate(areas.geometries) if i != at and each.touches(outline)]
    near = beside[other % len(beside)]
    key, to = grid(code), grid(areas.codes[near])
    if kind == "rename":
        return Rename(key, name=f"名{number}")
    if kind == "merge":
        return Merge((key, to), code)
    if kind == "junction":
        places = shapely.get_coordinates(outline)
        place = places[other % len(places)]
        shift = (np.array([other % 7, pick % 5]) - 2) / 40 * STEP
        return MoveJunction(key, tuple(place), tuple(place + shift))
    middle = shapely.get_coordinates(shapely.point_on_surface(outline))[0]
    if kind == "split":
        way = np.array([np.cos(other), np.sin(other)]) * STEP * 9
        line = tuple(map(tuple, (middle - way, middle + way)))
        return Split(AreaKey("grid", code), line, (f"N{number}a", f"N{number}b"))
    shared = shapely.intersection(outline, areas.geometries[near]).centroid
    circle = shared.buffer((0.1 + other % 4 / 10) * STEP, quad_segs=3).exterior.coords
    return Give(key, to, tuple(circle)[:-1])
