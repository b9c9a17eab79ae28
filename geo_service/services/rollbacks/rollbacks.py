"""Restoring an older edition, and reverting one edition's changes: each as a new edition."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from geo_service.errors import InvalidValue, StaleEdition, TopologyBroken
from geo_service.layers.area import Boundaries
from geo_service.layers.difference import LayerDifference, layer_differences
from geo_service.layers.edition import Edition, EditionChoice, preceding_edition
from geo_service.services.boundaries.approvals import approval_of, statutory_changes
from geo_service.services.boundaries.publications import Publication, carried_along, publish
from geo_service.services.boundaries.soundness import defects_of
from geo_service.services.callers import Caller
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.rollbacks.issues import IssuesTakenBack, issues_taken_back
from geo_service.services.rollbacks.undoing import undone
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions
from geo_service.storage.databases import Transaction

RESTORE, REVERT = "restore", "revert"
_WORDS = {RESTORE: "恢复", REVERT: "撤回"}


@dataclass(frozen=True)
class RollbackOptions:
    """Why, from when (seconds since 1970 UTC; None for now), and whether only to look.

    ``approval`` names authority, document and date where statutory borders change; it is kept with
    the reason.
    """

    reason: str
    effective_from_s: int | None = None
    is_dry_run: bool = False
    approval: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Rollback:
    """What was done, or with ``is_dry_run`` what would be.

    ``edition`` is the new one, None where nothing was published; ``governing`` is the one that was
    changed, and ``differences`` say what changes against it. Where all stands as asked already, it
    is not needed (``is_needed``) and nothing is published. ``carried`` are the pending editions
    that are published again.
    """

    kind: str
    number: int
    governing: int
    edition: Edition | None
    is_needed: bool
    differences: Sequence[LayerDifference]
    carried: Sequence[int]
    issues: IssuesTakenBack
    is_dry_run: bool


@dataclass(frozen=True, eq=False)
class _Plan:
    """A rollback that was thought through and not stored; ``taken_back`` are editions."""

    kind: str
    number: int
    governing: Edition
    publication: Publication
    is_needed: bool
    differences: Sequence[LayerDifference]
    carried: Sequence[int]
    taken_back: Collection[int]


class RollbackService:
    """Taking publications back."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def restore(self, caller: Caller, number: int, options: RollbackOptions) -> Rollback:
        """Publish all of an edition again; where it stands so already, nothing is published.

        Raises
        ------
        EditionNotFound
            There is no such edition.
        TopologyBroken
            It would not be a clean coverage by the profile of today.
        ApprovalMissing
            Statutory borders would change, and nobody is named who approved it.
        PendingConflict, StaleEdition, InvalidValue, RefusedValue, UnknownLayer
            It cannot be published.
        """
        return self._roll_back(caller, RESTORE, number, options)

    def revert(self, caller: Caller, number: int, options: RollbackOptions) -> Rollback:
        """Publish the newest content without what one edition changed.

        One that is not in force yet is undone from the moment it would take effect. Undone
        already, nothing is published.

        Raises
        ------
        EditionNotFound
            There is no such edition.
        RevertConflict
            Later editions changed the same areas, or the rest would not fit.
        ApprovalMissing
            As of `restore`.
        PendingConflict, StaleEdition, InvalidValue, RefusedValue, UnknownLayer
            It cannot be published; the first edition of all cannot be reverted.
        """
        return self._roll_back(caller, REVERT, number, options)

    def _roll_back(
        self, caller: Caller, kind: str, number: int, options: RollbackOptions
    ) -> Rollback:
        load_kernels()
        workspace = self._workspace.standing_still()
        with workspace.database.read() as connection:
            plan = _plan(workspace, connection, kind, number, options)
            if options.is_dry_run or not plan.is_needed:
                return _told(workspace, connection, plan, None, options)
        with workspace.database.write() as connection:
            # an edition may have taken effect while this one waited for its turn
            workspace = self._workspace.standing_still()
            _refuse_overtaken(workspace, connection, plan, options)
            publication = _approved(workspace, plan, options)
            edition = publish(workspace, connection, caller, publication)
            return _told(workspace, connection, plan, edition, options)


def _refuse_overtaken(
    workspace: Workspace, connection: Transaction, plan: _Plan, options: RollbackOptions
) -> None:
    moment_s = plan.publication.effective_from_s
    if options.effective_from_s is None:
        moment_s = max(moment_s, int(workspace.now_s()))
    current = workspace.edition(connection, EditionChoice(as_of_s=moment_s))
    if current.number != plan.governing.number:
        raise StaleEdition(base=plan.governing.number, current=current.number)


def _approved(workspace: Workspace, plan: _Plan, options: RollbackOptions) -> Publication:
    statutory = statutory_changes(plan.differences, workspace.layers)
    approval = approval_of(statutory, options.approval)
    if approval is None:
        return plan.publication
    told = " ".join(approval.values())
    reason = f"{plan.publication.reason}（批准 approved: {told}）"
    return replace(plan.publication, reason=reason)


def _plan(
    workspace: Workspace,
    connection: Transaction,
    kind: str,
    number: int,
    options: RollbackOptions,
) -> _Plan:
    every = editions.all_editions(connection)
    asked = workspace.edition_number(connection, number)
    moment_s = _moment_s(workspace, kind, asked, options)
    governing = workspace.edition(connection, EditionChoice(as_of_s=moment_s))
    now = editions.read_content(connection, governing.number)
    if kind == RESTORE:
        found = _restored(workspace, connection, number)
        taken_back = {each.number for each in every if each.number > number}
    else:
        found = _reverted(workspace, connection, every, asked, now)
        taken_back = {number}
    content = editions.content_of(found)
    is_needed = bool(editions.changed_keys(now, content))
    publication = Publication(
        found,
        editions.latest_number(connection),
        moment_s,
        is_correction=False,
        reason=f"{_WORDS[kind]}第 {number} 版 / {kind} {number}：{options.reason}",
    )
    carried = carried_along(workspace, connection, publication, content) if is_needed else []
    return _Plan(
        kind,
        number,
        governing,
        publication,
        is_needed,
        layer_differences(editions.boundaries_of(now), found) if is_needed else [],
        [edition.number for edition, _ in carried],
        taken_back,
    )


def _moment_s(workspace: Workspace, kind: str, asked: Edition, options: RollbackOptions) -> int:
    if options.effective_from_s is not None:
        return options.effective_from_s
    now_s = int(workspace.now_s())
    return max(now_s, asked.effective_from_s) if kind == REVERT else now_s


def _restored(workspace: Workspace, connection: Transaction, number: int) -> Boundaries:
    found = editions.read_boundaries(connection, number)
    for name in found:
        workspace.layers[name]  # a layer that the profile lost cannot come back
    defects = defects_of(found, workspace.layers, workspace.enclaves(connection))
    if defects:
        raise TopologyBroken(count=len(defects), defects=defects)
    return found


def _reverted(
    workspace: Workspace,
    connection: Transaction,
    every: Sequence[Edition],
    asked: Edition,
    now: editions.Content,
) -> Boundaries:
    before = preceding_edition(every, asked)
    if before is None:
        raise InvalidValue(
            "edition",
            f"改动了已有内容的版本；第 {asked.number} 版是最初的内容，没有可以撤回到的版本",
            f"one that changed what stood; edition {asked.number} is what everything began with",
        )
    return undone(
        asked.number,
        before=editions.read_content(connection, before.number),
        done=editions.read_content(connection, asked.number),
        now=now,
        layers=workspace.layers,
        enclaves=workspace.enclaves(connection),
    )


def _told(
    workspace: Workspace,
    connection: Transaction,
    plan: _Plan,
    edition: Edition | None,
    options: RollbackOptions,
) -> Rollback:
    is_located = edition is not None and edition.effective_from_s <= workspace.now_s()
    taken_back = plan.taken_back if plan.is_needed else ()
    return Rollback(
        plan.kind,
        plan.number,
        plan.governing.number,
        edition,
        plan.is_needed,
        plan.differences,
        plan.carried,
        issues_taken_back(workspace, connection, taken_back, is_located=is_located),
        options.is_dry_run,
    )
