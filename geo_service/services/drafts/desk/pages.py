"""The page of the planner desk."""

from datetime import datetime

from geo_service.errors import InvalidValue
from geo_service.governance.moment import SHANGHAI
from geo_service.layers.layer import BUILDING, Layer, Layers
from geo_service.maps.assets import Assets
from geo_service.maps.planner.view import PlannerView
from geo_service.services.callers import Caller
from geo_service.services.kept import Kept
from geo_service.services.page_facts import PageFacts, ground_of, references_under
from geo_service.services.workspaces import Workspace
from geo_service.storage import references
from geo_service.storage.databases import Transaction


class PlannerPageService:
    """The planner page, drawn once for an edition and a layer."""

    def __init__(self, workspace: Workspace, facts: PageFacts) -> None:
        self._workspace, self._facts = workspace, facts
        self._pages = Kept[str](4)

    def page(self, _caller: Caller, layer: str | None, language: str) -> str:
        """Return the desk as HTML; without a layer, the one that issues are counted by.

        Raises
        ------
        EditionNotFound
            Nothing was published yet.
        UnknownLayer, InvalidValue
            There is no such layer, or none that is redrawn here: an overlay, or one of lines.
        """
        chosen = self._workspace.layers[layer or self._workspace.profile.hotspots.layer]
        if not _is_redrawn(chosen):
            names = [each.name for each in self._workspace.layers if _is_redrawn(each)]
            raise InvalidValue("layer", "、".join(names), ", ".join(names))
        with self._workspace.database.read() as connection:
            edition = self._workspace.edition(connection)
            latest = references.latest_reference_id(connection)
            profile = self._workspace.profile.hash
            key = (edition.number, edition.content_hash, profile, latest, chosen.name, language)
            return self._pages.get(key, lambda: self._render(connection, chosen, language))

    def _render(self, connection: Transaction, layer: Layer, language: str) -> str:
        from geo_service.maps.planner.page import render_planner  # folium loads for half a second

        view = self._view(connection, layer, language)
        return render_planner(view, assets=Assets(self._facts.static_folder))

    def _view(self, connection: Transaction, layer: Layer, language: str) -> PlannerView:
        edition = self._workspace.edition(connection)
        locator = self._workspace.locator(connection, edition)
        ground = ground_of(locator, layer.name)
        every = self._workspace.layers
        layers = [each for each in every if _is_redrawn(each)]
        others = [each for each in every if _is_beside(every, each, layer)]
        return PlannerView(
            language=language,
            place=ground.place,
            layer=layer,
            layers=[each for each in layers if len(locator.areas(each.name))],
            areas=ground.areas,
            ancestors=ground.ancestors,
            references=references_under(connection),
            edition=edition.number,
            effective_from=datetime.fromtimestamp(edition.effective_from_s, SHANGHAI).date(),
            cut_layers=[each for each in others if len(locator.areas(each.name))],
            locked=frozenset(each.name for each in layers if each.authority == "statutory"),
            is_fictional=ground.is_fictional,
            notices=self._facts.notices(language),
        )


def _is_beside(every: Layers, one: Layer, layer: Layer) -> bool:
    """Whether a layer is neither above nor below another one, and says where borders may run."""
    lines = every.chain(one.name), every.chain(layer.name)
    return one not in lines[1] and layer not in lines[0] and one.name != BUILDING


def _is_redrawn(layer: Layer) -> bool:
    return not layer.is_overlay and layer.geometry == "polygon"
