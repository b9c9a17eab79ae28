"""What the maps of a change order show, and the four sides of the changed areas on both of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.layers.area import AreaSet, Boundaries, area_set
from geo_service.layers.layer import Layer
from geo_service.layers.reach import grown_boxes
from geo_service.maps.change_order.view import MapSide, OrderMaps
from geo_service.maps.view import Ancestors
from geo_service.services.areas.ground import (
    BOUNDING_KINDS,
    Surroundings,
    bounds_of,
    bounds_wording,
)
from geo_service.services.change_orders.redraws import Redraw
from geo_service.services.change_orders.rows import changed_codes
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions
from geo_service.storage.databases import Transaction

_SHOWN = 1.5
"""The maps reach no farther than so many longer sides of the box around what changed."""
_LEAST_M = 200.0
_METERS_PER_DEGREE = 111_320.0


@dataclass(frozen=True, eq=False)
class Neighborhood:
    """The areas around a redraw, before and after, read from its base once for each layer."""

    workspace: Workspace
    connection: Transaction
    redraw: Redraw
    box: tuple[float, float, float, float]

    def sides(self, layer: str) -> tuple[AreaSet, AreaSet]:
        """Return the areas of a layer that meet the box, before and after, by code."""
        stored = editions.read_layer(self.connection, self.redraw.base.number, layer, bbox=self.box)
        areas = self.redraw.areas
        keys = {code for name, code in areas.keys if name == layer}
        kept = stored.take([i for i, code in enumerate(stored.codes) if code not in keys])
        return _joined(layer, kept, areas.before), _joined(layer, kept, areas.after)

    def chain(self, layer: str) -> list[Layer]:
        """Return a layer with those above it that have areas, the outermost first."""
        present = set(editions.layers_in(self.connection, self.redraw.base.number))
        chain = self.workspace.layers.chain(layer)
        return [each for each in chain[:-1] if each.name in present] + chain[-1:]


def neighborhood(workspace: Workspace, connection: Transaction, redraw: Redraw) -> Neighborhood:
    """Return the areas around a redraw, as far as its maps reach."""
    outlines = [
        areas.geometries[areas.position_by_code[code]]
        for content in (redraw.areas.before, redraw.areas.after)
        for layer, areas in content.items()
        for code in changed_codes(redraw.areas, layer)
        if code in areas.position_by_code
    ]
    west, south, east, north = shapely.total_bounds(np.array(outlines, dtype=object)).tolist()
    reach_m = _LEAST_M + _SHOWN * _METERS_PER_DEGREE * max(east - west, north - south)
    [box] = grown_boxes(np.array([[west, south, east, north]]), reach_m=reach_m).tolist()
    return Neighborhood(workspace, connection, redraw, (box[0], box[1], box[2], box[3]))


def changed_layers(workspace: Workspace, redraw: Redraw) -> list[Layer]:
    """Return the layers that an order tells of, in the profile's order."""
    return [each for each in workspace.layers if changed_codes(redraw.areas, each.name)]


def order_maps(near: Neighborhood, layer: Layer, around: Surroundings) -> OrderMaps:
    """Return what the maps show: one layer with those above it, roads and water."""
    above = [(each, near.sides(each.name)) for each in near.chain(layer.name)[-2::-1]]
    before, after = near.sides(layer.name)
    found = around.within(shapely.box(*near.box))
    return OrderMaps(
        layer=layer,
        before=MapSide(before, [Ancestors(each, sides[0]) for each, sides in above]),
        after=MapSide(after, [Ancestors(each, sides[1]) for each, sides in above]),
        marks=_marks(near.redraw, layer.name),
        references=[each for each in found if each.kind in BOUNDING_KINDS],
    )


def all_bounds(
    near: Neighborhood, layers: Sequence[Layer], around: Surroundings, language: str
) -> Mapping[tuple[str, str, int], str]:
    """Return 四至 of the changed areas by layer, code and side; lines have none."""
    told = {}
    for layer in layers:
        if layer.geometry == "line":
            continue
        chain = near.chain(layer.name)
        for side, areas in enumerate(near.sides(layer.name)):
            tree = shapely.STRtree(areas.geometries)
            for code in changed_codes(near.redraw.areas, layer.name):
                at = areas.position_by_code.get(code)
                if at is None:
                    continue
                outline = areas.geometries[at]
                beside = areas.take(np.sort(tree.query(outline, "intersects")))
                told[layer.name, code, side] = bounds_wording(
                    bounds_of(outline, code, beside, around),
                    chain[0],
                    language,
                    is_root=len(chain) == 1,
                )
    return told


def _marks(redraw: Redraw, layer: str) -> dict[str, str]:
    marks = {}
    for code in changed_codes(redraw.areas, layer):
        kinds = redraw.areas.kinds(layer, code)
        marks[code] = next((each for each in ("added", "removed") if each in kinds), "changed")
    return marks


def _joined(layer: str, kept: AreaSet, content: Boundaries) -> AreaSet:
    """Return areas of the base with those that differ, by code."""
    sets = [kept, *([content[layer]] if layer in content else [])]
    return area_set(
        layer,
        codes=[code for each in sets for code in each.codes],
        names=[name for each in sets for name in each.names],
        parents=[parent for each in sets for parent in each.parents],
        geometries=[outline for each in sets for outline in each.geometries],
    )
