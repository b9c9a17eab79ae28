"""Ancestors follow their children: ground that changes hands below changes hands above."""

from collections.abc import Sequence

import shapely

from geo_service.errors import OutsideParent
from geo_service.layers.arcs import Chain
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.arcs.rings import outline_of


def follow(edit: Edit, chain: Chain, *, left: Sequence[int], joined: Sequence[int]) -> None:
    """Let ground go from some ancestors to others, layer by layer.

    An ancestor that both name keeps it, and one that has it already is only joined in name.

    Parameters
    ----------
    chain
        Around the ground.
    left, joined
        The ancestors of whoever had the ground and of whoever gets it, by number; those of one
        side may be none.

    Raises
    ------
    OutsideParent
        The ground lies outside the ancestor that it would leave, at least in part: to take it
        from there would leave less than nothing.
    """
    old, new = ({edit.base.areas[n].key.layer: n for n in line} for line in (left, joined))
    for layer in sorted(old.keys() | new.keys()):
        giver, taker = old.get(layer), new.get(layer)
        if giver == taker or (taker is not None and _has(edit, taker, chain)):
            continue
        if giver is not None:
            if not _has(edit, giver, chain):
                key = edit.area(giver).key
                raise OutsideParent(layer=key.layer, code=key.code)
            edit.take_ground(giver, chain)
        if taker is not None:
            edit.add_ground(taker, chain)


def _has(edit: Edit, number: int, chain: Chain) -> bool:
    """Return whether an area has all of some ground, as its arcs are now."""
    outline, ground = (outline_of(edit.faces(c)) for c in (edit.area(number).chain, chain))
    return bool(shapely.covers(outline, ground))
