"""`geo-service areas`: 四至 of areas as they are published."""

from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import Terminal, moment_s, terminal

if TYPE_CHECKING:
    from geo_service.services.bounds_texts.told import AreaBoundsText
    from geo_service.storage.bounds_texts import BoundsTextRow

app = typer.Typer(help="区域的四至文字 / bounds texts of areas", no_args_is_help=True)

LayerName = Annotated[str, typer.Argument(help="图层名，如 grid / layer")]
AreaCode = Annotated[str, typer.Argument(help="区域代码 / code of the area")]
Chinese = Annotated[str, typer.Argument(help="四至的中文文字 / the text in Chinese")]
English = Annotated[
    str | None, typer.Option("--en", help="英文；不给则自动生成 / in English; else generated")
]
Version = Annotated[
    str | None,
    typer.Option("--seen", help="看到的文字版本（bounds 所列），如 3-17 / version you saw"),
]


@app.callback()
def area_group() -> None:
    """区域的四至文字。Bounds texts of areas."""


@app.command("bounds")
def tell(
    context: typer.Context,
    layer: LayerName,
    code: AreaCode,
    as_of: Annotated[str | None, typer.Option(help="哪一天的区域 / as of which day")] = None,
) -> None:
    """一个区域的四至：现用文字、自动生成的、以前人工填写的。The bounds text of an area."""
    from geo_service.layers.edition import EditionChoice

    desk = terminal(context)
    choice = EditionChoice(moment_s(as_of, where="--as-of"))
    tell_bounds(desk, desk.services.bounds_texts.told(desk.caller, layer, code, choice))


@app.command("write-bounds")
def write(
    context: typer.Context,
    layer: LayerName,
    code: AreaCode,
    text: Chinese,
    en: English = None,
    seen: Version = None,
) -> None:
    """改现行区域的四至文字，不产生新版本。Write the bounds text of an area in force."""
    from geo_service.services.bounds_texts.told import BoundsText

    desk, told = terminal(context), BoundsText(text, en)
    service = desk.services.bounds_texts
    tell_bounds(desk, service.write(desk.caller, layer, code, told, seen=seen))


@app.command("reset-bounds")
def reset(context: typer.Context, layer: LayerName, code: AreaCode, seen: Version = None) -> None:
    """恢复自动生成的四至；填写过的文字留在历史里。Let the generated text stand again."""
    desk = terminal(context)
    tell_bounds(desk, desk.services.bounds_texts.reset(desk.caller, layer, code, seen=seen))


def tell_bounds(desk: Terminal, found: "AreaBoundsText") -> None:
    """Tell the text that stands, who wrote it, and what stood before."""
    written, text = found.written, found.text(desk.language)
    where = f"{written.layer}/{written.code}"
    desk.say(f"{where} 四至：{text}", f"{where}: {text}")
    standing = written.standing
    if standing.entered is None:
        desk.say("  自动生成", "  generated")
    else:
        desk.say(f"  人工填写：{_who(standing.entered)}", f"  written: {_who(standing.entered)}")
        generated = found.generated[desk.language]
        desk.say(f"  自动生成的是：{generated}", f"  generated: {generated}")
    if standing.earlier is not None:
        earlier = standing.earlier
        desk.say(
            f"  范围已变，以前填写的不再沿用（{_which(earlier, 'zh')}）：{earlier.zh}",
            f"  the ground is another one than that of an earlier text "
            f"({_which(earlier, 'en')}): {earlier.zh}",
        )
    desk.say(f"  文字版本 {written.version}", f"  version {written.version}")


def _who(row: "BoundsTextRow") -> str:
    from geo_service.governance.moment import local_text

    english = f"; {row.en}" if row.en else ""
    return f"{row.recorded_by} {local_text(row.recorded_at_s)}{english}"


def _which(row: "BoundsTextRow", language: str) -> str:
    if row.edition is None:
        return f"draft {row.draft_id}" if language == "en" else f"草案 {row.draft_id}"
    return f"edition {row.edition}" if language == "en" else f"第 {row.edition} 版"
