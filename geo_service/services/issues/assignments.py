"""Keeping assignments: the owner of an issue with the edition it was found on."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, repeat
from math import isnan
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.assignment.alone import assigned_and_judged
from geo_service.layers.assignment.candidate import Candidates
from geo_service.layers.assignment.rule import DECIDED, UNASSIGNED, Assignments
from geo_service.layers.edition import Edition
from geo_service.layers.locator import Locator
from geo_service.services.issues.overrides import override_texts
from geo_service.services.workspaces import Workspace
from geo_service.storage import decisions, issues
from geo_service.storage.databases import Transaction
from geo_service.storage.decisions import Decision
from geo_service.storage.issue_queries import Places
from geo_service.storage.issues import AssignmentRow, Link

MOST_TOLD = 100
SHARE_DIGITS = 6
"""As many as are told of a share: what differs beyond them is rounding."""

_HALF, _LOW_HALF = 32, 0xFFFFFFFF
_FEW = 64
"""So many pairs are told apart one by one before arrays are faster."""

Integers: TypeAlias = NDArray[np.integer[Any]]
Decided: TypeAlias = Mapping[tuple[int, str], Decision]
"""What persons said of issues, by their number and family."""
NOTHING_DECIDED: Decided = {}


def assignment_rows(
    workspace: Workspace,
    connection: Transaction,
    edition: Edition,
    places: Places,
) -> list[AssignmentRow]:
    """Return one row per stored issue and family that has areas, ready to be stored.

    What a person decided holds while the area lives.
    """
    locator = workspace.locator(connection, edition)
    found = found_places(workspace, locator, places)
    decided = decisions.decisions_of(connection, places.ids.tolist())
    return found_rows(connection, edition, locator, places, found, decided)


class FoundPlaces(NamedTuple):
    """What a locator says of places in one family, as columns; ``links`` from the root, or none."""

    family: str
    links: list[tuple[Link, ...]]
    rules: list[str]
    statuses: list[str]
    distances_m: list[float | None]
    candidates: list[str | None]
    agreements: list[int | None]


def found_places(workspace: Workspace, locator: Locator, places: Places) -> list[FoundPlaces]:
    """Return what a locator says of places in each family; the database is not asked."""
    found = []
    for family in locator.layers.families:
        judgement = assigned_and_judged(
            locator,
            family,
            lon=places.lon,
            lat=places.lat,
            accuracy_m=places.accuracy_m,
            certain_share=workspace.profile.certain_share,
        )
        assigned = judgement.assignments
        columns = (
            chain_links(locator, assigned),
            assigned.rules.tolist(),
            judgement.statuses.tolist(),
            [None if isnan(each) else each for each in assigned.distance_m.tolist()],
            candidate_texts(locator, family, judgement.candidates, len(places.ids)),
            [number or None for number in assigned.numbers.tolist()],
        )
        found.append(FoundPlaces(family, *columns))
    return found


def found_rows(
    connection: Transaction,
    edition: Edition,
    locator: Locator,
    places: Places,
    found: Sequence[FoundPlaces],
    decided: Decided = NOTHING_DECIDED,
) -> list[AssignmentRow]:
    """Return the same rows of stored issues whose places were found before."""
    rows: list[AssignmentRow] = []
    for columns in found:
        family = columns.family
        located = located_issues(connection, locator, places, columns, decided)
        if not located:
            continue
        ids, links, rules, statuses, distances_m, *rest = zip(*located, strict=True)
        chains = set(links)
        known: dict[tuple[Link, ...], int | None] = {
            **issues.chain_ids(connection, family, chains - {()}),
            (): None,
        }
        chain_ids = map(known.__getitem__, links)
        on = (repeat(family, len(ids)), repeat(edition.number, len(ids)))
        told = zip(ids, *on, rules, statuses, distances_m, chain_ids, *rest, strict=True)
        rows += map(AssignmentRow._make, told)
    return rows


class LocatedIssue(NamedTuple):
    """What a locator says of one stored issue in a family; ``links`` from the root, or none."""

    issue_id: int
    links: tuple[Link, ...]
    rule: str
    status: str
    distance_m: float | None
    candidates: str | None
    overrides: str | None
    agreement: int | None


def located_issues(
    connection: Transaction,
    locator: Locator,
    places: Places,
    found: FoundPlaces,
    decided: Decided = NOTHING_DECIDED,
) -> list[LocatedIssue]:
    """Return what was found of stored issues in a family, or decided; nothing is written."""
    columns = (
        places.ids.tolist(),
        found.links,
        found.rules,
        found.statuses,
        found.distances_m,
        found.candidates,
        override_texts(connection, locator, found.family, places),
        found.agreements,
    )
    located = list(map(LocatedIssue._make, zip(*columns, strict=True)))
    if not decided:
        return located
    return [
        _as_decided(locator, found.family, each, decided.get((each.issue_id, found.family)))
        for each in located
    ]


def _as_decided(
    locator: Locator, family: str, located: LocatedIssue, decision: Decision | None
) -> LocatedIssue:
    """Return whose an issue is by what a person said; by its place where that area is no more."""
    links = decided_links(locator, family, decision)
    if links is None:
        return located
    return LocatedIssue(located.issue_id, links, DECIDED, DECIDED, None, None, None, None)


def decided_links(
    locator: Locator, family: str, decision: Decision | None
) -> tuple[Link, ...] | None:
    """Return the chain of the area that a person said, root first; None where it is no more."""
    if decision is None:
        return None
    levels = [layer.name for layer in locator.layers.families[family]]
    position = locator.areas(decision.layer).position_by_code.get(decision.code)
    if position is None:
        return None
    chain = locator.links(family, levels.index(decision.layer), position)
    return tuple((link.layer, link.code) for link in chain if link.code is not None)


def unassigned_rows(locator_families: Sequence[str], ids: Sequence[int]) -> list[AssignmentRow]:
    """Return rows for issues that no edition governs: unassigned in every family."""
    return [
        AssignmentRow(row_id, family, None, UNASSIGNED, UNASSIGNED, None, None, None, None, None)
        for family in locator_families
        for row_id in ids
    ]


def chain_links(locator: Locator, assigned: Assignments) -> list[tuple[Link, ...]]:
    """Return each point's chain of (layer, code) from the root; empty where there is no owner."""
    owners, kinds = _kinds(assigned.owners.level, assigned.owners.position)
    known = [
        tuple(
            (link.layer, link.code)
            for link in locator.links(assigned.family, *owner)
            if link.code is not None
        )
        for owner in owners
    ]
    return list(map(known.__getitem__, kinds))


def candidate_texts(
    locator: Locator, family: str, candidates: Candidates, count: int
) -> list[str | None]:
    """Return the candidates of each of so many points as JSON; None where a point has none.

    ``layer``, ``code`` and ``share`` of each, the largest first; of "outside every area" layer and
    code are null. Of a circle that holds very many areas only the largest shares are told.
    """
    texts: list[str | None] = [None] * count
    if len(candidates.point) == 0:
        return texts
    chain = locator.layers.families[family]
    areas, kinds = _kinds(candidates.depth, candidates.position)
    names = []
    for depth, position in areas:
        layer = chain[depth].name if depth >= 0 else None
        names.append(_name_text(layer, locator.areas(layer).codes[position] if layer else None))
    shares = _number_texts(np.round(candidates.share, SHARE_DIGITS))
    told = [f'{names[kind]},"share":{share}}}' for kind, share in zip(kinds, shares, strict=True)]
    points = candidates.point.tolist()
    first = [0, *(i for i, (last, each) in enumerate(pairwise(points), 1) if each != last)]
    for start, stop in pairwise([*first, len(told)]):
        texts[points[start]] = f"[{','.join(told[start : min(stop, start + MOST_TOLD)])}]"
    return texts


def _kinds(depth: Integers, position: Integers) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the different pairs of a depth and a position, and which of them each one is."""
    if len(depth) <= _FEW:
        numbers: dict[tuple[int, int], int] = {}
        pairs = zip(depth.tolist(), position.tolist(), strict=True)
        of_pairs = [numbers.setdefault(pair, len(numbers)) for pair in pairs]
        return list(numbers), of_pairs
    # of what nobody owns both are -1
    keys = (depth.astype(np.int64) << _HALF) + (position + np.int64(1))
    kinds, of_each = np.unique(keys, return_inverse=True)
    depths, positions = kinds >> _HALF, (kinds & _LOW_HALF) - 1
    return list(zip(depths.tolist(), positions.tolist(), strict=True)), of_each.tolist()


@lru_cache(maxsize=65_536)
def _name_text(layer: str | None, code: str | None) -> str:
    return orjson.dumps({"layer": layer, "code": code}).decode().removesuffix("}")


def _number_texts(numbers: Floats) -> list[str]:
    """Return numbers as JSON, written all at once."""
    return orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode().split(",")
