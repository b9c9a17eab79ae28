"""Values entered in drafts that were published: each is a dated figure of its area."""

from collections.abc import Iterator

import numpy as np

from geo_service.layers.topology import compare_outlines
from geo_service.services.verification.findings import CheckReport
from geo_service.services.verification.houses import House, read_outline
from geo_service.storage import draft_figures, drafts, editions, figures
from geo_service.storage.draft_figures import DraftFigureRow
from geo_service.storage.drafts import PUBLISHED
from geo_service.storage.figures import Figure


def check_entered_figures(house: House, report: CheckReport) -> None:
    """Check that what was entered for the ground of an edition is told from its first moment on.

    Values of areas that were drawn otherwise since, or that it does not have, became none.
    """
    known = {edition.number: edition for edition in house.editions}
    for draft in drafts.all_drafts(house.connection, status=PUBLISHED):
        edition = known.get(draft.edition or 0)
        if edition is None:
            continue
        for row in _counting(house, draft.id, edition.number):
            report.cover(entered=1)
            told = Figure(row.layer, row.code, row.figure, row.value, edition.effective_from_s, "")
            if not figures.is_told(house.connection, told):
                where = {"table": "draft_figures", "draft": draft.id}
                area = {"layer": row.layer, "code": row.code}
                facts = {"figure": row.figure, "number": edition.number}
                report.add("lost_figure", {**where, **area}, **facts)


def _counting(house: House, draft_id: int, number: int) -> Iterator[DraftFigureRow]:
    """Yield the values of a draft whose areas have their ground in the edition."""
    rows = draft_figures.figures_of_draft(house.connection, draft_id)
    keys = {(row.layer, row.code) for row in rows}
    content = editions.content_at(house.connection, number, keys) if keys else {}
    for row in rows:
        area = content.get((row.layer, row.code))
        outlines = [read_outline(row.outline), read_outline(area.outline) if area else None]
        if None not in outlines:
            before, after = (np.array([outline], dtype=object) for outline in outlines)
            if compare_outlines(before, after)[0] != "changed":
                yield row
