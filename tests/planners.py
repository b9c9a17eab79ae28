"""Planners at work in one house, for machines: drafts, every way to draw in them, issues beside.

``start`` says what stands there when they begin. What they draw is of the size of its grids, so
that the same rules work on squares of 100 m and on streets of a real city.
"""

from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from geo_service.errors import CodeInUse, CodeRetired, GeoServiceError, NothingToUndo
from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw.asked.ground import MoveBuildings
from geo_service.layers.redraw.asked.operation import (
    Add,
    Annex,
    Give,
    GiveGap,
    Merge,
    MoveJunction,
    Rename,
    Reparent,
    Reshape,
    Retire,
    Split,
    SplitByChildren,
    Swap,
)
from geo_service.layers.redraw.buildings.cells import Building
from geo_service.services.drafts.offers.proposals import FixAsked
from geo_service.storage import editions
from tests.databases import put_copy, remove_databases
from tests.drafting import content, grid, stored
from tests.houses import CALLER, LONG_AGO_S, NOW_S, Clock, open_house
from tests.integration.test_decisions import report
from tests.known_editions import KnownEditions, Published
from tests.starting_contents import house_of_squares

PICKS = st.integers(0, 1_000)
SHARES = st.floats(0.01, 0.99)
SHIFTS = st.floats(-0.4, 0.4)
RADII = st.floats(0.05, 0.6)
"""In sizes of a grid."""
MOST_DRAFTS, MOST_ISSUES = 3, 6
RARER_WAYS = (
    "reshape",
    "swap",
    "move_buildings",
    "split_a_community",
    "reparent",
    "retire",
    "annex",
    "add_in_place_of",
    "give_a_gap",
    "fix",
)
"""Ways to draw that share one rule: machines try some rules a time, and seldom many of them."""


class Planners(RuleBasedStateMachine):
    """``ways`` are what each draft held from its first step on, ``at`` where in it it stands."""

    start = staticmethod(house_of_squares)
    profile = None
    """The text of a profile of its own, where it needs one."""

    @initialize()
    def begin_house(self):
        self.folder, self.clock = TemporaryDirectory(), Clock()
        put_copy(self.start(), Path(self.folder.name))
        self.house = self.opened()
        self.editions = KnownEditions(self.clock, is_whole=self.is_whole)
        self.editions.known.append(Published(1, NOW_S, LONG_AGO_S, stored(self.house, 1)))
        self.ways, self.at, self.bases, self.issues, self.count = {}, {}, {}, {}, 0
        self.furnish()
        self.begin_draft(0)

    def furnish(self):
        """Put in what else stands there when they begin."""

    def opened(self):
        folder, profile = Path(self.folder.name), "generic"
        if self.profile:
            own = folder / "own.toml"
            own.write_text(self.profile, encoding="utf-8")
            profile = str(own)
        return open_house(folder, profile=profile, clock=self.clock)

    def teardown(self):
        if hasattr(self, "house"):
            self.house.close()
            remove_databases([Path(self.folder.name)])
            self.folder.cleanup()

    @cached_property
    def size(self):
        """The side of a usual grid, in degrees."""
        grids = editions.boundaries_of(self.editions.known[0].content)["grid"]
        return float(np.sqrt(np.median(shapely.area(grids.geometries))))

    @cached_property
    def bounds(self):
        grids = editions.boundaries_of(self.editions.known[0].content)["grid"]
        return np.array(shapely.total_bounds(grids.geometries)).reshape(2, 2)

    @precondition(lambda self: len(self.ways) < MOST_DRAFTS)
    @rule(hours=st.sampled_from([0, 0, -1, 2]))
    def begin_draft(self, hours):
        as_of_s = self.clock.now_s + hours * 3600
        draft = self.house.drafts.begin(CALLER, "试改", as_of_s=as_of_s).id
        base = self.editions.governing(as_of_s)
        self.ways[draft], self.at[draft] = [base.content], 0
        self.bases[draft] = base.number

    @precondition(lambda self: len(self.issues) < MOST_ISSUES)
    @rule(x=SHARES, y=SHARES)
    def report(self, x, y):
        (west, south), (east, north) = self.bounds
        place = (west + x * (east - west), south + y * (north - south))
        self.issues[report(self.house, str(len(self.issues)), at=place)] = place

    @rule(
        which=PICKS, area=PICKS, angle=st.floats(0, 3.1), keeps=st.booleans(), copies=st.booleans()
    )
    def split(self, which, area, angle, keeps, copies):
        draft, code, outline = self.chosen(which, area)
        middle = shapely.get_coordinates(shapely.point_on_surface(outline))[0]
        way = np.array([np.cos(angle), np.sin(angle)]) * self.size * 9
        line = tuple(map(tuple, (middle - way, middle + way)))
        codes = (self.code(), self.code(draft if copies else None))
        if keeps:
            keep = tuple(middle + np.array([-way[1], way[0]]) / 1000)
            self.draw(draft, Split(grid(code), line, codes[1:], keep))
        else:
            self.draw(draft, Split(grid(code), line, codes, names={codes[0]: "新"}))

    @rule(which=PICKS, area=PICKS, other=PICKS, is_new=st.booleans())
    def merge(self, which, area, other, is_new):
        draft, code, outline = self.chosen(which, area)
        near = self.near(draft, code, outline)
        if near:
            taken = near[other % len(near)][0]
            into = self.code() if is_new else code
            self.draw(draft, Merge((grid(code), grid(taken)), into))

    @rule(which=PICKS, area=PICKS, node=PICKS, x=SHIFTS, y=SHIFTS)
    def move_junction(self, which, area, node, x, y):
        draft, code, _ = self.chosen(which, area)
        ends = [b.places[0] for b in self.borders(draft, code) if not b.is_closed]
        if ends:
            place = ends[node % len(ends)]
            to = (place[0] + x * self.size, place[1] + y * self.size)
            self.draw(draft, MoveJunction(grid(code), tuple(place.tolist()), to))

    @rule(which=PICKS, area=PICKS, other=PICKS, radius=RADII)
    def give(self, which, area, other, radius):
        draft, code, outline = self.chosen(which, area)
        near = self.near(draft, code, outline)
        if near:
            to, shape = near[other % len(near)]
            middle = shapely.intersection(outline, shape).centroid
            self.draw(draft, Give(grid(code), grid(to), self.circle(middle, radius)))

    @rule(way=st.sampled_from(RARER_WAYS), which=PICKS, area=PICKS, other=PICKS, share=RADII)
    def draw_in_another_way(self, way, which, area, other, share):
        getattr(self, way)(*self.chosen(which, area), other, share)

    def reshape(self, draft, code, _outline, border, bend):
        found = self.borders(draft, code)
        chosen = found[border % len(found)]
        start, end = chosen.places[0], chosen.places[-1]
        side = np.array([start[1] - end[1], end[0] - start[0]])
        line = np.array([start, (start + end) / 2 + side * (bend - 0.3), end])
        self.draw(draft, Reshape(grid(code), chosen.name, tuple(map(tuple, line.tolist()))))

    def swap(self, draft, code, outline, other, radius):
        near = self.near(draft, code, outline)
        if near:
            to, shape = near[other % len(near)]
            ends = shapely.points(shapely.get_coordinates(shapely.intersection(outline, shape)))
            one, two = (self.circle(end, radius / 2) for end in ends[[0, -1]])
            self.draw(draft, Swap(grid(code), one, grid(to), two))

    def move_buildings(self, draft, code, outline, other, _share):
        near = self.near(draft, code, outline)
        if near:
            to, shape = near[other % len(near)]
            west, south, east, north = outline.bounds
            spots = np.random.default_rng(other).uniform((west, south), (east, north), (20, 2))
            spots = [spot for spot in shapely.points(spots) if outline.intersects(spot)]
            houses = tuple(Building(str(i), spot) for i, spot in enumerate(spots))
            nearest = sorted(houses, key=lambda house: shape.distance(house.ground))[:2]
            moved = tuple(house.name for house in nearest)
            self.draw(draft, MoveBuildings(grid(code), grid(to), houses, moved))

    def split_a_community(self, draft, code, _outline, count, _share):
        above = self.parent(draft, code)
        below = [c for c, _ in self.grids(draft) if self.parent(draft, c) == above]
        moved = tuple(grid(c) for c in below[: 1 + count % 2])
        self.draw(draft, SplitByChildren(AreaKey("community", above), {self.code(): moved}))

    def reparent(self, draft, code, outline, other, _share):
        near = self.near(draft, code, outline)
        if near:
            to = self.parent(draft, near[other % len(near)][0])
            self.draw(draft, Reparent(grid(code), AreaKey("community", to)))

    def retire(self, draft, code, _outline, _other, _share):
        if len(self.grids(draft)) > 1:  # an area is chosen in every step
            self.draw(draft, Retire(grid(code)))

    def annex(self, draft, code, outline, _other, radius):
        """Go beyond the border of the district, where the outermost node stands on it."""
        places = shapely.get_coordinates(outline)
        outermost = np.argmax(np.abs(places - self.bounds.mean(axis=0)).max(axis=1))
        drawn = self.circle(shapely.Point(places[outermost]), radius)
        self.draw(draft, Annex(grid(code), drawn))

    def add_in_place_of(self, draft, code, outline, _other, _share):
        """Leave an area's ground to nobody, and give it to a new one."""
        if len(self.grids(draft)) > 1:
            above = AreaKey("community", self.parent(draft, code))
            self.draw(draft, Retire(grid(code)))
            drawn = tuple(outline.envelope.exterior.coords)[:-1]
            self.draw(draft, Add(grid(self.code()), drawn, above, name="新"))

    def give_a_gap(self, draft, code, outline, other, _share):
        """Leave an area's ground to nobody, and give it to a neighbor."""
        near = self.near(draft, code, outline)
        if near:
            self.draw(draft, Retire(grid(code)))
            found = self.house.drafts.state(CALLER, draft).state.findings
            gap = next((each for each in found if each.kind == "gap"), None)
            if gap is not None:
                to = grid(near[other % len(near)][0])
                self.draw(draft, GiveGap(to, (gap.x, gap.y)))

    def fix(self, draft, _code, _outline, number, share):
        step = self.house.drafts.state(CALLER, draft)
        findings = step.state.findings
        if findings:
            chosen, seen = int(share * len(findings)), step.draft.row.revision
            offers = self.house.draft_proposals
            fixes = offers.fixes(CALLER, draft, chosen, seen=seen)
            done = [i for i, each in enumerate(fixes) if each.steps]
            if done:
                at = done[number % len(done)]
                asked = FixAsked(chosen, at)
                self.do(draft, "fix", lambda: offers.fix(CALLER, draft, asked, seen=seen))

    @rule(which=PICKS, area=PICKS, reuses=st.booleans())
    def recode(self, which, area, reuses):
        draft, code, _ = self.chosen(which, area)
        ever = sorted({key[1] for key in self.keys_ever() if key[0] == "grid"})
        new = ever[area % len(ever)] if reuses else self.code()
        own = {key for one in self.ways[draft] for key in one} | {("grid", c) for c in ever}
        refusal = self.draw(draft, Rename(grid(code), code=new))
        if new != code:  # a code that was ever given in an edition is not given to another area
            is_known = ("grid", new) in own
            assert isinstance(refusal, CodeInUse | CodeRetired) == is_known

    @rule(which=PICKS, is_back=st.booleans())
    def turn(self, which, is_back):
        draft = self.draft(which)
        turn = self.house.drafts.undo if is_back else self.house.drafts.redo
        last = 0 if is_back else len(self.ways[draft]) - 1
        try:
            turn(CALLER, draft)
        except NothingToUndo:
            assert self.at[draft] == last
        else:
            self.at[draft] += -1 if is_back else 1

    @rule()
    def restart(self):
        self.house.close()
        self.house = self.opened()

    def draw(self, draft, operation):
        """Do an operation in a draft; return why it was refused, None where it was done."""
        return self.do(
            draft, operation.kind, lambda: self.house.drafts.perform(CALLER, draft, operation)
        )

    def do(self, draft, kind, act):
        try:
            act()
        except GeoServiceError as refusal:
            event(f"{kind}: {type(refusal).__name__}")
            return refusal
        event(f"{kind}: done")
        at = self.at[draft] + 1
        self.ways[draft][at:] = [content(self.house, draft)]
        self.at[draft] = at
        return None

    def draft(self, which):
        return sorted(self.ways)[which % len(self.ways)]

    def mine(self, draft):
        return self.ways[draft][self.at[draft]]

    def grids(self, draft):
        areas = editions.boundaries_of(self.mine(draft))["grid"]
        return list(zip(areas.codes, areas.geometries, strict=True))

    def chosen(self, which, area):
        draft = self.draft(which)
        grids = self.grids(draft)
        return draft, *grids[area % len(grids)]

    def near(self, draft, code, outline):
        return [(c, o) for c, o in self.grids(draft) if c != code and o.touches(outline)]

    def parent(self, draft, code):
        return self.mine(draft)["grid", code][1]

    def borders(self, draft, code):
        return self.house.drafts.borders(CALLER, draft, [grid(code)])

    def circle(self, middle, radius):
        around = shapely.centroid(middle).buffer(radius * self.size, quad_segs=3)
        return tuple(around.exterior.coords)[:-1]

    def code(self, like_others_than=None):
        """Return a code that no edition has; one that another draft drew, where that is asked."""
        if like_others_than is not None:
            others = (way for draft, way in self.ways.items() if draft != like_others_than)
            drawn = {
                code for way in others for one in way for layer, code in one if layer == "grid"
            }
            found = sorted(drawn - {code for _, code in self.keys_ever()})
            if found:
                return found[0]
        self.count += 1
        return f"N{self.count:03d}"

    def keys_ever(self):
        return {key for each in self.editions.known for key in each.content}
