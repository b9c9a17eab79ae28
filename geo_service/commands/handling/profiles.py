"""`geo-service profile` and `calendar`: an office's own files checked, a year taken in."""

from pathlib import Path
from typing import Annotated

import typer

from geo_service.commands.terminal import terminal
from geo_service.errors import UnreadableFile

profile = typer.Typer(help="治理配置 / profiles", no_args_is_help=True)
calendar = typer.Typer(help="工作日历 / calendars", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="TOML 文件 / a TOML file")]


@profile.callback()
def profiles() -> None:
    """治理配置：图层、党组织、分类、办理流程。Profiles: layers, ladder, categories, handling."""


@calendar.callback()
def calendars() -> None:
    """工作日历：每年的节假日与调休。Calendars: the holidays and made-up days of each year."""


@profile.command("check")
def check_profile(context: typer.Context, file: File) -> None:
    """检查一份配置：有错说明行号、键和原因，退出码为 1。Check a profile, naming line and key."""
    from geo_service.governance.handling.workflow import CLOSED
    from geo_service.governance.profile import parse_profile

    desk, found = terminal(context), parse_profile(_text(file), file=file.name)
    flow = found.workflow
    layers = "、".join(table.get("title_zh", table["name"]) for table in found.layers)
    closed = [state for state in flow.states.values() if state.phase == CLOSED]
    desk.say(
        f"{file.name} 可用：{found.title_zh}；图层 {layers}；{len(flow.states)} 个状态"
        f"（办结 {len(closed)} 个）、{len(flow.steps)} 个步骤、{len(flow.tiers)} 级",
        f"{file.name} can be used: {found.title_en}; {len(found.layers)} layers; "
        f"{len(flow.states)} states ({len(closed)} closed), {len(flow.steps)} steps, "
        f"{len(flow.tiers)} tiers",
    )


@profile.command("categories")
def write_categories(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="代码表 / a code table: CSV、XLSX")],
    origin: Annotated[str, typer.Option(help="出处，如标准号 / where the table comes from")],
    version: Annotated[str, typer.Option(help="版本 / its version")],
    extension: Annotated[
        str | None, typer.Option(help="本地扩展的小类代码，如 900-999 / codes of the city's own")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="工作表 / a sheet")] = None,
    out: Annotated[Path | None, typer.Option(help="写入文件，默认显示 / a file")] = None,
) -> None:
    """把分类代码表写成配置的分类。Write a code table of categories as sections of a profile."""
    from geo_service.layers.files import writing_aside
    from geo_service.services.categories import AskedTable, read_code_table

    desk = terminal(context)
    found = read_code_table(file, AskedTable(origin, version, extension, sheet))
    if out is None:
        typer.echo(found.text, nl=False)
        return
    with writing_aside(out) as aside:
        aside.write_text(found.text, encoding="utf-8")
    desk.say(
        f"{found.majors} 个大类、{found.minors} 个小类写入 {out}",
        f"{found.majors} majors and {found.minors} minors written to {out}",
    )


@calendar.command("check")
def check_calendar(context: typer.Context, file: File) -> None:
    """检查一年的日历文件。Check the file of a year."""
    from geo_service.governance.clock.calendar import read_calendar_year

    desk, found = terminal(context), read_calendar_year(_text(file), file=file.name)
    desk.say(
        f"{file.name} 可用：{found.year} 年，放假 {len(found.holidays)} 天，"
        f"周末上班 {len(found.workdays)} 天",
        f"{file.name} can be used: {found.year}, {len(found.holidays)} days off, "
        f"{len(found.workdays)} weekend days worked",
    )


@calendar.command("load")
def load_calendar(context: typer.Context, file: File) -> None:
    """载入一年的日历，并重算落在这一年的暂定时限。Load a year; provisional deadlines follow it."""
    desk = terminal(context)
    loaded = desk.services.deadlines.load_year(desk.caller, _text(file), file=file.name)
    desk.say(
        f"已载入 {loaded.year} 年，重算 {loaded.recomputed} 件工单的时限",
        f"{loaded.year} is known now; deadlines of {loaded.recomputed} issues computed again",
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = str(error)
        raise UnreadableFile(where=str(file), reason_zh=reason, reason_en=reason) from error
