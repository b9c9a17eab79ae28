"""Planning what reports make of what is stored: reads alone, so that it can be shown beforehand."""

from collections.abc import Collection, Mapping, Sequence
from math import isnan, nan
from typing import NamedTuple

from geo_service.governance.issue import OPEN, IssueReport, RowError, changed_fields
from geo_service.services.addresses.matching import PlaceMatch, addresses_asked, look_up
from geo_service.services.issues.grounds import Ground, grounds_of
from geo_service.services.issues.plans.plan import (
    ADDED,
    CONFLICT,
    UNCHANGED,
    UPDATED,
    Additions,
    Changes,
    IntakePlan,
    Left,
    Planned,
)
from geo_service.services.issues.told import (
    Change,
    Placed,
    Stood,
    Told,
    stored_report,
    told_by_sources,
    with_what_was_told,
    without_erased,
    without_repeated_lives,
)
from geo_service.services.places.placing import place_points
from geo_service.services.workspaces import Workspace
from geo_service.storage import decisions, issues
from geo_service.storage.databases import Transaction
from geo_service.storage.issues import Key

_PLACE_FIELDS = {"x", "y", "source_frame", "accuracy_m"}
_CATEGORY_FIELDS = {"category_major", "category_minor"}
_NOTHING: Mapping[Key, Left] = {}


class _Case(NamedTuple):
    """One natural key: what is stored of it or will be, and the positions of its reports."""

    issue_id: int | None
    content_hash: str
    positions: Sequence[int]


def plan_intake(
    workspace: Workspace,
    connection: Transaction,
    told: Sequence[Told],
    *,
    ahead: Mapping[Key, Left] = _NOTHING,
) -> IntakePlan:
    """Return what reports make of what a transaction reads; nothing is written.

    ``workspace`` stands still. ``ahead`` is what earlier reports would have left that were planned
    and not stored. See ``intake.take_in_each`` for what becomes of reports.
    """
    reports = [each.report for each in told]
    placed, refused = _placed(told, reports)
    by_key: dict[Key, list[int]] = {}
    for i, report in enumerate(reports):
        if i not in refused:
            by_key.setdefault((report.source, report.external_id), []).append(i)
    cases, new = _cases(connection, placed, by_key, ahead)
    added = _additions(
        workspace, connection, placed.take([cases[n].positions[0] for n in new]), new
    )
    results: dict[int, Planned | RowError] = {**refused}
    stood = _stood(connection, placed, list(by_key), cases, added, ahead)
    repeated = [n for n, each in enumerate(cases) if len(each.positions) > 1]
    known = set(range(len(cases))).difference(new)
    results |= {i: Planned(UNCHANGED, n) for n in {*known, *repeated} for i in cases[n].positions}
    changed = _changes(workspace, connection, placed, cases, stood, results)
    whys = {i: each.why for i, each in added.matches.items()}
    for i, n in enumerate(new):
        results[cases[n].positions[0]] = Planned(ADDED, n, (), whys.get(i))
    ids = [each.issue_id for each in cases]
    return IntakePlan(ids, added, changed, [results[i] for i in range(len(reports))])


def _placed(
    told: Sequence[Told], reports: Sequence[IssueReport]
) -> tuple[Placed, dict[int, RowError]]:
    lon, lat, refused = place_points(reports)
    hashes = [each.prepared.content_hash for each in told]
    return Placed(told, reports, hashes, lon, lat), refused


def _cases(
    connection: Transaction,
    placed: Placed,
    by_key: Mapping[Key, Sequence[int]],
    ahead: Mapping[Key, Left],
) -> tuple[list[_Case], list[int]]:
    """Return the cases, and the numbers of those that are new."""
    known: dict[Key, tuple[int | None, str]] = {}
    known |= {key: ahead[key][:2] for key in by_key if key in ahead}
    known |= issues.known_hashes(connection, [key for key in by_key if key not in known])
    cases, new = [], []
    for n, (key, positions) in enumerate(by_key.items()):
        if key not in known:
            new.append(n)
        issue_id, content_hash = known.get(key) or (None, placed.hashes[positions[0]])
        cases.append(_Case(issue_id, content_hash, positions))
    return cases, new


def _additions(
    workspace: Workspace, connection: Transaction, batch: Placed, new: Sequence[int]
) -> Additions:
    asked = addresses_asked(dict(enumerate(batch.reports)))
    matches = look_up(workspace, connection, asked)
    if matches:
        batch = batch.placed({i: (each.lon, each.lat) for i, each in matches.items()})
    return Additions(new, batch, matches, _grounds(workspace, connection, batch))


def _stood(
    connection: Transaction,
    placed: Placed,
    keys: Sequence[Key],
    cases: Sequence[_Case],
    added: Additions,
    ahead: Mapping[Key, Left],
) -> dict[int, Stood]:
    """Return how those cases stood of which any report is another than the one before."""
    first = dict(zip(added.cases, range(len(added.cases)), strict=True))
    found: dict[int, Stood] = {}
    stored: dict[int, int] = {}
    for n, (issue_id, content_hash, positions) in enumerate(cases):
        if len(positions) == 1 and n in first:
            continue  # it alone says what is stored of it
        if all(placed.hashes[i] == content_hash for i in positions):
            continue
        if n in first:
            found[n] = added_stood(added, first[n])
        elif keys[n] in ahead:
            found[n] = ahead[keys[n]].stood
        elif issue_id is not None:
            stored[n] = issue_id
    if stored:
        found |= _stored(connection, stored)
    return dict(sorted(found.items()))


def _stored(connection: Transaction, ids: Mapping[int, int]) -> dict[int, Stood]:
    """Return how stored issues stand, by their cases."""
    asked = list(ids.values())
    rows = issues.stored_reports(connection, asked)
    states = issues.last_states(connection, asked)
    told = told_by_sources(connection, asked)
    found: dict[int, Stood] = {}
    for n, issue_id in ids.items():
        row = rows[issue_id]
        is_erased = row["erased_at_s"] is not None
        report = stored_report(row, states[issue_id])
        found[n] = Stood(report, row["lon"], row["lat"], is_erased, told.get(issue_id))
    return found


def added_stood(added: Additions, position: int) -> Stood:
    """Return how a new issue will stand, by the position of its report among the new ones."""
    batch = added.batch
    lon, lat = (_known(each[position]) for each in (batch.lon, batch.lat))
    return Stood(batch.reports[position], lon, lat, is_erased=False)


def _changes(
    workspace: Workspace,
    connection: Transaction,
    placed: Placed,
    cases: Sequence[_Case],
    stood: Mapping[int, Stood],
    results: dict[int, Planned | RowError],
) -> Changes:
    """Compare reports of known issues with what stood before each; adds what becomes of each."""
    if not stood:
        return Changes(placed, {}, stood, {}, (), {}, {}, (), (), {})
    others = {n: (cases[n].positions, stood[n]) for n in stood}
    placed = with_what_was_told(without_erased(placed, others), others)
    placed = without_repeated_lives(placed, others)
    by_case: dict[int, list[Change]] = {}
    for n, before in stood.items():
        current = before.report
        for i in cases[n].positions:
            if placed.hashes[i] == cases[n].content_hash and n not in by_case:
                continue  # what its source said last, whatever was done here since
            # not by hash alone: it differs between 0.0 and -0.0, and older versions wrote others
            different = tuple(changed_fields(current, placed.reports[i]))
            if not different:
                continue
            is_updating = placed.told[i].is_updating
            results[i] = Planned(UPDATED if is_updating else CONFLICT, n, different)
            if is_updating:
                by_case.setdefault(n, []).append(Change(i, current))
                current = placed.reports[i]
    ids = [each.issue_id for each in cases]
    return _placed_anew(workspace, connection, placed, by_case, stood, ids)


def _placed_anew(
    workspace: Workspace,
    connection: Transaction,
    placed: Placed,
    changes: Mapping[int, Sequence[Change]],
    stood: Mapping[int, Stood],
    ids: Sequence[int | None],
) -> Changes:
    """Return changes with the points that their addresses mean, and who has another one.

    An address that stayed means what it was found to mean: other lists move no issue by themselves.
    """
    ends = {n: (each[0].old, placed.reports[each[-1].position]) for n, each in changes.items()}
    moved = {n for n, (old, new) in ends.items() if _tells_other_place(old, new)}
    found = look_up(workspace, connection, addresses_asked({n: ends[n][1] for n in moved}))
    forgotten = [n for n in moved if ends[n][0].x is None]  # found by address or by hand
    points: dict[int, tuple[float, float]] = {}
    for n, each in changes.items():
        without = [i for i, _ in each if placed.reports[i].x is None]
        points |= dict.fromkeys(without, _point(found.get(n), None if n in moved else stood[n]))
    placed = placed.placed(points)
    elsewhere = {n for n in moved if ends[n][1].x is None}
    elsewhere |= {n for n, each in changes.items() if _is_elsewhere(placed, each)}
    relocated, recategorized = _located_again(workspace, placed, changes, elsewhere)
    known = [row_id for row_id in (ids[n] for n in relocated) if row_id is not None]
    return Changes(
        placed,
        changes,
        stood,
        found,
        forgotten,
        relocated,
        recategorized,
        _grounds(workspace, connection, placed.take(list(relocated.values()))),
        elsewhere,
        decisions.decisions_of(connection, known),
    )


def _point(match: PlaceMatch | None, stood: Stood | None) -> tuple[float, float]:
    """Return the point of a report without coordinates; NaN where nobody knows any."""
    if match is not None:
        return match.lon, match.lat
    if stood is None or stood.lon is None or stood.lat is None:
        return nan, nan
    return stood.lon, stood.lat


def _located_again(
    workspace: Workspace,
    placed: Placed,
    changes: Mapping[int, Sequence[Change]],
    elsewhere: Collection[int],
) -> tuple[dict[int, int], dict[int, int]]:
    """Return which cases lie elsewhere or may be another overlay's, by the report that says so.

    A closed one whose category alone is another keeps the owner of its ground: it is of the second.
    """
    relocated: dict[int, int] = {}
    recategorized: dict[int, int] = {}
    for n, each in changes.items():
        for position, old in each:
            new = placed.reports[position]
            is_taken = bool(workspace.layers.overriding) and _is_recategorized(old, new)
            is_found_anew = n in elsewhere or _is_reopened(old, new)
            if is_found_anew or (is_taken and new.status == OPEN):
                relocated[n] = position
            elif is_taken:
                recategorized[n] = position
    return relocated, recategorized


def _is_elsewhere(placed: Placed, changes: Sequence[Change]) -> bool:
    return any(
        not _PLACE_FIELDS.isdisjoint(changed_fields(old, placed.reports[position]))
        for position, old in changes
    )


def _tells_other_place(old: IssueReport, new: IssueReport) -> bool:
    if new.x is None and old.x is None:
        return old.address != new.address
    return not _PLACE_FIELDS.isdisjoint(changed_fields(old, new))


def _is_reopened(old: IssueReport, new: IssueReport) -> bool:
    """Whether an issue is open again, perhaps on boundaries that changed meanwhile."""
    return old.status != new.status and new.status == OPEN


def _is_recategorized(old: IssueReport, new: IssueReport) -> bool:
    """Whether another overlay may take an issue now."""
    return not _CATEGORY_FIELDS.isdisjoint(changed_fields(old, new))


def _known(degrees: float) -> float | None:
    return None if isnan(degrees) else float(degrees)


def _grounds(workspace: Workspace, connection: Transaction, batch: Placed) -> list[Ground]:
    return grounds_of(workspace, connection, batch.reports, lon=batch.lon, lat=batch.lat)
