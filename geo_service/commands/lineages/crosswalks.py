"""`geo-service editions lineage | crosswalk | carry`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import Terminal, chosen, moment_s, terminal
from geo_service.errors import InvalidValue

if TYPE_CHECKING:
    from geo_service.services.lineages.crosswalks import CarriedCounts
    from geo_service.services.organisations.register_tables import Table

_ENDINGS = (".csv", ".xlsx")
_BASES = ("residents", "area")

LayerName = Annotated[str, typer.Option(help="图层名 / layer")]
Out = Annotated[Path | None, typer.Option(help="写入 .csv 或 .xlsx / write a file")]


def tell_lineage(
    context: typer.Context,
    number: int,
    layer: Annotated[str | None, typer.Option(help="只看一个图层 / one layer")] = None,
) -> None:
    """一个版本里区域从哪来、到哪去。Where the ground went with an edition."""
    from geo_service.services.lineages.tables import short_rows

    desk = terminal(context)
    found = desk.services.crosswalks.lineage(desk.caller, number, layer=layer)
    if found.before is None:
        desk.say("这是最初的版本，没有沿革", "this is what everything began with: no lineage")
        return
    desk.say(
        f"第 {found.before.number} 版 → 第 {number} 版，{len(found.rows)} 条",
        f"edition {found.before.number} → {number}: {len(found.rows)} rows",
    )
    for name in dict.fromkeys(row.layer for row in found.rows):
        rows = [row for row in found.rows if row.layer == name]
        desk.say(name, name)
        desk.table(*short_rows(rows, None, None, desk.language))


def tell_crosswalk(
    context: typer.Context,
    number: int,
    to: Annotated[int, typer.Option(help="对照到哪一版，可以更早 / the other edition")],
    layer: LayerName = "grid",
    every: Annotated[bool, typer.Option("--all", help="连未变的一起列出 / every area")] = False,
    out: Out = None,
) -> None:
    """两个版本的新旧对照，可向前也可向后。Old and new areas of any two editions."""
    from geo_service.services.lineages.tables import crosswalk_notes, crosswalk_table, short_rows

    desk = terminal(context)
    _check_ending(out)
    found = desk.services.crosswalks.crosswalk(desk.caller, number, to, layer)
    if out is not None:
        _save(desk, crosswalk_table(found, desk.language), out)
        return
    for note in crosswalk_notes(found, desk.language):
        desk.say(f"· {note}", f"· {note}")
    rows = found.rows if every else found.changes
    if rows:
        desk.table(*short_rows(rows, found.old, found.new, desk.language))


def carry(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="编码和数值的 CSV、XLSX、NDJSON / codes and values")
    ] = None,
    start: Annotated[int, typer.Option("--from", help="数值属于哪一版 / their edition")] = ...,  # type: ignore[assignment]  # Typer's mark of what must be given
    to: Annotated[int, typer.Option(help="结转到哪一版 / the other edition")] = ...,  # type: ignore[assignment]  # Typer's mark of what must be given
    layer: LayerName = "grid",
    column: Annotated[str | None, typer.Option(help="数值列 / column of values")] = None,
    figure: Annotated[
        str | None, typer.Option(help="不用文件，用已存的指标，如 residents / a stored figure")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="指标截至 / as of")] = None,
    by: Annotated[str, typer.Option(help="residents 按居民，area 按面积")] = "residents",
    whole: Annotated[
        bool, typer.Option("--whole", help="分成整数，合计不变 / whole numbers")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="连照旧的一起列出 / every area")] = False,
    out: Out = None,
) -> None:
    """把一版网格上的数结转到另一版网格上，合计不变。Stand counts on another edition's areas."""
    from geo_service.services.lineages.crosswalks import CarryAsked
    from geo_service.services.lineages.tables import carried_table

    desk = terminal(context)
    _check_ending(out)
    asked = CarryAsked(start, to, layer, chosen(by, _BASES, where="--by"), whole)
    service = desk.services.crosswalks
    if figure is not None and file is None:
        moment = moment_s(as_of, where="--as-of")
        found = service.carry_figure(desk.caller, asked, figure, as_of_s=moment)
    elif file is not None and figure is None:
        found = service.carry_file(desk.caller, asked, file, column=column)
    else:
        raise InvalidValue("FILE", "一个文件，或 --figure 指标", "a file, or --figure NAME")
    if out is not None:
        _save(desk, carried_table(found, desk.language), out)
    else:
        _tell_carried(desk, found, is_every=every)


def _tell_carried(desk: Terminal, found: "CarriedCounts", *, is_every: bool) -> None:
    from geo_service.services.lineages.tables import carried_table

    table = carried_table(found, desk.language, is_every=is_every)
    for note in table.notes:
        desk.say(f"· {note}", f"· {note}")
    left = len(found.carried.values) - len(table.rows)
    if left:
        desk.say(f"· 另有 {left} 个与原来相同", f"· {left} more have what they had")
    if table.rows:
        desk.table(table.headings, table.rows)


def _check_ending(out: Path | None) -> None:
    if out is not None:
        chosen(out.suffix, _ENDINGS, where="--out")


def _save(desk: Terminal, table: "Table", out: Path) -> None:
    from geo_service.layers.files import writing_aside
    from geo_service.services.organisations.register_tables import write_table

    for note in table.notes:
        desk.say(f"· {note}", f"· {note}")
    with writing_aside(out) as aside:
        write_table(aside, table)
    desk.say(f"{len(table.rows)} 行写入 {out}", f"{len(table.rows)} rows written to {out}")
