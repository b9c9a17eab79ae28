"""What the planner desk shows at first; drafts and their borders it asks for itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo_service.layers.layer import Layer
from geo_service.maps.view import DeskView


@dataclass(frozen=True)
class PlannerLinks:
    """Addresses on the service itself; the browser puts a draft's number in place of ``{id}``.

    And that of an edition in place of ``{number}``, or of two ``{before}`` and ``{after}``.
    """

    home: str = "/"
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
    derive: str = "/api/v1/drafts/{id}/derive-file"
    impact: str = "/api/v1/drafts/{id}/impact"
    figures: str = "/api/v1/drafts/{id}/figures"
    check: str = "/api/v1/drafts/{id}/check"
    rebase: str = "/api/v1/drafts/{id}/rebase"
    draft_bounds: str = "/api/v1/drafts/{id}/bounds-text/{layer}/{code}"
    area_bounds: str = "/api/v1/areas/{layer}/{code}/bounds-text"
    enclaves: str = "/api/v1/enclaves"
    publication: str = "/api/v1/drafts/{id}/publication"
    draft_comparison: str = "/api/v1/drafts/{id}/comparison"
    comparison: str = "/api/v1/editions/{before}/comparison/{after}"
    editions: str = "/api/v1/editions"
    balance: str = "/api/v1/editions/{number}/balance"
    revert: str = "/api/v1/editions/{number}/revert"
    restore: str = "/api/v1/editions/{number}/restore"
    order: str = "/desk/planner/editions/{number}/order"


@dataclass(frozen=True, eq=False, kw_only=True)
class PlannerView(DeskView):
    """The areas of one layer in the edition in force, and which layers are locked.

    ``layers`` are the nested layers that have areas, the root first. ``locked`` holds the names of
    layers with statutory borders, ``cut_layers`` those whose borders, or lanes, areas can be cut
    along.
    """

    layers: Sequence[Layer]
    locked: frozenset[str]
    cut_layers: Sequence[Layer]
    links: PlannerLinks = field(default_factory=PlannerLinks)

    @property
    def locked_titles(self) -> list[str]:
        """The titles of the locked layers that have areas, the root first."""
        return [self.titles[layer.name] for layer in self.layers if layer.name in self.locked]

    @property
    def titles(self) -> Mapping[str, str]:
        """The title of every layer that has areas, by its name."""
        return {layer.name: layer.title(self.language) for layer in self.layers}
