"""Corrections: which later editions still hold the error."""

from collections.abc import Sequence

from geo_service.layers.edition import Edition, EditionChoice, Uncorrected, later_editions
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import Content

NAMED = 20
"""So many areas of each edition are named; the others are counted."""


def carried_editions(
    workspace: Workspace, connection: Transaction, *, effective_from_s: int
) -> list[Edition]:
    """Return the pending editions that follow a new one directly, in the order of effect.

    They were made on what the new one replaces. Where an edition that is in force, or was, stands
    between, they were made on that one: a correction of the past does not reach them.
    """
    later = later_editions(editions.all_editions(connection), after_s=effective_from_s)
    is_reached = bool(later) and later[0].effective_from_s > workspace.now_s()
    return later if is_reached else []


def uncorrected_editions(
    workspace: Workspace, connection: Transaction, content: Content, *, effective_from_s: int
) -> tuple[Uncorrected, ...]:
    """Return the later editions that hold what a correction to ``content`` is about to put right.

    The error is every area that the correction changes, as it stands in the edition that governs
    the correction's moment until now. A later edition holds it where the area is still the same
    there, or still missing. Pending editions that are published again on the correction do not;
    nor do those that another with the same effective date has replaced.
    """
    base = workspace.governing(connection, EditionChoice(as_of_s=effective_from_s))
    if base is None or carried_editions(workspace, connection, effective_from_s=effective_from_s):
        return ()
    before = editions.read_content(connection, base.number)
    changed = editions.changed_keys(before, content)
    later = later_editions(editions.all_editions(connection), after_s=effective_from_s)
    found = [(each, _held(connection, base, each, before, changed)) for each in later]
    return tuple(_uncorrected(edition, held) for edition, held in found if held)


def _held(
    connection: Transaction,
    base: Edition,
    later: Edition,
    before: Content,
    changed: set[editions.AreaKey],
) -> Sequence[editions.AreaKey]:
    held = changed & editions.same_keys(connection, base.number, later.number)
    missing = changed - before.keys()
    if missing:
        held |= missing - editions.area_keys(connection, later.number)
    return sorted(held)


def _uncorrected(edition: Edition, held: Sequence[editions.AreaKey]) -> Uncorrected:
    named = tuple(f"{layer}/{code}" for layer, code in held[:NAMED])
    return Uncorrected(edition.number, edition.effective_from_s, named, len(held))
