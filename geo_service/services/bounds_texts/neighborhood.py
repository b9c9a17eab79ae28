"""Areas around some ground on both sides of a redraw, and the 四至 generated from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from geo_service.layers.area import AreaSet, Boundaries, area_set
from geo_service.layers.layer import Layer
from geo_service.services.areas.ground import Surroundings, bounds_of, bounds_wording
from geo_service.services.impact.redrawing import Redrawing
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions
from geo_service.storage.databases import Transaction

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, eq=False)
class Neighborhood:
    """The areas that meet a box (degrees): those of an edition, and as a redraw leaves them."""

    workspace: Workspace
    connection: Transaction
    base: int
    areas: Redrawing
    box: tuple[float, float, float, float]

    def sides(self, layer: str) -> tuple["LayerSide", "LayerSide"]:
        """Return the areas of a layer that meet the box, before and after, by code."""
        stored = editions.read_layer(self.connection, self.base, layer, bbox=self.box)
        keys = {code for name, code in self.areas.keys if name == layer}
        kept = stored.take([i for i, code in enumerate(stored.codes) if code not in keys])
        before = _joined(layer, kept, self.areas.before)
        after = _joined(layer, kept, self.areas.after)
        chain = self.chain(layer)
        return LayerSide(before, chain), LayerSide(after, chain)

    def chain(self, layer: str) -> list[Layer]:
        """Return a layer with those above it that have areas, the outermost first."""
        present = set(editions.layers_in(self.connection, self.base))
        chain = self.workspace.layers.chain(layer)
        return [each for each in chain[:-1] if each.name in present] + chain[-1:]


@dataclass(frozen=True, eq=False)
class LayerSide:
    """The areas of a layer on one side of a redraw; ``chain`` is as `Neighborhood.chain` has it."""

    areas: AreaSet
    chain: Sequence[Layer]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """An index of their outlines."""
        return shapely.STRtree(self.areas.geometries)

    def outline(self, code: str) -> shapely.Geometry | None:
        """Return the outline of an area in degrees, None where it is not there."""
        at = self.areas.position_by_code.get(code)
        return None if at is None else self.areas.geometries[at]

    def generated(self, code: str, around: Surroundings) -> Mapping[str, str]:
        """Return the generated 四至 of an area that is there, by language."""
        outline = self.areas.geometries[self.areas.position_by_code[code]]
        beside = self.areas.take(np.sort(self.tree.query(outline, "intersects")))
        bounds, is_root = bounds_of(outline, code, beside, around), len(self.chain) == 1
        return {
            language: bounds_wording(bounds, self.chain[0], language, is_root=is_root)
            for language in LANGUAGES
        }


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
