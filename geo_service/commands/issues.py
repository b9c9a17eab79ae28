"""`geo-service issues`: ticket lists in and out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from geo_service.commands.terminal import Terminal, chosen, terminal

if TYPE_CHECKING:
    from geo_service.governance.headings import Columns
    from geo_service.services.issues.files.options import IssueFileOptions
    from geo_service.services.issues.files.report import IssueFileReport

_ON_CHANGE = ("update", "refuse")
_MOST_OWNERS, _MOST_REJECTIONS = 20, 20
_RESULTS = {
    "assigned": ("落格", "assigned"),
    "boundary": ("边界", "boundary"),
    "agreement": ("按约定", "by agreement"),
    "nearest": ("界外就近", "nearest"),
    "decided": ("人工归属", "decided by a person"),
    "ambiguous": ("归属待定", "ambiguous"),
    "unassigned": ("未落格", "unassigned"),
}

app = typer.Typer(help="问题 / issues", no_args_is_help=True)


@app.callback()
def issues() -> None:
    """问题清单。Lists of issues."""


@app.command("import")
def import_issues(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV（UTF-8、GBK）、XLSX、NDJSON")],
    source: Annotated[str | None, typer.Option(help="没有来源列时的来源 / default source")] = None,
    frame: Annotated[str | None, typer.Option(help="没有坐标系列时的坐标系")] = None,
    sheet: Annotated[str | None, typer.Option(help="XLSX 的工作表 / sheet")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="字段=列名，可重复，如 external_id=工单号")
    ] = None,
    on_change: Annotated[str, typer.Option(help="已有工单内容变化时：update 或 refuse")] = "update",
    rejects: Annotated[Path | None, typer.Option(help="退回清单的文件名")] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="不接着上次中断处，从第一行开始 / begin anew")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看结果，什么都不存入 / store nothing")
    ] = False,
) -> None:
    """导入工单清单：每一行要么存入，要么写进退回清单；中断后可继续。Import a list of issues."""
    from geo_service.services.issues.files.options import IssueFileOptions, named_columns
    from geo_service.services.issues.files.report import write_rejections

    desk = terminal(context)
    options = IssueFileOptions(
        source=source,
        frame=frame,
        sheet=sheet,
        columns=named_columns(column or [], where="--column"),
        is_updating=chosen(on_change, _ON_CHANGE, where="--on-change") == "update",
        is_anew=from_start,
    )
    report = (_preview if dry_run else _import)(desk, file, options)
    if report.rejections and (rejects or not dry_run):
        path = rejects or file.with_name(f"{file.stem}.退回.csv")
        write_rejections(path, report)
        desk.say(f"退回清单：{path}", f"rejected rows: {path}")


def _import(desk: Terminal, file: Path, options: "IssueFileOptions") -> "IssueFileReport":
    with _progress(file.name, desk.word("行", "rows")) as on_progress:
        report = desk.services.issues.import_file(
            desk.caller, file, options, on_progress=on_progress
        )
    _tell(desk, report)
    return report


def _preview(desk: Terminal, file: Path, options: "IssueFileOptions") -> "IssueFileReport":
    """Say what storing a list would make of it, and return its report."""
    with _progress(file.name, desk.word("行", "rows")) as on_progress:
        found = desk.services.issues.preview_file(
            desk.caller, file, options, on_progress=on_progress
        )
    _tell(desk, found.report)
    headings = ("归属", "编码", "新增", "更新", "未变")
    in_english = ("owner", "code", "added", "updated", "unchanged")
    nobody = desk.word("未落格", "nobody's")
    rows = [
        [each.area.name if each.area else nobody, each.area and each.area.code, *each[1:]]
        for each in found.owners[:_MOST_OWNERS]
    ]
    pairs = zip(headings, in_english, strict=True)
    desk.table([desk.word(*pair) for pair in pairs], rows)
    if left_out := len(found.owners) - len(rows):
        desk.say(f"· 另有 {left_out} 个区域", f"· {left_out} more areas")
    told = [
        (f"{_RESULTS[name][0]} {count}", f"{_RESULTS[name][1]} {count}")
        for name, count in found.results.items()
    ]
    desk.say("、".join(zh for zh, _ in told), ", ".join(en for _, en in told))
    for each in found.report.rejections[:_MOST_REJECTIONS]:
        desk.say(
            f"! 第 {each.row} 行 {each.field}：{each.reason_zh}",
            f"! row {each.row} {each.field}: {each.reason_en}",
        )
    if left_out := len(found.report.rejections[_MOST_REJECTIONS:]):
        desk.say(
            f"· 另有 {left_out} 行退回（--rejects 写成文件）",
            f"· {left_out} more rejected rows (--rejects writes a file)",
        )
    desk.say("预览：没有存入任何内容", "a preview: nothing was stored")
    return found.report


@contextmanager
def _progress(name: str, word: str) -> Iterator[Callable[[int, float | None], None]]:
    """Show rows, rows a second and the share of the file while a list comes in."""
    console = Console(stderr=True)
    bar = (BarColumn(bar_width=24), TimeRemainingColumn())
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), *bar)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(name, total=None)
        last: list[tuple[float, int]] = []

        def on_progress(rows: int, share: float | None) -> None:
            last.append((time.monotonic(), rows))
            (began_s, before), (now_s, _) = last[-2:][0], last[-1]
            pace = f", {(rows - before) / (now_s - began_s):,.0f} {word}/s" if rows > before else ""
            progress.update(
                task,
                description=f"{name}: {rows:,} {word}{pace}",
                total=None if share is None else 1.0,
                completed=share or 0.0,
            )

        yield on_progress


def _tell(desk: Terminal, report: "IssueFileReport") -> None:
    columns = [f"{field}={name}" for field, name in report.columns.heading_by_field.items()]
    desk.say(f"列：{'、'.join(columns)}", f"columns: {', '.join(columns)}")
    if report.encoding:
        desk.say(f"编码：{report.encoding}", f"encoding: {report.encoding}")
    tell_columns(desk, report.columns)
    desk.say(
        "· 没有时区的时间按北京时间（Asia/Shanghai）",
        "· times without a zone are Asia/Shanghai",
    )
    if report.continued_after is not None:
        row = report.continued_after
        desk.say(
            f"· 这份清单上次导入中断，从第 {row} 行之后继续；以下计数包括上次的"
            "（--from-start 可从头开始）",
            f"· its last import broke off; this one went on after row {row}, and the counts are of "
            "both (--from-start begins anew)",
        )
    desk.say(
        f"共 {report.rows} 行：新增 {report.added}，更新 {report.updated}，"
        f"未变 {report.unchanged}，退回 {len(report.rejections)}",
        f"{report.rows} rows: {report.added} added, {report.updated} updated, "
        f"{report.unchanged} unchanged, {len(report.rejections)} rejected",
    )
    desk.say(
        f"其中没有坐标 {report.without_coordinates}，没有分类 {report.without_category}",
        f"of them {report.without_coordinates} without coordinates, "
        f"{report.without_category} without a category",
    )
    if report.located_by_address:
        count = report.located_by_address
        desk.say(f"· {count} 件按地址落格", f"· {count} were located by their addresses")
    if report.told:
        words_zh = "、".join(f"{word.title_zh} {rows}" for _, word, rows in report.told)
        words_en = ", ".join(f"{word.title_en} {rows}" for _, word, rows in report.told)
        desk.say(f"· 紧急程度与回访：{words_zh}", f"· urgency and follow-ups: {words_en}")
    for warning in report.frame_warnings:
        desk.say(f"! {warning.text('zh')}", f"! {warning.text('en')}")


def tell_columns(desk: Terminal, columns: "Columns") -> None:
    """Say which columns could be several fields, and how many were dropped."""
    for field, headings in columns.ambiguous.items():
        names = "、".join(headings)
        desk.say(
            f"· {field} 有多列可选（{names}），用了第一个；可用 --column 指定",
            f"· {field} could be any of {names}; the first was used (see --column)",
        )
    if columns.dropped:
        n = len(columns.dropped)
        desk.say(f"· 舍去 {n} 列个人或特殊人群信息", f"· {n} personal columns were dropped")
