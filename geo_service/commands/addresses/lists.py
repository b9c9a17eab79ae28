"""`geo-service places import|lists|check`: lists of addresses in, and what is wrong with them."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.issues import tell_columns
from geo_service.commands.terminal import Terminal, terminal

if TYPE_CHECKING:
    from geo_service.services.addresses.defects import ListDefects
    from geo_service.services.addresses.lists import PlaceFileReport

app = typer.Typer(help="地址与地点 / places by their addresses", no_args_is_help=True)

_SHOWN = 20


@app.command("import")
def import_places(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV（UTF-8、GBK）、XLSX、NDJSON")],
    frame: Annotated[str | None, typer.Option(help="坐标系：EPSG 编号、GCJ02、BD09")] = None,
    list_name: Annotated[
        str | None, typer.Option(help="清单名称，默认“地址归格表” / name of the list")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="XLSX 的工作表 / sheet")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="字段=列名，可重复，如 road=路名")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="文件是整份清单：没有列出的地址失效 / the whole list")
    ] = False,
    rejects: Annotated[Path | None, typer.Option(help="退回清单的文件名")] = None,
) -> None:
    """导入地址归格表或楼栋清单：每一行要么存入，要么写进退回清单。Import a list of addresses."""
    from geo_service.services.addresses.lists import (
        DEFAULT_LIST,
        PlaceFileOptions,
        named_place_columns,
        write_rejections,
    )

    desk = terminal(context)
    columns = named_place_columns(column or [], where="--column")
    options = PlaceFileOptions(frame, sheet, list_name or DEFAULT_LIST, columns, whole)
    report = desk.services.place_lists.import_file(desk.caller, file, options)
    _tell(desk, report)
    if report.rejections:
        path = rejects or file.with_name(f"{file.stem}.退回.csv")
        write_rejections(path, report)
        desk.say(f"退回清单：{path}", f"rejected rows: {path}")


@app.command("lists")
def list_place_lists(context: typer.Context) -> None:
    """列出各份地址清单。List the lists of addresses."""
    desk = terminal(context)
    headings = [("清单", "list"), ("地址数", "places"), ("文件", "file"), ("导入时间", "imported")]
    desk.table(
        [desk.word(*each) for each in headings],
        [
            (each.name, each.places, each.file, _shanghai(each.imported_at_s))
            for each in desk.services.place_lists.lists(desk.caller)
        ],
    )


@app.command("check")
def check_lists(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="写成 CSV / write all as CSV")] = None,
) -> None:
    """核对地址清单与现行边界：清单写的网格与坐标不符的，逐条列出。Check lists of addresses."""
    from geo_service.services.addresses.defects import write_defects

    desk = terminal(context)
    found = desk.services.place_lists.defects(desk.caller)
    _tell_defects(desk, found)
    if out is not None:
        write_defects(out, found)
        desk.say(f"已写入 {out}", f"written to {out}")


def _tell(desk: Terminal, report: "PlaceFileReport") -> None:
    columns = [f"{field}={name}" for field, name in report.columns.heading_by_field.items()]
    desk.say(f"列：{'、'.join(columns)}", f"columns: {', '.join(columns)}")
    if report.columns.unused:
        names = "、".join(report.columns.unused)
        desk.say(
            f"· 没有认出的列：{names}（可用 --column 指定）",
            f"· columns nobody recognized: {names} (see --column)",
        )
    tell_columns(desk, report.columns)
    for zh, en in report.notes:
        desk.say(f"· {zh}", f"· {en}")
    desk.say(
        f"共 {report.rows} 行：新增 {report.added}，更新 {report.updated}，"
        f"未变 {report.unchanged}，退回 {len(report.rejections)}；失效 {report.ended}",
        f"{report.rows} rows: {report.added} added, {report.updated} updated, "
        f"{report.unchanged} unchanged, {len(report.rejections)} rejected; {report.ended} ended",
    )
    _tell_defects(desk, report.defects)
    for warning in report.frame_warnings:
        desk.say(f"! {warning.text('zh')}", f"! {warning.text('en')}")


def _tell_defects(desk: Terminal, found: "ListDefects") -> None:
    from geo_service.services.addresses.defects import KINDS

    for kind, count in found.counts.items():
        desk.say(f"! {count} 个地址：{KINDS[kind][0]}", f"! {count} places: {KINDS[kind][1]}")
    for each in found.defects[:_SHOWN]:
        told, where = each.told or "", each.found or ""
        name = each.row.address or each.row.row_key
        desk.say(
            f"  {name}：{KINDS[each.kind][0]} {told} {where}".rstrip(),
            f"  {name}: {KINDS[each.kind][1]} {told} {where}".rstrip(),
        )
    if not found.defects:
        desk.say(
            f"核对 {found.places} 个地址，没有矛盾",
            f"{found.places} places checked, no contradiction",
        )


def _shanghai(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds + 8 * 3600))
