"""Owners: every open issue has those that a fresh locate or a person gives on what they follow."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.locator import Locator
from geo_service.services.issues.assignments import (
    LocatedIssue,
    found_places,
    located_issues,
)
from geo_service.services.verification.assignments import read_links
from geo_service.services.verification.findings import CheckReport
from geo_service.services.verification.houses import House, Step
from geo_service.storage import agreements, decisions, editions, verification_rows
from geo_service.storage.decisions import Decision
from geo_service.storage.issue_queries import Places
from geo_service.storage.issues import Link

_MOST_LON, _MOST_LAT = 180.0, 90.0
_SAME_M = 0.001
_SAME_SHARE = 1e-4
"""Of a circle: far more than rounding, far less than what tells owners apart."""


class Damaged(NamedTuple):
    """What nothing can be located by any more."""

    editions: set[int]
    agreements: set[int]


class _Owner(NamedTuple):
    """What an assignment says, but for its edition."""

    links: Sequence[Link] | None
    rule: str
    status: str
    distance_m: float | None
    agreement: int | None
    overrides: Any
    candidates: Any

    @property
    def told(self) -> str:
        """The owner and how it was found, for a sentence."""
        name = "/".join(self.links[-1]) if self.links else "—"
        number = "" if self.agreement is None else f" {self.agreement}"
        more = "" if self.overrides is None else f" + {orjson.dumps(self.overrides).decode()}"
        return f"{name} ({self.rule}{number}, {self.status}){more}"

    def is_same(self, other: "_Owner") -> bool:
        """Return whether both say the same, but for rounding."""
        exactly = ("links", "rule", "status", "agreement", "overrides")
        return (
            all(getattr(self, name) == getattr(other, name) for name in exactly)
            and abs((self.distance_m or 0.0) - (other.distance_m or 0.0)) <= _SAME_M
            and _are_same_shares(self.candidates, other.candidates)
        )


def check_owners(house: House, report: CheckReport, damaged: Damaged, step: Step) -> None:
    """Locate all open issues anew and compare, on the edition and agreements they follow.

    Where a change of edition or agreement is due and nothing was written since, that is what they
    followed before. The index is made for it alone, from the stored outlines, and not kept.
    """
    found = verification_rows.followed(house.connection)
    reason = _reason_to_leave(house, found, damaged)
    if reason:
        report.left_out.append(reason)
    if reason or found is None:
        return
    numbers = {int(each) for each in (found.agreements or "").split(",") if each}
    boundaries = editions.read_boundaries(house.connection, found.edition)
    every = agreements.all_agreements(house.connection)
    standing = tuple(each for each in every if each.number in numbers)
    locator = Locator(house.workspace.layers, boundaries).with_agreements(standing)
    report.cover(editions=1, agreements=len(standing))
    done = 0
    for piece in verification_rows.issue_pieces(house.connection, is_open=True):
        _check_piece(house, report, locator, piece)
        report.cover(open_issues=len(piece.issues))
        step(done := done + len(piece.issues), 0)


def _reason_to_leave(house: House, found: Any, damaged: Damaged) -> tuple[str, str] | None:
    if found is None:
        return "还没有任何重新归属的记录，未比对", "open issues follow no edition yet"
    if found.profile_hash != house.workspace.profile.hash:
        return (
            "未办结工单依据的是另一个配置，下一次写入时才重新归属，未比对",
            "open issues follow another profile until the next write: not compared",
        )
    known = {row.number for row in house.rows}
    if found.edition in damaged.editions or found.edition not in known:
        return (
            f"第 {found.edition} 版的边界已损坏，未比对",
            f"the boundaries of edition {found.edition} are damaged: not compared",
        )
    if damaged.agreements:
        return "有边界约定已损坏，未比对", "an agreement is damaged: not compared"
    return None


def _check_piece(house: House, report: CheckReport, locator: Locator, piece: Any) -> None:
    kept = {(row.issue_id, row.family): _kept(row) for row in piece.assignments}
    columns = [
        np.array([getattr(row, name) for row in piece.issues], dtype=np.float64)
        for name in ("lon", "lat", "accuracy_m")
    ]
    ids = np.array([row.id for row in piece.issues], dtype=np.int64)
    _take_out_impossible(report, ids, *columns[:2])
    places = Places(ids, *columns)
    decided = _sensible(report, locator, decisions.decisions_of(house.connection, ids.tolist()))
    for found in found_places(house.workspace, locator, places):
        family = found.family
        for row in located_issues(house.connection, locator, places, found, decided):
            fresh = _fresh(row)
            before = kept.get((row.issue_id, family))
            # one that is missing is told of by the check of assignments
            if before is not None and not before.is_same(fresh):
                where = {"table": "issues", "id": row.issue_id}
                told = {"family": family, "kept": before.told, "fresh": fresh.told}
                report.add("other_owner", where, **told)


def _sensible(
    report: CheckReport, locator: Locator, decided: Mapping[tuple[int, str], Decision]
) -> Mapping[tuple[int, str], Decision]:
    """Tell of decisions for layers that their families have not, and return the others."""
    found = {}
    for (issue_id, family), decision in decided.items():
        if decision.layer in [layer.name for layer in locator.layers.families.get(family, ())]:
            found[issue_id, family] = decision
        elif family in locator.layers.families:
            where = {"table": "decisions", "id": f"{issue_id}/{family}"}
            report.add("bad_decision", where, layer=decision.layer)
    return found


def _take_out_impossible(
    report: CheckReport, ids: NDArray[np.int64], lon: Floats, lat: Floats
) -> None:
    """Tell of places that are nowhere on earth, and let nobody locate them; NaN is no place."""
    is_impossible = (np.abs(lon) > _MOST_LON) | (np.abs(lat) > _MOST_LAT)
    for i in np.flatnonzero(is_impossible):
        where = {"table": "issues", "id": int(ids[i])}
        report.add("impossible_place", where, lon=lon[i], lat=lat[i])
    lon[is_impossible] = lat[is_impossible] = np.nan


def _kept(row: Any) -> _Owner:
    links = read_links(row.links) if row.links else []
    return _Owner(
        links,
        row.rule,
        row.status,
        row.distance_m,
        row.agreement,
        _parsed(row.overrides),
        _parsed(row.candidates),
    )


def _fresh(row: LocatedIssue) -> _Owner:
    return _Owner(
        list(row.links),
        row.rule,
        row.status,
        row.distance_m,
        row.agreement,
        _parsed(row.overrides),
        _parsed(row.candidates),
    )


def _parsed(text: str | None) -> Any:
    """Return what a JSON text holds; one that is none is told of by the check of assignments."""
    try:
        return None if text is None else orjson.loads(text)
    except ValueError:
        return None


def _are_same_shares(one: Any, other: Any) -> bool:
    try:
        shares = [
            {(each["layer"], each["code"]): float(each["share"]) for each in some or []}
            for some in (one, other)
        ]
    except (TypeError, KeyError, ValueError):
        return False
    return all(
        abs(shares[0].get(key, 0.0) - shares[1].get(key, 0.0)) <= _SAME_SHARE
        for key in shares[0].keys() | shares[1].keys()
    )
