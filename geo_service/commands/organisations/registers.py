"""`geo-service registers`: lists of organisations, units and sites in and out; activities."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import Terminal, chosen, moment_s, terminal

if TYPE_CHECKING:
    from geo_service.layers.edition import EditionChoice
    from geo_service.services.organisations.files import RegisterFileReport

_NAMES = ("party_organisation", "unit", "facility", "asset", "liaison")
_ENDINGS = (".csv", ".xlsx", ".geojson")

Register = Annotated[str, typer.Argument(help="、".join(_NAMES))]
AsOf = Annotated[str | None, typer.Option(help="哪一天 / as of which day")]
KnownAt = Annotated[str | None, typer.Option(help="按当时所知 / as it was known then")]

app = typer.Typer(help="党组织、单位、阵地台账 / registers", no_args_is_help=True)


@app.command("import")
def import_register(
    context: typer.Context,
    register: Annotated[str, typer.Argument(help="、".join((*_NAMES, "activity")))],
    file: Annotated[Path, typer.Argument(help="CSV（UTF-8、GBK）、XLSX、NDJSON、GeoJSON")],
    frame: Annotated[str | None, typer.Option(help="没有坐标系列时的坐标系")] = None,
    sheet: Annotated[str | None, typer.Option(help="XLSX 的工作表 / sheet")] = None,
    layer: Annotated[str | None, typer.Option(help="没有图层列时，区域编码属于哪个图层")] = None,
    from_day: Annotated[
        str | None, typer.Option("--from", help="没有起始日期列时，情况自哪天起")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="字段=列名，可重复，如 code=党组织编号")
    ] = None,
    rejects: Annotated[Path | None, typer.Option(help="退回清单的文件名")] = None,
) -> None:
    """导入台账：每一行要么存入，要么写进退回清单；姓名等列不读取。Import a register."""
    from geo_service.services.organisations.files import (
        RegisterFileOptions,
        register_overrides,
        write_rejections,
    )

    desk = terminal(context)
    chosen(register, (*_NAMES, "activity"), where="REGISTER")
    columns = register_overrides(column or [], register, where="--column")
    options = RegisterFileOptions(frame, sheet, layer, from_day, columns)
    report = desk.services.register_files.import_file(desk.caller, register, file, options)
    _tell_columns(desk, report)
    desk.say(
        f"共 {report.rows} 行：新增 {report.added}，更新 {report.updated}，"
        f"未变 {report.unchanged}，退回 {len(report.rejections)}",
        f"{report.rows} rows: {report.added} added, {report.updated} updated, "
        f"{report.unchanged} unchanged, {len(report.rejections)} rejected",
    )
    if report.rejections:
        path = rejects or file.with_name(f"{file.stem}.退回.csv")
        write_rejections(path, report)
        desk.say(f"退回清单：{path}", f"rejected rows: {path}")


def _tell_columns(desk: Terminal, report: "RegisterFileReport") -> None:
    for note in report.notes:
        desk.say(*note)
    columns = report.columns
    found = [f"{name}={heading}" for name, heading in columns.heading_by_field.items()]
    desk.say(f"列：{'、'.join(found)}", f"columns: {', '.join(found)}")
    if columns.dropped:
        names, count = columns.dropped, len(columns.dropped)
        desk.say(
            f"未读取的个人信息列 {count} 个：{'、'.join(names)}",
            f"{count} columns about persons were not read: {', '.join(names)}",
        )
    if columns.unused:
        names, count = columns.unused, len(columns.unused)
        desk.say(
            f"认不出、未读取的列 {count} 个：{'、'.join(names)}"
            "（需要的用 --column 字段=列名 指定）",
            f"{count} columns were not recognized, nor read: {', '.join(names)} "
            "(name one that is wanted with --column field=heading)",
        )


@app.command("confirm")
def confirm_entry(
    context: typer.Context,
    register: Register,
    code: Annotated[str, typer.Argument(help="编码，见 coverage old-bindings / code")],
) -> None:
    """确认一条台账仍对应现行边界中的同一编码。Decide that codes mean the areas of today."""
    desk = terminal(context)
    chosen(register, _NAMES, where="REGISTER")
    found = desk.services.registers.confirm(desk.caller, register, code)
    desk.say(
        f"{found.code} 已对应到第 {found.edition} 版边界",
        f"{found.code} is bound to edition {found.edition}",
    )


@app.command("export")
def export_register(
    context: typer.Context,
    register: Register,
    out: Annotated[Path, typer.Option(help="CSV、XLSX 或 GeoJSON 文件")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> None:
    """导出某一天的台账，可再导入；人数不足的不显示。Export a register as of a day."""
    from geo_service.layers.files import writing_aside
    from geo_service.services.organisations.register_tables import register_table, write_table

    desk = terminal(context)
    chosen(register, _NAMES, where="REGISTER")
    chosen(out.suffix, _ENDINGS, where="--out")
    found = desk.services.registers.entries(desk.caller, register, choice_of(as_of, known_at))
    rules = desk.services.workspace.profile.organisations
    table = register_table(register, found, rules, desk.language)
    with writing_aside(out) as aside:
        write_table(aside, table)
    desk.say(f"{len(found)} 条写入 {out}", f"{len(found)} entries written to {out}")


@app.command("activity")
def record_activity(
    context: typer.Context,
    organisation: Annotated[str, typer.Argument(help="党组织编码")],
    day: Annotated[str, typer.Argument(help="日期，如 2026-11-20")],
    kind: Annotated[str | None, typer.Option(help="活动类型，默认党员大会")] = None,
) -> None:
    """登记一次活动。Record what an organisation held."""
    desk = terminal(context)
    cells = {"organisation": organisation, "held_on": day, "kind": kind}
    outcome, _ = desk.services.activities.record(desk.caller, cells)
    is_new = outcome == "added"
    desk.say("已登记" if is_new else "此前已登记", "recorded" if is_new else "known already")


def choice_of(as_of: str | None, known_at: str | None) -> "EditionChoice":
    """Return the two moments that a command asks about."""
    from geo_service.layers.edition import EditionChoice

    return EditionChoice(moment_s(as_of, where="--as-of"), moment_s(known_at, where="--known-at"))
