"""Whatever is drawn, undone, published, taken back and rebased: laws 3 to 5 of the planner.

Drafts are what they were; editions hold what a dictionary of rows says; open issues are where they
lie, and each change of an owner is told once, with the old one and the new one.
"""

from collections import defaultdict
from itertools import pairwise

import shapely
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from geo_service.errors import (
    CodeRetired,
    DraftOvertaken,
    EmptyDraft,
    GeoServiceError,
    InvalidValue,
    PendingConflict,
    RebaseConflict,
    RevertConflict,
    TopologyBroken,
)
from geo_service.governance.event import REASSIGNED
from geo_service.layers.topology import check, compare_outlines, local_scale
from geo_service.services.callers import SCHEDULE
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.services.rollbacks.rollbacks import RollbackOptions
from geo_service.services.verification.verifications import VerificationOptions, VerificationService
from geo_service.services.webhooks.outgoing import OwnersBook
from geo_service.storage import editions, logged_events
from tests.drafting import content, stored
from tests.examples import examples
from tests.houses import CALLER
from tests.known_editions import changed
from tests.planners import PICKS, Planners
from tests.property.test_relocation import HOUR_S, assert_owners_are_fresh
from tests.starting_contents import house_of_repaired_streets

APPROVAL = {"authority": "区政府", "document": "1号", "date": "2026-11-20"}
WHY = RollbackOptions("试", approval=APPROVAL)
WHEN = st.sampled_from([0, 0, 0, 2, 4, -1])
"""Hours from now; what begins in the past is a correction."""


class Drafting(Planners):
    """Planners who publish at once, for later and for the past, and take editions back."""

    def __init__(self):
        super().__init__()
        self.owners, self.moves = {}, []

    @rule(which=PICKS, hours=WHEN, rebases=st.booleans())
    def publish_what_is_whole(self, which, hours, rebases):
        """Go back to where nothing was broken, or make a step, and publish that."""
        draft = self.draft(which)
        while self.at[draft] and not self.is_whole(self.mine(draft)):
            self.turn(sorted(self.ways).index(draft), is_back=True)
        if not self.at[draft]:
            self.merge(sorted(self.ways).index(draft), hours, hours, is_new=rebases)
        self.publish(sorted(self.ways).index(draft), hours, rebases)

    @rule(which=PICKS, hours=WHEN, rebases=st.booleans())
    def publish(self, which, hours, rebases):
        draft, effective_s = self.draft(which), self.clock.now_s + hours * HOUR_S
        if rebases and self.bases[draft] != self.editions.governing(effective_s).number:
            self.rebase_on(draft, effective_s)
        asked = PublicationAsked(
            "随机调整", effective_s, is_correction=hours < 0, approval=APPROVAL
        )
        refusal = self.refusal_of(draft, effective_s, is_correction=hours < 0)
        if refusal is not None:
            self.refused(
                "publish",
                lambda: self.house.draft_publications.publish(CALLER, draft, asked),
                refusal,
            )
            return
        made = self.editions.foresee(self.mine(draft), effective_s)
        edition = self.house.draft_publications.publish(CALLER, draft, asked)
        when = {0: "now"}.get(hours, "later" if hours > 0 else "corrected")
        event(f"publish: {when}, {len(made) - 1} carried along")
        self.note(made, edition.number)
        again = self.house.draft_publications.publish(CALLER, draft, asked)
        assert again.number == edition.number
        for known in (self.ways, self.at, self.bases):
            known.pop(draft)
        if not self.ways:
            self.begin_draft(0)

    @rule(pick=PICKS, restores=st.booleans())
    def take_back(self, pick, restores):
        chosen = self.editions.known[pick % len(self.editions.known)]
        (self.restore if restores else self.revert)(chosen)

    def restore(self, chosen):
        if chosen.content == self.editions.governing(self.clock.now_s).content:
            done = self.house.rollbacks.restore(CALLER, chosen.number, WHY)
            assert (done.is_needed, done.edition) == (False, None)
            return
        made = self.editions.foresee(chosen.content, self.clock.now_s)
        if made is None:
            self.refused("restore", lambda: self.restored(chosen.number), PendingConflict)
            return
        self.note(made, self.restored(chosen.number).edition.number)
        event(f"restore: {len(made) - 1} carried along")

    def revert(self, chosen):
        before = self.editions.preceding(chosen)
        if before is None:
            self.refused("revert", lambda: self.reverted(chosen.number), InvalidValue)
            return
        moment_s = max(self.clock.now_s, chosen.effective_s)
        now = self.editions.governing(moment_s).content
        open_keys = {
            key
            for key in changed(before.content, chosen.content)
            if now.get(key) != before.content.get(key)
        }
        if any(now.get(key) != chosen.content.get(key) for key in open_keys):
            self.revert_what_changed_since(chosen, before.content, now)
            return
        rest = {key: row for key, row in now.items() if key not in open_keys}
        rest |= {key: before.content[key] for key in open_keys if key in before.content}
        made = self.editions.foresee(rest, moment_s)
        if not self.is_whole(rest):
            self.refused("revert", lambda: self.reverted(chosen.number), RevertConflict)
        elif rest == now:
            assert not self.reverted(chosen.number).is_needed
        elif made is None:
            self.refused("revert", lambda: self.reverted(chosen.number), PendingConflict)
        else:
            self.note(made, self.reverted(chosen.number).edition.number)
            event(f"revert: {len(made) - 1} carried along")

    def revert_what_changed_since(self, chosen, before, now):
        """It is refused, or what changed since were nodes: then shapes are those of before."""
        try:
            done = self.reverted(chosen.number)
        except (RevertConflict, PendingConflict) as refusal:
            event(f"revert: {type(refusal).__name__}")
            return
        event(f"revert: among new nodes, {'done' if done.is_needed else 'not needed'}")
        if not done.is_needed:
            return
        found = stored(self.house, done.edition.number)
        given = changed(before, chosen.content)
        assert self.is_whole(found)
        self.assert_shapes({**now, **{key: before.get(key) for key in given}}, found)
        made = self.editions.foresee(found, done.edition.effective_from_s)
        self.note(made, done.edition.number)

    @rule(hours=st.sampled_from([1, 3]))
    def wait(self, hours):
        self.clock.now_s += hours * HOUR_S
        done = self.house.schedule.apply_due_editions(SCHEDULE)
        event(f"wait: {'an edition took effect' if done else 'nothing new'}")

    @rule(which=PICKS, hours=st.sampled_from([0, 0, 2, -1]))
    def rebase(self, which, hours):
        self.rebase_on(self.draft(which), self.clock.now_s + hours * HOUR_S)

    def rebase_on(self, draft, as_of_s):
        base = self.editions.known[self.bases[draft] - 1].content
        target = self.editions.governing(as_of_s)
        theirs, way = changed(base, target.content), self.ways[draft]
        mine = {key for before, after in pairwise(way) for key in changed(before, after)}
        try:
            self.house.draft_publications.rebase(CALLER, draft, as_of_s=as_of_s)
        except RebaseConflict as refusal:
            event("rebase: conflict")
            self.assert_conflict(refusal, theirs & mine)
            return
        assert not theirs & mine
        event(f"rebase: {'on what differs' if theirs else 'on the same'}")
        self.bases[draft] = target.number
        moved = {key: target.content.get(key) for key in theirs}
        for i, one in enumerate(way):
            way[i] = {key: row for key, row in {**one, **moved}.items() if row is not None}

    @invariant()
    def drafts_are_what_they_were(self):
        for draft, way in getattr(self, "ways", {}).items():
            assert content(self.house, draft) == way[self.at[draft]]

    @invariant()
    def open_issues_are_where_they_lie_and_each_change_is_told_once(self):
        if getattr(self, "issues", {}):
            self.assert_issues_are_where_they_lie()
            self.assert_each_change_is_told_once()

    def assert_issues_are_where_they_lie(self):
        assert_owners_are_fresh(self.house)
        governing = self.editions.governing(self.clock.now_s).content
        grids = editions.boundaries_of(governing)["grid"]
        for issue, place in self.issues.items():
            holds = shapely.intersects_xy(grids.geometries, *place)
            covering = [c for c, is_in in zip(grids.codes, holds, strict=True) if is_in]
            owner = self.chain_of(issue)
            if covering:
                assert owner[-1] == min(covering)
                self.assert_chain(governing, owner)
            before = self.owners.setdefault(issue, owner)
            if before != owner:
                self.moves.append((issue, before, owner))
                self.owners[issue] = owner

    def assert_each_change_is_told_once(self):
        with self.house.workspace.database.read() as connection:
            log = logged_events.events_above(connection, 0, most=10_000)
            book = OwnersBook(connection, log)
        told = [(each.issue_id, book.moved(each)) for each in log if each.kind == REASSIGNED]
        moved = [
            (issue, *([area["code"] for area in move[side]] for side in ("before", "after")))
            for issue, move in told
        ]
        # another rule or status of the same owner is told as well
        assert in_turn(each for each in moved if each[1] != each[2]) == in_turn(self.moves)

    def teardown(self):
        try:
            if hasattr(self, "house"):
                self.assert_verified()
        finally:
            super().teardown()

    def assert_verified(self):
        for each in self.editions.known:
            assert stored(self.house, each.number) == each.content
        checks = VerificationService(self.house.workspace)
        found = checks.verify(CALLER, VerificationOptions()).checks
        assert not [each for one in found for each in one.findings if not each.is_warning]

    def refusal_of(self, draft, effective_s, *, is_correction):
        """Return what stands in the way of publishing a draft, by what the machine knows."""
        base, mine = self.editions.known[self.bases[draft] - 1], self.mine(draft)
        now = self.editions.governing(self.clock.now_s)
        new = mine.keys() - base.content.keys()
        reasons = {
            DraftOvertaken: self.editions.governing(effective_s) != base,
            EmptyDraft: mine == base.content,
            TopologyBroken: not self.is_whole(mine),
            CodeRetired: bool(new & self.keys_ever()),
            InvalidValue: effective_s < now.effective_s and not is_correction,
        }
        found = next((error for error, is_so in reasons.items() if is_so), None)
        if found is None and self.editions.foresee(mine, effective_s) is None:
            return PendingConflict
        return found

    def is_whole(self, found):
        boundaries = editions.boundaries_of(found)
        scale = local_scale(boundaries["grid"].geometries, is_degrees=True)
        return not check(boundaries, self.house.workspace.layers, metres_per_unit=scale)

    def note(self, made, first):
        """Take in what was published, and compare it with what was foreseen."""
        self.editions.note(made)
        for each in self.editions.known[first - 1 :]:
            assert stored(self.house, each.number) == each.content
        assert len(self.house.editions.editions(CALLER)) == len(self.editions.known)

    def refused(self, what, act, error):
        before = len(self.editions.known)
        try:
            act()
        except GeoServiceError as refusal:
            event(f"{what}: {type(refusal).__name__}")
            self.assert_refused(refusal, error)
            assert len(self.house.editions.editions(CALLER)) == before
            return
        raise AssertionError(f"{error.__name__} was expected")

    def assert_refused(self, refusal, error):
        assert isinstance(refusal, error), refusal

    def assert_conflict(self, refusal, both):
        """What was done and undone by another step is named too, though nothing is left of it."""
        assert {f"{layer}/{code}" for layer, code in both} <= set(refusal.areas)
        assert refusal.areas

    def restored(self, number):
        return self.house.rollbacks.restore(CALLER, number, WHY)

    def reverted(self, number):
        return self.house.rollbacks.revert(CALLER, number, WHY)

    def chain_of(self, issue):
        [own] = self.house.issues.issue(CALLER, issue)["assignments"]
        return [code for _, code in own["links"]]

    def assert_chain(self, governing, chain):
        """Each area of a chain, root first, hangs below the one before it."""
        layers = ("district", "street", "community", "grid")
        for above, (layer, code) in zip(
            chain, list(zip(layers, chain, strict=True))[1:], strict=False
        ):
            assert governing[layer, code][1] == above

    @staticmethod
    def assert_shapes(expected, found):
        keys = sorted(key for key, row in expected.items() if row is not None)
        assert set(keys) == found.keys()
        one, other = (
            shapely.from_wkb([rows[key][3] for key in keys]) for rows in (expected, found)
        )
        assert "changed" not in set(compare_outlines(one, other))


def in_turn(moves):
    """Return the owners that each issue had, one after the other."""
    ways = defaultdict(list)
    for issue, before, after in moves:
        ways[issue].append((before, after))
    return dict(ways)


class DraftingInRepairedStreets(Drafting):
    """The same in streets that came out of a file that was dirty."""

    start = staticmethod(house_of_repaired_streets)


TestDrafting = Drafting.TestCase
TestDrafting.settings = settings(max_examples=examples(15), stateful_step_count=20)
TestDraftingInRepairedStreets = DraftingInRepairedStreets.TestCase
TestDraftingInRepairedStreets.settings = settings(max_examples=examples(8), stateful_step_count=20)
