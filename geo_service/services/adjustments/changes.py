"""What differs between the two sides of a period, and which editions did it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from geo_service.layers.edition import Edition
from geo_service.layers.layer import Layer
from geo_service.layers.lineage import LineageRow
from geo_service.layers.locator import Locator
from geo_service.services.adjustments.figures import PeriodFigures, people_of
from geo_service.services.adjustments.period import Period
from geo_service.services.change_orders.told import ToldChanges
from geo_service.services.impact.people import People
from geo_service.services.impact.redrawing import Redrawing, redrawing_of
from geo_service.services.lineages.descents import lineage_between
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import AreaKey


@dataclass(frozen=True, eq=False)
class Changes:
    """The areas that are not the same on both sides of a period, and what made them so.

    ``steps`` names the editions that changed an area, in the order of effect; of areas that stand
    as they stood, too. ``locators`` are of all areas before and after.
    """

    workspace: Workspace
    connection: Transaction
    period: Period
    redrawing: Redrawing
    lineage: Sequence[LineageRow]
    steps: Mapping[AreaKey, Sequence[Edition]]
    locators: tuple[Locator, Locator]

    @cached_property
    def told(self) -> ToldChanges:
        """What became of each area, in words."""
        return ToldChanges(self.redrawing, self.lineage)

    @cached_property
    def layers(self) -> Sequence[Layer]:
        """The layers that changed, in the profile's order."""
        return [layer for layer in self.workspace.layers if self.codes(layer.name)]

    def codes(self, layer: str) -> list[str]:
        """Return the areas of a layer that changed."""
        return self.redrawing.told_codes(layer)

    @cached_property
    def passing(self) -> int:
        """How many areas changed meanwhile and stand as they stood, or came and went."""
        changed = {(layer.name, code) for layer in self.layers for code in self.codes(layer.name)}
        return len(self.steps.keys() - changed)

    @cached_property
    def figures(self) -> PeriodFigures:
        """The dated figures of both sides."""
        moments_s = {
            key: (each[0].effective_from_s, each[-1].effective_from_s)
            for key, each in self.steps.items()
        }
        return PeriodFigures(
            self.connection, self.redrawing, moments_s, until_s=self.period.until_s
        )

    @cached_property
    def people(self) -> People:
        """Who lives in the areas that changed, before and after."""
        return people_of(
            self.workspace,
            self.connection,
            self.redrawing,
            self.locators,
            self.figures,
            base=self.period.before.number,
        )


def changes_of(workspace: Workspace, connection: Transaction, period: Period) -> Changes:
    """Read what differs between the two sides of a period."""
    before, after = period.before, period.after
    found = _differing(connection, before, after)
    steps: dict[AreaKey, list[Edition]] = defaultdict(list)
    earlier = before
    for edition in period.editions:
        step = found if len(period.editions) == 1 else _differing(connection, earlier, edition)
        for layer in step.differences:
            for code in step.told_codes(layer):
                steps[layer, code].append(edition)
        earlier = edition
    for layer in found.differences:
        for code in found.told_codes(layer):
            # moved by less than a tolerance each time, and by more in the end
            steps.setdefault((layer, code), [after])
    return Changes(
        workspace=workspace,
        connection=connection,
        period=period,
        redrawing=found,
        lineage=lineage_between(workspace, connection, before, after) if steps else [],
        steps=steps,
        locators=(
            workspace.locator(connection, before),
            workspace.locator(connection, after),
        ),
    )


def _differing(connection: Transaction, before: Edition, after: Edition) -> Redrawing:
    return redrawing_of(
        editions.read_differing(connection, before.number, other=after.number),
        editions.read_differing(connection, after.number, other=before.number),
    )
