"""`geo-service editions balance`: how even the areas under each parent are as they stand."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import Terminal, chosen, terminal

if TYPE_CHECKING:
    from geo_service.services.drafts.desk.evenness import (
        Evenness,
        ParentEvenness,
    )

MEASURE_WORDS = {
    "households": ("户数", "households"),
    "residents": ("居民", "residents"),
    "staff": ("网格力量", "staff"),
    "units": ("单位", "units"),
    "organisations": ("党组织", "party bodies"),
    "open_issues": ("在办问题", "open issues"),
    "year_issues": ("近一年问题", "issues of a year"),
    "workload_h": ("工作量（时限小时）", "workload, hours"),
    "area_m2": ("面积（平方米）", "area, m²"),
}


def tell_balance(
    context: typer.Context,
    number: Annotated[int, typer.Argument(min=1, help="版本号 / edition")],
    layer: Annotated[str, typer.Option(help="图层 / layer")],
    by: Annotated[
        str, typer.Option(help=f"按哪一项比较 / what is compared: {'、'.join(MEASURE_WORDS)}")
    ] = "year_issues",
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出全部各项")] = False,
) -> None:
    """各上级之下是否均衡：最少、最多、平均，各是哪个区域。How even areas are as they stand."""
    desk = terminal(context)
    measure = chosen(by, tuple(MEASURE_WORDS), where="--by")
    found = desk.services.evenness.evenness(desk.caller, number, layer)
    if as_json:
        desk.json(asdict(found))
    else:
        _tell(desk, found, measure)


def _tell(desk: Terminal, found: "Evenness", measure: str) -> None:
    zh, en = MEASURE_WORDS[measure]
    desk.say(f"第 {found.edition} 版，按{zh}：", f"edition {found.edition}, by {en}:")
    for parent in (*found.parents, found.whole):
        _tell_parent(desk, parent, measure)


def _tell_parent(desk: Terminal, parent: "ParentEvenness", measure: str) -> None:
    """Tell one parent in a line, not in a table, which would break the codes."""
    [told] = [each for each in parent.measures if each.measure == measure]
    even = told.balance
    named = f"{parent.parent} {parent.name}" if parent.parent else desk.word("全部", "all of them")
    ends = [("最少", "least", even.least, told.least_code)]
    ends.append(("最多", "most", even.most, told.most_code))
    cells = [f"{desk.word(zh, en)} {_number(value)} {code or ''}" for zh, en, value, code in ends]
    if even.ratio is not None:
        cells.append(desk.word(f"{even.ratio:.2f} 倍", f"{even.ratio:.2f} times"))
    if even.mean is not None:
        cells.append(desk.word(f"平均 {even.mean:.1f}", f"mean {even.mean:.1f}"))
    if even.unknown:
        cells.append(desk.word(f"{even.unknown} 个未知", f"{even.unknown} unknown"))
    line = " · ".join(cell.strip() for cell in cells)
    desk.say(f"{named}，{parent.areas} 个：{line}", f"{named}, {parent.areas} areas: {line}")


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}"
