"""What sheets and tables of rates can be asked for."""

from collections.abc import Sequence
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
    narrow: tuple[str | None, str | None] = (None, None),
) -> SheetChoice:
    """Return the nested layers that hold areas, categories, sources, and what stands chosen.

    ``narrow`` is the category and the source that are.
    """
    edition = workspace.edition(connection)
    counts = editions.counts_by_layer(connection, edition.number)
    nested = [each for each in workspace.layers if not each.is_overlay and counts.get(each.name)]
    return SheetChoice(
        language=language,
        layers=[(each.name, each.title(language)) for each in nested],
        layer=layer or workspace.profile.hotspots.layer,
        day=day or last_whole_day(workspace),
        categories=_with(issue_queries.distinct_values(connection, "category_major"), narrow[0]),
        sources=_sources(workspace, connection, language, narrow[1]),
        category=narrow[0],
        source=narrow[1],
    )


def rate_choice(workspace: Workspace, connection: Transaction, language: str) -> RateChoice:
    """Return the categories and sources that issues have, and the last thirty days."""
    last = last_whole_day(workspace)
    return RateChoice(
        categories=issue_queries.distinct_values(connection, "category_major"),
        sources=_sources(workspace, connection, language),
        first=last - timedelta(_TABLE_DAYS - 1),
        last=last,
    )


def _sources(
    workspace: Workspace, connection: Transaction, language: str, chosen: str | None = None
) -> list[tuple[str, str]]:
    """Return name and title of the sources that issues have, and of the one that is chosen."""
    known = {word.name: word.title(language) for word in workspace.profile.sources}
    names = _with(issue_queries.distinct_values(connection, "source"), chosen)
    return [(name, known.get(name, name)) for name in names]


def _with(names: Sequence[str], chosen: str | None) -> list[str]:
    return [*names] if chosen is None or chosen in names else [*names, chosen]
