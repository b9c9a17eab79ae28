"""The page everything starts from: what is loaded, and how to begin when nothing is."""

from geo_service.errors import GeoServiceError
from geo_service.maps.assets import Assets
from geo_service.maps.pages import StartView, render_desk_error, render_start
from geo_service.services.callers import Caller
from geo_service.services.page_facts import PageFacts, is_fictional, root_areas
from geo_service.services.sheets.choices import rate_choice, sheet_choice
from geo_service.services.sheets.due import due_sheets, due_values
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, issue_queries


class StartPageService:
    """The start page, and the page of an error."""

    def __init__(self, workspace: Workspace, facts: PageFacts) -> None:
        self._workspace = workspace
        self._facts = facts

    def start(self, _caller: Caller, language: str) -> str:
        """Return the start page as HTML."""
        with self._workspace.database.read() as connection:
            edition = self._workspace.governing(connection)
            counts = editions.counts_by_layer(connection, edition.number) if edition else {}
            issue_count = issue_queries.count_issues(connection)
            root = root_areas(self._workspace, connection, edition)
            sheets = rates = None
            cadence = due_values(due_sheets(self._workspace, connection), language)
            if edition is not None:
                sheets = sheet_choice(self._workspace, connection, language)
                rates = rate_choice(self._workspace, connection, language)
        view = StartView(
            language=language,
            place="、".join(root.names[:3]),
            edition=str(edition.number) if edition else None,
            area_counts=[
                (layer.title(language), counts.get(layer.name, 0))
                for layer in self._workspace.layers
            ],
            issue_count=issue_count,
            notices=self._facts.notices(language),
            is_fictional=is_fictional(root),
            sheets=sheets,
            rates=rates,
            cadence=cadence,
        )
        return render_start(view, assets=Assets(self._facts.static_folder))

    def error(self, error: GeoServiceError, language: str) -> str:
        """Return a page that says what went wrong."""
        return render_desk_error(
            error,
            language=language,
            layers=self._workspace.layers.titles,
            notices=self._facts.notices(language),
            assets=Assets(self._facts.static_folder),
        )
