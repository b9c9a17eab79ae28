"""`geo-service drafts enter`, `take-away` and `figures`: true values of areas in a draft."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.drafts.drafts import Number
from geo_service.commands.drafts.operations import Code, Layer
from geo_service.commands.terminal import Terminal, terminal

if TYPE_CHECKING:
    from geo_service.services.drafts.figures import DraftFigures

FigureName = Annotated[str, typer.Argument(help="households 户数、residents 居民、staff 力量")]
_GONE = {
    "removed": ("不再适用：区域已撤销", "no longer applies: the area is no more"),
    "changed": ("不再适用：区域已改动", "no longer applies: the area was changed"),
}


def enter(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    figure: FigureName,
    value: Annotated[str, typer.Argument(help="真实数 / the true number")],
) -> None:
    """为草案里的区域录入真实数，优先于估算，发布时成为指标。Enter a true value of an area."""
    from geo_service.services.drafts.figures import FigureAsked

    desk = terminal(context)
    asked = [FigureAsked(layer, code, figure, value)]
    _tell(desk, desk.services.draft_figures.enter(desk.caller, number, asked))


def take_away(
    context: typer.Context, number: Number, layer: Layer, code: Code, figure: FigureName
) -> None:
    """删去录入的一个数。Take a value away that was entered."""
    desk = terminal(context)
    _tell(desk, desk.services.draft_figures.remove(desk.caller, number, layer, code, figure))


def list_figures(context: typer.Context, number: Number) -> None:
    """列出草案里录入的数。List the values that were entered in a draft."""
    desk = terminal(context)
    _tell(desk, desk.services.draft_figures.figures(desk.caller, number))


def _tell(desk: Terminal, found: "DraftFigures") -> None:
    for each in found.figures:
        row = each.row
        told = f"{row.layer} {row.code} {row.figure} {row.value}"
        zh, en = _GONE[each.gone] if each.gone else ("", "")
        desk.say(f"{told}  {zh}".rstrip(), f"{told}  {en}".rstrip())
    if not found.figures:
        desk.say("没有录入", "nothing was entered")


COMMANDS: dict[str, Callable[..., None]] = {
    "enter": enter,
    "take-away": take_away,
    "figures": list_figures,
}
