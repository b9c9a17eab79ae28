"""What a list holds after another file of it: the same stays, what is told anew replaces."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace
from geo_service.storage import places
from geo_service.storage.databases import Transaction
from geo_service.storage.places import PlaceRow


@dataclass(frozen=True)
class TakenList:
    """The rows that a file holds of a list; ``is_whole`` says that they are all of it."""

    name: str
    file: str
    rows: Sequence[PlaceRow]
    is_whole: bool


class Taken(NamedTuple):
    """How many rows were added, told otherwise, and known; how many places ended besides."""

    added: int
    updated: int
    unchanged: int
    ended: int


class _Rows:
    """The rows of one key: those that stand and those that a file tells."""

    def __init__(self) -> None:
        self.standing: list[tuple[int, PlaceRow]] = []
        self.told: list[PlaceRow] = []

    def parted(self) -> tuple[int, list[PlaceRow], list[int]]:
        """Return how many are the same, which are told anew, and which stand no more, by id.

        An address that stands twice in a list is two places: as many stay as are told.
        """
        left = list(self.standing)
        new = []
        for row in self.told:
            same = next((each for each in left if each[1] == row), None)
            if same is None:
                new.append(row)
            else:
                left.remove(same)
        return len(self.told) - len(new), new, [row_id for row_id, _ in left]


def take_list(
    workspace: Workspace, connection: Transaction, caller: Caller, taken: TakenList
) -> Taken:
    """Bring a list to what a file tells, in the caller's transaction; nothing is written twice."""
    by_key: dict[str, _Rows] = {}
    for row_id, row in places.standing_rows(connection, taken.name):
        by_key.setdefault(row.row_key, _Rows()).standing.append((row_id, row))
    standing = sum(len(each.standing) for each in by_key.values())
    for row in taken.rows:
        by_key.setdefault(row.row_key, _Rows()).told.append(row)
    counts = Taken(0, 0, 0, 0)
    added: list[PlaceRow] = []
    ended: list[int] = []
    for rows in by_key.values():
        if not (rows.told or taken.is_whole):
            continue
        same, new, gone = rows.parted()
        replaced = min(len(new), len(gone))
        counts = Taken(
            counts.added + len(new) - replaced,
            counts.updated + replaced,
            counts.unchanged + same,
            counts.ended + len(gone) - replaced,
        )
        added += new
        ended += gone
    if added or ended:
        at_s = int(workspace.now_s())
        places.replace_rows(
            connection, taken.name, ended=ended, added=added, at_s=at_s, actor=caller.name
        )
        places.note_import(
            connection,
            taken.name,
            file=taken.file,
            count=standing + len(added) - len(ended),
            at_s=at_s,
            actor=caller.name,
        )
    return counts
