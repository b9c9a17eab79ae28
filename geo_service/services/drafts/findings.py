"""What to look at in a draft: what follows each step, and what the check reads beside it.

That are sizes by figures, and building lists.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

import numpy as np
import shapely

from geo_service.layers.arcs import AreaKey
from geo_service.layers.area import Floats
from geo_service.layers.layer import BUILDING
from geo_service.layers.redraw import Building, Known, list_findings, unusual_sizes
from geo_service.layers.redraw.proposals.sizes import AREA_M2, Usual
from geo_service.layers.topology import Defect
from geo_service.services.coverage.picture import day_number
from geo_service.services.drafts.draft import Draft, changes_of
from geo_service.services.drafts.kept.draft_states import DraftStates
from geo_service.services.drafts.kept.states import DraftState
from geo_service.services.impact.impact import ImpactService
from geo_service.services.impact.people import PERSONS, People, is_number
from geo_service.services.impact.redrawing import Redrawing, redrawing_of
from geo_service.services.kept import Kept
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions, figures
from geo_service.storage.databases import Transaction

_OF_LISTS = frozenset({"building_unknown", "building_unlisted"})
LISTED = 1_000
"""So many findings are told one by one; their number is told of all."""


class DraftFindings:
    """Findings of drafts, and what is known to put them right."""

    def __init__(self, workspace: Workspace, states: DraftStates, impact: ImpactService) -> None:
        self._workspace, self._states, self._impact = workspace, states, impact
        self._whole: Kept[list[Defect]] = Kept(1)

    def of(
        self, connection: Transaction, draft: Draft, state: DraftState, *, is_whole: bool
    ) -> list[Defect]:
        """Return the findings of a state, the sizes that figures tell, then the building lists'.

        What follows each step stands first, so that its positions are those of a step's answer.
        ``is_whole`` asks about all areas, not only about those that the draft touched.
        """
        if not is_whole:
            touched = [AreaKey(*key) for key in drafts.touched_of(connection, draft.done)]
            return self._found(connection, draft, state, touched)
        asking = self._states.asking(connection, draft.row.base_edition)
        done, day = draft.done, day_number(self._workspace.now_s())
        latest = figures.latest_figure_id(connection)
        key = (draft.row.base_edition, done[-1] if done else 0, asking, latest, day)
        return self._whole.get(
            key, lambda: self._found(connection, draft, state.asking(asking, None), None)
        )

    def _found(
        self,
        connection: Transaction,
        draft: Draft,
        state: DraftState,
        touched: Collection[AreaKey] | None,
    ) -> list[Defect]:
        sizes = self._figure_sizes(connection, draft, state, touched)
        return state.findings + sizes + _of_lists(state, touched)

    def known(
        self, connection: Transaction, draft: Draft, state: DraftState, defect: Defect
    ) -> Known:
        """Return what may help to put a finding right."""
        schemes = {layer.name: layer.codes for layer in self._workspace.layers if layer.codes}
        if defect.buildings:
            every = state.questions_of(defect.layer).asking.buildings
            beside = _beside(state, defect) if defect.kind in _OF_LISTS else ()
            near = _buildings(state, defect)
            return Known(schemes=schemes, buildings=near, every=every, beside=beside)
        if defect.kind != "too_large" or defect.reason == AREA_M2:
            return Known(schemes=schemes)
        known = _Figures(self._workspace, self._impact, connection, draft)
        coverage, measure = state.coverage_with(defect.layer), defect.reason
        number = coverage.number_of(AreaKey(defect.layer, defect.codes[0]))
        children = [coverage.areas[child].key for child in coverage.children.get(number, ())]
        return Known(
            schemes=schemes,
            figures={measure: known.of_areas(measure, children)},
            weights=known.weights(measure),
        )

    def _figure_sizes(
        self,
        connection: Transaction,
        draft: Draft,
        state: DraftState,
        touched: Collection[AreaKey] | None,
    ) -> list[Defect]:
        profile = self._workspace.profile
        titles = {each.name: (each.title_zh, each.title_en) for each in profile.figures}
        known = _Figures(self._workspace, self._impact, connection, draft)
        found: list[Defect] = []
        for coverage in state.coverages:
            every = coverage.numbers if touched is None else touched
            for layer in coverage.above:
                usual = _counted(profile.usual_sizes(layer))
                among = every if usual else ()
                keys = [key for key in among if key.layer == layer and key in coverage.numbers]
                if keys:
                    told = {measure: _by_code(known.of_areas(measure, keys)) for measure in usual}
                    codes = [key.code for key in keys]
                    found += unusual_sizes(
                        coverage, layer, usual, figures=told, titles=titles, codes=codes
                    )
        return found


class _Figures:
    """What areas of a draft have by figures: as told, and of redrawn ground as shared out.

    Persons are shared out as the impact does it. Nobody knows yet of other figures what redrawn
    ground has.
    """

    def __init__(
        self, workspace: Workspace, impact: ImpactService, connection: Transaction, draft: Draft
    ) -> None:
        self._workspace, self._impact = workspace, impact
        self._connection, self._draft = connection, draft

    def of_areas(self, measure: str, keys: Iterable[AreaKey]) -> dict[AreaKey, float]:
        """Return the counts of areas, of those whose count is known."""
        found: dict[AreaKey, float] = {}
        by_layer: dict[str, list[str]] = {}
        for layer, code in keys:
            by_layer.setdefault(layer, []).append(code)
        for layer, codes in by_layer.items():
            redrawn = set(self._redrawing.touched.get(layer, ()))
            told = self._told(measure, layer, [code for code in codes if code not in redrawn])
            found |= {AreaKey(layer, code): value for code, value in told.items()}
            for code in codes if measure in PERSONS else ():
                after = self._people.layer(layer).after(measure, code) if code in redrawn else None
                if after is not None and after.value is not None:
                    found[AreaKey(layer, code)] = float(after.value)
        return found

    def weights(self, measure: str) -> Mapping[str, tuple[Floats, Floats]]:
        """Return where the persons of a measure live, as buildings of the edition tell it."""
        if BUILDING not in self._workspace.layers.by_name:
            return {}
        houses = editions.read_layer(self._connection, self._draft.row.base_edition, BUILDING)
        told = self._told(measure, BUILDING, houses.codes)
        counts = np.array([told.get(code, 0.0) for code in houses.codes])
        if not counts.any():
            return {}
        places = shapely.get_coordinates(shapely.point_on_surface(houses.geometries))
        return {measure: (places, counts)}

    @cached_property
    def _redrawing(self) -> Redrawing:
        return redrawing_of(*changes_of(self._connection, self._draft))

    @cached_property
    def _people(self) -> People:
        base = self._workspace.edition_number(self._connection, self._draft.row.base_edition)
        return self._impact.people(self._connection, base, self._redrawing)

    def _told(self, measure: str, layer: str, codes: Collection[str]) -> dict[str, float]:
        told = figures.numbers_of_areas(
            self._connection,
            layer=layer,
            codes=list(codes),
            names=[measure],
            as_of_s=self._workspace.now_s(),
        )
        return {code: float(value) for (_, code), value in told.items() if is_number(value)}


def _counted(usual: Usual) -> Usual:
    return {measure: limits for measure, limits in usual.items() if measure != AREA_M2}


def _by_code(amounts: Mapping[AreaKey, float]) -> dict[str, float]:
    return {key.code: amount for key, amount in amounts.items()}


def _of_lists(state: DraftState, touched: Collection[AreaKey] | None) -> list[Defect]:
    every = zip(state.coverages, state.questions, strict=True)
    return [
        finding
        for coverage, asked in every
        for finding in list_findings(coverage, asked.asking.buildings, asked.lists, touched)
    ]


def _beside(state: DraftState, defect: Defect) -> list[Defect]:
    """Return what is asked about lists of the layer below the parent of the area of a finding."""
    asked, coverage = state.questions_of(defect.layer), state.coverage_with(defect.layer)
    key = AreaKey(defect.layer, defect.codes[0])
    parent = coverage.area(key).parent
    found = list_findings(coverage, asked.asking.buildings, asked.lists, [key])
    return [
        each
        for each in found
        if each.layer == key.layer
        and coverage.area(AreaKey(each.layer, each.codes[0])).parent == parent
    ]


def _buildings(state: DraftState, defect: Defect) -> list[Building]:
    """Return the buildings of a finding, with all that stand in the area where they were found."""
    known = state.questions_of(defect.layer).asking.buildings
    coverage = state.coverage_with(defect.layer)
    keys = [AreaKey(defect.layer, code) for code in defect.codes]
    beside = [known.at(coverage.area(key).outline) for key in keys if key in coverage.numbers]
    at = known.position_by_identity
    own = {at[name] for name in defect.buildings if name in at}
    return known.of(sorted(own.union(*beside)))
