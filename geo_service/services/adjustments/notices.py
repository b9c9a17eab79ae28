"""公示单: what is posted in an area: its outline, four sides, buildings, who answers for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely

from geo_service.layers.area import AreaSet, Geometries
from geo_service.layers.frames import area_m2
from geo_service.layers.reach import grown_boxes
from geo_service.maps.adjustments.view import (
    AreaChange,
    Body,
    ChangeSide,
    HouseLine,
    Notice,
    NoticeMap,
)
from geo_service.maps.change_order.view import Count
from geo_service.services.adjustments.buildings import PlacedHouses
from geo_service.services.adjustments.changes import Changes
from geo_service.services.adjustments.rows import side_of
from geo_service.services.areas import bodies, ground
from geo_service.services.areas.asked import AskedArea
from geo_service.services.areas.ground import Surroundings
from geo_service.services.bounds_texts.standing import standing_of
from geo_service.services.coverage.picture import Picture
from geo_service.storage import bounds_texts, figures

OFFICE = "office"
"""The figure of an area that says where to ask, as text: 示例街道网格办，电话 …"""

_SHOWN = 1.5
"""The map reaches no farther than so many longer sides of the box around the area."""
_LEAST_M = 120.0
_METERS_PER_DEGREE = 111_320.0
_FARTHEST = 3.0
"""An old outline makes the map no more than so much larger; beyond that it is cut."""
_BODIES_OF_LEVEL = 3


@dataclass(frozen=True, eq=False)
class NoticeBoard:
    """What the sheets of one layer rest on; read once for all of them."""

    changes: Changes
    picture: Picture
    placed: PlacedHouses
    around: Surroundings
    layer: str
    language: str
    changed: Mapping[str, AreaChange]
    _figures: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def areas(self) -> AreaSet:
        """All areas of the layer after."""
        return self.changes.locators[1].areas(self.layer)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.areas.geometries)

    def notice(self, code: str) -> Notice:
        """Return the sheet of one area that is there after."""
        changes = self.changes
        asked = AskedArea(
            changes.workspace,
            changes.connection,
            self.picture,
            changes.workspace.layers[self.layer],
            self.areas.position_by_code[code],
            self.language,
        )
        change = self.changed.get(code)
        houses = self.placed.inside.get(code, ())
        found = _standing(asked)
        return Notice(
            layer=asked.layer,
            code=code,
            name=asked.areas.names[asked.position],
            parents=[asked.name_of(*each) for each in asked.chain[:0:-1]],
            side=self._side(asked, change),
            change=change,
            bounds=self._bounds_told(asked),
            houses=[line for each in houses if (line := self._house(each, code)).name],
            unnamed=sum(not self.placed.houses.names[each] for each in houses),
            bodies=found,
            contact=self._contact(asked, found),
            map=self._map(asked, change),
        )

    def _bounds_told(self, asked: AskedArea) -> str:
        """Return 四至 of an area: as people wrote them for its ground, else generated."""
        rows = bounds_texts.published_texts(
            self.changes.connection, self.layer, [asked.code], known_at_s=None
        )
        written = standing_of(rows, asked.outline).text(self.language)
        if written:
            return written
        beside = self.areas.take(np.sort(self._tree.query(asked.outline, "intersects")))
        return ground.bounds_told(asked, ground.bounds(asked, beside, self.around))

    def _side(self, asked: AskedArea, change: AreaChange | None) -> ChangeSide:
        if change is not None and change.sides[1] is not None:
            return change.sides[1]
        counts = [
            _whole(self._figure(self.layer, figure).get(asked.code))
            for figure in ("households", "residents")
        ]
        parent = asked.name_of(*asked.chain[1]).name if len(asked.chain) > 1 else ""
        m2 = area_m2(asked.areas.geometries[[asked.position]]).item()
        return side_of(asked.areas, asked.position, parent, m2, counts)

    def _figure(self, layer: str, figure: str) -> Mapping[str, str]:
        if (layer, figure) not in self._figures:
            self._figures[layer, figure] = figures.figures_as_of(
                self.changes.connection,
                layer=layer,
                figure=figure,
                as_of_s=self.changes.period.until_s,
            )
        return self._figures[layer, figure]

    def _house(self, house: int, code: str) -> HouseLine:
        told = self.placed.houses
        before = self.placed.before.get(house, ())
        known = self.changes.locators[0].areas(self.layer)
        names = [known.names[known.position_by_code[each]] for each in before]
        came_from = "、".join(names) if code not in before else ""
        return HouseLine(told.names[house], told.households[house], came_from)

    def _contact(self, asked: AskedArea, found: Sequence[Body]) -> str:
        """Return where to ask: the office that a figure names, else the nearest duty phone."""
        for layer, position in asked.chain:
            code = self.picture.locator.areas(layer.name).codes[position]
            office = self._figure(layer.name, OFFICE).get(code)
            if office:
                return office
        return next((f"{each.name} {each.duty_phone}" for each in found if each.duty_phone), "")

    def _map(self, asked: AskedArea, change: AreaChange | None) -> NoticeMap:
        own = asked.areas.geometries[[asked.position]]
        before = self.changes.locators[0].areas(self.layer)
        codes = {asked.code} if change is not None else set()
        codes |= {each.code for each in (change.origins if change else ()) if each.code}
        known = before.position_by_code
        at = [known[code] for code in sorted(codes) if code in known]
        shown = _shown(own, before, asked.code)
        box = _around(shown)
        near = np.unique(np.append(self._tree.query(box, "intersects"), asked.position))
        found = self.areas.take(near)
        return NoticeMap(
            areas=found,
            position=found.position_by_code[asked.code],
            old=before.geometries[at],
            shown=shown,
            ancestors=ground.ancestors(asked),
            references=self.around.within(box),
        )


def _standing(asked: AskedArea) -> list[Body]:
    """Return the bodies of the area and of those above it, a few of each level."""
    return [
        Body(level.area.layer_title, level.area.name, told.name, told.post, told.duty_phone)
        for level in bodies.levels(asked)
        for told in [body.facts for body in level.bodies[:_BODIES_OF_LEVEL]]
    ]


def _shown(own: Geometries, before: AreaSet, code: str) -> Geometries:
    """Return the outlines that the map is laid around: the new one, and the old one beside it."""
    at = before.position_by_code.get(code)
    if at is None:
        return own
    both = np.concatenate([own, before.geometries[[at]]])
    (west, south, east, north), (w, s, e, n) = (
        shapely.total_bounds(each).tolist() for each in (own, both)
    )
    is_near = max(e - w, n - s) <= _FARTHEST * max(east - west, north - south)
    return both if is_near else own


def _around(shown: Geometries) -> shapely.Polygon:
    west, south, east, north = shapely.total_bounds(shown).tolist()
    reach_m = _LEAST_M + _SHOWN * _METERS_PER_DEGREE * max(east - west, north - south)
    [box] = grown_boxes(np.array([[west, south, east, north]]), reach_m=reach_m).tolist()
    found: shapely.Polygon = shapely.box(*box)
    return found


def _whole(value: str | None) -> Count:
    return Count(None if value is None else round(float(value)))
