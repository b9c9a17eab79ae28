"""`geo-service coverage`: which areas have their body, which units an organisation, what is due."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.organisations.registers import AsOf, KnownAt, choice_of
from geo_service.commands.terminal import Terminal, chosen, moment_s, terminal

if TYPE_CHECKING:
    from geo_service.services.coverage.checks.service import RegisterCheckService
    from geo_service.services.coverage.layer_coverage import LayerCoverage
    from geo_service.services.coverage.picture import Picture
    from geo_service.services.organisations.register_tables import Table

_ENDINGS = (".csv", ".xlsx", ".geojson")

Layer = Annotated[str, typer.Argument(help="图层，如 grid / layer")]
Out = Annotated[Path | None, typer.Option(help="写入 CSV、XLSX 或 GeoJSON 文件")]

app = typer.Typer(help="党组织覆盖 / coverage", no_args_is_help=True)


@app.command("areas")
def tell_areas(
    context: typer.Context,
    layer: Layer,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    out: Out = None,
) -> None:
    """每个区域的覆盖状态，附口径与日期。The state of every area of a layer."""
    from geo_service.services.coverage.tables import coverage_table

    _tell(context, layer, as_of, known_at, out, coverage_table)


@app.command("blank")
def tell_blank_spots(
    context: typer.Context,
    layer: Layer,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    out: Out = None,
) -> None:
    """空白点清单，附最近的党组织和阵地。Areas without a body, and who is nearest."""
    from geo_service.services.coverage.lists import blank_spots
    from geo_service.services.coverage.tables import blank_table

    _tell(
        context,
        layer,
        as_of,
        known_at,
        out,
        lambda found, language: blank_table(found, blank_spots(found), language),
    )


@app.command("due")
def tell_due_units(
    context: typer.Context,
    layer: Layer,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    out: Out = None,
) -> None:
    """应建未建清单，附最近的联合组建对象。Units that shall form an organisation."""
    from geo_service.services.coverage.lists import due_units
    from geo_service.services.coverage.tables import due_table

    _tell(
        context,
        layer,
        as_of,
        known_at,
        out,
        lambda found, language: due_table(found, due_units(found), language),
    )


@app.command("ladder")
def check_ladder(context: typer.Context, as_of: AsOf = None, known_at: KnownAt = None) -> None:
    """逐级检查：每个区域是否有对应组织，上级是否存在、一致、不成环。Check the ladder."""
    from geo_service.services.coverage.tables import ratio_text

    desk = terminal(context)
    found = desk.services.register_checks.ladder(desk.caller, choice_of(as_of, known_at))
    for layer, share in found.levels:
        desk.say(f"{layer}：{ratio_text(share)}", f"{layer}: {ratio_text(share)}")
    rows = [(_FAULTS_ZH[f.kind], f.code, " → ".join(f.others)) for f in found.faults]
    if desk.language == "en":
        rows = [(f.kind, f.code, " → ".join(f.others)) for f in found.faults]
    headings = [desk.word("问题", "fault"), desk.word("党组织", "organisation")]
    desk.table([*headings, desk.word("涉及", "others")], rows)


@app.command("reminders")
def tell_reminders(
    context: typer.Context, as_of: AsOf = None, known_at: KnownAt = None, out: Out = None
) -> None:
    """到期提醒：换届、活动、书记空缺。Terms that end, activities overdue, vacant posts."""
    from geo_service.services.coverage.checks.tables import reminder_table

    _tell_checks(
        context,
        as_of,
        known_at,
        out,
        lambda checks, picture, language: reminder_table(
            picture, checks.reminders_of(picture), language
        ),
    )


@app.command("stations")
def tell_stations(
    context: typer.Context,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    out: Annotated[Path | None, typer.Option(help="写入 CSV 或 XLSX 文件")] = None,
) -> None:
    """站点指标：站长、站员中的党员，双报到。Who runs sites, and who registered at them."""
    from geo_service.services.coverage.checks.tables import station_table

    if out is not None:
        chosen(out.suffix, _ENDINGS[:2], where="--out")
    _tell_checks(
        context,
        as_of,
        known_at,
        out,
        lambda checks, picture, language: station_table(
            picture, checks.stations_of(picture), language
        ),
    )


@app.command("old-bindings")
def tell_old_bindings(
    context: typer.Context, as_of: AsOf = None, known_at: KnownAt = None, out: Out = None
) -> None:
    """网格调整后待重新确认的绑定，附建议区域。Entries whose areas were redrawn, to be decided."""
    from geo_service.services.coverage.checks.tables import binding_table

    _tell_checks(
        context,
        as_of,
        known_at,
        out,
        lambda checks, picture, language: binding_table(
            picture, checks.old_bindings_of(picture), language
        ),
    )


@app.command("changes")
def tell_changes(
    context: typer.Context,
    layer: Layer,
    before: Annotated[str, typer.Option(help="较早的一天 / the earlier day")],
    after: Annotated[str | None, typer.Option(help="较晚的一天，默认今天 / default now")] = None,
    known_at: KnownAt = None,
    out: Out = None,
) -> None:
    """两日对比：覆盖状态有变化的区域。Two days side by side: areas whose state changed."""
    from geo_service.layers.edition import EditionChoice
    from geo_service.services.coverage.checks.tables import change_table

    desk = terminal(context)
    if out is not None:
        chosen(out.suffix, _ENDINGS, where="--out")
    known_s = moment_s(known_at, where="--known-at")
    days = (moment_s(before, where="--before"), moment_s(after, where="--after"))
    first, second = (EditionChoice(day_s, known_s) for day_s in days)
    found = desk.services.coverage_changes.changes(desk.caller, layer, first, second)
    _show(desk, change_table(found, desk.language), out)


def _tell_checks(
    context: typer.Context,
    as_of: str | None,
    known_at: str | None,
    out: Path | None,
    table_of: "Callable[[RegisterCheckService, Picture, str], Table]",
) -> None:
    desk = terminal(context)
    if out is not None:
        chosen(out.suffix, _ENDINGS, where="--out")
    checks = desk.services.register_checks
    picture = checks.picture(desk.caller, choice_of(as_of, known_at))
    _show(desk, table_of(checks, picture, desk.language), out)


_FAULTS_ZH = {
    "orphan": "没有上级",
    "unknown_parent": "上级不存在",
    "cycle": "上级成环",
    "inconsistent": "上级不在同一区域",
    "liaison_lost": "派出联系人，组织不存在",
    "liaison_elsewhere": "派出联系人，不是该区域上级",
}


def _tell(
    context: typer.Context,
    layer: str,
    as_of: str | None,
    known_at: str | None,
    out: Path | None,
    table_of: "Callable[[LayerCoverage, str], Table]",
) -> None:
    from geo_service.services.coverage.layer_coverage import CoverageQuery

    desk = terminal(context)
    if out is not None:
        chosen(out.suffix, _ENDINGS, where="--out")
    query = CoverageQuery(layer, choice_of(as_of, known_at))
    found = desk.services.coverage.coverage(desk.caller, query)
    _show(desk, table_of(found, desk.language), out)


def _show(desk: Terminal, table: "Table", out: Path | None) -> None:
    for note in table.notes:
        desk.say(note, note)
    if out is None:
        desk.table(table.headings, table.rows)
        return
    from geo_service.layers.files import writing_aside
    from geo_service.services.organisations.register_tables import write_table

    with writing_aside(out) as aside:
        write_table(aside, table)
    desk.say(f"{len(table.rows)} 行写入 {out}", f"{len(table.rows)} rows written to {out}")
