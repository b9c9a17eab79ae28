"""`geo-service issues erase` and `issues expire`: what is private of issues, taken away."""

from typing import Annotated

import typer

from geo_service.commands.handling.steps import Number
from geo_service.commands.terminal import terminal


def erase(
    context: typer.Context,
    issue: Number,
    reason: Annotated[
        str,
        typer.Option(help="本人要求、误录、依法删除、保存期满 / request, mistake, law, retention"),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """抹除一个问题的文字、地址、确切位置和照片，不可恢复。Erase what is private of an issue."""
    desk = terminal(context)
    done = desk.services.erasures.erase(desk.caller, issue, reason)
    if as_json:
        desk.json(vars(done))
        return
    if done.is_replayed:
        desk.say(f"问题 {issue} 早已抹除", f"issue {issue} was erased before")
        return
    fields = "、".join(done.fields) or desk.word("无", "none")
    desk.say(
        f"已抹除问题 {issue}：{fields}；照片 {done.attachments} 张。"
        "以前的备份和收件文件夹里的原清单仍有这些内容",
        f"erased of issue {issue}: {fields}; {done.attachments} photos. "
        "Earlier backups, and lists that lie in an inbox, still hold it",
    )


def expire(
    context: typer.Context,
    is_dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只数不抹 / only count them")
    ] = False,
    is_compacting: Annotated[
        bool,
        typer.Option("--compact", help="随后重写数据库文件，不留残迹 / write the database anew"),
    ] = False,
) -> None:
    """抹除保存期满的内容（配置的 privacy.retention_days）。Erase what was kept long enough."""
    desk = terminal(context)
    erasures = desk.services.erasures
    days = desk.services.workspace.profile.privacy.retention_days
    if not days:
        desk.say("配置未设保存期（retention_days = 0）", "the profile keeps everything")
    elif is_dry_run:
        due = erasures.count_expired(desk.caller)
        desk.say(
            f"办结超过 {days} 天、尚未抹除：{due} 件",
            f"closed more than {days} days ago, and not erased: {due} issues",
        )
    else:
        erased = 0
        while some := erasures.expire(desk.caller):
            erased += some
        files = erasures.tidy()
        desk.say(
            f"办结超过 {days} 天：抹除了 {erased} 件；清除无主文件 {files} 个",
            f"closed more than {days} days ago: erased {erased} issues; {files} files of nobody",
        )
    if is_compacting and not is_dry_run:
        erasures.compact(desk.caller)
        desk.say("已重写数据库文件", "the database was written anew")
