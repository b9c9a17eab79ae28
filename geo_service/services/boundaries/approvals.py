"""Statutory borders change with an approval: who gave it, by which document, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from geo_service.errors import ApprovalMissing
from geo_service.layers.difference import LayerDifference
from geo_service.layers.layer import Layers

_APPROVED_BY = ("authority", "document", "date")


def statutory_changes(
    differences: Sequence[LayerDifference], layers: Layers
) -> list[LayerDifference]:
    """Return what changes in statutory layers; an area that only gained a node does not."""
    found = [
        replace(each, renoded=[])
        for each in differences
        if layers[each.layer].authority == "statutory"
    ]
    return [each for each in found if not each.is_empty]


def approval_of(
    statutory: Sequence[LayerDifference], told: Mapping[str, str] | None
) -> Mapping[str, str] | None:
    """Return authority, document and date of an approval, None where nobody had to approve.

    Raises
    ------
    ApprovalMissing
        Statutory borders change, and one of the three is not told.
    """
    found = {name: (told or {}).get(name, "").strip() for name in _APPROVED_BY}
    if statutory and not all(found.values()):
        first = statutory[0]
        codes = sorted({*first.added, *first.removed, *first.changed, *first.moved, *first.renamed})
        raise ApprovalMissing(layer=first.layer, areas=codes)
    return found if any(found.values()) else None
