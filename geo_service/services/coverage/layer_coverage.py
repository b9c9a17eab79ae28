"""Coverage of one layer on one day: which areas have their body, which units an organisation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo_service.errors import LayerWithoutLadder
from geo_service.governance.organisations.coverage import (
    AreaCoverage,
    AreaState,
    Bindings,
    Life,
    UnitCounts,
    UnitCover,
    area_coverage,
    unit_counts,
)
from geo_service.governance.organisations.ratio import DatedCount, Ratio, ratio
from geo_service.governance.organisations.rules import FormationTarget
from geo_service.governance.organisations.suppression import ToldTotals
from geo_service.layers.area import AreaSet
from geo_service.layers.edition import IN_FORCE, EditionChoice
from geo_service.services.callers import Caller
from geo_service.services.coverage.persons import members_by_area, registered_by_area
from geo_service.services.coverage.picture import Picture, day_number, picture_of
from geo_service.services.issues.garbage import without_collections
from geo_service.services.kept import Kept
from geo_service.services.workspaces import Workspace
from geo_service.storage import registers
from geo_service.storage.databases import Transaction

_PICTURES_KEPT = 4


@dataclass(frozen=True)
class CoverageQuery:
    """What is asked: a layer, the day, as known when; the denominator's day if it is another."""

    layer: str
    choice: EditionChoice = IN_FORCE
    denominator_as_of_s: float | None = None
    across_days: bool = False


@dataclass(frozen=True, eq=False)
class FormationRate:
    """How many areas have a unit of some kinds, and what was to be reached on that day."""

    target: FormationTarget
    ratio: Ratio
    percent: float | None


@dataclass(frozen=True, eq=False)
class LayerCoverage:
    """Everything about one layer on one day; columns are by area, in the order of codes."""

    query: CoverageQuery
    picture: Picture
    areas: AreaSet
    bindings: Bindings
    area_coverage: AreaCoverage
    units: UnitCounts
    unit_area: NDArray[np.int32]
    members: ToldTotals
    registered_members: ToldTotals
    denominator: DatedCount
    unit_denominator: DatedCount
    rates: Sequence[FormationRate]

    @property
    def nominal(self) -> Ratio:
        """Areas with an own or joint organisation, of all."""
        return self._ratio(int(self.area_coverage.is_covered.sum()), self.denominator)

    @property
    def active(self) -> Ratio:
        """Areas with an active one, of all."""
        return self._ratio(int(self.area_coverage.is_active.sum()), self.denominator)

    @property
    def organisation_coverage(self) -> Ratio:
        """Units with an organisation, of all units in the layer's areas or outside of them."""
        cover = self.picture.unit_states[0]
        return self._ratio(int((cover == UnitCover.ORG).sum()), self.unit_denominator)

    @property
    def work_coverage(self) -> Ratio:
        """Units with an organisation or reached otherwise, of all."""
        cover = self.picture.unit_states[0]
        return self._ratio(int((cover <= UnitCover.WORK).sum()), self.unit_denominator)

    @property
    def active_units(self) -> Ratio:
        """Units whose organisation is active, of all."""
        life = self.picture.unit_states[2]
        return self._ratio(int((life == Life.ACTIVE).sum()), self.unit_denominator)

    @property
    def organisation_count(self) -> int:
        """How many organisations cover areas of the layer; a joint one once."""
        counted = self.bindings.state <= AreaState.JOINT
        return len(np.unique(self.bindings.organisation[counted]))

    @property
    def unplaced_units(self) -> int:
        """How many units lie in no area of this layer."""
        return int((self.unit_area < 0).sum())

    def _ratio(self, value: int, denominator: DatedCount) -> Ratio:
        numerator = DatedCount(value, self.picture.day)
        return ratio(numerator, denominator, across_days=self.query.across_days)


class CoverageService:
    """Who answers for each polygon, and is it alive."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._pictures = Kept[Picture](_PICTURES_KEPT)

    def coverage(self, _caller: Caller, query: CoverageQuery) -> LayerCoverage:
        """Return the coverage of a layer.

        Raises
        ------
        UnknownLayer, LayerWithoutLadder
            There is no such layer, or the profile names no bodies for it.
        MixedDates
            The denominator is asked of another day, and not explicitly across days.
        EditionNotFound
            Nothing was published for that moment.
        """
        workspace = self._workspace.standing_still()
        layer = self.layer(query.layer)
        query = replace(query, layer=layer)
        with without_collections():
            with workspace.database.read() as connection:
                picture = self.picture(connection, query.choice, workspace)
                other = picture
                if query.denominator_as_of_s is not None:
                    choice = replace(query.choice, as_of_s=query.denominator_as_of_s)
                    other = self.picture(connection, choice, workspace)
            found = _measured(query, picture, other)
        _ = found.nominal, found.organisation_coverage  # refuses two dates before anything is told
        return found

    def of_picture(self, query: CoverageQuery, picture: Picture) -> LayerCoverage:
        """Return the coverage of another layer in a picture that was taken before."""
        return _measured(query, picture, picture)

    def layer(self, name: str) -> str:
        """Return a layer's name if it has a ladder."""
        layer = self._workspace.layers[name].name
        bodies = self._workspace.profile.organisations.bodies
        if layer not in bodies:
            raise LayerWithoutLadder(layer=layer, known=list(bodies))
        return layer

    def picture(
        self,
        connection: Transaction,
        choice: EditionChoice = IN_FORCE,
        workspace: Workspace | None = None,
    ) -> Picture:
        """Return the registers as of a moment, placed on that moment's edition."""
        workspace = workspace or self._workspace.standing_still()
        now_s = workspace.now_s()
        as_of_s = now_s if choice.as_of_s is None else choice.as_of_s
        known_at_s = now_s if choice.known_at_s is None else choice.known_at_s
        edition = workspace.edition(connection, choice)
        locator = workspace.locator(connection, edition, choice)
        revision = registers.revision(connection)
        # what happened within a second is told apart by the revision, and days by their number
        key = (revision, edition.number, choice, day_number(as_of_s), id(locator))
        return self._pictures.get(
            key, lambda: picture_of(workspace, connection, edition, locator, as_of_s, known_at_s)
        )


def _measured(query: CoverageQuery, picture: Picture, other: Picture) -> LayerCoverage:
    layer = query.layer
    areas = picture.locator.areas(layer)
    bindings = picture.bindings(layer)
    unit_area = picture.placed_units.positions(layer)
    cover, duty, life = picture.unit_states
    return LayerCoverage(
        query=query,
        picture=picture,
        areas=areas,
        bindings=bindings,
        area_coverage=area_coverage(len(areas), bindings, picture.linked(layer)),
        units=unit_counts(len(areas), unit_area, cover=cover, duty=duty, life=life),
        unit_area=unit_area,
        members=members_by_area(picture, layer),
        registered_members=registered_by_area(picture, layer),
        denominator=DatedCount(len(other.locator.areas(layer)), other.day),
        unit_denominator=DatedCount(len(other.units), other.day),
        rates=[_rate(picture, target) for target in picture.rules.targets if target.layer == layer],
    )


def _rate(picture: Picture, target: FormationTarget) -> FormationRate:
    areas = picture.locator.areas(target.layer)
    at = picture.placed_units.positions(target.layer)
    formed = {
        int(position)
        for unit, position in zip(picture.units, at, strict=True)
        if unit.kind in target.unit_kinds and position >= 0
    }
    counts = DatedCount(len(formed), picture.day), DatedCount(len(areas), picture.day)
    return FormationRate(target, ratio(*counts), target.percent_on(picture.day))
