"""What changed between two contents, layer by layer."""

from dataclasses import dataclass, field
from typing import Any

from geo_service.layers.area import AreaSet, Boundaries, area_set
from geo_service.layers.topology import compare_outlines


@dataclass(frozen=True)
class LayerDifference:
    """What is different in one layer; lists hold codes, ordered.

    ``changed`` areas have another outline, ``renoded`` ones only gained or lost nodes on the same
    outline; ``renamed``, ``moved`` (to another parent) and ``relisted`` (with another building
    list, or one that began or ceased to be) may stand beside either.
    """

    layer: str
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    renoded: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    relisted: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether the layer is the same in both editions."""
        return not any(value for name, value in vars(self).items() if name != "layer")


def layer_differences(before: Boundaries, after: Boundaries) -> list[LayerDifference]:
    """Return what changed between two contents, layer by layer, equal ones left out."""
    names = sorted({*before, *after})
    found = [_layer_difference(name, before, after) for name in names]
    return [difference for difference in found if not difference.is_empty]


def _layer_difference(name: str, before: Boundaries, after: Boundaries) -> LayerDifference:
    old, new = before.get(name) or _no_areas(name), after.get(name) or _no_areas(name)
    both = [code for code in old.codes if code in new.position_by_code]
    at_old = [old.position_by_code[code] for code in both]
    at_new = [new.position_by_code[code] for code in both]
    outlines = compare_outlines(old.geometries[at_old], new.geometries[at_new])
    return LayerDifference(
        layer=name,
        added=[code for code in new.codes if code not in old.position_by_code],
        removed=[code for code in old.codes if code not in new.position_by_code],
        changed=[code for code, kind in zip(both, outlines, strict=True) if kind == "changed"],
        renoded=[code for code, kind in zip(both, outlines, strict=True) if kind == "renoded"],
        renamed=_different(both, [old.names[i] for i in at_old], [new.names[i] for i in at_new]),
        moved=_different(both, [old.parents[i] for i in at_old], [new.parents[i] for i in at_new]),
        relisted=_relisted(both, old, new),
    )


def _relisted(both: list[str], old: AreaSet, new: AreaSet) -> list[str]:
    before, after = old.list_by_code, new.list_by_code
    return [code for code in both if before.get(code) != after.get(code)]


def _different(codes: list[str], old: list[Any], new: list[Any]) -> list[str]:
    return [code for code, a, b in zip(codes, old, new, strict=True) if a != b]


def _no_areas(layer: str) -> AreaSet:
    return area_set(layer, codes=[], geometries=[])
