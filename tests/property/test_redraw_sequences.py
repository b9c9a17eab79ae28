"""Any sequence of operations, with undo, leaves a sound coverage (law 3)."""

import inspect

import numpy as np
import pytest
import shapely
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from geo_service.errors import GeoServiceError
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.arcs.edit import Change
from geo_service.layers.redraw import (
    Building,
    Known,
    Redrawn,
    add,
    annex,
    cut_along,
    fixes_for,
    followed,
    give,
    give_gap,
    lists_of,
    merge,
    move_buildings,
    move_junction,
    pieces_along,
    pieces_of,
    questions,
    questions_after,
    rename,
    reparent,
    reshape,
    retire,
    review,
    review_change,
    split,
    split_by_children,
    swap,
    with_lists,
)
from geo_service.layers.redraw.merges import neighbors
from geo_service.services.drafts.kept.states import result_of
from tests.houses_to_ask_about import asking_in, with_building_lists
from tests.redrawing import assert_sound, bits, cities, ground

PICKS = st.integers(0, 10_000)
SHARES = st.floats(-1, 1)
ANGLES = st.floats(0, 6.28)


def told(question):
    """Return what a question is about; more buildings may be moved together among all areas."""
    is_together = question.kind == "building_outside"
    return question.kind, question.layer, question.codes, not is_together and question.buildings


class Redrawing(RuleBasedStateMachine):
    """A planner at work; ``way`` are coverages from the first to the present one."""

    @initialize(city=cities())
    def begin(self, city):
        boundaries, self.layers, is_degrees = city
        (coverage,) = extract(boundaries, self.layers, is_degrees=is_degrees)
        self.way = [coverage]
        self.bits = [bits(coverage)]
        self.reviews = [review(coverage)]
        self.touched = [frozenset()]
        self.count = 0
        self.cell = 1.0 / coverage.scale[1] * 100
        self.asking = asking_in(coverage, self.cell)
        coverage = with_building_lists(coverage, self.asking.buildings)
        self.way = [coverage]
        self.questions = [questions(coverage, self.asking, [])]

    @property
    def now(self):
        return self.way[-1]

    def code(self):
        self.count += 1
        return f"999N{self.count:04d}"

    def pick(self, number, layer=None):
        wanted = layer or self.leaves(number)
        every = sorted(self.now.numbers)
        keys = [key for key in every if key.layer == wanted] or every
        return keys[number % len(keys)]

    def leaves(self, number):
        leaves = [layer for layer in self.now.above if not self.now.layers_below(layer)]
        return leaves[number % len(leaves)]

    def neighbor(self, key, number):
        found = sorted(neighbors(self.now, self.now.number_of(key)))
        return self.now.areas[found[number % len(found)]].key if found else key

    def around(self, place, radius_m, sides=7):
        angles = np.linspace(0, 2 * np.pi, sides, endpoint=False)
        circle = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius_m
        return np.array(place) + circle / np.array(self.now.scale)

    def step(self, operation, *, conserves=None):
        """Do an operation, or be refused. The layers named keep their ground; all without."""
        before = self.now
        try:
            redrawn = followed(before, operation(before), self.asking.buildings)
        except GeoServiceError as refusal:
            event(f"{inspect.stack()[1].function}: {type(refusal).__name__}")
            return
        event(f"{inspect.stack()[1].function}: done")
        after = redrawn.coverage
        for layer in before.above if conserves is None else conserves:
            assert ground(after, layer) == pytest.approx(ground(before, layer), rel=1e-9)
        self.assert_change_is_all(before, redrawn)
        self.way.append(after)
        self.bits.append(bits(after))
        self.reviews.append(review_change(self.reviews[-1], before, redrawn))
        own = [AreaKey(*key) for key in result_of(before, redrawn).touched]
        self.touched.append(self.touched[-1].union(own))
        self.questions.append(questions_after(self.questions[-1], before, redrawn, own))

    def conserved(self, arcs):
        """Return the layers with an area on both sides of each arc, or in or outside of one."""
        sides = [(self.now.arcs[n].left, self.now.arcs[n].right) for n in arcs]
        return [
            layer
            for layer in self.now.above
            if all(
                self.count_in(layer, left) == self.count_in(layer, right) for left, right in sides
            )
        ]

    def count_in(self, layer, owners):
        return sum(self.now.areas[owner].key.layer == layer for owner in owners)

    def assert_change_is_all(self, before, redrawn):
        after, change = redrawn
        touched = set(change.touched)
        for number, area in after.areas.items():
            if number not in touched:
                assert area.outline is before.areas[number].outline
        gone = set(before.areas) - set(after.areas)
        assert gone == set(change.left)
        assert set(change.entered) == set(after.areas) - set(before.areas)
        assert set(change.arcs_left) == set(before.arcs) - set(after.arcs)
        for number, arc in after.arcs.items():
            if number not in change.arcs:
                assert arc.places is before.arcs[number].places

    @rule(which=PICKS, angle=ANGLES, shift=SHARES, bend=SHARES, keeps=st.booleans())
    def split_by_a_line(self, which, angle, shift, bend, keeps):
        key = self.pick(which)
        outline = self.now.area(key).outline
        middle = shapely.get_coordinates(shapely.point_on_surface(outline))[0]
        way = np.array([np.cos(angle), np.sin(angle)]) * self.cell * 4
        side = np.array([-way[1], way[0]]) / 40
        line = np.array([middle - way, middle + side * bend, middle + way]) + side * shift
        try:
            pieces = pieces_of(self.now, key, line)
        except GeoServiceError:
            pieces = [outline, outline]
        keep = shapely.get_coordinates(shapely.point_on_surface(pieces[0]))[0].tolist()
        codes = [self.code() for _ in pieces[1 if keeps else 0 :]]
        self.step(lambda c: split(c, key, line, codes, keep=tuple(keep) if keeps else None))

    @rule(which=PICKS, seed=PICKS, count=st.integers(1, 4))
    def cut_along_roads(self, which, seed, count):
        key = self.pick(which)
        west, south, east, north = self.now.area(key).outline.bounds
        random = np.random.default_rng(seed)
        ends = random.uniform(-0.3, 1.3, (count, 2, 2)) * (east - west, north - south)
        roads = shapely.linestrings(ends + np.array([west, south]))
        try:
            codes = [self.code() for _ in pieces_along(self.now, key, roads)]
        except GeoServiceError:
            codes = []
        self.step(lambda c: cut_along(c, key, roads, codes))

    @rule(which=PICKS, place=PICKS, radius_m=st.floats(1, 60))
    def cut_out_by_a_ring(self, which, place, radius_m):
        key = self.pick(which)
        places = shapely.get_coordinates(self.now.area(key).outline)
        ring = self.around(places[place % len(places)], radius_m)
        self.step(lambda c: split(c, key, np.vstack([ring, ring[:1]]), [self.code(), self.code()]))

    @rule(which=PICKS, other=PICKS, level=PICKS, survives=st.booleans())
    def merge_neighbors(self, which, other, level, survives):
        layers = list(self.now.above)
        key = self.pick(which, layers[level % len(layers)])
        code = key.code if survives else self.code()
        self.step(lambda c: merge(c, [key, self.neighbor(key, other)], code))

    @rule(which=PICKS, arc=PICKS, seed=PICKS, size=st.floats(0.01, 0.2))
    def reshape_an_arc(self, which, arc, seed, size):
        chain = self.now.area(self.pick(which)).chain
        number = abs(chain[arc % len(chain)])
        places = self.now.arcs[number].places.copy()
        random = np.random.default_rng(seed)
        places[1:-1] += random.uniform(-size, size, places[1:-1].shape) * self.cell
        self.step(lambda c: reshape(c, number, places), conserves=self.conserved([number]))

    @rule(which=PICKS, share=st.floats(0, 1), arc=PICKS, angle=ANGLES)
    def straighten_a_border(self, which, share, arc, angle):
        chain = self.now.area(self.pick(which)).chain
        number = abs(chain[arc % len(chain)])
        places = self.now.arcs[number].places[[0, -1]]
        middle = places.mean(axis=0) + share * 0.1 * self.cell * np.array(
            [np.cos(angle), np.sin(angle)]
        )
        line = np.array([places[0], middle, places[1]])
        self.step(lambda c: reshape(c, number, line), conserves=self.conserved([number]))

    @rule(which=PICKS, angle=ANGLES, share=st.floats(0, 0.5))
    def move_a_junction(self, which, angle, share):
        places = sorted(self.now.arcs_at)
        place = places[which % len(places)]
        move = np.array([np.cos(angle), np.sin(angle)]) * share * self.cell
        to = tuple((np.array(place) + move).tolist())
        arcs = self.now.arcs_at[place]
        self.step(lambda c: move_junction(c, place, to), conserves=self.conserved(arcs))

    @rule(which=PICKS, other=PICKS, place=PICKS, radius_m=st.floats(1, 80))
    def give_a_part(self, which, other, place, radius_m):
        key = self.pick(which)
        places = shapely.get_coordinates(self.now.area(key).outline)
        ring = self.around(places[place % len(places)], radius_m)
        to = self.neighbor(key, other)
        self.step(lambda c: give(c, key, to, ring), conserves=[key.layer])

    @rule(which=PICKS, other=PICKS, seed=PICKS, count=st.integers(1, 3))
    def move_buildings_to_a_neighbor(self, which, other, seed, count):
        key = self.pick(which)
        to, outline = self.neighbor(key, other), self.now.area(key).outline
        west, south, east, north = outline.bounds
        spots = np.random.default_rng(seed).uniform((west, south), (east, north), (40, 2))
        spots = [spot for spot in shapely.points(spots) if outline.intersects(spot)]
        spots.sort(key=self.now.area(to).outline.distance)
        houses = [Building(str(i), spot) for i, spot in enumerate(spots)]
        moved = [house.name for house in houses[:count]]
        self.step(lambda c: move_buildings(c, key, to, houses, moved), conserves=[key.layer])

    @rule(which=PICKS, other=PICKS, place=PICKS, radius_m=st.floats(1, 30))
    def swap_parts(self, which, other, place, radius_m):
        key = self.pick(which)
        to = self.neighbor(key, other)
        one, two = (shapely.get_coordinates(self.now.area(k).outline) for k in (key, to))
        rings = [self.around(p[place % len(p)], radius_m) for p in (one, two)]
        self.step(lambda c: swap(c, (key, rings[0]), (to, rings[1])), conserves=[key.layer])

    @rule(which=PICKS, other=PICKS)
    def put_under_another_parent(self, which, other):
        key = self.pick(which)
        layer = self.now.above[key.layer]
        if layer is not None:
            above = self.pick(other, layer)
            self.step(lambda c: reparent(c, key, above), conserves=[key.layer])

    @rule(which=PICKS, count=st.integers(1, 3))
    def split_a_parent(self, which, count):
        key = self.pick(which, "community")
        children = self.now.children.get(self.now.number_of(key), ())
        below = sorted(self.now.areas[child].key for child in children)
        self.step(lambda c: split_by_children(c, key, {self.code(): below[:count]}))

    @rule(which=PICKS, recodes=st.booleans())
    def rename_an_area(self, which, recodes):
        key = self.pick(which)
        code = self.code() if recodes else None
        self.step(lambda c: rename(c, key, name="示例", code=code))

    @precondition(lambda self: len(self.now.areas) > 1)
    @rule(which=PICKS, leaves_union=st.booleans())
    def retire_an_area(self, which, leaves_union):
        key = self.pick(which)
        self.step(lambda c: retire(c, key, leaves_union=leaves_union), conserves=[])

    @precondition(lambda self: self.reviews[-1].findings)
    @rule(which=PICKS, other=PICKS)
    def fix_a_finding(self, which, other):
        findings = self.reviews[-1].findings
        finding = findings[which % len(findings)]
        fixes = fixes_for(self.now, finding)
        event(f"fixes of {finding.kind}: {'some' if fixes else 'none'}")
        if fixes:
            fix, before = fixes[other % len(fixes)], self.now
            self.step(fix.apply, conserves=[])
            assert not fix.steps or (
                self.now is not before and finding not in self.reviews[-1].findings
            )

    @precondition(lambda self: self.questions[-1].findings(self.now))
    @rule(which=PICKS, other=PICKS)
    def fix_what_is_asked(self, which, other):
        asked = self.questions[-1].findings(self.now)
        question = asked[which % len(asked)]
        buildings = self.asking.buildings
        known = Known(buildings=buildings.of(range(len(buildings))), every=buildings)
        fixes = fixes_for(self.now, question, known)
        event(f"fixes of {question.kind}: {'some' if fixes else 'none'}")
        if fixes:
            fix, before = fixes[other % len(fixes)], self.now
            self.step(fix.apply, conserves=[question.layer])
            assert self.now is not before
            assert question not in self.questions[-1].findings(self.now)

    @rule(which=PICKS, seed=PICKS)
    def list_other_buildings(self, which, seed):
        chosen = np.random.default_rng(seed).integers(0, 30, 3).tolist()
        names = [self.asking.buildings.names[i] for i in chosen]
        words = tuple(dict.fromkeys(filter(None, names))) if seed % 4 else None
        key = self.pick(which, "grid")
        self.step(lambda c: with_lists(Redrawn(c, Change()), {key: words}))

    @precondition(lambda self: self.reviews[-1].findings)
    @rule(which=PICKS, taker=PICKS)
    def give_a_gap(self, which, taker):
        findings = [d for d in self.reviews[-1].findings if d.kind in ("gap", "hole")]
        if findings:
            gap = findings[which % len(findings)]
            self.step(lambda c: give_gap(c, (gap.x, gap.y), self.pick(taker)), conserves=[])

    @precondition(lambda self: self.reviews[-1].findings)
    @rule(which=PICKS, radius_m=st.floats(1, 200))
    def add_an_area_in_a_gap(self, which, radius_m):
        gaps = [d for d in self.reviews[-1].findings if d.kind == "gap"]
        if gaps:
            gap = gaps[which % len(gaps)]
            key = AreaKey(gap.layer, self.code())
            above = AreaKey(self.now.above[gap.layer], gap.codes[0])
            ring = self.around((gap.x, gap.y), radius_m)
            self.step(lambda c: add(c, key, ring, parent=above), conserves=[])

    @rule(which=PICKS, place=PICKS, radius_m=st.floats(1, 150))
    def add_a_street_outside(self, which, place, radius_m):
        places = shapely.get_coordinates(self.now.area(self.pick(which)).outline)
        ring = self.around(places[place % len(places)], radius_m)
        self.step(lambda c: add(c, AreaKey("street", self.code()), ring), conserves=[])

    @rule(which=PICKS, place=PICKS, radius_m=st.floats(1, 150))
    def annex_ground_outside(self, which, place, radius_m):
        key = self.pick(which)
        places = shapely.get_coordinates(self.now.area(key).outline)
        ring = self.around(places[place % len(places)], radius_m)
        self.step(lambda c: annex(c, key, ring), conserves=[])

    @precondition(lambda self: len(self.way) > 1)
    @rule(count=st.integers(1, 3))
    def undo(self, count):
        kept = max(1, len(self.way) - count)
        del self.way[kept:], self.bits[kept:], self.reviews[kept:]
        del self.touched[kept:], self.questions[kept:]
        assert bits(self.now) == self.bits[-1]

    @invariant()
    def everything_holds(self):
        assert_sound(self.now, self.layers)
        assert self.reviews[-1].findings == review(self.now).findings
        asked = self.questions[-1].findings(self.now)
        fresh = questions(self.now, self.asking, self.touched[-1]).findings(self.now)
        assert asked == fresh
        lists = self.questions[-1].lists
        assert dict(lists.meant) == dict(lists_of(self.now, self.asking.buildings).meant)
        every = questions(self.now, self.asking, None).findings(self.now)
        assert {told(each) for each in asked} <= {told(each) for each in every}


TestAnySequenceOfOperations = Redrawing.TestCase
TestAnySequenceOfOperations.settings = settings(
    max_examples=max(10, settings.default.max_examples // 8), stateful_step_count=20, deadline=None
)
