"""Attaching photos to issues: the file first, then the event that names it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from geo_service.errors import (
    AttachmentNotFound,
    InvalidValue,
    IssueErased,
    IssueNotFound,
    LimitExceeded,
    PhotoOnOtherSide,
)
from geo_service.governance.event import ATTACHED, Event, IssueState, state_from_values
from geo_service.governance.handling.attachment import KIND_BY_NAME, are_on_two_sides, kind_named
from geo_service.governance.issue import CLOSED
from geo_service.layers.files.photos.photo import Photo, read_photo
from geo_service.services.attachments.leftovers import remove_unneeded
from geo_service.services.callers import Caller
from geo_service.services.issues.events import EventRows
from geo_service.services.workspaces import Workspace
from geo_service.storage import attachments, erasures, issues
from geo_service.storage.attachments import AttachmentRow
from geo_service.storage.databases import Transaction

_HIGHEST_ID = 2**63 - 1
_BYTES_PER_MB = _MEGA = 1_000_000
_LONGEST_NOTE = 200
_MOST = 50
"""Photos of one issue: who sends more has a program that runs wild."""


@dataclass(frozen=True)
class PhotoLimits:
    """What a photo may be at the most."""

    megabytes: int = 20
    megapixels: int = 60


@dataclass(frozen=True)
class AttachmentAsked:
    """How a photo is to be attached: kind and role by their names or the office's words."""

    kind: str
    role: str
    note: str | None = None


@dataclass(frozen=True)
class Attached:
    """One photo of an issue, and whether it was there before."""

    row: AttachmentRow
    is_replayed: bool


class AttachmentService:
    """Photos of issues."""

    def __init__(self, workspace: Workspace, limits: PhotoLimits) -> None:
        self._workspace = workspace
        self._limits = limits

    def attach(self, caller: Caller, issue_id: int, path: Path, asked: AttachmentAsked) -> Attached:
        """Attach a photo; the same one of the same kind again is replayed.

        What is kept of it are its pixels, upright. The file is on the disk for good before the
        event that names it is committed.

        Raises
        ------
        IssueNotFound
            There is no such issue.
        InvalidValue
            A kind or role nobody knows, or too long a note.
        NotAPhoto, DamagedPhoto
            The file is something else, or cannot be decoded.
        LimitExceeded
            Too large, too many pixels, or too many photos of one issue.
        PhotoOnOtherSide
            It is attached as what was before the work, and shall show what was after, or so.
        IssueErased
            The issue is closed, and what was private of it was erased.
        AttachmentsUnwritable
            The folder of files takes nothing.
        """
        kind, role = kind_named(asked.kind), self._role(asked.role)
        if asked.note is not None and len(asked.note) > _LONGEST_NOTE:
            raise InvalidValue(
                "note", f"至多 {_LONGEST_NOTE} 个字", f"at most {_LONGEST_NOTE} characters"
            )
        with self._workspace.database.read() as connection:
            _state(connection, issue_id)
        photo = self._photo(path)
        digest = self._workspace.attachments.keep(photo.content)
        row = AttachmentRow(
            issue_id=issue_id,
            hash=digest,
            kind=kind,
            media_type=photo.media_type,
            bytes=len(photo.content),
            width=photo.width,
            height=photo.height,
            role=role,
            attached_at_s=int(self._workspace.now_s()),
            note=asked.note or None,
        )
        try:
            return self._store(caller, row, photo)
        except (IssueErased, LimitExceeded, PhotoOnOtherSide):
            remove_unneeded(self._workspace, [digest])
            raise

    def attachments(self, _caller: Caller, issue_id: int) -> list[AttachmentRow]:
        """Return the photos of an issue, in the order they came; raises IssueNotFound."""
        with self._workspace.database.read() as connection:
            _state(connection, issue_id)
            return attachments.attachments_of(connection, issue_id)

    def content(self, caller: Caller, issue_id: int, digest: str) -> tuple[AttachmentRow, bytes]:
        """Return a photo of an issue and the bytes of its file, compared with their hash.

        Raises
        ------
        IssueNotFound, AttachmentNotFound
            There is no such issue, or it has no such photo.
        AttachmentDamaged
            The file is gone or is not what was stored.
        """
        for row in self.attachments(caller, issue_id):
            if row.hash == digest:
                return row, self._workspace.attachments.read(digest)
        raise AttachmentNotFound(issue=issue_id, hash=digest)

    def _photo(self, path: Path) -> Photo:
        size, limit = path.stat().st_size, self._limits.megabytes * _BYTES_PER_MB
        if size > limit:
            raise LimitExceeded("照片的字节数", "the photo in bytes", size, limit)
        return read_photo(path, most_pixels=self._limits.megapixels * _MEGA)

    def _store(self, caller: Caller, row: AttachmentRow, photo: Photo) -> Attached:
        now = datetime.fromtimestamp(row.attached_at_s, UTC)
        with self._workspace.database.write() as connection:
            state = _state(connection, row.issue_id)
            stored = attachments.attachments_of(connection, row.issue_id)
            for each in stored:
                if (each.hash, each.kind) == (row.hash, row.kind):
                    return Attached(each, is_replayed=True)
            _check_addition(connection, row, stored, state)
            # files are swept in transactions that write: from here on it cannot go any more
            if not self._workspace.attachments.is_there(row.hash):
                self._workspace.attachments.keep(photo.content)
            rows = EventRows(self._workspace)
            rows.add(caller, row.issue_id, [Event(ATTACHED, now, _payload(row))], start=state)
            issues.add_events(connection, rows.rows)
            attachments.add_attachment(connection, row)
        return Attached(row, is_replayed=False)

    def _role(self, text: str) -> str:
        workflow = self._workspace.profile.workflow
        role = workflow.role_of(text)
        if role is None:
            known = workflow.roles.values()
            raise InvalidValue(
                "role",
                "、".join(each.title_zh for each in known) + " 之一",
                "one of " + ", ".join(each.name for each in known),
            )
        return role


def _state(connection: Transaction, issue_id: int) -> IssueState:
    found = issues.last_event(connection, issue_id) if 0 < issue_id <= _HIGHEST_ID else None
    if found is None:
        raise IssueNotFound(id=str(issue_id))
    return state_from_values(found[1])


def _check_addition(
    connection: Transaction,
    row: AttachmentRow,
    stored: Sequence[AttachmentRow],
    state: IssueState,
) -> None:
    if len(stored) >= _MOST:
        raise LimitExceeded(
            "一个问题的照片数", "the number of photos of one issue", len(stored) + 1, _MOST
        )
    for each in stored:
        if each.hash == row.hash and are_on_two_sides(each.kind, row.kind):
            title = KIND_BY_NAME[each.kind].title_zh
            raise PhotoOnOtherSide(row.issue_id, each.kind, title)
    if state.status == CLOSED and erasures.erased_ids(connection, [row.issue_id]):
        raise IssueErased(row.issue_id)


def _payload(row: AttachmentRow) -> dict[str, object]:
    """Return what the event tells: everything but what somebody typed."""
    told = row._asdict()
    return {name: told[name] for name in AttachmentRow._fields if name not in _UNTOLD}


_UNTOLD = {"issue_id", "attached_at_s", "note"}
