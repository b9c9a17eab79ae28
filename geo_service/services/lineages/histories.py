"""Every edition with its place in time, what it changed, and the draft it came of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import inf

from geo_service.layers.edition import Edition, later_editions, preceding_edition
from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions, lineages

IN_FORCE, PENDING, PAST, REPLACED = "in_force", "pending", "past", "replaced"
"""An edition is ``replaced`` where a later one begins at the very moment it would begin."""


@dataclass(frozen=True)
class ToldEdition:
    """One edition in its time, by all that is known now.

    ``until_s`` is when the next one takes over, None where none does. ``before`` is the edition it
    took the place of, ``draft`` the one it came of. ``changes`` counts what became of areas, by
    layer and kind of lineage.
    """

    edition: Edition
    state: str
    until_s: int | None
    before: int | None
    draft: int | None
    changes: Mapping[tuple[str, str], int]


class EditionHistoryService:
    """What was, is and will be in force."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def history(self, _caller: Caller) -> list[ToldEdition]:
        """Return every edition, in the order of storage."""
        now_s = self._workspace.now_s()
        with self._workspace.database.read() as connection:
            every = editions.all_editions(connection)
            changes = lineages.counts_by_edition(connection)
            published = drafts.all_drafts(connection, status=drafts.PUBLISHED)
        draft_of = {row.edition: row.id for row in published}
        times = _times(every, now_s)
        return [
            ToldEdition(
                edition=edition,
                state=times.get(edition.number, (REPLACED, None))[0],
                until_s=times.get(edition.number, (REPLACED, None))[1],
                before=None if before is None else before.number,
                draft=draft_of.get(edition.number),
                changes=changes.get(edition.number, {}),
            )
            for edition, before in ((each, preceding_edition(every, each)) for each in every)
        ]


def _times(every: Sequence[Edition], now_s: float) -> dict[int, tuple[str, int | None]]:
    """Return the state of each edition that governs some time, and when that ends."""
    governing = later_editions(every, after_s=-inf)
    found: dict[int, tuple[str, int | None]] = {}
    for edition, following in zip_longest(governing, governing[1:]):
        end_s = None if following is None else following.effective_from_s
        if edition.effective_from_s > now_s:
            state = PENDING
        else:
            state = IN_FORCE if end_s is None or end_s > now_s else PAST
        found[edition.number] = (state, end_s)
    return found
