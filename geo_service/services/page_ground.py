"""What lies above and under the areas that a page shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from geo_service.layers.area import AreaSet
from geo_service.layers.locator import Locator
from geo_service.maps.view import Ancestors, Reference
from geo_service.services.page_facts import is_fictional
from geo_service.storage import references
from geo_service.storage.databases import Transaction

_NAMED = 3


@dataclass(frozen=True, eq=False)
class PageGround:
    """The areas of a layer with those above them: ``ancestors`` come nearest first."""

    areas: AreaSet
    ancestors: Sequence[Ancestors]

    @property
    def place(self) -> str:
        """What the page is of: the names of the first areas of the root."""
        return "、".join(self._root.names[:_NAMED])

    @property
    def is_fictional(self) -> bool:
        """Whether all of it is made up."""
        return is_fictional(self._root)

    @property
    def _root(self) -> AreaSet:
        return self.ancestors[-1].areas if self.ancestors else self.areas


def ground_of(locator: Locator, layer: str) -> PageGround:
    """Return a layer's areas with those of every layer above that has any."""
    chain = reversed(locator.layers.chain(layer)[:-1])
    above = [Ancestors(each, locator.areas(each.name)) for each in chain]
    return PageGround(locator.areas(layer), [each for each in above if len(each.areas)])


def references_under(connection: Transaction) -> list[Reference]:
    """Return roads, water, buildings, by kind."""
    stored = references.read_references(connection)
    return [Reference(kind, kind, shapes, names) for kind, (names, shapes) in stored.items()]
