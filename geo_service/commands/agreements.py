"""`geo-service agreements`: written border agreements in, shown, withdrawn."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import Terminal, moment_s, terminal

if TYPE_CHECKING:
    from geo_service.services.agreements.agreements import ListedAgreement

_STATES_ZH = {
    "standing": "有效",
    "pending": "未生效",
    "ended": "已失效",
    "withdrawn": "已撤回",
}

app = typer.Typer(help="边界约定 / written border agreements", no_args_is_help=True)


@app.command("import")
def import_agreements(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV（UTF-8、GBK）、XLSX、NDJSON")],
    sheet: Annotated[str | None, typer.Option(help="XLSX 的工作表 / sheet")] = None,
    rejects: Annotated[Path | None, typer.Option(help="退回清单的文件名")] = None,
) -> None:
    """导入边界约定清单。Import a list of border agreements."""
    from geo_service.services.agreements.agreements import write_rejections

    desk = terminal(context)
    report = desk.services.agreements.import_file(desk.caller, file, sheet=sheet)
    columns = [f"{field}={name}" for field, name in report.columns.heading_by_field.items()]
    desk.say(f"列：{'、'.join(columns)}", f"columns: {', '.join(columns)}")
    desk.say(
        f"共 {report.rows} 行：新增 {report.added}，已有 {report.unchanged}，"
        f"退回 {len(report.rejections)}",
        f"{report.rows} rows: {report.added} added, {report.unchanged} known already, "
        f"{len(report.rejections)} rejected",
    )
    for listed in report.inert:
        _tell_inert(desk, listed)
    if report.rejections:
        path = rejects or file.with_name(f"{file.stem}.退回.csv")
        write_rejections(path, report)
        desk.say(f"退回清单：{path}", f"rejected rows: {path}")


@app.command("list")
def list_agreements(
    context: typer.Context,
    as_of: Annotated[str | None, typer.Option(help="哪一天")] = None,
    known_at: Annotated[str | None, typer.Option(help="按当时所知")] = None,
) -> None:
    """列出边界约定，并说明哪些在现行版本上不起作用。List the agreements, inert ones with why."""
    from geo_service.layers.edition import EditionChoice

    desk = terminal(context)
    choice = EditionChoice(moment_s(as_of, where="--as-of"), moment_s(known_at, where="--known-at"))
    found = desk.services.agreements.agreements(desk.caller, choice)
    desk.table(
        [
            desk.word("编号", "number"),
            desk.word("状态", "state"),
            desk.word("图层", "layer"),
            desk.word("甲", "first"),
            desk.word("乙", "second"),
            desk.word("归属", "owner"),
            desk.word("半宽米", "within m"),
            desk.word("依据文号", "document"),
            desk.word("起", "from"),
            desk.word("止", "to"),
        ],
        [_row(desk, each) for each in found.agreements],
    )
    for listed in found.agreements:
        if listed.inert:
            _tell_inert(desk, listed)


@app.command("withdraw")
def withdraw_agreement(context: typer.Context, number: int) -> None:
    """撤回一条边界约定，记录保留。Withdraw an agreement; its record stays."""
    desk = terminal(context)
    found = desk.services.agreements.withdraw(desk.caller, number).agreement
    desk.say(
        f"第 {found.number} 条约定（{found.document}）已撤回",
        f"agreement {found.number} ({found.document}) is withdrawn",
    )


def _row(desk: Terminal, listed: "ListedAgreement") -> tuple[object, ...]:
    found = listed.agreement
    return (
        found.number,
        desk.word(_STATES_ZH[listed.state], listed.state),
        found.layer,
        found.first_code,
        found.second_code,
        found.owner_code,
        f"{found.within_m:g}",
        found.document,
        _shanghai(found.effective_from_s),
        _shanghai(found.effective_to_s),
    )


def _tell_inert(desk: Terminal, listed: "ListedAgreement") -> None:
    number, (zh, en) = listed.agreement.number, listed.inert or ("", "")
    desk.say(f"! 第 {number} 条不起作用：{zh}", f"! agreement {number} decides nothing: {en}")


def _shanghai(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds + 8 * 3600))
