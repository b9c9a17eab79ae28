"""The redraw that an order is about: of a draft, or of an edition against the one before it."""

from dataclasses import dataclass

from geo_service.errors import EmptyDraft, InvalidValue
from geo_service.layers.edition import Edition, preceding_edition
from geo_service.layers.lineage import LineageRow
from geo_service.maps.change_order.view import OrderHead
from geo_service.services.drafts.draft import read_draft
from geo_service.services.drafts.figures import entered_values
from geo_service.services.drafts.kept.changes import DraftChanges
from geo_service.services.impact.impact import ImpactService
from geo_service.services.impact.look import ImpactOptions
from geo_service.services.impact.redrawing import Redrawing, redrawing_of
from geo_service.services.impact.result import Impact
from geo_service.services.lineages.descents import dwellings_near, lineage_between, lineage_of
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions
from geo_service.storage.databases import Transaction
from geo_service.storage.drafts import DraftRow


@dataclass(frozen=True, eq=False)
class Redraw:
    """What is told of a change: who, from when, which areas, their impact and their lineage."""

    head: OrderHead
    base: Edition
    areas: Redrawing
    impact: Impact
    lineage: list[LineageRow]


def redraw_of_draft(
    workspace: Workspace, connection: Transaction, impacts: ImpactService, draft_id: int
) -> Redraw:
    """Return the redraw of a draft; of one that was published, that of its edition.

    Raises
    ------
    DraftNotFound, EmptyDraft
        There is no such draft, or it changes nothing.
    CoverageOverlap
        Two of its areas hold the same ground.
    """
    draft = read_draft(connection, draft_id)
    if draft.row.edition is not None:
        return redraw_of_edition(workspace, connection, impacts, draft.row.edition)
    base = workspace.edition_number(connection, draft.row.base_edition)
    changes = DraftChanges(workspace).of(connection, draft, draft.done)
    found = changes.only(changes.keys)
    entered = entered_values(connection, draft, changes)
    if _is_empty(found):
        raise EmptyDraft(id=draft_id)
    dwellings = dwellings_near(
        workspace,
        connection,
        base.number,
        [found.before, found.after],
        as_of_s=workspace.now_s(),
    )
    return Redraw(
        head=_head(workspace, connection, draft.row, base, None),
        base=base,
        areas=found,
        impact=impacts.between(
            connection, base, found.before, found.after, ImpactOptions(entered=entered)
        ),
        lineage=lineage_of(workspace, found.before, found.after, dwellings),
    )


def redraw_of_edition(
    workspace: Workspace, connection: Transaction, impacts: ImpactService, number: int
) -> Redraw:
    """Return the redraw that an edition was, against the one whose place it took.

    Raises
    ------
    EditionNotFound, InvalidValue
        There is no such edition, or it is the first one, or no area of it changed.
    """
    edition = workspace.edition_number(connection, number)
    base = preceding_edition(editions.all_editions(connection), edition)
    if base is None:
        raise _without_changes(number)
    found = redrawing_of(
        editions.read_differing(connection, base.number, other=number),
        editions.read_differing(connection, number, other=base.number),
    )
    if _is_empty(found):
        raise _without_changes(number)
    draft = drafts.draft_of_edition(connection, number)
    return Redraw(
        head=_head(workspace, connection, draft, base, edition),
        base=base,
        areas=found,
        impact=impacts.between_stored(connection, base, edition),
        lineage=lineage_between(workspace, connection, base, edition),
    )


def _is_empty(found: Redrawing) -> bool:
    """Tell whether nothing but nodes differs."""
    return not any(found.told_codes(layer) for layer in found.differences)


def _without_changes(number: int) -> InvalidValue:
    return InvalidValue(
        "edition",
        f"改动了区域的版本号；第 {number} 版与前一版相比没有变更，或之前没有版本",
        f"one that changed areas; edition {number} has none before it, or changed nothing",
    )


def _head(
    workspace: Workspace,
    connection: Transaction,
    draft: DraftRow | None,
    base: Edition,
    edition: Edition | None,
) -> OrderHead:
    return OrderHead(
        edition=edition.number if edition else None,
        draft=draft.id if draft else None,
        draft_name=draft.name if draft else "",
        base=base.number,
        in_force=workspace.edition(connection).number,
        reason=edition.reason if edition else (draft and draft.reason) or "",
        effective_from_s=edition.effective_from_s if edition else None,
        is_correction=edition is not None and edition.is_correction,
        consulted=(draft.consulted if draft else None) or "",
        approval=(draft.approval if draft else None) or {},
    )
