"""All that the tables and sheets of a period are made of, read in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from geo_service.errors import AreaNotFound, InvalidPeriod, InvalidValue
from geo_service.layers.layer import Layer
from geo_service.maps.adjustments.view import AreaChange, PackPeriod, PackSums
from geo_service.services.adjustments.buildings import PlacedHouses, known_houses, placed_houses
from geo_service.services.adjustments.changes import Changes, changes_of
from geo_service.services.adjustments.period import PeriodAsked, period_of
from geo_service.services.adjustments.rows import area_changes, pack_period, pack_sums
from geo_service.services.areas.ground import Surroundings
from geo_service.services.building_lists.knowledge import BuildingKnowledge
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction


@dataclass(frozen=True)
class PackQuery:
    """What is asked: which period, and of which layer the sheets and the buildings are.

    Without ``layer`` it is the one that issues are counted by, or where nothing of that changed the
    last of the profile that did. Sheets are of areas that changed, or with ``is_every`` of all;
    with ``parent``, a code of any layer above, only of those beneath it.
    """

    asked: PeriodAsked
    layer: str | None = None
    parent: str | None = None
    is_every: bool = False
    language: str = "zh"


@dataclass(frozen=True, eq=False)
class Pack:
    """What changed in a period, in words and figures; ``layer`` is the one of the sheets."""

    changes: Changes
    period: PackPeriod
    rows: Sequence[AreaChange]
    sums: Sequence[PackSums]
    layer: Layer
    around: Surroundings
    buildings: BuildingKnowledge
    query: PackQuery

    @cached_property
    def placed(self) -> PlacedHouses:
        """The buildings as the edition after knows them, in areas of the layer on both sides."""
        changes = self.changes
        houses = known_houses(
            changes.connection,
            self.buildings.get(changes.connection, changes.period.after.number),
            changes.locators[1],
            as_of_s=changes.period.until_s,
        )
        return placed_houses(houses, changes.locators, self.layer.name)

    @cached_property
    def changed(self) -> Mapping[str, AreaChange]:
        """The changed areas of the layer, by code."""
        return {row.code: row for row in self.rows if row.layer == self.layer}

    @cached_property
    def sheet_codes(self) -> Sequence[str]:
        """The areas that get a sheet: they are there after, and were asked for.

        Raises
        ------
        AreaNotFound
            No area above has the code that was asked for.
        """
        areas = self.changes.locators[1].areas(self.layer.name)
        codes = [code for code in areas.codes if self.query.is_every or code in self.changed]
        if self.query.parent is None:
            return codes
        held = self._beneath(self.query.parent)
        return [code for code in codes if code in held]

    def refuse_unchanged(self) -> None:
        """Raise InvalidPeriod where nothing changed."""
        if not self.rows:
            told = self.period
            numbers = (told.before.number, told.after.number)
            days = f"{told.first} — {told.last}" if told.first else f"{numbers[0]} → {numbers[1]}"
            raise InvalidPeriod(
                days,
                f"第 {numbers[0]} 版到第 {numbers[1]} 版没有区域有变化；请换一个时段",
                f"no area changed from edition {numbers[0]} to edition {numbers[1]}: ask for"
                " another period",
            )

    def _beneath(self, parent: str) -> set[str]:
        """Return the codes of the layer's areas under one above them."""
        locator = self.changes.locators[1]
        chain = self.changes.workspace.layers.chain(self.layer.name)
        for depth, above in enumerate(chain[:-1]):
            if parent in locator.areas(above.name).position_by_code:
                held = {parent}
                for each in chain[depth + 1 :]:
                    areas = locator.areas(each.name)
                    pairs = zip(areas.codes, areas.parents, strict=True)
                    held = {code for code, higher in pairs if higher in held}
                return held
        names = " / ".join(each.name for each in chain[:-1]) or self.layer.name
        raise AreaNotFound(layer=names, code=parent, edition=self.period.after.number)


def pack_of(
    workspace: Workspace,
    connection: Transaction,
    query: PackQuery,
    around: Callable[[], Surroundings],
    buildings: BuildingKnowledge,
) -> Pack:
    """Read everything that a period's tables and sheets tell.

    Raises
    ------
    EditionNotFound, InvalidPeriod, UnknownLayer, InvalidValue
        As `period_of`; there is no such layer, or its areas are lines, who have no ground.
    """
    asked = None if query.layer is None else _with_ground(workspace, query.layer)
    changes = changes_of(workspace, connection, period_of(workspace, connection, query.asked))
    period = pack_period(changes)
    rows = area_changes(changes, period, query.language)
    return Pack(
        changes=changes,
        period=period,
        rows=rows,
        sums=pack_sums(changes, rows),
        layer=asked or _usual(changes),
        around=around(),
        buildings=buildings,
        query=query,
    )


def layers_with_ground(workspace: Workspace) -> list[Layer]:
    """Return the layers whose areas can have a sheet."""
    return [layer for layer in workspace.layers if layer.geometry == "polygon"]


def _with_ground(workspace: Workspace, name: str) -> Layer:
    layer = workspace.layers[name]
    known = [each.name for each in layers_with_ground(workspace)]
    if layer.name not in known:
        raise InvalidValue(
            "layer",
            f"有面积的图层（{'、'.join(known)}）；{layer.name} 是线，没有公示单和楼栋清单",
            f"a layer with ground ({', '.join(known)}): {layer.name} is one of lines",
        )
    return layer


def _usual(changes: Changes) -> Layer:
    usual = changes.workspace.layers[changes.workspace.profile.hotspots.layer]
    changed = [layer for layer in changes.layers if layer.geometry == "polygon"]
    return usual if usual in changed or not changed else changed[-1]
