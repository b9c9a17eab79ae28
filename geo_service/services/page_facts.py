"""What every page carries: what the operator decides, and what lies above and under its areas."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo_service.layers.area import AreaSet, area_set
from geo_service.layers.edition import Edition
from geo_service.layers.locator import Locator
from geo_service.maps.view import Ancestors, Reference
from geo_service.services.workspaces import Workspace
from geo_service.storage import references
from geo_service.storage.databases import Transaction

FICTIONAL_PREFIX = "999"
"""No real division's code starts with it; a house whose roots all do holds made-up data."""

_NAMED = 3
_NO_ACCESS_CONTROL = {
    "zh": "演示模式·未启用权限·请勿录入真实数据",
    "en": "No access control yet: do not enter real data",
}


@dataclass(frozen=True)
class PageFacts:
    """Settings that show on pages, and where their assets are."""

    static_folder: Path = Path("static")
    map_unit: str = ""
    review_number: str = ""
    secrecy_notice: str = ""

    def notices(self, language: str) -> list[str]:
        """Return the lines that every page, print and export carries."""
        lines = (_NO_ACCESS_CONTROL[language], self.secrecy_notice)
        return [line for line in lines if line]


def is_fictional(root: AreaSet) -> bool:
    """Tell whether all areas of a root layer are made up."""
    return len(root) > 0 and all(code.startswith(FICTIONAL_PREFIX) for code in root.codes)


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


def root_areas(workspace: Workspace, connection: Transaction, edition: Edition | None) -> AreaSet:
    """Return the areas of the uppermost layer that has any; none before anything was published."""
    if edition is not None:
        locator = workspace.locator(connection, edition)
        for layer in workspace.layers:
            if len(locator.areas(layer.name)):
                return locator.areas(layer.name)
    return area_set("", codes=[], geometries=[])


def references_under(connection: Transaction) -> list[Reference]:
    """Return roads, water, buildings, by kind."""
    stored = references.read_references(connection)
    return [Reference(kind, kind, shapes, names) for kind, (names, shapes) in stored.items()]
