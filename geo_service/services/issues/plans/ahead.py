"""What stands after reports that were planned and not stored: the later ones build on it."""

import pickle
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

import orjson

from geo_service.governance.event import events_between
from geo_service.governance.issue import IssueReport, RowError
from geo_service.layers.assignment.rule import AMBIGUOUS, DECIDED, UNASSIGNED
from geo_service.services.issues.assignments import decided_links
from geo_service.services.issues.grounds import Ground
from geo_service.services.issues.plans.plan import Changes, IntakePlan, Left
from geo_service.services.issues.told import Placed, SourceTold, Stood
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction
from geo_service.storage.issues import Key, Link
from geo_service.storage.kept_owners import kept_owners


class Owned(NamedTuple):
    """Where an issue lies, and whose it is in the family of the ground; ``links`` from the root."""

    lon: float | None
    lat: float | None
    rule: str
    status: str
    links: tuple[Link, ...]

    @property
    def result(self) -> str:
        """The rule, or ``ambiguous`` where that is the status: as lists are filtered."""
        return AMBIGUOUS if self.status == AMBIGUOUS else self.rule


_SOME_TIME = datetime.fromtimestamp(0, UTC)
"""When something was told does not matter here."""
_NOBODYS = Owned(None, None, UNASSIGNED, UNASSIGNED, ())


class Ahead(Mapping[Key, Left]):
    """What would stand, by natural key; only what storing would have added or changed.

    Kept packed: a list may hold a million rows, and hardly any key stands in it twice.
    """

    def __init__(self) -> None:
        self._packed: dict[bytes, bytes] = {}

    def __getitem__(self, key: Key) -> Left:
        """Return what stands of a key; raises KeyError."""
        return self._unpacked(key)[0]

    def __iter__(self) -> Iterator[Key]:
        """Keys are not kept, only what tells them apart."""
        raise TypeError(type(self).__name__)

    def __len__(self) -> int:
        """Return how many issues would have been added or changed."""
        return len(self._packed)

    def __contains__(self, key: object) -> bool:
        """Tell whether storing would have added or changed it."""
        return bool(self._packed) and isinstance(key, tuple) and _digest(key) in self._packed

    def owned(self, workspace: Workspace, connection: Transaction, plan: IntakePlan) -> list[Owned]:
        """Return whose the issue of each case is once the plan is carried out."""
        family = workspace.layers.ground_family
        added, changed = plan.added, plan.changed
        found = _found(workspace, family, added.grounds, added.cases, added.batch)
        relocated = changed.placed.take(list(changed.relocated.values()))
        found |= _found(workspace, family, changed.grounds, list(changed.relocated), relocated)
        found |= _as_decided(family, plan, found)
        keys = _keys(plan)
        found = {
            n: self._unpacked(keys[n])[1] for n in keys if n not in found and keys[n] in self
        } | found
        ids = {n: row_id for n, row_id in enumerate(plan.ids) if row_id and n not in found}
        kept = kept_owners(connection, list(ids.values()), family=family)
        for n, row_id in ids.items():
            lon, lat, rule, status, links = kept[row_id]
            told = tuple((layer, code) for layer, code in orjson.loads(links or "[]"))
            found[n] = Owned(lon, lat, rule or UNASSIGNED, status or UNASSIGNED, told)
        return [found.get(n, _NOBODYS) for n in range(len(plan.ids))]

    def go_on(self, plan: IntakePlan, owned: Sequence[Owned]) -> None:
        """Keep what the plan would have left."""
        added, changed = plan.added, plan.changed
        left: dict[int, tuple[IssueReport, str, bool, SourceTold | None]] = {
            n: (added.batch.reports[i], added.batch.hashes[i], False, None)
            for i, n in enumerate(added.cases)
        }
        for n, changes in changed.by_case.items():
            at = changes[-1].position
            report, digest = changed.placed.reports[at], changed.placed.hashes[at]
            told = _told_then(changed, n)
            left[n] = (report, digest, changed.stood[n].is_erased, told)
        for n, (report, digest, is_erased, told) in left.items():
            kept = (tuple(report), digest, is_erased, told, plan.ids[n], tuple(owned[n]))
            self._packed[_digest((report.source, report.external_id))] = pickle.dumps(kept)

    def _unpacked(self, key: Key) -> tuple[Left, Owned]:
        told = pickle.loads(self._packed[_digest(key)])  # noqa: S301  # packed here, above
        report, digest, is_erased, events, issue_id, owner = told
        owned = Owned(*owner)
        stood = Stood(IssueReport(*report), owned.lon, owned.lat, is_erased, events)
        return Left(issue_id, digest, stood), owned


def _told_then(changed: Changes, n: int) -> SourceTold | None:
    """Return what the source will have told; None where nobody handles the issue any more.

    Whatever its source closes or reopens is handled anew.
    """
    told = changed.stood[n].told
    if told is None:
        return None
    reports = changed.placed.reports
    pairs = [(each.old, reports[each.position]) for each in changed.by_case[n]]
    if any(old.status != new.status for old, new in pairs):
        return None
    events = [event for old, new in pairs for event in events_between(old, new, now=_SOME_TIME)]
    return [*told, *((event.kind, dict(event.payload)) for event in events)]


def _as_decided(
    family: str | None, plan: IntakePlan, found: Mapping[int, Owned]
) -> dict[int, Owned]:
    """Return those of the relocated cases that stay with whom a person said."""
    cases, kept = list(plan.changed.relocated), {}
    for ground in plan.changed.grounds:
        if ground.locator is None or family is None:
            continue
        for n in [cases[i] for i in ground.places.ids.tolist()]:
            decision = plan.changed.decided.get((plan.ids[n] or 0, family))
            links = decided_links(ground.locator, family, decision)
            if links is not None:
                kept[n] = found[n]._replace(rule=DECIDED, status=DECIDED, links=links)
    return kept


def _digest(key: Key) -> bytes:
    source, external_id = key
    return blake2b(f"{source}\0{external_id}".encode(), digest_size=16).digest()


def _keys(plan: IntakePlan) -> dict[int, Key]:
    """Return the natural key of each case."""
    told = zip(plan.changed.placed.reports, plan.results, strict=True)
    return {
        each.case: (report.source, report.external_id)
        for report, each in told
        if not isinstance(each, RowError)
    }


def _found(
    workspace: Workspace,
    family: str | None,
    grounds: Sequence[Ground],
    cases: Sequence[int],
    batch: Placed,
) -> dict[int, Owned]:
    """Return whose reports are that are located now, by their cases."""
    lon, lat = (
        [None if each != each else each for each in column.tolist()]  # noqa: PLR0124  # NaN
        for column in (batch.lon, batch.lat)
    )
    owned = {n: _NOBODYS._replace(lon=lon[i], lat=lat[i]) for i, n in enumerate(cases)}
    for ground in grounds:
        positions = ground.places.ids.tolist()
        for columns in ground.found(workspace):
            if columns.family != family:
                continue
            told = zip(positions, columns.rules, columns.statuses, columns.links, strict=True)
            for i, rule, status, links in told:
                owned[cases[i]] = Owned(lon[i], lat[i], rule, status, links)
    return owned
