"""What the planner desk shows at first; drafts and their borders it asks for itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from geo_service.layers.area import AreaSet
from geo_service.layers.layer import Layer
from geo_service.maps.view import Ancestors, Reference


@dataclass(frozen=True)
class PlannerLinks:
    """Addresses on the service itself; the browser puts a draft's number in place of ``{id}``."""

    home: str = "/"
    hotspots: str = "/desk/hotspots"
    coverage: str = "/desk/coverage"
    dispatch: str = "/desk/dispatch"
    drafts: str = "/api/v1/drafts"
    draft: str = "/api/v1/drafts/{id}"
    operations: str = "/api/v1/drafts/{id}/operations"
    undo: str = "/api/v1/drafts/{id}/undo"
    redo: str = "/api/v1/drafts/{id}/redo"
    areas: str = "/api/v1/drafts/{id}/areas"
    borders: str = "/api/v1/drafts/{id}/borders"
    pieces: str = "/api/v1/drafts/{id}/pieces"
    parts: str = "/api/v1/drafts/{id}/parts"
    cuts: str = "/api/v1/drafts/{id}/cuts"
    groups: str = "/api/v1/drafts/{id}/groups"
    children: str = "/api/v1/drafts/{id}/children"
    fixes: str = "/api/v1/drafts/{id}/fixes"
    buildings: str = "/api/v1/drafts/{id}/buildings"
    impact: str = "/api/v1/drafts/{id}/impact"
    check: str = "/api/v1/drafts/{id}/check"
    rebase: str = "/api/v1/drafts/{id}/rebase"
    draft_bounds: str = "/api/v1/drafts/{id}/bounds-text/{layer}/{code}"
    area_bounds: str = "/api/v1/areas/{layer}/{code}/bounds-text"
    publication: str = "/api/v1/drafts/{id}/publication"


@dataclass(frozen=True, eq=False)
class PlannerView:
    """The areas of one layer in the edition in force, and which layers are locked.

    ``layers`` are the nested layers that have areas, the root first. ``ancestors`` come nearest
    first. ``locked`` holds the names of layers with statutory borders, ``cut_layers`` those whose
    borders, or lanes, areas can be cut along.
    """

    language: str
    place: str
    layer: Layer
    layers: Sequence[Layer]
    areas: AreaSet
    ancestors: Sequence[Ancestors]
    references: Sequence[Reference]
    edition: int
    effective_from: date
    locked: frozenset[str]
    cut_layers: Sequence[Layer]
    is_fictional: bool = False
    notices: Sequence[str] = ()
    links: PlannerLinks = field(default_factory=PlannerLinks)

    @property
    def titles(self) -> Mapping[str, str]:
        """The title of every layer that has areas, by its name."""
        return {layer.name: layer.title(self.language) for layer in self.layers}
