"""Areas that begin and cease to be."""

import shapely

from geo_service.errors import UnknownLayer, WrongParent
from geo_service.layers.arcs import Area, AreaKey, Coverage
from geo_service.layers.arcs.arc import sum_of
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.area import Floats
from geo_service.layers.redraw.drawing.cutting import SNAP_M
from geo_service.layers.redraw.drawing.drawn import drawn_ring
from geo_service.layers.redraw.following import follow
from geo_service.layers.redraw.free_ground import gaps
from geo_service.layers.redraw.soundness import Redrawn, finished
from geo_service.layers.redraw.splits import leaf, refuse_known_codes
from geo_service.layers.redraw.transfers import free_of, free_outside


def add(
    coverage: Coverage,
    key: AreaKey,
    outline: Floats,
    *,
    parent: AreaKey | None = None,
    name: str | None = None,
    snap_m: float = SNAP_M,
) -> Redrawn:
    """Add an area on the free ground inside a drawn outline.

    Parameters
    ----------
    key
        Its layer and its new code.
    outline
        ``(n, 2)`` in the frame of the coverage. What has an owner in the layer, or lies outside
        the parent, is not taken.
    parent
        The area above; None in the root layer, where the union grows by the new ground.
    name
        Without it the code.

    Raises
    ------
    UnknownLayer, UnknownArea
        There is no such layer or parent.
    WrongParent
        The parent is not of the layer above, is missing, or is given in the root layer.
    CodeInUse, CodeRetired
        The code is, or was, that of another area.
    NoFreeGround
        All ground in the outline has an owner.
    UnfitLine, BordersCross, InvalidCoordinates, LimitExceeded
        As for `give`.
    """
    if key.layer not in coverage.above:
        raise UnknownLayer(layer=key.layer, known=list(coverage.above))
    is_root = coverage.above[key.layer] is None
    if is_root != (parent is None):
        raise WrongParent(key.layer, key.code, *(parent or ("", "—")))
    above = None if parent is None else parent_for(coverage, key, parent)
    refuse_known_codes(coverage, key.layer, [key.code])
    ring = drawn_ring(outline, key)
    edit = Edit(coverage)
    if above is None:
        edit, free = free_outside(edit, key, ring, snap_m)
    else:
        chain = sum_of(face.chain for face in gaps(coverage, above, key.layer))
        edit, free = free_of(edit, chain, key, ring, snap_m=snap_m)
    ground = sum_of(face.chain for face in free)
    edit.add_area(Area(key, name or key.code, above, ground, shapely.Polygon()))
    return finished(edit)


def parent_for(coverage: Coverage, key: AreaKey, parent: AreaKey) -> int:
    """Return the number of a parent for an area.

    Raises
    ------
    UnknownArea
        There is no such parent.
    WrongParent
        It is not of the layer above that of the area.
    """
    if parent.layer != coverage.above[key.layer]:
        raise WrongParent(key.layer, key.code, parent.layer, parent.code)
    return coverage.number_of(parent)


def retire(coverage: Coverage, key: AreaKey, *, leaves_union: bool = False) -> Redrawn:
    """Take an area away; its code is retired.

    Its ground becomes a gap of the parent, until somebody gets it. With ``leaves_union`` it leaves
    the ancestors too; in the root layer it always does. To give it to a neighbor, merge. Even the
    last area of all may go.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    OutsideParent
        An ancestor that it would leave does not have its ground.
    NothingLeft
        An ancestor would be left without ground.
    BordersCross
        Borders would touch.
    """
    number = leaf(coverage, key)
    chain = coverage.areas[number].chain
    edit = Edit(coverage)
    edit.remove_area(number)
    if leaves_union:
        follow(edit, chain, left=coverage.ancestors(number), joined=())
    return finished(edit)
