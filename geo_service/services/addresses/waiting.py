"""Issues that wait for a place: shown to who decides, looked up again once more is known."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from geo_service.errors import InvalidValue, IssueNotFound
from geo_service.services.addresses.matching import (
    BY_COORDINATES,
    BY_HAND,
    BY_PLACE,
    CHOSEN,
    POINTED,
    PlaceMatch,
    look_up,
)
from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.issues.relocations import Cause, reassign, relocate_if_due
from geo_service.services.workspaces import Workspace
from geo_service.storage import place_matches
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import Places

_ROWS_A_TRANSACTION = 5_000
_HIGHEST_ID = 2**63 - 1
_BY_ADDRESS = Cause({"located_by": BY_PLACE})


@dataclass(frozen=True)
class LookedUp:
    """What became of the issues that waited: how many there were, and how many by each why."""

    waiting: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class WaitingPage:
    """Some issues that wait for a place; ``next_after`` is None on the last page."""

    rows: list[dict[str, Any]]
    next_after: int | None


class WaitingService:
    """Open issues with an address and no place."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def locate(self, caller: Caller) -> LookedUp:
        """Look up every address that waits, by the lists as they are now; some each transaction.

        What is located gets its owner from the place's point, with an event that says so.
        """
        load_kernels()
        counts: Counter[str] = Counter()
        after, rows = -1, _ROWS_A_TRANSACTION
        while rows == _ROWS_A_TRANSACTION:
            with self._workspace.database.write() as connection:
                after, found, rows = self._locate_some(connection, caller, after)
            counts.update(match.why for match in found.values())
        return LookedUp(sum(counts.values()), counts)

    def _locate_some(
        self, connection: Transaction, caller: Caller, after: int
    ) -> tuple[int, dict[int, PlaceMatch], int]:
        workspace = self._workspace.standing_still()
        relocate_if_due(workspace, connection, SCHEDULE)
        rows = place_matches.waiting_addresses(connection, after=after, limit=_ROWS_A_TRANSACTION)
        found = look_up(workspace, connection, {row_id: text for row_id, text, _ in rows})
        store_matches(workspace, connection, found)
        located = {
            row_id: (found[row_id], accuracy_m)
            for row_id, _, accuracy_m in rows
            if row_id in found and found[row_id].is_located
        }
        place_found(workspace, connection, caller, located)
        return (rows[-1][0] if rows else after), found, len(rows)

    def waiting(self, _caller: Caller, *, after: int = 0, limit: int = 100) -> WaitingPage:
        """Return open issues that nobody knows the place of, by id, each with its candidates.

        ``why`` is None where nothing was looked up: no address, or no list when it came in.
        """
        with self._workspace.database.read() as connection:
            rows = place_matches.waiting_issues(connection, after=after, limit=limit + 1)
        page = [_waiting(row) for row in rows[:limit]]
        return WaitingPage(page, page[-1]["id"] if rows[limit:] else None)

    def choose(
        self, caller: Caller, issue_id: int, *, candidate: int, label: str
    ) -> dict[str, Any]:
        """Locate a waiting issue at one of its candidates, and return it as it waited.

        Raises
        ------
        IssueNotFound
            No open issue of this number waits for a place.
        InvalidValue
            It has no such candidate (any more), or one without a point.
        """
        load_kernels()
        with self._workspace.database.write() as connection:
            workspace = self._workspace.standing_still()
            relocate_if_due(workspace, connection, SCHEDULE)
            row = _one_waiting(connection, issue_id)
            match = _chosen(row, candidate, label)
            store_matches(workspace, connection, {issue_id: match})
            place_found(workspace, connection, caller, {issue_id: (match, row["accuracy_m"])})
        return row


def _waiting(row: Mapping[str, Any]) -> dict[str, Any]:
    told = orjson.loads(row["told"]) if row["told"] else {}
    return {**row, "candidates": told.get("candidates", [])}


def _one_waiting(connection: Transaction, issue_id: int) -> dict[str, Any]:
    if 0 < issue_id <= _HIGHEST_ID:
        rows = place_matches.waiting_issues(connection, after=issue_id - 1, limit=1)
        if rows and rows[0]["id"] == issue_id:
            return _waiting(rows[0])
    raise IssueNotFound(id=str(issue_id))


def _chosen(row: Mapping[str, Any], candidate: int, label: str) -> PlaceMatch:
    found = row["candidates"][candidate : candidate + 1] if candidate >= 0 else []
    if not found or found[0]["label"] != label or found[0]["lon"] is None:
        raise InvalidValue(
            "candidate",
            "一个有坐标的候选地点的序号（从 0 起）和它的名称",
            "the number (from 0) of a candidate that has a point, and its label",
        )
    chosen = found[0]
    told = {"text": row["address"], **{name: chosen[name] for name in ("how", "kind", "label")}}
    text = orjson.dumps(told).decode()
    return PlaceMatch(CHOSEN, chosen["lon"], chosen["lat"], chosen["place"], text)


def place_found(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    located: Mapping[int, tuple[PlaceMatch, float | None]],
    cause: Cause = _BY_ADDRESS,
) -> None:
    """Give issues the points of what was found, and their owners with an event that says why."""
    points = [(row_id, match.lon, match.lat) for row_id, (match, _) in located.items()]
    place_matches.place_issues(connection, points)
    edition = workspace.governing(connection)
    if not located or edition is None:
        return
    places = Places(
        np.array(list(located), dtype=np.int64),
        np.array([lon for _, lon, _ in points]),
        np.array([lat for _, _, lat in points]),
        np.array([accuracy_m for _, accuracy_m in located.values()], dtype=np.float64),
    )
    reassign(workspace, connection, caller, edition, places, because=cause)


def store_matches(
    workspace: Workspace, connection: Transaction, found: Mapping[int, PlaceMatch]
) -> None:
    """Put what addresses mean in the place of what was known of them, by issue."""
    at_s = int(workspace.now_s())
    place_matches.remove_matches(connection, found)
    rows = [match.row(row_id, at_s=at_s) for row_id, match in found.items()]
    place_matches.add_matches(connection, rows)


def places_told(
    connection: Transaction, rows: Sequence[Mapping[str, Any]]
) -> dict[int, dict[str, Any]]:
    """Return id → how each issue was located, and what its address means or may mean."""
    found = place_matches.matches_of(
        connection, [row["id"] for row in rows if row["source_frame"] is None]
    )
    return {row["id"]: _told(row, found.get(row["id"])) for row in rows}


def _told(row: Mapping[str, Any], match: Any) -> dict[str, Any]:
    if row["source_frame"] is not None:
        return {"located_by": BY_COORDINATES, "place": None}
    if match is None:
        return {"located_by": None, "place": None}
    told = orjson.loads(match.told) if match.told else {}
    place = {"why": match.why, "id": match.place_id, **told}
    by = BY_HAND if match.why == POINTED else BY_PLACE
    return {"located_by": by if row["lon"] is not None else None, "place": place}
