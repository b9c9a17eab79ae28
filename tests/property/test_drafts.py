"""Whatever is drawn, undone, published and rebased, drafts are what they were (laws 3 to 5)."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from geo_service.errors import (
    CodeInUse,
    CodeRetired,
    DraftOvertaken,
    EmptyDraft,
    GeoServiceError,
    NothingToUndo,
    RebaseConflict,
    TopologyBroken,
)
from geo_service.layers.redraw.asked.operation import (
    Give,
    Merge,
    MoveJunction,
    Rename,
    Retire,
    Split,
)
from geo_service.layers.topology import check, local_scale
from geo_service.layers.topology.defect import QUESTIONS
from geo_service.services.addresses.lists import PlaceFileOptions
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.services.drafts.states import DraftStates
from geo_service.storage import editions
from tests.databases import remove_databases
from tests.drafting import content, grid, stored
from tests.houses import (
    CALLER,
    SOUTH,
    STEP,
    STREET_LAYERS,
    WEST,
    grid_code,
    open_house,
    publish_street,
)
from tests.integration.test_decisions import kept, report

PICKS = st.integers(0, 1_000)
SPOTS = st.tuples(st.floats(0.01, 3.99), st.floats(0.01, 1.99))
SHIFTS = st.floats(-0.4, 0.4)
ASKED = PublicationAsked(
    "随机调整", approval={"authority": "区政府", "document": "1号", "date": "2026-11-20"}
)
MOST_DRAFTS = 3
PROFILE = STREET_LAYERS + "usual_area_m2 = [7000, 13000]\n"


def asked(state):
    """Return what a state asks, whatever corner its outlines begin at."""
    return [
        (
            each.kind,
            each.layer,
            each.codes,
            each.buildings,
            each.amount and round(each.amount, 3),
            tuple(round(share, 6) for share in each.shares),
        )
        for each in state.findings
        if each.kind in QUESTIONS
    ]


class Drafting(RuleBasedStateMachine):
    """Planners at work in one house; ``ways`` are what each draft held from its first step on."""

    @initialize()
    def begin_house(self):
        self.folder = TemporaryDirectory()
        (Path(self.folder.name) / "own.toml").write_text(PROFILE, encoding="utf-8")
        self.open()
        publish_street(self.house)
        self.put_buildings()
        self.editions = [stored(self.house, 1)]
        self.ways, self.at, self.bases, self.issues, self.count = {}, {}, {}, {}, 0
        self.begin_draft()

    def teardown(self):
        if hasattr(self, "folder"):
            self.house.close()
            remove_databases([Path(self.folder.name)])
            self.folder.cleanup()

    @precondition(lambda self: len(self.ways) < MOST_DRAFTS)
    @rule()
    def begin_draft(self):
        draft = self.house.drafts.begin(CALLER, "试改").id
        self.ways[draft], self.at[draft] = [self.editions[-1]], 0
        self.bases[draft] = len(self.editions)

    @precondition(lambda self: len(self.issues) < 6)
    @rule(spot=SPOTS)
    def report(self, spot):
        place = (WEST + spot[0] * STEP, SOUTH + spot[1] * STEP)
        self.issues[report(self.house, str(len(self.issues)), at=place)] = place

    @rule(which=PICKS, area=PICKS, angle=st.floats(0, 3.1), keeps=st.booleans())
    def split(self, which, area, angle, keeps):
        draft, code, outline = self.chosen(which, area)
        middle = shapely.get_coordinates(shapely.point_on_surface(outline))[0]
        way = np.array([np.cos(angle), np.sin(angle)]) * STEP * 9
        line = tuple(map(tuple, (middle - way, middle + way)))
        codes = (self.code(), self.code())
        if keeps:
            keep = tuple(middle + np.array([-way[1], way[0]]) / 1000)
            self.draw(draft, Split(grid(code), line, codes[:1], keep))
        else:
            self.draw(draft, Split(grid(code), line, codes, names={codes[0]: "新"}))

    @rule(which=PICKS, area=PICKS, other=PICKS, is_new=st.booleans())
    def merge(self, which, area, other, is_new):
        draft, code, outline = self.chosen(which, area)
        near = [c for c, o in self.grids(draft) if c != code and o.touches(outline)]
        if near:
            taken = near[other % len(near)]
            into = self.code() if is_new else code
            self.draw(draft, Merge((grid(code), grid(taken)), into))

    @rule(which=PICKS, area=PICKS, node=PICKS, x=SHIFTS, y=SHIFTS)
    def move_junction(self, which, area, node, x, y):
        draft, code, outline = self.chosen(which, area)
        places = shapely.get_coordinates(outline)
        place = places[node % len(places)]
        to = (place[0] + x * STEP, place[1] + y * STEP)
        self.draw(draft, MoveJunction(grid(code), tuple(place), to))

    @rule(which=PICKS, area=PICKS, other=PICKS, radius=st.floats(0.05, 0.6))
    def give(self, which, area, other, radius):
        draft, code, outline = self.chosen(which, area)
        near = [(c, o) for c, o in self.grids(draft) if c != code and o.touches(outline)]
        if near:
            to, shape = near[other % len(near)]
            middle = shapely.intersection(outline, shape).centroid
            circle = middle.buffer(radius * STEP, quad_segs=3).exterior.coords
            self.draw(draft, Give(grid(code), grid(to), tuple(circle)[:-1]))

    @rule(which=PICKS, area=PICKS)
    def retire(self, which, area):
        draft, code, _ = self.chosen(which, area)
        if len(self.grids(draft)) > 1:  # an area is chosen in every step
            self.draw(draft, Retire(grid(code)))

    @rule(which=PICKS, area=PICKS, reuses=st.booleans())
    def recode(self, which, area, reuses):
        draft, code, _ = self.chosen(which, area)
        ever = sorted({key[1] for one in self.editions for key in one if key[0] == "grid"})
        new = ever[area % len(ever)] if reuses else self.code()
        own = {key for one in self.ways[draft] for key in one} | {("grid", c) for c in ever}
        refusal = self.draw(draft, Rename(grid(code), code=new))
        if new != code:  # a code that was ever given in an edition is not given to another area
            is_known = ("grid", new) in own
            assert isinstance(refusal, CodeInUse | CodeRetired) == is_known

    @rule(which=PICKS)
    def undo(self, which):
        draft = self.draft(which)
        try:
            self.house.drafts.undo(CALLER, draft)
        except NothingToUndo:
            assert self.at[draft] == 0
        else:
            self.at[draft] -= 1

    @rule(which=PICKS)
    def redo(self, which):
        draft = self.draft(which)
        try:
            self.house.drafts.redo(CALLER, draft)
        except NothingToUndo:
            assert self.at[draft] == len(self.ways[draft]) - 1
        else:
            self.at[draft] += 1

    @rule()
    def restart(self):
        self.house.close()
        self.open()

    @rule(which=PICKS)
    def publish(self, which):
        draft = self.draft(which)
        mine = self.ways[draft][self.at[draft]]
        try:
            edition = self.house.draft_publications.publish(CALLER, draft, ASKED)
        except (EmptyDraft, TopologyBroken, DraftOvertaken) as refusal:
            event(f"publish: {type(refusal).__name__}")
            self.assert_refused_rightly(draft, mine, refusal)
            return
        event("publish: done")
        self.editions.append(stored(self.house, edition.number))
        assert self.editions[-1] == mine
        again = self.house.draft_publications.publish(CALLER, draft, ASKED)
        assert again.number == edition.number == len(self.editions)
        for known in (self.ways, self.at, self.bases):
            known.pop(draft)
        if not self.ways:
            self.begin_draft()

    @rule(which=PICKS)
    def rebase(self, which):
        draft = self.draft(which)
        base, newest = self.editions[self.bases[draft] - 1], self.editions[-1]
        theirs = editions.changed_keys(base, newest)
        way = self.ways[draft]
        mine = {
            key for before, after in pairwise(way) for key in editions.changed_keys(before, after)
        }
        try:
            self.house.draft_publications.rebase(CALLER, draft)
        except RebaseConflict as refusal:
            event("rebase: conflict")
            self.assert_conflict(refusal, theirs & mine)
            return
        assert not theirs & mine
        event(f"rebase: {bool(theirs)}")
        self.bases[draft] = len(self.editions)
        moved = {key: newest.get(key) for key in theirs}
        for i, one in enumerate(way):
            both = {**one, **moved}
            way[i] = {key: row for key, row in both.items() if row is not None}

    @invariant()
    def drafts_are_what_they_were(self):
        for draft, way in getattr(self, "ways", {}).items():
            assert content(self.house, draft) == way[self.at[draft]]

    @invariant()
    def what_is_asked_is_what_a_fresh_look_asks(self):
        for draft in getattr(self, "ways", {}):
            step = self.house.drafts.state(CALLER, draft)
            with self.house.workspace.database.read() as connection:
                fresh = DraftStates(self.house.workspace)
                state = fresh.of(connection, step.draft.row, step.draft.steps)
            assert asked(step.state) == asked(state)

    @invariant()
    def open_issues_are_where_they_lie(self):
        for issue, place in getattr(self, "issues", {}).items():
            newest = editions.boundaries_of(self.editions[-1])["grid"]
            holds = shapely.intersects_xy(newest.geometries, *place)
            owner = min(c for c, is_in in zip(newest.codes, holds, strict=True) if is_in)
            assert kept(self.house, issue)[1] == owner

    def open(self):
        folder = Path(self.folder.name)
        self.house = open_house(folder, profile=str(folder / "own.toml"))

    def put_buildings(self):
        """Put 24 houses into the street, every third listed in the wrong grid."""
        random = np.random.default_rng(5)
        corners = random.uniform((0, 0), (3.9, 1.9), (24, 2)) * STEP + (WEST, SOUTH)
        shapes = shapely.box(*corners.T, *(corners + STEP / 8).T)
        self.house.figures.replace_references(
            CALLER, "building", names=[""] * len(shapes), geometries=shapes
        )
        codes = [grid_code(column, row) for row in range(2) for column in range(4)]
        lines = ["地址,经度,纬度,网格编码"]
        for i, (lon, lat) in enumerate((corners + STEP / 16).tolist()):
            cell = int((lat - SOUTH) / STEP) * 4 + int((lon - WEST) / STEP)
            code = codes[i % 8] if i % 3 == 0 else grid_code(cell % 4, cell // 4)
            lines.append(f"桂香路{i + 1}号,{lon!r},{lat!r},{code}")
        path = Path(self.folder.name) / "list.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.house.place_lists.import_file(CALLER, path, PlaceFileOptions(frame="EPSG:4490"))

    def assert_conflict(self, refusal, both):
        """What was done and undone by another step is named too, though nothing is left of it."""
        assert {f"{layer}/{code}" for layer, code in both} <= set(refusal.areas)
        assert refusal.areas

    def assert_refused_rightly(self, draft, mine, refusal):
        base = self.editions[self.bases[draft] - 1]
        if isinstance(refusal, DraftOvertaken):
            assert self.bases[draft] != len(self.editions)
        elif isinstance(refusal, EmptyDraft):
            assert mine == base
        else:
            boundaries = editions.boundaries_of(mine)
            scale = local_scale(boundaries["grid"].geometries, is_degrees=True)
            assert check(boundaries, self.house.workspace.layers, metres_per_unit=scale)

    def draw(self, draft, operation):
        """Do an operation in a draft; return why it was refused, None where it was done."""
        try:
            self.house.drafts.perform(CALLER, draft, operation)
        except GeoServiceError as refusal:
            event(f"{operation.kind}: {type(refusal).__name__}")
            return refusal
        event(f"{operation.kind}: done")
        at = self.at[draft] + 1
        self.ways[draft][at:] = [content(self.house, draft)]
        self.at[draft] = at
        return None

    def draft(self, which):
        return sorted(self.ways)[which % len(self.ways)]

    def grids(self, draft):
        areas = editions.boundaries_of(self.ways[draft][self.at[draft]])["grid"]
        return list(zip(areas.codes, areas.geometries, strict=True))

    def chosen(self, which, area):
        draft = self.draft(which)
        grids = self.grids(draft)
        return draft, *grids[area % len(grids)]

    def code(self):
        self.count += 1
        return f"N{self.count:03d}"


TestDrafting = Drafting.TestCase
TestDrafting.settings = settings(max_examples=15, stateful_step_count=20)
