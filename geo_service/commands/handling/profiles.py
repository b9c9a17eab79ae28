"""`geo-service profile check` and `calendar check`: whether an office's own files can be used."""

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


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = str(error)
        raise UnreadableFile(where=str(file), reason_zh=reason, reason_en=reason) from error
