"""`geo-service editions`: list, show, diff, export; `lineages/` adds to them."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import Terminal, terminal
from geo_service.layers.file_format import WRITABLE

if TYPE_CHECKING:
    from geo_service.layers.difference import LayerDifference
    from geo_service.layers.edition import Uncorrected
    from geo_service.services.boundaries.editions import ExportReport

_SHOWN = 20
_KINDS_ZH = {
    "added": "新增",
    "removed": "撤销",
    "changed": "改动",
    "renoded": "仅补节点",
    "renamed": "改名",
    "moved": "换上级",
    "relisted": "清单调整",
}

ExportedLayers = Annotated[
    list[str], typer.Option(help="图层名，可重复 / layer; repeat for several in one file")
]
ApprovedBy = Annotated[str, typer.Option(help="批准机关（法定界线）/ authority")]
Document = Annotated[str, typer.Option(help="批准文号 / document")]
ApprovedOn = Annotated[str, typer.Option(help="批准日期 / date of approval")]
OutFile = Annotated[Path, typer.Option(help=WRITABLE)]

app = typer.Typer(help="网格版本 / editions", no_args_is_help=True)


@app.command("list")
def list_editions(context: typer.Context) -> None:
    """列出全部版本。List every edition."""
    desk = terminal(context)
    desk.table(
        [
            desk.word("版本", "edition"),
            desk.word("发布时间", "published"),
            desk.word("生效时间", "effective from"),
            desk.word("更正", "correction"),
            desk.word("原因", "reason"),
        ],
        [
            (
                edition.number,
                _shanghai(edition.published_at_s),
                _shanghai(edition.effective_from_s),
                desk.word("是", "yes") if edition.is_correction else "",
                edition.reason,
            )
            for edition in desk.services.editions.editions(desk.caller)
        ],
    )


@app.command("show")
def show_edition(context: typer.Context, number: int) -> None:
    """显示一个版本各图层的区域数。Show one edition."""
    desk = terminal(context)
    edition, counts = desk.services.editions.edition(desk.caller, number)
    desk.say(
        f"第 {edition.number} 版，{_shanghai(edition.effective_from_s)} 起生效：{edition.reason}",
        f"edition {edition.number}, from {_shanghai(edition.effective_from_s)}: {edition.reason}",
    )
    desk.table([desk.word("图层", "layer"), desk.word("区域数", "areas")], list(counts.items()))
    tell_uncorrected(desk, edition.uncorrected)


@app.command("diff")
def diff_editions(context: typer.Context, before: int, after: int) -> None:
    """比较两个版本。Compare two editions."""
    desk = terminal(context)
    tell_differences(desk, desk.services.editions.difference(desk.caller, before, after))


@app.command("export")
def export_edition(
    context: typer.Context,
    number: int,
    layer: ExportedLayers,
    out: OutFile,
) -> None:
    """导出一个版本的图层，并说明该格式存不下什么。Export layers, and say what the format lacks."""
    desk = terminal(context)
    tell_export(desk, desk.services.editions.export(desk.caller, number, layer, out), out)


@app.command("buildings")
def export_buildings(
    context: typer.Context,
    number: int,
    layer: Annotated[str, typer.Option(help="图层 / layer")],
    out: Annotated[Path, typer.Option(help="CSV、XLSX")],
) -> None:
    """导出一个版本的楼栋清单：没有清单的网格按实地列出。Save the buildings of each area."""
    desk = terminal(context)
    rows = desk.services.building_lists.export(desk.caller, number, layer, out)
    desk.say(f"{rows} 栋写入 {out}", f"{rows} buildings written to {out}")


def tell_export(desk: Terminal, report: "ExportReport", out: Path) -> None:
    """Tell how many areas were written, and what the format could not hold."""
    desk.say(f"{report.areas} 个区域写入 {out}", f"{report.areas} areas written to {out}")
    for zh, en in report.notes:
        desk.say(f"· {zh}", f"· {en}")


def tell_differences(desk: Terminal, found: "Sequence[LayerDifference]") -> None:
    """Tell what changed, layer by layer."""
    if not found:
        desk.say("没有变化", "no change")
    for layer in found:
        title = desk.layer(layer.layer)
        for kind, codes in vars(layer).items():
            if kind != "layer" and codes:
                desk.say(
                    f"{title} {_KINDS_ZH[kind]} {len(codes)}：{'、'.join(_some(codes))}",
                    f"{title} {kind} {len(codes)}: {', '.join(_some(codes))}",
                )


@app.command("impact")
def tell_impact(
    context: typer.Context,
    number: int,
    to: Annotated[int, typer.Option("--to", help="之后的版本 / the edition after it")],
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出全部内容")] = False,
) -> None:
    """从一个版本到另一个版本有何影响：五项数量、问题、均衡、归属。What a redraw changes."""
    from geo_service.commands.redraws.impact import show_impact

    desk = terminal(context)
    show_impact(
        desk, desk.services.impact.between_editions(desk.caller, number, to), as_json=as_json
    )


def tell_uncorrected(desk: Terminal, uncorrected: "Sequence[Uncorrected]") -> None:
    """Name the later editions that still hold what a correction put right, and what to do."""
    for later in uncorrected:
        since, more = (
            _shanghai(later.effective_from_s),
            "…" if later.total > len(later.areas) else "",
        )
        desk.say(
            f"! 第 {later.edition} 版（{since} 起生效）仍是更正前的内容，共 {later.total} 个区域："
            f"{'、'.join(later.areas)}{more}。要一并更正，请以 --correction "
            f'--effective-from "{since}" 再导入',
            f"! edition {later.edition} (effective from {since}) still holds the error, "
            f"{later.total} areas: {', '.join(later.areas)}{more}. To correct it too, import again "
            f'with --correction --effective-from "{since}"',
        )


def _some(codes: Sequence[str]) -> Sequence[str]:
    return codes if len(codes) <= _SHOWN else [*codes[:_SHOWN], "…"]


def _shanghai(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds + 8 * 3600))
