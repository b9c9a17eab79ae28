"""`geo-service drafts split`, `merge` and the others: one command for each operation.

Places are written ``lon,lat``, lines as places with blanks between them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.drafts.drafts import Number, Seen, tell_step
from geo_service.commands.terminal import terminal
from geo_service.errors import InvalidValue

if TYPE_CHECKING:
    from geo_service.layers.area import Floats
    from geo_service.layers.redraw.asked.operation import Operation, Places

Layer = Annotated[str, typer.Argument(help="图层 / layer")]
Code = Annotated[str, typer.Argument(help="区域代码 / code of the area")]
Line = Annotated[str, typer.Option(help='"经度,纬度 经度,纬度 …" / "lon,lat lon,lat …"')]
Place = Annotated[str, typer.Option(help="经度,纬度 / lon,lat")]
_PLACE = 2


def tell_borders(context: typer.Context, number: Number, layer: Layer, codes: list[str]) -> None:
    """列出区域的边界段：名字、两端、两侧。Borders of areas: name, ends, both sides."""
    from geo_service.layers.arcs import AreaKey

    desk = terminal(context)
    keys = [AreaKey(layer, code) for code in codes]
    headings = [("边界段", "border"), ("从", "from"), ("到", "to"), ("左", "left"), ("右", "right")]
    desk.table(
        [desk.word(*each) for each in headings],
        [
            (
                border.name,
                _written(border.places[0]),
                _written(border.places[-1]),
                " ".join(key.code for key in border.left if key.layer == layer),
                " ".join(key.code for key in border.right if key.layer == layer),
            )
            for border in desk.services.drafts.borders(desk.caller, number, keys)
        ],
    )


def split(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    line: Line,
    new: Annotated[
        list[str] | None, typer.Option(help="新代码，自西向东；不给则按编码规则 / codes")
    ] = None,
    keep: Annotated[str | None, typer.Option(help="留用原代码那一块内的点 / place kept")] = None,
    seen: Seen = None,
) -> None:
    """用一条线把区域分开。Split an area along a line."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import Split

    kept = None if keep is None else _place(keep, "--keep")
    key, places = AreaKey(layer, code), drawn(line, "--line")
    codes = tuple(new or ())
    if not codes:
        desk = terminal(context)
        pieces = desk.services.draft_proposals.pieces(desk.caller, number, key, places)
        codes = tuple(pieces.codes[: len(pieces.codes) - (kept is not None)])
    perform(context, number, Split(key, places, codes, kept), seen)


def merge(
    context: typer.Context,
    number: Number,
    layer: Layer,
    codes: list[str],
    into: Annotated[str, typer.Option(help="留用的代码或新代码 / code that stays, or a new one")],
    name: Annotated[str | None, typer.Option(help="名称 / name")] = None,
    seen: Seen = None,
) -> None:
    """合并相邻区域。Merge adjacent areas."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import Merge

    perform(context, number, Merge(tuple(AreaKey(layer, each) for each in codes), into, name), seen)


def reshape(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    border: Annotated[str, typer.Argument(help="边界段名，见 borders / name of the border")],
    line: Line,
    seen: Seen = None,
) -> None:
    """重画一段边界，两侧一起变。Draw a piece of border anew; both sides follow."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import Reshape

    perform(context, number, Reshape(AreaKey(layer, code), border, drawn(line, "--line")), seen)


def move_junction(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    place: Place,
    to: Place,
    seen: Seen = None,
) -> None:
    """移动边界交会点，各段边界一起动。Move a junction with all borders that meet there."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import MoveJunction

    key = AreaKey(layer, code)
    asked = MoveJunction(key, _place(place, "--place"), _place(to, "--to"))
    perform(context, number, asked, seen)


def give(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    to: Annotated[str, typer.Argument(help="给哪个相邻区域 / the neighbor that gets it")],
    outline: Line,
    seen: Seen = None,
) -> None:
    """把轮廓线内的部分划给相邻区域。Give what lies in an outline to a neighbor."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import Give

    keys = AreaKey(layer, code), AreaKey(layer, to)
    perform(context, number, Give(*keys, drawn(outline, "--outline")), seen)


def give_gap(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    place: Place,
    seen: Seen = None,
) -> None:
    """把一处空隙划给旁边的区域。Give a gap to an area beside it."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import GiveGap

    perform(context, number, GiveGap(AreaKey(layer, code), _place(place, "--place")), seen)


def annex(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    outline: Line,
    seen: Seen = None,
) -> None:
    """把轮廓线内的无主地划入区域。Give free ground in an outline to an area."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import Annex

    perform(context, number, Annex(AreaKey(layer, code), drawn(outline, "--outline")), seen)


def add(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    outline: Line,
    parent: Annotated[str | None, typer.Option(help="上级，写作 图层/代码 / layer/code")] = None,
    name: Annotated[str | None, typer.Option(help="名称 / name")] = None,
    seen: Seen = None,
) -> None:
    """在无主地上新设区域。Add an area on free ground."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import Add

    above = None if parent is None else AreaKey(*_key(parent))
    perform(
        context, number, Add(AreaKey(layer, code), drawn(outline, "--outline"), above, name), seen
    )


def retire(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    leaves: Annotated[
        bool, typer.Option("--leaves", help="上级也不再管 / its ground leaves the whole")
    ] = False,
    seen: Seen = None,
) -> None:
    """撤销区域，留下空隙待划。Retire an area; its ground becomes a gap."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import Retire

    perform(context, number, Retire(AreaKey(layer, code), leaves), seen)


def reparent(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    parent: Annotated[str, typer.Argument(help="新上级，写作 图层/代码 / layer/code")],
    seen: Seen = None,
) -> None:
    """把区域划归另一个上级。Put an area under another parent."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import Reparent

    perform(context, number, Reparent(AreaKey(layer, code), AreaKey(*_key(parent))), seen)


def recode(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    to: Annotated[str | None, typer.Option(help="新代码 / new code")] = None,
    name: Annotated[str | None, typer.Option(help="新名称 / new name")] = None,
    seen: Seen = None,
) -> None:
    """给区域换名称或代码。Give an area another name or code."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.layers.redraw.asked.operation import Rename

    perform(context, number, Rename(AreaKey(layer, code), name, to), seen)


def move_buildings(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Code,
    to: Annotated[str, typer.Argument(help="给哪个相邻区域 / the neighbor that gets them")],
    outline: Annotated[str | None, typer.Option(help="圈住楼栋的轮廓线 / around them")] = None,
    building: Annotated[
        list[str] | None, typer.Option(help="楼栋编码或名称，可重复 / code or name; repeat it")
    ] = None,
    seen: Seen = None,
) -> None:
    """把楼栋连同周围的地划给相邻区域，楼栋清单随之改。Give buildings and their ground away."""
    from geo_service.layers.arcs import AreaKey
    from geo_service.services.drafts.offers.proposals import Chosen

    desk = terminal(context)
    keys = AreaKey(layer, code), AreaKey(layer, to)
    if (outline is None) == (building is None):
        raise InvalidValue(
            "--outline", "--outline 与 --building 二者之一", "either --outline or --building"
        )
    chosen = Chosen(() if outline is None else drawn(outline, "--outline"), building or ())
    done = desk.services.draft_proposals.move_buildings(
        desk.caller, number, *keys, chosen, seen=seen
    )
    tell_step(desk, done)


COMMANDS: dict[str, Callable[..., None]] = {
    "borders": tell_borders,
    "split": split,
    "merge": merge,
    "reshape": reshape,
    "move-junction": move_junction,
    "give": give,
    "give-gap": give_gap,
    "annex": annex,
    "add": add,
    "retire": retire,
    "reparent": reparent,
    "recode": recode,
    "move-buildings": move_buildings,
}


def perform(context: typer.Context, number: int, asked: "Operation", seen: int | None) -> None:
    """Do an operation and tell what it changed."""
    desk = terminal(context)
    tell_step(desk, desk.services.drafts.perform(desk.caller, number, asked, seen=seen))


def _written(place: "Floats") -> str:
    lon, lat = place
    return f"{lon:.6f},{lat:.6f}"


def drawn(text: str, where: str) -> "Places":
    """Return a line as it was typed; raises InvalidValue."""
    return tuple(_place(each, where) for each in text.split())


def _place(text: str, where: str) -> tuple[float, float]:
    parts = text.split(",")
    try:
        lon, lat = map(float, parts) if len(parts) == _PLACE else (None, None)
    except ValueError:
        lon = lat = None
    if lon is None or lat is None:
        raise InvalidValue(where, "经度,纬度，如 120.001,30.001", "lon,lat such as 120.001,30.001")
    return lon, lat


def _key(text: str) -> tuple[str, str]:
    layer, slash, code = text.partition("/")
    if not slash:
        raise InvalidValue("parent", "图层/代码，如 community/9990010101", "layer/code")
    return layer, code
