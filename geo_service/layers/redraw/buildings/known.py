"""Buildings as they are known: each with a name that stays its own when all are loaded anew."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.arcs import AreaKey
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.redraw.buildings.cells import Building, places_of

_LANE = "弄"


def same_word(text: str) -> str:
    """Return a code or name in the one way in which it is compared: ３ 号楼 is 3号楼."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@dataclass(frozen=True, eq=False)
class KnownBuildings:
    """Buildings with their codes ("" where there is none), names ("" too) and ground, ``(n,)``.

    ``grounds`` are points or valid polygons in the frame of the coverages that are asked. ``told``
    are the areas that address lists or attributes name for a building, by its position; see
    `Lists`. ``doors`` are the positions of those of which an address alone is known: lists may name
    them, and miss none of them.

    Raises
    ------
    InvalidValue
        As soon as ``middles`` are asked for: a building is neither a point nor a valid polygon.
    """

    codes: Sequence[str] = ()
    names: Sequence[str] = ()
    grounds: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))
    told: Mapping[int, tuple[AreaKey, ...]] = field(default_factory=dict)
    doors: Collection[int] = frozenset()

    def __len__(self) -> int:
        """Return the number of buildings."""
        return len(self.names)

    @cached_property
    def middles(self) -> Geometries:
        """A point on the surface of each, shape ``(n,)``: a building stands where it is."""
        return places_of([Building(*each) for each in zip(self.names, self.grounds, strict=True)])

    @cached_property
    def places(self) -> Floats:
        """The same points as lon, lat, shape ``(n, 2)``."""
        return shapely.get_coordinates(self.middles)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """What finds buildings by their ground."""
        return shapely.STRtree(self.grounds)

    @cached_property
    def told_by_area(self) -> Mapping[AreaKey, Sequence[int]]:
        """The buildings that address lists or attributes name for each area."""
        found: dict[AreaKey, list[int]] = {}
        for position, keys in self.told.items():
            for key in keys:
                found.setdefault(key, []).append(position)
        return found

    def at(self, outline: shapely.Geometry) -> list[int]:
        """Return the positions of those that stand in an outline or on its border, ascending."""
        near = self.tree.query(outline, predicate="intersects")
        shapely.prepare(outline)
        return sorted(near[shapely.intersects(outline, self.middles[near])].tolist())

    def meeting(self, outlines: Geometries) -> set[int]:
        """Return the positions of those whose ground meets one of some outlines."""
        return set(self.tree.query(outlines, predicate="intersects")[1].tolist())

    def take(self, positions: Sequence[int]) -> "KnownBuildings":
        """Return those at some positions, in that order."""
        codes, names = ([column[i] for i in positions] for column in (self.codes, self.names))
        told = {at: self.told[i] for at, i in enumerate(positions) if i in self.told}
        doors = frozenset(at for at, i in enumerate(positions) if i in self.doors)
        return KnownBuildings(codes, names, self.grounds[list(positions)], told, doors)

    def within(self, outline: shapely.Geometry) -> "KnownBuildings":
        """Return those that stand in an outline or on its border, in their order."""
        return self.take(self.at(outline))

    @cached_property
    def identities(self) -> list[str]:
        """What names each of these buildings alone, and does so after all were loaded anew.

        The code; where there is none, or several have it, the name; where that is missing or
        shared, the name with the place, as in ``3号楼@121.473012,31.230416``. Names are shared or
        not among these buildings: those of one parent area.
        """
        words = self._words
        codes = Counter(code for code, _ in words)
        names = Counter(name for _, name in words)
        found = []
        seen: Counter[str] = Counter()
        for i, (code, name) in enumerate(words):
            if code and codes[code] == 1:
                word = self.codes[i].strip()
            elif name and names[name] == 1 and not codes[name]:
                word = self.names[i].strip()
            else:
                word = self._placed[i]
            seen[word] += 1
            found.append(word if seen[word] == 1 else f"{word}#{seen[word]}")
        return found

    @cached_property
    def _placed(self) -> list[str]:
        """Each name with its place: what names a building whatever others are called."""
        return [
            f"{name.strip()}@{lon:.6f},{lat:.6f}"
            for name, (lon, lat) in zip(self.names, self.places.tolist(), strict=True)
        ]

    @cached_property
    def _words(self) -> list[tuple[str, str]]:
        pairs = zip(self.codes, self.names, strict=True)
        return [(same_word(code), same_word(name)) for code, name in pairs]

    @cached_property
    def _by_word(self) -> list[dict[str, list[int]]]:
        """Positions by code, identity, placed name and name: the first that knows it decides."""
        columns = (
            [code for code, _ in self._words],
            [same_word(word) for word in self.identities],
            [same_word(word) for word in self._placed],
            [name for _, name in self._words],
        )
        found: list[dict[str, list[int]]] = []
        for column in columns:
            by_word: dict[str, list[int]] = {}
            for i, word in enumerate(column):
                if word:
                    by_word.setdefault(word, []).append(i)
            found.append(by_word)
        return found

    def meant(self, word: str) -> list[int]:
        """Return the positions of the buildings that a code, identity or name may mean."""
        wanted = same_word(word)
        return next((found[wanted] for found in self._by_word if wanted in found), [])

    def in_lane(self, word: str) -> list[int]:
        """Return the positions of the buildings of a lane that is named alone: 6弄 for 6弄1号."""
        lane = same_word(word)
        if not lane.endswith(_LANE):
            return []
        return [i for i, (_, name) in enumerate(self._words) if name.startswith(lane)]

    def is_named(self, position: int) -> bool:
        """Return whether a list has to name a building: it has a code or a name, and a ground."""
        return position not in self.doors and any(self._words[position])

    def building(self, position: int) -> Building:
        """Return a building to redraw by, under its identity."""
        return Building(self.identities[position], self.grounds[position])

    def of(self, positions: Iterable[int]) -> list[Building]:
        """Return some buildings to redraw by, under their identities."""
        return [self.building(position) for position in positions]

    @cached_property
    def position_by_identity(self) -> Mapping[str, int]:
        """Where each building stands."""
        return {identity: position for position, identity in enumerate(self.identities)}

    def nearest(self, positions: Sequence[int], to: Sequence[int]) -> NDArray[np.int64]:
        """Return for each building the position in ``to`` that is nearest, shape ``(n,)``.

        By the distance of grounds in degrees, a degree of longitude being shorter.
        """
        lat = float(self.places[:, 1].mean())
        unit = np.array([np.cos(np.radians(lat)), 1.0])
        plane = shapely.transform(self.grounds, lambda places: places * unit)
        found = shapely.STRtree(plane[list(to)]).nearest(plane[list(positions)])
        return np.asarray(found, dtype=np.int64)
