"""Whatever is published, restored and reverted: contents are what a dictionary of them says.

The oracle holds each edition as (layer, code) → (parent, squares), and knows nothing of outlines.
"""

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from geo_service.errors import InvalidValue, PendingConflict, RevertConflict
from geo_service.layers.frames import area_m2
from geo_service.services.callers import SCHEDULE
from geo_service.services.rollbacks.rollbacks import RollbackOptions
from geo_service.services.verification.verifications import VerificationOptions, VerificationService
from geo_service.storage import editions
from tests.databases import put_copy
from tests.examples import examples
from tests.houses import CALLER, Clock, center, open_house, publish_areas, square
from tests.known_editions import KnownEditions, changed
from tests.property.test_relocation import (
    HOUR_S,
    PLACES,
    assert_owners_are_fresh,
    empty_house,
    report,
)
from tests.squares import CELLS, GRIDS, PARENTS, START, content_of

WHY = RollbackOptions(
    "试", approval={"authority": "区政府", "document": "1号", "date": "2026-11-20"}
)
LAYERS = ("district", "street", "community", "grid")
CELL_M2 = dict(zip(CELLS, area_m2(np.array([square(*c) for c in CELLS])).tolist(), strict=True))


def cells_of(owner_by_cell, parents):
    """Return (layer, code) → (parent, squares)."""
    found = defaultdict(set)
    for cell, code in owner_by_cell.items():
        for layer in LAYERS[::-1]:
            if code is not None:
                found[layer, code].add(cell)
                code = parents.get(code)
    return {key: (parents.get(key[1]), frozenset(cells)) for key, cells in found.items()}


def plan_of(content):
    """Return who has each square, and everybody's parent: the other way round."""
    owners = {
        cell: code
        for (layer, code), (_, cells) in content.items()
        for cell in cells
        if layer == "grid"
    }
    parents = {code: parent for (_, code), (parent, _) in content.items() if parent}
    return {cell: owners.get(cell) for cell in CELLS}, {**PARENTS, **parents}


def is_whole(content):
    """Siblings do not overlap, and each parent is its children."""
    for layer, above in zip(LAYERS[1:], LAYERS, strict=False):
        below = defaultdict(list)
        for (name, _), (parent, cells) in content.items():
            if name == layer:
                below[parent].append(cells)
        squares = {code: cells for (name, code), (_, cells) in content.items() if name == above}
        if {code: frozenset().union(*parts) for code, parts in below.items()} != squares:
            return False
    for layer in LAYERS:
        parts = [cells for (name, _), (_, cells) in content.items() if name == layer]
        if sum(map(len, parts)) != len(frozenset().union(*parts)):
            return False
    return True


class Rollbacks(RuleBasedStateMachine):
    """A street whose editions come, wait, and are taken back."""

    @initialize()
    def begin(self):
        self.folder = TemporaryDirectory()
        put_copy(empty_house(), Path(self.folder.name))
        self.house = open_house(Path(self.folder.name), clock=Clock())
        self.editions = KnownEditions(self.house.workspace.now_s, is_whole=is_whole)
        self.publish({}, {}, 0)
        report(self.house, PLACES[::7])

    def attempt(self, act, content, effective_s):
        made = self.editions.foresee(content, effective_s)
        if made is None:
            self.refused(act, PendingConflict)
            return
        act()
        event(f"published: {len(made)}")
        self.editions.note(made)

    @rule(
        cells=st.dictionaries(
            st.sampled_from(CELLS[1:]), st.sampled_from([None, *GRIDS]), max_size=2
        ),
        parents=st.dictionaries(st.sampled_from(GRIDS), st.sampled_from("xy"), max_size=1)
        | st.dictionaries(st.sampled_from("xy"), st.sampled_from("st"), max_size=1),
        hours=st.sampled_from([0, 0, 2, 4]),
    )
    def publish(self, cells, parents, hours):
        effective_s = self.editions.now_s + hours * HOUR_S
        base = self.editions.governing(effective_s)
        owners, above = plan_of(base.content) if base else (START, PARENTS)
        owners, above = {**owners, **cells}, {**above, **parents}
        boundaries, latest = content_of(owners, above), len(self.editions.known)
        self.attempt(
            lambda: publish_areas(self.house, boundaries, on=latest, effective_from_s=effective_s),
            cells_of(owners, above),
            effective_s,
        )

    @rule(pick=st.integers(0, 99))
    def restore(self, pick):
        chosen = self.editions.known[pick % len(self.editions.known)]
        if chosen.content == self.editions.governing(self.editions.now_s).content:
            done = self.house.rollbacks.restore(CALLER, chosen.number, WHY)
            assert (done.is_needed, done.edition) == (False, None)
            return
        self.attempt(
            lambda: self.house.rollbacks.restore(CALLER, chosen.number, WHY),
            chosen.content,
            self.editions.now_s,
        )

    @rule(pick=st.integers(0, 99))
    def revert(self, pick):
        chosen = self.editions.known[pick % len(self.editions.known)]
        moment_s = max(self.editions.now_s, chosen.effective_s)
        before, now = self.editions.preceding(chosen), self.editions.governing(moment_s).content

        def act():
            return self.house.rollbacks.revert(CALLER, chosen.number, WHY)

        if before is None:
            self.refused(act, InvalidValue)
            return
        left = {
            key
            for key in changed(before.content, chosen.content)
            if now.get(key) != before.content.get(key)
        }
        result = {key: row for key, row in now.items() if key not in left}
        result |= {key: before.content[key] for key in left if key in before.content}
        if any(now.get(key) != chosen.content.get(key) for key in left) or not is_whole(result):
            self.refused(act, RevertConflict)
        elif result == now:
            assert not act().is_needed
            event("revert: undone already")
        else:
            self.attempt(act, result, moment_s)
            event("revert: attempted")

    @rule(hours=st.sampled_from([1, 3]))
    def wait(self, hours):
        self.house.workspace.now_s.now_s += hours * HOUR_S
        self.house.schedule.apply_due_editions(SCHEDULE)

    def refused(self, act, error):
        try:
            act()
        except error:
            event(f"refused: {error.__name__}")
            return
        raise AssertionError(f"{error.__name__} was expected")

    @invariant()
    def every_edition_holds_what_the_oracle_says(self):
        with self.house.workspace.database.read() as connection:
            assert editions.latest_number(connection) == len(self.editions.known)
            stored = editions.read_content(connection, len(self.editions.known))
        found = {}
        for key, row in stored.items():
            shape = shapely.from_wkb(row.outline)
            inside = [cell for cell in CELLS if shape.contains(shapely.Point(center(*cell)))]
            found[key] = (row.parent_code, frozenset(inside))
        assert found == self.editions.known[-1].content

    @invariant()
    def every_open_issue_is_where_it_lies(self):
        assert_owners_are_fresh(self.house)

    @invariant()
    def lineage_is_what_the_squares_say(self):
        newest = self.editions.known[-1]
        before = self.editions.preceding(newest)
        rows = self.house.crosswalks.lineage(CALLER, newest.number).rows
        if before is None:
            assert rows == []
            return
        expected = defaultdict(float)
        for layer in LAYERS:
            ours, theirs = (
                {
                    cell: key[1]
                    for key, (_, cells) in content.items()
                    for cell in cells
                    if key[0] == layer
                }
                for content in (before.content, newest.content)
            )
            moved = {
                code
                for name, code in changed(before.content, newest.content)
                if name == layer
                and self.squares(before, name, code) != self.squares(newest, name, code)
            }
            for cell in CELLS:
                key = (ours.get(cell), theirs.get(cell))
                if moved & set(key):
                    expected[layer, *key] += CELL_M2[cell]
        found = {(row.layer, row.old_code, row.new_code): row.area_m2 for row in rows}
        assert found.keys() == {key for key in expected if key[1:] != (None, None)}
        assert all(abs(m2 - expected[key]) < 1e-6 * m2 for key, m2 in found.items())

    @staticmethod
    def squares(edition, layer, code):
        return edition.content.get((layer, code), (None, frozenset()))[1]

    def teardown(self):
        if hasattr(self, "house"):
            checked = VerificationService(self.house.workspace).verify(
                CALLER, VerificationOptions()
            )
            self.house.close()
            self.folder.cleanup()
            assert not [
                each for check in checked.checks for each in check.findings if not each.is_warning
            ]


Rollbacks.TestCase.settings = settings(max_examples=examples(40), stateful_step_count=10)
test_rollbacks_leave_every_law_standing = Rollbacks.TestCase
