"""What sheets and tables of rates can be asked for."""

from datetime import date, datetime, timedelta

from geo_service.governance.moment import SHANGHAI
from geo_service.maps.pages import RateChoice, SheetChoice
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, issue_queries
from geo_service.storage.databases import Transaction

_TABLE_DAYS = 30


def last_whole_day(workspace: Workspace) -> date:
    """Return yesterday, the day a sheet tells of unless another one is asked for."""
    return datetime.fromtimestamp(workspace.now_s(), SHANGHAI).date() - timedelta(1)


def sheet_choice(
    workspace: Workspace,
    connection: Transaction,
    language: str,
    *,
    layer: str | None = None,
    day: date | None = None,
) -> SheetChoice:
    """Return the nested layers that hold areas, and what stands chosen."""
    edition = workspace.edition(connection)
    counts = editions.counts_by_layer(connection, edition.number)
    nested = [each for each in workspace.layers if not each.is_overlay and counts.get(each.name)]
    return SheetChoice(
        language=language,
        layers=[(each.name, each.title(language)) for each in nested],
        layer=layer or workspace.profile.hotspots.layer,
        day=day or last_whole_day(workspace),
    )


def rate_choice(workspace: Workspace, connection: Transaction, language: str) -> RateChoice:
    """Return the categories and sources that issues have, and the last thirty days."""
    known = {word.name: word.title(language) for word in workspace.profile.sources}
    sources = issue_queries.distinct_values(connection, "source")
    last = last_whole_day(workspace)
    return RateChoice(
        categories=issue_queries.distinct_values(connection, "category_major"),
        sources=[(name, known.get(name, name)) for name in sources],
        first=last - timedelta(_TABLE_DAYS - 1),
        last=last,
    )
