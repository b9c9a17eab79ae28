"""变更单 of drafts and editions: as a page, and as a file that needs nothing else."""

from dataclasses import dataclass
from pathlib import Path

from geo_service.layers.files import writing_aside
from geo_service.maps.assets import Assets
from geo_service.maps.change_order.view import OrderFoot, OrderView
from geo_service.services.areas.ground import KnownSurroundings
from geo_service.services.callers import Caller
from geo_service.services.change_orders.maps import (
    all_bounds,
    changed_layers,
    neighborhood,
    order_maps,
)
from geo_service.services.change_orders.redraws import Redraw, redraw_of_draft, redraw_of_edition
from geo_service.services.change_orders.rows import layer_sums, order_rows, owner_counts
from geo_service.services.impact.impact import ImpactService
from geo_service.services.page_facts import PageFacts, is_fictional, root_areas
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction

_NAMED = 3


@dataclass(frozen=True)
class OrderQuery:
    """Which draft, or else which edition, and the language of the sheet."""

    draft: int | None = None
    edition: int | None = None
    language: str = "zh"


class ChangeOrderService:
    """Sheets that tell on paper what a redraw changes, for those who sign it."""

    def __init__(
        self,
        workspace: Workspace,
        impacts: ImpactService,
        facts: PageFacts,
        surroundings: KnownSurroundings,
    ) -> None:
        self._workspace = workspace
        self._impacts = impacts
        self._facts = facts
        self._surroundings = surroundings

    def order(self, _caller: Caller, query: OrderQuery) -> OrderView:
        """Return what the sheet tells; figures and issues are those of now.

        Raises
        ------
        DraftNotFound, EmptyDraft, EditionNotFound, CoverageOverlap
            There is no such draft or edition, or the draft changes nothing or is broken.
        InvalidValue
            No edition is before the asked one.
        """
        workspace = self._workspace.standing_still()
        with workspace.database.read() as connection:
            redraw = _redraw(workspace, connection, self._impacts, query)
            return self._view(workspace, connection, redraw, query.language)

    def page(self, caller: Caller, query: OrderQuery) -> str:
        """Return the sheet as HTML; raises as `order`."""
        return self._render(caller, query, is_standalone=False)

    def draw(self, caller: Caller, query: OrderQuery, path: Path) -> None:
        """Write the sheet as one file that opens from a USB stick; raises as `order`."""
        html = self._render(caller, query, is_standalone=True)
        with writing_aside(path) as aside:
            aside.write_text(html, encoding="utf-8")

    def _render(self, caller: Caller, query: OrderQuery, *, is_standalone: bool) -> str:
        from geo_service.maps.change_order.page import render_order  # jinja2 loads when asked for

        view = self.order(caller, query)
        assets = Assets(self._facts.static_folder)
        return render_order(view, assets=assets, is_standalone=is_standalone)

    def _view(
        self, workspace: Workspace, connection: Transaction, redraw: Redraw, language: str
    ) -> OrderView:
        layers = changed_layers(workspace, redraw)
        near = neighborhood(workspace, connection, redraw)
        around = self._surroundings.read(connection)
        draft_id = redraw.head.draft if redraw.head.edition is None else None
        bounds = all_bounds(near, layers, around, language, draft_id=draft_id)
        roots = root_areas(workspace, connection, redraw.base)
        return OrderView(
            language=language,
            place="、".join(roots.names[:_NAMED]),
            head=redraw.head,
            rows=order_rows(redraw, layers, bounds, int(language == "en")),
            sums=layer_sums(redraw, layers),
            owners=owner_counts(redraw.impact),
            maps=order_maps(near, layers[-1], around),
            foot=OrderFoot(
                data_until_s=redraw.impact.as_of_s,
                map_unit=self._facts.map_unit,
                review_number=self._facts.review_number,
                is_fictional=is_fictional(roots),
                notices=self._facts.notices(language),
            ),
        )


def _redraw(
    workspace: Workspace, connection: Transaction, impacts: ImpactService, query: OrderQuery
) -> Redraw:
    if query.draft is not None:
        return redraw_of_draft(workspace, connection, impacts, query.draft)
    return redraw_of_edition(workspace, connection, impacts, query.edition or 0)
