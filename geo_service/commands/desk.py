"""Commands of one step: layers, figures, references, draw, demo."""

import socket
from pathlib import Path
from typing import Annotated

import typer

from geo_service.commands.terminal import (
    Basis,
    Category,
    FirstDay,
    LastDay,
    Source,
    chosen,
    day_of,
    moment_s,
    terminal,
)
from geo_service.errors import InvalidValue, PortTaken
from geo_service.layers.file_format import READABLE

_MEASURES = (
    "count",
    "per_km2",
    "per_1000_residents",
    "open_count",
    "overdue_count",
    "due_soon_count",
)
_LANGUAGES = ("zh", "en")
_VIEWS = ("state", "active", "units", "reach", "demand")
_SHOWN = 20

draw = typer.Typer(help="画图 / draw maps", no_args_is_help=True)
figures = typer.Typer(help="区域的指标（居民、户数…） / dated figures", no_args_is_help=True)
references = typer.Typer(
    help="底图参考要素（道路、水系、建筑） / reference layers", no_args_is_help=True
)


def list_layers(context: typer.Context) -> None:
    """列出当前配置的图层。List the layers of the profile."""
    desk = terminal(context)
    layers = desk.services.locations.layers(desk.caller)
    desk.table(
        [desk.word("图层", "layer"), desk.word("名称", "title"), desk.word("上级", "parent")],
        [(layer.name, layer.title(desk.language), layer.parent) for layer in layers],
    )


@figures.callback()
def figure_group() -> None:
    """区域的指标。Dated figures of areas."""


@figures.command("import")
def import_figures(
    context: typer.Context,
    file: Path,
    as_json: Annotated[bool, typer.Option("--json", help="报告写成 JSON")] = False,
) -> None:
    """导入指标表（列：layer,code,figure,value,from,source）。Import dated figures."""
    desk = terminal(context)
    report = desk.services.figures.import_file(desk.caller, file)
    shown = report.unknown[:_SHOWN]
    if as_json:
        first = [{"layer": layer, "code": code} for layer, code in shown]
        unknown = {"count": len(report.unknown), "first": first}
        told = {"rows": report.rows, "new": report.new, "unknown_areas": unknown}
        desk.json({**told, "unusual": [list(each) for each in report.unusual[:_SHOWN]]})
        return
    desk.say(
        f"{report.rows} 行，其中新的 {report.new} 行",
        f"{report.rows} rows, {report.new} of them new",
    )
    if shown:
        count, more = len(report.unknown), "…" if report.unknown[_SHOWN:] else ""
        codes = [f"{layer} {code}" for layer, code in shown]
        desk.say(
            f"· 有 {count} 个区域的编码不在任何网格版本里：{'、'.join(codes)}{more}。"
            "指标已存入，等这些区域的边界导入后生效；请核对编码",
            f"· {count} areas are in no edition: {', '.join(codes)}{more}. "
            "Their figures are kept until such boundaries come; check the codes",
        )
    if report.unusual:
        counts = "、".join(" ".join(each) for each in report.unusual[:_SHOWN])
        desk.say(
            f"· {len(report.unusual)} 个数不在配置所说的通常范围内（仅提示，已存入）：{counts}",
            f"· {len(report.unusual)} counts are not what the profile expects (a hint): {counts}",
        )


@references.callback()
def reference_group() -> None:
    """底图参考要素。Reference layers under the map."""


@references.command("import")
def import_references(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=READABLE)],
    kind: Annotated[str, typer.Option(help="road_main、road_side、water、building")],
    frame: Annotated[str | None, typer.Option(help="坐标系：EPSG 编号、GCJ02、BD09")] = None,
) -> None:
    """导入参考要素，替换同类的旧要素。Import features in the place of those of the same kind."""
    desk = terminal(context)
    count = desk.services.figures.import_references(desk.caller, file, kind, frame)
    desk.say(f"{count} 个要素", f"{count} features")


@draw.callback()
def draw_group() -> None:
    """画图。Draw maps."""


@draw.command("coverage")
def draw_coverage(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="HTML 文件，如 static/maps/党建覆盖.html")],
    layer: Annotated[str | None, typer.Option(help="图层名 / layer")] = None,
    view: Annotated[str, typer.Option(help="、".join(_VIEWS))] = "state",
    as_of: Annotated[str | None, typer.Option(help="截至哪一天")] = None,
    before: Annotated[str | None, typer.Option(help="与哪一天对比")] = None,
    kind: Annotated[str | None, typer.Option(help="只看一类阵地（服务范围）")] = None,
    language: Annotated[str | None, typer.Option(help="zh 或 en")] = None,
) -> None:
    """把党建覆盖图写成一个自带一切的 HTML 文件。Write the coverage map as one file."""
    from geo_service.layers.edition import EditionChoice
    from geo_service.services.coverage.desk.pages import CoverageLook
    from geo_service.services.coverage.layer_coverage import CoverageQuery

    desk = terminal(context)
    look = CoverageLook(
        language=chosen(language or desk.language, _LANGUAGES, where="--language"),
        mode=chosen(view, _VIEWS, where="--view"),
        before_s=moment_s(before, where="--before"),
        site_kind=kind,
    )
    pages = desk.services.coverage_pages
    query = CoverageQuery(
        layer or pages.default_layer(), EditionChoice(moment_s(as_of, where="--as-of"))
    )
    pages.draw(desk.caller, query, look, out)
    desk.say(f"已写入 {out}", f"written to {out}")


@draw.command("handover")
def draw_handover(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="HTML 文件，如 static/maps/交接班.html")],
    since: Annotated[str | None, typer.Option(help="从何时起，默认本班开始")] = None,
    language: Annotated[str | None, typer.Option(help="zh 或 en")] = None,
) -> None:
    """把交接班单写成一个自带一切的 HTML 文件，打印为一张 A4。Write the sheet of a handover."""
    from geo_service.services.handover.handover import HandoverQuery

    desk = terminal(context)
    query = HandoverQuery(
        language=chosen(language or desk.language, _LANGUAGES, where="--language"),
        since_s=moment_s(since, where="--since"),
    )
    desk.services.handover_pages.draw(desk.caller, query, out)
    desk.say(f"已写入 {out}", f"written to {out}")


@draw.command("order")
def draw_order(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="HTML 文件，如 static/maps/变更单.html")],
    draft: Annotated[int | None, typer.Option(help="草案号 / a draft")] = None,
    edition: Annotated[int | None, typer.Option(help="版本号 / an edition")] = None,
    language: Annotated[str | None, typer.Option(help="zh 或 en")] = None,
) -> None:
    """把变更单写成一个自带一切的 HTML 文件，打印为 A3 横向。Write the sheet of a change."""
    from geo_service.services.change_orders.pages import OrderQuery

    desk = terminal(context)
    if (draft is None) == (edition is None):
        raise InvalidValue(
            "--draft / --edition", "其中一个（不能都给，也不能都不给）", "given, one of the two"
        )
    spoken = chosen(language or desk.language, _LANGUAGES, where="--language")
    desk.services.change_orders.draw(desk.caller, OrderQuery(draft, edition, spoken), out)
    desk.say(f"已写入 {out}", f"written to {out}")


@draw.command("hotspots")
def draw_hotspots(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="HTML 文件，如 static/maps/热点.html")],
    layer: Annotated[str | None, typer.Option(help="图层名 / layer")] = None,
    first: FirstDay = None,
    last: LastDay = None,
    category: Category = None,
    source: Source = None,
    basis: Basis = "recounted",
    measure: Annotated[str, typer.Option(help="、".join(_MEASURES))] = "count",
    language: Annotated[str | None, typer.Option(help="zh 或 en")] = None,
) -> None:
    """把热点图写成一个自带一切的 HTML 文件。Write the hotspot map as one file."""
    from geo_service.services.hotspots.counts import HotspotQuery
    from geo_service.services.hotspots.pages import Look

    desk = terminal(context)
    look = Look(
        language=chosen(language or desk.language, _LANGUAGES, where="--language"),
        measure=chosen(measure, _MEASURES, where="--measure"),
    )
    desk.services.hotspot_pages.draw(
        desk.caller,
        HotspotQuery(
            layer,
            day_of(first, where="--from"),
            day_of(last, where="--to"),
            category,
            source,
            basis,
        ),
        look,
        out,
    )
    desk.say(f"已写入 {out}（{out.stat().st_size // 1024} kB）", f"wrote {out}")


def load_demo(context: typer.Context) -> None:
    """在空的数据库里装入虚构的演示数据；再运行一次不会重复。Load the fictional demo."""
    desk = terminal(context)
    done = desk.services.demonstrations.load(desk.caller)
    desk.say(
        f"演示数据（虚构）：{done.areas} 个区域，{done.issues} 件问题，"
        f"{done.organisations} 个党组织，{done.units} 个单位，{done.facilities} 处阵地，"
        f"{done.places} 个地址",
        f"demo data (fictional): {done.areas} areas, {done.issues} issues, "
        f"{done.organisations} party organisations, {done.units} units, "
        f"{done.facilities} facilities, {done.places} addresses",
    )


def write_boundaries(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="文件夹 / folder")] = Path("data/boundaries"),
) -> None:
    """写出演示用的边界文件。Write the demo's boundary files."""
    desk = terminal(context)
    paths = desk.services.demonstrations.write_boundaries(desk.caller, out)
    desk.say(f"{len(paths)} 个文件写入 {out}", f"{len(paths)} files written to {out}")


def check_port(host: str, port: int) -> None:
    """Refuse a port that another program listens on; raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(host=host, port=port) from error
