"""Kept assignments: one for each family, in known words, on chains and editions that exist."""

import json
from collections.abc import Sequence
from typing import Any

import orjson

from geo_service.governance.issue import OPEN
from geo_service.layers.assignment.rule import (
    AGREEMENT,
    AMBIGUOUS,
    ASSIGNED,
    BOUNDARY,
    DECIDED,
    NEAREST,
    UNASSIGNED,
)
from geo_service.services.issues.assignments import MOST_TOLD, SHARE_DIGITS
from geo_service.services.verification.findings import CheckReport
from geo_service.services.verification.houses import House
from geo_service.storage import decisions, verification_rows

_RULES = {ASSIGNED, BOUNDARY, NEAREST, UNASSIGNED, AGREEMENT, DECIDED}
_STATUSES = {*_RULES, AMBIGUOUS}
_EXACT = 1e-9


class AssignmentLaws:
    """What must hold of the assignments of any issue.

    An issue has one in every family of the profile it was taken in with; while it is open, also in
    every family of the profile that open issues follow. Those of earlier profiles stay.
    """

    def __init__(self, house: House, report: CheckReport) -> None:
        self._report = report
        self._families = {
            key: set(layers.families) for key, layers in house.layers_by_profile.items()
        }
        self._known = {*(each for some in self._families.values() for each in some)}
        self._are_all_known = self._families.keys() == house.stored_profiles
        followed = verification_rows.followed(house.connection)
        self._open = self._families.get(followed.profile_hash, set()) if followed else set()
        self._numbers = {row.number for row in house.rows}
        self._agreements = verification_rows.agreement_numbers(house.connection)
        self._decided = decisions.decided_issues(house.connection)

    def check(self, issue: Any, events: Sequence[Any], rows: Sequence[Any]) -> None:
        """Check the assignments of one issue."""
        needed = self._families.get(events[0].profile_hash, set()) if events else set()
        if issue.status == OPEN:
            needed = needed | self._open
        have = {row.family for row in rows}
        for family in sorted(needed - have):
            self._report.add("no_assignment", {"table": "issues", "id": issue.id}, family=family)
        for row in rows:
            where = {"table": "assignments", "id": f"{row.issue_id}/{row.family}"}
            self._check_words(row, where)
            self._check_links(row, where)
            if not _is_candidates(row.candidates):
                self._report.add("bad_candidates", where)
            if not _is_overrides(row.overrides):
                self._report.add("bad_overrides", where)

    def _check_words(self, row: Any, where: dict[str, Any]) -> None:
        if row.family not in self._known and self._are_all_known:
            self._report.add("unknown_family", where, family=row.family)
        if row.rule not in _RULES:
            self._report.add("unknown_word", where, column="rule", value=row.rule)
        if row.status not in {row.rule, AMBIGUOUS} or row.status not in _STATUSES:
            self._report.add("unknown_word", where, column="status", value=row.status)
        if (row.agreement is not None) != (row.rule == AGREEMENT):
            told = {"rule": row.rule, "number": row.agreement or "—"}
            self._report.add("agreement_rule", where, **told)
        elif row.agreement is not None and row.agreement not in self._agreements:
            self._report.add("unknown_agreement", where, number=row.agreement)
        if row.rule == DECIDED and (row.issue_id, row.family) not in self._decided:
            self._report.add("nobody_decided", where)

    def _check_links(self, row: Any, where: dict[str, Any]) -> None:
        if row.edition is not None and row.edition not in self._numbers:
            self._report.add("unknown_edition", {**where, "edition": row.edition})
        if row.chain_id is None:
            if row.rule != UNASSIGNED:
                self._report.add("no_chain", where, rule=row.rule)
        elif row.edition is None:
            self._report.add("chain_without_edition", where)
        if row.chain_family not in (None, row.family):
            self._report.add("other_chain_family", where, family=row.chain_family)


def check_chains(house: House, report: CheckReport) -> None:
    """Check that chains stand twice the same, and that their areas live where they are used."""
    for row, stored in verification_rows.chain_rows(house.connection):
        report.cover(chains=1)
        links = read_links(row.links)
        if links is None:
            report.add("bad_links", {"table": "chains", "id": row.id})
        elif sorted(links) != sorted(stored):
            report.add("other_links", {"table": "chains", "id": row.id})
    for row in verification_rows.strangers(house.connection):
        where = {"table": "chain_areas", "layer": row.layer, "code": row.code}
        report.add("stranger", {**where, "edition": row.edition}, chain=row.chain_id)


def read_links(text: str | None) -> list[tuple[str, str]] | None:
    """Return the (layer, code) pairs of a chain, root first; None where they cannot be read."""
    try:
        return [(layer, code) for layer, code in json.loads(text or "null")]
    except (ValueError, TypeError):
        return None


def _is_candidates(text: str | None) -> bool:
    """Return whether candidates can be read, and their shares sum to 1.

    Each share is told in so many digits, and of very many areas only the largest.
    """
    if text is None:
        return True
    try:
        shares = [float(each["share"]) for each in orjson.loads(text) if each.keys() >= _FIELDS]
    except (ValueError, TypeError, AttributeError, KeyError):
        return False
    rounding = len(shares) * 0.5 * 10.0**-SHARE_DIGITS + _EXACT
    is_cut = len(shares) >= MOST_TOLD
    total = sum(shares)
    return total <= 1 + rounding and (is_cut or total >= 1 - rounding)


_FIELDS = {"layer", "code", "share"}


def _is_overrides(text: str | None) -> bool:
    try:
        told = [] if text is None else orjson.loads(text)
        return all(each.keys() >= {"layer", "code", "category"} for each in told)
    except (ValueError, TypeError, AttributeError):
        return False
