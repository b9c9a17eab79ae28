"""`geo-service drafts bounds | write-bounds | reset-bounds`: 四至 of areas that a draft changes."""

from collections.abc import Callable
from typing import Annotated

import typer

from geo_service.commands.bounds_texts.areas import (
    AreaCode,
    Chinese,
    English,
    LayerName,
    tell_bounds,
)
from geo_service.commands.drafts.drafts import Number, Seen
from geo_service.commands.terminal import terminal
from geo_service.errors import InvalidValue


def tell(
    context: typer.Context,
    number: Number,
    layer: Annotated[str | None, typer.Argument(help="图层名，如 grid / layer")] = None,
    code: Annotated[str | None, typer.Argument(help="区域代码 / code of the area")] = None,
) -> None:
    """草案改动的区域的四至；不给区域则列出人工填写的。Bounds texts in a draft."""
    desk = terminal(context)
    service = desk.services.draft_bounds_texts
    if layer is not None and code is not None:
        tell_bounds(desk, service.told(desk.caller, number, (layer, code)).bounds)
        return
    if layer is not None:
        raise InvalidValue("CODE", "区域代码（与图层一起给）", "a code beside the layer")
    headings = [("区域", "area"), ("人工填写的四至", "bounds text"), ("英文", "in English")]
    rows = []
    for each in service.texts(desk.caller, number):
        entered = each.standing.entered
        name = f"{each.layer}/{each.code}"
        rows.append((name, entered and entered.zh, entered and entered.en))
    desk.table([desk.word(*each) for each in headings], rows)


def write(
    context: typer.Context,
    number: Number,
    layer: LayerName,
    code: AreaCode,
    text: Chinese,
    en: English = None,
    seen: Seen = None,
) -> None:
    """填写草案里一个改动区域的四至，发布时一并生效。Write the bounds text of a changed area."""
    from geo_service.services.bounds_texts.told import BoundsText

    desk, key, told = terminal(context), (layer, code), BoundsText(text, en)
    service = desk.services.draft_bounds_texts
    tell_bounds(desk, service.write(desk.caller, number, key, told, seen=seen).bounds)


def reset(
    context: typer.Context,
    number: Number,
    layer: LayerName,
    code: AreaCode,
    seen: Seen = None,
) -> None:
    """恢复自动生成的四至。Let the generated text stand again."""
    desk, key = terminal(context), (layer, code)
    service = desk.services.draft_bounds_texts
    tell_bounds(desk, service.reset(desk.caller, number, key, seen=seen).bounds)


COMMANDS: dict[str, Callable[..., None]] = {
    "bounds": tell,
    "write-bounds": write,
    "reset-bounds": reset,
}
