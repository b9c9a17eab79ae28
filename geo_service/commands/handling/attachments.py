"""`geo-service issues attach` and `issues attachments`: photos of one issue at the terminal."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.commands.handling.steps import Number
from geo_service.commands.terminal import Terminal, terminal
from geo_service.errors import UnreadableFile

if TYPE_CHECKING:
    from geo_service.storage.attachments import AttachmentRow

_AHEAD_S = 8 * 3600


def attach(
    context: typer.Context,
    issue: Number,
    file: Annotated[Path, typer.Argument(help="照片 JPEG、PNG、WebP / a photo")],
    kind: Annotated[
        str, typer.Option(help="上报、处置前、处置后、核查 / report, before, after, check")
    ],
    role: Annotated[str, typer.Option(help="角色，如 网格员 / a role such as handler")],
    note: Annotated[str | None, typer.Option(help="说明，可抹除 / a note")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """给问题附一张照片；只留画面，位置时间机型全部去除。Attach a photo, pixels alone."""
    from geo_service.services.attachments.attaching import AttachmentAsked

    desk = terminal(context)
    if not file.is_file():
        raise UnreadableFile(str(file), "没有这个文件", "there is no such file")
    asked = AttachmentAsked(kind, role, note)
    done = desk.services.attachments.attach(desk.caller, issue, file, asked)
    if as_json:
        desk.json({**_as_json(done.row), "replayed": done.is_replayed})
        return
    row = done.row
    was = desk.word("早已附上", "was attached already") if done.is_replayed else ""
    desk.say(
        f"{_kind(desk, row)} {row.width}×{row.height} {row.bytes:,} 字节 {row.hash} {was}".strip(),
        f"{_kind(desk, row)} {row.width}×{row.height} {row.bytes:,} bytes {row.hash} {was}".strip(),
    )


def list_attachments(
    context: typer.Context,
    issue: Number,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """一个问题的照片。The photos of an issue."""
    desk = terminal(context)
    rows = desk.services.attachments.attachments(desk.caller, issue)
    if as_json:
        desk.json([_as_json(row) for row in rows])
        return
    words = (
        ("时间", "time"),
        ("类别", "kind"),
        ("尺寸", "size"),
        ("角色", "role"),
        ("说明", "note"),
    )
    headings = [*(desk.word(*each) for each in words), "SHA-256"]
    desk.table(headings, [_cells(desk, row) for row in rows])


def _cells(desk: Terminal, row: "AttachmentRow") -> list[Any]:
    roles = desk.services.workspace.profile.workflow.roles
    role = roles[row.role].title(desk.language) if row.role in roles else row.role
    at = time.strftime("%Y-%m-%d %H:%M", time.gmtime(row.attached_at_s + _AHEAD_S))
    return [at, _kind(desk, row), f"{row.width}×{row.height}", role, row.note, row.hash]


def _kind(desk: Terminal, row: "AttachmentRow") -> str:
    from geo_service.governance.handling.attachment import KIND_BY_NAME

    return KIND_BY_NAME[row.kind].title(desk.language)


def _as_json(row: "AttachmentRow") -> dict[str, Any]:
    return row._asdict()
