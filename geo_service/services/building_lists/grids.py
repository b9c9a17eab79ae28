"""Which area each row of a building list is about: one that stands, or a new one."""

from collections.abc import Sequence
from typing import NamedTuple

from geo_service.errors import InvalidValue
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.redraw.buildings.known import same_word
from geo_service.services.building_lists.rows import ListRow
from geo_service.services.lists.rejections import Rejection


class ListedGrid(NamedTuple):
    """A row with the area it is about, the parent of that, and whether the area is new."""

    row: ListRow
    code: str
    parent: AreaKey
    is_new: bool


def understood(
    coverage: Coverage, layer: str, rows: Sequence[ListRow], *, parent: str | None
) -> tuple[list[ListedGrid], list[Rejection]]:
    """Return the area of each row, and the rows of which it cannot be told.

    Raises
    ------
    InvalidValue
        The layer is a root layer: there is no parent to be parted.
    """
    above = coverage.above[layer]
    if above is None:
        raise InvalidValue("layer", "有上级的图层", "a layer that has a parent layer")
    names = _Names(coverage, layer, above)
    found: list[ListedGrid] = []
    rejections: list[Rejection] = []
    for row in rows:
        grid = names.grid_of(row, row.parent or parent)
        if isinstance(grid, Rejection):
            rejections.append(grid)
        else:
            found.append(grid)
    return found, rejections


class _Names:
    """The areas of a layer and of the one above it, by code and by name."""

    def __init__(self, coverage: Coverage, layer: str, above: str) -> None:
        self._coverage, self._layer, self._above = coverage, layer, above
        self._parents = _by_name(coverage, above)
        self._areas = _by_name(coverage, layer)

    def grid_of(self, row: ListRow, parent: str | None) -> ListedGrid | Rejection:
        """Return the area of one row."""
        above = None if parent is None else self._parent(parent)
        if parent is not None and above is None:
            return _rejected(row, "parent", f"没有上级“{parent}”", f"there is no parent '{parent}'")
        key = AreaKey(self._layer, row.area)
        standing = key if row.is_code else self._named(row.area, above)
        if standing is not None and standing in self._coverage.numbers:
            return self._standing(row, standing, above)
        if not row.is_code:
            return _rejected(
                row,
                "name",
                f"没有名为“{row.area}”的区域，或不止一个：新区域请写编码",
                f"there is no area named '{row.area}', or several: a new one needs a code",
            )
        if above is None:
            return _rejected(
                row,
                "parent",
                f"{row.area} 是新区域，请写明上级",
                f"{row.area} is new: say which area is its parent",
            )
        return ListedGrid(row, row.area, above, is_new=True)

    def _standing(
        self, row: ListRow, key: AreaKey, above: AreaKey | None
    ) -> ListedGrid | Rejection:
        number = self._coverage.area(key).parent
        own = None if number is None else self._coverage.areas[number].key
        if own is None or (above is not None and own != above):
            return _rejected(
                row,
                "parent",
                f"{key.code} 的上级不是这一个",
                f"{key.code} lies below another parent",
            )
        return ListedGrid(row, key.code, own, is_new=False)

    def _parent(self, word: str) -> AreaKey | None:
        key = AreaKey(self._above, word)
        if key in self._coverage.numbers:
            return key
        found = self._parents.get(same_word(word), [])
        return found[0] if len(found) == 1 else None

    def _named(self, word: str, above: AreaKey | None) -> AreaKey | None:
        coverage = self._coverage
        found = self._areas.get(same_word(word), [])
        if above is not None:
            number = coverage.number_of(above)
            found = [key for key in found if coverage.area(key).parent == number]
        code = AreaKey(self._layer, word)
        if not found and code in coverage.numbers:
            return code  # a column 网格 may hold codes
        return found[0] if len(found) == 1 else None


def _by_name(coverage: Coverage, layer: str) -> dict[str, list[AreaKey]]:
    found: dict[str, list[AreaKey]] = {}
    for number in coverage.areas:
        area = coverage.areas[number]
        if area.key.layer == layer:
            found.setdefault(same_word(area.name), []).append(area.key)
    return found


def _rejected(row: ListRow, field: str, zh: str, en: str) -> Rejection:
    return Rejection(row.row, field, zh, en)
