"""What registers hold of a moment, as it was known at another."""

from collections.abc import Collection
from datetime import UTC, datetime

from geo_service.governance.organisations.register import Activity, Entry
from geo_service.layers.edition import EditionChoice
from geo_service.services.workspaces import Workspace
from geo_service.storage import registers
from geo_service.storage.databases import Transaction


def moments(workspace: Workspace, choice: EditionChoice) -> tuple[float, float]:
    """Return as of when and as known when, in seconds since 1970; now where nobody said."""
    now_s = workspace.now_s()
    return (
        now_s if choice.as_of_s is None else choice.as_of_s,
        now_s if choice.known_at_s is None else choice.known_at_s,
    )


def now_of(workspace: Workspace) -> datetime:
    """Return the moment it is."""
    return datetime.fromtimestamp(workspace.now_s(), UTC)


def known_entries(
    workspace: Workspace,
    connection: Transaction,
    register: str,
    choice: EditionChoice,
    codes: Collection[str] | None = None,
) -> dict[str, Entry]:
    """Return entries by code, dissolved ones too; all of them, or those of some codes."""
    as_of_s, known_at_s = moments(workspace, choice)
    found = registers.entries_as_of(
        connection, register, as_of_s=as_of_s, known_at_s=known_at_s, codes=codes
    )
    return {entry.code: entry for entry in found}


def held_activities(
    workspace: Workspace, connection: Transaction, choice: EditionChoice, codes: Collection[str]
) -> list[Activity]:
    """Return what some organisations held by a moment, by organisation and day."""
    as_of_s, known_at_s = moments(workspace, choice)
    return registers.activities_as_of(
        connection, as_of_s=as_of_s, known_at_s=known_at_s, organisations=codes
    )
