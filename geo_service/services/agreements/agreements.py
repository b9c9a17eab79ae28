"""Written border agreements: recorded, listed, withdrawn; open issues follow at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geo_service.errors import AgreementNotFound, MissingColumn, RefusedValue
from geo_service.governance.headings import Columns, agreement_columns
from geo_service.governance.issue import RowError
from geo_service.layers.agreement import Agreement
from geo_service.layers.edition import IN_FORCE, Edition, EditionChoice
from geo_service.layers.files import read_rows
from geo_service.services.agreements.rows import NEEDED, read_agreement
from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.issues.relocations import relocate_if_due
from geo_service.services.lists.cells import cells_of
from geo_service.services.lists.rejections import Rejection, rejections_of, write_rejected
from geo_service.services.workspaces import Workspace
from geo_service.storage import agreements
from geo_service.storage.databases import Transaction

ADDED, UNCHANGED = "added", "unchanged"
STANDING, PENDING, ENDED, WITHDRAWN = "standing", "pending", "ended", "withdrawn"


@dataclass(frozen=True)
class ListedAgreement:
    """An agreement, how it stands at a moment, and why it decides nothing (zh, en) if so.

    ``state`` is ``standing``, ``pending``, ``ended`` or ``withdrawn``; ``inert`` is about the
    edition of that moment, and told of agreements that stand or will.
    """

    agreement: Agreement
    state: str
    inert: tuple[str, str] | None


@dataclass(frozen=True)
class AgreementList:
    """Agreements by number, and the edition that ``inert`` is about; None where none governs."""

    edition: Edition | None
    agreements: Sequence[ListedAgreement]


@dataclass(frozen=True)
class AgreementFileReport:
    """What became of the rows of one list; the counts add up to ``rows``.

    ``inert`` are those that were added and decide nothing on the edition in force.
    """

    file: str
    encoding: str | None
    columns: Columns
    rows: int
    added: int
    unchanged: int
    rejections: Sequence[Rejection]
    inert: Sequence[ListedAgreement]


class AgreementService:
    """Border agreements of one house."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def agreements(self, _caller: Caller, choice: EditionChoice = IN_FORCE) -> AgreementList:
        """Return every agreement known at a moment, and how each stands at another."""
        with self._workspace.database.read() as connection:
            return self._listed(self._workspace.standing_still(), connection, choice)

    def record(self, caller: Caller, cells: Mapping[str, Any]) -> tuple[ListedAgreement, str]:
        """Store one agreement; return it, and whether it was ``added`` or stood already.

        Raises
        ------
        RefusedValue
            A field cannot be read, or makes no sense beside the others.
        """
        with self._workspace.database.write() as connection:
            workspace = self._workspace.recording()
            [(found, outcome)] = self._store(workspace, connection, caller, [cells])
            if isinstance(found, RowError):
                raise RefusedValue(found.field, found.reason_zh, found.reason_en)
            listed = self._listed(workspace, connection).agreements
        return next(each for each in listed if each.agreement.number == found.number), outcome

    def import_file(
        self, caller: Caller, path: Path, *, sheet: str | None = None
    ) -> AgreementFileReport:
        """Store the agreements of a list (CSV, XLSX, NDJSON), every row of which is told of.

        Raises
        ------
        UnreadableFile, MissingColumn
            The list cannot be used; nothing was stored.
        """
        rows = read_rows(path, sheet=sheet)
        columns = agreement_columns([heading for heading in rows.headings if heading])
        for name in NEEDED:
            if name not in columns.heading_by_field:
                raise MissingColumn(name, rows.headings, name)
        numbered = [(number, cells_of(row, columns)) for number, row in rows]
        with self._workspace.database.write() as connection:
            workspace = self._workspace.recording()
            stored = self._store(workspace, connection, caller, [row for _, row in numbered])
            listed = self._listed(workspace, connection).agreements
        outcomes = [outcome for _, outcome in stored]
        added = {f.number for f, outcome in stored if outcome == ADDED and isinstance(f, Agreement)}
        return AgreementFileReport(
            file=path.name,
            encoding=rows.encoding,
            columns=columns,
            rows=len(numbered),
            added=outcomes.count(ADDED),
            unchanged=outcomes.count(UNCHANGED),
            rejections=rejections_of(
                (number, found) for (number, _), (found, _) in zip(numbered, stored, strict=True)
            ),
            inert=[each for each in listed if each.inert and each.agreement.number in added],
        )

    def withdraw(self, caller: Caller, number: int) -> ListedAgreement:
        """Withdraw an agreement: it stands no more, and stays known; again changes nothing.

        Raises
        ------
        AgreementNotFound
            There is none of this number.
        """
        with self._workspace.database.write() as connection:
            workspace = self._workspace.recording()
            relocate_if_due(workspace, connection, SCHEDULE)
            known = {each.number: each for each in workspace.agreements(connection).agreements}
            if number not in known:
                raise AgreementNotFound(number=number)
            if known[number].withdrawn_at_s is None:
                at_s = int(workspace.now_s())
                agreements.withdraw(connection, number, at_s=at_s, actor=caller.name)
                _follow(workspace, connection, caller)
            listed = self._listed(workspace, connection).agreements
        return next(each for each in listed if each.agreement.number == number)

    def _store(
        self,
        workspace: Workspace,
        connection: Transaction,
        caller: Caller,
        rows: Sequence[Mapping[str, Any] | RowError],
    ) -> list[tuple[Agreement | RowError, str]]:
        """Store what is new, let open issues follow, and return each row's outcome."""
        relocate_if_due(workspace, connection, SCHEDULE)
        now_s = int(workspace.now_s())
        book = workspace.agreements(connection)
        known = {each.terms: each for each in book.agreements if each.withdrawn_at_s is None}
        number = agreements.latest_number(connection)
        new: list[Agreement] = []
        outcomes: list[tuple[Agreement | RowError, str]] = []
        for row in rows:
            read = row if isinstance(row, RowError) else read_agreement(row, workspace, now_s=now_s)
            if isinstance(read, RowError):
                outcomes.append((read, "rejected"))
                continue
            same = known.get(read.terms)
            if same is None:
                new.append(replace(read, number=number + len(new) + 1))
                known[read.terms] = new[-1]
            outcomes.append((same or new[-1], UNCHANGED if same else ADDED))
        agreements.add_agreements(connection, new, actor=caller.name)
        _follow(workspace, connection, caller)
        return outcomes

    def _listed(
        self, workspace: Workspace, connection: Transaction, choice: EditionChoice = IN_FORCE
    ) -> AgreementList:
        now_s = workspace.now_s()
        as_of_s = now_s if choice.as_of_s is None else choice.as_of_s
        known_at_s = now_s if choice.known_at_s is None else choice.known_at_s
        edition = workspace.governing(connection, choice)
        known = [
            (each, _state(each, as_of_s, known_at_s))
            for each in workspace.agreements(connection).agreements
            if each.recorded_at_s <= known_at_s
        ]
        asked = tuple(each for each, state in known if state in (STANDING, PENDING))
        inert = self._inert(workspace, connection, edition, asked) if edition else {}
        return AgreementList(
            edition, [ListedAgreement(each, state, inert.get(each.number)) for each, state in known]
        )

    def _inert(
        self,
        workspace: Workspace,
        connection: Transaction,
        edition: Edition,
        asked: tuple[Agreement, ...],
    ) -> dict[int, tuple[str, str]]:
        """Return why agreements decide nothing on an edition, by number."""
        nested = {layer.name for layer in workspace.layers if not layer.is_overlay}
        found = {
            each.number: (
                f"当前配置没有图层 {each.layer}",
                f"the profile has no layer {each.layer}",
            )
            for each in asked
            if each.layer not in nested
        }
        locator = workspace.locators.get(connection, edition).with_agreements(asked)
        for corridors in locator.corridors.values():
            found |= {e.agreement.number: (e.reason_zh, e.reason_en) for e in corridors.inert}
        return found


def write_rejections(path: Path, report: AgreementFileReport) -> None:
    """Write the rejected rows as CSV: row number, field, reason in both languages."""
    write_rejected(path, report.rejections)


def _follow(workspace: Workspace, connection: Transaction, caller: Caller) -> None:
    """Take notice of what this transaction has just written, and let open issues follow."""
    workspace.agreements(connection, agreements.revision(connection))
    relocate_if_due(workspace, connection, caller)


def _state(agreement: Agreement, as_of_s: float, known_at_s: float) -> str:
    if agreement.withdrawn_at_s is not None and agreement.withdrawn_at_s <= known_at_s:
        return WITHDRAWN
    if as_of_s < agreement.effective_from_s:
        return PENDING
    if agreement.effective_to_s is not None and agreement.effective_to_s <= as_of_s:
        return ENDED
    return STANDING
