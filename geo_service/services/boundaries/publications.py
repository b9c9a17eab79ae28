"""Publishing an edition: atomic, pending editions carried along, open issues re-located."""

from dataclasses import dataclass, replace
from datetime import datetime

from geo_service.errors import InvalidValue, PendingConflict, StaleEdition
from geo_service.governance.moment import SHANGHAI
from geo_service.layers.area import Boundaries
from geo_service.layers.edition import Edition, EditionChoice
from geo_service.layers.frames import area_m2
from geo_service.services.callers import Caller
from geo_service.services.issues.assignments import relocate_open_issues
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
    the same transaction. Open issues whose owner differs are re-located with a record.

    Raises
    ------
    StaleEdition
        Another edition was published after this one was prepared.
    PendingConflict
        A pending edition changes the same areas.
    InvalidValue
        It would apply from before the edition in force does, and is no correction.
    """
    latest = editions.latest_number(connection)
    if latest != publication.prepared_on:
        raise StaleEdition(base=publication.prepared_on, current=latest)
    _check_moment(workspace, connection, publication)
    content = editions.content_of(publication.boundaries)
    pending = _pending(workspace, connection, after_s=publication.effective_from_s)
    base: Content = {}
    if pending:
        base = _content_governing(workspace, connection, publication.effective_from_s)
    carried = [(edition, _carried(connection, edition, base, content)) for edition in pending]
    edition = _store(workspace, connection, caller, content, publication)
    for waiting, merged in carried:
        again = replace(
            publication,
            effective_from_s=waiting.effective_from_s,
            is_correction=waiting.is_correction,
            reason=f"{waiting.reason} (edition {waiting.number} on edition {edition.number})",
        )
        _store(workspace, connection, caller, merged, again)
    relocate_open_issues(workspace, connection, caller)
    return edition


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
    if governing is None:
        return {}
    return editions.content_of(editions.read_boundaries(connection, governing.number))


def _pending(workspace: Workspace, connection: Transaction, *, after_s: int) -> list[Edition]:
    """Return, in order, the last edition of each later moment that is still in the future."""
    now_s = workspace.now_s()
    by_moment = {
        edition.effective_from_s: edition
        for edition in editions.all_editions(connection)
        if edition.effective_from_s > max(now_s, after_s)
    }
    return [by_moment[moment] for moment in sorted(by_moment)]


def _carried(connection: Transaction, pending: Edition, base: Content, new: Content) -> Content:
    """Return the pending edition's own changes (against ``base``) on top of ``new``."""
    waiting = editions.content_of(editions.read_boundaries(connection, pending.number))
    keys = {*waiting, *base, *new}
    changed_there = {key for key in keys if waiting.get(key) != base.get(key)}
    changed_here = {key for key in keys if new.get(key) != base.get(key)}
    both = sorted(key for key in changed_there & changed_here if waiting.get(key) != new.get(key))
    if both:
        raise PendingConflict(edition=pending.number, areas=[f"{k[0]}/{k[1]}" for k in both])
    chosen = {key: waiting.get(key) if key in changed_there else new.get(key) for key in keys}
    return {key: row for key, row in chosen.items() if row is not None}


def _store(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    content: Content,
    publication: Publication,
) -> Edition:
    edition = Edition(
        number=editions.latest_number(connection) + 1,
        published_at_s=int(workspace.now_s()),
        effective_from_s=publication.effective_from_s,
        is_correction=publication.is_correction,
        reason=publication.reason,
        actor=caller.name,
        content_hash=editions.content_hash(content),
    )
    editions.add_edition(
        connection, edition, content, measure_m2=area_m2, profile_hash=workspace.profile.hash
    )
    return edition
