"""What stands on both sides of a change, to be looked at: two editions, or one and a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.layers.area import AreaSet, Geometries, area_set
from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import read_draft
from geo_service.services.impact.redrawing import Redrawing, redrawing_of
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import AreaKey, Content, boundaries_of

_DISPLAY_DECIMALS = 7
"""Of degrees: about a centimeter, far finer than a pixel."""


@dataclass(frozen=True)
class ComparisonAsked:
    """A layer, the edition that is before, and after it an edition or a draft.

    ``shown`` is the edition that the asking page draws already; None for the one before.
    """

    layer: str
    before: int | None = None
    after: int | None = None
    draft: int | None = None
    shown: int | None = None


@dataclass(frozen=True, eq=False)
class ComparedLayer:
    """The areas of a layer that are not on both sides what the page shows.

    ``kinds`` are KINDS and BESIDES by code, none for an area that is the same on both sides.
    Outlines are for looking at: rounded to 1e-7 degrees.
    """

    layer: str
    kinds: Mapping[str, Sequence[str]]
    before: AreaSet
    after: AreaSet


@dataclass(frozen=True, eq=False)
class Comparison:
    """Both sides, the asked layer first and those above it after; ``draft`` or ``after`` is one."""

    before: int
    after: int | None
    draft: int | None
    layers: Sequence[ComparedLayer]


@dataclass(frozen=True)
class _Later:
    """What is after: an edition, with what a draft's steps led to on top of it."""

    base: int
    content: Content
    ended: frozenset[AreaKey]


class ComparisonService:
    """Comparing boundaries, for those who look at both at once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def comparison(self, _caller: Caller, asked: ComparisonAsked) -> Comparison:
        """Return what differs between both sides, and between them and what the page shows.

        A draft without an edition before it is compared with the one it stands on.

        Raises
        ------
        UnknownLayer, EditionNotFound, DraftNotFound
            There is no such layer, edition or draft.
        """
        chain = self._workspace.layers.chain(asked.layer)
        names = [layer.name for layer in reversed(chain)]
        with self._workspace.database.read() as connection:
            later = _later(self._workspace, connection, asked)
            before = later.base if asked.before is None else asked.before
            shown = before if asked.shown is None else asked.shown
            for number in (before, shown):
                self._workspace.edition_number(connection, number)
            found = _redrawing(connection, before, later)
            beside = _differing(connection, before, shown) - found.keys
            alike = boundaries_of(editions.content_at(connection, before, beside))
        layers = [_layer(name, found, alike.get(name)) for name in names]
        return Comparison(before, asked.after, asked.draft, layers)


def _later(workspace: Workspace, connection: Transaction, asked: ComparisonAsked) -> _Later:
    if asked.draft is None:
        number = workspace.edition_number(connection, asked.after or 0).number
        return _Later(number, {}, frozenset())
    draft = read_draft(connection, asked.draft)
    content, ended = drafts.resulting_areas(connection, draft.done)
    return _Later(draft.row.base_edition, content, frozenset(ended))


def _redrawing(connection: Transaction, before: int, later: _Later) -> Redrawing:
    keys = _differing(connection, before, later.base) | later.content.keys() | later.ended
    old = editions.content_at(connection, before, keys)
    new = editions.content_at(connection, later.base, keys - later.ended) | later.content
    return redrawing_of(boundaries_of(old), boundaries_of(new))


def _differing(connection: Transaction, one: int, other: int) -> frozenset[AreaKey]:
    return redrawing_of(
        editions.read_differing(connection, one, other=other),
        editions.read_differing(connection, other, other=one),
    ).keys


def _layer(name: str, found: Redrawing, alike: AreaSet | None) -> ComparedLayer:
    sides = [
        _joined(name, [each for each in (content.get(name), alike) if each is not None])
        for content in (found.before, found.after)
    ]
    kinds = {
        code: found.kinds(name, code)
        for layer, code in found.keys
        if layer == name and name in found.differences
    }
    return ComparedLayer(name, kinds, *sides)


def _joined(name: str, sets: Sequence[AreaSet]) -> AreaSet:
    outlines = [outline for each in sets for outline in each.geometries]
    return area_set(
        name,
        codes=[code for each in sets for code in each.codes],
        names=[title for each in sets for title in each.names],
        parents=[parent for each in sets for parent in each.parents],
        geometries=_rounded(outlines),
    )


def _rounded(outlines: Sequence[shapely.Geometry]) -> Geometries:
    shapes = np.empty(len(outlines), dtype=object)
    shapes[:] = outlines
    rounded: Geometries = shapely.transform(shapes, lambda at: np.round(at, _DISPLAY_DECIMALS))
    return rounded
