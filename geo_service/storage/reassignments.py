"""Which open issues got other owners by an edition, and what was done with them since."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from geo_service.governance.event import ATTACHED, REASSIGNED, STEP
from geo_service.storage.tables import CHUNK, assignments, issue_events, issues, relocations


class Reassignment(NamedTuple):
    """The first event by which some editions gave an issue another owner in a family.

    ``chain_id`` is of whom it was before, None for nobody.
    """

    issue_id: int
    family: str
    event_id: int
    chain_id: int | None


class Act(NamedTuple):
    """The last thing that a person did with an issue; ``what`` is a step's name, else a kind."""

    issue_id: int
    source: str
    external_id: str
    what: str
    at_s: int


def reassignments(connection: Connection, numbers: Collection[int]) -> list[Reassignment]:
    """Return what boundaries of some editions did to issues that are open now, by issue."""
    moments = select(relocations.c.at_s).where(relocations.c.edition.in_(list(numbers)))
    query = (
        select(issue_events.c.id, issue_events.c.issue_id, issue_events.c.payload)
        .join(issues, issues.c.id == issue_events.c.issue_id)
        .where(issues.c.status == "open", issue_events.c.kind == REASSIGNED)
        .where(issue_events.c.recorded_at_s.in_(moments))
        .order_by(issue_events.c.id)
    )
    found: dict[tuple[int, str], Reassignment] = {}
    for event_id, issue_id, text in connection.execute(query):
        told = orjson.loads(text)
        key = (issue_id, told.get("family", ""))
        if told.get("edition") in numbers and "decision" not in told and key not in found:
            found[key] = Reassignment(*key, event_id, told["before"]["chain_id"])
    return sorted(found.values())


def acts_since(connection: Connection, found: Sequence[Reassignment]) -> list[Act]:
    """Return the last act of a person on each issue that one followed on, by issue."""
    first = {each.issue_id: each.event_id for each in reversed(found)}
    ids, acts = sorted(first), dict[int, Act]()
    for start in range(0, len(ids), CHUNK):
        query = (
            select(issue_events, issues.c.source, issues.c.external_id)
            .join(issues, issues.c.id == issue_events.c.issue_id)
            .where(issue_events.c.issue_id.in_(ids[start : start + CHUNK]))
            .where(issue_events.c.kind.in_([STEP, ATTACHED, REASSIGNED]))
            .order_by(issue_events.c.id)
        )
        for row in connection.execute(query):
            what = _act(row.kind, orjson.loads(row.payload))
            if what is not None and row.id > first[row.issue_id]:
                acts[row.issue_id] = Act(row.issue_id, row.source, row.external_id, what, row.at_s)
    return [acts[issue_id] for issue_id in sorted(acts)]


def still_elsewhere(connection: Connection, found: Sequence[Reassignment]) -> set[int]:
    """Return the issues whose kept owner is another one than before the reassignment."""
    ids = sorted({each.issue_id for each in found})
    kept: dict[tuple[int, str], int | None] = {}
    columns = (assignments.c.issue_id, assignments.c.family, assignments.c.chain_id)
    for start in range(0, len(ids), CHUNK):
        is_one = assignments.c.issue_id.in_(ids[start : start + CHUNK])
        for issue_id, family, chain_id in connection.execute(select(*columns).where(is_one)):
            kept[issue_id, family] = chain_id
    return {
        each.issue_id for each in found if kept.get((each.issue_id, each.family)) != each.chain_id
    }


def _act(kind: str, told: dict[str, Any]) -> str | None:
    if kind == STEP:
        return str(told.get("step") or STEP)
    if kind == REASSIGNED:
        return "decided" if "decision" in told else None
    return kind
