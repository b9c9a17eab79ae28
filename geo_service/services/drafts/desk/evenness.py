"""How even the areas of an edition are as they stand, before anybody redraws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geo_service.analysis.impact import Balance, balance
from geo_service.layers.area import AreaSet, Floats
from geo_service.layers.edition import Edition
from geo_service.layers.frames import area_m2
from geo_service.services.callers import Caller
from geo_service.services.coverage.picture import day_number, picture_of
from geo_service.services.impact.issues.near import LocatedIssues, issues_everywhere
from geo_service.services.impact.numbers import LayerNumbers, Side
from geo_service.services.impact.people import PERSONS, STAFF, whole_numbers
from geo_service.services.impact.result import MEASURES
from geo_service.services.kept import Kept
from geo_service.services.workspaces import Workspace
from geo_service.storage import figures, registers, revisions
from geo_service.storage.databases import Transaction

_FIGURES = (*PERSONS, STAFF)
_KEPT = 8


@dataclass(frozen=True)
class MeasuredBalance:
    """How even one measure is, and which areas have the least and the most of it.

    Of several with the same number the one with the lowest code is named; None without any.
    """

    measure: str
    balance: Balance
    least_code: str | None
    most_code: str | None


@dataclass(frozen=True)
class ParentEvenness:
    """How even the areas under one parent are; ``parent`` is None for those without one."""

    parent: str | None
    name: str
    areas: int
    measures: Sequence[MeasuredBalance]


@dataclass(frozen=True)
class Evenness:
    """Every parent by code, and ``whole``: all areas of the layer as if under one."""

    edition: int
    layer: str
    as_of_s: float
    parents: Sequence[ParentEvenness]
    whole: ParentEvenness


class EvennessService:
    """How even areas are now, for planners who look for what to redraw."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept = Kept[Evenness](_KEPT)

    def evenness(self, _caller: Caller, number: int, layer: str) -> Evenness:
        """Return the balance of a layer's areas in an edition, by the figures and issues of now.

        Raises
        ------
        EditionNotFound, UnknownLayer
            There is no such edition or layer.
        """
        workspace = self._workspace.standing_still()
        known = workspace.layers[layer].name
        with workspace.database.read() as connection:
            edition = workspace.edition_number(connection, number)
            key = (
                *(edition.number, edition.content_hash, known),
                *(revisions.revision(connection), registers.revision(connection)),
                day_number(workspace.now_s()),
            )
            return self._kept.get(key, lambda: _evenness(workspace, connection, edition, known))


def _evenness(
    workspace: Workspace, connection: Transaction, edition: Edition, layer: str
) -> Evenness:
    now_s = workspace.now_s()
    locator = workspace.locator(connection, edition)
    areas, parent = locator.areas(layer), workspace.layers[layer].parent
    columns = _columns(workspace, connection, edition, layer)
    above = None if parent is None else locator.areas(parent)
    names = {} if above is None else dict(zip(above.codes, above.names, strict=True))
    groups: dict[str | None, list[int]] = {}
    for position, code in enumerate(areas.parents):
        groups.setdefault(code, []).append(position)
    return Evenness(
        edition=edition.number,
        layer=layer,
        as_of_s=now_s,
        parents=[
            _parent(code, names.get(code or "", code or ""), areas, columns, groups[code])
            for code in sorted(groups, key=lambda each: each or "")
        ],
        whole=_parent(None, "", areas, columns, range(len(areas))),
    )


def _columns(
    workspace: Workspace, connection: Transaction, edition: Edition, layer: str
) -> Mapping[str, Floats]:
    """Return each of MEASURES for every area, in their order; NaN where nobody knows."""
    now_s = workspace.now_s()
    locator = workspace.locator(connection, edition)
    areas = locator.areas(layer)
    issues = issues_everywhere(workspace, connection)
    picture = picture_of(workspace, connection, edition, locator, now_s, now_s)
    side = Side(picture, issues, LocatedIssues(locator, issues))
    has_limits = workspace.profile.deadlines.main is not None
    counts = LayerNumbers(side, layer, has_limits=has_limits).counts
    told = _told(connection, layer, areas.codes, as_of_s=now_s)
    return {**told, **counts, "area_m2": area_m2(areas.geometries)}


def _told(
    connection: Transaction, layer: str, codes: Sequence[str], *, as_of_s: float
) -> Mapping[str, Floats]:
    known = whole_numbers(
        figures.numbers_of_areas(
            connection, layer=layer, codes=codes, names=_FIGURES, as_of_s=as_of_s
        )
    )
    return {
        name: np.array([known.get((name, code), np.nan) for code in codes], dtype=np.float64)
        for name in _FIGURES
    }


def _parent(
    code: str | None,
    name: str,
    areas: AreaSet,
    columns: Mapping[str, Floats],
    positions: Sequence[int],
) -> ParentEvenness:
    codes = [areas.codes[i] for i in positions]
    chosen = list(positions)
    measures = [_measured(each, columns[each][chosen], codes) for each in MEASURES]
    return ParentEvenness(code, name, len(codes), measures)


def _measured(measure: str, values: Floats, codes: Sequence[str]) -> MeasuredBalance:
    found = balance(values)
    if not found.count:
        return MeasuredBalance(measure, found, None, None)
    ends = int(np.nanargmin(values)), int(np.nanargmax(values))
    return MeasuredBalance(measure, found, codes[ends[0]], codes[ends[1]])
