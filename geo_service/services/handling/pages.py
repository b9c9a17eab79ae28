"""The page of the dispatch desk."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from geo_service.governance.handling.decision import REASONS
from geo_service.governance.handling.listed import ANSWERS
from geo_service.governance.moment import SHANGHAI
from geo_service.governance.word import Category, Word, category_key
from geo_service.maps.assets import Assets
from geo_service.maps.dispatch.view import DispatchView
from geo_service.maps.view import Option
from geo_service.services.callers import Caller
from geo_service.services.handling.queue import VIEWS
from geo_service.services.kept import Kept
from geo_service.services.page_facts import PageFacts, ground_of, references_under
from geo_service.services.workspaces import Workspace
from geo_service.storage import references
from geo_service.storage.databases import Transaction

_FRAMES = (
    ("EPSG:4490", "CGCS2000"),
    ("EPSG:4326", "WGS 84"),
    ("GCJ02", "GCJ-02 高德"),
    ("BD09", "BD-09 百度"),
)


class DispatchPageService:
    """The dispatch page, drawn once for an edition."""

    def __init__(self, workspace: Workspace, facts: PageFacts) -> None:
        self._workspace = workspace
        self._facts = facts
        self._pages = Kept[str](4)

    def page(self, _caller: Caller, language: str) -> str:
        """Return the desk as HTML.

        Raises
        ------
        EditionNotFound
            Nothing was published yet.
        """
        with self._workspace.database.read() as connection:
            edition = self._workspace.edition(connection)
            latest = references.latest_reference_id(connection)
            key = (edition.content_hash, self._workspace.profile.hash, latest, language)
            return self._pages.get(key, lambda: self._render(connection, language))

    def _render(self, connection: Transaction, language: str) -> str:
        from geo_service.maps.dispatch.page import render_dispatch  # folium loads for half a second

        view = self._view(connection, language)
        return render_dispatch(view, assets=Assets(self._facts.static_folder))

    def _view(self, connection: Transaction, language: str) -> DispatchView:
        edition, profile = self._workspace.edition(connection), self._workspace.profile
        locator = self._workspace.locator(connection, edition)
        layer = self._workspace.layers[profile.hotspots.layer]
        ground = ground_of(locator, layer.name)
        day = datetime.fromtimestamp(edition.effective_from_s, SHANGHAI).date()
        return DispatchView(
            language=language,
            place=ground.place,
            layer=layer,
            areas=ground.areas,
            ancestors=ground.ancestors,
            references=references_under(connection),
            edition=edition.number,
            effective_from=day,
            titles=self._titles(language),
            role=profile.dispatch.role or next(iter(profile.workflow.roles)),
            views=VIEWS,
            frames=[Option(name, title, name == "EPSG:4490") for name, title in _FRAMES],
            categories=_category_options(profile.categories, language),
            sources=[Option(each.name, each.title(language)) for each in profile.sources],
            is_fictional=ground.is_fictional,
            notices=self._facts.notices(language),
        )

    def _titles(self, language: str) -> Mapping[str, Mapping[str, str]]:
        profile = self._workspace.profile
        flow = profile.workflow
        return {
            "state": _titles(flow.states.values(), language),
            "step": _titles(flow.steps.values(), language),
            "role": _titles(flow.roles.values(), language),
            "tier": _titles(flow.tiers.values(), language),
            "condition": _titles(flow.conditions.values(), language),
            "deadline": _titles(profile.deadlines.deadlines.values(), language),
            "decision": _titles(REASONS, language),
            **{name: _titles(words, language) for name, words in ANSWERS.items()},
        }


def _category_options(categories: Iterable[Category], language: str) -> list[Option]:
    """Return every major, and below it its minors, by the keys that places are asked with."""
    options = []
    for major in categories:
        title = major.title(language)
        options.append(Option(major.name, title))
        options += [
            Option(category_key(major.name, minor.name), f"{title} / {minor.title(language)}")
            for minor in major.minors
        ]
    return options


def _titles(words: Iterable[Word], language: str) -> dict[str, str]:
    return {word.name: word.title(language) for word in words}
