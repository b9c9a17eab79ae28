"""What became of each changed area, in words: its codes and names on both sides, what happened."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from geo_service.layers.area import Boundaries
from geo_service.layers.lineage import LineageRow
from geo_service.layers.topology.defect import shown_name
from geo_service.services.impact.redrawing import Redrawing
from geo_service.storage.editions import AreaKey

Pair = tuple[Sequence[str], Sequence[str]]
"""Codes or names before and after."""

_KINDS = {
    "added": ("新设", "new"),
    "removed": ("撤销", "retired"),
    "changed": ("范围调整", "resized"),
    "moved": ("换上级", "another parent"),
    "renamed": ("改名", "renamed"),
    "relisted": ("清单调整", "list changed"),
}
_UNTOLD_BY_LINEAGE = ("moved", "renamed", "relisted")


class ToldChanges:
    """Areas that differ, with the lineage between both sides."""

    def __init__(self, areas: Redrawing, lineage: Sequence[LineageRow]) -> None:
        self._areas = areas
        self._rows = _by_area(lineage)

    def rows(self, layer: str, code: str) -> Sequence[LineageRow]:
        """Return the lineage that names an area, as an old or as a new one."""
        return self._rows.get((layer, code), ())

    def codes(self, layer: str, code: str) -> Pair:
        """Return an area's codes before and after: its own, or where its ground was or went."""
        rows = self.rows(layer, code)
        is_there = [
            layer in content and code in content[layer].position_by_code
            for content in (self._areas.before, self._areas.after)
        ]
        old = [row.old_code for row in rows if row.new_code == code and row.old_code]
        new = [row.new_code for row in rows if row.old_code == code and row.new_code]
        return ([code] if is_there[0] else old, [code] if is_there[1] else new)

    def names(self, layer: str, codes: Pair) -> Pair:
        """Return the names of changed areas by their codes before and after."""
        return (
            _names(self._areas.before, layer, codes[0]),
            _names(self._areas.after, layer, codes[1]),
        )

    def kinds(self, layer: str, code: str, english: int) -> list[str]:
        """Return what happened to an area, each once; where lineage tells nothing, as compared."""
        told = [row.title("en" if english else "zh") for row in self.rows(layer, code)]
        compared = self._areas.kinds(layer, code)
        more = [kind for kind in compared if not told or kind in _UNTOLD_BY_LINEAGE]
        return list(dict.fromkeys([*told, *(_KINDS[kind][english] for kind in more)]))

    def lists(self, layer: str, code: str) -> Pair:
        """Return the buildings put on the list of an area, and those taken off, as people say."""
        put, gone = self._areas.listed_anew(layer, code)
        return list(map(shown_name, put)), list(map(shown_name, gone))


def _by_area(lineage: Sequence[LineageRow]) -> Mapping[AreaKey, list[LineageRow]]:
    found: dict[AreaKey, list[LineageRow]] = defaultdict(list)
    for row in lineage:
        for code in dict.fromkeys((row.old_code, row.new_code)):
            if code is not None:
                found[row.layer, code].append(row)
    return found


def _names(content: Boundaries, layer: str, codes: Sequence[str]) -> list[str]:
    areas = content.get(layer)
    if areas is None:
        return []
    at = areas.position_by_code
    return [areas.names[at[code]] for code in codes if code in at]
