"""Lineages and crosswalks for reading, and counts carried from one edition to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo_service.errors import InvalidValue, RefusedValue
from geo_service.layers.area import AreaSet
from geo_service.layers.edition import Edition, preceding_edition
from geo_service.layers.lineage import BASES, Carried, LineageRow, carry, crosswalk
from geo_service.services.callers import Caller
from geo_service.services.lineages.counts import read_counts
from geo_service.services.lineages.descents import dwellings_near, lineage_between
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, figures, lineages
from geo_service.storage.databases import Transaction

_NAMED = 10


@dataclass(frozen=True)
class Lineage:
    """Where the ground went with an edition; ``before`` is None for the first of all."""

    edition: Edition
    before: Edition | None
    rows: Sequence[LineageRow]


@dataclass(frozen=True, eq=False)
class Crosswalk:
    """Every area of a layer in one edition with its heirs in another, which may be an older one."""

    layer: str
    before: Edition
    after: Edition
    old: AreaSet
    new: AreaSet
    rows: Sequence[LineageRow]

    @property
    def changes(self) -> list[LineageRow]:
        """The rows of areas that did not stay as they were."""
        return [row for row in self.rows if row.kind != "unchanged"]


@dataclass(frozen=True)
class CarryAsked:
    """From which edition to which, on which layer, shared out by what, and if to whole counts."""

    start: int
    to: int
    layer: str
    basis: str = "residents"
    is_whole: bool = False


@dataclass(frozen=True, eq=False)
class CarriedCounts:
    """Counts that stand on the areas of another edition; ``total`` is what was given.

    ``unknown`` are areas of the edition they come from that no count was given for.
    """

    crosswalk: Crosswalk
    asked: CarryAsked
    total: float
    unknown: Sequence[str]
    carried: Carried


class CrosswalkService:
    """Which area became which."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def lineage(self, _caller: Caller, number: int, *, layer: str | None = None) -> Lineage:
        """Return where the ground went with an edition, in one layer or in all.

        What was written down at its publication; one that was published by a version of this
        service that wrote nothing down is worked out now, and nothing is stored.

        Raises
        ------
        EditionNotFound, UnknownLayer
            There is no such edition or layer.
        """
        name = None if layer is None else self._workspace.layers[layer].name
        with self._workspace.database.read() as connection:
            edition = self._workspace.edition_number(connection, number)
            before = preceding_edition(editions.all_editions(connection), edition)
            rows = lineages.rows_of(connection, number)
            if not rows and before is not None:
                rows = lineage_between(self._workspace, connection, before, edition)
        return Lineage(edition, before, [row for row in rows if name in (None, row.layer)])

    def crosswalk(self, _caller: Caller, number: int, to: int, layer: str) -> Crosswalk:
        """Return where every area of a layer went from one edition to another, or back.

        It is worked out from both outlines, whatever lies between them, by the households that
        are known now.

        Raises
        ------
        EditionNotFound, UnknownLayer
            There is no such edition or layer.
        """
        with self._workspace.database.read() as connection:
            return self._crosswalk(connection, number, to, layer)

    def carry(
        self, _caller: Caller, asked: CarryAsked, value_by_code: Mapping[str, float]
    ) -> CarriedCounts:
        """Stand counts of one edition's areas on those of another.

        Raises
        ------
        EditionNotFound, UnknownLayer
            There is no such edition or layer.
        RefusedValue
            A count is of an area that the edition does not have: it would be lost.
        InvalidValue
            Nothing of BASES to share out by, or whole numbers asked of others.
        """
        with self._workspace.database.read() as connection:
            return self._carried(connection, asked, value_by_code)

    def carry_file(
        self, caller: Caller, asked: CarryAsked, path: Path, *, column: str | None = None
    ) -> CarriedCounts:
        """Do the same with a list of codes and values; ``column`` names the one of values.

        Raises
        ------
        UnreadableFile, MissingColumn, UnknownColumn, SpoiledCodes, RefusedValue, InvalidValue
            The list cannot be used.
        """
        return self.carry(caller, asked, read_counts(path, column=column))

    def carry_figure(
        self, _caller: Caller, asked: CarryAsked, figure: str, *, as_of_s: float | None = None
    ) -> CarriedCounts:
        """Do the same with a dated figure as of a moment; raises InvalidValue if it is no count."""
        moment_s = self._workspace.now_s() if as_of_s is None else as_of_s
        layer = self._workspace.layers[asked.layer].name
        with self._workspace.database.read() as connection:
            self._workspace.edition_number(connection, asked.start)
            known = figures.figures_as_of(connection, layer=layer, figure=figure, as_of_s=moment_s)
            codes = editions.read_layer(connection, asked.start, layer).position_by_code
            try:
                values = {code: float(value) for code, value in known.items() if code in codes}
            except ValueError as error:
                raise InvalidValue("figure", "以数计的指标，如 residents", "a count") from error
            return self._carried(connection, asked, values)

    def _crosswalk(self, connection: Transaction, number: int, to: int, layer: str) -> Crosswalk:
        name = self._workspace.layers[layer].name
        before, after = (self._workspace.edition_number(connection, each) for each in (number, to))
        old, new = (editions.read_layer(connection, each, name) for each in (number, to))
        changed = [
            {name: each.get(name) or old.take([])}
            for each in (
                editions.changed_boundaries(connection, number, to),
                editions.changed_boundaries(connection, to, number),
            )
        ]
        dwellings = dwellings_near(
            self._workspace,
            connection,
            max(number, to),
            changed,
            as_of_s=self._workspace.now_s(),
        )
        rows = crosswalk(name, old, new, dwellings=dwellings)
        return Crosswalk(name, before, after, old, new, rows)

    def _carried(
        self, connection: Transaction, asked: CarryAsked, value_by_code: Mapping[str, float]
    ) -> CarriedCounts:
        if asked.basis not in BASES:
            raise InvalidValue("by", " 或 ".join(BASES), " or ".join(BASES))
        if asked.is_whole and any(value != int(value) for value in value_by_code.values()):
            raise InvalidValue(
                "value", "整数（要求结果为整数时）", "whole, if whole ones are asked for"
            )
        found = self._crosswalk(connection, asked.start, asked.to, asked.layer)
        foreign = sorted(value_by_code.keys() - found.old.position_by_code.keys())
        if foreign:
            named = foreign[:_NAMED]
            raise RefusedValue(
                "code",
                f"第 {asked.start} 版没有这 {len(foreign)} 个编码：{'、'.join(named)}",
                f"edition {asked.start} has no such {len(foreign)} codes: {', '.join(named)}",
            )
        return CarriedCounts(
            crosswalk=found,
            asked=asked,
            total=sum(value_by_code.values()),
            unknown=[code for code in found.old.codes if code not in value_by_code],
            carried=carry(found.rows, value_by_code, basis=asked.basis, is_whole=asked.is_whole),
        )
