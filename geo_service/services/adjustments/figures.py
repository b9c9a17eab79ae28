"""Households and residents on both sides of a period, each as of the ground it tells of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from geo_service.layers.locator import Locator
from geo_service.services.impact.ground import Ground, buildings_of
from geo_service.services.impact.people import FigureDays, Figures, People
from geo_service.services.impact.redrawing import Redrawing
from geo_service.services.impact.stored_areas import StoredAreas
from geo_service.services.workspaces import Workspace
from geo_service.storage import area_boxes
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import AreaKey


class PeriodFigures(Figures):
    """The dated figures of areas that several editions may have changed, one after another.

    ``moments_s`` are, of each changed area, when it first and when it last changed. What was told
    before the first moment is of the ground before, what was told from the last one on, and by
    ``until_s``, of the ground after; what lies between is of neither. Of an area that began and
    did not change again everything told is of its ground.
    """

    def __init__(
        self,
        connection: Transaction,
        redrawing: Redrawing,
        moments_s: Mapping[AreaKey, tuple[int, int]],
        *,
        until_s: float,
    ) -> None:
        super().__init__(connection, redrawing, FigureDays(until_s))
        self._moments_s, self._until_s = moments_s, until_s

    def before(self, layer: str, codes: Sequence[str]) -> Mapping[tuple[str, str], int]:
        """Return (figure, code) → the count of some areas before."""
        by_moment: dict[float, list[str]] = defaultdict(list)
        for code in codes:
            first_s = self._moments_s.get((layer, code), (None, None))[0]
            by_moment[self._until_s if first_s is None else first_s - 1].append(code)
        found: dict[tuple[str, str], int] = {}
        for moment_s, some in by_moment.items():
            found |= self._read(layer, some, as_of_s=moment_s)
        return found

    def entered(self, layer: str) -> Mapping[tuple[str, str], int]:
        """Return (figure, code) → what was told of the new ground of areas."""
        difference = self._redrawing.differences[layer]
        by_moment: dict[int | None, list[str]] = defaultdict(list)
        for code in sorted({*difference.added, *difference.changed, *difference.moved}):
            first_s, last_s = self._moments_s[layer, code]
            is_told_at_once = code in difference.added and first_s == last_s
            by_moment[None if is_told_at_once else last_s].append(code)
        found: dict[tuple[str, str], int] = {}
        for moment_s, some in by_moment.items():
            found |= self._read(layer, some, from_s=moment_s, as_of_s=self._until_s)
        return found


def people_of(
    workspace: Workspace,
    connection: Transaction,
    redrawing: Redrawing,
    locators: tuple[Locator, Locator],
    known: Figures,
    *,
    base: int,
) -> People:
    """Return who lives in the areas that differ, before and after; ``base`` is the edition before.

    Counts of divided areas are shared out as the impact of a redraw shares them out.
    """
    stored = StoredAreas(workspace.layers, area_boxes.area_boxes(connection, base))
    return People(redrawing, stored, Ground(*locators, buildings_of(locators[0])), known)
