"""What the maps of a change order show, and the four sides of the changed areas on both of them."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from geo_service.layers.layer import Layer
from geo_service.layers.reach import grown_boxes
from geo_service.maps.change_order.view import MapSide, OrderMaps
from geo_service.maps.view import Ancestors
from geo_service.services.areas.ground import BOUNDING_KINDS, Surroundings
from geo_service.services.bounds_texts.neighborhood import Neighborhood
from geo_service.services.bounds_texts.standing import Texts
from geo_service.services.change_orders.redraws import Redraw
from geo_service.services.impact.redrawing import Redrawing
from geo_service.services.workspaces import Workspace
from geo_service.storage import bounds_texts
from geo_service.storage.databases import Transaction

_SHOWN = 1.5
"""The maps reach no farther than so many longer sides of the box around what changed."""
_LEAST_M = 200.0
_METERS_PER_DEGREE = 111_320.0


def neighborhood(workspace: Workspace, connection: Transaction, redraw: Redraw) -> Neighborhood:
    """Return the areas around a redraw, as far as its maps reach."""
    outlines = [
        areas.geometries[areas.position_by_code[code]]
        for content in (redraw.areas.before, redraw.areas.after)
        for layer, areas in content.items()
        for code in redraw.areas.told_codes(layer)
        if code in areas.position_by_code
    ]
    west, south, east, north = shapely.total_bounds(np.array(outlines, dtype=object)).tolist()
    reach_m = _LEAST_M + _SHOWN * _METERS_PER_DEGREE * max(east - west, north - south)
    [box] = grown_boxes(np.array([[west, south, east, north]]), reach_m=reach_m).tolist()
    west, south, east, north = box
    return Neighborhood(
        workspace, connection, redraw.base.number, redraw.areas, (west, south, east, north)
    )


def changed_layers(workspace: Workspace, redraw: Redraw) -> list[Layer]:
    """Return the layers that an order tells of, in the profile's order."""
    return [each for each in workspace.layers if redraw.areas.told_codes(each.name)]


def order_maps(near: Neighborhood, layer: Layer, around: Surroundings) -> OrderMaps:
    """Return what the maps show: one layer with those above it, roads and water."""
    above = [(each, near.sides(each.name)) for each in near.chain(layer.name)[-2::-1]]
    before, after = (side.areas for side in near.sides(layer.name))
    found = around.within(shapely.box(*near.box))
    return OrderMaps(
        layer=layer,
        before=MapSide(before, [Ancestors(each, sides[0].areas) for each, sides in above]),
        after=MapSide(after, [Ancestors(each, sides[1].areas) for each, sides in above]),
        marks=_marks(near.areas, layer.name),
        references=[each for each in found if each.kind in BOUNDING_KINDS],
    )


def all_bounds(
    near: Neighborhood,
    layers: Sequence[Layer],
    around: Surroundings,
    language: str,
    *,
    draft_id: int | None,
) -> Mapping[tuple[str, str, int], str]:
    """Return 四至 of the changed areas by layer, code and side; lines have none.

    One that was written for the very ground stands before the generated one. ``draft_id`` is that
    of an open draft: what was written in it stands on the side after.
    """
    told = {}
    drafted = [] if draft_id is None else bounds_texts.texts_of_draft(near.connection, draft_id)
    for layer in layers:
        if layer.geometry == "line":
            continue
        codes = near.areas.told_codes(layer.name)
        published = bounds_texts.published_texts(near.connection, layer.name, codes)
        for side, areas in enumerate(near.sides(layer.name)):
            texts = Texts([*published, *(drafted if side else [])])
            gone = [
                code
                for name, code in texts.by_area
                if side and name == layer.name and areas.outline(code) is None
            ]
            for code in codes:
                outline = areas.outline(code)
                if outline is not None:
                    entered = texts.standing(layer.name, code, outline, gone=gone).text(language)
                    generated = "" if entered else areas.generated(code, around)[language]
                    told[layer.name, code, side] = entered or generated
    return told


def _marks(areas: Redrawing, layer: str) -> dict[str, str]:
    marks = {}
    for code in areas.told_codes(layer):
        kinds = areas.kinds(layer, code)
        marks[code] = next((each for each in ("added", "removed") if each in kinds), "changed")
        if kinds == ("relisted",):
            marks[code] = "relisted"
    return marks
