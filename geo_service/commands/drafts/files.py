"""`geo-service drafts export` and `import`: a draft to a desktop tool and back."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from geo_service.commands.boundaries import tell_report
from geo_service.commands.drafts.drafts import Number, Seen, tell_step
from geo_service.commands.editions import ExportedLayers, OutFile, tell_export
from geo_service.commands.terminal import chosen, terminal
from geo_service.layers.file_format import READABLE


def export_draft(
    context: typer.Context,
    number: Number,
    layer: ExportedLayers,
    out: OutFile,
) -> None:
    """把草案的图层写成文件，可用 QGIS 改。Write layers of a draft, to be edited elsewhere."""
    desk = terminal(context)
    tell_export(desk, desk.services.draft_files.export(desk.caller, number, layer, out), out)


def import_draft(
    context: typer.Context,
    number: Number,
    file: Annotated[Path, typer.Argument(help=READABLE)],
    layer: Annotated[
        list[str], typer.Option(help="图层名，或图层=表，可重复 / layer or LAYER=TABLE")
    ],
    frame: Annotated[
        list[str] | None, typer.Option(help="坐标系：EPSG 编号、GCJ02、BD09 / frame")
    ] = None,
    mode: Annotated[str, typer.Option(help="update 或 replace（文件里没有的即撤销）")] = "update",
    parents_from_children: Annotated[
        bool, typer.Option("--parents-from-children", help="上级边界改为下级的合并")
    ] = False,
    frame_confirmed: Annotated[
        bool, typer.Option("--frame-confirmed", help="坐标系确认无误 / the frame is right")
    ] = False,
    seen: Seen = None,
) -> None:
    """把改过的文件读回草案，作为一步；有缺陷则不存。Read an edited file back as one step."""
    from geo_service.layers.preparation import Plan
    from geo_service.services.boundaries.tables import TablesAsked

    desk = terminal(context)
    asked = TablesAsked(layers=layer, frame=frame or (), is_frame_confirmed=frame_confirmed)
    plan = Plan(
        is_replacing=chosen(mode, ("update", "replace"), where="--mode") == "replace",
        are_parents_from_children=parents_from_children,
    )
    found = desk.services.draft_files.import_tables(
        desk.caller, number, file, asked, plan=plan, seen=seen
    )
    tell_report(desk, found.report)
    if found.step is not None:
        tell_step(desk, found.step)
    raise typer.Exit(0 if found.report.is_clean else 1)


COMMANDS: dict[str, Callable[..., None]] = {"export": export_draft, "import": import_draft}
