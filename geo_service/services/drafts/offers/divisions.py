"""Ways to divide ground that are offered whole, with codes and counts, before they are taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.errors import InvalidValue
from geo_service.layers.arcs import AreaKey, Coverage, Place
from geo_service.layers.area import Boundaries, Floats, Geometries
from geo_service.layers.redraw import AreaCut, codes_for, cuts_along, suggest_parts
from geo_service.layers.redraw.asked.ground import CutAreas
from geo_service.layers.redraw.asked.operation import Places, SplitByChildren
from geo_service.layers.redraw.proposals.parts import refuse_count
from geo_service.layers.redraw.review import SLIVER_M
from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import Draft, read_draft
from geo_service.services.drafts.kept.draft_states import DraftStates
from geo_service.services.drafts.kept.states import DraftState
from geo_service.services.drafts.offers.measures import (
    AUTO,
    GROUND,
    Weighed,
    chosen_measure,
    weighed_in,
)
from geo_service.services.drafts.offers.offer import Offer, offered_parts
from geo_service.services.drafts.offers.proposals import Pieces
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, references
from geo_service.storage.databases import Transaction

WIDEST_M = 1_000.0
"""Pieces may be asked to be this wide at least, and not wider."""


@dataclass(frozen=True)
class CutsAsked:
    """Which areas of a layer are to be cut, and along what.

    Either ``codes`` of areas or the code of their ``parent``; ``with_siblings`` adds to the named
    areas all that have a parent with one of them. Lines are those of kinds of
    reference features and the borders, or lanes, of other layers. Pieces that hold no circle of
    ``narrowest_m`` are not made. With ``keeps_code`` the largest piece of each area stays it.
    """

    layer: str
    codes: tuple[str, ...] = ()
    parent: str | None = None
    references: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    with_siblings: bool = False
    narrowest_m: float = SLIVER_M
    keeps_code: bool = False


@dataclass(frozen=True, eq=False)
class _Looked:
    """A draft as it is read once: the coverage to divide, and what lies in the areas."""

    draft: Draft
    coverage: Coverage
    weighed: Mapping[str, Weighed]


class DraftDivisionService:
    """Offers that divide areas, and what they are made of."""

    def __init__(self, workspace: Workspace, states: DraftStates) -> None:
        self._workspace, self._states = workspace, states

    def parts(
        self,
        _caller: Caller,
        draft_id: int,
        key: AreaKey,
        count: int,
        *,
        measure: str = AUTO,
        keeps_code: bool = False,
    ) -> Offer:
        """Return an area parted by straight lines into parts that have about the same.

        Raises
        ------
        DraftNotFound, UnknownArea, HasChildren
            There is no such draft or area, or it is made of areas below it.
        InvalidValue
            The measure is unknown, or the count not from 2 to 50.
        NoBalancedParts
            With the reason: nothing in it is told of the measure, or no lines were found.
        CodesExhausted, BordersCross
            There are no codes left, or new borders would come too close to others.
        """
        with self._workspace.database.read() as connection:
            draft, state = self._read(connection, draft_id)
            looked = self._look(connection, draft, state.coverage_of(key), [key])
        refuse_count(count)
        chosen, load = chosen_measure(key, measure, count, looked.weighed)
        found = suggest_parts(
            looked.coverage,
            key,
            count,
            places=None if load is None else load.places,
            weights=None if load is None else load.weights,
        )
        cut = AreaCut(key, found.pieces, found.lines)
        return self._offer(looked, [cut], chosen, keeps_code=keeps_code)

    def cuts(self, _caller: Caller, draft_id: int, asked: CutsAsked) -> Offer:
        """Return areas cut along roads, water, or the borders of other layers.

        Areas that no line parts are left out.

        Raises
        ------
        DraftNotFound, UnknownArea, UnknownLayer, HasChildren
            There is no such draft, area or layer, or the area is made of areas below it.
        InvalidValue
            Neither areas nor their parent are named, or both; no lines, or of an unknown kind;
            the width is not from 0.5 to 1,000 m.
        UnfitLine
            The lines part none of the areas.
        LimitExceeded
            So many vertices lie near them.
        CodesExhausted, BordersCross
            There are no codes left, or new borders would come too close to others.
        """
        _refuse_width(asked.narrowest_m)
        with self._workspace.database.read() as connection:
            draft, state = self._read(connection, draft_id)
            coverage = state.coverage_with(self._workspace.layers[asked.layer].name)
            keys = self._keys(coverage, asked)
            lines = self._lines(connection, draft, state, _box(coverage, keys), asked)
            looked = self._look(connection, draft, coverage, keys)
        cuts = cuts_along(coverage, keys, lines, narrowest_m=asked.narrowest_m)
        return self._offer(looked, cuts, GROUND, keeps_code=asked.keeps_code)

    def groups(
        self, _caller: Caller, draft_id: int, key: AreaKey, groups: Sequence[Sequence[AreaKey]]
    ) -> Pieces:
        """Return the areas that groups of an area's children would make, each with a new code.

        Raises
        ------
        DraftNotFound, UnknownArea
            There is no such draft, area or child.
        InvalidValue
            A group is empty.
        GeoServiceError
            What `split_by_children` and new codes raise.
        """
        with self._workspace.database.read() as connection:
            coverage = self._read(connection, draft_id)[1].coverage_of(key)
        if not all(groups):
            raise InvalidValue("groups", "每组至少一个下级", "groups of one child at least")
        shapes = [
            shapely.union_all([coverage.area(child).outline for child in group]) for group in groups
        ]
        codes = self._codes(coverage, [key] * len(shapes), shapes)
        children = {code: tuple(group) for code, group in zip(codes, groups, strict=True)}
        after = SplitByChildren(key, children).on(coverage).coverage
        return Pieces([after.area(AreaKey(key.layer, code)).outline for code in codes], codes)

    def children(self, _caller: Caller, draft_id: int, key: AreaKey) -> Boundaries:
        """Return the areas directly below one, layer by layer, as they are in a draft.

        Raises
        ------
        DraftNotFound, UnknownArea
            There is no such draft or area.
        """
        with self._workspace.database.read() as connection:
            coverage = self._read(connection, draft_id)[1].coverage_of(key)
        numbers = coverage.children.get(coverage.number_of(key), ())
        found = coverage.area_sets(sorted(numbers))
        return {layer: areas for layer, areas in found.items() if len(areas)}

    def _read(self, connection: Transaction, draft_id: int) -> tuple[Draft, DraftState]:
        draft = read_draft(connection, draft_id)
        return draft, self._states.of(connection, draft)

    def _look(
        self, connection: Transaction, draft: Draft, coverage: Coverage, keys: Sequence[AreaKey]
    ) -> _Looked:
        ground = shapely.union_all([coverage.area(key).outline for key in keys])
        base = draft.row.base_edition
        return _Looked(draft, coverage, weighed_in(self._workspace, connection, base, ground))

    def _keys(self, coverage: Coverage, asked: CutsAsked) -> list[AreaKey]:
        if bool(asked.codes) == (asked.parent is not None):
            raise InvalidValue(
                "codes",
                "区域代码，或改用 parent 给出上级代码",
                "codes of areas, or else their parent",
            )
        if asked.parent is None:
            keys = [AreaKey(asked.layer, code) for code in dict.fromkeys(asked.codes)]
            return _with_siblings(coverage, keys) if asked.with_siblings else keys
        parent = AreaKey(str(self._workspace.layers[asked.layer].parent), asked.parent)
        numbers = coverage.children_in(coverage.number_of(parent), asked.layer)
        return sorted(coverage.areas[number].key for number in numbers)

    def _lines(
        self,
        connection: Transaction,
        draft: Draft,
        state: DraftState,
        box: tuple[float, float, float, float],
        asked: CutsAsked,
    ) -> Geometries:
        """Return the lines near a box: all of the kinds of references, what of layers meets it."""
        known = references.read_kinds(connection)
        if not {*asked.references} <= known or not (asked.references or asked.layers):
            kinds = ", ".join(sorted(known))
            raise InvalidValue(
                "references",
                f"参考要素的种类（{kinds}），或改用 layers",
                f"one of {kinds}, or layers",
            )
        stored = references.read_references(connection, asked.references)
        found = [shapes for _, shapes in stored.values()]
        for name in asked.layers:
            layer = self._workspace.layers[name].name
            own = next((each for each in state.coverages if layer in each.above), None)
            found.append(
                editions.read_layer(connection, draft.row.base_edition, layer, bbox=box).geometries
                if own is None
                else own.parts[layer].meeting(np.array([box]))[0]
            )
        return np.concatenate(found)

    def _offer(
        self, looked: _Looked, cuts: Sequence[AreaCut], measure: str, *, keeps_code: bool
    ) -> Offer:
        """Return cuts with codes, as they would be done: what is offered was tried."""
        kept = {cut.key: _largest(cut) for cut in cuts} if keeps_code else {}
        new = [
            (cut.key, piece)
            for cut in cuts
            for i, piece in enumerate(cut.pieces)
            if kept.get(cut.key) != i
        ]
        given = self._codes(looked.coverage, [key for key, _ in new], [piece for _, piece in new])
        codes: dict[str, tuple[str, ...]] = {}
        for (key, _), code in zip(new, given, strict=True):
            codes[key.code] = (*codes.get(key.code, ()), code)
        keeps = {cut.key.code: _inside(cut.pieces[kept[cut.key]]) for cut in cuts if kept}
        lines = tuple(_places(line) for cut in cuts for line in cut.lines)
        operation = CutAreas(cuts[0].key.layer, lines, codes, keeps)
        parts = offered_parts(looked.coverage, operation, looked.weighed, measure)
        unknown = {name: each.unknown for name, each in looked.weighed.items()}
        return Offer(looked.draft, operation, measure, parts, unknown)

    def _codes(
        self, coverage: Coverage, formers: Sequence[AreaKey], shapes: Sequence[shapely.Geometry]
    ) -> list[str]:
        """Return a new code for each part of an area: by its parent, in one order below each."""
        layer = self._workspace.layers[formers[0].layer]
        by_parent: dict[int | None, list[int]] = {}
        for at, key in enumerate(formers):
            by_parent.setdefault(coverage.area(key).parent, []).append(at)
        codes = [""] * len(shapes)
        for parent, some in by_parent.items():
            above = None if parent is None else coverage.areas[parent].key
            own = [shapes[at] for at in some]
            found = codes_for(coverage, layer.name, above, own, scheme=layer.codes, taken=codes)
            for at, code in zip(some, found, strict=True):
                codes[at] = code
        return codes


def _with_siblings(coverage: Coverage, keys: Sequence[AreaKey]) -> list[AreaKey]:
    parents = {coverage.area(key).parent for key in keys}
    found = [area.key for area in coverage.areas.values() if area.parent in parents]
    return sorted(key for key in found if key.layer == keys[0].layer)


def _refuse_width(narrowest_m: float) -> None:
    if not SLIVER_M <= narrowest_m <= WIDEST_M:
        raise InvalidValue(
            "narrowest_m",
            f"{SLIVER_M:g} 到 {WIDEST_M:g} 之间的米数",
            f"meters from {SLIVER_M:g} to {WIDEST_M:g}",
        )


def _box(coverage: Coverage, keys: Sequence[AreaKey]) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.total_bounds(
        np.array([coverage.area(key).outline for key in keys], dtype=object)
    ).tolist()
    return west, south, east, north


def _largest(cut: AreaCut) -> int:
    sizes = [piece.area for piece in cut.pieces]
    return sizes.index(max(sizes))


def _inside(shape: shapely.Geometry) -> Place:
    x, y = shapely.get_coordinates(shapely.point_on_surface(shape))[0].tolist()
    return x, y


def _places(line: Floats) -> Places:
    return tuple((x, y) for x, y in line.tolist())
