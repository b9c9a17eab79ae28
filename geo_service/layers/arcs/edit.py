"""Editing a coverage: changes gathered beside it, then a new value that shares the rest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from geo_service.layers.arcs.arc import (
    Arc,
    Chain,
    Place,
    arc_of,
    sum_of,
    terms_of,
)
from geo_service.layers.arcs.coverage import Area, AreaKey, Coverage
from geo_service.layers.arcs.part_index import PartIndex
from geo_service.layers.arcs.rings import Face, faces_of, outline_of
from geo_service.layers.area import Floats

_ARCS_TO_JOIN = 2


@dataclass(frozen=True)
class Change:
    """What an operation changed, by number; each ascending.

    ``touched`` are areas with a vertex added, moved or removed, new ones among them; ``entered``
    and ``left`` areas that began and ceased to be; ``moved`` those with another parent, and
    ``named`` those with another code or name, ``listed`` those with another building list. ``arcs``
    are new or have other places or owners.
    """

    touched: tuple[int, ...] = ()
    entered: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    arcs: tuple[int, ...] = ()
    arcs_left: tuple[int, ...] = ()
    listed: tuple[int, ...] = ()

    def with_listed(self, numbers: tuple[int, ...]) -> "Change":
        """Return the same with other areas whose building list is another one."""
        return replace(self, listed=numbers)


class Edit:
    """Changes to a coverage on their way to a new one; the coverage itself never changes.

    Chains stay closed and owners on both sides of arcs follow them at every step; outlines are
    made once, by `finish`.
    """

    def __init__(self, base: Coverage) -> None:
        self.base = base
        self._arcs: dict[int, Arc | None] = {}
        self._at: dict[Place, tuple[int, ...] | None] = {}
        self._areas: dict[int, Area | None] = {}
        self._touched: set[int] = set()
        self._loose: set[Place] = set()
        self._next_arc, self._next_area = base.next_arc, base.next_area
        self._retired: set[AreaKey] = set()

    def copy(self) -> "Edit":
        """Return the same changes, to go on from twice."""
        other = Edit(self.base)
        other._arcs, other._at, other._areas = dict(self._arcs), dict(self._at), dict(self._areas)
        other._touched, other._loose = set(self._touched), set(self._loose)
        other._next_arc, other._next_area = self._next_arc, self._next_area
        other._retired = set(self._retired)
        return other

    def arc(self, number: int) -> Arc:
        """Return an arc as it is now."""
        found = self._arcs.get(number)
        return self.base.arcs[number] if found is None else found

    def area(self, number: int) -> Area:
        """Return an area as it is now; its outline is that of before."""
        found = self._areas.get(number)
        return self.base.areas[number] if found is None else found

    def arcs_at(self, place: Place) -> tuple[int, ...]:
        """Return the arcs at a junction, closed ones twice; none where there is no junction."""
        if place in self._at:
            return self._at[place] or ()
        return self.base.arcs_at.get(place, ())

    def faces(self, chain: Iterable[int]) -> list[Face]:
        """Return the ground on the left of arcs; see `faces_of`."""
        return faces_of(chain, self.arc)

    def set_places(self, number: int, places: Floats) -> None:
        """Lay an arc along other places, shape ``(n, 2)``; its ends may be elsewhere."""
        before = self.arc(number)
        after = arc_of(places, before.left, before.right)
        if (before.tail, before.head) != (after.tail, after.head):
            self._detach(number, before)
            self._attach(number, after)
        self._arcs[number] = after
        self._touched.update(after.owners())

    def insert(self, number: int, segments: Sequence[int], places: Floats) -> None:
        """Add vertices to an arc, each into the straight piece of its number, in this order."""
        old = self.arc(number).places
        self.set_places(number, np.insert(old, np.asarray(segments) + 1, places, axis=0))

    def make_node(self, number: int, place: Place) -> int | None:
        """End an arc at one of its vertices; return the number of the rest.

        A closed arc without junction begins there instead, and there is no rest; nor is there
        where the arc ends there already. What meets nothing else in the end is joined again.
        """
        arc = self.arc(number)
        self._loose.add(place)
        if place in (arc.tail, arc.head):
            return None
        at = int(np.flatnonzero((arc.places == np.array(place)).all(axis=1))[0])
        is_alone = arc.is_closed and len(self.arcs_at(arc.tail)) == _ARCS_TO_JOIN
        if is_alone and arc.tail not in self._loose:
            self._set_arc(number, np.concatenate([arc.places[at:], arc.places[1 : at + 1]]))
            return None
        self._set_arc(number, arc.places[: at + 1].copy())
        rest = self.add_arc(arc.places[at:].copy())
        for owner in arc.owners():
            sign = 1 if owner in arc.left else -1
            self._set_chain(owner, sum_of([self.area(owner).chain, (sign * rest,)]))
        return rest

    def add_arc(self, places: Floats) -> int:
        """Add an arc along places, shape ``(n, 2)``, that borders on nobody yet; return it."""
        number = self._next_arc
        self._next_arc += 1
        self._arcs[number] = arc_of(places)
        self._attach(number, self.arc(number))
        return number

    def add_area(self, area: Area) -> int:
        """Add an area with the chain it has; return its number. Its outline is made later."""
        number = self._next_area
        self._next_area += 1
        self._areas[number] = area._replace(chain=())
        self.set_ground(number, area.chain)
        return number

    def set_ground(self, number: int, chain: Chain) -> None:
        """Give an area the ground that a chain runs around."""
        self._set_chain(number, chain)
        self._touched.add(number)

    def add_ground(self, number: int, chain: Chain) -> None:
        """Give an area ground that it does not have."""
        self.set_ground(number, sum_of([self.area(number).chain, chain]))

    def take_ground(self, number: int, chain: Chain) -> None:
        """Take ground from an area that has it."""
        self.set_ground(number, sum_of([self.area(number).chain], [chain]))

    def remove_area(self, number: int) -> None:
        """Take an area away, ground and all; its code is retired."""
        self._retired.add(self.area(number).key)
        self._set_chain(number, ())
        self._areas[number] = None
        self._touched.discard(number)

    def rename(self, number: int, key: AreaKey, name: str) -> None:
        """Give an area another key or name; a key it had is retired."""
        area = self.area(number)
        if key != area.key:
            self._retired.add(area.key)
        self._areas[number] = area._replace(key=key, name=name)

    def set_parent(self, number: int, parent: int | None) -> None:
        """Put an area under another parent; the ground of the parents is not changed."""
        self._areas[number] = self.area(number)._replace(parent=parent)

    def _set_chain(self, number: int, chain: Chain) -> None:
        area = self.area(number)
        before, after = terms_of(area.chain), terms_of(chain)
        for arc in before.keys() | after.keys():
            if before.get(arc) != after.get(arc):
                self._set_owner(arc, number, after.get(arc, 0))
        self._areas[number] = area._replace(chain=chain)

    def _set_owner(self, number: int, owner: int, side: int) -> None:
        arc = self.arc(number)
        left, right = ({*side_ - {owner}} for side_ in (set(arc.left), set(arc.right)))
        if side:
            (left if side > 0 else right).add(owner)
        self._arcs[number] = arc._replace(left=tuple(sorted(left)), right=tuple(sorted(right)))
        if not left and not right:
            self._loose |= {arc.tail, arc.head}

    def _set_arc(self, number: int, places: Floats) -> None:
        """Lay an arc along some of the same places: no outline changes."""
        before = self.arc(number)
        after = arc_of(places, before.left, before.right)
        self._detach(number, before)
        self._arcs[number] = after
        self._attach(number, after)

    def _attach(self, number: int, arc: Arc) -> None:
        for place in (arc.tail, arc.head):
            self._at[place] = (*self.arcs_at(place), number)

    def _detach(self, number: int, arc: Arc) -> None:
        for place in {arc.tail, arc.head}:
            self._at[place] = tuple(n for n in self.arcs_at(place) if n != number) or None

    def finish(self) -> tuple[Coverage, Change]:
        """Return the new coverage and what changed.

        Arcs that border on nobody are gone, and arcs joined where nothing else meets any more.
        """
        self._drop_loose_arcs()
        for place in sorted(self._loose):
            self._join_at(place)
        for number in self._touched:
            area = self.area(number)
            self._areas[number] = area._replace(outline=outline_of(self.faces(area.chain)))
        return self._coverage(), self._change()

    def _drop_loose_arcs(self) -> None:
        for number, arc in list(self._arcs.items()):
            if arc is not None and not arc.owners():
                self._detach(number, arc)
                self._arcs[number] = None
                self._loose |= {arc.tail, arc.head}

    def _join_at(self, place: Place) -> None:
        meeting = self.arcs_at(place)
        if len(meeting) != _ARCS_TO_JOIN or meeting[0] == meeting[1]:
            return
        kept, gone = sorted(meeting)
        first, second = self.arc(kept), self.arc(gone)
        ahead = first.places if first.head == place else first.places[::-1]
        behind = second.places if second.tail == place else second.places[::-1]
        joined = np.concatenate([ahead, behind[1:]])
        # The arc that stays runs as before, so that chains only lose the one that goes.
        places = joined if first.head == place else joined[::-1].copy()
        for owner in second.owners():
            chain = tuple(step for step in self.area(owner).chain if abs(step) != gone)
            self._areas[owner] = self.area(owner)._replace(chain=chain)
        self._detach(gone, second)
        self._arcs[gone] = None
        self._set_arc(kept, places)

    def _coverage(self) -> Coverage:
        base = self.base
        children = base.children.with_changes(self._children())
        return Coverage(
            above=base.above,
            scale=base.scale,
            areas=base.areas.with_changes(self._areas),
            numbers=base.numbers.with_changes(self._numbers()),
            children=children,
            arcs=base.arcs.with_changes(self._arcs),
            arcs_at=base.arcs_at.with_changes(self._at),
            rim=self._rim(),
            untiled=self._untiled(children),
            parts=self._parts(),
            retired=base.retired | self._retired,
            next_area=self._next_area,
            next_arc=self._next_arc,
        )

    def _numbers(self) -> Mapping[AreaKey, int | None]:
        gone = {
            self.base.areas[number].key: None for number in self._areas if number in self.base.areas
        }
        here = {a.key: number for number, a in self._areas.items() if a is not None}
        return {**gone, **here}

    def _children(self) -> Mapping[int, tuple[int, ...] | None]:
        children: dict[int, set[int]] = {}
        for number, after in self._areas.items():
            before = self.base.areas.get(number)
            old, new = (None if a is None else a.parent for a in (before, after))
            for parent, is_child in ((old, False), (new, True)):
                if parent is not None and old != new:
                    own = children.setdefault(parent, set(self.base.children.get(parent, ())))
                    (own.add if is_child else own.discard)(number)
        return {parent: tuple(sorted(own)) or None for parent, own in children.items()}

    def _rim(self) -> frozenset[int]:
        changed = {n: a for n, a in self._arcs.items() if a is not None}
        on_rim = {n for n, a in changed.items() if self._is_on_rim(a)}
        return (self.base.rim - self._arcs.keys()) | on_rim

    def _untiled(self, children: Mapping[int, tuple[int, ...]]) -> frozenset[int]:
        base = self.base
        asked = set(self._areas) & children.keys()
        for number, area in self._areas.items():
            asked |= {
                a.parent for a in (base.areas.get(number), area) if a and a.parent is not None
            }
        untiled = {n for n in asked if n in children and not self._is_tiled(n, children[n])}
        return (base.untiled - asked) | untiled

    def _is_tiled(self, number: int, children: Iterable[int]) -> bool:
        by_layer: dict[str, list[Chain]] = {}
        for child in children:
            area = self.area(child)
            by_layer.setdefault(area.key.layer, []).append(area.chain)
        own = terms_of(self.area(number).chain)
        return all(terms_of(sum_of(chains)) == own for chains in by_layer.values())

    def _is_on_rim(self, arc: Arc) -> bool:
        root = self.base.root_layer
        return sum(self.area(owner).key.layer == root for owner in arc.owners()) == 1

    def _parts(self) -> Mapping[str, PartIndex]:
        changed: dict[str, dict[int, shapely.Geometry | None]] = {}
        for number in self._touched:
            area = self.area(number)
            changed.setdefault(area.key.layer, {})[number] = area.outline
        for number in (n for n, a in self._areas.items() if a is None):
            changed.setdefault(self.base.areas[number].key.layer, {})[number] = None
        parts = dict(self.base.parts)
        for layer, outlines in changed.items():
            parts[layer] = parts[layer].with_changes(outlines)
        return parts

    def _change(self) -> Change:
        base, areas = self.base.areas, self._areas
        both = [(n, base[n], a) for n, a in areas.items() if a is not None and n in base]
        arcs = [n for n, a in self._arcs.items() if a is not None and self._is_other(n, a)]
        return Change(
            touched=tuple(sorted(self._touched)),
            entered=tuple(sorted(n for n in areas if areas[n] is not None and n not in base)),
            left=tuple(sorted(n for n in areas if areas[n] is None and n in base)),
            moved=tuple(sorted(n for n, a, b in both if a.parent != b.parent)),
            named=tuple(sorted(n for n, a, b in both if (a.key, a.name) != (b.key, b.name))),
            arcs=tuple(sorted(arcs)),
            arcs_left=tuple(
                sorted(n for n, a in self._arcs.items() if a is None and n in self.base.arcs)
            ),
        )

    def _is_other(self, number: int, arc: Arc) -> bool:
        before = self.base.arcs.get(number)
        return before is None or before.places is not arc.places or before[1:] != arc[1:]
