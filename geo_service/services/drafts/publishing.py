"""Drafts become editions: checked whole, in force from a date, once; and follow a newer base."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.errors import (
    CodeRetired,
    DraftOvertaken,
    EmptyDraft,
    InvalidValue,
    RebaseConflict,
    TopologyBroken,
)
from geo_service.layers.area import Boundaries
from geo_service.layers.difference import LayerDifference, layer_differences
from geo_service.layers.edition import Edition, EditionChoice
from geo_service.layers.layer import Enclave, Layers
from geo_service.layers.topology import Defect
from geo_service.services.boundaries.approvals import approval_of, statutory_changes
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.boundaries.soundness import defects_of
from geo_service.services.callers import Caller
from geo_service.services.drafts.bounds_texts import carry_texts
from geo_service.services.drafts.draft import (
    Draft,
    changes_of,
    open_draft,
    read_draft,
    refuse_changed,
)
from geo_service.services.drafts.drafts import DraftNote
from geo_service.services.drafts.figures import (
    EnteredFigure,
    dated_figures,
    entered_figures,
)
from geo_service.services.drafts.findings import DraftFindings
from geo_service.services.drafts.kept.changes import DraftChanges
from geo_service.services.drafts.kept.draft_states import DraftStates
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions, figures
from geo_service.storage.databases import Transaction
from geo_service.storage.drafts import PUBLISHED


@dataclass(frozen=True)
class PublicationAsked:
    """From when a draft shall be in force, why, who was asked, and who approved it.

    ``reason`` and ``consulted`` are None for what the draft says of them, ``effective_from_s`` for
    at once. ``approval`` names authority, document and date where
    statutory borders change.
    """

    reason: str | None = None
    effective_from_s: int | None = None
    is_correction: bool = False
    consulted: str | None = None
    approval: Mapping[str, str] | None = None


@dataclass(frozen=True, eq=False)
class DraftCheck:
    """What stands in the way of publishing, what to look at, and what would change."""

    draft: Draft
    defects: Sequence[Defect]
    findings: Sequence[Defect]
    differences: Sequence[LayerDifference]
    needs_approval: Sequence[LayerDifference]
    entered: Sequence[EnteredFigure]

    @property
    def is_publishable(self) -> bool:
        """Whether nothing is broken, and anything changed."""
        return not self.defects and bool(self.differences)


@dataclass(frozen=True, eq=False)
class _Ready:
    """A draft as it was read to be published, the newest edition then, and why it is published."""

    draft: Draft
    latest: int
    noted: Mapping[str, Any]
    base: Boundaries
    content: Boundaries
    enclaves: Sequence[Enclave]


_REFUSED = frozenset({"gap", "hole", "overlap", "outside_parent"})
"""Kinds of findings that no edition may have."""


class DraftPublicationService:
    """Checking drafts as a whole, publishing them, and putting them on a newer edition."""

    def __init__(
        self,
        workspace: Workspace,
        states: DraftStates,
        findings: DraftFindings,
        changes: DraftChanges,
    ) -> None:
        self._workspace, self._states = workspace, states
        self._findings, self._changes = findings, changes

    def check(self, _caller: Caller, draft_id: int, *, is_whole: bool = False) -> DraftCheck:
        """Return what is wrong in a draft, and what should be looked at.

        Findings follow every operation; those about figures are read here. Only ``is_whole`` judges
        all areas anew, as publishing does, and asks about all; without it defects are the findings
        that publishing would refuse, and what the draft did not touch is not asked about.

        Raises
        ------
        DraftNotFound
            There is no such draft.
        """
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            state = self._states.of(connection, draft)
            differences = layer_differences(*changes_of(connection, draft))
            entered = self._entered(connection, draft)
            base = editions.read_boundaries(connection, draft.row.base_edition) if is_whole else {}
            findings = self._findings.of(connection, draft, state, is_whole=is_whole)
            enclaves = self._workspace.enclaves(connection)
        layers = self._workspace.layers
        defects = (
            defects_of(state.boundaries(base), layers, enclaves)
            if is_whole
            else [each for each in findings if each.kind in _REFUSED]
        )
        statutory = statutory_changes(differences, layers)
        return DraftCheck(draft, defects, findings, differences, statutory, entered)

    def publish(self, caller: Caller, draft_id: int, asked: PublicationAsked) -> Edition:
        """Publish a draft as the next edition; one that was published already is answered again.

        Values that were entered become figures from the moment it is in force, but for those whose
        areas were drawn otherwise since: the check names them.

        Raises
        ------
        DraftNotFound, DraftClosed
            There is no such draft, or it was put aside.
        DraftOvertaken
            Another edition than its base is in force at the asked date.
        EmptyDraft, TopologyBroken
            It changes nothing, or is no clean coverage.
        CodeRetired
            An edition gave a code of it to another area since it was drawn.
        ApprovalMissing
            Statutory borders change, and ``approval`` does not say who approved it.
        StaleDraft
            Somebody changed it while it was checked.
        StaleEdition, PendingConflict, InvalidValue, RefusedValue
            As publications refuse; and nobody told why, neither now nor in the draft.
        """
        with self._workspace.database.read() as connection:
            published = _edition_of(self._workspace, connection, draft_id)
            ready = published or self._ready(connection, draft_id, asked)
        if isinstance(ready, Edition):
            return ready
        approval = _approval(ready, asked, self._workspace.layers)
        with self._workspace.database.write() as connection:
            twin = _edition_of(self._workspace, connection, draft_id)
            if twin is not None:
                return twin
            refuse_changed(connection, open_draft(connection, draft_id), ready.draft.row.revision)
            _refuse_given_codes(connection, ready)
            # an edition may have taken effect while this one waited for its turn
            workspace = self._workspace.standing_still()
            moment_s = _moment_s(workspace, asked)
            _refuse_overtaken(workspace, connection, ready.draft, moment_s)
            reason = ready.noted["reason"]
            publication = Publication(
                ready.content, ready.latest, moment_s, asked.is_correction, reason
            )
            entered = self._entered(connection, ready.draft)
            edition = publish(workspace, connection, caller, publication)
            told = dated_figures(entered, ready.draft, from_s=moment_s)
            figures.add_figures(connection, told, recorded_at_s=int(workspace.now_s()))
            carry_texts(connection, ready.draft, edition)
            drafts.change_draft(
                connection,
                draft_id,
                now_s=edition.published_at_s,
                status=PUBLISHED,
                edition=edition.number,
                approval=approval,
                **ready.noted,
            )
        return edition

    def _ready(self, connection: Transaction, draft_id: int, asked: PublicationAsked) -> _Ready:
        workspace = self._workspace.standing_still()
        draft = open_draft(connection, draft_id)
        latest, noted = editions.latest_number(connection), _noted(draft, asked)
        _refuse_overtaken(workspace, connection, draft, _moment_s(workspace, asked))
        base = editions.read_boundaries(connection, draft.row.base_edition)
        content = self._states.of(connection, draft).boundaries(base)
        return _Ready(draft, latest, noted, base, content, workspace.enclaves(connection))

    def _entered(self, connection: Transaction, draft: Draft) -> list[EnteredFigure]:
        return entered_figures(connection, draft, self._changes.of(connection, draft, draft.done))

    def rebase(self, _caller: Caller, draft_id: int, *, as_of_s: float | None = None) -> Draft:
        """Put a draft on the edition in force now, or at a moment; where it is, nothing is done.

        Raises
        ------
        DraftNotFound, DraftClosed, EditionNotFound
            There is no such draft, it is not changed any more, or no edition is in force then.
        RebaseConflict
            Editions since changed areas that any of its steps touched, undone ones too.
        """
        with self._workspace.database.write() as connection:
            draft = open_draft(connection, draft_id)
            current = self._workspace.edition(connection, EditionChoice(as_of_s=as_of_s))
            if current.number == draft.row.base_edition:
                return draft
            before = editions.read_content(connection, draft.row.base_edition)
            changed = editions.changed_keys(
                before, editions.read_content(connection, current.number)
            )
            both = sorted(changed & drafts.touched_by(connection, draft_id))
            if both:
                areas = [f"{layer}/{code}" for layer, code in both]
                raise RebaseConflict(id=draft_id, current=current.number, areas=areas)
            drafts.change_draft(
                connection,
                draft_id,
                now_s=int(self._workspace.now_s()),
                base_edition=current.number,
            )
            return read_draft(connection, draft_id)


def _noted(draft: Draft, asked: PublicationAsked) -> dict[str, Any]:
    """Return why a draft is published and who was asked: as told now, else as noted in it."""
    told = DraftNote(reason=asked.reason, consulted=asked.consulted).values()
    noted = {"reason": draft.row.reason, "consulted": draft.row.consulted} | told
    if not noted["reason"]:
        raise InvalidValue(
            "reason",
            "调整原因：发布时填写，或先记在草案里",
            "why: told when publishing, or noted in the draft before",
        )
    return noted


def _edition_of(workspace: Workspace, connection: Transaction, draft_id: int) -> Edition | None:
    """Return what a draft became, None where it was not published."""
    row = read_draft(connection, draft_id).row
    if row.status != PUBLISHED or row.edition is None:
        return None
    return workspace.edition_number(connection, row.edition)


def _refuse_overtaken(
    workspace: Workspace, connection: Transaction, draft: Draft, moment_s: int
) -> None:
    current = workspace.edition(connection, EditionChoice(as_of_s=moment_s))
    if current.number != draft.row.base_edition:
        raise DraftOvertaken(id=draft.id, base=draft.row.base_edition, current=current.number)


def _moment_s(workspace: Workspace, asked: PublicationAsked) -> int:
    return int(workspace.now_s()) if asked.effective_from_s is None else asked.effective_from_s


def _approval(ready: _Ready, asked: PublicationAsked, layers: Layers) -> Mapping[str, str] | None:
    """Return who approved a draft; raises where it cannot be published as it is."""
    differences = layer_differences(ready.base, ready.content)
    if not differences:
        raise EmptyDraft(id=ready.draft.id)
    defects = defects_of(ready.content, layers, ready.enclaves)
    if defects:
        raise TopologyBroken(count=len(defects), defects=defects)
    return approval_of(statutory_changes(differences, layers), asked.approval)


def _refuse_given_codes(connection: Transaction, ready: _Ready) -> None:
    """Refuse codes that editions gave to other areas since they were drawn."""
    new = {
        (layer, code)
        for layer, areas in ready.content.items()
        for code in set(areas.codes).difference(
            ready.base[layer].codes if layer in ready.base else ()
        )
    }
    for layer, code in sorted(editions.given_keys(connection, new)):
        raise CodeRetired(layer=layer, code=code)
