"""`geo-service copy`, `backup` and `restore`: whole databases."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn

from geo_service.commands.terminal import Terminal, terminal

if TYPE_CHECKING:
    from geo_service.services.databases.backups import Backup
    from geo_service.storage.backups.snapshots import OnStep

_STEPS = {
    "snapshot": ("取快照", "taking a snapshot"),
    "rows": ("逐行校验", "hashing rows"),
    "pack": ("压缩", "packing"),
    "verify": ("读回核对", "reading back"),
    "unpack": ("解压核对", "unpacking"),
    "restore": ("写入", "writing"),
    "photos": ("照片", "photos"),
}
_MB = 1e6
_BEIJING = timedelta(hours=8)


def back_up(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="备份文件，如 备份/2026-11-21.zip / the backup")],
    is_replacing: Annotated[
        bool, typer.Option("--replace", help="文件已存在时替换 / replace an existing file")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """把整个数据库备份成一个文件，服务不用停。Back up the whole database into one file, live."""
    from geo_service.services.databases.backups import back_up

    desk = terminal(context)
    with _progress(desk) as on_step:
        made = back_up(
            desk.caller,
            source_url=desk.database_url,
            path=file,
            attachment_folder=desk.attachment_folder,
            is_replacing=is_replacing,
            on_step=on_step,
        )
    _warn(desk, made)
    if as_json:
        desk.json(_as_json(made))
        return
    desk.say(f"已备份并读回核对：{file}", f"backed up, and read back: {file}")
    _describe(desk, made)
    desk.say(
        f"恢复到空库：GEO_SERVICE_DATABASE_URL=空库地址 geo-service restore {file}",
        f"into an empty database: GEO_SERVICE_DATABASE_URL=… geo-service restore {file}",
    )


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="备份文件 / the backup")],
    is_check: Annotated[
        bool, typer.Option("--check", help="只检查备份，不恢复 / only check the backup")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """把备份恢复到空的数据库；--check 只检查备份。Restore a backup into an empty database."""
    from geo_service.services.databases.backups import check_backup, restore

    desk = terminal(context)
    with _progress(desk) as on_step:
        if is_check:
            found = check_backup(desk.caller, path=file, on_step=on_step)
        else:
            found = restore(
                desk.caller,
                path=file,
                target_url=desk.database_url,
                attachment_folder=desk.attachment_folder,
                on_step=on_step,
            )
    _warn(desk, found)
    if as_json:
        desk.json(_as_json(found))
        return
    if is_check:
        desk.say(f"备份完好，可以恢复：{file}", f"the backup is intact: {file}")
    else:
        desk.say(f"已恢复，逐表核对一致：{file}", f"restored; every table is the same: {file}")
    _describe(desk, found)


def _describe(desk: Terminal, backup: "Backup") -> None:
    manifest = backup.manifest
    made_at = datetime.fromtimestamp(manifest.made_at_s, UTC) + _BEIJING
    name = manifest.profile[0] if manifest.profile else desk.word("无", "none")
    desk.say(
        f"{made_at:%Y-%m-%d %H:%M:%S}（北京时间），版本 {manifest.version}，"
        f"表结构 {manifest.revision}，配置 {name}",
        f"{made_at:%Y-%m-%d %H:%M:%S} (UTC+8), version {manifest.version}, "
        f"tables {manifest.revision}, profile {name}",
    )
    desk.say(
        f"{len(manifest.tables)} 张表，{manifest.rows:,} 行；"
        f"文件 {backup.size / _MB:,.1f} MB（{backup.size:,} 字节）",
        f"{len(manifest.tables)} tables, {manifest.rows:,} rows; "
        f"{backup.size / _MB:,.1f} MB ({backup.size:,} bytes)",
    )
    photos = manifest.files
    if photos.count:
        desk.say(
            f"照片 {photos.count:,} 张，{photos.size / _MB:,.1f} MB",
            f"{photos.count:,} photos, {photos.size / _MB:,.1f} MB",
        )
    desk.say(f"SHA-256 {backup.sha256}", f"SHA-256 {backup.sha256}")


def _warn(desk: Terminal, backup: "Backup") -> None:
    """Tell of photos that the backup lacks where a timer that drops the report still hears it."""
    lacking = len(backup.manifest.files.lacking)
    if lacking:
        line = desk.word(
            f"! {lacking} 张照片丢失或已损坏，不在备份里：请运行 geo-service verify",
            f"! {lacking} photos are gone or damaged, not in the backup: run geo-service verify",
        )
        sys.stderr.write(f"{line}\n")


def _as_json(backup: "Backup") -> dict[str, Any]:
    about = {"file": str(backup.path), "bytes": backup.size, "sha256": backup.sha256}
    return {**about, "rows": backup.manifest.rows, "manifest": backup.manifest.as_json()}


@contextmanager
def _progress(desk: Terminal) -> Iterator["OnStep"]:
    """Show a bar for each step while it lasts; on no terminal, nothing."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        tasks = {
            step: progress.add_task(desk.word(*words), total=None, visible=False)
            for step, words in _STEPS.items()
        }

        def tell(step: str, done: int, whole: int) -> None:
            task = tasks[step]
            progress.update(task, completed=done, total=whole or None, visible=True)

        yield tell


def copy(
    context: typer.Context,
    source: Annotated[str, typer.Option("--from", help="来源库地址 / URL of the source")],
    target: Annotated[str, typer.Option("--to", help="空的目标库地址 / URL of an empty one")],
) -> None:
    """把整个数据库复制到另一个空库并核对。Copy a database into an empty one, and verify."""
    from geo_service.services.databases.copies import copy_database

    desk = terminal(context)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("")
        done = copy_database(
            desk.caller,
            source_url=source,
            target_url=target,
            attachment_folder=desk.attachment_folder,
            on_progress=lambda table, rows: progress.update(task, description=f"{table}: {rows:,}"),
        )
    headings = [desk.word("表", "table"), desk.word("行数", "rows"), "SHA-256"]
    desk.table(headings, [(table.name, table.rows, table.content_hash[:16]) for table in done])
    rows = sum(table.rows for table in done)
    desk.say(
        f"已复制 {len(done)} 张表共 {rows} 行，逐表核对一致",
        f"copied {len(done)} tables with {rows} rows; each reads back the same",
    )
    desk.say(
        "接着对新库运行 geo-service verify",
        "next, run geo-service verify on the new one",
    )
