"""Backup of a whole database into one file while everybody works, and the way back."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir
from threading import Event

from geo_service import __version__
from geo_service.errors import (
    DatabaseUnfit,
    NewerBackup,
    UnwritableFile,
)
from geo_service.layers.files import told_as_unwritable
from geo_service.services.callers import Caller
from geo_service.services.databases.views import make_views
from geo_service.storage.attachment_files import AttachmentFiles, attachment_files
from geo_service.storage.attachments import every_hash
from geo_service.storage.backups.asides import aside, put_in_place
from geo_service.storage.backups.container import (
    DATABASE,
    changed,
    check_file,
    check_seal,
    pack_database,
    pack_files,
    read_manifest,
    seal,
    unpack,
    unpack_files,
)
from geo_service.storage.backups.manifest import Manifest, Member, PackedFiles, TableContent
from geo_service.storage.backups.snapshots import (
    OnStep,
    content_of,
    opened,
    tables_differ,
    take_snapshot,
)
from geo_service.storage.backups.targets import (
    bring_forward,
    check_target,
    fill_server,
    put_file,
)
from geo_service.storage.databases import Database
from geo_service.storage.databases.copies import stored_tables
from geo_service.storage.migrations import is_known, revision_of
from geo_service.storage.profiles import adopted_profile


@dataclass(frozen=True)
class Backup:
    """One file that was read whole and is what was written."""

    path: Path
    size: int
    """Of the file, in bytes."""
    sha256: str
    """Of the file, as other tools compute it."""
    manifest: Manifest


def _nobody(_step: str, _done: int, _all: int) -> None:
    """Tell nobody how far it is."""


def back_up(
    _caller: Caller,
    *,
    source_url: str,
    path: Path,
    attachment_folder: str = "",
    is_replacing: bool = False,
    now_s: Callable[[], float] = time.time,
    on_step: OnStep = _nobody,
) -> Backup:
    """Write one moment of a database into ``path``, and read it back before it stands there.

    Nobody has to stop: writers go on, and what they commit after the beginning is not in the
    backup. The database may be of an older version; it is not changed. The photos that it names are
    in the backup too; one whose file is gone or damaged is told of, and all else is kept.

    Raises
    ------
    UnwritableFile
        ``path`` is there already and is not to be replaced, its folder is missing or cannot be
        written to, or the disk is full. Nothing was left behind.
    DatabaseUnfit
        The database holds no tables of ours, or those of a later version.
    StorageUnavailable
        The database cannot be read.
    """
    _check_place(path, is_replacing=is_replacing)
    with (
        closing(Database(source_url)) as source,
        aside(path) as folder,
    ):
        if source.file is not None and not source.file.exists():
            raise DatabaseUnfit(
                f"没有文件 {source.file}：请核对 GEO_SERVICE_DATABASE_URL",
                f"there is no file {source.file}: check GEO_SERVICE_DATABASE_URL",
            )
        made_at_s = int(now_s())
        tables = take_snapshot(source, folder / DATABASE, on_step=on_step)
        kind = "postgresql" if source.file is None else "sqlite"
        files = attachment_files(source, attachment_folder)
        made = _packed(_Snapshot(folder, kind, made_at_s, tables, files), on_step)
        backup = check_backup(_caller, path=made, on_step=on_step)
        _check_place(path, is_replacing=is_replacing)
        put_in_place(made, path)
    return Backup(path, backup.size, backup.sha256, backup.manifest)


def check_backup(_caller: Caller, *, path: Path, on_step: OnStep = _nobody) -> Backup:
    """Read a backup whole, and tell what it is; nothing is written anywhere.

    Raises
    ------
    UnreadableFile
        It cannot be read, or is no backup of ours.
    DamagedBackup
        It is cut off, or is not what was written.
    NewerBackup
        A later version of the service made it.
    """
    whole = path.stat().st_size if path.is_file() else 0
    found = check_seal(path, on_progress=lambda done: on_step("verify", done, whole))
    manifest = read_manifest(path)
    if not is_known(manifest.revision):
        raise NewerBackup(str(path), version=manifest.version)
    for member in manifest.members:
        _unpack(path, member, Path(os.devnull), on_step)
    for done in unpack_files(path, manifest.files, check_file):
        on_step("photos", done, manifest.files.count)
    return Backup(path, found.size, found.sha256, manifest)


def restore(
    _caller: Caller,
    *,
    path: Path,
    target_url: str,
    attachment_folder: str = "",
    on_step: OnStep = _nobody,
) -> Backup:
    """Bring a backup into a database that holds nothing, of either kind, as a whole or not at all.

    The backup of an older version is brought up to this one's tables on the way. Photos come first:
    where the database cannot be filled after all, they are files that nobody names.

    Raises
    ------
    UnreadableFile, DamagedBackup, NewerBackup
        As ``check_backup``; the target was not touched.
    DatabaseNotEmpty
        The target holds rows.
    DatabaseUnfit
        Another process has the target open, or it cannot hold what is stored.
    UnwritableFile
        The disk is full, or the folder cannot be written to.
    StorageUnavailable, AttachmentsUnwritable
        The target, or its folder of photos, cannot be read or written.
    """
    with closing(Database(target_url)) as target:
        check_target(target)
        backup = check_backup(_caller, path=path, on_step=on_step)
        files = attachment_files(target, attachment_folder)
        for done in unpack_files(path, backup.manifest.files, files.adopt):
            on_step("photos", done, backup.manifest.files.count)
        if target.file is None:
            _into_server(backup, target, on_step)
        else:
            target.close()
            _into_file(backup, target.file, on_step)
    return backup


def _check_place(path: Path, *, is_replacing: bool) -> None:
    if path.is_dir():
        raise UnwritableFile(str(path), "这是一个文件夹", "it is a folder")
    if path.exists() and not is_replacing:
        raise UnwritableFile(
            str(path),
            "文件已存在：换一个文件名，或加 --replace",
            "it is there already: choose another name, or add --replace",
        )
    if not path.parent.is_dir():
        # it is not made: the disk for backups may just not be mounted
        raise UnwritableFile(
            str(path),
            "没有这个文件夹（备份盘没有挂上？）",
            "there is no such folder (is the disk for backups mounted?)",
        )


@dataclass(frozen=True)
class _Snapshot:
    """One moment of a database as a file in a folder."""

    folder: Path
    kind: str
    made_at_s: int
    tables: list[TableContent] | None
    """None where they are not counted yet."""
    files: AttachmentFiles
    """The photos that it names, and others."""

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / DATABASE


def _packed(snapshot: _Snapshot, on_step: OnStep) -> Path:
    """Return the container of a snapshot; its rows are counted while it is being packed."""
    container = snapshot.folder / "backup.zip"
    whole, stopped = snapshot.file.stat().st_size, Event()

    def tell(done: int) -> None:
        if stopped.is_set():
            raise CancelledError
        on_step("pack", done, whole)

    with ThreadPoolExecutor(1) as pool:
        made_at_s = snapshot.made_at_s
        packing = pool.submit(
            pack_database, container, snapshot.file, made_at_s=made_at_s, on_progress=tell
        )
        try:
            manifest = _manifest(snapshot, packing, on_step)
        finally:
            stopped.set()
    seal(container, replace(manifest, files=_packed_files(container, snapshot, on_step)))
    return container


def _packed_files(container: Path, snapshot: _Snapshot, on_step: OnStep) -> PackedFiles:
    """Add the photos that the snapshot names to its container, and say which were not there."""
    with opened(snapshot.file) as connection:
        tables = {table.name for table in stored_tables(connection)}
        named = every_hash(connection) if "attachments" in tables else []
    whole = [digest for digest in named if snapshot.files.state(digest) == "whole"]
    sizes = []
    packing = pack_files(container, whole, snapshot.files, made_at_s=snapshot.made_at_s)
    for size in packing:
        sizes.append(size)
        on_step("photos", len(sizes), len(whole))
    return PackedFiles(len(whole), sum(sizes), sorted(set(named) - set(whole)))


def _manifest(snapshot: _Snapshot, packing: "Future[Member]", on_step: OnStep) -> Manifest:
    def tell(step: str, done: int, whole: int) -> None:
        if packing.done():
            packing.result()  # raises what went wrong there, now and not at the end
        on_step(step, done, whole)

    with opened(snapshot.file) as connection:
        tables = snapshot.tables or content_of(connection, on_step=tell)
        revision, profile = revision_of(connection), adopted_profile(connection)
    return Manifest(
        made_at_s=snapshot.made_at_s,
        version=__version__,
        revision=str(revision),
        source=snapshot.kind,
        profile=(profile[1], profile[0]) if profile else None,
        tables=tables,
        members=[packing.result()],
    )


@contextmanager
def _extracted(backup: Backup, *, beside: Path, on_step: OnStep) -> Iterator[Path]:
    """Yield the database of a backup as a file beside another one, its checksum compared."""
    [member] = [each for each in backup.manifest.members if each.name == DATABASE]
    with aside(beside) as folder:
        _unpack(backup.path, member, folder / DATABASE, on_step)
        yield folder / DATABASE


def _unpack(path: Path, member: Member, target: Path, on_step: OnStep) -> None:
    with target.open("wb") as file:
        unpack(path, member, file, on_progress=lambda done: on_step("unpack", done, member.size))


def _into_file(backup: Backup, target: Path, on_step: OnStep) -> None:
    with told_as_unwritable(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    with _extracted(backup, beside=target, on_step=on_step) as extracted:
        with opened(extracted) as connection:
            found = content_of(connection, rows=backup.manifest.rows, on_step=on_step)
        if tables_differ(found, backup.manifest.tables):
            raise changed(backup.path)
        bring_forward(extracted)
        put_file(extracted, target)


def _into_server(backup: Backup, target: Database, on_step: OnStep) -> None:
    tables, rows = backup.manifest.tables, backup.manifest.rows
    elsewhere = Path(gettempdir()) / DATABASE
    with _extracted(backup, beside=elsewhere, on_step=on_step) as extracted:
        is_changed = bring_forward(extracted)
        with fill_server(extracted, target, rows=rows, on_step=on_step) as (writing, arrived):
            if not is_changed and tables_differ(arrived, tables):
                raise changed(backup.path)
            make_views(target, writing)
