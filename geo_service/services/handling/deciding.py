"""A person decides whose an issue is; it stays so while that area lives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.errors import (
    AreaNotFound,
    GeoServiceError,
    InvalidValue,
    IssueNotFound,
)
from geo_service.governance.handling.decision import read_reason
from geo_service.governance.handling.facts import word_among
from geo_service.layers.assignment.rule import DECIDED
from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.handling.owners import OwnerArea, chain_named, locator_in_force
from geo_service.services.issues.events import newest_of_open
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.issues.relocations import Cause, reassign, relocate_if_due
from geo_service.services.workspaces import Workspace
from geo_service.storage import decisions, issue_queries, issues
from geo_service.storage.databases import Transaction
from geo_service.storage.decisions import Decision
from geo_service.storage.issue_queries import IssueFilter

_HIGHEST_ID = 2**63 - 1


@dataclass(frozen=True)
class DecisionAsked:
    """Who shall own an issue, and why: names or words of the office; ``cites`` a rule."""

    layer: str
    code: str
    reason: str
    role: str
    cites: str | None = None


@dataclass(frozen=True)
class IssueOwner:
    """Whose an issue is, root first, and what a person decided of it, if anybody did.

    ``is_standing`` is whether that decision holds: not where its area is no more.
    """

    issue_id: int
    newest_event: int
    family: str
    rule: str
    chain: Sequence[OwnerArea]
    decision: Decision | None

    @property
    def is_standing(self) -> bool:
        """Whether the owner is the one that was decided."""
        return self.rule == DECIDED


class DecisionService:
    """Owners that persons set."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def owner(self, _caller: Caller, issue_id: int) -> IssueOwner:
        """Return whose an issue is on the ground; raises IssueNotFound."""
        with self._workspace.database.read() as connection:
            return self._owner(connection, issue_id, _newest(connection, issue_id))

    def decide(
        self, caller: Caller, issue_id: int, asked: DecisionAsked, *, newest_event: int | None
    ) -> IssueOwner:
        """Give an open issue to an area; the same decision again writes nothing.

        ``newest_event`` is the event that the one who decides has seen last, None where nobody
        looked.

        Raises
        ------
        IssueNotFound, AreaNotFound
            There is no such issue, or no such area in force.
        IllegalTransition
            The issue is closed.
        StaleIssue
            Something happened to it since ``newest_event``.
        InvalidValue
            A layer that stands in no family of the ground, an unknown reason or role, a ruling
            that cites nothing.
        """
        [found] = self.decide_each(caller, [(issue_id, newest_event)], asked)
        if isinstance(found, GeoServiceError):
            raise found
        return found

    def decide_each(
        self, caller: Caller, chosen: Sequence[tuple[int, int | None]], asked: DecisionAsked
    ) -> list[IssueOwner | GeoServiceError]:
        """Give issues to one area, in one transaction; each has its own result.

        ``chosen`` holds the number of each issue and the event that was seen of it last, if any.
        What cannot be of any issue (InvalidValue, AreaNotFound) is raised.
        """
        load_kernels()
        reason, cites = read_reason(asked.reason, asked.cites)
        role = self._role(asked.role)
        with self._workspace.database.write() as connection:
            family = self._family(connection, asked)
            told = (asked.layer, asked.code, reason, cites, caller.name, role)
            decision = Decision(*told, int(self._workspace.now_s()))
            relocate_if_due(self._workspace, connection, SCHEDULE)
            results: list[IssueOwner | GeoServiceError] = []
            for issue_id, newest_event in chosen:
                try:
                    newest = newest_of_open(connection, issue_id, seen=newest_event)
                except GeoServiceError as error:  # found before anything of this issue is written
                    results.append(error)
                    continue
                self._put(connection, caller, issue_id, family, decision)
                results.append(self._owner(connection, issue_id, newest))
        return results

    def withdraw(
        self, caller: Caller, issue_id: int, *, role: str, newest_event: int | None
    ) -> IssueOwner:
        """Let the place say again whose an open issue is; without a decision nothing is written.

        Raises IssueNotFound, IllegalTransition, StaleIssue and InvalidValue as ``decide`` does.
        """
        load_kernels()
        family, name = self._ground_family(), self._role(role)
        with self._workspace.database.write() as connection:
            relocate_if_due(self._workspace, connection, SCHEDULE)
            newest = newest_of_open(connection, issue_id, seen=newest_event)
            if (issue_id, family) in decisions.decisions_of(connection, [issue_id]):
                decisions.forget(connection, issue_id, family)
                self._locate(connection, caller, issue_id, family, {"withdrawn": True}, name)
            return self._owner(connection, issue_id, newest)

    def _put(
        self,
        connection: Transaction,
        caller: Caller,
        issue_id: int,
        family: str,
        decision: Decision,
    ) -> None:
        before = decisions.decisions_of(connection, [issue_id]).get((issue_id, family))
        if before is not None and _said(before) == _said(decision) and not before.is_questioned:
            return
        decisions.put(connection, issue_id, family, decision)
        told = {name: getattr(decision, name) for name in ("layer", "code", "reason", "cites")}
        self._locate(connection, caller, issue_id, family, told, decision.role)

    def _locate(
        self,
        connection: Transaction,
        caller: Caller,
        issue_id: int,
        family: str,
        decision: Mapping[str, Any],
        role: str,
    ) -> None:
        """Keep the owner that results, with an event that says who decided what."""
        places = issue_queries.issue_places(connection, IssueFilter(ids=(issue_id,)))
        edition = self._workspace.edition(connection)
        cause = Cause({"decision": {**decision, "role": role}}, family)
        reassign(self._workspace, connection, caller, edition, places, because=cause)

    def _owner(self, connection: Transaction, issue_id: int, newest_before: int) -> IssueOwner:
        found = issues.last_event(connection, issue_id)
        newest = newest_before if found is None else found[0]
        family = self._ground_family()
        kept = issue_queries.assignments_of(connection, [issue_id]).get(issue_id, [])
        own = next((each for each in kept if each["family"] == family), None)
        links = own["links"] if own else None
        return IssueOwner(
            issue_id,
            newest,
            family,
            own["rule"] if own else "unassigned",
            chain_named(locator_in_force(self._workspace, connection), links),
            decisions.decisions_of(connection, [issue_id]).get((issue_id, family)),
        )

    def _family(self, connection: Transaction, asked: DecisionAsked) -> str:
        """Return the family of the ground, of which the asked area must be."""
        family = self._ground_family()
        names = [layer.name for layer in self._workspace.layers.families[family]]
        if asked.layer not in names:
            raise InvalidValue("layer", "、".join(names), ", ".join(names))
        edition = self._workspace.edition(connection)
        areas = self._workspace.locator(connection, edition).areas(asked.layer)
        if asked.code not in areas.position_by_code:
            raise AreaNotFound(layer=asked.layer, code=asked.code, edition=edition.number)
        return family

    def _ground_family(self) -> str:
        family = self._workspace.layers.ground_family
        if family is None:
            raise InvalidValue(
                "layer", "有地面网格的配置", "a profile with a family of layers that is the ground"
            )
        return family

    def _role(self, word: str) -> str:
        return word_among("role", word, tuple(self._workspace.profile.workflow.roles.values()))


def _said(decision: Decision) -> tuple[Any, ...]:
    return (decision.layer, decision.code, decision.reason, decision.cites)


def _newest(connection: Transaction, issue_id: int) -> int:
    found = issues.last_event(connection, issue_id) if 0 < issue_id <= _HIGHEST_ID else None
    if found is None:
        raise IssueNotFound(id=str(issue_id))
    return found[0]
