"""`geo-service import`: boundaries in, with a report that reads well."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.editions import tell_uncorrected
from geo_service.commands.terminal import Terminal, chosen, moment_s, terminal
from geo_service.layers.file_format import READABLE

if TYPE_CHECKING:
    from geo_service.services.boundaries.files import ReadBoundaries
    from geo_service.services.boundaries.imports import ImportReport

_SHOWN = 20


def import_boundaries(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=READABLE)],
    layer: Annotated[
        list[str] | None,
        typer.Option(help="图层名，或图层=表，可重复 / layer or LAYER=TABLE; repeat for several"),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="所有与图层同名的表 / every table called as a layer")
    ] = False,
    frame: Annotated[
        list[str] | None,
        typer.Option(help="坐标系：EPSG 编号、GCJ02、BD09；只对一个图层说，写 图层=坐标系"),
    ] = None,
    table: Annotated[
        str | None, typer.Option(help="文件中的哪个图层或工作表 / which table or sheet")
    ] = None,
    code: Annotated[
        list[str] | None, typer.Option(help="编码列，或图层=列 / column of codes, or LAYER=COLUMN")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="名称列，或图层=列 / column of names")
    ] = None,
    parent: Annotated[
        list[str] | None, typer.Option(help="上级列，或图层=列 / column of parents")
    ] = None,
    attributes: Annotated[
        list[str] | None,
        typer.Option(help="保留的其他列，逗号分隔，可重复 / other columns to keep"),
    ] = None,
    new_codes: Annotated[
        list[str] | None,
        typer.Option(help="没有编码时的编号规则，如 999001### / numbering scheme"),
    ] = None,
    effective_from: Annotated[str | None, typer.Option(help="生效日期 / takes effect")] = None,
    mode: Annotated[str, typer.Option(help="update 或 replace")] = "update",
    repair: Annotated[bool, typer.Option("--repair", help="修复窄的缝隙和重叠")] = False,
    repair_up_to: Annotated[float, typer.Option(help="修复多少米以内的缝隙和重叠")] = 0.5,
    parents_from_children: Annotated[
        bool, typer.Option("--parents-from-children", help="上级边界改为下级的合并")
    ] = False,
    fit_to_parent: Annotated[
        float | None, typer.Option(help="把外边界贴合到上级，最多移动多少米")
    ] = None,
    correction: Annotated[bool, typer.Option("--correction", help="更正过去的版本")] = False,
    reason: Annotated[str, typer.Option(help="原因 / why")] = "",
    frame_confirmed: Annotated[
        bool,
        typer.Option("--frame-confirmed", help="与文件自带坐标系或已有边界的迹象不同，但确认无误"),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不存入")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="报告写成 JSON")] = False,
    defects: Annotated[
        Path | None, typer.Option(help="把缺陷写成 GeoJSON 文件 / write defects as GeoJSON")
    ] = None,
) -> None:
    """导入边界文件：检查全部内容，没有缺陷才存为新版本。Import boundaries as a new edition."""
    from geo_service.layers.preparation import Plan
    from geo_service.services.boundaries.imports import EditionOptions
    from geo_service.services.boundaries.tables import TablesAsked

    desk = terminal(context)
    report = desk.services.boundaries.import_tables(
        desk.caller,
        file,
        TablesAsked(
            layers=layer or (),
            table=table,
            are_all=every,
            frame=frame or (),
            code=code or (),
            name=name or (),
            parent=parent or (),
            attributes=attributes or (),
            new_codes=new_codes or (),
            is_frame_confirmed=frame_confirmed,
        ),
        plan=Plan(
            is_replacing=chosen(mode, ("update", "replace"), where="--mode") == "replace",
            repair_m=repair_up_to if repair else None,
            are_parents_from_children=parents_from_children,
            fit_to_parent_m=fit_to_parent,
        ),
        edition_options=EditionOptions(
            effective_from_s=moment_s(effective_from, where="--effective-from"),
            is_correction=correction,
            reason=reason,
            is_dry_run=dry_run,
        ),
    )
    if defects is not None:
        _write_defects(desk, report, defects)
    if as_json:
        _tell_json(desk, report)
    else:
        tell_report(desk, report)
    raise typer.Exit(0 if report.is_clean else 1)


def _write_defects(desk: Terminal, report: "ImportReport", path: Path) -> None:
    from geo_service.layers.files import write_features
    from geo_service.services.boundaries.reports import defect_columns

    columns, geometries = defect_columns(report, desk.language, desk.layers)
    write_features(path, columns=columns, geometries=geometries, layer_name="defects")


def _tell_json(desk: Terminal, report: "ImportReport") -> None:
    from geo_service.services.boundaries.reports import report_json

    desk.json(report_json(report, desk.language, desk.layers))


def tell_report(desk: Terminal, report: "ImportReport") -> None:
    """Tell what a file brought, and what is wrong with it."""
    done = report.preparation
    for zh, en in report.notes:
        desk.say(f"· {zh}", f"· {en}")
    for table in report.tables:
        _tell_table(desk, report.file, table)
    if done.inserted_nodes or done.moved_nodes:
        desk.say(
            f"· 节点配准：补入 {done.inserted_nodes} 个，归并 {done.moved_nodes} 个，"
            f"最大移动 {done.largest_move_m * 1000:.3f} 毫米",
            f"· nodes matched: {done.inserted_nodes} inserted, {done.moved_nodes} merged, "
            f"largest move {done.largest_move_m * 1000:.3f} mm",
        )
    for child, (parent, share) in list(done.found_parents.items())[:_SHOWN]:
        desk.say(
            f"· {child} 的上级按面积定为 {parent}（{share:.2%}）",
            f"· parent of {child} by area: {parent} ({share:.2%})",
        )
    for change in done.changes[:_SHOWN]:
        desk.say(f"· {change.text('zh')}", f"· {change.text('en')}")
    _tell_result(desk, report)


def _tell_table(desk: Terminal, file: str, read: "ReadBoundaries") -> None:
    source = f"{file} › {read.table}" if read.table else file
    desk.say(
        f"{source} → {read.layer}：{len(read.areas)} 个区域，坐标系 {read.source_frame}",
        f"{source} → {read.layer}: {len(read.areas)} areas, frame {read.source_frame}",
    )
    columns = [f"{field}={column}" for field, column in read.columns.heading_by_field.items()]
    desk.say(f"列：{'、'.join(columns)}", f"columns: {', '.join(columns)}")
    for zh, en in read.notes:
        desk.say(f"· {zh}", f"· {en}")
    if read.columns.dropped:
        n = len(read.columns.dropped)
        desk.say(f"· 舍去 {n} 列疑似个人信息", f"· {n} columns that look personal were dropped")


def _tell_result(desk: Terminal, report: "ImportReport") -> None:
    defects = report.preparation.defects
    if defects:
        desk.say(
            f"{len(defects)} 处缺陷，未存入任何内容：",
            f"{len(defects)} defects, nothing was stored:",
        )
        for defect in defects[:_SHOWN]:
            desk.tell(defect, "  ×")
        if len(defects) > _SHOWN:
            more = len(defects) - _SHOWN
            desk.say(f"  … 另有 {more} 处（--json 列出全部）", f"  … {more} more (see --json)")
        return
    if not report.preparation.differences:
        desk.say("与现有内容相同，没有变化", "the same as what stands: no change")
    for changed in report.preparation.differences:
        title = desk.layer(changed.layer)
        desk.say(
            f"{title}：新增 {len(changed.added)}，改动 {len(changed.changed)}，"
            f"仅补节点 {len(changed.renoded)}，撤销 {len(changed.removed)}，"
            f"改名 {len(changed.renamed)}，换上级 {len(changed.moved)}",
            f"{title}: {len(changed.added)} added, {len(changed.changed)} changed, "
            f"{len(changed.renoded)} renoded, {len(changed.removed)} removed, "
            f"{len(changed.renamed)} renamed, {len(changed.moved)} moved to another parent",
        )
    if report.is_dry_run:
        desk.say("检查通过（试运行，未存入）", "clean (dry run, nothing was stored)")
    elif report.edition is not None:
        number = report.edition.number
        desk.say(f"已发布第 {number} 版", f"published as edition {number}")
    tell_uncorrected(desk, report.uncorrected)
