"""`geo-service drafts split-evenly`, `cut-along`, `swap` and `split-by-children`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.drafts.drafts import Number, Seen, tell_step
from geo_service.commands.drafts.operations import Code, Layer, Line, drawn, perform
from geo_service.commands.terminal import Terminal, terminal
from geo_service.errors import InvalidValue

if TYPE_CHECKING:
    from geo_service.services.drafts.offers.offer import Offer, OfferedPart

Take = Annotated[bool, typer.Option("--take", help="采用，作为一步 / do it, as one step")]
KeepCode = Annotated[
    bool, typer.Option("--keep-code", help="最大的一块留用原代码 / the largest part keeps the code")
]
_MEASURES = {
    "households": ("户数", "households"),
    "residents": ("居民", "residents"),
    "issues": ("近一年问题", "issues of a year"),
    "workload": ("工作量（小时）", "workload (h)"),
}
_BY = {**_MEASURES, "area": ("面积", "area")}


def split_evenly(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    parts: Annotated[int, typer.Option(help="分成几块，2 到 50 / how many parts, 2 to 50")],
    by: Annotated[
        str,
        typer.Option(help="按什么均分：auto、households、residents、issues、workload、area"),
    ] = "auto",
    keep_code: KeepCode = False,
    take: Take = False,
    seen: Seen = None,
) -> None:
    """把区域均分成几块：先列方案，--take 采用。Part an area evenly: an offer, or done."""
    from geo_service.layers.arcs import AreaKey

    desk = terminal(context)
    offer = desk.services.draft_divisions.parts(
        desk.caller, number, AreaKey(layer, code), parts, measure=by, keeps_code=keep_code
    )
    _tell_offer(desk, offer)
    _take(context, offer, is_taken=take, seen=seen)


def cut_along(
    context: typer.Context,
    number: Number,
    layer: Layer,
    codes: Annotated[list[str] | None, typer.Argument(help="区域代码 / codes")] = None,
    parent: Annotated[
        str | None, typer.Option(help="或上级代码：切其下全部 / all below this parent")
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(help="沿哪种参考要素，如 road_main、water，可重复 / along which kind"),
    ] = None,
    along: Annotated[
        list[str] | None, typer.Option(help="沿哪个图层的界线，可重复 / along which layer")
    ] = None,
    narrowest_m: Annotated[
        float, typer.Option("--narrowest", help="窄于几米的块不切 / no part narrower, meters")
    ] = 0.5,
    keep_code: KeepCode = False,
    take: Take = False,
    seen: Seen = None,
) -> None:
    """沿道路、水系或别的图层的界线切开区域：先列方案，--take 采用。Cut along roads or a layer."""
    from geo_service.services.drafts.offers.divisions import CutsAsked

    desk = terminal(context)
    asked = CutsAsked(
        layer,
        tuple(codes or ()),
        parent,
        tuple(reference or ()),
        tuple(along or ()),
        narrowest_m=narrowest_m,
        keeps_code=keep_code,
    )
    offer = desk.services.draft_divisions.cuts(desk.caller, number, asked)
    _tell_offer(desk, offer)
    _take(context, offer, is_taken=take, seen=seen)


def swap(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    other: Annotated[str, typer.Argument(help="与哪个相邻区域互换 / the neighbor")],
    outline: Line,
    other_outline: Line,
    seen: Seen = None,
) -> None:
    """两个相邻区域互换各自轮廓线内的部分。Two neighbors give each other what lies in outlines."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import Swap

    given, taken = drawn(outline, "--outline"), drawn(other_outline, "--other-outline")
    perform(context, number, Swap(AreaKey(layer, code), given, AreaKey(layer, other), taken), seen)


def split_by_children(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    child_layer: Annotated[str, typer.Argument(help="下级图层 / layer of the children")],
    new: Annotated[
        list[str],
        typer.Option(
            help="新代码=下级,下级…，可重复；不写“新代码=”则按编码规则 / CODE=child,child"
        ),
    ],
    seen: Seen = None,
) -> None:
    """按下级分割：指定哪些下级归新区域，其余留下。Split a parent by saying who goes where."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import SplitByChildren

    key = AreaKey(layer, code)
    groups = [_group(each) for each in new]
    children = [tuple(AreaKey(child_layer, child) for child in some) for _, some in groups]
    desk = terminal(context)
    codes = [told for told, _ in groups]
    if not all(codes):
        unnamed = [some for told, some in zip(codes, children, strict=True) if not told]
        found = desk.services.draft_divisions.groups(desk.caller, number, key, unnamed)
        given = iter(found.codes)
        codes = [told or next(given) for told in codes]
    if len(set(codes)) < len(codes):
        raise InvalidValue("--new", "各不相同的新代码", "new codes, each once")
    asked = SplitByChildren(key, dict(zip(codes, children, strict=True)))
    perform(context, number, asked, seen)


COMMANDS: dict[str, Callable[..., None]] = {
    "split-evenly": split_evenly,
    "cut-along": cut_along,
    "swap": swap,
    "split-by-children": split_by_children,
}


def _group(text: str) -> tuple[str, list[str]]:
    """Return the new code, or none, and the children of ``CODE=child,child``."""
    code, is_named, rest = text.rpartition("=")
    children = [child.strip() for child in rest.split(",") if child.strip()]
    if not children or (is_named and not code.strip()):
        raise InvalidValue("--new", "新代码=下级,下级", "CODE=child,child")
    return code.strip(), children


def _take(context: typer.Context, offer: "Offer", *, is_taken: bool, seen: int | None) -> None:
    desk = terminal(context)
    row = offer.draft.row
    if not is_taken:
        desk.say("以上只是方案；加 --take 采用", "this is an offer: --take does it")
        return
    done = desk.services.drafts.perform(
        desk.caller, row.id, offer.operation, seen=row.revision if seen is None else seen
    )
    tell_step(desk, done)


def _tell_offer(desk: Terminal, offer: "Offer") -> None:
    told = [name for name in _MEASURES if any(p.counts[name] is not None for p in offer.parts)]
    by = desk.word(*_BY[offer.measure])
    headings = [("原区域", "of"), ("新代码", "code"), ("占比", "share"), ("面积 m²", "area m²")]
    desk.table(
        [desk.word(*each) for each in (*headings, *(_MEASURES[name] for name in told))],
        [_row(part, told) for part in offer.parts],
    )
    worst = f"{100 * offer.imbalance:.1f}%"
    desk.say(
        f"占比按{by}；离平均最远的差 {worst}",
        f"shares are of {by}; the part farthest from a fair one is {worst} off",
    )
    for name in told:
        if offer.unknown[name]:
            title = desk.word(*_MEASURES[name])
            desk.say(
                f"{title}：另有 {offer.unknown[name]} 处没有数值，未计入",
                f"{title}: of {offer.unknown[name]} more nothing is known",
            )


def _row(part: "OfferedPart", told: list[str]) -> tuple[str, ...]:
    counts = [part.counts[name] for name in told]
    numbers = ("—" if count is None else f"{count:.0f}" for count in counts)
    return part.former, part.code, f"{100 * part.share:.1f}%", f"{part.area_m2:.0f}", *numbers
