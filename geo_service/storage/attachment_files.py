"""The files of attachments: in a folder, named by the SHA-256 of what they hold.

``ab/cd/abcd…`` under the folder. A file is written once and never changed, so a copy of the folder
made by any tool at any time is right as far as it goes.
"""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import IO

from geo_service.errors import AttachmentDamaged, AttachmentsUnwritable
from geo_service.storage.databases import Database, without_login

_HEX = set("0123456789abcdef")
_LENGTH = 64
_PIECE = 2**20
_MARK = ".database"
"""The file that names the database a folder belongs to."""
_NEW = ".new"
"""What a process that was killed left half written ends so."""


def attachment_files(database: Database, given: str = "") -> "AttachmentFiles":
    """Return the files of a database's attachments: in the folder that is named, else beside it.

    Beside ``var`` where the database is no file. A folder that is not bound to a database by its
    name is marked with the one that first stores something in it, and serves no other: each would
    sweep away what only the other one names.
    """
    file = database.file
    beside = Path("var/attachments") if file is None else file.with_name(f"{file.name}.attachments")
    folder = Path(given) if given else beside
    is_bound = file is not None and folder.absolute() == beside.absolute()
    return AttachmentFiles(folder, owner=None if is_bound else database.place)


class AttachmentFiles:
    """The files of one folder, which is made when the first one comes.

    ``owner`` is the database that alone may change it; None where the folder's name says so.
    """

    def __init__(self, folder: Path, *, owner: str | None) -> None:
        self.folder = folder
        self._owner = owner

    def check_owner(self) -> None:
        """Refuse a folder that belongs to another database; raises AttachmentsUnwritable."""
        try:
            found = None if self._owner is None else self._marked()
        except OSError as error:
            raise AttachmentsUnwritable(str(self.folder), f"{error.strerror}") from error
        # marks once held the login
        found = None if found is None else without_login(found)
        if found not in (None, self._owner):
            raise AttachmentsUnwritable(
                str(self.folder),
                f"它属于另一个数据库 {found}；若是同一个库搬了家，删去其中的 {_MARK} 文件 / it"
                f" belongs to the database {found}; if this one was moved, remove {_MARK} in it",
            )

    def path(self, digest: str) -> Path:
        """Return where the file of a hash stands, or would."""
        return self.folder / digest[:2] / digest[2:4] / digest

    def keep(self, content: bytes) -> str:
        """Return the hash of a content once it is on the disk for good; raises as ``adopt``."""
        digest = sha256(content).hexdigest()
        self.adopt(digest, BytesIO(content))
        return digest

    def adopt(self, digest: str, content: IO[bytes]) -> None:
        """Let what comes from elsewhere become the file of its hash, for good; a whole one stays.

        Raises
        ------
        AttachmentDamaged
            It is not what the hash is of.
        AttachmentsUnwritable
            The folder cannot be written to or belongs to another database, or the disk is full;
            nothing was left behind.
        """
        self.check_owner()
        path = self.path(digest)
        if self.state(digest) == "whole":
            _sync(path.parent)  # whoever wrote it may not have come so far
            return
        aside = path.with_name(f"{digest}.{secrets.token_hex(4)}{_NEW}")
        try:
            _make_folders(path.parent, self.folder)
            self._mark()
            try:
                _write(aside, digest, content)
                aside.replace(path)
            finally:
                aside.unlink(missing_ok=True)
            _sync(path.parent)
        except OSError as error:
            raise AttachmentsUnwritable(str(self.folder), f"{error.strerror}") from error

    def read(self, digest: str) -> bytes:
        """Return what was kept by a hash; raises AttachmentDamaged where that is lost."""
        try:
            content = self.path(digest).read_bytes()
        except OSError as error:
            raise AttachmentDamaged(hash=digest) from error
        if sha256(content).hexdigest() != digest:
            raise AttachmentDamaged(hash=digest)
        return content

    def is_there(self, digest: str) -> bool:
        """Tell whether a hash has a file; what it holds is not looked at."""
        return self.path(digest).is_file()

    def state(self, digest: str) -> str:
        """Return ``whole``, ``missing`` or ``damaged``."""
        try:
            with self.path(digest).open("rb") as file:
                is_whole = file_digest(file, "sha256").hexdigest() == digest
        except OSError:
            return "missing"
        return "whole" if is_whole else "damaged"

    def remove(self, digest: str) -> None:
        """Remove the file of a hash, where there is one."""
        with suppress(OSError):
            self.path(digest).unlink(missing_ok=True)

    def stored(self, *, older_than_s: float = 0) -> Iterator[str]:
        """Yield the hash of every file that was not changed for so many seconds."""
        before_s = time.time() - older_than_s
        for path in self._files():
            is_ours = len(path.name) == _LENGTH and set(path.name) <= _HEX
            if is_ours and path == self.path(path.name) and _changed_at_s(path) <= before_s:
                yield path.name

    def remove_unfinished(self, *, older_than_s: float) -> int:
        """Remove what killed processes left half written, and return how many there were."""
        before_s = time.time() - older_than_s
        left = [path for path in self._files() if path.name.endswith(_NEW)]
        old = [path for path in left if _changed_at_s(path) <= before_s]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _marked(self) -> str | None:
        mark = self.folder / _MARK
        return mark.read_text("utf-8") if mark.exists() else None

    def _mark(self) -> None:
        mark = self.folder / _MARK
        if self._owner is not None and self._marked() != self._owner:
            mark.write_text(self._owner, "utf-8")
            mark.chmod(0o600)
            _sync(mark)
            _sync(self.folder)

    def _files(self) -> Iterator[Path]:
        return self.folder.glob("??/??/*")


def _write(path: Path, digest: str, content: IO[bytes]) -> None:
    hashed = sha256()
    with path.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        while piece := content.read(_PIECE):
            hashed.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if hashed.hexdigest() != digest:
        raise AttachmentDamaged(hash=digest)


def _changed_at_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process removed it meanwhile
        return time.time()


def _make_folders(place: Path, root: Path) -> None:
    """Make the folders of a file, each of them on the disk before anything stands in it."""
    missing = [place, *place.parents]
    made = [folder for folder in missing if not folder.exists()]
    for folder in reversed(made):
        folder.mkdir(mode=0o700 if root in (folder, *folder.parents) else 0o777, exist_ok=True)
        _sync(folder.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
