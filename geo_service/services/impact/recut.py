"""Which parents do not hold the same ground as their children any more, after a redraw."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.reach import uneven_boxes
from geo_service.services.impact.redrawing import Redrawing
from geo_service.services.impact.stored_areas import StoredAreas
from geo_service.storage.editions import AreaKey


def recut_parents(redrawing: Redrawing, stored: StoredAreas, boxes: Floats) -> set[AreaKey]:
    """Return the parents that lost or got ground which children of a layer did not, or these.

    Those whose difference lies out of all boxes are left out.
    """
    number: dict[tuple[AreaKey, str], int] = {}
    groups, edges = [np.empty(0, dtype=np.intp)], [np.empty((0, 4))]
    for layer, (named, (pair, ends)) in redrawing.changed_edges.items():
        below = [each.name for each in stored.layers.children(layer) if not each.is_overlay]
        # an edge that parent and child lost or got stands twice, and so is even
        of_pair = [
            [((layer, code), child) for child in below]
            + [(above, layer) for above in [stored.parent_key(layer, parent)] if above]
            for code, parent in named
        ]
        for place in range(max(map(len, of_pair), default=0)):
            at = [
                number.setdefault(each[place], len(number)) if each[place:] else -1
                for each in of_pair
            ]
            own = np.array(at, dtype=np.intp)[pair]
            groups.append(own[own >= 0])
            edges.append(ends[own >= 0])
    found = uneven_boxes(np.concatenate(groups), np.concatenate(edges), count=len(number))
    uneven = np.flatnonzero(~np.isnan(found[:, 0]))
    near = set(uneven[are_meeting(found[uneven], boxes)].tolist())
    return {key for (key, _), at in number.items() if at in near}


def are_meeting(boxes: Floats, others: Floats) -> NDArray[np.bool_]:
    """Return which boxes, degrees ``(n, 4)``, meet one of others."""
    found = np.zeros(len(boxes), dtype=np.bool_)
    tree = shapely.STRtree(np.asarray(shapely.box(*others.T)))
    found[tree.query(np.asarray(shapely.box(*boxes.T)))[0]] = True
    return found
