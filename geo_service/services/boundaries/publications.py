"""Publishing an edition: atomic, pending editions carried along, open issues re-located."""

from dataclasses import dataclass, replace
from datetime import datetime

from geo_service.errors import InvalidValue, PendingConflict, RefusedValue, StaleEdition
from geo_service.governance.cell import UNSTORABLE, is_storable
from geo_service.governance.moment import SHANGHAI
from geo_service.layers.area import Boundaries
from geo_service.layers.edition import Edition, EditionChoice, Uncorrected
from geo_service.layers.frames import area_m2
from geo_service.services.boundaries.corrections import carried_editions, uncorrected_editions
from geo_service.services.boundaries.soundness import areas_at_fault, defects_of
from geo_service.services.bounds_texts.recoded import carry_recoded
from geo_service.services.callers import SCHEDULE, Caller
from geo_service.services.issues.relocations import relocate_if_due
from geo_service.services.lineages.descents import record_lineage
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import Content


@dataclass(frozen=True)
class Publication:
    """What is to be published, and on which edition it was prepared."""

    boundaries: Boundaries
    prepared_on: int
    effective_from_s: int
    is_correction: bool
    reason: str


def publish(
    workspace: Workspace, connection: Transaction, caller: Caller, publication: Publication
) -> Edition:
    """Store the next edition in the caller's transaction and return it.

    Editions that are published but not yet effective are published again on the new content, in
    the same transaction. Open issues whose owner differs are re-located with a record, and with
    each edition it is written down where the ground of its areas came from. What people wrote of
    the four sides of an area goes with its ground to another code.

    Raises
    ------
    StaleEdition
        Another edition was published after this one was prepared.
    PendingConflict
        A pending edition changes the same areas.
    InvalidValue, RefusedValue
        It would apply from before the edition in force does, and is no correction; or its reason
        is a text that no database can keep.
    """
    if not is_storable(publication.reason):
        raise RefusedValue("reason", *UNSTORABLE)
    workspace = workspace.standing_still()
    content = editions.content_of(publication.boundaries)
    carried = carried_along(workspace, connection, publication, content)
    relocate_if_due(workspace, connection, SCHEDULE)
    moment_s = publication.effective_from_s
    uncorrected: tuple[Uncorrected, ...] = ()
    if publication.is_correction:
        uncorrected = uncorrected_editions(
            workspace, connection, content, effective_from_s=moment_s
        )
    edition = _store(workspace, connection, caller, content, publication, uncorrected)
    for waiting, merged in carried:
        again = replace(
            publication,
            effective_from_s=waiting.effective_from_s,
            is_correction=waiting.is_correction,
            reason=f"{waiting.reason} (edition {waiting.number} on edition {edition.number})",
        )
        _store(workspace, connection, caller, merged, again)
    relocate_if_due(workspace, connection, caller)
    return edition


def carried_along(
    workspace: Workspace, connection: Transaction, publication: Publication, content: Content
) -> list[tuple[Edition, Content]]:
    """Return the pending editions that a publication would publish again, with their content.

    Nothing is stored; StaleEdition, PendingConflict and InvalidValue are raised as by `publish`.
    """
    latest = editions.latest_number(connection)
    if latest != publication.prepared_on:
        raise StaleEdition(base=publication.prepared_on, current=latest)
    _check_moment(workspace, connection, publication)
    moment_s = publication.effective_from_s
    pending = carried_editions(workspace, connection, effective_from_s=moment_s)
    base = _content_governing(workspace, connection, moment_s) if pending else {}
    carried = [(edition, _carried(connection, edition, base, content)) for edition in pending]
    for edition, merged in carried:
        _check_carried(workspace, connection, edition, merged)
    return carried


def _check_moment(workspace: Workspace, connection: Transaction, publication: Publication) -> None:
    governing = workspace.governing(connection)
    if governing is None or publication.is_correction:
        return
    if publication.effective_from_s < governing.effective_from_s:
        since = datetime.fromtimestamp(governing.effective_from_s, SHANGHAI).isoformat()
        raise InvalidValue(
            "effective_from",
            f"不早于 {since}（现行版本 {governing.number} 的生效时间），更正过去请用 correction",
            f"{since} or later, since when edition {governing.number} is in force; "
            "to correct the past use correction",
        )


def _content_governing(workspace: Workspace, connection: Transaction, as_of_s: int) -> Content:
    governing = workspace.governing(connection, EditionChoice(as_of_s=as_of_s))
    return editions.read_content(connection, governing.number) if governing else {}


def _carried(connection: Transaction, pending: Edition, base: Content, new: Content) -> Content:
    """Return the pending edition's own changes (against ``base``) on top of ``new``."""
    waiting = editions.read_content(connection, pending.number)
    changed_there = editions.changed_keys(base, waiting)
    changed_here = editions.changed_keys(base, new)
    both = sorted(key for key in changed_there & changed_here if waiting.get(key) != new.get(key))
    if both:
        raise PendingConflict(edition=pending.number, areas=[f"{k[0]}/{k[1]}" for k in both])
    keys = waiting.keys() | new.keys()
    chosen = {key: waiting.get(key) if key in changed_there else new.get(key) for key in keys}
    return {key: row for key, row in chosen.items() if row is not None}


def _check_carried(
    workspace: Workspace, connection: Transaction, pending: Edition, merged: Content
) -> None:
    """Refuse what fits area by area and not as a whole: ground that both gave to somebody."""
    boundaries, enclaves = editions.boundaries_of(merged), workspace.enclaves(connection)
    defects = defects_of(boundaries, workspace.layers, enclaves)
    if defects:
        raise PendingConflict(edition=pending.number, areas=areas_at_fault(defects))


def _store(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    content: Content,
    publication: Publication,
    uncorrected: tuple[Uncorrected, ...] = (),
) -> Edition:
    edition = Edition(
        number=editions.latest_number(connection) + 1,
        published_at_s=int(workspace.now_s()),
        effective_from_s=publication.effective_from_s,
        is_correction=publication.is_correction,
        reason=publication.reason,
        actor=caller.name,
        content_hash=editions.content_hash(content),
        uncorrected=uncorrected,
    )
    editions.add_edition(
        connection, edition, content, measure_m2=area_m2, profile_hash=workspace.profile.hash
    )
    carry_recoded(connection, edition, record_lineage(workspace, connection, edition))
    return edition
