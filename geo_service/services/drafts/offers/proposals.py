"""What a planner is offered: the parts a line makes with their codes, fixes, buildings to move."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import shapely

from geo_service.errors import BuildingsNotInArea, InvalidValue
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.redraw import Fix, KnownBuildings, Redrawn, codes_for, fixes_for, pieces_of
from geo_service.layers.redraw.asked.ground import MoveBuildings
from geo_service.layers.redraw.asked.operation import Places, line_of
from geo_service.layers.topology import Defect
from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import read_draft, refuse_changed
from geo_service.services.drafts.drafts import DraftService, Step
from geo_service.services.drafts.findings import DraftFindings
from geo_service.services.drafts.kept.draft_states import DraftStates
from geo_service.services.drafts.kept.states import DraftState
from geo_service.services.workspaces import Workspace

_CORNERS = 3


class Pieces(NamedTuple):
    """The parts that a line would make of an area, and a new code for each."""

    outlines: Sequence[shapely.Geometry]
    codes: Sequence[str]


class FixAsked(NamedTuple):
    """Which fix of which finding, by position; of those of the whole check where ``is_whole``."""

    finding: int
    fix: int
    is_whole: bool = False


@dataclass(frozen=True)
class Chosen:
    """Buildings as somebody chose them: those in an outline, or by code, name or identity."""

    outline: Places = ()
    words: Sequence[str] = ()

    def among(self, key: AreaKey, known: KnownBuildings, own: Sequence[int]) -> list[int]:
        """Return the chosen ones of an area's buildings, by position, ascending.

        Raises
        ------
        InvalidValue
            None of them has its middle in the outline.
        BuildingsNotInArea
            A word means none of them, or several.
        """
        if self.words:
            return self._named(key, known, own)
        drawn = _drawn(self.outline)
        found = [] if drawn is None else sorted({*own} & {*known.at(drawn)})
        if not found:
            raise InvalidValue(
                "outline",
                "圈住至少一栋本区域的楼栋",
                "an outline round at least one building of the area",
            )
        return found

    def _named(self, key: AreaKey, known: KnownBuildings, own: Sequence[int]) -> list[int]:
        meant = {word: [i for i in known.meant(word) if i in own] for word in self.words}
        lanes = {word: [i for i in known.in_lane(word) if i in own] for word in self.words}
        unfit = [word for word, found in meant.items() if len(found) != 1 and not lanes[word]]
        if unfit:
            raise BuildingsNotInArea(key.layer, key.code, unfit)
        chosen = (found if len(found) == 1 else lanes[word] for word, found in meant.items())
        return sorted({i for some in chosen for i in some})


@dataclass(frozen=True)
class Fixing:
    """A fix as one operation of a draft."""

    kind: ClassVar[str] = "fix"
    key: AreaKey
    fix: Fix

    def on(self, coverage: Coverage) -> Redrawn:
        """Do all its steps."""
        return self.fix.apply(coverage)


class DraftProposalService:
    """Offers to planners."""

    def __init__(
        self,
        workspace: Workspace,
        states: DraftStates,
        service: DraftService,
        findings: DraftFindings,
    ) -> None:
        self._workspace, self._states, self._drafts = workspace, states, service
        self._findings = findings

    def pieces(self, _caller: Caller, draft_id: int, key: AreaKey, line: Places) -> Pieces:
        """Return the parts that a line would make of an area; nothing is stored.

        Raises
        ------
        GeoServiceError
            What the split would raise.
        """
        state = self._read(draft_id)
        coverage = state.coverage_of(key)
        outlines = pieces_of(coverage, key, line_of(line))
        parent = coverage.area(key).parent
        above = None if parent is None else coverage.areas[parent].key
        layer = self._workspace.layers[key.layer]
        return Pieces(outlines, codes_for(coverage, key.layer, above, outlines, scheme=layer.codes))

    def fixes(
        self, _caller: Caller, draft_id: int, finding: int, *, seen: int, is_whole: bool = False
    ) -> list[Fix]:
        """Return what would put a finding right, the best first.

        ``finding`` is its position in the check of the draft's revision ``seen``, or in the one
        that ``is_whole``.

        Raises
        ------
        DraftNotFound, StaleDraft
            There is no such draft, or it was changed since.
        InvalidValue
            It has no finding there.
        """
        return self._fixes(draft_id, finding, seen=seen, is_whole=is_whole)[1]

    def fix(self, caller: Caller, draft_id: int, asked: FixAsked, *, seen: int) -> Step:
        """Do one of the `fixes` of a finding as one step; raises what they and operations raise."""
        key, found = self._fixes(draft_id, asked.finding, seen=seen, is_whole=asked.is_whole)
        if not 0 <= asked.fix < len(found) or not found[asked.fix].steps:
            raise InvalidValue("fix", f"0 到 {len(found) - 1}", f"0 to {len(found) - 1}")
        done = Fixing(key, found[asked.fix])
        return self._drafts.perform(caller, draft_id, done, seen=seen)

    def move_buildings(
        self,
        caller: Caller,
        draft_id: int,
        key: AreaKey,
        to: AreaKey,
        chosen: Chosen,
        *,
        seen: int | None = None,
    ) -> Step:
        """Give buildings of an area, with their ground, to a neighbor; building lists follow.

        Raises
        ------
        InvalidValue
            No building of the area has its middle in the outline.
        BuildingsNotInArea
            A word means none of its buildings, or several.
        GeoServiceError
            What operations raise.
        """
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            state = self._states.of(connection, draft)
        known = state.questions_of(key.layer).asking.buildings
        coverage = state.coverage_of(key)
        area = coverage.area(key)
        around = area if area.parent is None else coverage.areas[area.parent]
        scope, positions = known.within(around.outline), known.at(around.outline)
        own = scope.at(area.outline)
        moved = chosen.among(key, scope, own)
        asked = MoveBuildings(
            key,
            to,
            tuple(scope.building(i) for i in own),
            tuple(scope.identities[i] for i in moved),
            known,
            tuple(positions[i] for i in moved),
        )
        return self._drafts.perform(caller, draft_id, asked, seen=seen)

    def _read(self, draft_id: int) -> DraftState:
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            return self._states.of(connection, draft)

    def _fixes(
        self, draft_id: int, finding: int, *, seen: int, is_whole: bool
    ) -> tuple[AreaKey, list[Fix]]:
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            refuse_changed(connection, draft, seen)
            state = self._states.of(connection, draft)
            found = self._findings.of(connection, draft, state, is_whole=is_whole)
            if not 0 <= finding < len(found):
                raise InvalidValue("finding", f"0 到 {len(found) - 1}", f"0 to {len(found) - 1}")
            defect = found[finding]
            known = self._findings.known(connection, draft, state, defect)
        coverage = state.coverage_with(defect.layer)
        fixes = fixes_for(coverage, defect, known)
        return _about(coverage, defect, fixes), fixes


def _drawn(outline: Places) -> shapely.Geometry | None:
    """Return the ground in an outline, mended where it crosses itself; None of a line."""
    if len(outline) < _CORNERS:
        return None
    return shapely.make_valid(shapely.Polygon(line_of(outline)))


def _about(coverage: Coverage, defect: Defect, fixes: Sequence[Fix]) -> AreaKey:
    """Return an area of the coverage that tells which one a fix is about."""
    named = [AreaKey(defect.layer, code) for code in defect.codes]
    every = [*named, *(key for fix in fixes for key in fix.to)]
    return next((key for key in every if key in coverage.numbers), next(iter(coverage.numbers)))
